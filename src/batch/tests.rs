//! Slices.

use super::*;
use std::sync::{Arc, Mutex};
use tokio::sync::Semaphore;

/// Notes slices; fails those that hold a 13, and all while the database is "away".
struct Worker {
    slices: Arc<Mutex<Vec<usize>>>,
    away: bool,
    gate: Arc<Semaphore>,
}

impl Apply for Worker {
    type Job = u32;
    type Answer = u32;
    type Ahead = ();
    type Ready = ();

    async fn carry_out(&self, jobs: &[u32], _ready: Option<()>) -> sqlx::Result<Vec<u32>> {
        self.gate.acquire().await.expect("never closed").forget();
        self.slices.lock().expect("never poisoned").push(jobs.len());
        if self.away {
            return Err(sqlx::Error::PoolTimedOut);
        }
        if jobs.contains(&13) {
            return Err(sqlx::Error::RowNotFound);
        }
        Ok(jobs.iter().map(|job| job * 2).collect())
    }
}

fn worker(away: bool, permits: usize) -> (Worker, Arc<Mutex<Vec<usize>>>, Arc<Semaphore>) {
    let (slices, gate) = (Arc::<Mutex<Vec<usize>>>::default(), Arc::new(Semaphore::new(permits)));
    (Worker { slices: slices.clone(), away, gate: gate.clone() }, slices, gate)
}

#[tokio::test]
async fn a_bad_job_does_not_sink_its_neighbours() {
    let (worker, slices, gate) = worker(false, 0);
    let (batch, task) = Batch::start(worker, 256);
    let jobs = [1, 2, 13, 4].map(|job| batch.submit(job));
    let all = futures_util::future::join_all(jobs);
    gate.add_permits(100);
    assert_eq!(all.await, [Ok(2), Ok(4), Err(Unapplied::Failed), Ok(8)]);
    drop(batch);
    task.await.unwrap();
    assert_eq!(*slices.lock().unwrap(), [4, 1, 1, 1, 1]);
}

/// Panics where it is told to.
struct Clumsy {
    looks_badly_at: u32,
    readies_badly: u32,
    carries_out_badly: u32,
}

impl Apply for Clumsy {
    type Job = u32;
    type Answer = u32;
    type Ahead = Vec<u32>;
    type Ready = ();
    const LOOKS_AHEAD: bool = true;

    async fn look_ahead(&self, _seen: Option<Vec<u32>>, jobs: &[u32]) -> Option<Vec<u32>> {
        assert!(!jobs.contains(&self.looks_badly_at), "looked badly");
        Some(jobs.to_vec())
    }

    fn make_ready(&self, ahead: Vec<u32>) -> Option<()> {
        assert!(!ahead.contains(&self.readies_badly), "made ready badly");
        Some(())
    }

    async fn carry_out(&self, jobs: &[u32], _ready: Option<()>) -> sqlx::Result<Vec<u32>> {
        assert!(!jobs.contains(&self.carries_out_badly), "carried out badly");
        Ok(jobs.to_vec())
    }
}

#[tokio::test]
async fn a_panic_fails_its_own_job_and_no_other() {
    let worker = Clumsy { looks_badly_at: 2, readies_badly: 3, carries_out_badly: 4 };
    let (batch, task) = Batch::start(worker, 256);
    let jobs = futures_util::future::join_all([1, 2, 3, 4, 5].map(|job| batch.submit(job)));
    assert_eq!(jobs.await, [Ok(1), Ok(2), Ok(3), Err(Unapplied::Failed), Ok(5)]);
    for job in [2, 3, 6] {
        assert_eq!(batch.submit(job).await, Ok(job));
    }
    assert_eq!(batch.submit(4).await, Err(Unapplied::Failed));
    assert_eq!(batch.submit(5).await, Ok(5), "the worker lives");
    drop(batch);
    task.await.unwrap();
}

#[tokio::test]
async fn while_the_database_is_away_nothing_is_tried_singly() {
    let (worker, slices, _gate) = worker(true, 100);
    let (batch, _task) = Batch::start(worker, 256);
    let all = futures_util::future::join_all([1, 2, 3].map(|job| batch.submit(job))).await;
    assert_eq!(all, [Err(Unapplied::Unavailable); 3]);
    assert_eq!(*slices.lock().unwrap(), [3]);
}

