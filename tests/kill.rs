//! `kill -9` under load: fifty numbers text while the server is killed and started again and again
//! and the carrier does everything wrong that a carrier can. In the end its ledger and our database
//! must agree: no text and no reply is lost or doubled.
//!
//! `TIDINGS_KILLS` sets how often it is killed, `TIDINGS_SEED` repeats a run's draws. With an odd
//! seed STOP is answered by Tidings, with an even one by the carrier.

mod harness;

use harness::audit::Audit;
use harness::people::{Crowd, Dice};
use harness::server::Server;
use harness::{OURS, Scratch, eventually, live_settings, messages, open_count, random, start_carrier};
use std::sync::atomic::Ordering;
use std::time::Duration;
use tidings::carrier::{Carrier, Faults, Number, OptOut, Patience, Settings, Switch, Timing};
use tidings::clock::Clock;
use tidings::clock::stopwatch;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

const PEOPLE: u64 = 50;
/// How long everything may take to come to rest after the last kill.
const REST: Duration = Duration::from_mins(3);

/// One at a time: both would share the machine's two cores.
static TURN: Mutex<()> = Mutex::const_new(());

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_on_sqlite_nothing_is_lost_or_doubled() {
    let _turn = TURN.lock().await;
    run(Scratch::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_on_postgres_nothing_is_lost_or_doubled() {
    let _turn = TURN.lock().await;
    if let Some(scratch) = Scratch::postgres().await {
        run(scratch).await;
    }
}

fn asked<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

async fn run(scratch: Scratch) {
    let kills: u32 = asked("TIDINGS_KILLS").unwrap_or(12);
    let seed: u64 = asked("TIDINGS_SEED").unwrap_or_else(|| u64::try_from(random() & 0xffff_ffff).unwrap());
    let carrier_stops = seed.is_multiple_of(2);
    println!("{}: TIDINGS_KILLS={kills} TIDINGS_SEED={seed}", scratch.engine());
    let watch = stopwatch();

    let stop_carrier = CancellationToken::new();
    let (carrier, base) =
        start_carrier(carrier_settings(carrier_stops), Clock::system(), &stop_carrier).await;
    let mut settings = live_settings(carrier.settings(), &base, &scratch.url);
    let answers = if carrier_stops { "twilio" } else { "tidings" };
    settings.push(("TIDINGS_OPT_OUT_REPLIES".to_owned(), answers.to_owned()));
    settings.push(("TIDINGS_LOG".to_owned(), "info,tidings::outbound=debug".to_owned()));
    let mut server = Server::new(settings, scratch.folder.path().to_owned());
    let webhook = format!("{}/webhooks/twilio/sms", server.url);
    carrier.set_number(OURS, |number| number.sms_url = Some(webhook));
    carrier.set_faults(faults(seed));

    let crowd = Crowd::new(carrier.clone());
    let (people, stop) = (TaskTracker::new(), CancellationToken::new());
    for person in 0..PEOPLE {
        let dice = Dice::new(seed.wrapping_mul(1000).wrapping_add(person));
        people.spawn(crowd.clone().live(dice, stop.clone()));
    }
    let mut dice = Dice::new(seed);
    server.start();
    for kill in 0..kills {
        if kill % 12 == 2 {
            carrier.set_faults(deaf(seed + u64::from(kill)));
        } else if kill % 12 == 10 {
            carrier.set_faults(faults(seed + u64::from(kill)));
        }
        // The moment of a kill is what this test is about; so it is one of chance, now and then
        // before the server is ready.
        if dice.below(5) > 0 {
            server.ready().await;
            tokio::time::sleep(dice.milliseconds(0, 1500)).await;
        } else {
            tokio::time::sleep(dice.milliseconds(0, 400)).await;
        }
        server.kill();
        server.start();
    }
    // Those who wait for an answer must get one.
    carrier.set_faults(faults(seed));
    server.ready().await;
    stop.cancel();
    people.close();
    people.wait().await;
    carrier.set_faults(Faults::default());
    rest(&scratch, &carrier).await;
    let (status, took) = server.terminate().await;
    assert!(status.success() && took < Duration::from_secs(20), "SIGTERM: {status} after {took:?}");
    carrier.idle().await;

    let ledger = carrier.ledger(0);
    let audit = Audit::of(&ledger, &scratch, carrier_stops).await;
    println!("{}: {kills} kills, seed {seed}, {:?} in all", scratch.engine(), watch.elapsed());
    println!("{}", audit.table());
    println!("{:>8}  calls of the webhook", ledger.webhooks.len());
    println!("{:>8}  callbacks", ledger.callbacks.len());
    println!("{:>8}  registrations", crowd.registered.load(Ordering::Relaxed));
    println!("{:>8}  milliseconds from SIGTERM to the end", took.as_millis());
    let texts = crowd.texts.load(Ordering::Relaxed);
    assert_eq!((ledger.inbound.len(), crowd.unheard.load(Ordering::Relaxed)), (texts, 0));
    if !audit.wrong.is_empty() {
        keep_for_a_look(scratch, &ledger).await;
        panic!("{} things are wrong:\n{}", audit.wrong.len(), audit.wrong.join("\n"));
    }
    scratch.close().await;
}

fn carrier_settings(carrier_stops: bool) -> Settings {
    Settings {
        numbers: vec![Number::new(OURS, None)],
        opt_out: if carrier_stops { OptOut::Default } else { OptOut::Off },
        timing: Timing { sent_after: Duration::from_millis(20), ended_after: Duration::from_millis(60) },
        // The longest pause is longer than the wait after which a reply is sent by REST instead.
        patience: Some(Patience {
            retries: 100,
            pause: Duration::from_millis(50),
            longest_pause: Duration::from_secs(5),
        }),
        ..Settings::random()
    }
}

fn faults(seed: u64) -> Faults {
    let now_and_then = Switch::with_probability(0.1);
    Faults {
        seed,
        too_many_requests: now_and_then,
        error_before_accept: now_and_then,
        error_after_accept: now_and_then,
        answer_lost: now_and_then,
        callback_doubled: now_and_then,
        callback_late: now_and_then,
        callback_late_ms: 1_500,
        callback_reordered: now_and_then,
        callback_lost: Switch::with_probability(0.3),
        // The last look at the list comes three seconds after a message was handed over.
        listing_late_ms: 500,
        webhook_answer_lost: now_and_then,
        ..Faults::default()
    }
}

/// No answer of ours gets through for a while, and few callbacks: replies must go by REST, and only
/// the list tells what became of them.
fn deaf(seed: u64) -> Faults {
    let often = Switch::with_probability(0.2);
    Faults {
        webhook_answer_lost: Switch::with_probability(0.95),
        callback_lost: Switch::with_probability(0.7),
        error_after_accept: often,
        answer_lost: often,
        ..faults(seed)
    }
}

/// Returns once nothing is on its way any more, neither here nor at the carrier.
async fn rest(scratch: &Scratch, carrier: &Carrier) {
    let store = scratch.open().await;
    eventually("rest", REST, async || {
        carrier.idle().await;
        // Idle was before this look: what was sent in between shows as open or comes to rest alone.
        open_count(&store).await == 0
    })
    .await;
    carrier.idle().await;
    store.close().await;
}

/// Leaves the messages, the server's log and the carrier's ledger where they can be looked at.
async fn keep_for_a_look(scratch: Scratch, ledger: &tidings::carrier::Ledger) {
    let store = scratch.open().await;
    let rows: Vec<String> = messages(&store).await.iter().map(|row| format!("{row:?}")).collect();
    store.close().await;
    let folder = scratch.folder.keep();
    std::fs::write(folder.join("messages.txt"), rows.join("\n")).unwrap();
    std::fs::write(folder.join("ledger.json"), serde_json::to_vec_pretty(ledger).unwrap()).unwrap();
    println!("kept for a look: {} ({})", folder.display(), scratch.url);
}
