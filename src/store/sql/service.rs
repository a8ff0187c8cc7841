//! Nodes, bookmarks and API tokens.

use super::super::engine::Sql;

statements! {
    NEXT_NODE = "UPDATE node_counter SET last = last + 1 WHERE id = 1 RETURNING last";
    LAST_ID =
        "SELECT MAX(id) FROM (SELECT MAX(id) AS id FROM message UNION ALL SELECT MAX(id) FROM contact \
         UNION ALL SELECT MAX(id) FROM consent_entry) AS newest";
    PING = "SELECT 1";

    BOOKMARK = "SELECT at FROM bookmark WHERE name = $1";
    PUT_BOOKMARK =
        "INSERT INTO bookmark (name, at) VALUES ($1, $2) \
         ON CONFLICT (name) DO UPDATE SET at = excluded.at WHERE bookmark.at < excluded.at";

    INSERT_TOKEN = "INSERT INTO api_token (id, name, hash, scopes, created_at) VALUES ($1, $2, $3, $4, $5)";
    MAKE_TEST_TOKEN = "UPDATE api_token SET kind = 'test' WHERE hash = $1";
    TOKEN_BY_HASH = "SELECT name, scopes, kind FROM api_token WHERE hash = $1 AND revoked_at IS NULL";
}
