-- Whoever moves a contact to another zone, or tells that the zone we took is right: seven o'clock may be another
-- moment, and what waits for an hour by day, for a campaign's hours or for tomorrow is looked at again at once. What
-- somebody planned for later stays planned. The words are those of gate::Reason and of campaigns' hours.
DROP TRIGGER contact_moved;
CREATE TRIGGER contact_moved AFTER UPDATE OF time_zone, time_zone_source ON contact
WHEN OLD.time_zone <> NEW.time_zone OR OLD.time_zone_source <> NEW.time_zone_source
BEGIN
    UPDATE tip_subscription SET next_tip_at = 0 WHERE contact_id = NEW.id AND next_tip_at IS NOT NULL;
    UPDATE message SET due_at = created_at WHERE contact_id = NEW.id AND status IN ('queued', 'sending', 'uncertain')
    AND status = 'queued' AND (status_reason LIKE 'it waits for %'
    OR status_reason LIKE 'the person got as many messages today %'
    OR status_reason IS NULL AND purpose = 'campaign' AND source_id IS NOT NULL);
END;
