//! What takes slices from the queue and has them applied, one after the other without a pause. A job at which the
//! program makes a mistake (a panic) fails alone: nobody else's must go unanswered for it.

use super::{Apply, Unapplied, Waiting};
use crate::store;
use futures_util::FutureExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::{Notify, mpsc, oneshot};

/// So few jobs are not shared out among slices: each costs a sync of the disk.
const LEAST_SHARED: usize = 8;

pub(super) async fn run<W: Apply>(
    worker: W,
    mut queue: mpsc::Receiver<Waiting<W::Job, W::Answer>>,
    max_slice: usize,
) {
    let mut next = Next { worker: &worker, queue: &mut queue, max_slice };
    let mut done = None;
    let mut slice = next.first().await;
    while let Some(Slice { jobs, answers, ready }) = slice {
        let (writing, written, is_complete) = (jobs.len(), Notify::new(), AtomicBool::new(false));
        let write = async {
            let results = apply_slice(&worker, &jobs, ready).await;
            written.notify_one();
            let done = Done { answers, results };
            if is_complete.load(Ordering::Relaxed) {
                return Some(done);
            }
            done.tell();
            None
        };
        let meanwhile = async {
            // The database is at work: now there is time for those who are done.
            if let Some(done) = done.take() {
                Done::<W>::tell(done);
            }
            let next = if W::LOOKS_AHEAD { next.during(writing, &written).await } else { None };
            is_complete.store(next.is_some(), Ordering::Relaxed);
            next
        };
        let (told_later, following) = tokio::join!(biased; write, meanwhile);
        done = told_later;
        slice = match following {
            Some(following) => Some(following.after(&worker, &jobs)),
            None => next.first().await,
        };
    }
}

/// What is applied together.
struct Slice<W: Apply> {
    jobs: Vec<W::Job>,
    answers: Vec<Asked<W>>,
    ready: Option<W::Ready>,
}

impl<W: Apply> Slice<W> {
    /// The slice, when `before` are carried out.
    fn after(self, worker: &W, before: &[W::Job]) -> Self {
        Self { ready: self.ready.filter(|ready| worker.still_holds(ready, before)), ..self }
    }
}

/// Whoever awaits an answer.
type Asked<W> = oneshot::Sender<Result<<W as Apply>::Answer, Unapplied>>;

/// A slice that is applied. If the next one is complete by then, it is told so when that one is on its way, for all
/// others wait for the database.
struct Done<W: Apply> {
    answers: Vec<Asked<W>>,
    results: Vec<Result<W::Answer, Unapplied>>,
}

impl<W: Apply> Done<W> {
    fn tell(self) {
        for (answer, result) in self.answers.into_iter().zip(self.results) {
            // Whoever asked may have gone; what was applied stays applied.
            let _ = answer.send(result);
        }
    }
}

/// A slice to which jobs are added.
struct Growing<W: Apply> {
    jobs: Vec<W::Job>,
    answers: Vec<Asked<W>>,
    ahead: Option<W::Ahead>,
}

impl<W: Apply> Growing<W> {
    fn new() -> Self {
        Self { jobs: Vec::new(), answers: Vec::new(), ahead: None }
    }

    /// Adds jobs and looks at them, unless looking at those before was of no use.
    async fn add(&mut self, worker: &W, taken: impl Iterator<Item = Waiting<W::Job, W::Answer>>) {
        let seen = self.jobs.len();
        for (job, answer) in taken {
            self.jobs.push(job);
            self.answers.push(answer);
        }
        if seen == 0 || self.ahead.is_some() {
            let look = worker.look_ahead(self.ahead.take(), &self.jobs[seen..]);
            self.ahead = AssertUnwindSafe(look).catch_unwind().await.unwrap_or_default();
        }
    }

