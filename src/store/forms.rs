//! Requests to fill in a form.

use super::engine::on;
use super::{Store, Tx, json, sql};
use serde::Serialize;

/// A request as the API shows it. Times are milliseconds since 1970.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns' names say it; the migration explains them")]
pub struct FormRow {
    pub id: i64,
    pub contact_id: i64,
    pub address: String,
    pub token: String,
    pub title: String,
    pub url: String,
    pub status: String,
    pub remind_after_minutes: i64,
    pub max_reminders: i64,
    pub reminders: i64,
    pub next_at: Option<i64>,
    pub clicks: i64,
    pub first_clicked_at: Option<i64>,
    pub last_clicked_at: Option<i64>,
    pub completed_at: Option<i64>,
    pub created_at: i64,
}

/// A request to add.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "see FormRow")]
pub struct NewForm<'a> {
    pub id: i64,
    pub contact_id: i64,
    pub token: String,
    pub title: &'a str,
    pub url: &'a str,
    pub remind_after_minutes: i64,
    pub max_reminders: i64,
    pub next_at: Option<i64>,
    pub created_at: i64,
}

/// A request whose time has come.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "see FormRow and the statement DUE_FORMS")]
pub struct DueFormRow {
    pub id: i64,
    pub contact_id: i64,
    pub token: String,
    pub title: String,
    pub remind_after_minutes: i64,
    pub max_reminders: i64,
    pub reminders: i64,
    pub consent: String,
    pub locale: String,
    pub time_zone: String,
    /// Whether an earlier message about it is still on its way.
    pub waiting: bool,
}

/// Where a request goes on.
#[derive(Clone, Copy, Debug, Serialize)]
#[expect(missing_docs, reason = "see FormRow")]
pub struct FormAdvance {
    pub id: i64,
    pub reminders: i64,
    pub next_at: Option<i64>,
}

/// Which requests to list.
#[derive(Clone, Copy, Debug, Default)]
pub struct FormFilter<'a> {
    /// Only this contact's.
    pub contact_id: Option<i64>,
    /// Only those with this status.
    pub status: Option<&'a str>,
}

impl Store {
    /// The request with this id, unless its person was erased.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn form(&self, id: i64) -> sqlx::Result<Option<FormRow>> {
        on!(&self.read, sql::FORM, |c, text| sqlx::query_as(text).bind(id).fetch_optional(c).await)
    }

    /// Requests, newest first, older than `before`.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn forms(&self, filter: FormFilter<'_>, before: i64, limit: i64) -> sqlx::Result<Vec<FormRow>> {
        let statement = match (filter.contact_id, filter.status) {
            (Some(_), _) => sql::FORMS_OF_CONTACT,
            (None, Some(_)) => sql::FORMS_BY_STATUS,
            (None, None) => sql::FORMS,
        };
        on!(&self.read, statement, |c, text| {
            sqlx::query_as(text)
                .bind(filter.contact_id)
                .bind(filter.status)
                .bind(before)
                .bind(limit)
                .fetch_all(c)
                .await
        })
    }

    /// Where the link with this token leads.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn form_url(&self, token: &str) -> sqlx::Result<Option<String>> {
        on!(&self.read, sql::FORM_URL, |c, text| sqlx::query_scalar(text).bind(token).fetch_optional(c).await)
    }

    /// Counts a click at `now`.
    ///
    /// # Errors
    /// The database did not answer, or could not be written.
    pub async fn count_click(&self, token: &str, now: i64) -> sqlx::Result<()> {
        on!(&mut self.writer().await?, sql::COUNT_CLICK, |c, text| {
            sqlx::query(text).bind(token).bind(now).execute(&mut **c).await.map(drop)
        })
    }

    /// When the next request comes up.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn next_form(&self) -> sqlx::Result<Option<i64>> {
        on!(&self.read, sql::NEXT_FORM, |c, text| sqlx::query_scalar(text).fetch_one(c).await)
    }
}

impl Tx {
    /// Adds a request.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn add_form(&mut self, form: &NewForm<'_>) -> sqlx::Result<()> {
        on!(self, sql::INSERT_FORM, |c, text| {
            sqlx::query(text)
                .bind(form.id)
                .bind(form.contact_id)
                .bind(&form.token)
                .bind(form.title)
                .bind(form.url)
                .bind(form.remind_after_minutes)
                .bind(form.max_reminders)
                .bind(form.next_at)
                .bind(form.created_at)
                .execute(&mut **c)
                .await
                .map(drop)
        })
    }

    /// Gives an open request its end, `completed` or `cancelled`; returns whether it was open.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn end_form(&mut self, id: i64, status: &str, completed_at: Option<i64>) -> sqlx::Result<bool> {
        on!(self, sql::END_FORM, |c, text| {
            let done = sqlx::query(text).bind(id).bind(status).bind(completed_at).execute(&mut **c).await?;
            Ok(done.rows_affected() > 0)
        })
    }

    /// Lets the messages of a source that are not on their way yet expire, for `reason`; returns their ids.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn expire_queued_of(
        &mut self,
        source_id: i64,
        reason: &str,
        now: i64,
    ) -> sqlx::Result<Vec<i64>> {
        on!(self, sql::EXPIRE_QUEUED_OF_SOURCE, |c, text| {
            sqlx::query_scalar(text).bind(source_id).bind(reason).bind(now).fetch_all(&mut **c).await
        })
    }

    /// Up to `limit` requests that have come up by `now`, locked.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn due_forms(&mut self, now: i64, limit: i64) -> sqlx::Result<Vec<DueFormRow>> {
        on!(self, sql::DUE_FORMS, |c, text| {
            sqlx::query_as(text).bind(now).bind(limit).fetch_all(&mut **c).await
        })
    }

    /// Writes where requests go on.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn advance_forms(&mut self, advances: &[FormAdvance]) -> sqlx::Result<()> {
        let advances = json(advances)?;
        on!(self, sql::ADVANCE_FORMS, |c, text| {
            sqlx::query(text).bind(&advances).execute(&mut **c).await.map(drop)
        })
    }
}
