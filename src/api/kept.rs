//! Counts over many rows. One asker counts at a time; whoever came before that count began is given the same,
//! so many who ask at once cost no more than one, and nobody is told what was before their question. Only a
//! count that takes long is kept, for some seconds.

use super::Api;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// How long a count is given out …
const LONGEST: SignedDuration = SignedDuration::from_secs(10);
/// … and from when on it is made anew beside that, so that nobody has to wait while it is asked for often.
const MIDDLE_AGE: SignedDuration = SignedDuration::from_secs(5);
/// Fewer rows than these are counted in some milliseconds, and the count is never given out again.
const MANY_ROWS: i64 = 10_000;
/// Counts remembered at once, of different spans for instance.
const MOST: usize = 64;

/// What is counted.
pub(super) trait Question: Clone + Eq + Hash + Send + Sync + 'static {
    /// What comes out.
    type Answer: Clone + Send + Sync;

    /// Where the answers are kept.
    fn kept(api: &Api) -> &Kept<Self>;

    /// Counts, as of `now`.
    fn count(&self, api: &Api, now: Timestamp) -> impl Future<Output = sqlx::Result<Self::Answer>> + Send;

    /// How many rows were counted, more or less.
    fn rows(answer: &Self::Answer) -> i64;
}

/// A count, and when it was made.
#[derive(Clone, Debug)]
pub(super) struct Counted<A> {
    pub(super) as_of: Timestamp,
    pub(super) answer: A,
}

/// The counts of one kind that were made last.
#[derive(Debug)]
pub(super) struct Kept<Q: Question> {
    counts: Mutex<HashMap<Q, Last<Q::Answer>>>,
    /// How many counts have begun.
    begun: AtomicU64,
    /// Whoever counts holds it: large counts take one connection and one processor, however many ask.
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl<Q: Question> Default for Kept<Q> {
    fn default() -> Self {
        Self { counts: Mutex::default(), begun: AtomicU64::new(0), turn: Arc::default() }
    }
}

/// The last count, and how many had begun with it.
#[derive(Debug)]
struct Last<A> {
    begun: u64,
    counted: Counted<A>,
}

impl<Q: Question> Kept<Q> {
    /// What may be given to somebody who came when so many counts had begun.
    fn find(&self, question: &Q, came: u64, now: Timestamp) -> Option<Counted<Q::Answer>> {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let Last { begun, counted } = counts.get(question)?;
        let is_kept = Q::rows(&counted.answer) >= MANY_ROWS && counted.is_younger(LONGEST, now);
        (*begun > came || is_kept).then(|| counted.clone())
    }

    fn remember(&self, question: Q, last: Last<Q::Answer>) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= MOST && !counts.contains_key(&question) {
            counts.retain(|_, other| other.counted.is_younger(LONGEST, last.counted.as_of));
            if counts.len() >= MOST {
                counts.clear();
            }
        }
        counts.insert(question, last);
    }
}

impl<A> Counted<A> {
    /// A count from later than `now` is none: the clock was set back.
    fn is_younger(&self, age: SignedDuration, now: Timestamp) -> bool {
        self.as_of <= now && now.duration_since(self.as_of) < age
    }
}

/// The answer to `question`: of now, or where many rows are counted, at most ten seconds old.
///
/// # Errors
/// The database did not answer.
pub(super) async fn ask<Q: Question>(api: &Arc<Api>, question: Q) -> sqlx::Result<Counted<Q::Answer>> {
    let kept = Q::kept(api);
    let came = kept.begun.load(Ordering::SeqCst);
    let now = api.inbox.clock.now();
    if let Some(counted) = kept.find(&question, came, now) {
        if !counted.is_younger(MIDDLE_AGE, now) {
            refresh(api, question);
        }
        return Ok(counted);
    }
    let _turn = kept.turn.lock().await;
    match kept.find(&question, came, api.inbox.clock.now()) {
        Some(counted) => Ok(counted),
        None => count(api, question).await,
    }
}

/// Has a count made anew, unless somebody is counting.
fn refresh<Q: Question>(api: &Arc<Api>, question: Q) {
    let Ok(turn) = Q::kept(api).turn.clone().try_lock_owned() else { return };
    let api = api.clone();
    tokio::spawn(async move {
        let _turn = turn;
        if let Err(error) = count(&api, question).await {
            tracing::warn!(error = %crate::store::explain(&error), "a count could not be made anew");
        }
    });
}

/// Counts; the caller has the turn.
async fn count<Q: Question>(api: &Api, question: Q) -> sqlx::Result<Counted<Q::Answer>> {
    let kept = Q::kept(api);
    let begun = kept.begun.fetch_add(1, Ordering::SeqCst) + 1;
    let as_of = api.inbox.clock.now();
    let answer = question.count(api, as_of).await?;
    let counted = Counted { as_of, answer };
    kept.remember(question, Last { begun, counted: counted.clone() });
    Ok(counted)
}
