//! A month in the life of two thousand people in forty zones: crashes, a carrier with every fault, two
//! changes of the clocks, three days without a server. In the end the carrier's ledger is held against
//! what Tidings promises.
//!
//! `TIDINGS_MONTH_SEEDS` names the seeds, separated by commas; a seed repeats its draws.

mod audit;
#[path = "../harness/mod.rs"]
mod harness;
mod node;
mod people;
mod promises;
mod staff;
mod world;

use audit::{Audit, Books};
use harness::Scratch;
use tidings::clock::stopwatch;
use world::{STEPS_A_DAY, World};

const DAYS: u32 = 30;
const CAMPAIGN_DAYS: [u32; 2] = [8, 22];
const OUTAGE_DAY: u32 = 12;
const OUTAGE_DAYS: u32 = 3;

#[test]
fn a_month_on_sqlite() {
    for seed in seeds() {
        live(Scratch::sqlite(), seed);
    }
}

#[test]
fn a_month_on_postgres() {
    for seed in seeds() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        if let Some(scratch) = runtime.block_on(Scratch::postgres()) {
            live(scratch, seed);
        }
    }
}

fn seeds() -> Vec<u64> {
    let asked = std::env::var("TIDINGS_MONTH_SEEDS").unwrap_or_else(|_| "1".to_owned());
    asked.split(',').map(|seed| seed.trim().parse().expect("a whole number")).collect()
}

fn live(scratch: Scratch, seed: u64) {
    let engine = scratch.engine();
    println!("{engine}: TIDINGS_MONTH_SEEDS={seed}");
    let watch = stopwatch();
    let mut world = World::new(scratch, seed, tokio::runtime::Runtime::new().unwrap());
    world.write_tips();
    let mut day = 0;
    while day < DAYS {
        println!("{engine}: day {day}, {:?}, {} crashes", watch.elapsed(), world.crashes);
        world.faults(day % 3 != 0, seed + u64::from(day));
        if day == OUTAGE_DAY {
            world.outage(OUTAGE_DAYS);
            day += OUTAGE_DAYS;
            continue;
        }
        if CAMPAIGN_DAYS.contains(&day) {
            world.campaign();
        }
        for _ in 0..STEPS_A_DAY {
            world.step(4);
            world.book();
            world.change_a_booking();
        }
        day += 1;
    }
    world.faults(false, seed);
    for _ in 0..STEPS_A_DAY {
        world.step(0);
    }
    println!("{engine}: seed {seed}, {} crashes, {:?} in all", world.crashes, watch.elapsed());
    let books = Books::of(&world);
    let mut audit = Audit::default();
    audit.inbound(&books, &world.outages);
    audit.taken(&books);
    audit.ends(&books);
    audit.tips(&books, &world);
    audit.bookings(&books, &world);
    audit.campaigns(&world);
    if !seed.is_multiple_of(2) {
        audit.silence(&books);
    }
    world.end();
    println!("{}", audit.table());
    assert!(audit.wrong.is_empty(), "{} things are wrong:\n{}", audit.wrong.len(), audit.wrong.join("\n"));
    let World { scratch, runtime, .. } = world;
    runtime.block_on(scratch.close());
}
