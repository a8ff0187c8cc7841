//! Messages of both directions, as they come in and as they are listed.

use super::super::engine::Sql;
use super::people::{update_contacts, update_speakers};

macro_rules! message_columns {
    () => {
        "id, contact_id, outbound, sid, mms, body, segments, created_at, intent, why, purpose, \
         status, status_reason, error_code, attempts, sent_at, extra"
    };
}

pub(super) use message_columns;

/// The statements on PostgreSQL, with the parameter's name, because they are also parts of a larger one.
macro_rules! insert_inbound {
    ($slice:literal) => {
        concat!(
            "INSERT INTO message (id, contact_id, outbound, sid, mms, body, segments, created_at, intent, \
             why, reply_id, extra, status) \
             SELECT id, contact_id, FALSE, sid, mms, body, segments, created_at, intent, why, reply_id, extra, \
             status FROM json_to_recordset(",
            $slice,
            "::json) AS r(id BIGINT, contact_id BIGINT, sid UUID, mms BOOLEAN, \
             body TEXT, segments BIGINT, created_at BIGINT, intent TEXT, why TEXT, reply_id BIGINT, \
             extra TEXT, status TEXT) ON CONFLICT (sid) WHERE sid IS NOT NULL DO NOTHING"
        )
    };
}
macro_rules! insert_outbound {
    ($slice:literal) => {
        concat!(
            "INSERT INTO message (id, contact_id, outbound, body, segments, created_at, purpose, nonce, \
             status, rank, priority, due_at, expires_at, attempts, sent_at, by_rest, what_for, source_id, \
             content_sid, content_variables, whatsapp) \
             SELECT id, contact_id, TRUE, body, segments, created_at, purpose, nonce, status, rank, priority, \
             due_at, expires_at, attempts, sent_at, by_rest, what_for, source_id, content_sid, \
             content_variables, status = 'queued' AND COALESCE((SELECT c.address LIKE 'whatsapp:%' \
             FROM contact c WHERE c.id = r.contact_id), FALSE) FROM json_to_recordset(",
            $slice,
            "::json) AS r(id BIGINT, contact_id BIGINT, body TEXT, segments BIGINT, \
             created_at BIGINT, purpose TEXT, nonce TEXT, status TEXT, rank BIGINT, priority BIGINT, \
             due_at BIGINT, expires_at BIGINT, attempts BIGINT, sent_at BIGINT, by_rest BOOLEAN, what_for TEXT, \
             source_id BIGINT, content_sid TEXT, content_variables TEXT) ON CONFLICT (what_for) WHERE what_for IS NOT NULL DO NOTHING"
        )
    };
}