#[tokio::test]
async fn a_full_queue_turns_jobs_away() {
    let (worker, slices, gate) = worker(false, 0);
    let (batch, _task) = Batch::start(worker, 10);
    let jobs: Vec<_> = (0..QUEUE + 500).map(|_| batch.submit(1)).collect();
    gate.add_permits(10_000);
    let all = futures_util::future::join_all(jobs).await;
    assert!(all.iter().filter(|answer| **answer == Err(Unapplied::Busy)).count() > 0);
    assert!(all.iter().filter(|answer| **answer == Ok(2)).count() >= QUEUE);
    assert!(slices.lock().unwrap().iter().all(|size| *size <= 10));
}

/// Tells when it looks at a slice, and waits for leave to carry it out.
struct Ahead {
    looked: mpsc::UnboundedSender<Vec<u32>>,
    gate: Arc<Semaphore>,
    /// It never comes back from looking at this.
    hangs_at: Option<u32>,
}

impl Apply for Ahead {
    type Job = u32;
    type Answer = u32;
    type Ahead = Vec<u32>;
    type Ready = Vec<u32>;
    const LOOKS_AHEAD: bool = true;

    async fn look_ahead(&self, seen: Option<Vec<u32>>, jobs: &[u32]) -> Option<Vec<u32>> {
        self.looked.send(jobs.to_vec()).expect("the test listens");
        if self.hangs_at.is_some_and(|job| jobs.contains(&job)) {
            std::future::pending::<()>().await;
        }
        Some([seen.unwrap_or_default(), jobs.to_vec()].concat())
    }

    fn make_ready(&self, ahead: Vec<u32>) -> Option<Vec<u32>> {
        Some(ahead)
    }

    async fn carry_out(&self, jobs: &[u32], ready: Option<Vec<u32>>) -> sqlx::Result<Vec<u32>> {
        self.gate.acquire().await.expect("never closed").forget();
        assert_eq!(ready.as_deref(), Some(jobs), "each job of this slice was looked at once");
        Ok(jobs.to_vec())
    }
}

/// What a test of it holds in its hands.
struct Looking {
    batch: Batch<u32, u32>,
    task: tokio::task::JoinHandle<()>,
    looks: mpsc::UnboundedReceiver<Vec<u32>>,
    gate: Arc<Semaphore>,
}

impl Looking {
    fn start(hangs_at: Option<u32>, max_slice: usize) -> Self {
        let ((looked, looks), gate) = (mpsc::unbounded_channel(), Arc::new(Semaphore::new(0)));
        let (batch, task) = Batch::start(Ahead { looked, gate: gate.clone(), hangs_at }, max_slice);
        Self { batch, task, looks, gate }
    }

    /// Submits `job`, and waits until it is looked at, though none before it is written.
    async fn submit(&mut self, job: u32) -> tokio::task::JoinHandle<Result<u32, Unapplied>> {
        let batch = self.batch.clone();
        let asked = tokio::spawn(async move { batch.submit(job).await });
        assert_eq!(self.looks.recv().await.expect("a look"), [job]);
        asked
    }
}

#[tokio::test]
async fn a_slice_is_looked_at_while_the_one_before_is_written() {
    let mut it = Looking::start(None, 256);
    let (first, second, third) = (it.submit(1).await, it.submit(2).await, it.submit(3).await);
    it.gate.add_permits(2);
    let answers = (first.await.unwrap(), second.await.unwrap(), third.await.unwrap());
    assert_eq!(answers, (Ok(1), Ok(2), Ok(3)), "with two slices");
}

#[tokio::test]
async fn a_finished_slice_is_told_though_the_look_at_the_next_hangs() {
    let mut it = Looking::start(Some(2), 256);
    let (first, second) = (it.submit(1).await, it.submit(2).await);
    it.gate.add_permits(1);
    assert_eq!(first.await.unwrap(), Ok(1));
    assert!(!second.is_finished());
}

#[tokio::test]
async fn a_slice_that_is_ready_when_the_queue_closes_is_carried_out_and_told() {
    let mut it = Looking::start(None, 1);
    let (first, second) = (it.submit(1).await, it.submit(2).await);
    drop(it.batch);
    it.gate.add_permits(2);
    assert_eq!((first.await.unwrap(), second.await.unwrap()), (Ok(1), Ok(2)));
    it.task.await.unwrap();
}
