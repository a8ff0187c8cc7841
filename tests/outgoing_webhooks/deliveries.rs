//! What happens when the receiver does not take it, and when we do not live to see.

use super::receiver::{Answer, Receiver};
use super::{Scene, history};
use std::collections::HashSet;
use tidings::deliveries::{Calls, Deliverer, Post};

#[tokio::test]
async fn a_receiver_that_fails_is_tried_again_with_growing_pauses() {
    for scene in Scene::each().await {
        let elsewhere = Receiver::start().await;
        let endpoint = scene.listen_to_all().await;
        scene.receiver.answer([
            Answer::Status(500),
            Answer::Redirect(elsewhere.url.clone()),
            Answer::Status(429),
        ]);
        scene.happen(1).await;
        // The pauses and up to a tenth more: 5 s, 5 min, 30 min.
        for (attempts, pause) in [(1, 5), (2, 300), (3, 1800)] {
            scene.deliver().await;
            assert_eq!(scene.receiver.got().len(), attempts, "{}", scene.engine);
            scene.pass(pause - 1);
            assert_eq!(scene.deliverer.deliver_due().await.unwrap(), 0, "too early");
            scene.pass(2 + pause / 10);
        }
        assert!(scene.endpoint(endpoint).await.failing_since.is_some());
        scene.deliver().await;
        let got = scene.receiver.got();
        assert_eq!(got.len(), 4);
        assert!(got.iter().all(|one| one.id == got[0].id && one.body == got[0].body), "one webhook, one id");
        assert!(got.iter().all(|one| one.is_signed_with(&scene.secret(endpoint))));
        assert!(got[3].seconds - got[0].seconds > 2105, "the time is that of the attempt");
        assert!(elsewhere.got().is_empty(), "the redirect was followed");
        let delivery = scene.deliveries(endpoint).await.pop().unwrap();
        assert_eq!((delivery.status.as_str(), delivery.attempts), ("delivered", 4));
        let statuses: Vec<_> = history(&delivery).iter().map(|attempt| attempt.http_status).collect();
        assert_eq!(statuses, [Some(500), Some(302), Some(429), Some(204)]);
        assert_eq!(scene.endpoint(endpoint).await.failing_since, None);
    }
}

#[tokio::test]
async fn a_receiver_that_is_down_costs_attempts_and_then_its_endpoint() {
    for scene in Scene::each().await {
        let endpoint = scene.listen("http://127.0.0.1:9/", "*").await;
        scene.happen(1).await;
        for _ in 0..10 {
            scene.deliver().await;
            scene.pass(27 * 3600);
            // Something new every day, so that the endpoint has something to fail at.
            scene.happen(1).await;
        }
        let endpoint_row = scene.endpoint(endpoint).await;
        assert!(!endpoint_row.enabled, "{}", scene.engine);
        assert!(endpoint_row.disabled_reason.unwrap().contains("five days"));
        let attempts = scene.deliveries(endpoint).await.pop().map(|first| history(&first)).unwrap();
        assert!(attempts.iter().all(|attempt| attempt.error.as_ref().unwrap().contains("no connection")));
        // Switched off, it takes nothing more; what waits, waits.
        let before = scene.deliveries(endpoint).await.len();
        scene.inbox.listeners.refresh(&scene.inbox.store).await.unwrap();
        scene.happen(1).await;
        assert_eq!(scene.deliverer.deliver_due().await.unwrap(), 0);
        assert_eq!(scene.deliveries(endpoint).await.len(), before);
    }
}

#[tokio::test]
async fn one_webhook_is_given_up_after_ten_attempts_and_can_be_replayed() {
    for scene in Scene::each().await {
        let endpoint = scene.listen_to_all().await;
        scene.receiver.answer(std::iter::repeat_n(Answer::Status(503), 10));
        scene.happen(1).await;
        for _ in 0..10 {
            scene.deliver().await;
            scene.pass(11 * 3600);
            scene.pass(16 * 3600);
            // It works for others meanwhile, so it stays enabled.
            let mut tx = scene.inbox.store.begin().await.unwrap();
            tx.note_health(endpoint, None).await.unwrap();
            tx.commit().await.unwrap();
        }
        assert_eq!(scene.deliveries(endpoint).await[0].status, "failed", "{}", scene.engine);
        assert_eq!(scene.receiver.got().len(), 10);
        let id = scene.deliveries(endpoint).await[0].id;
        let now = scene.clock.now().as_millisecond();
        assert_eq!(scene.inbox.store.replay(endpoint, id, id, now).await.unwrap(), 1);
        scene.deliver().await;
        let got = scene.receiver.got();
        assert_eq!(got.len(), 11);
        assert_eq!(got[10].id, got[0].id);
        let delivery = scene.deliveries(endpoint).await.pop().unwrap();
        assert_eq!((delivery.status.as_str(), history(&delivery).len()), ("delivered", 11));
    }
}

#[tokio::test]
async fn who_answers_410_is_switched_off_at_once() {
    for scene in Scene::each().await {
        let endpoint = scene.listen_to_all().await;
        scene.receiver.answer([Answer::Status(410)]);
        scene.happen(1).await;
        scene.deliver().await;
        let row = scene.endpoint(endpoint).await;
        assert!(!row.enabled && row.disabled_reason.unwrap().contains("410"), "{}", scene.engine);
        scene.pass(3600);
        scene.deliver().await;
        assert_eq!(scene.receiver.got().len(), 1);
    }
}

