-- One index for a person's messages and for the texts that came before, instead of two: each text changes a page of it, and
-- whoever repeats a webhook repeats its sender. A page of a list is sorted for it.
DROP INDEX message_by_contact;
DROP INDEX message_by_sid;
CREATE UNIQUE INDEX message_by_contact ON message (contact_id, sid);
-- Twilio names what it reports on by the SID alone, and that is never a text that came in.
CREATE UNIQUE INDEX message_by_sid ON message (sid) WHERE outbound AND sid IS NOT NULL;
-- What somebody got lately is read by time: what counts towards the daily cap, which no answer does.
CREATE INDEX message_capped ON message (contact_id, id)
    WHERE outbound AND purpose IN ('reminder', 'form', 'tip', 'campaign');
