//! Campaigns and their messages.

use super::engine::on;
use super::{Store, Tx, json, sql};

/// A campaign as stored. Times are milliseconds since 1970.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns' names say it; the migration explains them")]
pub struct CampaignRow {
    pub id: i64,
    pub name: String,
    pub template: Option<String>,
    pub body: Option<String>,
    pub variables: String,
    pub audience: String,
    pub plan: String,
    pub status: String,
    pub status_reason: Option<String>,
    pub send_at: Option<i64>,
    pub next_at: Option<i64>,
    pub cursor: i64,
    pub until_id: Option<i64>,
    pub reached: i64,
    pub baseline: String,
    pub created_at: i64,
    pub started_at: Option<i64>,
    pub ended_at: Option<i64>,
}

impl CampaignRow {
    /// A draft for everybody, of which nothing has happened yet. It says nothing yet either: it lacks a template or
    /// a body, and a plan.
    #[must_use]
    pub fn draft(id: i64, name: String, created_at: i64) -> Self {
        Self {
            id,
            name,
            template: None,
            body: None,
            variables: "{}".to_owned(),
            audience: "{}".to_owned(),
            plan: String::new(),
            status: "draft".to_owned(),
            status_reason: None,
            send_at: None,
            next_at: None,
            cursor: 0,
            until_id: None,
            reached: 0,
            baseline: String::new(),
            created_at,
            started_at: None,
            ended_at: None,
        }
    }
}

/// What the sender has to know of a campaign before one of its messages leaves.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "see CampaignRow")]
pub struct BrakeRow {
    pub id: i64,
    pub status: String,
    pub plan: String,
    pub next_at: Option<i64>,
    pub reached: i64,
}

impl Store {
    /// Has a running campaign looked at by then, if it would be later.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn hurry_campaign(&self, id: i64, look_at: i64) -> sqlx::Result<()> {
        on!(&mut self.writer().await?, sql::HURRY_CAMPAIGN, |c, text| {
            sqlx::query(text).bind(id).bind(look_at).execute(&mut **c).await.map(drop)
        })
    }

    /// Adds a campaign: all of `row` but what its course changes.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn add_campaign(&self, row: &CampaignRow) -> sqlx::Result<()> {
        on!(&mut self.writer().await?, sql::INSERT_CAMPAIGN, |c, text| {
            sqlx::query(text)
                .bind(row.id)
                .bind(&row.name)
                .bind(&row.template)
                .bind(&row.body)
                .bind(&row.variables)
                .bind(&row.audience)
                .bind(&row.plan)
                .bind(&row.status)
                .bind(row.send_at)
                .bind(row.created_at)
                .execute(&mut **c)
                .await
                .map(drop)
        })
    }

    /// The campaign with this id.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn campaign(&self, id: i64) -> sqlx::Result<Option<CampaignRow>> {
        on!(&self.read, sql::CAMPAIGN, |c, text| sqlx::query_as(text).bind(id).fetch_optional(c).await)
    }

    /// Campaigns, newest first, older than `before`.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn campaigns(&self, before: i64, limit: i64) -> sqlx::Result<Vec<CampaignRow>> {
        on!(&self.read, sql::CAMPAIGNS, |c, text| {
            sqlx::query_as(text).bind(before).bind(limit).fetch_all(c).await
        })
    }

    /// When the next campaign is to be looked at, in milliseconds since 1970.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn next_campaign(&self) -> sqlx::Result<Option<i64>> {
        on!(&self.read, sql::NEXT_CAMPAIGN, |c, text| sqlx::query_scalar(text).fetch_one(c).await)
    }

    /// A campaign's messages, counted by status and, where they were refused, reason.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn campaign_counts(&self, id: i64) -> sqlx::Result<Vec<(String, Option<String>, i64)>> {
        on!(&self.read, sql::CAMPAIGN_COUNTS, |c, text| sqlx::query_as(text).bind(id).fetch_all(c).await)
    }

    /// How many people opted out within `milliseconds` of a campaign's message; ledger entries from `until_id`
    /// on are not looked at.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn campaign_opt_outs(&self, id: i64, milliseconds: i64, until_id: i64) -> sqlx::Result<i64> {
        on!(&self.read, sql::CAMPAIGN_OPT_OUTS, |c, text| {
            sqlx::query_scalar(text).bind(id).bind(milliseconds).bind(until_id).fetch_one(c).await
        })
    }

    /// How many people wrote back within `milliseconds` of a campaign's message, opt-outs left out.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn campaign_replies(&self, id: i64, milliseconds: i64) -> sqlx::Result<i64> {
        on!(&self.read, sql::CAMPAIGN_REPLIES, |c, text| {
            sqlx::query_scalar(text).bind(id).bind(milliseconds).fetch_one(c).await
        })
    }
}

