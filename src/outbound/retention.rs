//! Forgets what is older than the house wants to keep, a slice at a time. The consent ledger, and what
//! is still on its way, are never touched.

use super::ticks::{Schedule, Ticked};
use crate::config::Retention as Periods;
use crate::conversation::Inbox;
use crate::ids::Ids;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// Messages in one transaction.
const SLICE: i64 = 500;
/// How far the words are gone, by id; what ended later than that is not looked for again.
const BOOKMARK: &str = "retention_words";
/// How long after the last slice the next look is.
const PAUSE: SignedDuration = SignedDuration::from_mins(10);

/// The schedule of forgetting.
#[derive(Debug)]
pub struct Retention {
    /// The store, and the time.
    pub inbox: Arc<Inbox>,
    /// How long what is kept.
    pub periods: Periods,
}

impl Schedule for Retention {
    const NAME: &'static str = "retention";

    async fn tick(&self, now: Timestamp) -> sqlx::Result<Ticked> {
        let deleted = match floor(now, self.periods.messages) {
            Some(until) => self.delete(until).await?,
            None => false,
        };
        let blanked = match floor(now, self.periods.words) {
            Some(until) => self.blank(until).await?,
            None => false,
        };
        let more = deleted || blanked;
        Ok(if more { Ticked::More } else { Ticked::Idle(now.checked_add(PAUSE).ok()) })
    }
}

/// The first id that is kept: ids grow with time.
fn floor(now: Timestamp, period: Option<SignedDuration>) -> Option<i64> {
    now.checked_sub(period?).ok().map(Ids::floor)
}

impl Retention {
    /// Deletes a slice; says whether there may be more.
    async fn delete(&self, until: i64) -> sqlx::Result<bool> {
        let ids = self.inbox.store.ended_messages(0, until, SLICE).await?;
        if ids.is_empty() {
            return Ok(false);
        }
        let mut tx = self.inbox.store.begin().await?;
        tx.delete_messages(&ids).await?;
        tx.commit().await?;
        Ok(is_full(&ids))
    }

    /// Blanks a slice; says whether there may be more.
    async fn blank(&self, until: i64) -> sqlx::Result<bool> {
        let store = &self.inbox.store;
        let after = store.bookmark(BOOKMARK).await?.unwrap_or(0);
        let ids = store.ended_messages(after, until, SLICE).await?;
        let Some(last) = ids.last() else { return Ok(false) };
        let mut tx = store.begin().await?;
        tx.blank_messages(&ids).await?;
        tx.commit().await?;
        // A crash in between does the slice again, which changes nothing.
        store.put_bookmark(BOOKMARK, *last).await?;
        Ok(is_full(&ids))
    }
}

fn is_full(ids: &[i64]) -> bool {
    i64::try_from(ids.len()).is_ok_and(|count| count == SLICE)
}
