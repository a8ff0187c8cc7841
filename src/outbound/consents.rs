//! Right before calls, in slices: what is called from here on may have been sent, and whether it may be.

use crate::batch::Apply;
use crate::clock::Stopwatch;
use crate::conversation::Inbox;
use std::collections::HashMap;
use std::sync::Arc;

/// A claimed message: its id and the fence of the claim.
pub type ClaimId = (i64, i64);

/// What is on disk before a call begins.
#[derive(Clone, Debug)]
pub struct Intent {
    /// The consent that is committed.
    pub consent: String,
    /// Since it was asked for.
    pub since: Stopwatch,
}

/// Writes down that the call begins, and answers with the consent that is committed after it was asked, or
/// with none if the message is no longer claimed under that fence. Messages that leave together are asked
/// about together.
#[derive(Clone, Debug)]
pub struct Consents(pub Arc<Inbox>);

impl Apply for Consents {
    type Job = ClaimId;
    type Answer = Option<Intent>;
    type Ahead = ();
    type Ready = ();

    async fn carry_out(&self, jobs: &[ClaimId], _ready: Option<()>) -> sqlx::Result<Vec<Option<Intent>>> {
        // By id, so that two nodes with the same messages lock them in one order.
        let mut claims = jobs.to_vec();
        claims.sort_unstable();
        let since = self.0.clock.stopwatch();
        let found = self.0.store.begin_calls(&claims, self.0.clock.now().as_millisecond()).await?;
        let intent = |consent| Intent { consent, since: since.clone() };
        let intents = found.into_iter().map(|(id, fence, consent)| ((id, fence), intent(consent)));
        let mut found: HashMap<ClaimId, Intent> = intents.collect();
        Ok(jobs.iter().map(|job| found.remove(job)).collect())
    }
}
