//! Daily tips: at seven where people live, once a date, never the same twice, on both engines.

mod harness;
mod support;

use harness::{ADA, BOB, PATIENCE, Scratch, Stage, eventually};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use support::Fresh;
use tidings::batch::Apply as _;
use tidings::clock::Clock;
use tidings::config::Database;
use tidings::conversation::Inbox;
use tidings::dialog::{Consent, Name, Person, State};
use tidings::metrics::Metrics;
use tidings::outbound::ticks::{self, Schedule as _, Ticked};
use tidings::outbound::{Tips, Wake};
use tidings::store::{MessageRow, NewContact, NewTip, Store, TipChoiceRow};
use tokio_util::sync::CancellationToken;

const CAROL: &str = "+14155550103";

/// A member where clocks show `zone`'s time; returns their id.
async fn member(inbox: &Inbox, address: &str, zone: &str, locale: &str) -> i64 {
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
        time_zone_source: "chosen",
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
    Tips::new(inbox.clone(), Metrics::new().unwrap())
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

#[tokio::test]
async fn one_at_seven_on_the_days_the_clocks_change() {
    let zones = ["Asia/Kathmandu", "America/Phoenix", "America/New_York"];
    each(async |_, inbox, clock| {
        course(&inbox, "en", 1..=20).await;
        let tips = schedule(&inbox);
        for (round, begin) in ["2026-03-07T18:00:00Z", "2026-10-31T18:00:00Z"].into_iter().enumerate() {
            set(&clock, begin);
            let mut people = Vec::new();
            for (at, zone) in zones.iter().enumerate() {
                let address = format!("+1415555{round}{at:03}");
                people.push((member(&inbox, &address, zone, "en").await, *zone));
                texts(&inbox, &address, "TIPS ON").await;
            }
            for _ in 0..3 * 24 * 4 {
                tick(&tips, &clock).await;
                assert!(clock.advance(SignedDuration::from_mins(15)));
            }
            for (contact, zone) in people {
                let rows = tips_of(&inbox.store, contact).await;
                let zone = TimeZone::get(zone).unwrap();
                let times = rows
                    .iter()
                    .map(|row| zone.to_datetime(Timestamp::from_millisecond(row.created_at).unwrap()));
                let dates: Vec<_> = times
                    .inspect(|time| assert_eq!(time.hour(), 7, "{time}"))
                    .inspect(|time| assert_eq!(time.minute(), 0, "{time}"))
                    .map(jiff::civil::DateTime::date)
                    .collect();
                assert_eq!(dates.len(), 3);
                assert!(dates.windows(2).all(|pair| pair[0].tomorrow().unwrap() == pair[1]), "{dates:?}");
                assert_eq!(bodies(&inbox.store, contact).await, ["en 1", "en 2", "en 3"]);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn late_within_the_grace_comes_and_later_is_skipped_and_counted() {
    each(async |_, inbox, clock| {
        course(&inbox, "en", 1..=9).await;
        let tips = schedule(&inbox);
        let ada = member(&inbox, ADA, "UTC", "en").await;
        texts(&inbox, ADA, "TIPS 13:00").await;
        let next = tick(&tips, &clock).await.unwrap();
        assert_eq!(next.to_string(), "2026-11-21T13:00:00Z");
        set(&clock, "2026-11-21T14:59:00Z");
        tick(&tips, &clock).await;
        assert_eq!(bodies(&inbox.store, ada).await, ["en 1"]);
        set(&clock, "2026-11-22T15:00:00Z");
        let next = tick(&tips, &clock).await.unwrap();
        assert_eq!(next.to_string(), "2026-11-23T13:00:00Z");
        assert_eq!((bodies(&inbox.store, ada).await.len(), skipped(&inbox.store, ada).await), (1, 1));
        // Down for days: what was missed is counted, the course goes on where it was.
        set(&clock, "2026-11-26T13:30:00Z");
        tick(&tips, &clock).await;
        assert_eq!(bodies(&inbox.store, ada).await, ["en 1", "en 2"]);
        assert_eq!(skipped(&inbox.store, ada).await, 4);
    })
    .await;
}

#[tokio::test]
async fn clocks_set_back_or_forward_and_new_times_bring_no_second_one() {
    each(async |_, inbox, clock| {
        course(&inbox, "en", 1..=9).await;
        let tips = schedule(&inbox);
        let ada = member(&inbox, ADA, "UTC", "en").await;
        texts(&inbox, ADA, "TIPS 12:30").await;
        for to in ["12:20", "13:20", "12:20", "12:30", "13:30", "14:30"] {
            set(&clock, &format!("2026-11-21T{to}:00Z"));
            tick(&tips, &clock).await;
        }
        assert_eq!(bodies(&inbox.store, ada).await, ["en 1"]);
        for words in ["TIPS 15:00", "TIPS OFF", "TIPS ON", "TIPS 3 pm"] {
            texts(&inbox, ADA, words).await;
        }
        set(&clock, "2026-11-21T15:00:00Z");
        let next = tick(&tips, &clock).await.unwrap();
        assert_eq!(next.to_string(), "2026-11-22T15:00:00Z");
        assert_eq!(bodies(&inbox.store, ada).await, ["en 1"]);
    })
    .await;
}

#[tokio::test]
async fn the_course_ends_without_a_word_and_goes_on_when_there_is_more() {
    each(async |_, inbox, clock| {
        course(&inbox, "en", 1..=3).await;
        course(&inbox, "ne", 2..=2).await;
        let (ada, bob) = (member(&inbox, ADA, "UTC", "ne").await, member(&inbox, BOB, "UTC", "en").await);
        for number in [ADA, BOB] {
            texts(&inbox, number, "TIPS 13:00").await;
        }
        let tips = schedule(&inbox);
        for day in 21..27 {
            set(&clock, &format!("2026-11-{day}T13:00:00Z"));
            assert!(tick(&tips, &clock).await.unwrap() > clock.now());
        }
        assert_eq!(bodies(&inbox.store, ada).await, ["en 1", "ne 2", "en 3"]);
        assert_eq!(bodies(&inbox.store, bob).await, ["en 1", "en 2", "en 3"]);
        course(&inbox, "en", 4..=4).await;
        set(&clock, "2026-11-27T13:00:00Z");
        tick(&tips, &clock).await;
        assert_eq!(bodies(&inbox.store, bob).await, ["en 1", "en 2", "en 3", "en 4"]);
    })
    .await;
}

#[tokio::test]
async fn whoever_opted_out_or_was_erased_gets_none() {
    each(async |_, inbox, clock| {
        course(&inbox, "en", 1..=9).await;
        let (ada, bob) = (member(&inbox, ADA, "UTC", "en").await, member(&inbox, BOB, "UTC", "en").await);
        for (number, words) in [(ADA, "TIPS 13:00"), (BOB, "TIPS 13:00"), (ADA, "STOP"), (BOB, "FORGET ME")] {
            texts(&inbox, number, words).await;
        }
        let tips = schedule(&inbox);
        set(&clock, "2026-11-21T13:00:00Z");
        tick(&tips, &clock).await;
        assert!(inbox.store.subscription(bob).await.unwrap().is_none());
        assert_eq!(bodies(&inbox.store, ada).await.len() + bodies(&inbox.store, bob).await.len(), 0);
        texts(&inbox, ADA, "START").await;
        set(&clock, "2026-11-22T13:00:00Z");
        tick(&tips, &clock).await;
        assert_eq!(bodies(&inbox.store, ada).await, ["en 1"]);
    })
    .await;
}

#[tokio::test]
async fn a_move_to_another_zone_is_planned_for() {
    each(async |fresh, inbox, clock| {
        course(&inbox, "en", 1..=9).await;
        let tips = schedule(&inbox);
        let ada = member(&inbox, ADA, "America/Phoenix", "en").await;
        texts(&inbox, ADA, "TIPS ON").await;
        let next = tick(&tips, &clock).await.unwrap();
        assert_eq!(next.to_string(), "2026-11-21T14:00:00Z");
        let moved = "UPDATE contact SET time_zone = 'Asia/Kathmandu'";
        match &fresh.database {
            Database::Sqlite(path) => {
                let pool = sqlx::SqlitePool::connect(&path.display().to_string()).await.unwrap();
                sqlx::query(moved).execute(&pool).await.unwrap();
                pool.close().await;
            }
            Database::Postgres(url) => {
                let pool = sqlx::PgPool::connect(url.expose()).await.unwrap();
                sqlx::query(moved).execute(&pool).await.unwrap();
                pool.close().await;
            }
        }
        let next = tick(&tips, &clock).await.unwrap();
        assert_eq!(next.to_string(), "2026-11-22T01:15:00Z");
        set(&clock, "2026-11-22T01:15:00Z");
        tick(&tips, &clock).await;
        assert_eq!((bodies(&inbox.store, ada).await.len(), skipped(&inbox.store, ada).await), (1, 0));
    })
    .await;
}

/// Without being told, the schedule would sleep for half a minute.
#[tokio::test]
async fn a_choice_by_text_wakes_the_schedule() {
    each(async |_, inbox, clock| {
        set(&clock, "2026-11-21T11:59:50Z");
        course(&inbox, "en", 1..=1).await;
        let contact = member(&inbox, ADA, "America/New_York", "en").await;
        let (sender, stop) = (Wake::default(), CancellationToken::new());
        let planned = inbox.tips_planned.clone();
        let running = ticks::run(schedule(&inbox), clock.clone(), planned, sender.clone(), stop.clone());
        let running = tokio::spawn(running);
        // It has looked, and found nothing.
        sender.notified().await;
        texts(&inbox, ADA, "TIPS 7:00").await;
        assert!(clock.advance(SignedDuration::from_secs(10)));
        eventually("the tip", PATIENCE, async || tips_of(&inbox.store, contact).await.len() == 1).await;
        stop.cancel();
        running.await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_queue_each_tip_once() {
    const PEOPLE: usize = 5000;
    each(async |fresh, inbox, clock| {
        course(&inbox, "en", 1..=3).await;
        subscribe(&inbox, PEOPLE, 13 * 60).await;
        let (other, other_clock) = support::inbox(support::open(fresh).await, false).await;
        for day in 21..=23 {
            for clock in [&clock, &other_clock] {
                set(clock, &format!("2026-11-{day}T13:00:00Z"));
            }
            let (one, two) = (schedule(&inbox), schedule(&other));
            let (one, two) = (nodes_tick(&one, &clock), nodes_tick(&two, &other_clock));
            tokio::join!(Box::pin(one), Box::pin(two));
        }
        let rows = harness::messages(&inbox.store).await;
        let mut counts: BTreeMap<i64, HashSet<String>> = BTreeMap::new();
        assert_eq!(rows.len(), 3 * PEOPLE);
        for row in rows {
            assert!(counts.entry(row.contact_id).or_default().insert(row.body), "a tip came twice");
        }
        assert!(counts.len() == PEOPLE && counts.values().all(|bodies| bodies.len() == 3));
        other.store.close().await;
    })
    .await;
}

/// Ticks until everything is moved on; rows that the other node has locked come to rest with it.
async fn nodes_tick(tips: &Tips, clock: &Clock) {
    eventually("the end of the slices", PATIENCE, async || {
        matches!(tips.tick(clock.now()).await.unwrap(), Ticked::Idle(Some(next))
            if next > clock.now() + SignedDuration::from_mins(1))
    })
    .await;
}

/// Members who want their tips at minute `minutes` of the day in UTC, without a plan yet.
async fn subscribe(inbox: &Inbox, people: usize, minutes: i64) {
    let now = inbox.clock.now();
    let addresses: Vec<String> = (0..people).map(|at| format!("+1212{:07}", 2_000_000 + at)).collect();
    let contact = |address| NewContact {
        id: inbox.ids.next(now),
        address,
        state: "member",
        consent: "given",
        person: "{}".to_owned(),
        locale: "en",
        time_zone: "UTC",
        time_zone_source: "chosen",
        created_at: now.as_millisecond(),
        erased_at: None,
    };
    let contacts: Vec<NewContact> = addresses.iter().map(|address| contact(address.as_str())).collect();
    let choices: Vec<TipChoiceRow> = contacts
        .iter()
        .map(|contact| TipChoiceRow {
            contact_id: contact.id,
            tips_on: true,
            tip_time: Some(minutes),
            next_tip_at: Some(now.as_millisecond() + 1),
        })
        .collect();
    let mut tx = inbox.store.begin().await.unwrap();
    tx.add_contacts(&contacts).await.unwrap();
    tx.put_tip_choices(&choices).await.unwrap();
    tx.commit().await.unwrap();
}

/// The gate is asked again right before the send: STOP after the tip was queued still counts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stop_between_queueing_and_sending_refuses() {
    for scratch in Scratch::each().await {
        let store = scratch.open().await;
        store.migrate().await.unwrap();
        let (mut inbox, _) = support::inbox(store, false).await;
        Arc::get_mut(&mut inbox).unwrap().clock = Clock::system();
        course(&inbox, "en", 1..=1).await;
        let now = inbox.clock.now();
        let time = TimeZone::UTC.to_datetime(now).time();
        let subscribe = async |number| {
            let choice = TipChoiceRow {
                contact_id: member(&inbox, number, "UTC", "en").await,
                tips_on: true,
                tip_time: Some(i64::from(time.hour()) * 60 + i64::from(time.minute())),
                next_tip_at: Some(now.as_millisecond()),
            };
            let mut tx = inbox.store.begin().await.unwrap();
            tx.put_tip_choices(&[choice]).await.unwrap();
            tx.commit().await.unwrap();
        };
        subscribe(ADA).await;
        subscribe(BOB).await;
        tick(&schedule(&inbox), &inbox.clock).await;
        texts(&inbox, ADA, "STOP").await;
        // Hers is left to the server's own schedule.
        subscribe(CAROL).await;
        inbox.store.close().await;

        let stage = Stage::new(scratch).await;
        let status = async |number: &str| {
            let contact = stage.app.store.contact(number).await.unwrap().unwrap().id;
            let rows = tips_of(&stage.app.store, contact).await;
            assert!(rows.len() < 2);
            rows.into_iter().next().map(|row| row.status).unwrap_or_default()
        };
        eventually("the tips' ends", PATIENCE, async || {
            status(ADA).await == "refused"
                && status(BOB).await == "delivered"
                && status(CAROL).await == "delivered"
        })
        .await;
        let mut tips: Vec<String> = stage
            .taken()
            .into_iter()
            .filter(|message| message.body == "en 1")
            .map(|message| message.to)
            .collect();
        tips.sort();
        assert_eq!(tips, [BOB, CAROL]);
        stage.end().await;
    }
}
