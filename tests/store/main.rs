//! The store, on both engines.

mod claims;
mod columns;
mod left;
#[path = "../support/mod.rs"]
mod support;
mod tables;
mod texts;

use std::sync::atomic::{AtomicI64, Ordering};
use support::Fresh;
use tidings::delivery::Status;
use tidings::store::{Claim, NewContact, NewMessage, Report, Store};

const NOW: i64 = 1_800_000_000_000;

fn new_contact(id: i64, address: &str) -> NewContact<'_> {
    NewContact {
        id,
        address,
        state: "member",
        consent: "given",
        person: "{}".to_owned(),
        locale: "en",
        time_zone: "UTC",
        time_zone_source: "default",
        created_at: NOW,
        erased_at: None,
    }
}

async fn contact(store: &Store, id: i64) {
    let address = format!("+1415555{:04}", id % 10_000);
    let new = new_contact(id, &address);
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
        told: true,
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
