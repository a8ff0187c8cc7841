//! The audit log.

use super::super::engine::Sql;

statements! {
    AUDIT_HEAD = "SELECT last, entries, hash, seal FROM audit_head WHERE id = 1";
    AUDIT_HEAD_FOR_UPDATE =
        "SELECT last, entries, hash, seal FROM audit_head WHERE id = 1",
        "SELECT last, entries, hash, seal FROM audit_head WHERE id = 1 FOR UPDATE";
    MOVE_AUDIT_HEAD =
        "UPDATE audit_head SET last = $1, entries = entries + 1, hash = $2, seal = $3 WHERE id = 1";
    SEAL_AUDIT_HEAD = "UPDATE audit_head SET seal = $1 WHERE id = 1";
    SEAL_EMPTY_AUDIT_HEAD = "UPDATE audit_head SET seal = $1 WHERE id = 1 AND seal = '' AND entries = 0";
    INSERT_AUDIT =
        "INSERT INTO audit_entry (id, at, actor, action, subject, hash) VALUES ($1, $2, $3, $4, $5, $6)";
    AUDIT =
        "SELECT id, at, actor, action, subject, hash FROM audit_entry WHERE id < $1 ORDER BY id DESC LIMIT $2";
    AUDIT_CHAIN =
        "SELECT id, at, actor, action, subject, hash FROM audit_entry WHERE id > $1 ORDER BY id LIMIT $2";
}