impl Tx {
    /// Loads and locks a campaign.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn campaign(&mut self, id: i64) -> sqlx::Result<Option<CampaignRow>> {
        on!(self, sql::CAMPAIGN_FOR_UPDATE, |c, text| {
            sqlx::query_as(text).bind(id).fetch_optional(&mut **c).await
        })
    }

    /// Loads and locks the campaign that has waited longest of those to be looked at by `now`.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn due_campaign(&mut self, now: i64) -> sqlx::Result<Option<CampaignRow>> {
        on!(self, sql::DUE_CAMPAIGN, |c, text| {
            sqlx::query_as(text).bind(now).fetch_optional(&mut **c).await
        })
    }

    /// Saves what a campaign's course changes.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn save_campaign(&mut self, row: &CampaignRow) -> sqlx::Result<()> {
        on!(self, sql::SAVE_CAMPAIGN, |c, text| {
            sqlx::query(text)
                .bind(row.id)
                .bind(&row.status)
                .bind(&row.status_reason)
                .bind(row.next_at)
                .bind(row.cursor)
                .bind(row.until_id)
                .bind(row.reached)
                .bind(&row.baseline)
                .bind(row.started_at)
                .bind(row.ended_at)
                .execute(&mut **c)
                .await
                .map(drop)
        })
    }

    /// What may keep messages of these campaigns from leaving.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn campaign_brakes(&mut self, ids: &[i64]) -> sqlx::Result<Vec<BrakeRow>> {
        let ids = json(ids)?;
        on!(self, sql::CAMPAIGN_BRAKES, |c, text| {
            sqlx::query_as(text).bind(&ids).fetch_all(&mut **c).await
        })
    }

    /// Holds back what waits of a campaign: no claim sees it.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn hold_campaign(&mut self, id: i64) -> sqlx::Result<()> {
        on!(self, sql::HOLD_CAMPAIGN, |c, text| {
            sqlx::query(text).bind(id).execute(&mut **c).await.map(drop)
        })
    }

    /// Lets go what was held back.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn release_campaign(&mut self, id: i64) -> sqlx::Result<()> {
        on!(self, sql::RELEASE_CAMPAIGN, |c, text| {
            sqlx::query(text).bind(id).execute(&mut **c).await.map(drop)
        })
    }

    /// Refuses at most `limit` of what waits of a campaign for `reason`; returns their ids, none if nothing waits.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn refuse_campaign(
        &mut self,
        id: i64,
        reason: &str,
        now: i64,
        limit: i64,
    ) -> sqlx::Result<Vec<i64>> {
        on!(self, sql::REFUSE_CAMPAIGN, |c, text| {
            let statement = sqlx::query_scalar(text).bind(id).bind(reason).bind(now).bind(limit);
            statement.fetch_all(&mut **c).await
        })
    }

    /// See [`Store::campaign_counts`].
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn campaign_counts(&mut self, id: i64) -> sqlx::Result<Vec<(String, Option<String>, i64)>> {
        on!(self, sql::CAMPAIGN_COUNTS, |c, text| sqlx::query_as(text).bind(id).fetch_all(&mut **c).await)
    }

    /// When the last of a campaign's messages left, in milliseconds since 1970; 0 if none has.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn campaign_last_sent(&mut self, id: i64) -> sqlx::Result<i64> {
        on!(self, sql::CAMPAIGN_LAST_SENT, |c, text| {
            sqlx::query_scalar(text).bind(id).fetch_one(&mut **c).await
        })
    }

    /// What most of a campaign's messages that failed did so for.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn campaign_cause(&mut self, id: i64) -> sqlx::Result<Option<String>> {
        on!(self, sql::CAMPAIGN_CAUSE, |c, text| {
            sqlx::query_scalar(text).bind(id).fetch_optional(&mut **c).await
        })
    }

    /// See [`Store::campaign_opt_outs`].
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn campaign_opt_outs(&mut self, id: i64, milliseconds: i64) -> sqlx::Result<i64> {
        on!(self, sql::CAMPAIGN_OPT_OUTS, |c, text| {
            sqlx::query_scalar(text).bind(id).bind(milliseconds).bind(i64::MAX).fetch_one(&mut **c).await
        })
    }
}
