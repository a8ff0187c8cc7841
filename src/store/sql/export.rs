//! What else is kept about one person, for a copy of all of it.

use super::super::engine::Sql;

statements! {
    GROUPS_OF_CONTACT =
        "SELECT g.name FROM staff_group_member m JOIN staff_group g ON g.id = m.group_id \
         WHERE m.contact_id = $1 ORDER BY g.name";
    CAMPAIGNS_OF_CONTACT =
        "SELECT p.id, p.name, m.id AS message_id, m.status FROM message m JOIN campaign p ON p.id = m.source_id \
         WHERE m.contact_id = $1 AND m.purpose = 'campaign' ORDER BY m.id DESC LIMIT $2";
    CORRECTIONS_OF_CONTACT =
        "SELECT message_id, body, intent, language, note, context, created_at FROM correction \
         WHERE contact_id = $1 ORDER BY message_id DESC LIMIT $2";
    ACCOUNTS_OF_ADDRESS =
        "SELECT a.id, a.email, a.full_name, a.external_id, n.is_verified FROM account_number n \
         JOIN account a ON a.id = n.account_id WHERE n.address = $1 AND n.is_verified ORDER BY a.id";
}
