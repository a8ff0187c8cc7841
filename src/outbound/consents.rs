//! Right before calls, in slices: what is called from here on may have been sent, and whether it may be.

use crate::batch::Apply;
use crate::conversation::Inbox;
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::Arc;

/// A claimed message: its id and the fence of the claim.
pub type ClaimId = (i64, i64);

/// What is on disk before a call begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// The consent that is committed.
    pub consent: String,
    /// When it was asked for.
    pub at: Timestamp,
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

    async fn carry_out(&self, jobs: &[ClaimId], _ahead: Option<()>) -> sqlx::Result<Vec<Option<Intent>>> {
        // By id, so that two nodes with the same messages lock them in one order.
        let mut claims = jobs.to_vec();
        claims.sort_unstable();
        let at = self.0.clock.now();
        let found = self.0.store.begin_calls(&claims, at.as_millisecond()).await?;
        let intents = found.into_iter().map(|(id, fence, consent)| ((id, fence), Intent { consent, at }));
        let mut found: HashMap<ClaimId, Intent> = intents.collect();
        Ok(jobs.iter().map(|job| found.remove(job)).collect())
    }
}
