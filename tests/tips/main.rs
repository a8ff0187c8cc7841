//! Daily tips: at seven where people live, once a date, never the same twice, on both engines.

#[path = "../harness/mod.rs"]
mod harness;
mod once;
#[path = "../support/mod.rs"]
mod support;
mod when;

use jiff::Timestamp;
use std::sync::Arc;
use support::Fresh;
use tidings::batch::Apply as _;
use tidings::clock::Clock;
use tidings::conversation::Inbox;
use tidings::dialog::{Consent, Name, Person, State};
use tidings::metrics::Metrics;
use tidings::outbound::Tips;
use tidings::outbound::ticks::{Schedule as _, Ticked};
use tidings::schedule::QuietHours;
use tidings::store::{MessageRow, NewContact, NewTip, Store};

const CAROL: &str = "+14155550103";

/// A member where clocks show `zone`'s time; returns their id.
async fn member(inbox: &Inbox, address: &str, zone: &str, locale: &str) -> i64 {
    join(inbox, address, (zone, "chosen"), locale).await
}

/// A member whose zone we know in this way.
async fn guessed(inbox: &Inbox, address: &str, zone: (&str, &str)) -> i64 {
    join(inbox, address, zone, "en").await
}

async fn join(inbox: &Inbox, address: &str, (zone, source): (&str, &str), locale: &str) -> i64 {
    let now = inbox.clock.now();
    let person = Person {
        state: State::Member { since: now },
        consent: Consent::Given,
        name: Name::parse("Asha"),
        ..Person::default()
    };
    let contact = NewContact {
        id: inbox.ids.next(now),
        address,
        state: person.state.as_str(),
        consent: person.consent.as_str(),
        person: serde_json::to_string(&person).unwrap(),
        locale,
        time_zone: zone,
        time_zone_source: source,
        created_at: now.as_millisecond(),
        erased_at: None,
    };
    let mut tx = inbox.store.begin().await.unwrap();
    tx.add_contacts(&[contact]).await.unwrap();
    tx.commit().await.unwrap();
    inbox.store.contact(address).await.unwrap().unwrap().id
}

async fn texts(inbox: &Inbox, from: &str, body: &str) {
    inbox.apply(&[support::text(from, body)]).await.unwrap();
}

/// A course of `count` tips.
async fn course(inbox: &Inbox, locale: &str, positions: std::ops::RangeInclusive<i64>) {
    let now = inbox.clock.now();
    let tip = |position| NewTip {
        id: inbox.ids.next(now),
        locale: locale.to_owned(),
        position: Some(position),
        date: None,
        body: format!("{locale} {position}"),
        created_at: now.as_millisecond(),
    };
    let tips: Vec<NewTip> = positions.map(tip).collect();
    assert_eq!(inbox.store.add_tips(&tips).await.unwrap().len(), tips.len());
}

fn schedule(inbox: &Arc<Inbox>) -> Tips {
    let quiet = QuietHours { from: jiff::civil::time(21, 0, 0, 0), to: jiff::civil::time(8, 0, 0, 0) };
    Tips::new(inbox.clone(), quiet, Metrics::new().unwrap())
}

/// Ticks until nothing is due; returns when something is again.
async fn tick(tips: &Tips, clock: &Clock) -> Option<Timestamp> {
    for _ in 0..100 {
        if let Ticked::Idle(next) = tips.tick(clock.now()).await.unwrap() {
            return next;
        }
    }
    panic!("the schedule of tips does not come to rest");
}

/// The tips somebody was queued, oldest first.
async fn tips_of(store: &Store, contact: i64) -> Vec<MessageRow> {
    let mut rows = store.conversation(contact, i64::MAX, 1000).await.unwrap();
    rows.retain(|row| row.purpose.as_deref() == Some("tip"));
    rows.reverse();
    rows
}

async fn bodies(store: &Store, contact: i64) -> Vec<String> {
    tips_of(store, contact).await.into_iter().map(|row| row.body).collect()
}

async fn skipped(store: &Store, contact: i64) -> i64 {
    store.subscription(contact).await.unwrap().unwrap().skipped
}

fn set(clock: &Clock, to: &str) {
    let to: Timestamp = to.parse().unwrap();
    assert!(clock.advance(to.duration_since(clock.now())));
}

async fn each<F: AsyncFn(&Fresh, Arc<Inbox>, Clock)>(test: F) {
    for fresh in support::engines().await {
        let (inbox, clock) = support::inbox(support::open(&fresh).await, false).await;
        test(&fresh, inbox.clone(), clock).await;
        inbox.store.close().await;
    }
}
