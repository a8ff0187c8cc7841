//! Group commit, once for both engines: what has arrived is taken as a slice, applied in one
//! transaction, and answered when that is durable. While a slice is written, the next is made ready.

mod worker;

use std::fmt;
use tokio::sync::{mpsc, oneshot};

/// How many jobs may wait; one more is turned away, so that a stalled database is felt at once.
const QUEUE: usize = 4096;
/// The largest slice.
pub const MAX_SLICE: usize = 256;

/// Applies slices of jobs, each slice whole or not at all.
pub trait Apply: Send + Sync + 'static {
    /// What is to be done.
    type Job: Send + Sync + 'static;
    /// What came of it.
    type Answer: Send + 'static;
    /// What can be made of jobs as they come, before their slice is complete.
    type Ahead: Send + 'static;
    /// What can be made of a complete slice before its turn comes.
    type Ready: Send + 'static;
    /// Whether anything can. If not, a slice is taken when the one before it is written: by then it has grown.
    const LOOKS_AHEAD: bool = false;

    /// Looks at further jobs of a slice as they come, perhaps while the one before it is written; `seen` is what
    /// came of those that were looked at before. `None` if it is of no use for this slice. Nothing that others may
    /// still change must follow from it unless [`Apply::carry_out`] makes sure that they did not.
    fn look_ahead(
        &self,
        _seen: Option<Self::Ahead>,
        _jobs: &[Self::Job],
    ) -> impl Future<Output = Option<Self::Ahead>> + Send {
        std::future::ready(None)
    }

    /// Makes ready a slice that is complete, so that nothing but the database's work is left for its turn. `None`
    /// if that is of no use.
    fn make_ready(&self, _ahead: Self::Ahead) -> Option<Self::Ready> {
        None
    }

    /// Whether what was made ready while the jobs `before` were carried out is still of use when they are.
    fn still_holds(&self, _ready: &Self::Ready, _before: &[Self::Job]) -> bool {
        true
    }

    /// Applies `jobs` in order in one transaction and returns an answer for each. Slices come one by one.
    fn carry_out(
        &self,
        jobs: &[Self::Job],
        ready: Option<Self::Ready>,
    ) -> impl Future<Output = sqlx::Result<Vec<Self::Answer>>> + Send;

    /// Looks at `jobs` and carries them out.
    fn apply(&self, jobs: &[Self::Job]) -> impl Future<Output = sqlx::Result<Vec<Self::Answer>>> + Send {
        async move {
            let ahead = self.look_ahead(None, jobs).await;
            let ready = ahead.and_then(|ahead| self.make_ready(ahead));
            self.carry_out(jobs, ready).await
        }
    }
}

impl<T: Apply> Apply for std::sync::Arc<T> {
    type Job = T::Job;
    type Answer = T::Answer;
    type Ahead = T::Ahead;
    type Ready = T::Ready;
    const LOOKS_AHEAD: bool = T::LOOKS_AHEAD;

    fn look_ahead(
        &self,
        seen: Option<T::Ahead>,
        jobs: &[T::Job],
    ) -> impl Future<Output = Option<T::Ahead>> + Send {
        T::look_ahead(self, seen, jobs)
    }

    fn make_ready(&self, ahead: T::Ahead) -> Option<T::Ready> {
        T::make_ready(self, ahead)
    }

    fn still_holds(&self, ready: &T::Ready, before: &[T::Job]) -> bool {
        T::still_holds(self, ready, before)
    }

    fn carry_out(
        &self,
        jobs: &[T::Job],
        ready: Option<T::Ready>,
    ) -> impl Future<Output = sqlx::Result<Vec<T::Answer>>> + Send {
        T::carry_out(self, jobs, ready)
    }
}

/// Why a job was not applied; the sender may try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unapplied {
    /// Too much is waiting, or the server is stopping.
    #[error("too much is waiting")]
    Busy,
    /// The database could not be reached or written.
    #[error("the database can't be written")]
    Unavailable,
    /// This job could not be applied even alone.
    #[error("it could not be applied")]
    Failed,
}

type Waiting<J, A> = (J, oneshot::Sender<Result<A, Unapplied>>);

/// The way in. Cloning is cheap; when all clones are gone and the queue is empty, the worker ends.
pub struct Batch<J, A>(mpsc::Sender<Waiting<J, A>>);

impl<J, A> Clone for Batch<J, A> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<J, A> fmt::Debug for Batch<J, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Batch({} free)", self.0.capacity())
    }
}

impl<J: Send + Sync + 'static, A: Send + 'static> Batch<J, A> {
    /// Starts a worker that applies slices of at most `max_slice` jobs.
    pub fn start<W>(worker: W, max_slice: usize) -> (Self, tokio::task::JoinHandle<()>)
    where
        W: Apply<Job = J, Answer = A>,
    {
        let (sender, receiver) = mpsc::channel(QUEUE);
        (Self(sender), tokio::spawn(worker::run(worker, receiver, max_slice)))
    }

    /// Queues `job` and waits until it is durable.
    ///
    /// # Errors
    /// It was not applied, and nothing was changed.
    pub async fn submit(&self, job: J) -> Result<A, Unapplied> {
        let (answer, answered) = oneshot::channel();
        self.0.try_send((job, answer)).map_err(|_| Unapplied::Busy)?;
        answered.await.unwrap_or(Err(Unapplied::Busy))
    }
}

#[cfg(test)]
mod tests;
