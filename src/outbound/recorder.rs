//! Writes what came of claimed messages, in slices.

use crate::batch::Apply;
use crate::conversation::Inbox;
use crate::store::Outcome;
use std::sync::Arc;

/// Records outcomes. `true` beside one says that Twilio reported an opt-out.
#[derive(Clone, Debug)]
pub struct Recorder(pub Arc<Inbox>);

impl Apply for Recorder {
    type Job = (Outcome, bool);
    type Answer = ();

    async fn apply(&self, jobs: &[(Outcome, bool)]) -> sqlx::Result<Vec<()>> {
        let mut outcomes: Vec<Outcome> = jobs.iter().map(|(outcome, _)| outcome.clone()).collect();
        // By id, so that two nodes with the same messages lock them in one order.
        outcomes.sort_unstable_by_key(|outcome| outcome.id);
        let refused: Vec<i64> =
            jobs.iter().filter(|(_, opted_out)| *opted_out).map(|(outcome, _)| outcome.id).collect();
        let mut tx = self.0.store.begin().await?;
        self.0.refused_by_carrier(&mut tx, &refused).await?;
        let look_again_at = (self.0.clock.now() + self.0.settings.settle_after).as_millisecond();
        tx.release_guesses(&outcomes, look_again_at).await?;
        tx.record(&outcomes).await?;
        self.0.announce_fates(&mut tx, outcomes.iter().map(|outcome| outcome.id)).await?;
        tx.commit().await?;
        Ok(vec![(); jobs.len()])
    }
}
