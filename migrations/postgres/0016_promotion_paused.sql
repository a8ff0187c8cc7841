-- While it is in doubt whether somebody wants all to stop, nothing promotes: a copy for the outbox, which
-- reads it with every message.
ALTER TABLE contact ADD COLUMN promotion_paused BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE contact SET promotion_paused = TRUE WHERE person LIKE '%"promotion_paused":true%';
