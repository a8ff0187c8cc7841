//! Outgoing messages: claims, outcomes, status reports.

use super::super::engine::Sql;

/// Whether the message's person `c` may be written to. What somebody is told after they opted out, such
/// as the answer to HELP, they asked for; like a stranger they get answers and nothing else. While it is in
/// doubt whether they want all to stop, nothing promotes.
macro_rules! consent {
    () => {
        "CASE WHEN c.consent = 'withdrawn' AND m.purpose = 'reply' AND NOT EXISTS (SELECT 1 FROM consent_entry e \
         WHERE e.contact_id = c.id AND NOT e.given AND e.id > m.id) THEN 'unasked' \
         WHEN m.purpose IN ('tip', 'campaign') AND c.promotion_paused THEN 'doubted' \
         ELSE c.consent END AS consent"
    };
}

/// The ids of what may be claimed. In its way stands what of the same person is being sent, comes before
/// it and is due or is tried again within five minutes (one that waits for the end of quiet hours does
/// not), or may have been sent (for as long as that can take to settle, and at least three looks). A code and the confirmation of
/// a STOP wait for nothing but what is due before them and a call that has just begun, or a claim whose
/// 30 s have: they are worthless when they are late.
macro_rules! next_in_line {
    () => {
        "SELECT q.id FROM message q WHERE q.status = 'queued' AND q.whatsapp = $5 AND q.priority = $6 \
         AND q.due_at <= $1 AND NOT COALESCE((SELECT TRUE FROM message b WHERE b.contact_id = q.contact_id \
         AND b.status IN ('queued', 'sending', 'uncertain') AND b.outbound AND b.id <> q.id AND CASE b.status \
         WHEN 'queued' THEN (b.priority, b.id) < (q.priority, q.id) AND (b.due_at <= $1 \
         OR b.attempts > 0 AND b.due_at <= $1 + 300000 AND q.purpose NOT IN ('code', 'stop_confirmation')) \
         WHEN 'sending' THEN q.purpose NOT IN ('code', 'stop_confirmation') OR COALESCE(b.sent_at, b.due_at - 30000) > $1 - 5000 \
         ELSE b.by_rest AND q.purpose NOT IN ('code', 'stop_confirmation') \
         AND (b.sent_at > $1 - 900000 OR COALESCE(b.looks, 0) < 3) END \
         LIMIT 1), FALSE) ORDER BY q.due_at LIMIT $4"
    };
}

macro_rules! outgoing_columns {
    () => {
        concat!(
            "m.id, m.contact_id, c.address, ",
            consent!(),
            ", c.time_zone, c.time_zone_source, m.body, m.nonce, m.purpose, m.status, \
         m.due_at, m.expires_at, m.attempts, m.fence, m.sent_at, m.created_at, m.by_rest, m.source_id, \
         m.segments, m.content_sid, m.content_variables, COALESCE(m.looks, 0) AS looks, c.last_heard_at"
        )
    };
}

macro_rules! recalled {
    () => {
        "status = 'queued' AND due_at > $1 AND (created_at > $1 AND due_at <= created_at + 1000 \
         AND purpose IN ('code', 'reply', 'stop_confirmation', 'alert', 'test') \
         OR updated_at > $1 AND due_at <= updated_at + 300000)"
    };
}

