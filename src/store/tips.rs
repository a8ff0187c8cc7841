//! The library of tips.

use super::engine::on;
use super::{Store, json, sql};
use serde::Serialize;

/// A tip as stored. Times are milliseconds since 1970, dates as 2026-12-25.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns' names say it; the migration explains them")]
pub struct TipRow {
    pub id: i64,
    pub locale: String,
    pub position: Option<i64>,
    pub date: Option<String>,
    pub body: String,
    pub active: bool,
    pub created_at: i64,
}

/// A tip to add.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "see TipRow")]
pub struct NewTip {
    pub id: i64,
    pub locale: String,
    pub position: Option<i64>,
    pub date: Option<String>,
    pub body: String,
    pub created_at: i64,
}

impl Store {
    /// Adds tips, unless there is one in use at their place; returns the ids of those that were added.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn add_tips(&self, tips: &[NewTip]) -> sqlx::Result<Vec<i64>> {
        let tips = json(tips)?;
        on!(&mut self.writer().await?, sql::INSERT_TIPS, |c, text| {
            sqlx::query_scalar(text).bind(&tips).fetch_all(&mut **c).await
        })
    }

    /// The tips in use at the places of these.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn tips_at(&self, tips: &[NewTip]) -> sqlx::Result<Vec<TipRow>> {
        let tips = json(tips)?;
        on!(&self.read, sql::TIPS_AT, |c, text| sqlx::query_as(text).bind(&tips).fetch_all(c).await)
    }

    /// All tips, newest first, older than `before`.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn tips(&self, before: i64, limit: i64) -> sqlx::Result<Vec<TipRow>> {
        on!(&self.read, sql::TIPS, |c, text| {
            sqlx::query_as(text).bind(before).bind(limit).fetch_all(c).await
        })
    }

    /// The tip with this id.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn tip(&self, id: i64) -> sqlx::Result<Option<TipRow>> {
        on!(&self.read, sql::TIP, |c, text| sqlx::query_as(text).bind(id).fetch_optional(c).await)
    }

    /// Changes a tip's words or whether it is in use, where given; none if there is no such tip.
    ///
    /// # Errors
    /// Its place is taken by another tip in use (a unique violation), or the database did not answer.
    pub async fn change_tip(
        &self,
        id: i64,
        body: Option<&str>,
        active: Option<bool>,
    ) -> sqlx::Result<Option<TipRow>> {
        on!(&mut self.writer().await?, sql::UPDATE_TIP, |c, text| {
            sqlx::query_as(text).bind(id).bind(body).bind(active).fetch_optional(&mut **c).await
        })
    }

    /// The tips in use, without those of dates before `from`; at most `limit`.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn tips_in_use(&self, from: &str, limit: i64) -> sqlx::Result<Vec<TipRow>> {
        on!(&self.read, sql::TIPS_IN_USE, |c, text| {
            sqlx::query_as(text).bind(from).bind(limit).fetch_all(c).await
        })
    }

    /// How many tips are in use.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn count_tips(&self) -> sqlx::Result<i64> {
        on!(&self.read, sql::COUNT_TIPS, |c, text| sqlx::query_scalar(text).fetch_one(c).await)
    }
}
