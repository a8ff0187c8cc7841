-- The accounts of admins that may be used: looked for whenever one of them might be taken away.
CREATE INDEX account_admin ON account (id) WHERE role = 'admin' AND disabled_at IS NULL;
