//! Limits, counted in the database.

use super::budget::{Limit, Request, Standing, request_limits};
use super::{Accounts, Refusal};
use crate::store::{Since, Spend, Tx};

impl Accounts {
    /// Counts a request and says how its limit stands. A refused one is not counted.
    ///
    /// # Errors
    /// It is one too many, or the database did not answer.
    pub async fn allow(&self, request: Request, who: &str) -> Result<Standing, Refusal> {
        self.count(&request_limits(request, &self.hash(who))).await
    }

    /// The same for a question that tells something about a number, by who asks and from where.
    ///
    /// # Errors
    /// As [`Accounts::allow`].
    pub async fn allow_look(&self, account_id: i64, client: &str) -> Result<Standing, Refusal> {
        let mut limits = request_limits(Request::Look, &self.hash(&account_id.to_string()));
        limits.extend(request_limits(Request::LookFrom, &self.hash(client)));
        self.count(&limits).await
    }

    async fn count(&self, limits: &[Limit]) -> Result<Standing, Refusal> {
        let mut tx = self.inbox.store.begin().await?;
        let standings = self.spend(&mut tx, limits).await?;
        tx.commit().await?;
        standings.into_iter().min_by_key(|standing| standing.remaining).ok_or(Refusal::NotFound("no limit"))
    }

    /// Counts against every limit. On a refusal the transaction is to be dropped.
    pub(super) async fn spend(&self, tx: &mut Tx, limits: &[Limit]) -> Result<Vec<Standing>, Refusal> {
        let now = self.now().as_millisecond();
        let spends: Vec<Spend> = limits.iter().map(|limit| limit.spend(now)).collect();
        let since: Vec<Since> = limits.iter().map(|limit| limit.since(now)).collect();
        let rows = tx.spend(&spends, &since).await?;
        let mut standings = Vec::with_capacity(limits.len());
        for limit in limits {
            let standing = limit.judge(&rows, now);
            if standing.exceeded {
                return Err(Refusal::TooMany(limit.name, standing));
            }
            standings.push(standing);
        }
        Ok(standings)
    }
}
