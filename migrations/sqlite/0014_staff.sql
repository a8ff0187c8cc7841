-- Who made a token, as the audit log names them; none if it was made on the command line.
ALTER TABLE api_token ADD COLUMN created_by TEXT;
-- Where staff say that a person's own agreement is on record.
ALTER TABLE consent_entry ADD COLUMN evidence TEXT;
-- Who is opted out, newest first.
CREATE INDEX contact_withdrawn ON contact (id) WHERE consent = 'withdrawn' AND erased_at IS NULL;
-- What the server had asked last when the corrected text came.
ALTER TABLE correction ADD COLUMN context TEXT;