statements! {
    // The reply is found through its inbound row, so it needs no index of its own.
    REPEATS =
        "SELECT i.sid, i.mms, r.id, r.body, r.nonce, r.attempts FROM message i \
         LEFT JOIN message r ON r.id = i.reply_id \
         WHERE i.sid IN (SELECT unhex(value) FROM jsonb_each($1)) AND NOT i.outbound",
        "SELECT i.sid, i.mms, r.id, r.body, r.nonce, r.attempts FROM message i \
         LEFT JOIN message r ON r.id = i.reply_id \
         WHERE i.sid = ANY (ARRAY(SELECT json_array_elements_text($1::json)::uuid)) AND NOT i.outbound";
    /// A repeat gets the same reply again, unless REST has taken it over; as long as Twilio has not
    /// confirmed the reply, the wait for that starts anew, also for one that was given up: Twilio may
    /// take it this time. The update decides, for it locks the row. Nothing from before an opt-out goes
    /// out after it but the confirmation.
    HAND_AGAIN =
        "UPDATE message SET status = CASE WHEN sid IS NULL THEN 'handed' ELSE status END, \
         rank = CASE WHEN sid IS NULL THEN 1 ELSE rank END, \
         due_at = CASE WHEN sid IS NULL THEN $2 ELSE due_at END, \
         sent_at = CASE WHEN sid IS NULL THEN $3 ELSE sent_at END, fence = fence + 1 \
         WHERE NOT by_rest AND (purpose = 'stop_confirmation' OR NOT EXISTS (SELECT 1 FROM consent_entry e \
         WHERE e.contact_id = message.contact_id AND NOT e.given AND e.id > message.id)) AND id IN (SELECT value FROM jsonb_each($1)) RETURNING id",
        "UPDATE message SET status = CASE WHEN sid IS NULL THEN 'handed' ELSE status END, \
         rank = CASE WHEN sid IS NULL THEN 1 ELSE rank END, \
         due_at = CASE WHEN sid IS NULL THEN $2 ELSE due_at END, \
         sent_at = CASE WHEN sid IS NULL THEN $3 ELSE sent_at END, fence = fence + 1 \
         WHERE NOT by_rest AND (purpose = 'stop_confirmation' OR NOT EXISTS (SELECT 1 FROM consent_entry e \
         WHERE e.contact_id = message.contact_id AND NOT e.given AND e.id > message.id)) \
         AND id = ANY (ARRAY(SELECT json_array_elements_text($1::json)::bigint)) RETURNING id";
    // A message that is to be claimed is marked with its channel; a reply that goes back in an answer is
    // not, and finds its line by its address should REST have to take over.
    // One statement for each direction, because every column of every row costs, also one without a
    // value.
    /// On SQLite a text that had come before fails the statement, and with it what is to follow in the same
    /// trip, the end of the transaction above all.
    INSERT_INBOUND =
        "INSERT OR FAIL INTO message (id, contact_id, outbound, sid, mms, body, segments, created_at, intent, \
         why, reply_id, extra, status) \
         SELECT column1, column2, FALSE, column3, column4, column5, column6, column7, column8, column9, \
         column10, column11, column12 FROM (VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)) \
         WHERE column1 IS NOT NULL",
        insert_inbound!("$1");
    INSERT_OUTBOUND =
        "INSERT OR FAIL INTO message (id, contact_id, outbound, body, segments, created_at, purpose, nonce, \
         status, rank, priority, due_at, expires_at, attempts, sent_at, by_rest, what_for, source_id, \
         content_sid, content_variables, whatsapp) \
         SELECT column1, column2, TRUE, column3, column4, column5, column6, column7, column8, column9, \
         column10, column11, column12, column13, column14, column15, column16, column17, column18, column19, \
         column8 = 'queued' AND COALESCE((SELECT c.address LIKE 'whatsapp:%' FROM contact c \
         WHERE c.id = column2), FALSE) \
         FROM (VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)) \
         WHERE column1 IS NOT NULL ON CONFLICT (what_for) WHERE what_for IS NOT NULL DO NOTHING",
        insert_outbound!("$1");
    /// On PostgreSQL these and the change of the contacts go in one round trip, which says how many of
    /// the inbound texts were new. On SQLite no trip is saved.
    SAVE_SLICE =
        "SELECT NULL",
        concat!("WITH i AS (", insert_inbound!("$1"), " RETURNING 1), o AS (", insert_outbound!("$2"), "), c AS (",
                update_contacts!("$3"), "), s AS (", update_speakers!("$4"), ") SELECT COUNT(*) FROM i");

    CONVERSATION =
        concat!("SELECT ", message_columns!(), " FROM message WHERE contact_id = $1 AND id < $2 \
                 ORDER BY id DESC LIMIT $3");
    MESSAGES =
        concat!("SELECT ", message_columns!(), " FROM message WHERE id < $1 ORDER BY id DESC LIMIT $2");
    ADDRESSES =
        "SELECT id, address FROM contact WHERE id IN (SELECT value FROM jsonb_each($1)) AND erased_at IS NULL",
        "SELECT id, address FROM contact WHERE id = ANY (ARRAY(SELECT json_array_elements_text($1::json)::bigint)) \
         AND erased_at IS NULL";
}
