//! What a slice of turns writes: on PostgreSQL in one statement, so that the parts of that are macros. What nearly
//! every slice writes has its own parameters, one array for each column, in both statements the same; the rest is
//! JSON, and its macros take the parameter's number.

use super::super::engine::Sql;

macro_rules! insert_inbound {
    () => {
        "INSERT INTO message (id, contact_id, outbound, sid, mms, body, segments, created_at, intent, \
         why, reply_id, extra, status) \
         SELECT id, contact_id, FALSE, sid, mms, body, segments, created_at, intent, why, reply_id, extra, \
         status FROM unnest($1::bigint[], $2::bigint[], $3::uuid[], $4::boolean[], $5::text[], $6::bigint[], \
         $7::bigint[], $8::text[], $9::text[], $10::bigint[], $11::text[], $12::text[]) \
         AS r(id, contact_id, sid, mms, body, segments, created_at, intent, why, reply_id, extra, status)"
    };
}
/// `$new` finds an address of somebody who is added by the same statement, and so is not there yet.
macro_rules! insert_outbound {
    ($new:literal) => {
        concat!(
            "INSERT INTO message (id, contact_id, outbound, body, segments, created_at, purpose, nonce, \
             status, rank, priority, due_at, expires_at, attempts, sent_at, by_rest, what_for, source_id, \
             content_sid, content_variables, whatsapp) \
             SELECT id, contact_id, TRUE, body, segments, created_at, purpose, nonce, status, rank, priority, \
             due_at, expires_at, attempts, sent_at, by_rest, what_for, source_id, content_sid, \
             content_variables, status = 'queued' AND COALESCE((SELECT c.address LIKE 'whatsapp:%' \
             FROM contact c WHERE c.id = r.contact_id), ",
            $new,
            "FALSE) FROM unnest($13::bigint[], $14::bigint[], $15::text[], $16::bigint[], $17::bigint[], \
             $18::text[], $19::text[], $20::text[], $21::bigint[], $22::bigint[], $23::bigint[], $24::bigint[], \
             $25::bigint[], $26::bigint[], $27::boolean[], $28::text[], $29::bigint[], $30::text[], $31::text[]) \
             AS r(id, contact_id, body, segments, created_at, purpose, nonce, status, rank, priority, due_at, \
             expires_at, attempts, sent_at, by_rest, what_for, source_id, content_sid, content_variables)"
        )
    };
}
/// A row without a state leaves the rest of where a contact stands as it is. `ANY` leaves the connection for slices one
/// plan, however few people there were when it was made: each row's contact is looked up, and so locked, in their order.
macro_rules! update_speakers {
    ($further:literal, $columns:literal, $which:literal) => {
        concat!(
            "UPDATE contact SET locale = r.locale, person = r.person, \
             last_heard_at = COALESCE(r.last_heard_at, contact.last_heard_at), \
             state = COALESCE(r.state, contact.state), consent = COALESCE(r.consent, contact.consent), \
             promotion_paused = COALESCE(r.promotion_paused, contact.promotion_paused), \
             name = CASE WHEN r.state IS NULL THEN contact.name ELSE r.name END, \
             registered_at = CASE WHEN r.state IS NULL THEN contact.registered_at ELSE r.registered_at END, \
             erased_at = CASE WHEN r.state IS NULL THEN contact.erased_at ELSE r.erased_at END \
             FROM unnest($32::bigint[], $33::text[], $34::text[], $35::bigint[], $36::text[], $37::text[], \
             $38::boolean[], $39::text[], $40::bigint[], $41::bigint[]",
            $further,
            ") AS r(id, locale, person, last_heard_at, state, consent, promotion_paused, name, registered_at, \
             erased_at",
            $columns,
            ") WHERE contact.id = ANY (ARRAY[r.id])",
            $which
        )
    };
}
macro_rules! insert_speakers {
    ($slice:literal) => {
        concat!(
            "INSERT INTO contact (id, address, state, consent, person, locale, time_zone, time_zone_source, \
             created_at, name, promotion_paused, last_heard_at) \
             SELECT id, address, state, consent, person, locale, time_zone, time_zone_source, created_at, name, \
             promotion_paused, last_heard_at FROM json_to_recordset(",
            $slice,
            "::json) AS r(id BIGINT, address TEXT, state TEXT, consent TEXT, person TEXT, locale TEXT, \
             time_zone TEXT, time_zone_source TEXT, created_at BIGINT, name TEXT, promotion_paused BOOLEAN, \
             last_heard_at BIGINT) ORDER BY address COLLATE \"C\""
        )
    };
}
macro_rules! insert_consent {
    ($slice:literal) => {
        concat!(
            "INSERT INTO consent_entry (id, contact_id, given, how, actor, body, message_id, evidence, created_at) \
             SELECT id, contact_id, given, how, actor, body, message_id, evidence, created_at \
             FROM json_to_recordset(",
            $slice,
            "::json) AS r(id BIGINT, contact_id BIGINT, given BOOLEAN, how TEXT, \
             actor TEXT, body TEXT, message_id BIGINT, evidence TEXT, created_at BIGINT)"
        )
    };
}

