//! Bookings: the API's, the conversation's, and the reminders'.

use super::super::engine::Sql;

macro_rules! booking_columns {
    () => {
        "b.id, b.contact_id, c.address, c.locale, c.time_zone AS home_zone, b.title, b.location, b.starts_at, \
         b.time_zone, b.status, b.remind_before_minutes, b.next_reminder_at, b.revision, b.asked_at, \
         b.asked_starts_at, b.answered_at, b.created_at, b.updated_at, b.status_reason"
    };
}

/// The status at the time `$now`; `Status::at` says the same.
macro_rules! status_at {
    ($now:literal) => {
        concat!(
            "CASE WHEN b.status IN ('pending', 'confirmed', 'change_requested') AND b.starts_at <= ",
            $now,
            " THEN 'past' ELSE b.status END"
        )
    };
}

/// Looked up row by row, where a join would have PostgreSQL read all contacts.
macro_rules! not_erased {
    () => {
        "(SELECT c.erased_at IS NULL FROM contact c WHERE c.id = b.contact_id)"
    };
}

/// Bookings that have begun by `$now` and are not noted as past: few. SQLite, which does not know that, is told
/// `$by` what to find them.
macro_rules! begun {
    ($by:literal, $now:literal) => {
        concat!(
            "FROM booking b ",
            $by,
            " WHERE NOT b.is_past AND b.status IN ('pending', 'confirmed', 'change_requested') AND b.starts_at <= ",
            $now
        )
    };
}

macro_rules! bookings_past {
    ($by:literal) => {
        concat!(
            "SELECT ",
            booking_columns!(),
            " FROM (SELECT noted.id FROM (SELECT b.id FROM booking b WHERE ",
            not_erased!(),
            " AND b.is_past AND b.starts_at <= $2 AND b.id < $1 ORDER BY b.id DESC LIMIT $3) AS noted \
             UNION ALL SELECT b.id ",
            begun!($by, "$2"),
            " AND b.id < $1 AND ",
            not_erased!(),
            ") AS found CROSS JOIN booking b CROSS JOIN contact c WHERE b.id = found.id AND c.id = b.contact_id \
             ORDER BY b.id DESC LIMIT $3"
        )
    };
}

/// The bookings of a few people that a text may be about: what they were asked about last comes first
/// into the count, the rest by how soon it is.
macro_rules! bookings_to_answer {
    ($contacts:literal) => {
        concat!(
            "SELECT ",
            booking_columns!(),
            " FROM (SELECT booking.*, ROW_NUMBER() OVER (PARTITION BY contact_id \
             ORDER BY asked_at DESC NULLS LAST, starts_at) AS place FROM booking \
             WHERE starts_at > $2 AND status_reason IS NULL AND contact_id ",
            $contacts,
            ") AS b JOIN contact c ON c.id = b.contact_id WHERE b.place <= 20 ORDER BY b.starts_at, b.id"
        )
    };
}

