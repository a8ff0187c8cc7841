//! How fast a node sends against the simulated carrier without a rate limit, and how long a code takes
//! while 100,000 campaign messages wait: `docs/PERFORMANCE.md`.
//!
//! Server and carrier share this process. `cargo bench --bench outbound` measures SQLite, and PostgreSQL
//! too where `TIDINGS_TEST_POSTGRES` names a server. With `CALLBACKS=1` the carrier reports every status.

#![expect(clippy::cast_precision_loss, reason = "figures for people")]

#[path = "../tests/harness/mod.rs"]
mod harness;
#[path = "../tests/queue/mod.rs"]
mod queue;

use harness::{Scratch, Stage, eventually};
use hdrhistogram::Histogram;
use queue::{Want, fill, queue};
use std::time::Duration;
use tidings::carrier::Switch;
use tidings::clock::{Clock, stopwatch};
use tidings::purpose::Purpose;

const WAITING: i64 = 100_000;
const WINDOW: Duration = Duration::from_secs(15);
const BETWEEN_CODES: Duration = Duration::from_millis(50);

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        for scratch in Scratch::each().await {
            measure(scratch).await;
        }
    });
}

async fn measure(scratch: Scratch) {
    let stage = Stage::with_ours(scratch, &[("TIDINGS_SEGMENTS_PER_SECOND", "0")]).await;
    if std::env::var_os("CALLBACKS").is_none() {
        stage.faults(|faults| faults.callback_lost = Switch::with_probability(1.0));
    }
    fill(&stage.scratch, WAITING).await;
    eventually("the first messages", harness::PATIENCE, async || stage.carrier.ledger(0).sequence > 1000)
        .await;

    let (clock, watch, cpu) = (Clock::system(), stopwatch(), cpu_seconds());
    let start = stage.carrier.ledger(u64::MAX - 1).sequence;
    let mut queued_at = Vec::new();
    while watch.elapsed() < WINDOW {
        let number = WAITING + i64::try_from(queued_at.len()).unwrap();
        let body = format!("code {number}");
        queued_at.push((body.clone(), clock.now()));
        queue(&stage.app.store, &[Want::to(number, Purpose::Code, &body)]).await;
        tokio::time::sleep(BETWEEN_CODES).await;
    }
    let (took, cpu) = (watch.elapsed(), cpu_seconds() - cpu);
    let taken = stage.carrier.ledger(start).outbound;
    let bulk = taken.iter().filter(|message| message.body == "offer").count();
    let mut ways = Histogram::<u64>::new(3).unwrap();
    for message in &taken {
        if let Some((_, at)) = queued_at.iter().find(|(body, _)| *body == message.body) {
            let way = message.created_at.duration_since(*at).as_micros();
            ways.record(u64::try_from(way).unwrap_or(0)).unwrap();
        }
    }
    println!(
        "{}: {:.0} messages/s at {:.0} µs of CPU each, carrier and all; {} of {} codes, from before their commit to Twilio: p50 {:.1} ms, p99 {:.1} ms, longest {:.1} ms",
        stage.scratch.engine(),
        bulk as f64 / took.as_secs_f64(),
        cpu * 1e6 / taken.len() as f64,
        ways.len(),
        queued_at.len(),
        ways.value_at_quantile(0.5) as f64 / 1000.0,
        ways.value_at_quantile(0.99) as f64 / 1000.0,
        ways.max() as f64 / 1000.0,
    );
    stage.end().await;
}

/// The CPU that this process has used, as Linux counts it in hundredths of a second; nothing elsewhere.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let behind_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    behind_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>()
        / 100.0
}