statements! {
    /// The priorities of one channel of which something is due, the first first: a look at the index for each.
    DUE_PRIORITIES =
        "WITH p(priority) AS (VALUES (0), (1), (2), (3), (4)) SELECT CAST(priority AS BIGINT) FROM p \
         WHERE EXISTS (SELECT 1 FROM message m WHERE m.status = 'queued' AND m.whatsapp = $1 \
         AND m.priority = p.priority AND m.due_at <= $2) ORDER BY 1";
    /// What is due of one channel and priority, in the order of the index, never two of one person at a
    /// time. On PostgreSQL the ids go through an array and what stands in the way is looked for row by
    /// row, so that a queue of any length is never read as a whole.
    CLAIM_QUEUED =
        concat!("UPDATE message SET status = 'sending', rank = 1, attempts = attempts + 1, fence = $3, \
         due_at = $2, sent_at = NULL, by_rest = TRUE WHERE id IN (", next_in_line!(), ") RETURNING id"),
        concat!("UPDATE message SET status = 'sending', rank = 1, attempts = attempts + 1, fence = $3, \
         due_at = $2, sent_at = NULL, by_rest = TRUE WHERE id = ANY (ARRAY(", next_in_line!(),
         " FOR UPDATE SKIP LOCKED)) RETURNING id");
    /// Messages whose callback or answer is overdue. Looking takes a lease, too, and counts.
    CLAIM_UNSETTLED =
        "UPDATE message SET due_at = $2, fence = $3, looks = COALESCE(looks, 0) + 1 WHERE id IN \
         (SELECT id FROM message WHERE status IN ('handed', 'sending', 'uncertain') AND due_at <= $1 \
         AND (status <> 'sending' OR sent_at IS NOT NULL) ORDER BY due_at LIMIT $4) RETURNING id",
        "UPDATE message SET due_at = $2, fence = $3, looks = COALESCE(looks, 0) + 1 WHERE id IN \
         (SELECT id FROM message WHERE status IN ('handed', 'sending', 'uncertain') AND due_at <= $1 \
         AND (status <> 'sending' OR sent_at IS NOT NULL) ORDER BY due_at LIMIT $4 FOR UPDATE SKIP LOCKED) RETURNING id";
    /// What should have been looked up by now and left long ago. A look under way has a lease; its outcome comes later.
    RAISE_OVERDUE =
        "UPDATE message SET status = 'uncertain', status_reason = $3, updated_at = $1 WHERE id IN \
         (SELECT id FROM message WHERE status IN ('handed', 'sending', 'uncertain') AND due_at <= $1 \
         AND (status <> 'sending' OR sent_at IS NOT NULL) AND COALESCE(sent_at, created_at) <= $2 \
         AND status_reason IS NULL ORDER BY due_at LIMIT $4) RETURNING id",
        "UPDATE message SET status = 'uncertain', status_reason = $3, updated_at = $1 WHERE id IN \
         (SELECT id FROM message WHERE status IN ('handed', 'sending', 'uncertain') AND due_at <= $1 \
         AND (status <> 'sending' OR sent_at IS NOT NULL) AND COALESCE(sent_at, created_at) <= $2 \
         AND status_reason IS NULL ORDER BY due_at LIMIT $4 FOR UPDATE SKIP LOCKED) RETURNING id";
    /// What is to be looked at later than anything is ever put off: the clock was ahead, and has been set back. A call
    /// that may be going on has its time.
    RECALL_LOOKS =
        "UPDATE message SET due_at = CAST($1 AS BIGINT) + CASE status WHEN 'sending' THEN 45000 ELSE 0 END WHERE id IN \
         (SELECT id FROM message WHERE status IN ('handed', 'sending', 'uncertain') AND due_at > $2 \
         ORDER BY due_at LIMIT $3)",
        "UPDATE message SET due_at = CAST($1 AS BIGINT) + CASE status WHEN 'sending' THEN 45000 ELSE 0 END WHERE id IN \
         (SELECT id FROM message WHERE status IN ('handed', 'sending', 'uncertain') AND due_at > $2 \
         ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED)";
    /// What by such a clock was to leave as soon as it was made, or soon after it was tried. What leaves at an hour of
    /// its own is not among the purposes; the gate asks again what it had held up.
    RECALL_QUEUED =
        concat!("UPDATE message SET due_at = $1 WHERE id IN (SELECT id FROM message INDEXED BY message_queued WHERE ", recalled!(),
                " LIMIT $2)"),
        concat!("UPDATE message SET due_at = $1 WHERE id IN (SELECT id FROM message WHERE ", recalled!(),
                " LIMIT $2 FOR UPDATE SKIP LOCKED)");
    HAS_MESSAGE_AFTER = "SELECT EXISTS (SELECT 1 FROM message WHERE id > $1)";
    /// What was claimed and not called in time. The first condition is the index's.
    LOCK_UNCALLED =
        "SELECT id FROM message WHERE status IN ('handed', 'sending', 'uncertain') AND due_at <= $1 \
         AND status = 'sending' AND sent_at IS NULL ORDER BY due_at LIMIT $2",
        "SELECT id FROM message WHERE status IN ('handed', 'sending', 'uncertain') AND due_at <= $1 \
         AND status = 'sending' AND sent_at IS NULL ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED";
    OUTGOING =
        concat!("SELECT ", outgoing_columns!(), " FROM message m JOIN contact c ON c.id = m.contact_id \
                 WHERE m.id IN (SELECT value FROM jsonb_each($1)) ORDER BY m.priority, m.id"),
        concat!("SELECT ", outgoing_columns!(), " FROM message m JOIN contact c ON c.id = m.contact_id \
                 WHERE m.id = ANY (ARRAY(SELECT json_array_elements_text($1::json)::bigint)) \
                 ORDER BY m.priority, m.id");
    /// Everything of one person that is still open, oldest first: equal texts are told apart by order.
    UNSETTLED_OF_CONTACT =
        concat!("SELECT ", outgoing_columns!(), " FROM message m JOIN contact c ON c.id = m.contact_id \
                 WHERE m.contact_id = $1 AND m.outbound AND m.status IN ('handed', 'sending', 'uncertain') \
                 ORDER BY m.id");
    /// For each message: how many that count towards the cap went to its person since then, and
    /// whether the same words for the same purpose did in the last day. Ids bound the search.
    STANDINGS =
        concat!("SELECT r.id, (SELECT COUNT(*) FROM message m WHERE m.contact_id = r.contact_id AND m.id > r.from_id \
         AND m.id <> r.id AND m.outbound AND m.rank > 0 AND m.sent_at >= r.midnight \
         AND m.status NOT IN ('failed', 'refused', 'expired') \
         AND m.purpose IN ", capped!(), ") AS sent_today, \
         EXISTS (SELECT 1 FROM message m JOIN message own ON own.id = r.id \
         WHERE m.contact_id = r.contact_id AND m.id > r.from_id AND m.id <> r.id AND m.outbound \
         AND m.rank > 0 AND m.sent_at >= r.day_ago AND m.status NOT IN ('failed', 'refused', 'expired') \
         AND m.purpose IN ", capped!(), " AND m.purpose = own.purpose AND m.body = own.body) AS had_the_same \
         FROM (SELECT value->>'id' AS id, value->>'contact_id' AS contact_id, value->>'from_id' AS from_id, \
         value->>'midnight' AS midnight, value->>'day_ago' AS day_ago FROM jsonb_each($1)) AS r"),
        concat!("SELECT r.id, (SELECT COUNT(*) FROM message m WHERE m.contact_id = r.contact_id AND m.id > r.from_id \
         AND m.id <> r.id AND m.outbound AND m.rank > 0 AND m.sent_at >= r.midnight \
         AND m.status NOT IN ('failed', 'refused', 'expired') \
         AND m.purpose IN ", capped!(), ") AS sent_today, \
         EXISTS (SELECT 1 FROM message m JOIN message own ON own.id = r.id \
         WHERE m.contact_id = r.contact_id AND m.id > r.from_id AND m.id <> r.id AND m.outbound \
         AND m.rank > 0 AND m.sent_at >= r.day_ago AND m.status NOT IN ('failed', 'refused', 'expired') \
         AND m.purpose = own.purpose AND m.body = own.body) AS had_the_same \
         FROM json_to_recordset($1::json) AS r(id BIGINT, contact_id BIGINT, from_id BIGINT, \
         midnight BIGINT, day_ago BIGINT)");
    /// The intent to call, with the consent as it is committed now. Who was claimed and has no `sent_at`
    /// was never handed to Twilio.
    BEGIN_CALLS =
        concat!("UPDATE message SET sent_at = $2, looks = NULL FROM (SELECT value->>0 AS id, value->>1 AS fence \
         FROM jsonb_each($1)) AS r WHERE message.id = r.id AND message.fence = r.fence \
         AND message.status = 'sending' RETURNING id, fence, (SELECT ", consent!(), " FROM message m \
         JOIN contact c ON c.id = m.contact_id WHERE m.id = message.id)"),
        concat!("UPDATE message SET sent_at = $2, looks = NULL FROM (SELECT (value->>0)::bigint AS id, \
         (value->>1)::bigint AS fence FROM json_array_elements($1::json)) AS r \
         WHERE message.id = r.id AND message.fence = r.fence \
         AND message.status = 'sending' RETURNING message.id, message.fence, (SELECT ", consent!(), " FROM message m \
         JOIN contact c ON c.id = m.contact_id WHERE m.id = message.id)");
    LOCK_CLAIMED =
        "SELECT m.id FROM jsonb_each($1) CROSS JOIN message m WHERE m.id = value->>0 AND m.fence = value->>1 \
         AND m.status = 'sending'",
        "SELECT m.id FROM json_array_elements($1::json) AS r JOIN message m ON m.id = (r.value->>0)::bigint \
         WHERE m.fence = (r.value->>1)::bigint AND m.status = 'sending' ORDER BY m.id FOR UPDATE OF m";
    OWNED_SIDS =
        "SELECT sid FROM message WHERE outbound AND sid IN (SELECT unhex(value) FROM jsonb_each($1))",
        "SELECT sid FROM message WHERE outbound AND sid = ANY (ARRAY(SELECT json_array_elements_text($1::json)::uuid))";
    /// What came of a claim. A stale owner changes nothing: its fence is old. Nor does a guess
    /// from the list at a SID that has meanwhile become another message's.
    RECORD_OUTCOMES =
        "UPDATE message SET status = r.status, rank = r.rank, sid = COALESCE(unhex(r.sid), message.sid), \
         sent_at = CASE WHEN r.status IN ('queued', 'held', 'refused', 'expired', 'skipped') THEN NULL \
         ELSE message.sent_at END, \
         mms = COALESCE(r.mms, message.mms), \
         error_code = r.error_code, status_reason = r.reason, due_at = r.due_at, by_rest = r.by_rest, \
         attempts = COALESCE(r.attempts, message.attempts), expires_at = COALESCE(r.expires_at, message.expires_at), updated_at = r.now \
         FROM (SELECT value->>'id' AS id, value->>'fence' AS fence, value->>'status' AS status, \
         value->>'rank' AS rank, value->>'sid' AS sid, value->>'mms' AS mms, \
         value->>'error_code' AS error_code, value->>'reason' AS reason, value->>'due_at' AS due_at, \
         value->>'by_rest' AS by_rest, value->>'expires_at' AS expires_at, value->>'attempts' AS attempts, value->>'now' AS now \
         FROM jsonb_each($1)) AS r WHERE message.id = r.id AND message.fence = r.fence AND message.rank < 2 \
         AND NOT EXISTS (SELECT 1 FROM message o WHERE o.sid = unhex(r.sid) AND o.id <> r.id AND o.outbound)",
        "UPDATE message SET status = r.status, rank = r.rank, sid = COALESCE(r.sid, message.sid), \
         sent_at = CASE WHEN r.status IN ('queued', 'held', 'refused', 'expired', 'skipped') THEN NULL \
         ELSE message.sent_at END, \
         mms = COALESCE(r.mms, message.mms), \
         error_code = r.error_code, status_reason = r.reason, due_at = r.due_at, by_rest = r.by_rest, \
         attempts = COALESCE(r.attempts, message.attempts), expires_at = COALESCE(r.expires_at, message.expires_at), updated_at = r.now \
         FROM json_to_recordset($1::json) AS r(id BIGINT, fence BIGINT, status TEXT, rank BIGINT, \
         sid UUID, mms BOOLEAN, error_code BIGINT, reason TEXT, due_at BIGINT, by_rest BOOLEAN, \
         expires_at BIGINT, attempts BIGINT, now BIGINT) \
         WHERE message.id = r.id AND message.fence = r.fence AND message.rank < 2 \
         AND NOT EXISTS (SELECT 1 FROM message o WHERE o.sid = r.sid AND o.id <> r.id)";

    /// A callback, like the answer to a call, names message and SID: whoever was guessed to own that SID gives it back.
    /// One about a message that is not, or no longer, ours takes nothing from anybody.
    RELEASE_SIDS =
        "UPDATE message SET sid = NULL, status = 'uncertain', rank = 1, due_at = $2, looks = NULL, fence = fence + 1 \
         WHERE id IN (SELECT m.id FROM jsonb_each($1) CROSS JOIN message m \
         WHERE m.sid = unhex(value->>'sid') AND m.id <> value->>'id' AND m.outbound \
         AND EXISTS (SELECT 1 FROM message o WHERE o.id = value->>'id' AND o.outbound))",
        "UPDATE message SET sid = NULL, status = 'uncertain', rank = 1, due_at = $2, looks = NULL, fence = fence + 1 \
         FROM json_to_recordset($1::json) AS r(id BIGINT, sid UUID) \
         WHERE message.sid = r.sid AND message.id <> r.id AND message.outbound \
         AND EXISTS (SELECT 1 FROM message o WHERE o.id = r.id AND o.outbound)";
    /// Reports move a message only upward, and only the message whose SID they carry, which one by a callback tells it; one that is no end
    /// has the message looked up when no end is reported. An end that we
    /// declared ourselves, without a SID, is no end when Twilio reports that it has the message.
    APPLY_REPORTS =
        "UPDATE message SET status = r.status, rank = r.rank, sid = unhex(r.sid), mms = r.mms, \
         error_code = r.error_code, status_reason = r.reason, \
         due_at = CASE WHEN r.rank < 4 THEN r.now + 120000 END, updated_at = r.now, \
         sent_at = COALESCE(message.sent_at, r.now) \
         FROM (SELECT value->>'id' AS id, value->>'status' AS status, value->>'rank' AS rank, \
         value->>'sid' AS sid, value->>'mms' AS mms, value->>'error_code' AS error_code, \
         value->>'reason' AS reason, value->>'told' AS told, value->>'now' AS now FROM jsonb_each($1)) AS r \
         WHERE message.id = r.id AND message.outbound AND (message.rank < r.rank \
         OR message.sid IS NULL AND message.status IN ('failed', 'expired', 'refused')) \
         AND (message.sid = unhex(r.sid) OR message.sid IS NULL AND r.told) RETURNING message.id",
        "UPDATE message SET status = r.status, rank = r.rank, sid = r.sid, mms = r.mms, \
         error_code = r.error_code, status_reason = r.reason, \
         due_at = CASE WHEN r.rank < 4 THEN r.now + 120000 END, updated_at = r.now, \
         sent_at = COALESCE(message.sent_at, r.now) \
         FROM json_to_recordset($1::json) AS r(id BIGINT, status TEXT, rank BIGINT, sid UUID, \
         mms BOOLEAN, error_code BIGINT, reason TEXT, told BOOLEAN, now BIGINT) \
         WHERE message.id = r.id AND message.outbound AND (message.rank < r.rank \
         OR message.sid IS NULL AND message.status IN ('failed', 'expired', 'refused')) \
         AND (message.sid = r.sid OR message.sid IS NULL AND r.told) RETURNING message.id";
    /// Reports about messages that were erased meanwhile are forgotten.
    INSERT_REPORTS =
        "INSERT INTO status_report (id, message_id, status, error_code, received_at) \
         SELECT value->>'report_id', value->>'id', value->>'twilio_status', value->>'error_code', value->>'now' \
         FROM jsonb_each($1) WHERE EXISTS (SELECT 1 FROM message m WHERE m.id = value->>'id' AND m.outbound)",
        "INSERT INTO status_report (id, message_id, status, error_code, received_at) \
         SELECT report_id, id, twilio_status, error_code, now FROM json_to_recordset($1::json) \
         AS r(report_id BIGINT, id BIGINT, twilio_status TEXT, error_code BIGINT, now BIGINT) \
         WHERE EXISTS (SELECT 1 FROM message m WHERE m.id = r.id AND m.outbound)";
    CONTACTS_OF_MESSAGES =
        "SELECT m.id, c.address FROM message m JOIN contact c ON c.id = m.contact_id \
         WHERE m.id IN (SELECT value FROM jsonb_each($1))",
        "SELECT m.id, c.address FROM message m JOIN contact c ON c.id = m.contact_id \
         WHERE m.id = ANY (ARRAY(SELECT json_array_elements_text($1::json)::bigint))";
    MESSAGE_OF_SID = "SELECT id FROM message WHERE sid = $1 AND outbound";

    COUNT_BY_STATUS =
        "SELECT status, COUNT(*) FROM message WHERE status IN ('handed', 'sending', 'uncertain') GROUP BY status \
         UNION ALL SELECT status, COUNT(*) FROM message WHERE status = 'queued' GROUP BY status";
}