statements! {
    // A message that is to be claimed is marked with its channel; a reply that goes back in an answer is
    // not, and finds its line by its address should REST have to take over.
    // One statement for each direction, because every column of every row costs, also one without a
    // value.
    /// On SQLite a text that had come before fails the statement, and with it what is to follow in the same
    /// trip, the end of the transaction above all.
    INSERT_INBOUND =
        "INSERT OR FAIL INTO message (id, contact_id, outbound, sid, mms, body, segments, created_at, intent, \
         why, reply_id, extra, status) \
         SELECT column1, column2, FALSE, column3, column4, column5, column6, column7, column8, column9, \
         column10, column11, column12 FROM (VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)) \
         WHERE column1 IS NOT NULL",
        "SELECT NULL";
    INSERT_OUTBOUND =
        "INSERT OR FAIL INTO message (id, contact_id, outbound, body, segments, created_at, purpose, nonce, \
         status, rank, priority, due_at, expires_at, attempts, sent_at, by_rest, what_for, source_id, \
         content_sid, content_variables, whatsapp) \
         SELECT column1, column2, TRUE, column3, column4, column5, column6, column7, column8, column9, \
         column10, column11, column12, column13, column14, column15, column16, column17, column18, column19, \
         column8 = 'queued' AND COALESCE((SELECT c.address LIKE 'whatsapp:%' FROM contact c \
         WHERE c.id = column2), FALSE) \
         FROM (VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)) \
         WHERE column1 IS NOT NULL ON CONFLICT (what_for) WHERE what_for IS NOT NULL DO NOTHING",
        "SELECT NULL";
    /// Of people whose slice was looked at before its turn came (`was_person` is set) only those are changed who
    /// are still who they were.
    UPDATE_CONTACTS =
        "UPDATE OR FAIL contact SET state = r.state, consent = r.consent, locale = r.locale, name = r.name, person = r.person, \
         promotion_paused = r.promotion_paused, registered_at = r.registered_at, erased_at = r.erased_at, \
         last_heard_at = COALESCE(r.last_heard_at, contact.last_heard_at) \
         FROM (SELECT value->>'id' AS id, value->>'promotion_paused' AS promotion_paused, value->>'state' AS state, value->>'consent' AS consent, \
         value->>'locale' AS locale, value->>'name' AS name, value->>'person' AS person, \
         value->>'registered_at' AS registered_at, value->>'erased_at' AS erased_at, \
         value->>'last_heard_at' AS last_heard_at, value->>'was_person' AS was_person, value->>'was_locale' AS was_locale, \
         value->>'was_booked' AS was_booked \
         FROM jsonb_each($1)) AS r WHERE contact.id = r.id AND (r.was_person IS NULL \
         OR (contact.person = r.was_person AND contact.locale = r.was_locale AND contact.erased_at IS NULL \
         AND contact.booked_until IS r.was_booked))",
        "UPDATE contact SET state = r.state, consent = r.consent, locale = r.locale, name = r.name, \
         person = r.person, promotion_paused = r.promotion_paused, registered_at = r.registered_at, \
         erased_at = r.erased_at, last_heard_at = COALESCE(r.last_heard_at, contact.last_heard_at) \
         FROM json_to_recordset($1::json) AS r(id BIGINT, state TEXT, consent TEXT, locale TEXT, name TEXT, \
         person TEXT, promotion_paused BOOLEAN, registered_at BIGINT, erased_at BIGINT, last_heard_at BIGINT) \
         WHERE contact.id = r.id";
    /// What nearly every turn changes and no index knows: SQLite writes an index anew for a column that is
    /// set to what it was, and a page for each person.
    UPDATE_SPEAKERS =
        "UPDATE OR FAIL contact SET locale = column2, person = column3, last_heard_at = COALESCE(column4, last_heard_at) \
         FROM (VALUES (?, ?, ?, ?, ?, ?, ?)) WHERE id = column1 AND (column5 IS NULL \
         OR (person = column5 AND locale = column6 AND erased_at IS NULL AND booked_until IS column7))",
        "SELECT NULL";
    INSERT_SPEAKERS =
        "INSERT OR FAIL INTO contact (id, address, state, consent, person, locale, time_zone, time_zone_source, \
         created_at, name, promotion_paused, last_heard_at) \
         SELECT column1, column2, column3, column4, column5, column6, column7, column8, column9, column10, column11, \
         column12 FROM (VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)) WHERE column1 IS NOT NULL",
        "SELECT NULL";
    /// Fails, and with it what follows in the same trip, if the statement before did not change so many rows.
    ALL_CHANGED =
        "SELECT json(iif(changes() = ?, 'true', 'stale'))",
        "SELECT NULL";
    INSERT_CONSENT =
        "INSERT OR FAIL INTO consent_entry (id, contact_id, given, how, actor, body, message_id, evidence, created_at) \
         SELECT value->>'id', value->>'contact_id', value->>'given', value->>'how', value->>'actor', \
         value->>'body', value->>'message_id', value->>'evidence', value->>'created_at' FROM jsonb_each($1)",
        insert_consent!("$1");

    /// Fails, and with it what follows in the same trip, if anybody may answer an account's code.
    NONE_ASKED =
        "SELECT json(iif(EXISTS (SELECT 1 FROM account_number n JOIN account a ON a.id = n.account_id \
         WHERE n.address IN (SELECT value FROM jsonb_each(?)) AND n.expires_at > ? AND a.disabled_at IS NULL), \
         'stale', 'true'))",
        "SELECT NULL";

    /// On PostgreSQL these and the change of the contacts, which are locked, go in one round trip. It says how
    /// many of the inbound texts were new.
    SAVE_SLICE =
        "SELECT NULL",
        concat!("WITH i AS (", insert_inbound!(), " ON CONFLICT (sid) WHERE sid IS NOT NULL DO NOTHING RETURNING 1), \
                 o AS (", insert_outbound!(""), " ON CONFLICT (what_for) WHERE what_for IS NOT NULL DO NOTHING), \
                 s AS (", update_speakers!("", "", ""), ") SELECT COUNT(*) FROM i");
    /// The same for a slice that was looked at before its turn came: only those are changed who are still who they
    /// were. It divides by zero unless these are all ($47) and nobody of $48 may answer an account's code; and it fails
    /// if a text had come before, a purpose was served before, or somebody new is no longer new.
    SAVE_AHEAD =
        "SELECT NULL",
        concat!("WITH s AS (", update_speakers!(", $42::text[], $43::text[], $44::bigint[]",
                ", was_person, was_locale, was_booked",
                " AND contact.person = r.was_person AND contact.locale = r.was_locale AND contact.erased_at IS NULL \
                 AND contact.booked_until IS NOT DISTINCT FROM r.was_booked RETURNING 1"),
                "), n AS (", insert_speakers!("$45"), " RETURNING id, address), i AS (", insert_inbound!(),
                "), o AS (", insert_outbound!("(SELECT n.address LIKE 'whatsapp:%' FROM n WHERE n.id = r.contact_id), "),
                "), e AS (", insert_consent!("$46"),
                ") SELECT 1 / ((SELECT COUNT(*) FROM s) = $47 AND (cardinality($48::text[]) = 0 OR NOT EXISTS (SELECT 1 FROM account_number n \
                 JOIN account a ON a.id = n.account_id WHERE n.address = ANY ($48::text[]) AND n.expires_at > $49 \
                 AND a.disabled_at IS NULL)))::int");
}
