//! Counts over many rows, kept for some seconds: one asker counts, the others are given the same. Counts
//! over few rows are made anew each time, so they miss nothing.

use super::Api;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// How long a count is given out …
const LONGEST: SignedDuration = SignedDuration::from_secs(10);
/// … and from when on it is made anew beside that, so that nobody has to wait while it is asked for often.
const MIDDLE_AGE: SignedDuration = SignedDuration::from_secs(5);
/// Fewer rows than these are counted in a millisecond or so, and the count is not kept.
const MANY_ROWS: i64 = 1000;
/// Counts kept at once, of different spans for instance.
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

/// The counts of one kind that are kept.
#[derive(Debug)]
pub(super) struct Kept<Q: Question> {
    counts: Mutex<HashMap<Q, Counted<Q::Answer>>>,
    /// Whoever counts holds it: large counts take one connection and one processor, however many ask.
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl<Q: Question> Default for Kept<Q> {
    fn default() -> Self {
        Self { counts: Mutex::default(), turn: Arc::default() }
    }
}

impl<Q: Question> Kept<Q> {
    fn find(&self, question: &Q, now: Timestamp) -> Option<Counted<Q::Answer>> {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.get(question).filter(|counted| counted.is_younger(LONGEST, now)).cloned()
    }

    fn keep(&self, question: Q, counted: Counted<Q::Answer>) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= MOST && !counts.contains_key(&question) {
            counts.retain(|_, other| other.is_younger(LONGEST, counted.as_of));
            if counts.len() >= MOST {
                counts.clear();
            }
        }
        counts.insert(question, counted);
    }
}

impl<A> Counted<A> {
    /// A count from later than `now` is none: the clock was set back.
    fn is_younger(&self, age: SignedDuration, now: Timestamp) -> bool {
        self.as_of <= now && now.duration_since(self.as_of) < age
    }
}

/// The answer to `question`: of now where few rows are counted, else at most ten seconds old.
///
/// # Errors
/// The database did not answer.
pub(super) async fn ask<Q: Question>(api: &Arc<Api>, question: Q) -> sqlx::Result<Counted<Q::Answer>> {
    let kept = Q::kept(api);
    let now = api.inbox.clock.now();
    if let Some(counted) = kept.find(&question, now) {
        if !counted.is_younger(MIDDLE_AGE, now) {
            refresh(api, question);
        }
        return Ok(counted);
    }
    let _turn = kept.turn.lock().await;
    // Whoever had the turn before may have counted the same.
    match kept.find(&question, api.inbox.clock.now()) {
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

async fn count<Q: Question>(api: &Api, question: Q) -> sqlx::Result<Counted<Q::Answer>> {
    let as_of = api.inbox.clock.now();
    let answer = question.count(api, as_of).await?;
    let counted = Counted { as_of, answer };
    if Q::rows(&counted.answer) >= MANY_ROWS {
        Q::kept(api).keep(question, counted.clone());
    }
    Ok(counted)
}
