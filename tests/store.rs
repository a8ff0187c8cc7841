//! The store, on both engines.

mod support;

use jiff::SignedDuration;
use std::collections::HashSet;
use std::sync::atomic::{AtomicI64, Ordering};
use support::Fresh;
use tidings::batch::Apply as _;
use tidings::delivery::Status;
use tidings::store::{Claim, NewContact, NewMessage, Outcome, Report, Store};

const NOW: i64 = 1_800_000_000_000;

async fn contact(store: &Store, id: i64) {
    let address = format!("+1415555{:04}", id % 10_000);
    let new = NewContact {
        id,
        address: &address,
        state: "member",
        consent: "given",
        person: "{}".to_owned(),
        locale: "en",
        time_zone: "UTC",
        time_zone_source: "default",
        created_at: NOW,
        erased_at: None,
    };
    let mut tx = store.begin().await.unwrap();
    // The same one twice in a slice, and again: nobody minds.
    tx.add_contacts(&[new.clone(), new.clone()]).await.unwrap();
    tx.add_contacts(&[new]).await.unwrap();
    tx.commit().await.unwrap();
}

async fn message(store: &Store, id: i64, contact_id: i64, status: Status, priority: i64) {
    let message = NewMessage {
        id,
        contact_id,
        outbound: true,
        body: "hello".into(),
        segments: 1,
        created_at: NOW,
        purpose: Some("reply"),
        status: status.as_str(),
        rank: status.rank(),
        priority,
        due_at: Some(NOW),
        ..NewMessage::default()
    };
    let mut tx = store.begin().await.unwrap();
    tx.save_slice(&[message], &[]).await.unwrap();
    tx.commit().await.unwrap();
}

fn report(id: i64, sid: u8, status: Status) -> Report {
    static COUNT: AtomicI64 = AtomicI64::new(1);
    Report {
        report_id: COUNT.fetch_add(1, Ordering::Relaxed),
        id,
        sid: format!("{sid:032x}"),
        mms: false,
        status: status.as_str(),
        rank: status.rank(),
        twilio_status: status.as_str().to_owned(),
        error_code: None,
        reason: None,
        now: NOW,
    }
}

async fn apply(store: &Store, reports: &[Report]) -> usize {
    let mut tx = store.begin().await.unwrap();
    let moved = tx.apply_reports(reports, NOW + 60_000).await.unwrap();
    tx.commit().await.unwrap();
    moved
}

async fn status(store: &Store, contact: i64, id: i64) -> String {
    let rows = store.conversation(contact, i64::MAX, 100).await.unwrap();
    rows.into_iter().find(|row| row.id == id).unwrap().status
}

async fn claim(store: &Store, fence: i64, limit: i64) -> Vec<i64> {
    let mut tx = store.begin().await.unwrap();
    let mut ids = Vec::new();
    for priority in 0..=4 {
        let limit = limit - i64::try_from(ids.len()).unwrap();
        let lease_until = NOW + 60_000;
        let claim = Claim { now: NOW, lease_until, fence, whatsapp: false, priority, limit };
        ids.extend(tx.claim_queued(&claim).await.unwrap());
    }
    tx.commit().await.unwrap();
    ids.sort_unstable();
    ids
}

async fn each<F: AsyncFn(&Fresh, &Store)>(test: F) {
    for fresh in support::engines().await {
        let store = support::open(&fresh).await;
        test(&fresh, &store).await;
        store.close().await;
    }
}

#[tokio::test]
async fn every_statement_is_understood() {
    each(async |fresh, store| {
        let count = store
            .prepare_all()
            .await
            .unwrap_or_else(|(name, error)| panic!("{name} on {}: {error}", fresh.name));
        assert!(count > 30);
    })
    .await;
}

#[tokio::test]
async fn migrations_run_once_and_nodes_are_numbered() {
    each(async |_, store| {
        store.migrate().await.unwrap();
        let now: jiff::Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let one = store.new_ids().await.unwrap().next(now);
        assert_ne!(store.new_ids().await.unwrap().next(now), one);
        // Whoever starts next goes on behind what there is, also with a clock that is late.
        contact(store, one).await;
        let late = store.new_ids().await.unwrap().next(now - SignedDuration::from_hours(1));
        assert!(late > one);
    })
    .await;
}

