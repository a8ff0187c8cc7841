//! What is too old to be kept. Only messages that came to an end: what is held or on its way stays.

use super::super::engine::Sql;

/// A slice of ended messages with ids from $1 up to $2, oldest first.
macro_rules! ended {
    ($columns:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM message WHERE id > $1 AND id < $2 AND status NOT IN \
             ('queued', 'held', 'sending', 'handed', 'uncertain') ORDER BY id LIMIT $3"
        )
    };
}

statements! {
    ENDED_MESSAGES = ended!("id");
    /// The row stays, so that counts do; of what was said, nothing.
    BLANK_MESSAGES =
        "UPDATE message SET body = '', extra = NULL, why = NULL, nonce = NULL, content_variables = NULL \
         WHERE id IN (SELECT value FROM jsonb_each($1))",
        "UPDATE message SET body = '', extra = NULL, why = NULL, nonce = NULL, content_variables = NULL \
         WHERE id = ANY (ARRAY(SELECT json_array_elements_text($1::json)::bigint))";
    DELETE_CORRECTIONS =
        "DELETE FROM correction WHERE message_id IN (SELECT value FROM jsonb_each($1))",
        "DELETE FROM correction WHERE message_id = ANY (ARRAY(SELECT json_array_elements_text($1::json)::bigint))";
    DELETE_REPORTS =
        "DELETE FROM status_report WHERE message_id IN (SELECT value FROM jsonb_each($1))",
        "DELETE FROM status_report WHERE message_id = ANY (ARRAY(SELECT json_array_elements_text($1::json)::bigint))";
    DELETE_MESSAGES =
        "DELETE FROM message WHERE id IN (SELECT value FROM jsonb_each($1))",
        "DELETE FROM message WHERE id = ANY (ARRAY(SELECT json_array_elements_text($1::json)::bigint))";
}
