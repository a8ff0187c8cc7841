-- How often a message was to be looked up in Twilio's list since it was handed over; none if not yet. A clock that is set shows
-- any age, so looks decide when what is not in the list is not there.
ALTER TABLE message ADD COLUMN looks BIGINT;
