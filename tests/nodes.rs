//! Two nodes on one PostgreSQL, one of them killed, paused and resumed while people text and the
//! carrier does everything wrong: nothing is lost, and no two nodes own one message.

mod harness;

use harness::audit::Audit;
use harness::people::{Crowd, Dice};
use harness::server::Server;
use harness::{OURS, PATIENCE, Scratch, eventually, live_settings, open_count, random, start_carrier};
use std::time::Duration;
use tidings::carrier::{Call, Faults, Number, Patience, Settings, Switch, Timing};
use tidings::clock::Clock;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

const PEOPLE: u64 = 30;
/// Longer than a claim holds, so that the other node takes over what the paused one had begun.
const LONG_PAUSE: Duration = Duration::from_secs(33);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_two_nodes_may_die_or_stand_still() {
    let Some(scratch) = Scratch::postgres().await else { return };
    let seed = u64::try_from(random() & 0xffff_ffff).unwrap();
    println!("seed {seed}");
    let stop_carrier = CancellationToken::new();
    let settings = Settings {
        numbers: vec![Number::new(OURS, None)],
        timing: Timing { sent_after: Duration::from_millis(20), ended_after: Duration::from_millis(60) },
        patience: Some(Patience {
            retries: 100,
            pause: Duration::from_millis(50),
            longest_pause: Duration::from_millis(500),
        }),
        ..Settings::random()
    };
    let (carrier, base) = start_carrier(settings, Clock::system(), &stop_carrier).await;
    let mut settings = live_settings(carrier.settings(), &base, &scratch.url);
    settings.push(("TIDINGS_SETTLE_SECONDS".to_owned(), "2".to_owned()));
    let node = || Server::new(settings.clone(), scratch.folder.path().to_owned());
    let mut nodes = [node(), node()];
    // Whoever asks the node that stands still gives up, long before its answer would count as never taken.
    let [first, second] = nodes.each_ref().map(|node| format!("{}/webhooks/twilio/sms#rt=1000", node.url));
    carrier.set_number(OURS, |number| {
        number.sms_url = Some(first);
        number.sms_fallback_url = Some(second);
    });
    // Half of all calls fail, so that the other node is asked next.
    let now_and_then = Switch::with_probability(0.1);
    carrier.set_faults(Faults {
        seed,
        error_after_accept: now_and_then,
        answer_lost: now_and_then,
        callback_lost: Switch::with_probability(0.3),
        webhook_answer_lost: Switch::with_probability(0.5),
        ..Faults::default()
    });
    for node in &mut nodes {
        node.start();
    }
    for node in &mut nodes {
        node.ready().await;
    }
    let crowd = Crowd::new(carrier.clone());
    let (people, stop) = (TaskTracker::new(), CancellationToken::new());
    for person in 0..PEOPLE {
        people
            .spawn(crowd.clone().live(Dice::new(seed.wrapping_mul(1000).wrapping_add(person)), stop.clone()));
    }
    let mut dice = Dice::new(seed);
    // When a node dies or stands still is what this is about, so it is one of chance.
    for round in 0..6 {
        tokio::time::sleep(dice.milliseconds(300, 2000)).await;
        nodes[0].kill();
        nodes[0].start();
        nodes[0].ready().await;
        nodes[1].signal("STOP");
        tokio::time::sleep(if round == 3 { LONG_PAUSE } else { dice.milliseconds(100, 1500) }).await;
        nodes[1].signal("CONT");
    }
    stop.cancel();
    people.close();
    people.wait().await;
    carrier.set_faults(Faults::default());
    let store = scratch.open().await;
    eventually("rest", PATIENCE * 4, async || {
        carrier.idle().await;
        open_count(&store).await == 0
    })
    .await;
    store.close().await;
    for node in &mut nodes {
        let (status, _) = node.terminate().await;
        assert!(status.success());
    }
    let ledger = carrier.ledger(0);
    for node in &nodes {
        let by = |call: &&Call| call.url.starts_with(&node.url) && call.http_status == Some(200);
        println!("{:>8}  texts answered by {}", ledger.webhooks.iter().filter(by).count(), node.url);
        assert!(ledger.webhooks.iter().any(|call| by(&call)), "it was never asked");
    }
    let audit = Audit::of(&ledger, &scratch, true).await;
    println!("{}", audit.table());
    assert!(audit.wrong.is_empty(), "seed {seed}, {} wrong:\n{}", audit.wrong.len(), audit.wrong.join("\n"));
    scratch.close().await;
}
