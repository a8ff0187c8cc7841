//! Outgoing webhooks and the history of test messages.

use super::super::engine::Sql;

macro_rules! endpoint_columns {
    () => {
        "id, url, description, events, enabled, disabled_reason, failing_since, nonce, previous_nonce, \
         previous_until, created_at, updated_at"
    };
}

macro_rules! delivery_columns {
    () => {
        "d.id, d.event_id, e.kind, d.status, d.due_at, d.attempts, d.history, d.created_at, d.delivered_at"
    };
}

macro_rules! test_columns {
    () => {
        "m.id, c.address, m.body, m.status, m.status_reason, m.error_code, m.sid, m.mms, m.segments, \
         m.created_at, m.sent_at, COALESCE((SELECT MIN(r.received_at) FROM status_report r \
         WHERE r.message_id = m.id AND r.status = 'delivered'), \
         CASE WHEN m.status = 'delivered' THEN m.updated_at END) AS delivered_at, m.updated_at"
    };
}

statements! {
    WEBHOOK_VERSION = "SELECT version FROM webhook_version WHERE id = 1";
    /// Comes first in every change of an endpoint: it also makes such changes follow one another.
    RAISE_WEBHOOK_VERSION = "UPDATE webhook_version SET version = version + 1 WHERE id = 1";

    ENDPOINTS = concat!("SELECT ", endpoint_columns!(), " FROM webhook_endpoint ORDER BY id DESC");
    ENDPOINT = concat!("SELECT ", endpoint_columns!(), " FROM webhook_endpoint WHERE id = $1");
    COUNT_ENDPOINTS = "SELECT COUNT(*) FROM webhook_endpoint";
    INSERT_ENDPOINT =
        "INSERT INTO webhook_endpoint (id, url, description, events, enabled, nonce, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, TRUE, $5, $6, $6)";
    UPDATE_ENDPOINT =
        concat!("UPDATE webhook_endpoint SET url = COALESCE($2, url), description = COALESCE($3, description), \
         events = COALESCE($4, events), enabled = COALESCE($5, enabled), \
         disabled_reason = CASE WHEN $5 THEN NULL WHEN NOT $5 THEN 'it was switched off' ELSE disabled_reason END, \
         failing_since = CASE WHEN $5 THEN NULL ELSE failing_since END, updated_at = $6 \
         WHERE id = $1 RETURNING ", endpoint_columns!());
    ROTATE_SECRET =
        concat!("UPDATE webhook_endpoint SET previous_nonce = nonce, previous_until = $3, nonce = $2, updated_at = $4 \
         WHERE id = $1 RETURNING ", endpoint_columns!());
    DELETE_ENDPOINT = "DELETE FROM webhook_endpoint WHERE id = $1";
    DELETE_DELIVERIES_OF = "DELETE FROM webhook_delivery WHERE endpoint_id = $1";

    /// A success ends the time of failing, a failure begins it.
    ENDPOINT_WORKS = "UPDATE webhook_endpoint SET failing_since = NULL WHERE id = $1 AND failing_since IS NOT NULL";
    ENDPOINT_FAILS = "UPDATE webhook_endpoint SET failing_since = $2 WHERE id = $1 AND failing_since IS NULL";
    DISABLE_ENDPOINT =
        "UPDATE webhook_endpoint SET enabled = FALSE, disabled_reason = $2, updated_at = $3 \
         WHERE id = $1 AND enabled AND ($4 OR failing_since <= $5)";

    /// What is told once only was perhaps told before; then it and its deliveries are left out.
    INSERT_EVENTS =
        "INSERT INTO webhook_event (id, kind, contact_id, once, body, created_at) \
         SELECT value->>'id', value->>'kind', value->>'contact_id', value->>'once', value->>'body', value->>'created_at' \
         FROM jsonb_each($1) WHERE TRUE ON CONFLICT (once) WHERE once IS NOT NULL DO NOTHING",
        "INSERT INTO webhook_event (id, kind, contact_id, once, body, created_at) \
         SELECT id, kind, contact_id, once, body, created_at FROM json_to_recordset($1::json) \
         AS r(id BIGINT, kind TEXT, contact_id BIGINT, once TEXT, body TEXT, created_at BIGINT) \
         ON CONFLICT (once) WHERE once IS NOT NULL DO NOTHING";
    INSERT_DELIVERIES =
        "INSERT INTO webhook_delivery (id, event_id, endpoint_id, status, due_at, history, created_at) \
         SELECT value->>'id', value->>'event_id', value->>'endpoint_id', 'pending', value->>'now', '[]', value->>'now' \
         FROM jsonb_each($1) WHERE EXISTS (SELECT 1 FROM webhook_event e WHERE e.id = value->>'event_id')",
        "INSERT INTO webhook_delivery (id, event_id, endpoint_id, status, due_at, history, created_at) \
         SELECT id, event_id, endpoint_id, 'pending', now, '[]', now FROM json_to_recordset($1::json) \
         AS r(id BIGINT, event_id BIGINT, endpoint_id BIGINT, now BIGINT) \
         WHERE EXISTS (SELECT 1 FROM webhook_event e WHERE e.id = r.event_id)";
    MESSAGE_FATES =
        "SELECT m.id, m.contact_id, c.address, m.purpose, m.status, m.status_reason, m.error_code \
         FROM message m JOIN contact c ON c.id = m.contact_id \
         WHERE m.id IN (SELECT value FROM jsonb_each($1)) AND m.outbound AND c.erased_at IS NULL",
        "SELECT m.id, m.contact_id, c.address, m.purpose, m.status, m.status_reason, m.error_code \
         FROM message m JOIN contact c ON c.id = m.contact_id \
         WHERE m.id = ANY (ARRAY(SELECT json_array_elements_text($1::json)::bigint)) AND m.outbound \
         AND c.erased_at IS NULL";

    /// Endpoints that something is due for: one look at an index for each.
    DUE_ENDPOINTS =
        "SELECT p.id FROM webhook_endpoint p WHERE p.enabled AND EXISTS (SELECT 1 FROM webhook_delivery d \
         WHERE d.endpoint_id = p.id AND d.status = 'pending' AND d.due_at <= $1)";
    /// Claims by lease: whoever is killed between the call and its record is followed by another attempt.
    CLAIM_DELIVERIES =
        "UPDATE webhook_delivery SET due_at = $3, fence = $4, attempts = attempts + 1 WHERE id IN \
         (SELECT id FROM webhook_delivery WHERE endpoint_id = $1 AND status = 'pending' AND due_at <= $2 \
         ORDER BY due_at LIMIT $5) RETURNING id",
        "UPDATE webhook_delivery SET due_at = $3, fence = $4, attempts = attempts + 1 WHERE id IN \
         (SELECT id FROM webhook_delivery WHERE endpoint_id = $1 AND status = 'pending' AND due_at <= $2 \
         ORDER BY due_at LIMIT $5 FOR UPDATE SKIP LOCKED) RETURNING id";
    CLAIMED_DELIVERIES =
        "SELECT d.id, d.event_id, d.endpoint_id, d.attempts, d.fence, d.history, e.body, p.url, p.nonce, \
         p.previous_nonce, p.previous_until FROM webhook_delivery d JOIN webhook_event e ON e.id = d.event_id \
         JOIN webhook_endpoint p ON p.id = d.endpoint_id WHERE d.id IN (SELECT value FROM jsonb_each($1)) ORDER BY d.id",
        "SELECT d.id, d.event_id, d.endpoint_id, d.attempts, d.fence, d.history, e.body, p.url, p.nonce, \
         p.previous_nonce, p.previous_until FROM webhook_delivery d JOIN webhook_event e ON e.id = d.event_id \
         JOIN webhook_endpoint p ON p.id = d.endpoint_id \
         WHERE d.id = ANY (ARRAY(SELECT json_array_elements_text($1::json)::bigint)) ORDER BY d.id";
    /// A stale owner changes nothing: its fence is old.
    RECORD_DELIVERY =
        "UPDATE webhook_delivery SET status = $3, due_at = $4, history = $5, delivered_at = $6 \
         WHERE id = $1 AND fence = $2 AND status = 'pending'";

    DELIVERIES =
        concat!("SELECT ", delivery_columns!(), " FROM webhook_delivery d JOIN webhook_event e ON e.id = d.event_id \
                 WHERE d.endpoint_id = $1 AND d.id < $2 ORDER BY d.id DESC LIMIT $3");
    COUNT_DELIVERIES_SINCE =
        "SELECT COUNT(*) FROM (SELECT 1 FROM webhook_delivery WHERE endpoint_id = $1 AND id >= $2 \
         LIMIT $3) AS counted";
    /// Everything from this id to that one, once more and from the first attempt on.
    REPLAY =
        "UPDATE webhook_delivery SET status = 'pending', due_at = $4, attempts = 0, fence = fence + 1, \
         delivered_at = NULL WHERE endpoint_id = $1 AND id >= $2 AND id <= $3";

    COUNT_PENDING =
        "SELECT COUNT(*) FROM (SELECT 1 FROM webhook_delivery WHERE endpoint_id = $1 AND status = 'pending' \
         LIMIT $2) AS counted";
    /// Ids grow with time, so the oldest are at the table's beginning.
    DELETE_OLD_DELIVERIES =
        "DELETE FROM webhook_delivery WHERE id IN (SELECT id FROM webhook_delivery WHERE id < $1 ORDER BY id LIMIT $2)";
    DELETE_OLD_EVENTS =
        "DELETE FROM webhook_event WHERE id IN (SELECT id FROM webhook_event WHERE id < $1 ORDER BY id LIMIT $2)";
    FORGET_OLD_SECRETS =
        "UPDATE webhook_endpoint SET previous_nonce = NULL, previous_until = NULL WHERE previous_until <= $1";

    ERASE_DELIVERIES =
        "DELETE FROM webhook_delivery WHERE event_id IN (SELECT id FROM webhook_event WHERE contact_id = $1)";
    ERASE_EVENTS = "DELETE FROM webhook_event WHERE contact_id = $1";

    TEST_MESSAGE =
        concat!("SELECT ", test_columns!(), " FROM message m JOIN contact c ON c.id = m.contact_id \
                 WHERE m.id = $1 AND m.purpose = 'test'");
    /// Of an account's owner: the message names the account as what is behind it.
    TEST_MESSAGE_OF =
        concat!("SELECT ", test_columns!(), " FROM message m JOIN contact c ON c.id = m.contact_id \
                 WHERE m.id = $1 AND m.purpose = 'test' AND m.source_id = $2");
    TEST_MESSAGES_OF =
        concat!("SELECT ", test_columns!(), " FROM message m JOIN contact c ON c.id = m.contact_id \
                 WHERE m.source_id = $3 AND m.purpose = 'test' AND m.id < $1 ORDER BY m.id DESC LIMIT $2");
    TEST_MESSAGES =
        concat!("SELECT ", test_columns!(), " FROM message m JOIN contact c ON c.id = m.contact_id \
                 WHERE m.purpose = 'test' AND m.id < $1 ORDER BY m.id DESC LIMIT $2");
}
