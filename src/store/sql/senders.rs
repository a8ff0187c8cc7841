//! The slots of senders, and messages whose final status is missing.

use super::super::engine::Sql;

statements! {
    /// Locked until the claim is written: nodes claim one after the other, so none can claim a message of
    /// somebody whose other message has just been claimed elsewhere.
    LOCK_SLOT =
        "SELECT sender, next_at, paused_until, reason, pauses, failures FROM sender_slot WHERE sender = $1",
        "SELECT sender, next_at, paused_until, reason, pauses, failures FROM sender_slot WHERE sender = $1 FOR UPDATE";
    SLOTS =
        "SELECT sender, next_at, paused_until, reason, pauses, failures FROM sender_slot ORDER BY sender";
    ADD_SLOT = "INSERT INTO sender_slot (sender, next_at) VALUES ($1, 0) ON CONFLICT (sender) DO NOTHING";
    MOVE_SLOT = "UPDATE sender_slot SET next_at = $2 WHERE sender = $1";
    /// Of many calls that failed together, one makes the pause.
    PAUSE_SENDER =
        "UPDATE sender_slot SET paused_until = $2, reason = $3, pauses = pauses + 1, failures = 0 \
         WHERE sender = $1 AND (paused_until <= $4 OR paused_until > $4 + 3600000) RETURNING pauses";
    COUNT_FAILURE = "UPDATE sender_slot SET failures = failures + 1 WHERE sender = $1 RETURNING failures";
    /// It works again.
    RESUME_SENDER =
        "UPDATE sender_slot SET paused_until = 0, reason = NULL, pauses = 0, failures = 0 \
         WHERE sender = $1 AND (pauses > 0 OR failures > 0) RETURNING pauses";

    UNFINISHED =
        "SELECT id, sid, mms, status, rank, sent_at FROM message \
         WHERE status IN ('accepted', 'sent') AND due_at IS NOT NULL AND due_at <= $1 AND sid IS NOT NULL \
         ORDER BY due_at LIMIT $2",
        "SELECT id, sid, mms, status, rank, sent_at FROM message \
         WHERE status IN ('accepted', 'sent') AND due_at IS NOT NULL AND due_at <= $1 AND sid IS NOT NULL \
         ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED";
    /// Only while nothing further was reported.
    LOOK_AGAIN =
        "UPDATE message SET due_at = r.due_at, status_reason = COALESCE(r.reason, message.status_reason) \
         FROM (SELECT value->>'id' AS id, value->>'due_at' AS due_at, value->>'reason' AS reason FROM jsonb_each($1)) AS r \
         WHERE message.id = r.id AND message.status IN ('accepted', 'sent')",
        "UPDATE message SET due_at = r.due_at, status_reason = COALESCE(r.reason, message.status_reason) \
         FROM json_to_recordset($1::json) AS r(id BIGINT, due_at BIGINT, reason TEXT) \
         WHERE message.id = r.id AND message.status IN ('accepted', 'sent')";
}
