//! Group commit, once for both engines: what has arrived is taken as a slice, applied in one
//! transaction, and answered when that is durable. While a slice is written, the next is looked at.

use crate::store;
use std::fmt;
use tokio::sync::{Notify, mpsc, oneshot};

/// How many jobs may wait; one more is turned away, so that a stalled database is felt at once.
const QUEUE: usize = 4096;
/// The largest slice.
pub const MAX_SLICE: usize = 256;

/// So few jobs are not shared out among slices: each costs a sync of the disk.
const LEAST_SHARED: usize = 8;

/// Applies slices of jobs, each slice whole or not at all.
pub trait Apply: Send + Sync + 'static {
    /// What is to be done.
    type Job: Send + Sync + 'static;
    /// What came of it.
    type Answer: Send + 'static;
    /// What can be made of a slice before its turn comes.
    type Ahead: Send + 'static;
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

    /// Applies `jobs` in order in one transaction and returns an answer for each. Slices come one by one.
    fn carry_out(
        &self,
        jobs: &[Self::Job],
        ahead: Option<Self::Ahead>,
    ) -> impl Future<Output = sqlx::Result<Vec<Self::Answer>>> + Send;

    /// Looks at `jobs` and carries them out.
    fn apply(&self, jobs: &[Self::Job]) -> impl Future<Output = sqlx::Result<Vec<Self::Answer>>> + Send {
        async move {
            let ahead = self.look_ahead(None, jobs).await;
            self.carry_out(jobs, ahead).await
        }
    }
}

impl<T: Apply> Apply for std::sync::Arc<T> {
    type Job = T::Job;
    type Answer = T::Answer;
    type Ahead = T::Ahead;
    const LOOKS_AHEAD: bool = T::LOOKS_AHEAD;

    fn look_ahead(
        &self,
        seen: Option<T::Ahead>,
        jobs: &[T::Job],
    ) -> impl Future<Output = Option<T::Ahead>> + Send {
        T::look_ahead(self, seen, jobs)
    }

    fn carry_out(
        &self,
        jobs: &[T::Job],
        ahead: Option<T::Ahead>,
    ) -> impl Future<Output = sqlx::Result<Vec<T::Answer>>> + Send {
        T::carry_out(self, jobs, ahead)
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
    let mut next = Next { queue: &mut queue, max_slice };
    let mut slice = next.slice(&worker, 0, &Notify::new()).await;
    while let Some(Slice { jobs, answers, ahead }) = slice {
        let (writing, written) = (jobs.len(), Notify::new());
        let write = async {
            let results = apply_slice(&worker, &jobs, ahead).await;
            for (answer, result) in answers.into_iter().zip(results) {
                // Whoever asked may have gone; what was applied stays applied.
                let _ = answer.send(result);
            }
            written.notify_one();
        };
        slice = if W::LOOKS_AHEAD {
            tokio::join!(write, next.slice(&worker, writing, &written)).1
        } else {
            write.await;
            next.slice(&worker, 0, &written).await
        };
    }
}

/// What is applied together.
struct Slice<W: Apply> {
    jobs: Vec<W::Job>,
    answers: Vec<oneshot::Sender<Result<W::Answer, Unapplied>>>,
    ahead: Option<W::Ahead>,
}

impl<W: Apply> Slice<W> {
    /// Adds jobs and looks at them, unless looking at those before was of no use.
    async fn add(&mut self, worker: &W, taken: impl Iterator<Item = Waiting<W::Job, W::Answer>>) {
        let seen = self.jobs.len();
        for (job, answer) in taken {
            self.jobs.push(job);
            self.answers.push(answer);
        }
        if seen == 0 || self.ahead.is_some() {
            self.ahead = worker.look_ahead(self.ahead.take(), &self.jobs[seen..]).await;
        }
    }
}

/// The way to the next slice.
struct Next<'a, W: Apply> {
    queue: &'a mut mpsc::Receiver<Waiting<W::Job, W::Answer>>,
    max_slice: usize,
}

impl<W: Apply> Next<'_, W> {
    /// What has arrived, as soon as anything has; `None` when nobody is left who could send more. While a slice of
    /// `writing` jobs is written, what arrives is added and looked at. Not everything: those who are answered together
    /// come back together, and if they were all, nobody would be looked at while others are written.
    async fn slice(&mut self, worker: &W, mut writing: usize, written: &Notify) -> Option<Slice<W>> {
        let mut slice = Slice { jobs: Vec::new(), answers: Vec::new(), ahead: None };
        let mut taken = Vec::new();
        loop {
            let there = self.queue.len() + slice.jobs.len();
            let share = usize::midpoint(there, writing).max(LEAST_SHARED).min(self.max_slice);
            let room = if W::LOOKS_AHEAD { share } else { self.max_slice }.saturating_sub(slice.jobs.len());
            if !slice.jobs.is_empty() && (writing == 0 || room == 0) {
                return Some(slice);
            }
            tokio::select! {
                biased;
                () = written.notified(), if writing > 0 => writing = 0,
                count = self.queue.recv_many(&mut taken, room) => {
                    if count == 0 {
                        return (!slice.jobs.is_empty()).then_some(slice);
                    }
                    slice.add(worker, taken.drain(..)).await;
                }
            }
        }
    }
}

/// Applies a slice; if that fails, each job alone, so that a bad one can't sink its neighbours.
async fn apply_slice<W: Apply>(
    worker: &W,
    jobs: &[W::Job],
    ahead: Option<W::Ahead>,
) -> Vec<Result<W::Answer, Unapplied>> {
    match worker.carry_out(jobs, ahead).await {
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
        results.push(match worker.carry_out(std::slice::from_ref(job), None).await {
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

#[cfg(test)]
mod tests;
