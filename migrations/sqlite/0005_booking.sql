-- Bookings. That one is past follows from its start; what is asked and reminded of follows from the rest.
CREATE TABLE booking (
    id INTEGER PRIMARY KEY,
    contact_id BIGINT NOT NULL,
    title TEXT NOT NULL,
    location TEXT,
    starts_at BIGINT NOT NULL,
    -- Where it takes place, if that was said; else the person's zone counts.
    time_zone TEXT,
    -- pending, confirmed, change_requested, declined, cancelled
    status TEXT NOT NULL,
    -- Minutes before the start, as JSON.
    remind_before_minutes TEXT NOT NULL,
    next_reminder_at BIGINT,
    -- Counts the changes after which earlier reminders are void.
    revision BIGINT NOT NULL DEFAULT 0,
    -- When the person was last asked about it, and about which start.
    asked_at BIGINT,
    asked_starts_at BIGINT,
    answered_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX booking_by_contact ON booking (contact_id, id);
CREATE INDEX booking_to_remind ON booking (next_reminder_at) WHERE next_reminder_at IS NOT NULL;
-- Until when a text of this person may be about a booking; whoever has none costs no look.
ALTER TABLE contact ADD COLUMN booked_until BIGINT;
