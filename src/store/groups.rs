//! Groups of staff and what they were told.

use super::engine::on;
use super::{Store, Tx, json, sql};

/// A group. Times are milliseconds since 1970.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns' names say it; the migration explains them")]
pub struct GroupRow {
    pub id: i64,
    pub name: String,
    pub created_at: i64,
    /// How many members it has.
    pub size: i64,
}

/// A member of a group.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "see ContactRow")]
pub struct GroupMemberRow {
    pub id: i64,
    pub address: String,
    pub name: Option<String>,
    pub locale: String,
    pub consent: String,
}

/// An alert.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns' names say it; the migration explains them")]
pub struct AlertRow {
    pub id: i64,
    pub group_id: i64,
    pub group_name: String,
    pub template: Option<String>,
    pub body: String,
    pub created_at: i64,
}

/// A message of an alert or of a form, and what became of it.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "see MessageRow")]
pub struct SourceMessageRow {
    pub id: i64,
    pub address: String,
    pub status: String,
    pub status_reason: Option<String>,
    pub error_code: Option<i64>,
    pub sent_at: Option<i64>,
}

impl Store {
    /// The group with this id.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn group(&self, id: i64) -> sqlx::Result<Option<GroupRow>> {
        on!(&self.read, sql::GROUP, |c, text| sqlx::query_as(text).bind(id).fetch_optional(c).await)
    }

    /// The group with this name, in whatever case.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn group_by_name(&self, name: &str) -> sqlx::Result<Option<GroupRow>> {
        let key = name.to_lowercase();
        on!(&self.read, sql::GROUP_BY_NAME, |c, text| {
            sqlx::query_as(text).bind(&key).fetch_optional(c).await
        })
    }

    /// Groups, newest first, older than `before`.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn groups(&self, before: i64, limit: i64) -> sqlx::Result<Vec<GroupRow>> {
        on!(&self.read, sql::GROUPS, |c, text| {
            sqlx::query_as(text).bind(before).bind(limit).fetch_all(c).await
        })
    }

    /// A group's members, by number.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn group_members(&self, group_id: i64) -> sqlx::Result<Vec<GroupMemberRow>> {
        on!(&self.read, sql::MEMBERS, |c, text| sqlx::query_as(text).bind(group_id).fetch_all(c).await)
    }

    /// The alert with this id.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn alert(&self, id: i64) -> sqlx::Result<Option<AlertRow>> {
        on!(&self.read, sql::ALERT, |c, text| sqlx::query_as(text).bind(id).fetch_optional(c).await)
    }

    /// Alerts, newest first, older than `before`.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn alerts(&self, before: i64, limit: i64) -> sqlx::Result<Vec<AlertRow>> {
        on!(&self.read, sql::ALERTS, |c, text| {
            sqlx::query_as(text).bind(before).bind(limit).fetch_all(c).await
        })
    }

    /// The first `limit` messages of a source, oldest first.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn messages_of_source(
        &self,
        source_id: i64,
        limit: i64,
    ) -> sqlx::Result<Vec<SourceMessageRow>> {
        on!(&self.read, sql::MESSAGES_OF_SOURCE, |c, text| {
            sqlx::query_as(text).bind(source_id).bind(limit).fetch_all(c).await
        })
    }
}

impl Tx {
    /// Adds a group; false if there is one of that name.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn add_group(&mut self, id: i64, name: &str, now: i64) -> sqlx::Result<bool> {
        let key = name.to_lowercase();
        on!(self, sql::INSERT_GROUP, |c, text| {
            let done = sqlx::query(text).bind(id).bind(name).bind(&key).bind(now).execute(&mut **c).await?;
            Ok(done.rows_affected() > 0)
        })
    }

    /// Renames a group; false if there is another of that name.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn rename_group(&mut self, id: i64, name: &str) -> sqlx::Result<bool> {
        let key = name.to_lowercase();
        on!(self, sql::RENAME_GROUP, |c, text| {
            let done = sqlx::query(text).bind(id).bind(name).bind(&key).execute(&mut **c).await?;
            Ok(done.rows_affected() > 0)
        })
    }

    /// Removes a group and its memberships; what it was told stays.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn remove_group(&mut self, id: i64) -> sqlx::Result<()> {
        self.clear_group(id).await?;
        on!(self, sql::DELETE_GROUP, |c, text| sqlx::query(text).bind(id).execute(&mut **c).await.map(drop))
    }

    /// Removes everybody from a group.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn clear_group(&mut self, id: i64) -> sqlx::Result<()> {
        on!(self, sql::CLEAR_GROUP, |c, text| sqlx::query(text).bind(id).execute(&mut **c).await.map(drop))
    }

    /// Puts contacts into a group; those who are in it stay in it.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn add_members(&mut self, group_id: i64, contact_ids: &[i64]) -> sqlx::Result<()> {
        let ids = json(contact_ids)?;
        on!(self, sql::INSERT_MEMBERS, |c, text| {
            sqlx::query(text).bind(group_id).bind(&ids).execute(&mut **c).await.map(drop)
        })
    }

    /// Takes a number out of a group; false if it was not in it.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn remove_member(&mut self, group_id: i64, address: &str) -> sqlx::Result<bool> {
        on!(self, sql::DELETE_MEMBER, |c, text| {
            let done = sqlx::query(text).bind(group_id).bind(address).execute(&mut **c).await?;
            Ok(done.rows_affected() > 0)
        })
    }

    /// Adds an alert.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn add_alert(&mut self, alert: &AlertRow) -> sqlx::Result<()> {
        on!(self, sql::INSERT_ALERT, |c, text| {
            sqlx::query(text)
                .bind(alert.id)
                .bind(alert.group_id)
                .bind(&alert.group_name)
                .bind(&alert.template)
                .bind(&alert.body)
                .bind(alert.created_at)
                .execute(&mut **c)
                .await
                .map(drop)
        })
    }
}