#[tokio::test]
async fn reports_move_a_message_only_upward() {
    each(async |fresh, store| {
        contact(store, 1).await;
        let orders: [&[Status]; 5] = [
            &[Status::Accepted, Status::Sent, Status::Delivered],
            &[Status::Delivered, Status::Sent, Status::Accepted],
            &[Status::Sent, Status::Delivered, Status::Delivered, Status::Sent],
            &[Status::Undelivered, Status::Sent],
            &[Status::Read, Status::Delivered],
        ];
        for (at, order) in orders.iter().enumerate() {
            let id = i64::try_from(at).unwrap() + 10;
            message(store, id, 1, Status::Handed, 0).await;
            let mut highest = 0;
            for status in *order {
                apply(store, &[report(id, u8::try_from(id).unwrap(), *status)]).await;
                highest = highest.max(status.rank());
                let now = self::status(store, 1, id).await;
                assert_eq!(Status::from_name(&now).unwrap().rank(), highest, "{order:?} on {}", fresh.name);
            }
        }
        // All in one slice, lowest last.
        message(store, 30, 1, Status::Handed, 0).await;
        let slice = [Status::Sent, Status::Delivered, Status::Accepted].map(|status| report(30, 30, status));
        assert_eq!(apply(store, &slice).await, 1);
        assert_eq!(status(store, 1, 30).await, "delivered");
    })
    .await;
}

#[tokio::test]
async fn a_report_proves_whose_a_sid_is() {
    each(async |_, store| {
        contact(store, 1).await;
        message(store, 10, 1, Status::Handed, 0).await;
        message(store, 11, 1, Status::Handed, 0).await;
        // Two equal texts: the settler guessed that SID 1 is message 10, but it is message 11.
        apply(store, &[report(10, 1, Status::Accepted)]).await;
        apply(store, &[report(11, 1, Status::Delivered)]).await;
        assert_eq!(status(store, 1, 11).await, "delivered");
        assert_eq!(status(store, 1, 10).await, "uncertain");
        // A second SID for a message that has one moves nothing.
        assert_eq!(apply(store, &[report(11, 2, Status::Read)]).await, 0);
        // A report about a message that is not ours, or no longer, is forgotten and takes no SID away.
        assert_eq!(apply(store, &[report(999, 1, Status::Sent)]).await, 0);
        assert_eq!(status(store, 1, 11).await, "delivered");
    })
    .await;
}