statements! {
    INSERT_BOOKING =
        "INSERT INTO booking (id, contact_id, title, location, starts_at, time_zone, status, \
         remind_before_minutes, next_reminder_at, revision, asked_at, asked_starts_at, answered_at, \
         created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    UPDATE_BOOKING =
        "UPDATE booking SET title = $3, location = $4, starts_at = $5, time_zone = $6, status = $7, \
         remind_before_minutes = $8, next_reminder_at = $9, revision = $10, asked_at = $11, \
         asked_starts_at = $12, answered_at = $13, created_at = $14, updated_at = $15, \
         is_past = FALSE WHERE id = $1 AND contact_id = $2";
    /// A text of this person may be about a booking until then.
    MARK_BOOKED =
        "UPDATE contact SET booked_until = $2 WHERE id = $1 AND (booked_until IS NULL OR booked_until < $2)";
    BOOKING =
        concat!("SELECT ", booking_columns!(), " FROM booking b JOIN contact c ON c.id = b.contact_id \
                 WHERE b.id = $1 AND c.erased_at IS NULL");
    BOOKING_FOR_UPDATE =
        concat!("SELECT ", booking_columns!(), " FROM booking b JOIN contact c ON c.id = b.contact_id \
                 WHERE b.id = $1 AND c.erased_at IS NULL"),
        concat!("SELECT ", booking_columns!(), " FROM booking b JOIN contact c ON c.id = b.contact_id \
                 WHERE b.id = $1 AND c.erased_at IS NULL FOR UPDATE OF b");
    BOOKINGS =
        concat!("SELECT ", booking_columns!(), " FROM booking b CROSS JOIN contact c \
                 WHERE c.id = b.contact_id AND b.id < $1 AND c.erased_at IS NULL AND (CAST($2 AS TEXT) IS NULL OR b.status = $2) \
                 ORDER BY b.id DESC LIMIT $3");
    /// On PostgreSQL in the order of the index of status and id, as with forms.
    BOOKINGS_BY_STATUS =
        concat!("SELECT ", booking_columns!(), " FROM booking b CROSS JOIN contact c \
                 WHERE c.id = b.contact_id AND b.id < $1 AND c.erased_at IS NULL AND NOT b.is_past AND b.status = $2 \
                 AND (b.starts_at > $4 OR b.status IN ('declined', 'cancelled')) ORDER BY b.id DESC LIMIT $3"),
        concat!("SELECT ", booking_columns!(), " FROM booking b CROSS JOIN contact c \
                 WHERE c.id = b.contact_id AND c.erased_at IS NULL AND NOT b.is_past AND b.status >= $2 \
                 AND (b.status, b.id) < ($2, $1) AND (b.starts_at > $4 OR b.status IN ('declined', 'cancelled')) \
                 ORDER BY b.status DESC, b.id DESC LIMIT $3");
    /// Those that are noted as past, and the few that have begun since.
    BOOKINGS_PAST = bookings_past!("INDEXED BY booking_beginning"), bookings_past!("");
    BEGUN =
        concat!("SELECT EXISTS (SELECT 1 ", begun!("INDEXED BY booking_beginning", "$1"), ")"),
        concat!("SELECT EXISTS (SELECT 1 ", begun!("", "$1"), ")");
    NOTE_PAST =
        concat!("UPDATE booking SET is_past = TRUE WHERE id IN (SELECT b.id ",
                begun!("INDEXED BY booking_beginning", "$1"), " ORDER BY b.starts_at LIMIT $2)"),
        concat!("UPDATE booking SET is_past = TRUE WHERE id = ANY (ARRAY(SELECT b.id ", begun!("", "$1"),
                " ORDER BY b.starts_at LIMIT $2 FOR UPDATE SKIP LOCKED))");
    BOOKINGS_OF_CONTACT =
        concat!("SELECT ", booking_columns!(), " FROM booking b JOIN contact c ON c.id = b.contact_id \
                 WHERE b.contact_id = (SELECT id FROM contact WHERE address = $5) \
                 AND b.id < $1 AND c.erased_at IS NULL AND (CAST($2 AS TEXT) IS NULL OR ", status_at!("$3"), " = $2) \
                 ORDER BY b.id DESC LIMIT $4");
    BOOKINGS_AHEAD = "SELECT COUNT(*) FROM booking WHERE contact_id = $1 AND starts_at > $2 AND status <> 'cancelled'";
    ERASE_BOOKINGS = "DELETE FROM booking WHERE contact_id = $1";

    BOOKINGS_TO_ANSWER =
        bookings_to_answer!("IN (SELECT value FROM jsonb_each($1))"),
        bookings_to_answer!("= ANY (ARRAY(SELECT json_array_elements_text($1::json)::bigint))");
    /// What people answered, and what they were asked about. Nobody is reminded of what they declined.
    APPLY_ANSWERS =
        "UPDATE booking SET status = COALESCE(r.status, booking.status), \
         answered_at = CASE WHEN r.status IS NULL THEN booking.answered_at ELSE r.at END, \
         next_reminder_at = CASE WHEN r.status IN ('change_requested', 'declined') THEN NULL \
         ELSE booking.next_reminder_at END, \
         asked_at = CASE WHEN r.asked THEN r.at ELSE booking.asked_at END, \
         asked_starts_at = CASE WHEN r.asked THEN booking.starts_at ELSE booking.asked_starts_at END, \
         updated_at = r.at FROM (SELECT value->>'id' AS id, value->>'status' AS status, \
         value->>'asked' AS asked, value->>'at' AS at FROM jsonb_each($1)) AS r WHERE booking.id = r.id",
        "UPDATE booking SET status = COALESCE(r.status, booking.status), \
         answered_at = CASE WHEN r.status IS NULL THEN booking.answered_at ELSE r.at END, \
         next_reminder_at = CASE WHEN r.status IN ('change_requested', 'declined') THEN NULL \
         ELSE booking.next_reminder_at END, \
         asked_at = CASE WHEN r.asked THEN r.at ELSE booking.asked_at END, \
         asked_starts_at = CASE WHEN r.asked THEN booking.starts_at ELSE booking.asked_starts_at END, \
         updated_at = r.at FROM json_to_recordset($1::json) \
         AS r(id BIGINT, status TEXT, asked BOOLEAN, at BIGINT) WHERE booking.id = r.id";

    NEXT_REMINDER = "SELECT MIN(next_reminder_at) FROM booking WHERE next_reminder_at IS NOT NULL";
    DUE_REMINDERS =
        concat!("SELECT ", booking_columns!(), " FROM booking b JOIN contact c ON c.id = b.contact_id \
                 WHERE b.next_reminder_at <= $1 ORDER BY b.next_reminder_at LIMIT $2"),
        concat!("SELECT ", booking_columns!(), " FROM booking b JOIN contact c ON c.id = b.contact_id \
                 WHERE b.next_reminder_at <= $1 ORDER BY b.next_reminder_at LIMIT $2 FOR UPDATE OF b SKIP LOCKED");
    SCHEDULE_REMINDERS =
        "UPDATE booking SET next_reminder_at = r.next_reminder_at FROM (SELECT value->>'id' AS id, \
         value->>'next_reminder_at' AS next_reminder_at FROM jsonb_each($1)) AS r WHERE booking.id = r.id",
        "UPDATE booking SET next_reminder_at = r.next_reminder_at FROM json_to_recordset($1::json) \
         AS r(id BIGINT, next_reminder_at BIGINT) WHERE booking.id = r.id";
    /// Reminders that were queued and are void now: the booking was moved, answered or called off.
    VOID_REMINDERS =
        "UPDATE message SET status = 'refused', rank = 4, due_at = NULL, status_reason = $2, updated_at = $3, \
         fence = fence + 1 WHERE purpose = 'reminder' AND status = 'queued' \
         AND source_id IN (SELECT value FROM jsonb_each($1)) RETURNING id",
        "UPDATE message SET status = 'refused', rank = 4, due_at = NULL, status_reason = $2, updated_at = $3, \
         fence = fence + 1 WHERE purpose = 'reminder' AND status = 'queued' \
         AND source_id = ANY (ARRAY(SELECT json_array_elements_text($1::json)::bigint)) RETURNING id";
    /// The bookings behind these messages, with what each message was queued for.
    BOOKINGS_OF_MESSAGES =
        concat!("SELECT m.id AS message_id, m.what_for, ", booking_columns!(), " FROM message m \
                 CROSS JOIN booking b CROSS JOIN contact c \
                 WHERE b.id = COALESCE(m.source_id, 0) AND c.id = b.contact_id AND m.id IN (SELECT value FROM jsonb_each($1))"),
        concat!("SELECT m.id AS message_id, m.what_for, ", booking_columns!(), " FROM message m \
                 CROSS JOIN booking b CROSS JOIN contact c \
                 WHERE b.id = COALESCE(m.source_id, 0) AND c.id = b.contact_id AND m.id = ANY (ARRAY(SELECT json_array_elements_text($1::json)::bigint))");
    /// Right before the call: the person is asked about this booking now, if it is still as it was when
    /// the message was queued. The pattern is that of `BookingRow::what_for`.
    ASK =
        "UPDATE booking SET asked_at = $2, asked_starts_at = starts_at \
         WHERE id = (SELECT source_id FROM message WHERE id = $1) AND status IN ('pending', 'confirmed') \
         AND starts_at > $2 AND (SELECT what_for FROM message WHERE id = $1) \
         LIKE 'booking:' || id || ':' || starts_at || ':%:' || revision RETURNING id";
    REWORD =
        "UPDATE message SET body = r.body, segments = r.segments FROM (SELECT value->>'id' AS id, \
         value->>'body' AS body, value->>'segments' AS segments FROM jsonb_each($1)) AS r WHERE message.id = r.id",
        "UPDATE message SET body = r.body, segments = r.segments FROM json_to_recordset($1::json) \
         AS r(id BIGINT, body TEXT, segments BIGINT) WHERE message.id = r.id";
}
