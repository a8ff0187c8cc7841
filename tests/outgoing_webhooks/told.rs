//! What is told, when, and to whom.

use super::harness::{ADA, PATIENCE, Scratch, Stage, eventually};
use super::{ASHA, Scene};
use std::collections::HashSet;
use tidings::store::NewEndpoint;

#[tokio::test]
async fn what_happens_is_told_once_signed_and_in_full() {
    for scene in Scene::each().await {
        let endpoint = scene.listen_to_all().await;
        scene.register().await;
        scene.text("STOP").await;
        scene.text("STOP").await;
        scene.deliver().await;
        let got = scene.receiver.got();
        let mut kinds: Vec<String> = got.iter().map(super::receiver::Got::kind).collect();
        kinds.sort_unstable();
        assert_eq!(
            kinds,
            ["contact.opted_in", "contact.opted_out", "contact.registered"],
            "{}",
            scene.engine
        );
        let ids: HashSet<&str> = got.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(ids.len(), 3);
        let secret = scene.secret(endpoint);
        for one in &got {
            assert!(one.is_signed_with(&secret) && !one.is_signed_with(&scene.secret(endpoint + 1)));
            let body = one.json();
            assert_eq!(body["timestamp"], "2026-11-21T12:00:00Z");
            assert_eq!(body["data"]["phone_number"], ASHA);
            assert!(body["data"]["contact_id"].is_string());
        }
        let registered = got.iter().find(|one| one.kind() == "contact.registered").unwrap();
        assert_eq!(registered.json()["data"]["name"], "Asha Rai");
    }
}

#[tokio::test]
async fn only_what_is_wanted_is_written_and_nothing_while_nobody_listens() {
    for scene in Scene::each().await {
        scene.text("REGISTER").await;
        let late = scene.listen(&scene.receiver.url, "contact.registered").await;
        let answer = scene.text("Asha").await;
        scene.text(&answer[..6]).await;
        scene.text("STOP").await;
        let told = scene.deliveries(late).await;
        assert_eq!(told.len(), 1, "{}", scene.engine);
        assert_eq!(told[0].kind, "contact.registered");
        assert_eq!(scene.deliverer.deliver_due().await.unwrap(), 1);
    }
}

/// Whoever heard of a confirmation hears of its end.
#[tokio::test]
async fn a_confirmation_that_is_taken_back_is_told_of() {
    for scene in Scene::each().await {
        for order in ["book Check-up at 2026-11-22T19:00:00Z", "book Flu shot at 2026-11-22T21:00:00Z"] {
            super::staff::carry_out(&scene.inbox, ASHA, order).await;
        }
        scene.pass(9 * 3600);
        for _ in 0..2 {
            super::staff::remind(&scene.inbox).await.unwrap();
        }
        let endpoint = scene.listen_to_all().await;
        for body in ["yes", "1", "no not that, the other"] {
            scene.text(body).await;
        }
        let said = super::staff::status(&scene.inbox, "Check-up pending").await;
        assert_eq!(said, "= Check-up pending", "{}", scene.engine);
        let mut told: Vec<String> =
            scene.deliveries(endpoint).await.into_iter().map(|delivery| delivery.kind).collect();
        told.retain(|kind| kind.starts_with("booking."));
        told.sort_unstable();
        let expected = ["booking.confirmed", "booking.confirmed", "booking.pending"];
        assert_eq!(told, expected, "{}", scene.engine);
    }
}

/// A change that is rolled back is not told of.
#[tokio::test]
async fn an_event_is_as_durable_as_what_it_tells_of() {
    for scene in Scene::each().await {
        let endpoint = scene.listen_to_all().await;
        let mut tx = scene.inbox.store.begin().await.unwrap();
        let event = tidings::events::Event::form_completed(1, 2, ASHA, "Intake");
        scene.inbox.announce(&mut tx, vec![event.clone()]).await.unwrap();
        drop(tx);
        assert!(scene.deliveries(endpoint).await.is_empty(), "{}", scene.engine);
        for _ in 0..2 {
            let mut tx = scene.inbox.store.begin().await.unwrap();
            scene.inbox.announce(&mut tx, vec![event.clone()]).await.unwrap();
            tx.commit().await.unwrap();
        }
        assert_eq!(scene.deliveries(endpoint).await.len(), 1, "{}", scene.engine);
    }
}

#[tokio::test]
async fn an_erased_person_leaves_the_hash_of_their_number_and_no_other_event() {
    for scene in Scene::each().await {
        let endpoint = scene.listen_to_all().await;
        scene.register().await;
        let contact = scene.inbox.store.contact(ASHA).await.unwrap().unwrap();
        assert_eq!(scene.deliveries(endpoint).await.len(), 2);
        scene.text("FORGET ME").await;
        scene.deliver().await;
        let got = scene.receiver.got();
        assert_eq!(got.len(), 1, "{}: {got:?}", scene.engine);
        assert_eq!(got[0].kind(), "contact.erased");
        let data = &got[0].json()["data"];
        assert_eq!(data["contact_id"], contact.id.to_string());
        assert_eq!(data["phone_number_hash"], scene.inbox.suppression_key.hash(ASHA));
        assert!(!got[0].body.contains("415555"));
        // When the last rows go, this stays: it is about nobody any more.
        scene.pass(7200);
        let key = &scene.inbox.suppression_key;
        let purged = tidings::conversation::purge_erased(&scene.inbox.store, key, scene.clock.now()).await;
        assert_eq!(purged.unwrap(), 1);
        assert_eq!(scene.deliveries(endpoint).await.len(), 1);
    }
}

#[tokio::test]
async fn the_fate_of_a_message_is_told_once_however_often_it_is_reported() {
    for scratch in Scratch::each().await {
        let receiver = super::Receiver::start().await;
        let stage = Stage::with_ours(scratch, &[("TIDINGS_WEBHOOK_ALLOW_PRIVATE", "true")]).await;
        let new = NewEndpoint {
            id: 7,
            url: &receiver.url,
            description: "",
            events: "message.delivered message.failed message.undelivered",
            nonce: "1",
            now: 0,
        };
        let mut tx = stage.app.store.begin().await.unwrap();
        assert!(tx.add_endpoint(&new, 1).await.unwrap());
        tx.commit().await.unwrap();
        // The server looks for changed endpoints by itself; a message that is told shows that it has.
        eventually("the first webhook", PATIENCE, async || {
            stage.carrier.text(ADA, super::harness::OURS, "STATUS").await.unwrap();
            stage.settled().await;
            !receiver.got().is_empty()
        })
        .await;
        stage.settled().await;
        let row = stage.outgoing().await.pop().unwrap();
        let sid = format!("SM{}", row.sid.unwrap().simple());
        let pending = async || stage.app.store.pending_deliveries(7, 100).await.unwrap();
        eventually("the last webhook", PATIENCE, async || pending().await == 0).await;
        let count = receiver.got().len();
        assert_eq!(stage.report(row.id, &sid, "delivered").await, 200);
        assert_eq!(stage.app.store.deliveries(7, i64::MAX, 100).await.unwrap().len(), count);
        let last = receiver.got().pop().unwrap().json();
        assert_eq!(last["type"], "message.delivered");
        assert_eq!(last["data"]["phone_number"], ADA);
        assert_eq!(last["data"]["status"], "delivered");
        stage.end().await;
    }
}
