//! Campaigns slice by slice, on both engines: killed, late, crowded, out of hours.

mod harness;
mod support;

use harness::staff::people;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::collections::BTreeMap;
use std::future::{Future as _, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use tidings::campaign::{Action, Plan, Tally};
use tidings::conversation::Inbox;
use tidings::dialog::Consent;
use tidings::gate::{Budget, Rules};
use tidings::outbound::campaigns::{Acted, Campaigns, Tried};
use tidings::outbound::ticks::{Schedule as _, Ticked};
use tidings::phone::Region;
use tidings::schedule::QuietHours;
use tidings::store::{CampaignRow, ContactChange, NewMessage, Standing, Tx};

/// Campaigns over `inbox`, as one node runs them.
fn node(inbox: &Arc<Inbox>) -> Campaigns {
    let midnight = jiff::civil::Time::midnight();
    let rules = Rules {
        quiet_hours: QuietHours { from: midnight, to: midnight },
        daily_cap: 5,
        countries: vec![Region::US],
        budget: Budget::unlimited(),
    };
    let changed = Arc::default();
    Campaigns {
        inbox: inbox.clone(),
        rules: Arc::new(rules),
        segments_per_second: 1,
        organisation: "Lakeside Clinic".into(),
        changed,
    }
}

fn row(id: i64) -> CampaignRow {
    CampaignRow {
        body: Some("Hello".to_owned()),
        plan: serde_json::to_string(&Plan::default()).unwrap(),
        baseline: serde_json::to_string(&Tally::default()).unwrap(),
        ..CampaignRow::draft(id, "Killed".to_owned(), 0)
    }
}

/// Lets a tick go on so many times, each until it waits for the database, then drops it as a crash would. True if it
/// had ended before.
async fn killed_after(campaigns: &Campaigns, steps: usize) -> bool {
    let mut tick = pin!(campaigns.tick(campaigns.inbox.clock.now()));
    let mut left = steps;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        tick.as_mut().poll(context).map(|_| true)
    })
    .await
}

#[tokio::test]
async fn killed_at_any_step_it_writes_to_everybody_once() {
    for fresh in support::engines().await {
        let store = support::open(&fresh).await;
        let (inbox, clock) = support::inbox(store.clone(), false).await;
        people(&store, 2300, |_| Consent::Given).await;
        store.add_campaign(&row(9000)).await.unwrap();
        let (one, other) = (node(&inbox), node(&inbox));
        assert!(matches!(one.act(9000, Action::Start, "staff", None).await.unwrap(), Acted::Done(_)));
        // Each tick at every one of its steps, before it may end: how many these are, the database's speed decides.
        let (mut kills, mut steps) = (0, 0);
        for _ in 0..60 {
            if killed_after(&one, steps).await {
                steps = 0;
            } else {
                (kills, steps) = (kills + 1, steps + 1);
            }
        }
        println!("{kills} kills on {}", fresh.name);
        assert!(kills > 5, "{kills} kills on {}", fresh.name);
        // Another node takes over.
        for _ in 0..20 {
            while other.tick(clock.now()).await.unwrap() == Ticked::More {}
            assert!(clock.advance(SignedDuration::from_secs(10)));
        }
        let (counts, _, _) = other.counts(9000, None).await.unwrap();
        assert_eq!((counts.audience, counts.queued, counts.erased), (2300, 2300, 0), "{}", fresh.name);
        let mut times: BTreeMap<i64, usize> = BTreeMap::new();
        for row in harness::messages(&store).await {
            *times.entry(row.contact_id).or_default() += 1;
        }
        assert_eq!(times.len(), 2300);
        assert!(times.values().all(|count| *count == 1));
        store.close().await;
    }
}

#[tokio::test]
async fn no_more_than_five_thousand_wait_and_latecomers_stay_out() {
    for fresh in support::engines().await {
        let store = support::open(&fresh).await;
        let (inbox, clock) = support::inbox(store.clone(), false).await;
        people(&store, 6200, |_| Consent::Given).await;
        store.add_campaign(&row(9000)).await.unwrap();
        let campaigns = node(&inbox);
        campaigns.act(9000, Action::Start, "staff", None).await.unwrap();
        let queue = async || {
            for _ in 0..12 {
                while campaigns.tick(clock.now()).await.unwrap() == Ticked::More {}
                assert!(clock.advance(SignedDuration::from_secs(2)));
            }
            campaigns.counts(9000, None).await.unwrap().0
        };
        assert_eq!(queue().await.queued, 5000);
        let mut tx = store.begin().await.unwrap();
        let late = vec!["+14155550199".to_owned()];
        inbox.contacts(&mut tx, late).await.unwrap();
        tx.refuse_campaign(9000, "for the test", 0, 10_000).await.unwrap();
        tx.commit().await.unwrap();
        let counts = queue().await;
        assert_eq!((counts.audience, counts.queued, counts.skipped), (6200, 1200, 5000), "{}", fresh.name);
        // There is something left to send, so it is not over.
        assert_eq!(store.campaign(9000).await.unwrap().unwrap().status, "running");
        store.close().await;
    }
}

