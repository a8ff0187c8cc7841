//! Nodes, bookmarks, answers kept for a repeat, and API tokens.

use super::super::engine::Sql;

statements! {
    COUNT_MIGRATIONS = "SELECT COUNT(*) FROM _sqlx_migrations";
    NEXT_NODE = "UPDATE node_counter SET last = last + 1 WHERE id = 1 RETURNING last";
    LAST_NODE = "SELECT last FROM node_counter WHERE id = 1";
    LAST_ID =
        "SELECT MAX(id) FROM (SELECT MAX(id) AS id FROM message UNION ALL SELECT MAX(id) FROM contact \
         UNION ALL SELECT MAX(id) FROM consent_entry UNION ALL SELECT MAX(id) FROM booking) AS newest";
    PUT_SECRET_MARK = "INSERT INTO secret_mark (id, mark) VALUES (1, $1) ON CONFLICT (id) DO NOTHING";
    SECRET_MARK = "SELECT mark FROM secret_mark WHERE id = 1";

    SET_BOOKMARK =
        "INSERT INTO bookmark (name, at) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET at = excluded.at";
    /// Always another value: SQLite writes nothing where a row stays as it was.
    TRY_WRITE =
        "INSERT INTO bookmark (name, at) VALUES ('writes tried', 1) \
         ON CONFLICT (name) DO UPDATE SET at = bookmark.at + 1";
    BOOKMARK = "SELECT at FROM bookmark WHERE name = $1";
    PUT_BOOKMARK =
        "INSERT INTO bookmark (name, at) VALUES ($1, $2) \
         ON CONFLICT (name) DO UPDATE SET at = excluded.at WHERE bookmark.at < excluded.at";

    /// Twins that come at once meet here: one of them inserts, or takes over what is too old to count.
    CLAIM_KEY =
        "INSERT INTO idempotency (key, request, started_at) VALUES ($1, $2, $3) \
         ON CONFLICT (key) DO UPDATE SET request = excluded.request, started_at = excluded.started_at, \
         status = NULL, headers = NULL, body = NULL WHERE idempotency.started_at <= $5 \
         OR idempotency.status IS NULL AND idempotency.started_at < $4 RETURNING started_at";
    EARLIER = "SELECT request, started_at, status, headers, body FROM idempotency WHERE key = $1";
    KEEP_ANSWER =
        "UPDATE idempotency SET status = $3, headers = $4, body = $5 WHERE key = $1 AND started_at = $2";
    FREE_KEY = "DELETE FROM idempotency WHERE key = $1 AND started_at = $2 AND status IS NULL";
    FORGET_ANSWERS = "DELETE FROM idempotency WHERE started_at < $1";

    INSERT_TOKEN = "INSERT INTO api_token (id, name, hash, scopes, created_at) VALUES ($1, $2, $3, $4, $5)";
    INSERT_TOKEN_BY =
        "INSERT INTO api_token (id, name, hash, scopes, kind, created_by, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)";
    TOKENS =
        "SELECT id, name, scopes, kind, created_by, created_at, revoked_at FROM api_token \
         WHERE id < $1 ORDER BY id DESC LIMIT $2";
    /// Tokens are few, and this is asked when an account changes.
    TOKENS_OF = "SELECT id, scopes FROM api_token WHERE created_by = $1 AND revoked_at IS NULL ORDER BY id";
    /// Again changes nothing.
    REVOKE_TOKEN = "UPDATE api_token SET revoked_at = COALESCE(revoked_at, $2) WHERE id = $1";
    MAKE_TEST_TOKEN = "UPDATE api_token SET kind = 'test' WHERE hash = $1";
    TOKEN_BY_HASH = "SELECT name, scopes, kind, created_by FROM api_token WHERE hash = $1 AND revoked_at IS NULL";
}
