//! Messages of both directions, as they come in and as they are listed.

use super::super::engine::Sql;

macro_rules! message_columns {
    () => {
        "id, contact_id, outbound, sid, mms, body, segments, created_at, intent, why, purpose, \
         status, status_reason, error_code, attempts, sent_at, extra"
    };
}

pub(super) use message_columns;

statements! {
    // The reply is found through its inbound row, so it needs no index of its own.
    REPEATS =
        "SELECT i.sid, i.mms, r.id, r.body, r.nonce, r.attempts FROM jsonb_each($1) \
         CROSS JOIN contact c ON c.address = value->>'from' \
         CROSS JOIN message i ON i.contact_id = c.id AND i.sid = unhex(value->>'sid') \
         LEFT JOIN message r ON r.id = i.reply_id WHERE NOT i.outbound",
        "SELECT i.sid, i.mms, r.id, r.body, r.nonce, r.attempts FROM message i \
         LEFT JOIN message r ON r.id = i.reply_id \
         WHERE i.sid = ANY (ARRAY(SELECT (value->>'sid')::uuid FROM json_array_elements($1::json))) AND NOT i.outbound";
    KNOWN_TEXTS =
        "SELECT m.sid FROM jsonb_each($1) CROSS JOIN contact c ON c.address = value->>'from' \
         CROSS JOIN message m ON m.contact_id = c.id AND m.sid = unhex(value->>'sid')",
        "SELECT sid FROM message \
         WHERE sid = ANY (ARRAY(SELECT (value->>'sid')::uuid FROM json_array_elements($1::json)))";
    /// A repeat gets the same reply again, unless REST has taken it over; as long as Twilio has not
    /// confirmed the reply, the wait for that starts anew, also for one that was given up: Twilio may
    /// take it this time. One of which only Twilio's list told has left, or an equal one did for it: Twilio would
    /// take it once more. The update decides, for it locks the row. Nothing from before an opt-out goes
    /// out after it but the confirmation.
    HAND_AGAIN =
        "UPDATE message SET status = CASE WHEN sid IS NULL THEN 'handed' ELSE status END, \
         rank = CASE WHEN sid IS NULL THEN 1 ELSE rank END, \
         due_at = CASE WHEN sid IS NULL THEN $2 ELSE due_at END, \
         sent_at = CASE WHEN sid IS NULL THEN $3 ELSE sent_at END, looks = NULL, fence = fence + 1 \
         WHERE NOT by_rest AND (sid IS NULL OR EXISTS (SELECT 1 FROM status_report r WHERE r.message_id = message.id)) \
         AND (purpose = 'stop_confirmation' OR NOT EXISTS (SELECT 1 FROM consent_entry e \
         WHERE e.contact_id = message.contact_id AND NOT e.given AND e.id > message.id)) AND id IN (SELECT value FROM jsonb_each($1)) RETURNING id",
        "UPDATE message SET status = CASE WHEN sid IS NULL THEN 'handed' ELSE status END, \
         rank = CASE WHEN sid IS NULL THEN 1 ELSE rank END, \
         due_at = CASE WHEN sid IS NULL THEN $2 ELSE due_at END, \
         sent_at = CASE WHEN sid IS NULL THEN $3 ELSE sent_at END, looks = NULL, fence = fence + 1 \
         WHERE NOT by_rest AND (sid IS NULL OR EXISTS (SELECT 1 FROM status_report r WHERE r.message_id = message.id)) \
         AND (purpose = 'stop_confirmation' OR NOT EXISTS (SELECT 1 FROM consent_entry e \
         WHERE e.contact_id = message.contact_id AND NOT e.given AND e.id > message.id)) \
         AND id = ANY (ARRAY(SELECT json_array_elements_text($1::json)::bigint)) RETURNING id";

    /// By SID alone, of what came after `$2`: SQLite has no index for it.
    KNOWN_TEXTS_SINCE =
        "SELECT sid FROM message WHERE id > $2 AND sid IN (SELECT unhex(value->>'sid') FROM jsonb_each($1))",
        "SELECT sid FROM message WHERE id > $2 \
         AND sid = ANY (ARRAY(SELECT (value->>'sid')::uuid FROM json_array_elements($1::json)))";
    /// SQLite sorts the ids of all the person's messages, and reads those of the page.
    CONVERSATION =
        concat!("SELECT ", message_columns!(), " FROM message WHERE id IN (SELECT id FROM message \
                 INDEXED BY message_by_contact WHERE contact_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3) \
                 ORDER BY id DESC"),
        concat!("SELECT ", message_columns!(), " FROM message WHERE contact_id = $1 AND id < $2 \
                 ORDER BY id DESC LIMIT $3");
    MESSAGES =
        concat!("SELECT ", message_columns!(), " FROM message WHERE id < $1 ORDER BY id DESC LIMIT $2");
    ADDRESSES =
        "SELECT id, address FROM contact WHERE id IN (SELECT value FROM jsonb_each($1)) AND erased_at IS NULL",
        "SELECT id, address FROM contact WHERE id = ANY (ARRAY(SELECT json_array_elements_text($1::json)::bigint)) \
         AND erased_at IS NULL";
}
