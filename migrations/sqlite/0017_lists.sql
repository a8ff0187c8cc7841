-- Erased people are few, and looked for every minute.
CREATE INDEX contact_erased ON contact (erased_at) WHERE erased_at IS NOT NULL;
-- Staff look for people who are not through with it. Members, of whom most texts come, cost nothing here.
CREATE INDEX contact_unfinished ON contact (state, id) WHERE state IN ('stranger', 'naming', 'verifying');

-- Rare ones among a million: so that a list of them is not looked for in all.
DROP INDEX message_put_aside;
CREATE INDEX message_put_aside ON message (status, id)
    WHERE status IN ('held', 'failed', 'undelivered', 'refused', 'expired', 'skipped');
DROP INDEX message_by_purpose;
CREATE INDEX message_by_purpose ON message (purpose, id)
    WHERE purpose IN ('reminder', 'form', 'tip', 'campaign', 'alert', 'test', 'stop_confirmation');

-- When people registered. An index on the contact itself would be written with every text of a member.
CREATE TABLE registration (
    at BIGINT NOT NULL,
    contact_id BIGINT NOT NULL,
    PRIMARY KEY (at, contact_id)
) WITHOUT ROWID;
INSERT INTO registration (at, contact_id) SELECT registered_at, id FROM contact WHERE registered_at IS NOT NULL;
CREATE TRIGGER contact_registered AFTER UPDATE OF registered_at ON contact
WHEN OLD.registered_at IS NOT NEW.registered_at
BEGIN
    DELETE FROM registration WHERE at = OLD.registered_at AND contact_id = OLD.id;
    INSERT INTO registration (at, contact_id) SELECT NEW.registered_at, NEW.id WHERE NEW.registered_at IS NOT NULL;
END;
