//! Groups of staff and what they were told.

use super::super::engine::Sql;

macro_rules! group_columns {
    () => {
        "SELECT g.id, g.name, g.created_at, (SELECT COUNT(*) FROM staff_group_member m \
         JOIN contact c ON c.id = m.contact_id WHERE m.group_id = g.id AND c.erased_at IS NULL) AS size \
         FROM staff_group g"
    };
}

statements! {
    INSERT_GROUP =
        "INSERT INTO staff_group (id, name, name_key, created_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (name_key) DO NOTHING";
    RENAME_GROUP =
        "UPDATE staff_group SET name = $2, name_key = $3 WHERE id = $1 \
         AND NOT EXISTS (SELECT 1 FROM staff_group o WHERE o.name_key = $3 AND o.id <> $1)";
    GROUP = concat!(group_columns!(), " WHERE g.id = $1");
    GROUP_BY_NAME = concat!(group_columns!(), " WHERE g.name_key = $1");
    GROUPS = concat!(group_columns!(), " WHERE g.id < $1 ORDER BY g.id DESC LIMIT $2");
    DELETE_GROUP = "DELETE FROM staff_group WHERE id = $1";
    CLEAR_GROUP = "DELETE FROM staff_group_member WHERE group_id = $1";
    INSERT_MEMBERS =
        "INSERT INTO staff_group_member (group_id, contact_id) SELECT $1, value FROM jsonb_each($2) \
         WHERE TRUE ON CONFLICT (group_id, contact_id) DO NOTHING",
        "INSERT INTO staff_group_member (group_id, contact_id) \
         SELECT $1, json_array_elements_text($2::json)::bigint ON CONFLICT (group_id, contact_id) DO NOTHING";
    DELETE_MEMBER =
        "DELETE FROM staff_group_member WHERE group_id = $1 \
         AND contact_id = (SELECT id FROM contact WHERE address = $2)";
    MEMBERS =
        "SELECT c.id, c.address, c.name, c.locale, c.consent FROM staff_group_member m \
         JOIN contact c ON c.id = m.contact_id WHERE m.group_id = $1 AND c.erased_at IS NULL \
         ORDER BY c.address";
    ERASE_MEMBERSHIPS = "DELETE FROM staff_group_member WHERE contact_id = $1";

    INSERT_ALERT =
        "INSERT INTO alert (id, group_id, group_name, template, body, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6)";
    ALERT = "SELECT id, group_id, group_name, template, body, created_at FROM alert WHERE id = $1";
    ALERTS =
        "SELECT id, group_id, group_name, template, body, created_at FROM alert WHERE id < $1 \
         ORDER BY id DESC LIMIT $2";
    MESSAGES_OF_SOURCE =
        "SELECT m.id, c.address, m.status, m.status_reason, m.error_code, m.sent_at FROM message m \
         JOIN contact c ON c.id = m.contact_id WHERE m.source_id = $1 ORDER BY m.id LIMIT $2";
}
