//! `kill -9` while reminders are queued and sent, with a carrier whose answers get lost: every person
//! is reminded, and nobody twice.

mod harness;

use harness::server::beside_a_carrier;
use harness::{PATIENCE, Scratch, eventually, open_count};
use jiff::SignedDuration;
use serde_json::json;
use std::collections::HashMap;
use std::time::Duration;
use tidings::carrier::{Faults, Switch};
use tidings::clock::Clock;

const PEOPLE: usize = 24;
const KILLS: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_reminding_nobody_is_forgotten_or_reminded_twice() {
    for scratch in Scratch::each().await {
        run(scratch).await;
    }
}

async fn run(scratch: Scratch) {
    let now_and_then = Switch::with_probability(0.2);
    let faults = Faults {
        seed: 7,
        error_before_accept: now_and_then,
        error_after_accept: now_and_then,
        answer_lost: now_and_then,
        callback_lost: now_and_then,
        ..Faults::default()
    };
    // No quiet hours: they would hold the reminders at some hours of the day.
    let settings = [("TIDINGS_QUIET_HOURS", "00:00-00:00"), ("TIDINGS_SEGMENTS_PER_SECOND", "100")];
    let (mut server, carrier, over) = beside_a_carrier(&scratch, faults, &settings).await;

    let store = scratch.open().await;
    let token = tidings::api::new_token().unwrap();
    store.add_token(1, "test", &tidings::api::hash_token(&token), "bookings:write", 0).await.unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let starts_at = (Clock::system().now() + SignedDuration::from_hours(3)).to_string();
    for person in 0..PEOPLE {
        let body = json!({"phone_number": format!("+1212{}", 2_000_100 + person), "title": "Check-up",
            "starts_at": starts_at});
        // An answer may be lost with the server, and a booking must not be made twice for it.
        let url = format!("{}/api/v1/bookings", server.url);
        let answer = client.post(url).bearer_auth(&token).json(&body).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 201);
        if person % (PEOPLE / KILLS) == PEOPLE / KILLS - 1 {
            server.kill();
            server.start();
            server.ready().await;
        }
    }
    carrier.set_faults(Faults::default());
    eventually("every reminder", PATIENCE * 3, async || {
        carrier.idle().await;
        open_count(&store).await == 0 && carrier.ledger(0).outbound.len() >= PEOPLE
    })
    .await;
    let (status, took) = server.terminate().await;
    assert!(status.success() && took < Duration::from_secs(20), "SIGTERM: {status} after {took:?}");
    let mut reminded: HashMap<String, usize> = HashMap::new();
    for message in carrier.ledger(0).outbound {
        *reminded.entry(message.to).or_default() += 1;
    }
    assert_eq!(reminded.len(), PEOPLE, "{}", scratch.engine());
    assert!(reminded.values().all(|times| *times == 1), "{reminded:?}");
    println!("{}: {PEOPLE} reminders over {KILLS} kills, each once", scratch.engine());
    store.close().await;
    over.cancel();
    scratch.close().await;
}
