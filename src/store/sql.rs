//! Every statement, once; as a pair only where the engines truly differ. Slices travel as one
//! JSON parameter. A test prepares [`ALL`] on both engines.
//!
//! On SQLite `jsonb_each` takes them apart: with `json_each`, every `->>` would parse its row anew.

use super::engine::Sql;

macro_rules! statements {
    ($($(#[doc = $doc:literal])* $name:ident = $sqlite:expr $(, $postgres:expr)?;)*) => {
        $($(#[doc = $doc])* pub(super) const $name: Sql = statements!(@pair $sqlite $(, $postgres)?);)*
        /// All of them, by name.
        pub const ALL: &[(&str, Sql)] = &[$((stringify!($name), $name)),*];
    };
    (@pair $both:expr) => { Sql { sqlite: $both, postgres: $both } };
    (@pair $sqlite:expr, $postgres:expr) => { Sql { sqlite: $sqlite, postgres: $postgres } };
}

macro_rules! contact_columns {
    () => {
        "id, address, state, consent, name, person, locale, time_zone, time_zone_source, \
         registered_at, created_at, erased_at"
    };
}

macro_rules! message_columns {
    () => {
        "id, contact_id, outbound, sid, mms, body, segments, created_at, intent, why, purpose, \
         status, status_reason, error_code, attempts, sent_at, extra"
    };
}

macro_rules! outgoing_columns {
    () => {
        "m.id, m.contact_id, c.address, c.consent, c.time_zone, m.body, m.nonce, m.purpose, m.status, m.due_at, \
         m.expires_at, m.attempts, m.fence, m.sent_at, m.created_at, m.by_rest"
    };
}

statements! {
    NEXT_NODE = "UPDATE node_counter SET last = last + 1 WHERE id = 1 RETURNING last";
    PING = "SELECT 1";

    // Locked in one order, so that two nodes with the same people in a slice can't block each other.
    CONTACTS_FOR_UPDATE =
        "SELECT id, address, person, locale, erased_at FROM contact \
         WHERE address IN (SELECT value FROM jsonb_each($1))",
        "SELECT id, address, person, locale, erased_at FROM contact WHERE address = ANY \
         (ARRAY(SELECT json_array_elements_text($1::json))) ORDER BY address FOR UPDATE";
    CONTACT_BY_ADDRESS =
        concat!("SELECT ", contact_columns!(), " FROM contact WHERE address = $1 AND erased_at IS NULL");
    INSERT_CONTACTS =
        "INSERT INTO contact (id, address, state, consent, person, locale, time_zone, \
         time_zone_source, created_at, erased_at) \
         SELECT value->>'id', value->>'address', value->>'state', value->>'consent', value->>'person', \
         value->>'locale', value->>'time_zone', value->>'time_zone_source', value->>'created_at', value->>'erased_at' \
         FROM jsonb_each($1) WHERE TRUE ON CONFLICT (address) DO NOTHING",
        "INSERT INTO contact (id, address, state, consent, person, locale, time_zone, \
         time_zone_source, created_at, erased_at) \
         SELECT id, address, state, consent, person, locale, time_zone, time_zone_source, created_at, erased_at \
         FROM json_to_recordset($1::json) AS r(id BIGINT, address TEXT, state TEXT, consent TEXT, \
         person TEXT, locale TEXT, time_zone TEXT, time_zone_source TEXT, created_at BIGINT, erased_at BIGINT) \
         ORDER BY address ON CONFLICT (address) DO NOTHING";
    UPDATE_CONTACTS =
        "UPDATE contact SET state = r.state, consent = r.consent, name = r.name, person = r.person, \
         registered_at = r.registered_at, erased_at = r.erased_at \
         FROM (SELECT value->>'id' AS id, value->>'state' AS state, value->>'consent' AS consent, \
         value->>'name' AS name, value->>'person' AS person, value->>'registered_at' AS registered_at, \
         value->>'erased_at' AS erased_at FROM jsonb_each($1)) AS r WHERE contact.id = r.id",
        "UPDATE contact SET state = r.state, consent = r.consent, name = r.name, person = r.person, \
         registered_at = r.registered_at, erased_at = r.erased_at \
         FROM json_to_recordset($1::json) AS r(id BIGINT, state TEXT, consent TEXT, name TEXT, \
         person TEXT, registered_at BIGINT, erased_at BIGINT) WHERE contact.id = r.id";

    SUPPRESSIONS =
        "SELECT hash, guard FROM suppression WHERE hash IN (SELECT value FROM jsonb_each($1))",
        "SELECT hash, guard FROM suppression \
         WHERE hash = ANY (ARRAY(SELECT json_array_elements_text($1::json)))";
    PUT_SUPPRESSION =
        "INSERT INTO suppression (hash, guard, created_at) VALUES ($1, $2, $3) \
         ON CONFLICT (hash) DO UPDATE SET guard = excluded.guard, created_at = excluded.created_at";
    DELETE_SUPPRESSION = "DELETE FROM suppression WHERE hash = $1";

    // The reply is found through its inbound row, so it needs no index of its own.
    REPEATS =
        "SELECT i.sid, i.mms, r.id, r.body, r.nonce, r.attempts FROM message i \
         LEFT JOIN message r ON r.id = i.reply_id \
         WHERE i.sid IN (SELECT unhex(value) FROM jsonb_each($1)) AND NOT i.outbound",
        "SELECT i.sid, i.mms, r.id, r.body, r.nonce, r.attempts FROM message i \
         LEFT JOIN message r ON r.id = i.reply_id \
         WHERE i.sid = ANY (ARRAY(SELECT json_array_elements_text($1::json)::uuid)) AND NOT i.outbound";
    /// A repeat gets the same reply again, unless REST has taken it over; as long as Twilio has not
    /// confirmed the reply, the wait for that starts anew. The update decides, for it locks the row.
    HAND_AGAIN =
        "UPDATE message SET status = CASE WHEN rank < 2 THEN 'handed' ELSE status END, \
         due_at = CASE WHEN rank < 2 THEN $2 ELSE due_at END, \
         sent_at = CASE WHEN rank < 2 THEN $3 ELSE sent_at END, fence = fence + 1 \
         WHERE NOT by_rest AND id IN (SELECT value FROM jsonb_each($1)) RETURNING id",
        "UPDATE message SET status = CASE WHEN rank < 2 THEN 'handed' ELSE status END, \
         due_at = CASE WHEN rank < 2 THEN $2 ELSE due_at END, \
         sent_at = CASE WHEN rank < 2 THEN $3 ELSE sent_at END, fence = fence + 1 \
         WHERE NOT by_rest \
         AND id = ANY (ARRAY(SELECT json_array_elements_text($1::json)::bigint)) RETURNING id";
    INSERT_MESSAGES =
        "INSERT INTO message (id, contact_id, outbound, sid, mms, body, segments, created_at, intent, \
         why, reply_id, extra, purpose, nonce, status, rank, priority, due_at, expires_at, attempts, sent_at) \
         SELECT value->>'id', value->>'contact_id', value->>'outbound', unhex(value->>'sid'), \
         value->>'mms', value->>'body', value->>'segments', value->>'created_at', value->>'intent', \
         value->>'why', value->>'reply_id', value->>'extra', value->>'purpose', value->>'nonce', \
         value->>'status', value->>'rank', value->>'priority', value->>'due_at', value->>'expires_at', \
         value->>'attempts', value->>'sent_at' FROM jsonb_each($1)",
        "INSERT INTO message (id, contact_id, outbound, sid, mms, body, segments, created_at, intent, \
         why, reply_id, extra, purpose, nonce, status, rank, priority, due_at, expires_at, attempts, sent_at) \
         SELECT id, contact_id, outbound, sid, mms, body, segments, created_at, intent, why, reply_id, \
         extra, purpose, nonce, status, rank, priority, due_at, expires_at, attempts, sent_at \
         FROM json_to_recordset($1::json) AS r(id BIGINT, contact_id BIGINT, outbound BOOLEAN, sid UUID, \
         mms BOOLEAN, body TEXT, segments BIGINT, created_at BIGINT, intent TEXT, why TEXT, \
         reply_id BIGINT, extra TEXT, purpose TEXT, nonce TEXT, status TEXT, rank BIGINT, \
         priority BIGINT, due_at BIGINT, expires_at BIGINT, attempts BIGINT, sent_at BIGINT)";
    INSERT_CONSENT =
        "INSERT INTO consent_entry (id, contact_id, given, how, actor, body, message_id, created_at) \
         SELECT value->>'id', value->>'contact_id', value->>'given', value->>'how', value->>'actor', \
         value->>'body', value->>'message_id', value->>'created_at' FROM jsonb_each($1)",
        "INSERT INTO consent_entry (id, contact_id, given, how, actor, body, message_id, created_at) \
         SELECT id, contact_id, given, how, actor, body, message_id, created_at \
         FROM json_to_recordset($1::json) AS r(id BIGINT, contact_id BIGINT, given BOOLEAN, how TEXT, \
         actor TEXT, body TEXT, message_id BIGINT, created_at BIGINT)";

    CONVERSATION =
        concat!("SELECT ", message_columns!(), " FROM message WHERE contact_id = $1 AND id < $2 \
                 ORDER BY id DESC LIMIT $3");
    MESSAGES =
        concat!("SELECT ", message_columns!(), " FROM message WHERE id < $1 ORDER BY id DESC LIMIT $2");
    ADDRESSES =
        "SELECT id, address FROM contact WHERE id IN (SELECT value FROM jsonb_each($1)) AND erased_at IS NULL",
        "SELECT id, address FROM contact WHERE id = ANY (ARRAY(SELECT json_array_elements_text($1::json)::bigint)) \
         AND erased_at IS NULL";
    LEDGER =
        "SELECT id, given, how, actor, body, message_id, created_at FROM consent_entry \
         WHERE contact_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";

    /// What is due, by priority, never two of one person at a time, and none before an earlier one
    /// that waits to be tried again. The fence tells a later
    /// claim's owner from an earlier one's.
    CLAIM_QUEUED =
        "UPDATE message SET status = 'sending', rank = 1, attempts = attempts + 1, fence = $3, \
         due_at = $2, sent_at = $1, by_rest = TRUE WHERE id IN \
         (SELECT q.id FROM message q WHERE q.status = 'queued' AND q.due_at <= $1 AND NOT EXISTS \
         (SELECT 1 FROM message b WHERE b.contact_id = q.contact_id AND b.outbound AND b.id <> q.id AND \
         b.status IN ('queued', 'sending') AND (b.status = 'sending' OR (b.due_at <= $1 OR b.attempts > 0) \
         AND (b.priority, b.id) < (q.priority, q.id))) \
         ORDER BY q.priority, q.due_at LIMIT $4) RETURNING id",
        "UPDATE message SET status = 'sending', rank = 1, attempts = attempts + 1, fence = $3, \
         due_at = $2, sent_at = $1, by_rest = TRUE WHERE id IN \
         (SELECT q.id FROM message q WHERE q.status = 'queued' AND q.due_at <= $1 AND NOT EXISTS \
         (SELECT 1 FROM message b WHERE b.contact_id = q.contact_id AND b.outbound AND b.id <> q.id AND \
         b.status IN ('queued', 'sending') AND (b.status = 'sending' OR (b.due_at <= $1 OR b.attempts > 0) \
         AND (b.priority, b.id) < (q.priority, q.id))) \
         ORDER BY q.priority, q.due_at LIMIT $4 FOR UPDATE SKIP LOCKED) RETURNING id";
    /// Messages whose callback or answer is overdue. Looking takes a lease, too.
    CLAIM_UNSETTLED =
        "UPDATE message SET due_at = $2, fence = $3 WHERE id IN \
         (SELECT id FROM message WHERE status IN ('handed', 'sending', 'uncertain') AND due_at <= $1 \
         ORDER BY due_at LIMIT $4) RETURNING id",
        "UPDATE message SET due_at = $2, fence = $3 WHERE id IN \
         (SELECT id FROM message WHERE status IN ('handed', 'sending', 'uncertain') AND due_at <= $1 \
         ORDER BY due_at LIMIT $4 FOR UPDATE SKIP LOCKED) RETURNING id";
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
        "SELECT r.id, (SELECT COUNT(*) FROM message m WHERE m.contact_id = r.contact_id AND m.id > r.from_id \
         AND m.id <> r.id AND m.outbound AND m.rank > 0 AND m.sent_at >= r.midnight \
         AND m.status NOT IN ('failed', 'refused', 'expired') \
         AND m.purpose IN ('reminder', 'form', 'tip', 'campaign')) AS sent_today, \
         EXISTS (SELECT 1 FROM message m JOIN message own ON own.id = r.id \
         WHERE m.contact_id = r.contact_id AND m.id > r.from_id AND m.id <> r.id AND m.outbound \
         AND m.rank > 0 AND m.sent_at >= r.day_ago AND m.status NOT IN ('failed', 'refused', 'expired') \
         AND m.purpose = own.purpose AND m.body = own.body) AS had_the_same \
         FROM (SELECT value->>'id' AS id, value->>'contact_id' AS contact_id, value->>'from_id' AS from_id, \
         value->>'midnight' AS midnight, value->>'day_ago' AS day_ago FROM jsonb_each($1)) AS r",
        "SELECT r.id, (SELECT COUNT(*) FROM message m WHERE m.contact_id = r.contact_id AND m.id > r.from_id \
         AND m.id <> r.id AND m.outbound AND m.rank > 0 AND m.sent_at >= r.midnight \
         AND m.status NOT IN ('failed', 'refused', 'expired') \
         AND m.purpose IN ('reminder', 'form', 'tip', 'campaign')) AS sent_today, \
         EXISTS (SELECT 1 FROM message m JOIN message own ON own.id = r.id \
         WHERE m.contact_id = r.contact_id AND m.id > r.from_id AND m.id <> r.id AND m.outbound \
         AND m.rank > 0 AND m.sent_at >= r.day_ago AND m.status NOT IN ('failed', 'refused', 'expired') \
         AND m.purpose = own.purpose AND m.body = own.body) AS had_the_same \
         FROM json_to_recordset($1::json) AS r(id BIGINT, contact_id BIGINT, from_id BIGINT, \
         midnight BIGINT, day_ago BIGINT)";
    CONSENT_FOR_CLAIM =
        "SELECT c.consent FROM message m JOIN contact c ON c.id = m.contact_id \
         WHERE m.id = $1 AND m.fence = $2 AND m.status = 'sending'";
    OWNED_SIDS =
        "SELECT sid FROM message WHERE sid IN (SELECT unhex(value) FROM jsonb_each($1))",
        "SELECT sid FROM message WHERE sid = ANY (ARRAY(SELECT json_array_elements_text($1::json)::uuid))";
    /// What came of a claim. A stale owner changes nothing: its fence is old. Nor does a guess
    /// from the list at a SID that has meanwhile become another message's.
    RECORD_OUTCOMES =
        "UPDATE message SET status = r.status, rank = r.rank, sid = COALESCE(unhex(r.sid), message.sid), \
         mms = COALESCE(r.mms, message.mms), \
         error_code = r.error_code, status_reason = r.reason, due_at = r.due_at, by_rest = r.by_rest, \
         attempts = COALESCE(r.attempts, message.attempts), expires_at = COALESCE(r.expires_at, message.expires_at), updated_at = r.now \
         FROM (SELECT value->>'id' AS id, value->>'fence' AS fence, value->>'status' AS status, \
         value->>'rank' AS rank, value->>'sid' AS sid, value->>'mms' AS mms, \
         value->>'error_code' AS error_code, value->>'reason' AS reason, value->>'due_at' AS due_at, \
         value->>'by_rest' AS by_rest, value->>'expires_at' AS expires_at, value->>'attempts' AS attempts, value->>'now' AS now \
         FROM jsonb_each($1)) AS r WHERE message.id = r.id AND message.fence = r.fence AND message.rank < 2 \
         AND NOT EXISTS (SELECT 1 FROM message o WHERE o.sid = unhex(r.sid) AND o.id <> r.id)",
        "UPDATE message SET status = r.status, rank = r.rank, sid = COALESCE(r.sid, message.sid), \
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
        "UPDATE message SET sid = NULL, status = 'uncertain', rank = 1, due_at = $2, fence = fence + 1 \
         FROM (SELECT value->>'id' AS id, unhex(value->>'sid') AS sid FROM jsonb_each($1)) AS r \
         WHERE message.sid = r.sid AND message.id <> r.id AND message.outbound \
         AND EXISTS (SELECT 1 FROM message o WHERE o.id = r.id AND o.outbound)",
        "UPDATE message SET sid = NULL, status = 'uncertain', rank = 1, due_at = $2, fence = fence + 1 \
         FROM json_to_recordset($1::json) AS r(id BIGINT, sid UUID) \
         WHERE message.sid = r.sid AND message.id <> r.id AND message.outbound \
         AND EXISTS (SELECT 1 FROM message o WHERE o.id = r.id AND o.outbound)";
    /// Reports move a message only upward, and only the message whose SID they carry. An end that we
    /// declared ourselves, without a SID, is no end when Twilio reports that it has the message.
    APPLY_REPORTS =
        "UPDATE message SET status = r.status, rank = r.rank, sid = unhex(r.sid), mms = r.mms, \
         error_code = r.error_code, status_reason = r.reason, due_at = NULL, updated_at = r.now, \
         sent_at = COALESCE(message.sent_at, r.now) \
         FROM (SELECT value->>'id' AS id, value->>'status' AS status, value->>'rank' AS rank, \
         value->>'sid' AS sid, value->>'mms' AS mms, value->>'error_code' AS error_code, \
         value->>'reason' AS reason, value->>'now' AS now FROM jsonb_each($1)) AS r \
         WHERE message.id = r.id AND message.outbound AND (message.rank < r.rank \
         OR message.sid IS NULL AND message.status IN ('failed', 'expired', 'refused')) \
         AND (message.sid IS NULL OR message.sid = unhex(r.sid)) RETURNING message.id",
        "UPDATE message SET status = r.status, rank = r.rank, sid = r.sid, mms = r.mms, \
         error_code = r.error_code, status_reason = r.reason, due_at = NULL, updated_at = r.now, \
         sent_at = COALESCE(message.sent_at, r.now) \
         FROM json_to_recordset($1::json) AS r(id BIGINT, status TEXT, rank BIGINT, sid UUID, \
         mms BOOLEAN, error_code BIGINT, reason TEXT, now BIGINT) \
         WHERE message.id = r.id AND message.outbound AND (message.rank < r.rank \
         OR message.sid IS NULL AND message.status IN ('failed', 'expired', 'refused')) \
         AND (message.sid IS NULL OR message.sid = r.sid) RETURNING message.id";
    /// Reports about messages that were erased meanwhile are forgotten.
    INSERT_REPORTS =
        "INSERT INTO status_report (id, message_id, status, error_code, received_at) \
         SELECT value->>'report_id', value->>'id', value->>'twilio_status', value->>'error_code', value->>'now' \
         FROM jsonb_each($1) WHERE EXISTS (SELECT 1 FROM message m WHERE m.id = value->>'id' AND m.outbound)",
        "INSERT INTO status_report (id, message_id, status, error_code, received_at) \
         SELECT report_id, id, twilio_status, error_code, now FROM json_to_recordset($1::json) \
         AS r(report_id BIGINT, id BIGINT, twilio_status TEXT, error_code BIGINT, now BIGINT) \
         WHERE EXISTS (SELECT 1 FROM message m WHERE m.id = r.id AND m.outbound)";
    CONTACT_OF_MESSAGE =
        "SELECT c.address FROM message m JOIN contact c ON c.id = m.contact_id WHERE m.id = $1";
    MESSAGE_OF_SID = "SELECT id FROM message WHERE sid = $1 AND outbound";

    // Erasure: at once all but the last exchange, which a repeated webhook may still ask for …
    ERASE_MESSAGES = "DELETE FROM message WHERE contact_id = $1";
    ERASE_REPORTS = "DELETE FROM status_report WHERE message_id IN (SELECT id FROM message WHERE contact_id = $1)";
    ERASE_CONSENT = "DELETE FROM consent_entry WHERE contact_id = $1";
    // … and later the rest.
    ERASED_CONTACTS = "SELECT id, address FROM contact WHERE erased_at IS NOT NULL AND erased_at <= $1 LIMIT 100";
    /// Comes first, for whoever has come back since they were looked up stays.
    PURGE_CONTACT = "DELETE FROM contact WHERE id = $1 AND erased_at <= $2 RETURNING person";

    OPTED_OUT = "SELECT c.id, c.address, \
         (SELECT e.how FROM consent_entry e WHERE e.contact_id = c.id AND NOT e.given ORDER BY e.id DESC LIMIT 1) AS how, \
         (SELECT e.created_at FROM consent_entry e WHERE e.contact_id = c.id AND NOT e.given ORDER BY e.id DESC LIMIT 1) AS created_at \
         FROM contact c WHERE c.consent = 'withdrawn' AND c.erased_at IS NULL AND c.id > $1 ORDER BY c.id LIMIT $2";
    INSERT_TOKEN = "INSERT INTO api_token (id, name, hash, scopes, created_at) VALUES ($1, $2, $3, $4, $5)";
    TOKEN_BY_HASH = "SELECT name, scopes FROM api_token WHERE hash = $1 AND revoked_at IS NULL";
    COUNT_BY_STATUS =
        "SELECT status, COUNT(*) FROM message WHERE status IN ('handed', 'sending', 'uncertain') GROUP BY status \
         UNION ALL SELECT status, COUNT(*) FROM message WHERE status = 'queued' GROUP BY status";
}
