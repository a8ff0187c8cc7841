//! Texts that no webhook brought: after downtime, or when every attempt at a webhook failed, Twilio's
//! list still has them. They are applied like any other; their answers go by REST.

use super::{Received, Twilio, TwilioError, Wake};
use crate::batch::{Batch, Unapplied};
use crate::clock::Clock;
use crate::conversation::{AnswerBy, Handed, InboundText, SuppressionKey};
use crate::ids::Ids;
use crate::metrics::Metrics;
use crate::phone::Address;
use crate::store::{self, Store, TextKey};
use jiff::{SignedDuration, Timestamp};
use std::collections::{HashMap, HashSet};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The bookmark of the last look …
const BOOKMARK: &str = "texts received";
/// … and of the first start: what the number received before is not ours to answer.
const BEGINNING: &str = "texts received from";
/// How far back a look goes at most: Twilio keeps the list for longer, but answers get stale.
const HORIZON: SignedDuration = SignedDuration::from_hours(24);
/// How far behind the last look the next one begins, because the list may lag.
const OVERLAP: SignedDuration = SignedDuration::from_mins(5);
/// How often to look. Every text is applied within five minutes of the start.
const PERIOD: Duration = Duration::from_mins(2);
/// Sooner where Twilio did not answer.
const RETRY: Duration = Duration::from_secs(15);
const SLICE: usize = 200;
/// How far our clock may be behind Twilio's.
const CLOCKS_APART: SignedDuration = SignedDuration::from_mins(30);

/// Fetches what was missed.
#[derive(Clone, Debug)]
pub struct Recovery {
    /// Where texts and the bookmark are kept.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Whose list is read.
    pub twilio: Twilio,
    /// Our number, and the one on WhatsApp; `None` with a messaging service, whose numbers are all read.
    pub our_numbers: Option<[String; 2]>,
    /// Knows the numbers that were erased.
    pub suppression_key: SuppressionKey,
    /// Takes the texts.
    pub inbox: Batch<InboundText, Option<Handed>>,
    /// How long Twilio may still be trying to bring a text itself.
    pub grace: SignedDuration,
    /// Counts.
    pub metrics: Metrics,
    /// Wakes the sender.
    pub wake: Wake,
}

/// What a look found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// Texts that no webhook had brought.
    pub fetched: usize,
    /// Twilio may still be bringing another one itself: look again when it has had its time.
    pub waiting: bool,
}

