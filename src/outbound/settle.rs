//! Settling: a message whose fate is not known is looked up in Twilio's list before anything is
//! sent again, because Twilio has no idempotency key.

use super::bind::{Match, bind, made_at};
use super::outcome::words;
use super::steps::Steps;
use super::twilio::CLOCK_SKEW;
use super::uncalled::{is_uncalled, take_back};
use super::{Listed, Twilio, TwilioError, Wake};
use crate::clock::Stopwatch;
use crate::conversation::Inbox;
use crate::gate::Budget;
use crate::metrics::Metrics;
use crate::store::{self, Outcome, OutgoingRow};
use futures_util::{StreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long a look holds a message: longer than a slice takes when every list is slow.
const LEASE: SignedDuration = SignedDuration::from_secs(45);
const SLICE: i64 = 32;
/// Lists read at once, so that a Twilio that stalls holds up few.
const LISTS_AT_ONCE: usize = 16;
/// How long reading one person's list may take, all pages together.
const PATIENCE: Duration = Duration::from_secs(20);
/// Twilio's list may lag: only after this many waits is a message that is not in it not there.
pub(super) const LOOKS: i64 = 3;
/// After this long with more to look up than can be, an operator is told of what no look gets to in time.
const BEHIND: Duration = Duration::from_mins(2);
const POLL: Duration = Duration::from_secs(1);

/// Settles what is uncertain.
#[derive(Clone, Debug)]
pub struct Settler {
    /// Store, clock, ids and keys.
    pub inbox: Arc<Inbox>,
    /// Whose list is asked.
    pub twilio: Twilio,
    /// What goes back without a call is given back to it.
    pub budget: Budget,
    /// Counts.
    pub metrics: Metrics,
    /// Wakes the sender.
    pub wake: Wake,
    /// How the clock was set.
    pub steps: Steps,
}

impl Settler {
    /// Settles until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        // Since when there was always more to look up than a slice.
        let mut behind: Option<Stopwatch> = None;
        while !stop.is_cancelled() {
            match self.settle_due().await {
                Ok(count) if count >= usize::try_from(SLICE).unwrap_or(0) => {
                    let since = behind.get_or_insert_with(|| self.inbox.clock.stopwatch());
                    if since.elapsed() >= BEHIND
                        && let Err(error) = self.raise_overdue().await
                    {
                        tracing::warn!(error = %store::explain(&error), "overdue messages could not be raised");
                    }
                    continue;
                }
                Ok(_) => behind = None,
                Err(error) => {
                    tracing::warn!(error = %store::explain(&error), "open messages could not be read");
                }
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.inbox.clock.sleep(POLL) => {}
            }
        }
    }

    /// Takes back claims that became no call, and looks up one slice of what is overdue; returns how many
    /// messages that were.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn settle_due(&self) -> sqlx::Result<usize> {
        self.mind_the_clock().await?;
        let now = self.inbox.clock.now();
        let lease_until = (now + LEASE).as_millisecond();
        let mut tx = self.inbox.store.begin().await?;
        let taken_back = take_back(&mut tx, &self.inbox, &self.budget, now).await?;
        let ids =
            tx.claim_unsettled(now.as_millisecond(), lease_until, self.inbox.ids.next(now), SLICE).await?;
        if ids.is_empty() && taken_back == 0 {
            return Ok(0);
        }
        let mut by_contact: HashMap<i64, Vec<OutgoingRow>> = HashMap::new();
        for row in tx.outgoing(&ids).await? {
            by_contact.entry(row.contact_id).or_default().push(row);
        }
        tx.commit().await?;
        if taken_back > 0 {
            for _ in 0..taken_back {
                self.metrics.settled("never_called");
            }
            self.wake.notify_one();
        }
        let looks =
            by_contact.into_iter().map(|(contact_id, claimed)| self.settle_contact(contact_id, claimed));
        let results: Vec<sqlx::Result<bool>> =
            stream::iter(looks).buffer_unordered(LISTS_AT_ONCE).collect().await;
        // What failed is looked at again when its lease ends; the others are settled.
        let read: Vec<bool> = results.into_iter().collect::<sqlx::Result<_>>()?;
        let unread = read.iter().filter(|read| !**read).count();
        if unread > 0 {
            tracing::warn!(people = unread, "Twilio's message list could not be read; looking again later");
        }
        Ok(ids.len().max(taken_back))
    }

    /// Settles one person's messages; false if Twilio's list could not be read.
    async fn settle_contact(&self, contact_id: i64, claimed: Vec<OutgoingRow>) -> sqlx::Result<bool> {
        let (found, others, read) = self.look(contact_id, &claimed).await?;
        self.record(&found, &others).await?;
        Ok(read)
    }

    /// What came of those that the list has and of the others, and whether it could be read.
    async fn look(
        &self,
        contact_id: i64,
        claimed: &[OutgoingRow],
    ) -> sqlx::Result<(Vec<Outcome>, Vec<Outcome>, bool)> {
        let mut open = self.inbox.store.unsettled_of(contact_id).await?;
        open.retain(|row| !is_uncalled(row));
        let sight = self.steps.sight(&self.inbox.clock);
        for row in &mut open {
            row.looks = self.waits(row, &sight);
        }
        let (Some(first), Some(since)) = (open.first(), open.iter().map(|row| made_at(row, &sight)).min())
        else {
            return Ok((Vec::new(), Vec::new(), true));
        };
        let list = self.twilio.list(&first.address, since - CLOCK_SKEW, &self.inbox.clock);
        let list = tokio::time::timeout(PATIENCE, list).await;
        let late = |_| Err(TwilioError::Unreachable("the list took too long".to_owned()));
        let listed = match list.unwrap_or_else(late) {
            Ok(listed) => listed,
            Err(error) => {
                let waits = claimed.iter().map(|row| self.no_list(row, &error)).collect();
                return Ok((Vec::new(), waits, false));
            }
        };
        let sids: Vec<String> = listed.iter().map(|message| message.sid.id.simple().to_string()).collect();
        let owned: HashSet<_> = self.inbox.store.owned_sids(&sids).await?.into_iter().collect();
        let free: Vec<&Listed> = listed.iter().filter(|message| !owned.contains(&message.sid.id)).collect();
        let worded: Vec<_> = open.iter().map(|row| (row, words(&self.inbox, row))).collect();
        let bound = bind(&worded, &free, &sight);
        let fences: HashMap<i64, i64> = claimed.iter().map(|row| (row.id, row.fence)).collect();
        // A row with another fence was handed over again, or another node looks at it.
        let is_ours = |row: &OutgoingRow| fences.get(&row.id) == Some(&row.fence);
        let is_found = |row: &OutgoingRow| matches!(bound.get(&row.id), Some(Match::Found(_)));
        // Found by whoever looks at it: until then its message may yet turn out to be an equal one's.
        let theirs: HashSet<&str> = worded
            .iter()
            .filter(|(row, _)| is_found(row) && !is_ours(row))
            .map(|(_, words)| words.as_str())
            .collect();
        let (mut found, mut others) = (Vec::new(), Vec::new());
        for (row, words) in &worded {
            tell(row, bound.get(&row.id), free.len());
            if is_ours(row) {
                match bound.get(&row.id) {
                    Some(Match::Found(message)) => found.push(self.found(row, message)),
                    Some(Match::Unclear) => others.push(self.wait(row, sight.now, None)),
                    None if theirs.contains(words.as_str()) => others.push(self.wait(row, sight.now, None)),
                    None => others.push(self.absent(row)),
                }
            }
        }
        Ok((found, others, true))
    }

    /// Writes what was found and the rest. If one of them was handed over again meanwhile, the rest was decided by
    /// what is so no more: it is looked at again when its lease ends.
    async fn record(&self, found: &[Outcome], others: &[Outcome]) -> sqlx::Result<()> {
        if found.is_empty() && others.is_empty() {
            return Ok(());
        }
        // By id, as others lock them.
        let mut all = [found, others].concat();
        all.sort_unstable_by_key(|outcome| outcome.id);
        let mut tx = self.inbox.store.begin().await?;
        if tx.record(&all).await? != all.len() as u64 && !found.is_empty() && !others.is_empty() {
            drop(tx);
            tx = self.inbox.store.begin().await?;
            tx.record(found).await?;
            all = found.to_vec();
        }
        self.inbox.announce_fates(&mut tx, all.iter().map(|outcome| outcome.id)).await?;
        tx.commit().await?;
        self.wake.notify_one();
        Ok(())
    }
}

/// For whoever has to find out why a message was sent again.
fn tell(row: &OutgoingRow, found: Option<&Match<'_>>, free: usize) {
    let OutgoingRow { id, status, looks, by_rest, sent_at, fence, .. } = row;
    tracing::debug!(message = id, status, looks, by_rest, sent_at, fence, free, ?found, "looked up");
}

pub(super) fn timestamp(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}
