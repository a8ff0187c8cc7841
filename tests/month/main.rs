//! A month in the life of two thousand people in forty zones: crashes, a carrier with every fault, two
//! changes of the clocks, three days without a server. In the end the carrier's ledger is held against
//! what Tidings promises. The same for a week of two servers on one PostgreSQL, of which one is killed or
//! stands still now and then.
//!
//! `TIDINGS_MONTH_SEEDS` names the seeds, separated by commas; a seed repeats its draws.

mod audit;
#[path = "../harness/mod.rs"]
mod harness;
mod node;
mod people;
mod promises;
mod servers;
mod staff;
mod world;

use audit::{Audit, Books};
use harness::Scratch;
use tidings::clock::stopwatch;
use world::{STEPS_A_DAY, World};

/// What happens, beside people's texts, bookings and mishaps.
struct Plan {
    days: u32,
    campaigns: [u32; 2],
    /// The day on which all servers go away, and for how many days.
    outage: Option<(u32, u32)>,
    servers: usize,
}

const MONTH: Plan = Plan { days: 30, campaigns: [8, 22], outage: Some((12, 3)), servers: 1 };
const WEEK: Plan = Plan { days: 7, campaigns: [2, 5], outage: None, servers: 2 };

#[test]
fn a_month_on_sqlite() {
    for seed in seeds() {
        live(Scratch::sqlite(), seed, &MONTH);
    }
}

#[test]
fn a_month_on_postgres() {
    on_postgres(&MONTH);
}

/// One of the two dies or stands still now and then, and goes on.
#[test]
fn a_week_of_two_nodes_on_postgres() {
    on_postgres(&WEEK);
}

fn on_postgres(plan: &Plan) {
    for seed in seeds() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        if let Some(scratch) = runtime.block_on(Scratch::postgres()) {
            live(scratch, seed, plan);
        }
    }
}

fn seeds() -> Vec<u64> {
    let asked = std::env::var("TIDINGS_MONTH_SEEDS").unwrap_or_else(|_| "1".to_owned());
    asked.split(',').map(|seed| seed.trim().parse().expect("a whole number")).collect()
}

fn live(scratch: Scratch, seed: u64, plan: &Plan) {
    let called = format!("{} days on {}", plan.days, scratch.engine());
    println!("{called}: TIDINGS_MONTH_SEEDS={seed}");
    let watch = stopwatch();
    let mut world = World::new(scratch, seed, tokio::runtime::Runtime::new().unwrap(), plan.servers);
    world.write_tips();
    let mut day = 0;
    while day < plan.days {
        println!("{called}: day {day} after {:?}", watch.elapsed());
        world.faults(day % 3 != 0, seed + u64::from(day));
        if let Some((_, days)) = plan.outage.filter(|(begin, _)| *begin == day) {
            world.outage(days);
            day += days;
            continue;
        }
        if plan.campaigns.contains(&day) {
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
    world.go_on();
    world.settle();
    let (crashes, pauses) = (world.crashes, world.pauses);
    println!("{called}: seed {seed}, {crashes} crashes, {pauses} pauses, {:?} in all", watch.elapsed());
    judge(world, seed);
}

/// Holds the carrier's ledger against the promises.
fn judge(mut world: World, seed: u64) {
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
