//! Group commit, once for both engines: what has arrived is taken as a slice, applied in one
//! transaction, and answered when that is durable.

use crate::store;
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

    /// Applies `jobs` in order in one transaction and returns an answer for each.
    fn apply(&self, jobs: &[Self::Job]) -> impl Future<Output = sqlx::Result<Vec<Self::Answer>>> + Send;
}

impl<T: Apply> Apply for std::sync::Arc<T> {
    type Job = T::Job;
    type Answer = T::Answer;

    fn apply(&self, jobs: &[T::Job]) -> impl Future<Output = sqlx::Result<Vec<T::Answer>>> + Send {
        T::apply(self, jobs)
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
        (Self(sender), tokio::spawn(run(worker, receiver, max_slice)))
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

async fn run<W: Apply>(worker: W, mut queue: mpsc::Receiver<Waiting<W::Job, W::Answer>>, max_slice: usize) {
    let mut waiting = Vec::with_capacity(max_slice);
    while queue.recv_many(&mut waiting, max_slice).await > 0 {
        let (jobs, answers): (Vec<_>, Vec<_>) = waiting.drain(..).unzip();
        let results = apply_slice(&worker, &jobs).await;
        for (answer, result) in answers.into_iter().zip(results) {
            // Whoever asked may have gone; what was applied stays applied.
            let _ = answer.send(result);
        }
    }
}

/// Applies a slice; if that fails, each job alone, so that a bad one can't sink its neighbours.
async fn apply_slice<W: Apply>(worker: &W, jobs: &[W::Job]) -> Vec<Result<W::Answer, Unapplied>> {
    match worker.apply(jobs).await {
        Ok(answers) => return answers.into_iter().map(Ok).collect(),
        Err(error) => {
            tracing::warn!(error = %store::explain(&error), jobs = jobs.len(), "a slice was not applied");
            if store::is_unavailable(&error) {
                return jobs.iter().map(|_| Err(Unapplied::Unavailable)).collect();
            }
        }
    }
    let mut results = Vec::with_capacity(jobs.len());
    for job in jobs {
        results.push(match worker.apply(std::slice::from_ref(job)).await {
            Ok(mut answers) => answers.pop().ok_or(Unapplied::Failed),
            Err(error) if store::is_unavailable(&error) => Err(Unapplied::Unavailable),
            Err(error) => {
                tracing::error!(error = %store::explain(&error), "a job could not be applied");
                Err(Unapplied::Failed)
            }
        });
    }
    results
}
