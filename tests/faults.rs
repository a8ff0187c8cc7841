//! One fault at a time, against a server in this process whose Twilio is the simulated carrier.

mod harness;

use harness::{ADA, BOB, OURS, PATIENCE, Scratch, Stage, eventually, fresh_sid, live_settings};
use std::collections::HashSet;
use std::time::Duration;
use tidings::carrier::{Direction, Faults, Switch};
use tidings::clock::stopwatch;
use tidings::store::MessageRow;
use tokio::io::AsyncWriteExt as _;

/// No answer of ours gets through, nor does any callback: only the list can tell.
fn deaf(faults: &mut Faults) {
    faults.webhook_answer_lost = Switch::with_probability(1.0);
    faults.callback_lost = Switch::with_probability(1.0);
}

/// A stage on each engine where Ada's text was heard and no answer came through.
async fn after_a_lost_answer(fault: impl Fn(&mut Faults)) -> Vec<Stage> {
    let mut stages = Vec::new();
    for scratch in Scratch::each().await {
        stages.push(lost_answer(scratch, &fault).await);
    }
    stages
}

async fn lost_answer(scratch: Scratch, fault: impl Fn(&mut Faults)) -> Stage {
    let stage = Stage::new(scratch).await;
    stage.faults(|faults| {
        deaf(faults);
        fault(faults);
    });
    let delivery = stage.carrier.text(ADA, OURS, "STATUS").await.unwrap();
    assert!(delivery.reply_sids.is_empty() && delivery.attempts == 6, "{delivery:?}");
    stage
}

/// Ada got one message by REST, and its row knows it.
async fn one_by_rest(stage: Stage) -> MessageRow {
    stage.settled().await;
    let (mut rows, taken) = (stage.outgoing().await, stage.taken());
    assert_eq!((rows.len(), taken.len()), (1, 1), "{}", stage.scratch.engine());
    assert_eq!(taken[0].direction, Direction::OutboundApi);
    let row = rows.remove(0);
    assert_eq!(row.sid, Some(harness::uuid(&taken[0].sid)));
    assert_eq!(row.body, taken[0].body);
    stage.end().await;
    row
}

#[tokio::test]
async fn a_reply_that_was_not_taken_is_sent_by_rest_once() {
    for stage in after_a_lost_answer(|_| {}).await {
        let row = one_by_rest(stage).await;
        assert_eq!(row.attempts, 2);
    }
}

#[tokio::test]
async fn a_send_whose_answer_is_lost_is_found_and_not_repeated() {
    for stage in after_a_lost_answer(|faults| faults.answer_lost = Switch::next(1)).await {
        assert_eq!(one_by_rest(stage).await.attempts, 2);
    }
}

#[tokio::test]
async fn a_500_after_accepting_is_found_and_not_repeated_though_the_list_is_late() {
    let late = |faults: &mut Faults| {
        faults.error_after_accept = Switch::next(1);
        faults.listing_late_ms = 1_500;
    };
    for stage in after_a_lost_answer(late).await {
        assert_eq!(one_by_rest(stage).await.attempts, 2);
    }
}

#[tokio::test]
async fn a_500_before_accepting_and_429_lead_to_another_try() {
    let refused = |faults: &mut Faults| {
        faults.too_many_requests = Switch::next(1);
        faults.error_before_accept = Switch::next(1);
    };
    for stage in after_a_lost_answer(refused).await {
        assert_eq!(one_by_rest(stage).await.attempts, 4);
    }
}

#[tokio::test]
async fn a_code_is_not_sent_again_by_itself() {
    let stage = Stage::new(Scratch::sqlite()).await;
    stage.carrier.text(ADA, OURS, "REGISTER").await.unwrap();
    stage.faults(deaf);
    stage.carrier.text(ADA, OURS, "Ada").await.unwrap();
    stage.settled().await;
    let code = stage.outgoing().await.pop().unwrap();
    assert_eq!((code.purpose.as_deref(), code.status.as_str(), code.sid), (Some("code"), "failed", None));
    assert_eq!(stage.taken().len(), 1);
    // Another try at the webhook comes too late, and a code that was given up is not told again.
    stage.end().await;
}

