//! Bookings that have begun are noted as past, so that lists by status need not look at all of them. What the
//! lists say never waits for that: whatever has begun and is not noted yet, they find by its start.

use super::ticks::{Schedule, Ticked};
use crate::conversation::Inbox;
use jiff::Timestamp;
use std::sync::Arc;

/// Bookings noted in one transaction.
const SLICE: i64 = 500;

/// Notes which bookings are past.
#[derive(Clone, Debug)]
pub struct PastBookings(pub Arc<Inbox>);

impl Schedule for PastBookings {
    const NAME: &'static str = "past bookings";

    async fn tick(&self, now: Timestamp) -> sqlx::Result<Ticked> {
        let noted = self.0.store.note_past(now.as_millisecond(), SLICE).await?;
        Ok(if noted == SLICE.unsigned_abs() { Ticked::More } else { Ticked::Idle(None) })
    }
}
