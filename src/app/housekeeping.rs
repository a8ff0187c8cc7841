//! Work that is due now and then, whatever comes in.

use crate::accounts::Accounts;
use crate::api::ANSWERS_KEPT;
use crate::conversation::{Inbox, purge_erased};
use crate::metrics::Metrics;
use crate::store;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Moves the write-ahead log into the file, and removes what erased people left behind.
pub(super) async fn run(inbox: Arc<Inbox>, stop: CancellationToken) {
    // Often, so that each step is small and few commits have to take one themselves.
    const CHECKPOINT: Duration = Duration::from_millis(250);
    const ROUNDS_BETWEEN_PURGES: u32 = 240;
    // So that nobody stays in memory who was erased by another program.
    const ROUNDS_BETWEEN_CLEARINGS: u32 = 4 * 3600;
    let mut round = 0_u32;
    // Whoever was here before, in this program or another, may not have come to it.
    let mut log_holds_erased = true;
    while tokio::time::timeout(CHECKPOINT, stop.cancelled()).await.is_err() {
        if let Err(error) = inbox.store.checkpoint().await {
            tracing::warn!(error = %store::explain(&error), "the write-ahead log could not be moved");
        }
        if round.is_multiple_of(ROUNDS_BETWEEN_PURGES) {
            let purged = purge_erased(&inbox.store, &inbox.suppression_key, inbox.clock.now()).await;
            let before = inbox.clock.now() - ANSWERS_KEPT;
            if let Err(error) = inbox.store.forget_answers(before.as_millisecond()).await {
                tracing::warn!(error = %store::explain(&error), "old answers could not be removed");
            }
            match purged {
                Ok(count) => log_holds_erased |= count > 0,
                Err(error) => {
                    tracing::warn!(error = %store::explain(&error), "erased people could not be removed");
                }
            }
        }
        if round.is_multiple_of(ROUNDS_BETWEEN_PURGES)
            && let Err(error) = Accounts::sweep(&inbox).await
        {
            tracing::warn!(error = %store::explain(&error), "ended sessions could not be removed");
        }
        if round.is_multiple_of(ROUNDS_BETWEEN_CLEARINGS) {
            inbox.regulars.clear();
        }
        if log_holds_erased {
            log_holds_erased = !inbox.store.empty_log().await.unwrap_or(false);
        }
        round = round.wrapping_add(1);
    }
}

/// Takes over the wordings that staff change on another node, and counts those that fail.
pub(super) async fn watch_templates(inbox: Arc<Inbox>, metrics: Metrics, stop: CancellationToken) {
    const LOOK: Duration = Duration::from_secs(1);
    while tokio::time::timeout(LOOK, stop.cancelled()).await.is_err() {
        metrics.template_failures(inbox.texts.failures());
        if let Err(error) = inbox.texts.refresh(&inbox.store).await {
            tracing::warn!(error = %store::explain(&error), "the templates could not be read; those in memory are used");
        }
    }
}