#[tokio::test]
async fn killed_between_the_call_and_its_record_it_comes_again_under_the_same_id() {
    for scene in Scene::each().await {
        let endpoint = scene.listen_to_all().await;
        scene.receiver.answer([Answer::Hang]);
        scene.happen(1).await;
        let killed = tokio::spawn({
            let deliverer = scene.deliverer.clone();
            async move { deliverer.deliver_due().await }
        });
        scene.receiver.wait_for(1).await;
        killed.abort();
        assert!(killed.await.unwrap_err().is_cancelled());
        assert_eq!(scene.deliverer.deliver_due().await.unwrap(), 0, "it is still leased");
        scene.pass(31);
        scene.deliver().await;
        let got = scene.receiver.got();
        assert_eq!(got.len(), 2, "{}", scene.engine);
        assert_eq!((&got[0].id, &got[0].body), (&got[1].id, &got[1].body));
        assert_eq!(scene.deliveries(endpoint).await[0].status, "delivered");
    }
}

#[tokio::test]
async fn two_nodes_share_the_work_and_never_a_webhook() {
    for scene in Scene::each().await {
        scene.listen_to_all().await;
        scene.happen(60).await;
        let other = Deliverer { post: Post::new(true).unwrap(), ..scene.deliverer.clone() };
        let work = async |deliverer: &Deliverer| {
            let mut count = 0;
            loop {
                match deliverer.deliver_due().await.unwrap() {
                    0 => return count,
                    some => count += some,
                }
            }
        };
        let (one, two) = tokio::join!(work(&scene.deliverer), work(&other));
        assert_eq!(one + two, 60, "{}", scene.engine);
        let got = scene.receiver.got();
        let ids: HashSet<&str> = got.iter().map(|one| one.id.as_str()).collect();
        assert_eq!((got.len(), ids.len()), (60, 60));
    }
}

#[tokio::test]
async fn a_stale_owner_records_nothing() {
    for scene in Scene::each().await {
        let endpoint = scene.listen_to_all().await;
        scene.happen(1).await;
        let store = &scene.inbox.store;
        let now = scene.clock.now().as_millisecond();
        let old = store.claim_deliveries(endpoint, now, now + 1, 7, 9).await.unwrap().remove(0);
        let new = store.claim_deliveries(endpoint, now + 2, now + 9, 8, 9).await.unwrap();
        assert_eq!(new.len(), 1);
        let record = tidings::store::DeliveryRecord {
            id: old.id,
            fence: old.fence,
            status: "delivered",
            due_at: None,
            history: "[]".to_owned(),
            delivered_at: Some(now),
        };
        let mut tx = store.begin().await.unwrap();
        assert!(!tx.record_delivery(&record).await.unwrap(), "{}", scene.engine);
    }
}

/// One that never answers costs its own ten seconds, not the others' time.
#[tokio::test]
async fn a_slow_receiver_holds_up_only_itself() {
    let scene = Scene::each().await.remove(0);
    let stop = tokio_util::sync::CancellationToken::new();
    let slow = scene.listen_to_all().await;
    let quick = Receiver::start().await;
    scene.listen(&quick.url, "*").await;
    scene.receiver.answer(std::iter::repeat_n(Answer::Hang, 8));
    scene.happen(8).await;
    let running = tokio::spawn(scene.deliverer.clone().run(Calls::default(), stop.clone()));
    quick.wait_for(8).await;
    assert_eq!(scene.receiver.wait_for(4).await.len(), 4, "four calls at once");
    // After ten seconds the calls are given up, and the next four begin.
    scene.receiver.wait_for(8).await;
    let given_up = scene.deliveries(slow).await;
    let given_up = given_up.iter().flat_map(history).filter_map(|attempt| attempt.error);
    assert!(given_up.into_iter().any(|error| error.contains("10 seconds")));
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn for_a_day_after_a_rotation_both_secrets_sign() {
    for scene in Scene::each().await {
        let endpoint = scene.listen_to_all().await;
        let (old, new) = (scene.secret(endpoint), scene.deliverer.key.secret("new"));
        let now = scene.clock.now();
        let until = (now + jiff::SignedDuration::from_hours(24)).as_millisecond();
        let mut tx = scene.inbox.store.begin().await.unwrap();
        tx.rotate_secret(endpoint, "new", until, now.as_millisecond()).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        for (hours, old_signs) in [(23, true), (2, false)] {
            scene.pass(hours * 3600);
            scene.happen(1).await;
            scene.deliver().await;
            let got = scene.receiver.got().pop().unwrap();
            assert!(got.is_signed_with(&new), "{}", scene.engine);
            assert_eq!(got.is_signed_with(&old), old_signs);
            assert_eq!(got.signatures.split(' ').count(), 1 + usize::from(old_signs));
        }
        scene.deliverer.tidy(1000).await.unwrap();
        assert_eq!(scene.endpoint(endpoint).await.previous_nonce, None);
    }
}

#[tokio::test]
async fn tables_and_backlogs_are_bounded() {
    for scene in Scene::each().await {
        let endpoint = scene.listen_to_all().await;
        scene.happen(4).await;
        scene.deliverer.tidy(4).await.unwrap();
        assert!(scene.endpoint(endpoint).await.enabled, "it has not failed, so it may catch up");
        scene.receiver.answer(std::iter::repeat_n(Answer::Status(500), 4));
        scene.deliver().await;
        scene.deliverer.tidy(5).await.unwrap();
        assert!(scene.endpoint(endpoint).await.enabled);
        scene.happen(1).await;
        scene.deliverer.tidy(5).await.unwrap();
        let row = scene.endpoint(endpoint).await;
        assert!(!row.enabled && row.disabled_reason.unwrap().contains("too many"), "{}", scene.engine);
        scene.pass(29 * 86_400);
        scene.deliverer.tidy(1000).await.unwrap();
        assert_eq!(scene.deliveries(endpoint).await.len(), 5);
        scene.pass(2 * 86_400);
        scene.deliverer.tidy(1000).await.unwrap();
        assert!(scene.deliveries(endpoint).await.is_empty());
    }
}
