//! Who gets daily tips, and when the next one is due.

use super::engine::on;
use super::{Store, Tx, json, sql};
use serde::Serialize;

/// Somebody whose tip is due. Times are milliseconds since 1970.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns' names say it; the migration explains them")]
pub struct DueTipRow {
    pub contact_id: i64,
    pub next_tip_at: i64,
    pub tip_time: Option<i64>,
    pub last_tip_date: Option<String>,
    pub position: i64,
    /// None where the contact is gone.
    pub locale: Option<String>,
    /// None where the contact is gone.
    pub time_zone: Option<String>,
    /// How the zone is known; none where the contact is gone.
    pub time_zone_source: Option<String>,
    /// None where the contact is gone.
    pub address: Option<String>,
    /// A member who has opted in and not out.
    pub willing: bool,
    /// They are written to on WhatsApp.
    pub whatsapp: bool,
}

/// Somebody's plan after a tick, and the tip that they get.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "see the migration")]
pub struct TipPlan {
    pub contact_id: i64,
    pub next_tip_at: i64,
    pub last_tip_date: Option<String>,
    pub position: i64,
    /// To be added to what was skipped before.
    pub skipped: i64,
    #[serde(flatten)]
    pub tip: Option<TipSend>,
}

/// A tip to queue.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "see the table of messages")]
pub struct TipSend {
    pub message_id: i64,
    pub tip_id: i64,
    pub segments: i64,
    pub due_at: i64,
    /// The local date that it is for.
    pub date: String,
    pub whatsapp: bool,
}

/// What planning somebody's next tip takes.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "see the migration")]
pub struct TipGroundRow {
    pub contact_id: i64,
    pub address: String,
    pub time_zone: String,
    pub time_zone_source: String,
    pub last_tip_date: Option<String>,
}

/// What somebody chose, and what follows for their plan.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "see the migration")]
pub struct TipChoiceRow {
    pub contact_id: i64,
    pub tips_on: bool,
    pub tip_time: Option<i64>,
    pub next_tip_at: Option<i64>,
}

/// A subscription as the API shows it.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "see the migration")]
pub struct SubscriptionRow {
    pub tips_on: bool,
    pub tip_time: Option<i64>,
    pub next_tip_at: Option<i64>,
    pub last_tip_date: Option<String>,
    pub position: i64,
    pub skipped: i64,
}

/// All subscriptions, counted.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "see the migration")]
pub struct SubscriptionCounts {
    pub tips_on: i64,
    pub tips_off: i64,
    pub skipped: i64,
    pub next_tip_at: Option<i64>,
}

impl Store {
    /// When the next tip is due; none when nobody gets any.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn next_tip(&self) -> sqlx::Result<Option<i64>> {
        on!(&self.read, sql::NEXT_TIP, |c, text| sqlx::query_scalar(text).fetch_one(c).await)
    }

    /// A contact's subscription; none if they never said anything about tips.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn subscription(&self, contact_id: i64) -> sqlx::Result<Option<SubscriptionRow>> {
        on!(&self.read, sql::SUBSCRIPTION, |c, text| {
            sqlx::query_as(text).bind(contact_id).fetch_optional(c).await
        })
    }

    /// All subscriptions, counted.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn count_subscriptions(&self) -> sqlx::Result<SubscriptionCounts> {
        on!(&self.read, sql::COUNT_SUBSCRIPTIONS, |c, text| sqlx::query_as(text).fetch_one(c).await)
    }
}

impl Tx {
    /// Whose tip is due at `now`, locked; at most `limit`, and nobody whom another node has just taken.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn claim_tips(&mut self, now: i64, limit: i64) -> sqlx::Result<Vec<DueTipRow>> {
        on!(self, sql::CLAIM_TIPS, |c, text| {
            sqlx::query_as(text).bind(now).bind(limit).fetch_all(&mut **c).await
        })
    }

    /// Queues the tips of a tick and saves the plans after it. A tip that was queued for its person and
    /// date before is not queued again. Times are milliseconds.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn save_tips(
        &mut self,
        plans: &[TipPlan],
        now: i64,
        priority: i64,
        lifetime: i64,
    ) -> sqlx::Result<()> {
        let plans = json(plans)?;
        on!(&mut *self, sql::QUEUE_TIPS, |c, text| {
            let statement = sqlx::query(text).bind(&plans).bind(now).bind(priority).bind(lifetime);
            statement.execute(&mut **c).await.map(drop)
        })?;
        if let Self::Sqlite(c) = self {
            sqlx::query(sql::ADVANCE_TIPS.sqlite).bind(&plans).execute(&mut **c).await?;
        }
        Ok(())
    }

    /// What planning the next tips of these contacts takes.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn tip_grounds(&mut self, contact_ids: &[i64]) -> sqlx::Result<Vec<TipGroundRow>> {
        let ids = json(contact_ids)?;
        on!(self, sql::TIP_GROUNDS, |c, text| sqlx::query_as(text).bind(&ids).fetch_all(&mut **c).await)
    }

    /// Saves what people chose; no contact may be there twice.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn put_tip_choices(&mut self, choices: &[TipChoiceRow]) -> sqlx::Result<()> {
        let choices = json(choices)?;
        on!(self, sql::PUT_TIP_CHOICES, |c, text| {
            sqlx::query(text).bind(&choices).execute(&mut **c).await.map(drop)
        })
    }
}
