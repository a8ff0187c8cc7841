-- What a message is sent for, so that nothing sends it twice, and the booking, form or campaign behind it.
ALTER TABLE message ADD COLUMN what_for TEXT;
ALTER TABLE message ADD COLUMN source_id BIGINT;
CREATE UNIQUE INDEX message_by_what_for ON message (what_for) WHERE what_for IS NOT NULL;
CREATE INDEX message_by_source ON message (source_id, id) WHERE source_id IS NOT NULL;
