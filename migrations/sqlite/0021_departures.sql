-- Who proved this number last, and when it was another's before: then what is older is the earlier holder's.
ALTER TABLE contact ADD COLUMN proven_by BIGINT;
ALTER TABLE contact ADD COLUMN changed_hands_at BIGINT;
UPDATE contact SET proven_by = (SELECT n.account_id FROM account_number n WHERE n.address = contact.address AND n.is_verified)
WHERE address IN (SELECT address FROM account_number WHERE is_verified);
-- Why a booking is as it is, where nobody said so at the API.
ALTER TABLE booking ADD COLUMN status_reason TEXT;
-- Whoever is erased is looked for here by number.
CREATE INDEX account_notice_by_address ON account_notice (address);
CREATE INDEX second_factor_by_address ON second_factor (address);
-- Covers the head, so that it can't be set back when the end is cut off; empty where it was made before seals.
ALTER TABLE audit_head ADD COLUMN seal TEXT NOT NULL DEFAULT '';
