//! Writes what came of claimed messages, in slices.

use super::budget::{Refund, give_back};
use crate::batch::Apply;
use crate::conversation::Inbox;
use crate::store::{Outcome, Tx};
use std::collections::HashSet;
use std::sync::Arc;

/// What came of a claimed message, and what follows from it.
#[derive(Clone, Debug)]
pub struct Record {
    /// What became of the message.
    pub outcome: Outcome,
    /// Twilio reported that the person has opted out.
    pub opted_out: bool,
    /// What it gives back of the day's budget, if the claim was still its owner's.
    pub refund: Option<Refund>,
}

/// Records outcomes.
#[derive(Clone, Debug)]
pub struct Recorder(pub Arc<Inbox>);

impl Apply for Recorder {
    type Job = Record;
    type Answer = ();
    type Ahead = ();
    type Ready = ();

    async fn carry_out(&self, jobs: &[Record], _ready: Option<()>) -> sqlx::Result<Vec<()>> {
        let mut outcomes: Vec<Outcome> = jobs.iter().map(|job| job.outcome.clone()).collect();
        // By id, so that two nodes with the same messages lock them in one order.
        outcomes.sort_unstable_by_key(|outcome| outcome.id);
        let refused: Vec<i64> = jobs.iter().filter(|job| job.opted_out).map(|job| job.outcome.id).collect();
        let mut tx = self.0.store.begin().await?;
        self.0.refused_by_carrier(&mut tx, &refused).await?;
        let look_again_at = (self.0.clock.now() + self.0.settings.settle_after).as_millisecond();
        tx.release_guesses(&outcomes, look_again_at).await?;
        let refunds = owed(&mut tx, jobs).await?;
        tx.record(&outcomes).await?;
        self.0.announce_fates(&mut tx, outcomes.iter().map(|outcome| outcome.id)).await?;
        give_back(&mut tx, refunds.into_iter()).await?;
        tx.commit().await?;
        Ok(vec![(); jobs.len()])
    }
}

/// The refunds of those whose claim still holds; for the others, whoever took them back has done it.
async fn owed(tx: &mut Tx, jobs: &[Record]) -> sqlx::Result<Vec<Refund>> {
    let asking: Vec<(i64, i64, Refund)> =
        jobs.iter().filter_map(|job| Some((job.outcome.id, job.outcome.fence, job.refund?))).collect();
    if asking.is_empty() {
        return Ok(Vec::new());
    }
    let claims: Vec<(i64, i64)> = asking.iter().map(|(id, fence, _)| (*id, *fence)).collect();
    let held: HashSet<i64> = tx.lock_claimed(&claims).await?.into_iter().collect();
    Ok(asking.into_iter().filter(|(id, ..)| held.contains(id)).map(|(.., refund)| refund).collect())
}
