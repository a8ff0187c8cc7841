//! Contacts, their consent, and what is left of those who were erased.

use super::super::engine::Sql;

macro_rules! contact_columns {
    () => {
        "id, address, state, consent, name, person, locale, time_zone, time_zone_source, \
         registered_at, created_at, erased_at, changed_hands_at"
    };
}

pub(super) use contact_columns;

statements! {
    /// Locked in one order, that of bytes, so that two nodes with the same people in a slice can't block each other. On
    /// SQLite they are one row, because each row wakes its reader.
    CONTACTS_FOR_UPDATE =
        "SELECT json_group_array(json_array(id, address, person, locale, erased_at, booked_until)) FROM contact \
         WHERE address IN (SELECT value FROM jsonb_each(?))",
        "SELECT id, address, person, locale, erased_at, booked_until FROM contact WHERE address = ANY \
         (ARRAY(SELECT json_array_elements_text($1::json))) ORDER BY address COLLATE \"C\" FOR UPDATE";
    /// The same without a lock; and whether one of the hashes $2 is that of an erased number.
    LOOK =
        "SELECT (SELECT json_group_array(json_array(id, address, person, locale, erased_at, booked_until)) FROM contact \
         WHERE address IN (SELECT value FROM jsonb_each($1))), \
         EXISTS (SELECT 1 FROM suppression WHERE hash IN (SELECT value FROM jsonb_each($2)))",
        "SELECT COALESCE((SELECT json_agg(json_build_array(id, address, person, locale, erased_at, booked_until)) \
         FROM contact WHERE address = ANY ($1::text[]))::text, '[]'), \
         EXISTS (SELECT 1 FROM suppression WHERE hash = ANY ($2::text[]))";
    CONTACT_BY_ADDRESS =
        concat!("SELECT ", contact_columns!(), " FROM contact WHERE address = $1 AND erased_at IS NULL");
    INSERT_CONTACTS =
        "INSERT INTO contact (id, address, state, consent, person, locale, time_zone, \
         time_zone_source, created_at, erased_at) \
         SELECT value->>'id', value->>'address', value->>'state', value->>'consent', value->>'person', \
         value->>'locale', value->>'time_zone', value->>'time_zone_source', value->>'created_at', value->>'erased_at' \
         FROM jsonb_each($1) WHERE TRUE ON CONFLICT (address) DO NOTHING",
        "INSERT INTO contact (id, address, state, consent, person, locale, time_zone, \
         time_zone_source, created_at, erased_at) \
         SELECT id, address, state, consent, person, locale, time_zone, time_zone_source, created_at, erased_at \
         FROM json_to_recordset($1::json) AS r(id BIGINT, address TEXT, state TEXT, consent TEXT, \
         person TEXT, locale TEXT, time_zone TEXT, time_zone_source TEXT, created_at BIGINT, erased_at BIGINT) \
         ORDER BY address COLLATE \"C\" ON CONFLICT (address) DO NOTHING";

    SUPPRESSIONS =
        "SELECT hash, guard FROM suppression WHERE hash IN (SELECT value FROM jsonb_each($1))",
        "SELECT hash, guard FROM suppression \
         WHERE hash = ANY (ARRAY(SELECT json_array_elements_text($1::json)))";
    PUT_SUPPRESSION =
        "INSERT INTO suppression (hash, guard, created_at) VALUES ($1, $2, $3) \
         ON CONFLICT (hash) DO UPDATE SET guard = excluded.guard, created_at = excluded.created_at";
    DELETE_SUPPRESSION = "DELETE FROM suppression WHERE hash = $1";
    PUT_ERASURE =
        "INSERT INTO erasure (hash, at) VALUES ($1, $2) ON CONFLICT (hash) DO UPDATE SET at = excluded.at";
    ERASURES =
        "SELECT hash, at FROM erasure WHERE hash IN (SELECT value FROM jsonb_each($1))",
        "SELECT hash, at FROM erasure WHERE hash = ANY (ARRAY(SELECT json_array_elements_text($1::json)))";
    DELETE_ERASURES = "DELETE FROM erasure WHERE at < $1";

    LEDGER =
        "SELECT id, given, how, actor, body, message_id, evidence, created_at FROM consent_entry \
         WHERE contact_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    LAST_WITHDRAWAL =
        "SELECT how FROM consent_entry WHERE contact_id = $1 AND NOT given ORDER BY id DESC LIMIT 1";
    WITHDRAWN_AT = "SELECT MAX(created_at) FROM consent_entry WHERE contact_id = $1 AND NOT given";

    OPTED_OUT = "SELECT c.id, c.address, \
         (SELECT e.how FROM consent_entry e WHERE e.contact_id = c.id AND NOT e.given ORDER BY e.id DESC LIMIT 1) AS how, \
         (SELECT e.created_at FROM consent_entry e WHERE e.contact_id = c.id AND NOT e.given ORDER BY e.id DESC LIMIT 1) AS created_at \
         FROM contact c WHERE c.consent = 'withdrawn' AND c.erased_at IS NULL AND c.id > $1 ORDER BY c.id LIMIT $2";

    /// By how the last opt-out came about, and by the beginning of the number.
    FIND_OPTED_OUT = "SELECT c.id, c.address, c.name, e.how, e.actor, e.body, e.evidence, e.created_at FROM contact c \
         LEFT JOIN consent_entry e ON e.id = (SELECT MAX(l.id) FROM consent_entry l \
         WHERE l.contact_id = c.id AND NOT l.given) \
         WHERE c.consent = 'withdrawn' AND c.erased_at IS NULL AND c.id < $1 \
         AND (CAST($3 AS TEXT) IS NULL OR e.how = $3) \
         AND (CAST($4 AS TEXT) IS NULL OR (c.address >= $4 AND c.address <= $5)) ORDER BY c.id DESC LIMIT $2";

    // Erasure: at once all but the last exchange, which a repeated webhook may still ask for …
    TEXTS_SINCE =
        "SELECT sid, mms FROM message WHERE contact_id = $1 AND created_at >= $2 AND NOT outbound \
         AND sid IS NOT NULL ORDER BY id DESC LIMIT $3";
    ERASE_MESSAGES = "DELETE FROM message WHERE contact_id = $1";
    ERASE_REPORTS = "DELETE FROM status_report WHERE message_id IN (SELECT id FROM message WHERE contact_id = $1)";
    ERASE_CONSENT = "DELETE FROM consent_entry WHERE contact_id = $1";
    // … and later the rest.
    ERASED_CONTACTS = "SELECT id, address FROM contact WHERE erased_at IS NOT NULL AND erased_at <= $1 LIMIT 100";
    /// Comes first, for whoever has come back since they were looked up stays.
    PURGE_CONTACT = "DELETE FROM contact WHERE id = $1 AND erased_at <= $2 RETURNING person";
}
