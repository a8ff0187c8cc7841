//! Whose a message is while it is sent, and what reports may do to it.

use crate::{NOW, apply, claim, contact, each, message, report, status};
use std::collections::HashSet;
use tidings::delivery::Status;
use tidings::store::Outcome;

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
        let mut tx = store.begin().await.unwrap();
        tx.record(&[Outcome::new(10, 6, Status::Failed, NOW)]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(status(store, 1, 10).await, "sending");
        let mut tx = store.begin().await.unwrap();
        tx.record(&[Outcome::new(10, 7, Status::Accepted, NOW)]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(status(store, 1, 10).await, "accepted");
    })
    .await;
}

#[tokio::test]
async fn nothing_waits_behind_what_is_tried_again_much_later() {
    each(async |_, store| {
        for (contact_id, minutes, behind) in [(1, 4, &[][..]), (2, 600, &[21])] {
            contact(store, contact_id).await;
            let first = 10 * contact_id;
            message(store, first, contact_id, Status::Queued, 0).await;
            assert_eq!(claim(store, first, 9).await, [first]);
            let due_at = Some(NOW + minutes * 60_000);
            let mut tx = store.begin().await.unwrap();
            tx.record(&[Outcome { due_at, ..Outcome::new(first, first, Status::Queued, NOW) }])
                .await
                .unwrap();
            tx.commit().await.unwrap();
            message(store, first + 1, contact_id, Status::Queued, 0).await;
            assert_eq!(claim(store, 90 + contact_id, 9).await, behind, "after {minutes} minutes");
        }
    })
    .await;
}
