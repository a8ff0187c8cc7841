//! Reads consent right before calls, in slices.

use crate::batch::Apply;
use crate::store::Store;
use std::collections::HashMap;

/// A claimed message: its id and the fence of the claim.
pub type ClaimId = (i64, i64);

/// Answers with the consent that is committed after it was asked, or with none if the message is no longer
/// claimed under that fence. Messages that leave together are asked about together.
#[derive(Clone, Debug)]
pub struct Consents(pub Store);

impl Apply for Consents {
    type Job = ClaimId;
    type Answer = Option<String>;

    async fn apply(&self, jobs: &[ClaimId]) -> sqlx::Result<Vec<Option<String>>> {
        let ids: Vec<i64> = jobs.iter().map(|(id, _)| *id).collect();
        let found = self.0.consents_for_claims(&ids).await?;
        let mut found: HashMap<ClaimId, String> =
            found.into_iter().map(|(id, fence, consent)| ((id, fence), consent)).collect();
        Ok(jobs.iter().map(|job| found.remove(job)).collect())
    }
}