/// Why a look was not finished; the next one begins where the last good one did.
#[derive(Debug, thiserror::Error)]
pub enum RecoveryError {
    /// Twilio's list could not be read.
    #[error("{0}")]
    Twilio(#[from] TwilioError),
    /// The database did not answer.
    #[error("{}", store::explain(.0))]
    Database(#[from] sqlx::Error),
    /// A text was not applied.
    #[error("a text was not applied: {0}")]
    Unapplied(#[from] Unapplied),
}

impl Recovery {
    /// Looks now and again until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            // A look that is broken off is made again: the bookmark moves only at its end.
            let looked = tokio::select! {
                () = stop.cancelled() => return,
                looked = self.look() => looked,
            };
            let pause = match looked {
                Ok(looked) => {
                    if looked.fetched > 0 {
                        tracing::warn!(
                            count = looked.fetched,
                            "texts were fetched that no webhook had brought"
                        );
                    }
                    if looked.waiting {
                        Duration::try_from(self.grace).unwrap_or(PERIOD).min(PERIOD)
                    } else {
                        PERIOD
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "missed texts could not be looked for");
                    RETRY
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.clock.sleep(pause) => {}
            }
        }
    }

    /// Applies what was missed since the last look.
    ///
    /// # Errors
    /// Twilio or the database did not answer; what was applied stays applied.
    pub async fn look(&self) -> Result<Looked, RecoveryError> {
        let now = self.clock.now();
        let until = now - self.grace;
        let (Some(last), Some(beginning)) = (self.read(BOOKMARK).await?, self.read(BEGINNING).await?) else {
            self.store.put_bookmark(BEGINNING, now.as_millisecond()).await?;
            self.store.put_bookmark(BOOKMARK, now.as_millisecond()).await?;
            return Ok(Looked::default());
        };
        let (last, beginning) = self.set_back(last, beginning, now).await?;
        // Twilio's dates have no fractions: what came in the second of the beginning counts.
        let since = (last - OVERLAP).max(now - HORIZON).max(beginning - SignedDuration::from_secs(1));
        let listed = self.listed(since).await?;
        let new = self.unknown(&listed).await?;
        let mut looked = Looked::default();
        for slice in new.chunks(SLICE) {
            let (fetched, waiting) = self.apply(slice, until).await?;
            looked.fetched += fetched;
            looked.waiting |= waiting;
        }
        self.store.put_bookmark(BOOKMARK, until.as_millisecond()).await?;
        Ok(looked)
    }

    /// A clock that was ahead left bookmarks in what is to come, and nothing before those would be looked at.
    async fn set_back(
        &self,
        last: Timestamp,
        beginning: Timestamp,
        now: Timestamp,
    ) -> Result<(Timestamp, Timestamp), RecoveryError> {
        let (mut last, mut beginning) = (last, beginning);
        if beginning > now {
            beginning = now;
            self.store.set_bookmark(BEGINNING, beginning.as_millisecond()).await?;
        }
        if last > now {
            last = (now - HORIZON).max(beginning);
            self.store.set_bookmark(BOOKMARK, last.as_millisecond()).await?;
        }
        Ok((last, beginning))
    }

    /// What was received at our numbers since `since`, oldest first at each.
    async fn listed(&self, since: Timestamp) -> Result<Vec<Received>, TwilioError> {
        let Some(numbers) = &self.our_numbers else {
            return self.twilio.received(None, since, &self.clock).await;
        };
        let mut listed = Vec::new();
        for number in numbers {
            listed.extend(self.twilio.received(Some(number), since, &self.clock).await?);
        }
        Ok(listed)
    }

    async fn read(&self, bookmark: &str) -> sqlx::Result<Option<Timestamp>> {
        let at = self.store.bookmark(bookmark).await?;
        Ok(at.and_then(|at| Timestamp::from_millisecond(at).ok()))
    }

    /// Applies a slice of texts that we don't have; says how many, and whether one is too young yet.
    async fn apply(&self, slice: &[&Received], until: Timestamp) -> Result<(usize, bool), RecoveryError> {
        let new = self.unerased(slice).await?.into_iter();
        let (ripe, young): (Vec<_>, Vec<_>) = new.partition(|text| text.by_our_clock <= until);
        let texts: Vec<InboundText> = ripe.into_iter().filter_map(inbound).collect();
        // Queued in order and awaited together: one number's texts stay in their order.
        let answers = texts.into_iter().map(async |text| (text.sid, self.inbox.submit(text).await));
        let (mut count, mut failed) = (0, None);
        for (sid, answer) in futures_util::future::join_all(answers).await {
            match answer {
                Ok(_) => {
                    self.metrics.settled("fetched");
                    count += 1;
                }
                // What can't be applied even alone must not keep the others from being looked for.
                Err(Unapplied::Failed) => tracing::error!(%sid, "a missed text could not be applied"),
                Err(error) => failed = Some(error),
            }
        }
        if count > 0 {
            self.wake.notify_one();
        }
        failed.map_or(Ok((count, !young.is_empty())), |error| Err(error.into()))
    }

    /// Those that we don't have, also where the list names their sender in other words than the webhook did.
    async fn unknown<'a>(&self, listed: &'a [Received]) -> Result<Vec<&'a Received>, RecoveryError> {
        let mut new: Vec<&Received> = Vec::new();
        for slice in listed.chunks(SLICE) {
            let keys: Vec<TextKey> = slice.iter().filter_map(key).collect();
            let known: HashSet<_> = self.store.known_texts(&keys).await?.into_iter().collect();
            new.extend(slice.iter().filter(|text| !known.contains(&text.sid.id)));
        }
        let keys: Vec<TextKey> = new.iter().copied().filter_map(key).collect();
        if let Some(first) = new.iter().map(|text| text.earliest()).min()
            && !keys.is_empty()
        {
            let since = Ids::floor(first - CLOCKS_APART);
            let known: HashSet<_> = self.store.known_texts_since(since, &keys).await?.into_iter().collect();
            new.retain(|text| !known.contains(&text.sid.id));
        }
        Ok(new)
    }

    /// Without what was said before its number was erased: that was not missed. Asked after the SIDs, so that
    /// no erasing comes in between.
    async fn unerased<'a>(&self, texts: &[&'a Received]) -> Result<Vec<&'a Received>, RecoveryError> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let hash = |text: &Received| {
            Address::parse(&text.from).ok().map(|from| self.suppression_key.hash(&from.to_string()))
        };
        let hashes: Vec<String> = texts.iter().filter_map(|text| hash(text)).collect();
        let erased: HashMap<String, i64> = self.store.erasures(&hashes).await?.into_iter().collect();
        let is_erased = |text: &Received| {
            let at = hash(text).and_then(|hash| erased.get(&hash).copied());
            at.is_some_and(|at| text.earliest().as_millisecond() <= at)
        };
        Ok(texts.iter().copied().filter(|text| !is_erased(text)).collect())
    }
}

fn key(text: &Received) -> Option<TextKey> {
    let from = Address::parse(&text.from).ok()?.to_string();
    Some(TextKey::new(text.sid.id, from))
}

fn inbound(text: &Received) -> Option<InboundText> {
    let from = Address::parse(&text.from).ok()?;
    let media = (text.media > 0).then(|| format!("{{\"NumMedia\":{}}}", text.media));
    Some(InboundText {
        sid: text.sid,
        from,
        body: text.body.replace('\0', "\u{fffd}"),
        opt_out_type: None,
        segments: text.segments,
        extra: media,
        taken_at: Some(text.earliest()),
        answer_by: AnswerBy::Rest,
    })
}
