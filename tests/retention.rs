//! Retention: words and messages go after their time, the consent ledger never does.

mod support;

use jiff::SignedDuration;
use std::sync::Arc;
use tidings::batch::Apply as _;
use tidings::config::Retention as Periods;
use tidings::conversation::Inbox;
use tidings::outbound::Retention;
use tidings::outbound::ticks::{Schedule as _, Ticked};

const OLD: &str = "+14155550123";
const NEW: &str = "+14155550124";

fn days(count: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * count)
}

async fn run(inbox: &Arc<Inbox>, periods: Periods) {
    let retention = Retention { inbox: inbox.clone(), periods };
    while retention.tick(inbox.clock.now()).await.unwrap() == Ticked::More {}
}

/// The words of a number's conversation, oldest first; how many lines its ledger has.
async fn kept(inbox: &Inbox, number: &str) -> (Vec<String>, usize) {
    let contact = inbox.store.contact(number).await.unwrap().unwrap();
    let rows = inbox.store.conversation(contact.id, i64::MAX, 1000).await.unwrap();
    let words = rows.into_iter().rev().map(|row| row.body).collect();
    (words, inbox.store.ledger(contact.id, i64::MAX, 99).await.unwrap().len())
}

#[tokio::test]
async fn words_are_blanked_messages_deleted_and_the_ledger_stays() {
    for fresh in support::engines().await {
        let store = support::open(&fresh).await;
        let (inbox, clock) = support::inbox(store.clone(), true).await;
        // More than a slice.
        let mut texts = vec![support::text(OLD, "START")];
        texts.extend((0..620).map(|index| support::text(OLD, &format!("secret {index}"))));
        for slice in texts.chunks(100) {
            inbox.apply(slice).await.unwrap();
        }
        assert!(clock.advance(days(40)));
        inbox.apply(&[support::text(NEW, "START")]).await.unwrap();

        run(&inbox, Periods::default()).await;
        assert!(kept(&inbox, OLD).await.0.contains(&"secret 619".to_owned()), "all is kept by default");
        let words = Periods { words: Some(days(30)), messages: None };
        run(&inbox, words).await;
        let (said, lines) = kept(&inbox, OLD).await;
        // What was handed to Twilio and never confirmed has not ended.
        let left: Vec<&String> =
            said.iter().filter(|body| body.contains("secret") || *body == "START").collect();
        assert!(left.is_empty(), "on {}: {left:?}", fresh.name);
        assert!(said.len() >= 621, "the rows stay: {}", said.len());
        assert_eq!(lines, 1, "the ledger stays");
        let contact = store.contact(OLD).await.unwrap().unwrap();
        let line = store.ledger(contact.id, i64::MAX, 9).await.unwrap().remove(0);
        assert_eq!(line.body.as_deref(), Some("START"), "with the words of the opt-in");
        assert!(kept(&inbox, NEW).await.0.contains(&"START".to_owned()), "what is young stays");

        let messages = Periods { words: None, messages: Some(days(35)) };
        run(&inbox, messages).await;
        let (said, lines) = kept(&inbox, OLD).await;
        let rows = store.conversation(contact.id, i64::MAX, 1000).await.unwrap();
        assert!(rows.iter().all(|row| row.status == "handed"), "on {}: {said:?}", fresh.name);
        assert_eq!(lines, 1);
        assert!(kept(&inbox, NEW).await.0.contains(&"START".to_owned()));
        store.close().await;
    }
}

#[test]
fn a_period_that_is_too_short_stops_the_start() {
    use tidings::config::{Config, Values};
    let config = |days: &str| {
        let pairs = [
            ("TIDINGS_RETENTION_MESSAGES_DAYS", days),
            ("TIDINGS_SECRET", "a secret of the tests, 32 bytes or more"),
        ];
        Config::from_values(&Values::from_pairs(pairs).unwrap())
    };
    assert_eq!(config("0").unwrap().retention, Periods::default());
    assert_eq!(config("90").unwrap().retention.messages, Some(days(90)));
    let error = config("29").unwrap_err().to_string();
    assert!(error.starts_with("TIDINGS_RETENTION_MESSAGES_DAYS: must be 0"), "{error}");
}
