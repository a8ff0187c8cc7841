//! Status reports (callbacks).

use super::engine::on;
use super::{Outcome, Store, Tx, json, sql};
use serde::Serialize;
use uuid::Uuid;

/// A status report, in the shape in which it is applied.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "the columns' names say it; the migration explains them")]
pub struct Report {
    pub report_id: i64,
    /// The message it is about.
    pub id: i64,
    /// 32 hex digits.
    pub sid: String,
    pub mms: bool,
    pub status: &'static str,
    pub rank: i64,
    pub twilio_status: String,
    pub error_code: Option<i64>,
    pub reason: Option<String>,
    /// A callback told which message has this SID, so that no guess about it stands.
    pub told: bool,
    pub now: i64,
}

impl Store {
    /// Our message with this SID.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn message_of_sid(&self, sid: Uuid) -> sqlx::Result<Option<i64>> {
        on!(&self.read, sql::MESSAGE_OF_SID, |c, text| {
            sqlx::query_scalar(text).bind(sid).fetch_optional(c).await
        })
    }
}

impl Tx {
    /// Keeps what callbacks told and moves the messages that reports take further; returns how many moved.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn apply_reports(&mut self, reports: &[Report], look_again_at: i64) -> sqlx::Result<usize> {
        let told: Vec<&Report> = reports.iter().filter(|report| report.told).collect();
        if !told.is_empty() {
            let all = json(&told)?;
            on!(self, sql::INSERT_REPORTS, |c, text| {
                sqlx::query(text).bind(&all).execute(&mut **c).await.map(drop)
            })?;
            self.release_sids(&json(&highest_each(told))?, look_again_at).await?;
        }
        let highest = json(&highest_each(reports))?;
        let moved: Vec<i64> = on!(self, sql::APPLY_REPORTS, |c, text| {
            sqlx::query_scalar(text).bind(&highest).fetch_all(&mut **c).await
        })?;
        Ok(moved.len())
    }

    /// Takes the SIDs of these outcomes, which Twilio itself has told, from messages that were guessed
    /// to own them; those are looked up again at `look_again_at`.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn release_guesses(&mut self, outcomes: &[Outcome], look_again_at: i64) -> sqlx::Result<()> {
        if outcomes.iter().all(|outcome| outcome.sid.is_none()) {
            return Ok(());
        }
        self.release_sids(&json(outcomes)?, look_again_at).await
    }

    async fn release_sids(&mut self, owners: &str, look_again_at: i64) -> sqlx::Result<()> {
        on!(self, sql::RELEASE_SIDS, |c, text| {
            sqlx::query(text).bind(owners).bind(look_again_at).execute(&mut **c).await.map(drop)
        })
    }

    /// The addresses of the contacts that these messages went to, by message.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn addresses_of_messages(&mut self, ids: &[i64]) -> sqlx::Result<Vec<(i64, String)>> {
        let ids = json(ids)?;
        on!(self, sql::CONTACTS_OF_MESSAGES, |c, text| {
            sqlx::query_as(text).bind(&ids).fetch_all(&mut **c).await
        })
    }
}

/// One report a message, the highest: PostgreSQL applies any one of several that match. By id, so that
/// two nodes with the same messages lock them in one order.
fn highest_each<'a>(reports: impl IntoIterator<Item = &'a Report>) -> Vec<&'a Report> {
    let mut highest: std::collections::BTreeMap<i64, &Report> = std::collections::BTreeMap::new();
    for report in reports {
        let kept = highest.entry(report.id).or_insert(report);
        if report.rank > kept.rank {
            *kept = report;
        }
    }
    highest.into_values().collect()
}
