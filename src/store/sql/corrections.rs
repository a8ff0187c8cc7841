//! What people on our side say that texts ask for.

use super::super::engine::Sql;

statements! {
    INBOUND_OF_CONTACT =
        "SELECT body FROM message WHERE id = $1 AND contact_id = $2 AND NOT outbound";
    /// The last word counts.
    PUT_CORRECTION =
        "INSERT INTO correction (message_id, contact_id, body, intent, language, note, context, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (message_id) DO UPDATE SET \
         intent = excluded.intent, language = excluded.language, note = excluded.note, context = excluded.context, \
         created_at = excluded.created_at";
    CORRECTIONS =
        "SELECT message_id, body, intent, language, note, context, created_at FROM correction \
         WHERE message_id < $1 ORDER BY message_id DESC LIMIT $2";
    ERASE_CORRECTIONS = "DELETE FROM correction WHERE contact_id = $1";
}
