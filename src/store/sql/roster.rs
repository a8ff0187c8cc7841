//! Lists of people: what an import changes, and who is yet to be registered.

use super::super::engine::Sql;

statements! {
    ROSTER_DETAILS =
        "SELECT id, time_zone, time_zone_source FROM contact WHERE id IN (SELECT value FROM jsonb_each($1))",
        "SELECT id, time_zone, time_zone_source FROM contact \
         WHERE id = ANY (ARRAY(SELECT json_array_elements_text($1::json)::bigint))";
    UPDATE_ROSTER =
        "UPDATE contact SET consent = r.consent, name = r.name, person = r.person, locale = r.locale, \
         time_zone = r.time_zone, time_zone_source = r.time_zone_source \
         FROM (SELECT value->>'id' AS id, value->>'consent' AS consent, value->>'name' AS name, \
         value->>'person' AS person, value->>'locale' AS locale, value->>'time_zone' AS time_zone, \
         value->>'time_zone_source' AS time_zone_source FROM jsonb_each($1)) AS r WHERE contact.id = r.id",
        "UPDATE contact SET consent = r.consent, name = r.name, person = r.person, locale = r.locale, \
         time_zone = r.time_zone, time_zone_source = r.time_zone_source \
         FROM json_to_recordset($1::json) AS r(id BIGINT, consent TEXT, name TEXT, person TEXT, locale TEXT, \
         time_zone TEXT, time_zone_source TEXT) WHERE contact.id = r.id";
    /// Whoever is just being asked for a name or a code is left to finish that.
    TO_REGISTER =
        "SELECT id, address FROM contact WHERE consent = 'given' AND state = 'stranger' \
         AND state IN ('stranger', 'naming', 'verifying') AND erased_at IS NULL AND id > $1 ORDER BY id LIMIT $2";
    COUNT_TO_REGISTER =
        "SELECT COUNT(CASE WHEN state = 'stranger' THEN 1 END), \
         COUNT(CASE WHEN state IN ('naming', 'verifying') THEN 1 END) \
         FROM contact WHERE consent = 'given' AND state IN ('stranger', 'naming', 'verifying') \
         AND erased_at IS NULL";
}
