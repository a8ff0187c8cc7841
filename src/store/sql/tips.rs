//! The library of tips, and who gets them when.

use super::super::engine::Sql;

macro_rules! tip_columns {
    () => {
        "id, locale, position, date, body, active, created_at"
    };
}

/// Whose tip is due. A contact that is gone is looked at, too, so that its plan moves on.
macro_rules! due_tips {
    () => {
        "SELECT s.contact_id, s.next_tip_at, s.tip_time, s.last_tip_date, s.position, c.locale, c.time_zone, \
         c.time_zone_source, c.address, COALESCE(c.consent = 'given' AND c.state = 'member' AND c.erased_at IS NULL, FALSE) AS willing, \
         COALESCE(c.address LIKE 'whatsapp:%', FALSE) AS whatsapp \
         FROM tip_subscription s LEFT JOIN contact c ON c.id = s.contact_id \
         WHERE s.next_tip_at <= $1 ORDER BY s.next_tip_at LIMIT $2"
    };
}

statements! {
    /// A place that is taken stays as it is.
    INSERT_TIPS =
        "INSERT INTO tip (id, locale, position, date, body, created_at) \
         SELECT value->>'id', value->>'locale', value->>'position', value->>'date', value->>'body', \
         value->>'created_at' FROM jsonb_each($1) WHERE TRUE ON CONFLICT DO NOTHING RETURNING id",
        "INSERT INTO tip (id, locale, position, date, body, created_at) \
         SELECT id, locale, position, date, body, created_at FROM json_to_recordset($1::json) \
         AS r(id BIGINT, locale TEXT, position BIGINT, date TEXT, body TEXT, created_at BIGINT) \
         ON CONFLICT DO NOTHING RETURNING id";
    /// The tips in use that stand where those of the slice would.
    TIPS_AT =
        concat!("SELECT ", tip_columns!(), " FROM tip WHERE id IN \
                 (SELECT t.id FROM jsonb_each($1) AS r JOIN tip t ON t.locale = r.value->>'locale' \
                 AND t.position = r.value->>'position' WHERE t.active AND t.position IS NOT NULL \
                 UNION SELECT t.id FROM jsonb_each($1) AS r JOIN tip t ON t.locale = r.value->>'locale' \
                 AND t.date = r.value->>'date' WHERE t.active AND t.date IS NOT NULL)"),
        concat!("WITH r AS (SELECT * FROM json_to_recordset($1::json) AS r(locale TEXT, position BIGINT, date TEXT)) \
                 SELECT ", tip_columns!(), " FROM tip WHERE id IN \
                 (SELECT t.id FROM r JOIN tip t ON t.locale = r.locale AND t.position = r.position WHERE t.active \
                 UNION SELECT t.id FROM r JOIN tip t ON t.locale = r.locale AND t.date = r.date WHERE t.active)");
    TIPS =
        concat!("SELECT ", tip_columns!(), " FROM tip WHERE id < $1 ORDER BY id DESC LIMIT $2");
    TIP = concat!("SELECT ", tip_columns!(), " FROM tip WHERE id = $1");
    UPDATE_TIP =
        concat!("UPDATE tip SET body = COALESCE($2, body), active = COALESCE($3, active) WHERE id = $1 RETURNING ",
                tip_columns!());
    TIPS_IN_USE =
        concat!("SELECT ", tip_columns!(), " FROM tip WHERE active AND (date IS NULL OR date >= $1) \
                 ORDER BY id LIMIT $2");
    COUNT_TIPS = "SELECT COUNT(*) FROM tip WHERE active";

    NEXT_TIP = "SELECT MIN(next_tip_at) FROM tip_subscription WHERE next_tip_at IS NOT NULL";
    CLAIM_TIPS = due_tips!(), concat!(due_tips!(), " FOR UPDATE OF s SKIP LOCKED");
    /// Queues the tips of a slice; on PostgreSQL it also moves the plans on, in one round trip. Only what
    /// differs travels: with a field for each column a slice took as long to read as its rows to write.
    QUEUE_TIPS =
        "INSERT INTO message (id, contact_id, outbound, body, segments, created_at, purpose, status, priority, \
         due_at, expires_at, by_rest, what_for, source_id, whatsapp) \
         SELECT value->>'message_id', value->>'contact_id', TRUE, t.body, value->>'segments', $2, 'tip', 'queued', \
         $3, value->>'due_at', value->>'due_at' + $4, TRUE, \
         'tip:' || (value->>'contact_id') || ':' || (value->>'date'), t.id, value->>'whatsapp' \
         FROM jsonb_each($1) JOIN tip t ON t.id = value->>'tip_id' \
         WHERE TRUE ON CONFLICT (what_for) WHERE what_for IS NOT NULL DO NOTHING",
        "WITH r AS MATERIALIZED (SELECT * FROM json_to_recordset($1::json) AS r(contact_id BIGINT, \
         message_id BIGINT, tip_id BIGINT, segments BIGINT, due_at BIGINT, date TEXT, whatsapp BOOLEAN, \
         next_tip_at BIGINT, last_tip_date TEXT, position BIGINT, skipped BIGINT)), \
         queued AS (INSERT INTO message (id, contact_id, outbound, body, segments, created_at, purpose, status, \
         priority, due_at, expires_at, by_rest, what_for, source_id, whatsapp) \
         SELECT r.message_id, r.contact_id, TRUE, t.body, r.segments, CAST($2 AS BIGINT), 'tip', 'queued', \
         CAST($3 AS BIGINT), r.due_at, r.due_at + CAST($4 AS BIGINT), TRUE, \
         'tip:' || r.contact_id || ':' || r.date, t.id, r.whatsapp FROM r JOIN tip t ON t.id = r.tip_id \
         ON CONFLICT (what_for) WHERE what_for IS NOT NULL DO NOTHING) \
         UPDATE tip_subscription SET next_tip_at = r.next_tip_at, last_tip_date = r.last_tip_date, \
         position = r.position, skipped = tip_subscription.skipped + r.skipped FROM r \
         WHERE tip_subscription.contact_id = r.contact_id";
    ADVANCE_TIPS =
        "UPDATE tip_subscription SET next_tip_at = r.next_tip_at, last_tip_date = r.last_tip_date, \
         position = r.position, skipped = tip_subscription.skipped + r.skipped \
         FROM (SELECT value->>'contact_id' AS contact_id, value->>'next_tip_at' AS next_tip_at, \
         value->>'last_tip_date' AS last_tip_date, value->>'position' AS position, value->>'skipped' AS skipped \
         FROM jsonb_each($1)) AS r WHERE tip_subscription.contact_id = r.contact_id",
        "SELECT NULL";

    /// What planning somebody's next tip takes.
    TIP_GROUNDS =
        "SELECT c.id AS contact_id, c.address, c.time_zone, c.time_zone_source, s.last_tip_date FROM contact c \
         LEFT JOIN tip_subscription s ON s.contact_id = c.id WHERE c.id IN (SELECT value FROM jsonb_each($1))",
        "SELECT c.id AS contact_id, c.address, c.time_zone, c.time_zone_source, s.last_tip_date FROM contact c \
         LEFT JOIN tip_subscription s ON s.contact_id = c.id \
         WHERE c.id = ANY (ARRAY(SELECT json_array_elements_text($1::json)::bigint))";
    /// How far somebody is and what they had outlives TIPS OFF, so that nothing comes twice after TIPS ON.
    PUT_TIP_CHOICES =
        "INSERT INTO tip_subscription (contact_id, tips_on, tip_time, next_tip_at) \
         SELECT value->>'contact_id', value->>'tips_on', value->>'tip_time', value->>'next_tip_at' \
         FROM jsonb_each($1) WHERE TRUE ON CONFLICT (contact_id) DO UPDATE SET tips_on = excluded.tips_on, \
         tip_time = excluded.tip_time, next_tip_at = excluded.next_tip_at",
        "INSERT INTO tip_subscription (contact_id, tips_on, tip_time, next_tip_at) \
         SELECT contact_id, tips_on, tip_time, next_tip_at FROM json_to_recordset($1::json) \
         AS r(contact_id BIGINT, tips_on BOOLEAN, tip_time BIGINT, next_tip_at BIGINT) \
         ON CONFLICT (contact_id) DO UPDATE SET tips_on = excluded.tips_on, \
         tip_time = excluded.tip_time, next_tip_at = excluded.next_tip_at";
    SUBSCRIPTION =
        "SELECT tips_on, tip_time, next_tip_at, last_tip_date, position, skipped FROM tip_subscription \
         WHERE contact_id = $1";
    COUNT_SUBSCRIPTIONS =
        "SELECT COUNT(CASE WHEN tips_on THEN 1 END) AS tips_on, COUNT(CASE WHEN NOT tips_on THEN 1 END) AS tips_off, \
         CAST(COALESCE(SUM(skipped), 0) AS BIGINT) AS skipped, \
         MIN(CASE WHEN next_tip_at > 0 THEN next_tip_at END) AS next_tip_at FROM tip_subscription";
    ERASE_SUBSCRIPTION = "DELETE FROM tip_subscription WHERE contact_id = $1";
}
