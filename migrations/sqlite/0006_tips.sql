-- The library of daily tips. A tip has either a place in the course or a date in the calendar.
CREATE TABLE tip (
    id INTEGER PRIMARY KEY,
    locale TEXT NOT NULL,
    position BIGINT,
    date TEXT,
    body TEXT NOT NULL,
    active BOOLEAN NOT NULL DEFAULT TRUE,
    created_at BIGINT NOT NULL,
    CHECK ((position IS NULL) <> (date IS NULL))
);
CREATE UNIQUE INDEX tip_by_position ON tip (locale, position) WHERE active AND position IS NOT NULL;
CREATE UNIQUE INDEX tip_by_date ON tip (locale, date) WHERE active AND date IS NOT NULL;

-- Who gets tips, and when the next one is due. Beside the contact, so that its hot row stays small.
CREATE TABLE tip_subscription (
    contact_id INTEGER PRIMARY KEY,
    tips_on BOOLEAN NOT NULL,
    -- Minutes of the local day; without it the time in the settings.
    tip_time BIGINT,
    -- In milliseconds since 1970; 0 is to be planned anew; none while tips are off.
    next_tip_at BIGINT,
    -- The last local date that is dealt with, as 2026-11-21.
    last_tip_date TEXT,
    -- How far in the course.
    position BIGINT NOT NULL DEFAULT 0,
    -- Dates on which a tip would have come too late.
    skipped BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX tip_subscription_due ON tip_subscription (next_tip_at) WHERE next_tip_at IS NOT NULL;

-- Whoever moves a contact to another zone, this plan must not be forgotten: seven o'clock is another moment there.
CREATE TRIGGER contact_moved AFTER UPDATE OF time_zone ON contact WHEN OLD.time_zone <> NEW.time_zone
BEGIN
    UPDATE tip_subscription SET next_tip_at = 0 WHERE contact_id = NEW.id AND next_tip_at IS NOT NULL;
END;
