//! Requests to fill in a form.

use super::super::engine::Sql;

macro_rules! form_columns {
    () => {
        "f.id, f.contact_id, c.address, f.token, f.title, f.url, f.status, f.remind_after_minutes, \
         f.max_reminders, f.reminders, f.next_at, f.clicks, f.first_clicked_at, f.last_clicked_at, \
         f.completed_at, f.created_at FROM form_request f \
         CROSS JOIN contact c WHERE c.id = f.contact_id AND c.erased_at IS NULL"
    };
}

macro_rules! due_forms {
    () => {
        "SELECT f.id, f.contact_id, f.token, f.title, f.remind_after_minutes, f.max_reminders, f.reminders, \
         c.consent, c.locale, c.time_zone, EXISTS (SELECT 1 FROM message m WHERE m.source_id = f.id \
         AND m.status IN ('queued', 'sending', 'uncertain')) AS waiting \
         FROM form_request f JOIN contact c ON c.id = f.contact_id \
         WHERE f.next_at <= $1 ORDER BY f.next_at LIMIT $2"
    };
}

statements! {
    INSERT_FORM =
        "INSERT INTO form_request (id, contact_id, token, title, url, status, remind_after_minutes, \
         max_reminders, next_at, created_at) VALUES ($1, $2, $3, $4, $5, 'open', $6, $7, $8, $9)";
    FORM = concat!("SELECT ", form_columns!(), " AND f.id = $1");
    /// Without a contact, everybody's; without a status, all.
    FORMS =
        concat!("SELECT ", form_columns!(), " AND (CAST($1 AS BIGINT) IS NULL OR f.contact_id = $1) \
                 AND (CAST($2 AS TEXT) IS NULL OR f.status = $2) AND f.id < $3 \
                 ORDER BY f.id DESC LIMIT $4");
    /// In the order of the index of status and id, which PostgreSQL's planner would else not take: it knows no
    /// status while it plans, and of the usual one a page is soon found among all.
    FORMS_BY_STATUS =
        concat!("SELECT ", form_columns!(), " AND (CAST($1 AS BIGINT) IS NULL OR f.contact_id = $1) \
                 AND f.status = $2 AND f.id < $3 ORDER BY f.id DESC LIMIT $4"),
        concat!("SELECT ", form_columns!(), " AND (CAST($1 AS BIGINT) IS NULL OR f.contact_id = $1) \
                 AND f.status >= $2 AND (f.status, f.id) < ($2, $3) ORDER BY f.status DESC, f.id DESC LIMIT $4");
    FORMS_OF_CONTACT =
        concat!("SELECT ", form_columns!(), " AND f.contact_id = $1 AND (CAST($2 AS TEXT) IS NULL OR f.status = $2) \
                 AND f.id < $3 ORDER BY f.id DESC LIMIT $4");
    FORM_URL = "SELECT url FROM form_request WHERE token = $1";
    COUNT_CLICK =
        "UPDATE form_request SET clicks = clicks + 1, first_clicked_at = COALESCE(first_clicked_at, $2), \
         last_clicked_at = $2 WHERE token = $1";
    /// An end is final: only an open request gets one.
    END_FORM =
        "UPDATE form_request SET status = $2, completed_at = $3, next_at = NULL \
         WHERE id = $1 AND status = 'open'";
    /// Two nodes never take the same request, and neither waits for the other.
    DUE_FORMS = due_forms!(), concat!(due_forms!(), " FOR UPDATE OF f SKIP LOCKED");
    ADVANCE_FORMS =
        "UPDATE form_request SET reminders = r.reminders, next_at = r.next_at \
         FROM (SELECT value->>'id' AS id, value->>'reminders' AS reminders, value->>'next_at' AS next_at \
         FROM jsonb_each($1)) AS r WHERE form_request.id = r.id",
        "UPDATE form_request SET reminders = r.reminders, next_at = r.next_at \
         FROM json_to_recordset($1::json) AS r(id BIGINT, reminders BIGINT, next_at BIGINT) \
         WHERE form_request.id = r.id";
    NEXT_FORM = "SELECT MIN(next_at) FROM form_request WHERE next_at IS NOT NULL";
    ERASE_FORMS = "DELETE FROM form_request WHERE contact_id = $1";
    /// What still waits for its turn is not sent any more.
    EXPIRE_QUEUED_OF_SOURCE =
        "UPDATE message SET status = 'expired', rank = 4, status_reason = $2, due_at = NULL, updated_at = $3 \
         WHERE source_id = $1 AND status = 'queued' RETURNING id";
}
