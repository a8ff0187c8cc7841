//! Lists that staff filter, and what they change by hand.

use super::super::engine::Sql;
use super::people::contact_columns;
use super::texts::message_columns;

/// Messages by what is given. Each variant begins with what its index knows.
macro_rules! messages_where {
    ($first:literal) => {
        concat!("SELECT ", message_columns!(), " FROM message WHERE ", $first, page_of_messages!())
    };
}
macro_rules! page_of_messages {
    () => {
        "id < $1 AND id > $3 AND (CAST($4 AS BIGINT) IS NULL OR contact_id = $4) \
         AND (CAST($5 AS TEXT) IS NULL OR status = $5) AND (CAST($6 AS TEXT) IS NULL OR purpose = $6) \
         AND (CAST($7 AS BOOLEAN) IS NULL OR outbound = $7) ORDER BY id DESC LIMIT $2"
    };
}

/// Contacts by what is given.
macro_rules! contacts_where {
    ($first:expr) => {
        concat!(
            "SELECT ",
            contact_columns!(),
            " FROM contact WHERE ",
            $first,
            "id < $1 AND erased_at IS NULL AND (CAST($3 AS TEXT) IS NULL OR state = $3) \
             AND (CAST($4 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM contact_tag t \
             WHERE t.contact_id = contact.id AND t.tag = $4)) \
             ORDER BY id DESC LIMIT $2"
        )
    };
}

statements! {
    FIND_MESSAGES = messages_where!("");
    /// SQLite sorts the ids of the person's messages that fit, and reads those of the page.
    FIND_MESSAGES_OF_CONTACT =
        concat!("SELECT ", message_columns!(), " FROM message WHERE id IN (SELECT id FROM message \
                 INDEXED BY message_by_contact WHERE contact_id = $4 AND ", page_of_messages!(), ") ORDER BY id DESC"),
        messages_where!("contact_id = $4 AND ");
    FIND_MESSAGES_UNASKED =
        messages_where!("purpose IN ('reminder', 'form', 'tip', 'campaign', 'alert', 'test', 'stop_confirmation') \
                         AND purpose = $6 AND ");
    FIND_MESSAGES_PUT_ASIDE =
        messages_where!("status IN ('held', 'failed', 'undelivered', 'refused', 'expired', 'skipped') AND status = $5 AND ");
    FIND_MESSAGES_QUEUED = messages_where!("status = 'queued' AND ");
    FIND_MESSAGES_UNSETTLED = messages_where!("status IN ('handed', 'sending', 'uncertain') AND status = $5 AND ");
    MESSAGE = concat!("SELECT ", message_columns!(), " FROM message WHERE id = $1");
    SKIP_MESSAGES =
        "UPDATE message SET status = 'skipped', rank = 0, status_reason = $2, due_at = NULL, updated_at = $3 \
         WHERE id IN (SELECT value FROM jsonb_each($1)) AND status = 'queued'",
        "UPDATE message SET status = 'skipped', rank = 0, status_reason = $2, due_at = NULL, updated_at = $3 \
         WHERE id = ANY (ARRAY(SELECT json_array_elements_text($1::json)::bigint)) AND status = 'queued'";
    /// Whoever claimed it first sends it.
    CANCEL_MESSAGE =
        "UPDATE message SET status = 'refused', rank = 4, status_reason = $2, due_at = NULL, updated_at = $3 \
         WHERE id = $1 AND outbound AND status IN ('queued', 'held')";

    FIND_CONTACTS = contacts_where!("");
    /// Digits sort alike in every collation, so that the index of addresses does.
    FIND_CONTACTS_BY_NUMBER = contacts_where!("address >= $5 AND address <= $6 AND ");
    FIND_CONTACTS_BY_NAME =
        contacts_where!("name IS NOT NULL AND lower(name) >= $5 AND lower(name) < $6 AND "),
        contacts_where!("name IS NOT NULL AND lower(name) COLLATE \"C\" >= $5 AND lower(name) COLLATE \"C\" < $6 AND ");
    /// The same in the order of ids: where many begin like this, a page is soon full, and nothing is sorted.
    FIND_CONTACTS_WITH_NUMBER = contacts_where!("(address || '') >= $5 AND (address || '') <= $6 AND ");
    FIND_CONTACTS_WITH_NAME =
        contacts_where!("name IS NOT NULL AND (lower(name) || '') >= $5 AND (lower(name) || '') < $6 AND "),
        contacts_where!("name IS NOT NULL AND (lower(name) || '') COLLATE \"C\" >= $5 AND (lower(name) || '') COLLATE \"C\" < $6 AND ");
    COUNT_CONTACTS_BY_NUMBER =
        "SELECT COUNT(*) FROM (SELECT 1 FROM contact WHERE address >= $1 AND address <= $2 LIMIT $3) AS found";
    COUNT_CONTACTS_BY_NAME =
        "SELECT COUNT(*) FROM (SELECT 1 FROM contact WHERE name IS NOT NULL AND lower(name) >= $1 \
         AND lower(name) < $2 LIMIT $3) AS found",
        "SELECT COUNT(*) FROM (SELECT 1 FROM contact WHERE name IS NOT NULL AND lower(name) COLLATE \"C\" >= $1 \
         AND lower(name) COLLATE \"C\" < $2 LIMIT $3) AS found";
    /// From the tag to its people, in the order of its index.
    FIND_CONTACTS_BY_TAG =
        concat!("SELECT ", contact_columns!(), " FROM contact_tag t CROSS JOIN contact WHERE t.tag = $4 \
                 AND t.contact_id < $1 AND contact.id = t.contact_id AND erased_at IS NULL \
                 AND (CAST($3 AS TEXT) IS NULL OR state = $3) ORDER BY t.contact_id DESC LIMIT $2");
    FIND_CONTACTS_UNFINISHED =
        contacts_where!("state IN ('stranger', 'naming', 'verifying') AND state = $3 AND ");
    CHANGE_CONTACT =
        "UPDATE contact SET locale = COALESCE($2, locale), time_zone = COALESCE($3, time_zone), \
         time_zone_source = COALESCE($4, time_zone_source) WHERE id = $1";
    CONTACT_TAGS =
        "SELECT contact_id, tag FROM contact_tag WHERE contact_id IN (SELECT value FROM jsonb_each($1)) ORDER BY tag",
        "SELECT contact_id, tag FROM contact_tag \
         WHERE contact_id = ANY (ARRAY(SELECT json_array_elements_text($1::json)::bigint)) ORDER BY tag";
    ERASE_TAGS = "DELETE FROM contact_tag WHERE contact_id = $1";
    INSERT_TAGS =
        "INSERT INTO contact_tag (contact_id, tag) SELECT $1, value FROM jsonb_each($2) \
         WHERE TRUE ON CONFLICT (contact_id, tag) DO NOTHING",
        "INSERT INTO contact_tag (contact_id, tag) SELECT $1, tag FROM json_array_elements_text($2::json) AS r(tag) \
         ON CONFLICT (contact_id, tag) DO NOTHING";
}
