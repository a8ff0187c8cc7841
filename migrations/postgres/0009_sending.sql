-- When each sender may send next. The slot is moved in the transaction that claims the messages, so all nodes
-- share one rate; `next_at` is in microseconds since 1970, because the rate is in segments a second.
CREATE TABLE sender_slot (
    sender TEXT PRIMARY KEY,
    next_at BIGINT NOT NULL,
    -- Nothing is sent before then (milliseconds since 1970), for this reason; how many pauses came in a row.
    paused_until BIGINT NOT NULL DEFAULT 0,
    reason TEXT,
    pauses BIGINT NOT NULL DEFAULT 0,
    -- Messages in a row that Twilio refused for what may be the sender's fault.
    failures BIGINT NOT NULL DEFAULT 0
);

-- Messages of each channel are claimed apart, so that one that is slow can't hold up another.
ALTER TABLE message ADD COLUMN whatsapp BOOLEAN NOT NULL DEFAULT FALSE;
-- The approved template and its variables (JSON), for WhatsApp outside the 24 hours.
ALTER TABLE message ADD COLUMN content_sid TEXT;
ALTER TABLE message ADD COLUMN content_variables TEXT;
-- When the person last wrote: opens those 24 hours. Written with the rest of the row, in no index.
ALTER TABLE contact ADD COLUMN last_heard_at BIGINT;

DROP INDEX message_queued;
CREATE INDEX message_queued ON message (whatsapp, priority, due_at) WHERE status = 'queued';
-- What may hold back another message of the same person.
DROP INDEX message_active;
CREATE INDEX message_active ON message (contact_id) WHERE status IN ('queued', 'sending', 'uncertain');
-- Whose final status may have been lost. Empty but for what is on its way.
CREATE INDEX message_unfinished ON message (due_at) WHERE status IN ('accepted', 'sent') AND due_at IS NOT NULL;
