//! Campaigns, their people and their messages.

use super::super::engine::Sql;

macro_rules! campaign_columns {
    () => {
        "id, name, template, body, variables, audience, plan, status, status_reason, send_at, next_at, cursor, \
         until_id, reached, baseline, created_at, started_at, ended_at"
    };
}

/// Messages of a campaign that Twilio took or may have taken: what somebody can have read.
macro_rules! may_have_been_read {
    () => {
        "m.rank >= 2 AND m.status NOT IN ('failed', 'refused', 'expired')"
    };
}

statements! {
    INSERT_CAMPAIGN =
        "INSERT INTO campaign (id, name, template, body, variables, audience, plan, status, send_at, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    CAMPAIGN = concat!("SELECT ", campaign_columns!(), " FROM campaign WHERE id = $1");
    CAMPAIGNS =
        concat!("SELECT ", campaign_columns!(), " FROM campaign WHERE id < $1 ORDER BY id DESC LIMIT $2");
    CAMPAIGN_FOR_UPDATE =
        concat!("SELECT ", campaign_columns!(), " FROM campaign WHERE id = $1"),
        concat!("SELECT ", campaign_columns!(), " FROM campaign WHERE id = $1 FOR UPDATE");
    /// One at a time: each node that looks takes another one.
    DUE_CAMPAIGN =
        concat!("SELECT ", campaign_columns!(), " FROM campaign WHERE next_at IS NOT NULL AND next_at <= $1 \
                 ORDER BY next_at LIMIT 1"),
        concat!("SELECT ", campaign_columns!(), " FROM campaign WHERE next_at IS NOT NULL AND next_at <= $1 \
                 ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED");
    NEXT_CAMPAIGN = "SELECT MIN(next_at) FROM campaign WHERE next_at IS NOT NULL";
    SAVE_CAMPAIGN =
        "UPDATE campaign SET status = $2, status_reason = $3, next_at = $4, cursor = $5, until_id = $6, \
         reached = $7, baseline = $8, started_at = $9, ended_at = $10 WHERE id = $1";
    CAMPAIGN_BRAKES =
        "SELECT id, status, plan, next_at, reached FROM campaign WHERE id IN (SELECT value FROM jsonb_each($1))",
        "SELECT id, status, plan, next_at, reached FROM campaign \
         WHERE id = ANY (ARRAY(SELECT json_array_elements_text($1::json)::bigint))";
    HURRY_CAMPAIGN = "UPDATE campaign SET next_at = $2 WHERE id = $1 AND status = 'running' AND next_at > $2";

    HOLD_CAMPAIGN =
        "UPDATE message SET status = 'held' WHERE source_id = $1 AND purpose = 'campaign' AND status = 'queued'";
    RELEASE_CAMPAIGN =
        "UPDATE message SET status = 'queued' WHERE source_id = $1 AND purpose = 'campaign' AND status = 'held'";
    /// Some of what waits; on PostgreSQL the ids go through an array, so that the rows are found by their index.
    REFUSE_CAMPAIGN =
        "UPDATE message SET status = 'refused', rank = 4, status_reason = $2, due_at = NULL, updated_at = $3 \
         WHERE id IN (SELECT id FROM message WHERE source_id = $1 AND purpose = 'campaign' \
         AND status IN ('queued', 'held') LIMIT $4) RETURNING id",
        "UPDATE message SET status = 'refused', rank = 4, status_reason = $2, due_at = NULL, updated_at = $3 \
         WHERE id = ANY (ARRAY(SELECT id FROM message WHERE source_id = $1 AND purpose = 'campaign' \
         AND status IN ('queued', 'held') LIMIT $4 FOR UPDATE)) RETURNING id";

    /// With how many people have been reached so far, as of the same moment.
    CAMPAIGN_COUNTS =
        "SELECT 'reached' AS status, CAST(NULL AS TEXT) AS reason, reached FROM campaign WHERE id = $1 \
         UNION ALL SELECT status, CAST(NULL AS TEXT) AS reason, COUNT(*) FROM message WHERE source_id = $1 \
         AND purpose = 'campaign' AND status NOT IN ('refused', 'expired') GROUP BY status \
         UNION ALL SELECT status, status_reason, COUNT(*) FROM message WHERE source_id = $1 \
         AND purpose = 'campaign' AND status IN ('refused', 'expired') GROUP BY status, status_reason";
    CAMPAIGN_LAST_SENT =
        "SELECT COALESCE(MAX(sent_at), 0) FROM message WHERE source_id = $1 AND purpose = 'campaign'";
    CAMPAIGN_CAUSE =
        "SELECT status_reason FROM message WHERE source_id = $1 AND purpose = 'campaign' \
         AND status IN ('failed', 'undelivered') AND status_reason IS NOT NULL \
         GROUP BY status_reason ORDER BY COUNT(*) DESC, status_reason LIMIT 1";
    /// The other way round, from the ledger to the message: opt-outs are few. A campaign's id is older
    /// than anything it brought about. The plus keeps SQLite from reading the whole ledger in the order
    /// of people; `$3` ends the ledger where the campaign is long over.
    CAMPAIGN_OPT_OUTS =
        concat!("SELECT COUNT(DISTINCT +e.contact_id) FROM consent_entry e CROSS JOIN message m \
         WHERE m.what_for = 'campaign:' || CAST($1 AS BIGINT) || ':' || e.contact_id AND e.id > $1 AND e.id < $3 AND NOT e.given AND e.id > m.id AND e.created_at <= m.sent_at + $2 AND ",
         may_have_been_read!());
    /// People who wrote back something other than an opt-out. Whoever never wrote again, but for the clocks of two nodes, is
    /// passed over: their texts are not looked at.
    CAMPAIGN_REPLIES =
        concat!("SELECT COUNT(*) FROM message m CROSS JOIN contact c WHERE m.source_id = $1 AND m.purpose = 'campaign' \
         AND c.id = m.contact_id AND c.last_heard_at >= m.created_at - 86400000 AND ",
         may_have_been_read!(), " AND EXISTS (SELECT 1 FROM message i WHERE i.contact_id = c.id \
         AND i.id > m.id AND NOT i.outbound AND i.created_at <= m.sent_at + $2 \
         AND COALESCE(i.intent, '') <> 'stop')");

    /// A page of an audience, by id. Lists travel as JSON; an empty one asks for nothing. A language is that of all
    /// its regions. On SQLite what counts towards the daily cap is asked for in the words of its index, and the rest apart.
    AUDIENCE =
        concat!("SELECT c.id, c.address, c.name, c.consent, c.locale, c.time_zone, c.time_zone_source FROM contact c \
         WHERE c.id > $1 AND c.id < $2 AND c.erased_at IS NULL \
         AND ($3 = '[]' OR c.state IN (SELECT value FROM jsonb_each($3))) \
         AND ($4 = '[]' OR EXISTS (SELECT 1 FROM jsonb_each($4) WHERE c.locale = value OR c.locale LIKE value || '-%')) \
         AND ($5 = '[]' OR EXISTS (SELECT 1 FROM contact_tag t WHERE t.contact_id = c.id \
         AND t.tag IN (SELECT value FROM jsonb_each($5)))) \
         AND ($6 = '[]' OR NOT EXISTS (SELECT 1 FROM contact_tag t WHERE t.contact_id = c.id \
         AND t.tag IN (SELECT value FROM jsonb_each($6)))) \
         AND ($7 IS NULL OR c.registered_at >= $7) AND ($8 IS NULL OR c.registered_at < $8) \
         AND ($9 IS NULL OR $9 IN ", capped!(), " AND EXISTS (SELECT 1 FROM message m \
         WHERE m.contact_id = c.id AND m.id > $10 AND m.outbound AND m.purpose IN ", capped!(), " \
         AND m.purpose = $9 AND ", may_have_been_read!(), ") \
         OR $9 NOT IN ", capped!(), " AND EXISTS (SELECT 1 FROM message m WHERE m.contact_id = c.id \
         AND m.id > $10 AND m.outbound AND m.purpose = $9 AND ", may_have_been_read!(), ")) ORDER BY c.id LIMIT $11"),
        concat!("SELECT c.id, c.address, c.name, c.consent, c.locale, c.time_zone, c.time_zone_source FROM contact c \
         WHERE c.id > $1 AND c.id < $2 AND c.erased_at IS NULL \
         AND ($3 = '[]' OR c.state = ANY (ARRAY(SELECT json_array_elements_text($3::json)))) \
         AND ($4 = '[]' OR EXISTS (SELECT 1 FROM json_array_elements_text($4::json) AS l(name) \
         WHERE c.locale = l.name OR c.locale LIKE l.name || '-%')) \
         AND ($5 = '[]' OR EXISTS (SELECT 1 FROM contact_tag t WHERE t.contact_id = c.id \
         AND t.tag = ANY (ARRAY(SELECT json_array_elements_text($5::json))))) \
         AND ($6 = '[]' OR NOT EXISTS (SELECT 1 FROM contact_tag t WHERE t.contact_id = c.id \
         AND t.tag = ANY (ARRAY(SELECT json_array_elements_text($6::json))))) \
         AND ($7::bigint IS NULL OR c.registered_at >= $7) AND ($8::bigint IS NULL OR c.registered_at < $8) \
         AND ($9::text IS NULL OR EXISTS (SELECT 1 FROM message m WHERE m.contact_id = c.id AND m.id > $10 \
         AND m.outbound AND m.purpose = $9 AND ", may_have_been_read!(), ")) ORDER BY c.id LIMIT $11");
    /// What STANDINGS tells of messages, told of people who have none yet.
    AUDIENCE_STANDINGS =
        concat!("SELECT r.contact_id AS id, (SELECT COUNT(*) FROM message m WHERE m.contact_id = r.contact_id \
         AND m.id > r.from_id AND m.outbound AND m.rank > 0 AND m.sent_at >= r.midnight \
         AND m.status NOT IN ('failed', 'refused', 'expired') \
         AND m.purpose IN ", capped!(), ") AS sent_today, \
         EXISTS (SELECT 1 FROM message m WHERE m.contact_id = r.contact_id AND m.id > r.from_id AND m.outbound \
         AND m.rank > 0 AND m.sent_at >= r.day_ago AND m.status NOT IN ('failed', 'refused', 'expired') \
         AND m.purpose IN ", capped!(), " AND m.purpose = 'campaign' AND m.body = r.body) AS had_the_same \
         FROM (SELECT value->>'contact_id' AS contact_id, value->>'from_id' AS from_id, \
         value->>'midnight' AS midnight, value->>'day_ago' AS day_ago, value->>'body' AS body FROM jsonb_each($1)) AS r"),
        concat!("SELECT r.contact_id AS id, (SELECT COUNT(*) FROM message m WHERE m.contact_id = r.contact_id \
         AND m.id > r.from_id AND m.outbound AND m.rank > 0 AND m.sent_at >= r.midnight \
         AND m.status NOT IN ('failed', 'refused', 'expired') \
         AND m.purpose IN ", capped!(), ") AS sent_today, \
         EXISTS (SELECT 1 FROM message m WHERE m.contact_id = r.contact_id AND m.id > r.from_id AND m.outbound \
         AND m.rank > 0 AND m.sent_at >= r.day_ago AND m.status NOT IN ('failed', 'refused', 'expired') \
         AND m.purpose = 'campaign' AND m.body = r.body) AS had_the_same \
         FROM json_to_recordset($1::json) AS r(contact_id BIGINT, from_id BIGINT, midnight BIGINT, \
         day_ago BIGINT, body TEXT)");
}