#[tokio::test]
async fn claims_go_by_priority_and_one_per_person() {
    each(async |_, store| {
        for person in 1..=3 {
            contact(store, person).await;
        }
        message(store, 10, 1, Status::Queued, 3).await;
        message(store, 11, 1, Status::Queued, 0).await;
        message(store, 12, 2, Status::Queued, 3).await;
        message(store, 13, 3, Status::Queued, 1).await;
        assert_eq!(claim(store, 7, 2).await, [11, 13]);
        assert_eq!(claim(store, 8, 9).await, [12], "message 10 waits until 11 is through");
        assert!(claim(store, 9, 9).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn two_nodes_never_claim_the_same_message() {
    each(async |_, store| {
        for person in 1..=40 {
            contact(store, person).await;
            message(store, person + 100, person, Status::Queued, 0).await;
        }
        let (a, b, c) = tokio::join!(claim(store, 1, 25), claim(store, 2, 25), claim(store, 3, 25));
        let all: Vec<i64> = [a, b, c].concat();
        let distinct: HashSet<i64> = all.iter().copied().collect();
        assert_eq!(all.len(), distinct.len());
        let rest = claim(store, 4, 50).await;
        assert_eq!(distinct.len() + rest.len(), 40);
    })
    .await;
}

#[tokio::test]
async fn a_stale_owner_changes_nothing() {
    each(async |_, store| {
        contact(store, 1).await;
        message(store, 10, 1, Status::Queued, 0).await;
        assert_eq!(claim(store, 7, 9).await, [10]);
        let outcome = |fence, status: Status| Outcome {
            id: 10,
            fence,
            status: status.as_str(),
            rank: status.rank(),
            sid: None,
            mms: None,
            error_code: None,
            reason: None,
            due_at: None,
            by_rest: true,
            expires_at: None,
            attempts: None,
            now: NOW,
        };
        let mut tx = store.begin().await.unwrap();
        tx.record(&[outcome(6, Status::Failed)]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(status(store, 1, 10).await, "sending");
        let mut tx = store.begin().await.unwrap();
        tx.record(&[outcome(7, Status::Accepted)]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(status(store, 1, 10).await, "accepted");
    })
    .await;
}

#[tokio::test]
async fn fifty_copies_at_once_are_one_text() {
    each(async |_, store| {
        let (inbox, _) = support::inbox(store.clone(), true).await;
        let text = support::text("+14155550123", "REGISTER");
        let slice = vec![text.clone(); 50];
        let first = inbox.apply(&slice).await.unwrap();
        let again = inbox.apply(&slice).await.unwrap();
        assert!(first[0].is_some());
        assert!(first.iter().chain(&again).all(|answer| *answer == first[0]));
        let contact = store.contact("+14155550123").await.unwrap().unwrap();
        assert_eq!(store.conversation(contact.id, i64::MAX, 100).await.unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_code_is_given_again_to_a_repeat_but_never_stored() {
    each(async |_, store| {
        let (inbox, _) = support::inbox(store.clone(), true).await;
        inbox.apply(&[support::text("+14155550123", "REGISTER")]).await.unwrap();
        let name = support::text("+14155550123", "Asha");
        let first = inbox.apply(std::slice::from_ref(&name)).await.unwrap().remove(0).unwrap();
        let again = inbox.apply(std::slice::from_ref(&name)).await.unwrap().remove(0).unwrap();
        assert_eq!(first, again);
        let code = first.body.get(..6).unwrap().to_owned();
        assert!(code.bytes().all(|b| b.is_ascii_digit()));
        for body in [format!("my code is {code}"), format!(" {code} ")] {
            inbox.apply(&[support::text("+14155550123", &body)]).await.unwrap();
        }
        let contact = store.contact("+14155550123").await.unwrap().unwrap();
        assert_eq!(contact.state, "member");
        assert!(!contact.person.contains(&code));
        for row in store.conversation(contact.id, i64::MAX, 100).await.unwrap() {
            assert!(!row.body.contains(&code), "stored: {}", row.body);
        }
    })
    .await;
}

#[tokio::test]
async fn a_conversation_is_listed_in_pages_newest_first() {
    each(async |_, store| {
        contact(store, 1).await;
        for id in 10..20 {
            message(store, id, 1, Status::Delivered, 0).await;
        }
        let page = store.conversation(1, i64::MAX, 4).await.unwrap();
        assert_eq!(page.iter().map(|row| row.id).collect::<Vec<_>>(), [19, 18, 17, 16]);
        let next = store.conversation(1, 16, 4).await.unwrap();
        assert_eq!(next.iter().map(|row| row.id).collect::<Vec<_>>(), [15, 14, 13, 12]);
    })
    .await;
}

#[tokio::test]
async fn an_erased_person_leaves_a_hash_and_the_limits() {
    each(async |_, store| {
        let (inbox, clock) = support::inbox(store.clone(), true).await;
        for body in ["REGISTER", "Asha", "FORGET ME"] {
            inbox.apply(&[support::text("+14155550123", body)]).await.unwrap();
        }
        assert!(store.contact("+14155550123").await.unwrap().is_none());
        let key = &inbox.suppression_key;
        assert_eq!(tidings::conversation::purge_erased(store, key, clock.now()).await.unwrap(), 0);
        assert!(clock.advance(jiff::SignedDuration::from_hours(2)));
        assert_eq!(tidings::conversation::purge_erased(store, key, clock.now()).await.unwrap(), 1);
        assert!(store.messages(i64::MAX, 100).await.unwrap().is_empty());
        // The number comes back: still opted out, still counted.
        let answer = inbox.apply(&[support::text("+14155550123", "REGISTER")]).await.unwrap().remove(0);
        assert_eq!(answer, None);
        inbox.apply(&[support::text("+14155550123", "START")]).await.unwrap();
        let contact = store.contact("+14155550123").await.unwrap().unwrap();
        assert!(contact.person.contains("sends"), "the guard is gone: {}", contact.person);
    })
    .await;
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_reads_the_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let fresh = support::sqlite();
    let store = support::open(&fresh).await;
    let (inbox, _) = support::inbox(store.clone(), true).await;
    inbox.apply(&[support::text("+14155550123", "REGISTER")]).await.unwrap();
    let tidings::config::Database::Sqlite(path) = &fresh.database else { unreachable!() };
    let mut names = Vec::new();
    for file in std::fs::read_dir(path.parent().unwrap()).unwrap() {
        let file = file.unwrap();
        names.push(file.file_name().into_string().unwrap());
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{names:?}");
    }
    assert!(
        names.iter().any(|name| name.ends_with("-wal")) && names.iter().any(|name| name.ends_with("-shm"))
    );
    store.close().await;
}