#[tokio::test]
async fn a_lost_callback_is_made_good_by_the_list() {
    let stage = Stage::new(Scratch::sqlite()).await;
    stage.faults(|faults| faults.callback_lost = Switch::with_probability(1.0));
    for _ in 0..3 {
        // Equal answers within one second: each keeps its own SID.
        stage.carrier.text(ADA, OURS, "STATUS").await.unwrap();
    }
    stage.settled().await;
    let named: Vec<_> = stage.taken().iter().map(|message| Some(harness::uuid(&message.sid))).collect();
    let known: Vec<_> = stage.outgoing().await.iter().map(|row| row.sid).collect();
    assert_eq!(known, named);
    stage.end().await;
}

#[tokio::test]
async fn twilios_21610_is_an_opt_out() {
    for scratch in Scratch::each().await {
        let stage = lost_answer(scratch, |_| {}).await;
        // The STOP itself never reaches us: only the refusal tells. It has to come before REST does.
        stage.carrier.set_number(OURS, |number| number.sms_url = None);
        stage.carrier.text(ADA, OURS, "STOP").await.unwrap();
        stage.settled().await;
        let row = stage.outgoing().await.remove(0);
        assert_eq!((row.status.as_str(), row.error_code), ("failed", Some(21610)));
        let contact = stage.app.store.contact(ADA).await.unwrap().unwrap();
        assert_eq!(contact.consent, "withdrawn");
        let ledger = stage.app.store.ledger(contact.id, i64::MAX, 10).await.unwrap();
        assert_eq!((ledger[0].given, ledger[0].how.as_str()), (false, "error_21610"));
        assert_eq!(stage.taken().len(), 0);
        stage.end().await;
    }
}

/// All orders of `items`.
fn orders(items: &[&'static str]) -> Vec<Vec<&'static str>> {
    if items.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (place, first) in items.iter().enumerate() {
        let mut others = items.to_vec();
        others.remove(place);
        all.extend(orders(&others).into_iter().map(|mut order| {
            order.insert(0, first);
            order
        }));
    }
    all
}

fn rank(status: &str) -> usize {
    let ranks = ["handed", "accepted", "sent", "delivered", "read"];
    ranks.iter().position(|known| *known == status.replace("undelivered", "delivered")).unwrap()
}

#[tokio::test]
async fn reports_in_any_order_never_move_a_status_backwards() {
    let stage = Stage::new(Scratch::sqlite()).await;
    let mut tried = 0;
    for words in [["queued", "sent", "delivered", "delivered"], ["sent", "queued", "undelivered", "sent"]] {
        for (place, order) in orders(&words).into_iter().enumerate() {
            let from = format!("+1415556{:04}", tried % 1000 + 1000 * (place % 2));
            stage.hear(&fresh_sid(), &from, "STATUS").await;
            let contact = stage.app.store.contact(&from).await.unwrap().unwrap();
            let look = async || {
                let rows = stage.app.store.conversation(contact.id, i64::MAX, 10).await.unwrap();
                rows.into_iter().find(|row| row.outbound).unwrap()
            };
            let (row, sid) = (look().await, fresh_sid());
            let mut highest = 0;
            for word in &order {
                assert_eq!(stage.report(row.id, &sid, word).await, 200);
                let now = look().await;
                highest = highest.max(rank(&now.status));
                assert_eq!(rank(&now.status), highest, "{order:?}");
                assert_eq!(now.sid, Some(harness::uuid(&sid)));
            }
            assert_eq!(highest, 3, "{order:?}");
            tried += 1;
        }
    }
    println!("{tried} orders tried");
    stage.end().await;
}

#[tokio::test]
async fn a_late_report_wins_over_an_end_of_our_own() {
    let stage = Stage::new(Scratch::sqlite()).await;
    stage.hear(&fresh_sid(), ADA, "REGISTER").await;
    stage.hear(&fresh_sid(), ADA, "Ada").await;
    stage.settled().await;
    let code = stage.outgoing().await.pop().unwrap();
    assert_eq!((code.purpose.as_deref(), code.status.as_str()), (Some("code"), "failed"));
    let sid = fresh_sid();
    stage.report(code.id, &sid, "delivered").await;
    let code = stage.outgoing().await.pop().unwrap();
    assert_eq!((code.status.as_str(), code.sid), ("delivered", Some(harness::uuid(&sid))));
    stage.end().await;
}

#[tokio::test]
async fn two_hundred_texts_of_one_number_keep_their_order() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        // The carrier's lines are fair: texts of one handset go in the order in which they were typed.
        let texts = (0..200).map(|n| {
            let (carrier, body) = (stage.carrier.clone(), format!("{n}"));
            async move { carrier.text(ADA, OURS, &body).await.unwrap() }
        });
        let others = (0..200).map(|_| stage.carrier.text(BOB, OURS, "STATUS"));
        let (deliveries, _) =
            tokio::join!(futures_util::future::join_all(texts), futures_util::future::join_all(others));
        assert!(deliveries.iter().all(|delivery| delivery.http_status == Some(200)));
        let contact = stage.app.store.contact(ADA).await.unwrap().unwrap();
        let mut rows = stage.app.store.conversation(contact.id, i64::MAX, 1000).await.unwrap();
        rows.reverse();
        let heard: Vec<&str> = rows.iter().filter(|row| !row.outbound).map(|row| row.body.as_str()).collect();
        let typed: Vec<String> = (0..200).map(|n| n.to_string()).collect();
        assert_eq!(heard, typed);
        stage.end().await;
    }
}