    /// Nothing if there are no jobs.
    fn complete(self, worker: &W) -> Option<Slice<W>> {
        let Self { jobs, answers, ahead } = self;
        let ready = catch_unwind(AssertUnwindSafe(|| worker.make_ready(ahead?))).unwrap_or_default();
        (!jobs.is_empty()).then_some(Slice { jobs, answers, ready })
    }
}

/// The way to the next slice.
struct Next<'a, W: Apply> {
    worker: &'a W,
    queue: &'a mut mpsc::Receiver<Waiting<W::Job, W::Answer>>,
    max_slice: usize,
}

impl<W: Apply> Next<'_, W> {
    /// What has arrived, as soon as anything has; `None` when nobody is left who could send more.
    async fn first(&mut self) -> Option<Slice<W>> {
        let (mut slice, mut taken) = (Growing::new(), Vec::new());
        let room = self.room(0, 0);
        if self.queue.recv_many(&mut taken, room).await == 0 {
            return None;
        }
        slice.add(self.worker, taken.into_iter()).await;
        slice.complete(self.worker)
    }

    /// What arrives until a slice of `writing` jobs is written; `None` if nothing does.
    async fn during(&mut self, writing: usize, written: &Notify) -> Option<Slice<W>> {
        let (mut slice, mut taken) = (Growing::new(), Vec::new());
        loop {
            let room = self.room(slice.jobs.len(), writing);
            if room == 0 {
                break;
            }
            tokio::select! {
                biased;
                () = written.notified() => break,
                count = self.queue.recv_many(&mut taken, room) => {
                    if count == 0 {
                        break;
                    }
                    slice.add(self.worker, taken.drain(..)).await;
                }
            }
        }
        slice.complete(self.worker)
    }

    /// How many more jobs a slice of `taken` has room for while `writing` are written. Not for everything: those who
    /// are answered together come back together, and if they were all, nobody would be looked at while others are
    /// written.
    fn room(&self, taken: usize, writing: usize) -> usize {
        let there = self.queue.len() + taken;
        let share = usize::midpoint(there, writing).max(LEAST_SHARED).min(self.max_slice);
        if W::LOOKS_AHEAD { share } else { self.max_slice }.saturating_sub(taken)
    }
}

/// Applies a slice; if that fails, each job alone, so that a bad one can't sink its neighbours.
async fn apply_slice<W: Apply>(
    worker: &W,
    jobs: &[W::Job],
    ready: Option<W::Ready>,
) -> Vec<Result<W::Answer, Unapplied>> {
    match carry_out(worker, jobs, ready).await {
        Some(Ok(answers)) => return answers.into_iter().map(Ok).collect(),
        None => {
            tracing::error!(
                jobs = jobs.len(),
                "a slice was not applied, because of a mistake in the program"
            );
        }
        Some(Err(error)) => {
            tracing::warn!(error = %store::explain(&error), jobs = jobs.len(), "a slice was not applied");
            if store::is_unavailable(&error) {
                return jobs.iter().map(|_| Err(Unapplied::Unavailable)).collect();
            }
        }
    }
    let mut results = Vec::with_capacity(jobs.len());
    for job in jobs {
        results.push(match carry_out(worker, std::slice::from_ref(job), None).await {
            Some(Ok(mut answers)) => answers.pop().ok_or(Unapplied::Failed),
            Some(Err(error)) if store::is_unavailable(&error) => Err(Unapplied::Unavailable),
            None => Err(Unapplied::Failed),
            Some(Err(error)) => {
                tracing::error!(error = %store::explain(&error), "a job could not be applied");
                Err(Unapplied::Failed)
            }
        });
    }
    results
}

/// Nothing if it panicked.
async fn carry_out<W: Apply>(
    worker: &W,
    jobs: &[W::Job],
    ready: Option<W::Ready>,
) -> Option<sqlx::Result<Vec<W::Answer>>> {
    AssertUnwindSafe(worker.carry_out(jobs, ready)).catch_unwind().await.ok()
}
