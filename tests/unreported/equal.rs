//! Equal texts to one person, of which Twilio's list does not say which is which.

use super::bench::{Bench, rows};
use crate::harness::{ADA, OURS};
use crate::support;
use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::post;
use jiff::SignedDuration;
use tidings::batch::Apply as _;
use tidings::carrier::Ending;
use tidings::conversation::{Reported, Reports};
use tidings::delivery::Status;
use tidings::metrics::Metrics;
use tokio::net::TcpListener;

/// Has the carrier take `words` as the answer to a text of Ada's.
async fn answered(bench: &Bench, words: &str) {
    let document = format!("<Response><Message>{words}</Message></Response>");
    let answer = post(async move || ([(CONTENT_TYPE, "text/xml")], document));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let over = bench.over.clone();
    tokio::spawn(async move {
        let server = axum::serve(listener, Router::new().route("/", answer));
        server.with_graceful_shutdown(over.cancelled_owned()).await.unwrap();
    });
    bench.carrier.set_number(OURS, |number| number.sms_url = Some(url));
    assert_eq!(bench.carrier.text(ADA, OURS, "STATUS").await.unwrap().replies, [words]);
    bench.carrier.idle().await;
}

/// Leases what is due to nodes that die, a second apart, the oldest first.
async fn leased(bench: &Bench, seconds: [i64; 2]) {
    let now = bench.clock.now();
    let mut tx = bench.store.begin().await.unwrap();
    for (seconds, fence) in seconds.into_iter().zip(100..) {
        let until = (now + SignedDuration::from_secs(seconds)).as_millisecond();
        assert_eq!(tx.claim_unsettled(now.as_millisecond(), until, fence, 1).await.unwrap().len(), 1);
    }
    tx.commit().await.unwrap();
}

/// The list has one of two answers, and the later one's time. Until that is written down for it, it may turn out to
/// be the earlier one's; so nothing is sent instead of that.
#[tokio::test]
async fn what_is_told_from_an_equal_text_waits_for_that_one() {
    for bench in Bench::each().await {
        let go_on = |seconds| assert!(bench.clock.advance(SignedDuration::from_secs(seconds)));
        let statuses = async || {
            let rows = rows(&bench.store).await.into_iter();
            rows.map(|row| (row.status, row.sid.is_some())).collect::<Vec<_>>()
        };
        let settler = bench.settler(Metrics::new().unwrap());
        bench.inbox.apply(&[support::text(ADA, "STATUS")]).await.unwrap();
        go_on(5);
        bench.inbox.apply(&[support::text(ADA, "STATUS")]).await.unwrap();
        answered(&bench, &rows(&bench.store).await[1].body).await;
        go_on(600);
        leased(&bench, [10, 20]).await;

        go_on(11);
        assert_eq!(settler.settle_due().await.unwrap(), 1);
        let handed = || ("handed".to_owned(), false);
        assert_eq!(statuses().await, [handed(), handed()]);
        go_on(10);
        assert_eq!(settler.settle_due().await.unwrap(), 1);
        assert_eq!(statuses().await, [handed(), ("delivered".to_owned(), true)]);
        go_on(60);
        assert_eq!(settler.settle_due().await.unwrap(), 1);
        assert_eq!(statuses().await[0], ("queued".to_owned(), false));
        bench.end().await;
    }
}

/// Its end was looked up by a SID that the list told, and no callback did: to a repeat of its webhook nothing is said.
#[tokio::test]
async fn a_look_proves_no_guess() {
    for bench in Bench::each().await {
        let text = support::text(ADA, "STATUS");
        bench.carrier.set_ending(ADA, Ending::Silent);
        bench.inbox.apply(std::slice::from_ref(&text)).await.unwrap();
        answered(&bench, &rows(&bench.store).await[0].body).await;
        assert!(bench.clock.advance(SignedDuration::from_mins(1)));
        bench.settler(Metrics::new().unwrap()).settle_due().await.unwrap();
        let row = rows(&bench.store).await.remove(0);
        assert_eq!((row.status.as_str(), row.sid.is_some()), ("sent", true));
        let end = Reported { told: false, ..Bench::report(row.id, &sid_of(&bench), Status::Delivered, None) };
        Reports(bench.inbox.clone()).apply(&[end]).await.unwrap();
        assert_eq!(rows(&bench.store).await[0].status, "delivered");
        assert!(bench.inbox.apply(std::slice::from_ref(&text)).await.unwrap()[0].is_none());
        bench.end().await;
    }
}

/// What the carrier took.
fn sid_of(bench: &Bench) -> String {
    bench.carrier.ledger(0).outbound[0].sid.clone()
}