#[tokio::test]
async fn a_half_open_connection_does_not_hold_up_a_stop() {
    let stage = Stage::new(Scratch::sqlite()).await;
    let mut half = tokio::net::TcpStream::connect(stage.app.address).await.unwrap();
    half.write_all(b"POST /webhooks/twilio/sms HTTP/1.1\r\nHost: x\r\nContent-Le").await.unwrap();
    let mut idle = tokio::net::TcpStream::connect(stage.app.address).await.unwrap();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let texts = (0..20).map(|n| {
        let carrier = stage.carrier.clone();
        tokio::spawn(async move { carrier.text(&format!("+141555520{n:02}"), OURS, "STATUS").await })
    });
    let texts: Vec<_> = texts.collect();
    eventually("a text's arrival", PATIENCE, async || !stage.messages().await.is_empty()).await;
    let Stage { app, carrier, scratch, .. } = stage;
    let watch = stopwatch();
    app.stop().await;
    assert!(watch.elapsed() < Duration::from_secs(20), "{:?}", watch.elapsed());
    for text in texts {
        text.await.unwrap().unwrap();
    }
    carrier.idle().await;
    // What was answered is in the database, and nothing else.
    let store = scratch.open().await;
    let rows = harness::messages(&store).await;
    let heard: HashSet<_> = rows.iter().filter(|row| !row.outbound).filter_map(|row| row.sid).collect();
    let answered = carrier.ledger(0).webhooks.into_iter().filter(|call| call.http_status == Some(200));
    let answered: HashSet<_> = answered.map(|call| harness::uuid(&call.message_sid)).collect();
    assert!(answered.is_subset(&heard), "{} answered, {} heard", answered.len(), heard.len());
    store.close().await;
    scratch.close().await;
}

#[tokio::test]
async fn while_the_database_can_not_be_written_nothing_is_promised() {
    use sqlx::Connection as _;
    let stage = Stage::new(Scratch::sqlite()).await;
    stage.hear(&fresh_sid(), ADA, "STATUS").await;
    let mut other = sqlx::SqliteConnection::connect(&stage.scratch.url).await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let sid = fresh_sid();
    let (status, _) = stage.hear(&sid, BOB, "STATUS").await;
    assert_eq!(status, 503);
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    eventually("recovery", Duration::from_secs(10), async || stage.hear(&sid, BOB, "STATUS").await.0 == 200)
        .await;
    let rows = stage.messages().await;
    let bobs = rows.iter().filter(|row| row.sid == Some(harness::uuid(&sid)));
    assert_eq!(bobs.count(), 1);
    other.close().await.unwrap();
    stage.end().await;
}

#[tokio::test]
async fn a_server_does_not_start_without_its_database() {
    let settings = tidings::carrier::Settings::random();
    let pairs = live_settings(&settings, "http://127.0.0.1:9", "postgres://nobody@127.0.0.1:9/none");
    let pairs = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let values = tidings::config::Values::from_pairs(pairs.chain([("TIDINGS_LISTEN", "127.0.0.1:0")]));
    let config = tidings::config::Config::from_values(&values.unwrap()).unwrap();
    let error = tidings::app::App::start(config, tidings::clock::Clock::system()).await.unwrap_err();
    assert!(error.to_string().starts_with("DATABASE_URL"), "{error}");
}