/// A message of `purpose` that Twilio took, to a contact.
async fn sent(inbox: &Inbox, contact_id: i64, purpose: &str) {
    let now = inbox.clock.now();
    let row = NewMessage {
        id: inbox.ids.next(now),
        contact_id,
        outbound: true,
        body: "earlier".into(),
        segments: 1,
        created_at: now.as_millisecond(),
        purpose: Some(purpose),
        status: "delivered",
        rank: 4,
        sent_at: Some(now.as_millisecond()),
        ..NewMessage::default()
    };
    let mut tx = inbox.store.begin().await.unwrap();
    tx.save_slice(&[row], &[]).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn an_audience_is_who_fits_all_that_is_asked() {
    for fresh in support::engines().await {
        let store = support::open(&fresh).await;
        let (inbox, clock) = support::inbox(store.clone(), false).await;
        people(&store, 12, |_| Consent::Given).await;
        let since = |days: i64| clock.now() - SignedDuration::from_hours(24 * days);
        let mut tx = store.begin().await.unwrap();
        for id in 1..=6 {
            let tags: &[&str] = if id <= 3 { &["vip"] } else { &["vip", "staff"] };
            tx.set_tags(id, tags).await.unwrap();
        }
        tx.change_contact(2, Some("ne"), None).await.unwrap();
        tx.change_contact(3, Some("es-MX"), None).await.unwrap();
        tx.change_contact(4, Some("es"), None).await.unwrap();
        let member = |id, since: Timestamp, erased_at| ContactChange {
            id,
            locale: "en",
            person: "{}".to_owned(),
            last_heard_at: None,
            was: None,
            standing: Some(Standing {
                state: "member",
                consent: "given",
                name: None,
                promotion_paused: false,
                registered_at: Some(since.as_millisecond()),
                erased_at,
            }),
        };
        let members = [(7, 30, None), (8, 3, None), (12, 30, Some(1))];
        tx.save_contacts(&members.map(|(id, days, erased_at)| member(id, since(days), erased_at)))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        sent(&inbox, 9, "tip").await;
        sent(&inbox, 10, "reminder").await;
        assert!(clock.advance(SignedDuration::from_hours(24 * 5)));
        sent(&inbox, 11, "tip").await;

        let campaigns = node(&inbox);
        for (audience, expected) in [
            (json!({}), 11),
            (json!({"state": ["member"]}), 2),
            (json!({"state": ["member", "stranger"], "locale": ["ne"]}), 1),
            (json!({"tags_any": ["vip"]}), 6),
            (json!({"tags_any": ["vip"], "tags_none": ["staff"]}), 3),
            (json!({"tags_none": ["staff"], "locale": ["en"]}), 6),
            (json!({"locale": ["es"]}), 2),
            (json!({"locale": ["es-MX"]}), 1),
            (json!({"locale": ["es-ES"]}), 0),
            (json!({"locale": ["en-GB", "ne"]}), 1),
            (json!({"country": ["CA"]}), 0),
            (json!({"received": {"purpose": "tip", "within_days": 3}}), 1),
            (json!({"received": {"purpose": "tip", "within_days": 30}}), 2),
            (json!({"received": {"purpose": "reminder", "within_days": 30}}), 1),
            (json!({"registered_after": since(20)}), 1),
            (json!({"registered_before": since(20)}), 1),
            (json!({"registered_before": since(40)}), 0),
        ] {
            let row = CampaignRow { audience: audience.to_string(), ..row(1) };
            let Tried::Done(run) = campaigns.dry_run(row, Some(0.01)).await.unwrap() else {
                panic!("{audience} can't be tried")
            };
            assert_eq!(run.audience, expected, "{audience} on {}", fresh.name);
            assert_eq!(run.would_get, expected);
        }
        // Whoever is erased loses their tags, too.
        let mut tx = store.begin().await.unwrap();
        tx.erase(1).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.tags(&[1, 2]).await.unwrap(), [(2, "vip".to_owned())]);
        store.close().await;
    }
}

#[tokio::test]
async fn its_hours_hold_where_the_reader_lives() {
    for fresh in support::engines().await {
        let store = support::open(&fresh).await;
        // Noon in London is four in the morning for our people.
        let (inbox, clock) = support::inbox(store.clone(), false).await;
        people(&store, 3, |_| Consent::Given).await;
        let window = json!({"window": {"from": "10:00", "to": "17:00"}, "expires_after_hours": 72,
            "auto_stop": {"after": 50, "max_error_percent": 10, "max_opt_out_percent": 2}});
        store.add_campaign(&CampaignRow { plan: window.to_string(), ..row(9000) }).await.unwrap();
        let campaigns = node(&inbox);
        campaigns.act(9000, Action::Start, "staff", None).await.unwrap();
        assert_eq!(campaigns.tick(clock.now()).await.unwrap(), Ticked::More);
        let mut due = store.begin().await.unwrap();
        let ten = clock.now() + SignedDuration::from_hours(6);
        let claim = async |tx: &mut Tx, at: Timestamp| {
            tx.claim_queued(&tidings::store::Claim {
                now: at.as_millisecond(),
                lease_until: at.as_millisecond() + 1,
                fence: 7,
                whatsapp: false,
                priority: 4,
                limit: 10,
            })
            .await
            .unwrap()
            .len()
        };
        assert_eq!(claim(&mut due, ten - SignedDuration::from_secs(1)).await, 0);
        assert_eq!(claim(&mut due, ten).await, 3);
        drop(due);
        store.close().await;
    }
}
