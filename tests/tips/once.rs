//! Each tip once, whatever happens around it.

use crate::harness::{self, ADA, BOB, PATIENCE, Scratch, Stage, eventually};
use crate::{CAROL, course, each, member, schedule, set, support, texts, tick, tips_of};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use tidings::clock::Clock;
use tidings::conversation::Inbox;
use tidings::outbound::Tips;
use tidings::outbound::ticks::{Schedule as _, Ticked};
use tidings::store::{NewContact, TipChoiceRow};

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
