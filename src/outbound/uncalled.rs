//! What was claimed and never became a call, because its node ended in between: nobody can have got it, so it
//! goes back to its queue, and what it took of the day's budget with it.

use super::budget::{give_back, refund};
use super::outcome::outcome;
use crate::conversation::Inbox;
use crate::delivery::Status;
use crate::gate::Budget;
use crate::store::{Outcome, OutgoingRow, Tx};
use jiff::Timestamp;

/// Most that are taken back at once.
const SLICE: i64 = 256;

/// Takes back what was claimed and not called within the claim's time; returns how many messages that were.
pub(super) async fn take_back(
    tx: &mut Tx,
    inbox: &Inbox,
    house: &Budget,
    now: Timestamp,
) -> sqlx::Result<usize> {
    let ids = tx.lock_uncalled(now.as_millisecond(), SLICE).await?;
    if ids.is_empty() {
        return Ok(0);
    }
    let rows = tx.outgoing(&ids).await?;
    let outcomes: Vec<Outcome> = rows.iter().map(|row| queued_again(row, now)).collect();
    tx.record(&outcomes).await?;
    inbox.announce_fates(tx, ids.iter().copied()).await?;
    give_back(tx, rows.iter().filter_map(|row| refund(row, house))).await?;
    Ok(rows.len())
}

/// A claim comes before the intent to call, which sets the time.
pub(super) fn is_uncalled(row: &OutgoingRow) -> bool {
    row.status == Status::Sending.as_str() && row.sent_at.is_none()
}

fn queued_again(row: &OutgoingRow, now: Timestamp) -> Outcome {
    Outcome {
        due_at: Some(now.as_millisecond()),
        // It was no attempt: one that waits after an attempt holds the person's others back.
        attempts: Some(row.attempts - 1),
        ..outcome(row, Status::Queued, now)
    }
}
