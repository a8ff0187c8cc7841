//! Webhooks to the organisation's own systems: what is told, how it is signed, and what happens when
//! the receiver does not take it.

#[path = "../harness/mod.rs"]
mod harness;
mod receiver;
mod refused;
#[path = "../staff/mod.rs"]
mod staff;
#[path = "../support/mod.rs"]
mod support;

mod api;
mod deliveries;
mod told;

use receiver::Receiver;
use std::sync::Arc;
use support::Fresh;
use tidings::batch::Apply as _;
use tidings::clock::Clock;
use tidings::conversation::Inbox;
use tidings::deliveries::{Attempt, Deliverer, Post};
use tidings::events::{Event, EventKind, SigningKey, SigningSecret};
use tidings::store::{DeliveryRow, EndpointRow, NewEndpoint};

const ASHA: &str = "+14155550123";

/// An inbox on a standing clock, a deliverer for it, and a receiver.
struct Scene {
    engine: &'static str,
    inbox: Arc<Inbox>,
    clock: Clock,
    deliverer: Deliverer,
    receiver: Receiver,
    _fresh: Fresh,
}

impl Scene {
    async fn each() -> Vec<Self> {
        let mut all = Vec::new();
        for fresh in support::engines().await {
            let (inbox, clock) = support::inbox(support::open(&fresh).await, true).await;
            let deliverer = Deliverer {
                inbox: inbox.clone(),
                post: Post::new(true).unwrap(),
                key: SigningKey::new(b"a key for tests"),
            };
            let receiver = Receiver::start().await;
            all.push(Self { engine: fresh.name, inbox, clock, deliverer, receiver, _fresh: fresh });
        }
        all
    }

    /// Adds an endpoint that wants `events`; returns its id.
    async fn listen(&self, url: &str, events: &str) -> i64 {
        let now = self.clock.now();
        let id = self.inbox.ids.next(now);
        let nonce = format!("{id:x}");
        let new = NewEndpoint { id, url, description: "", events, nonce: &nonce, now: now.as_millisecond() };
        let mut tx = self.inbox.store.begin().await.unwrap();
        assert!(tx.add_endpoint(&new, 20).await.unwrap());
        tx.commit().await.unwrap();
        self.inbox.listeners.refresh(&self.inbox.store).await.unwrap();
        id
    }

    /// Adds an endpoint at the receiver that wants everything.
    async fn listen_to_all(&self) -> i64 {
        self.listen(&self.receiver.url.clone(), "*").await
    }

    fn secret(&self, endpoint: i64) -> SigningSecret {
        self.deliverer.key.secret(&format!("{endpoint:x}"))
    }

    async fn endpoint(&self, id: i64) -> EndpointRow {
        self.inbox.store.endpoint(id).await.unwrap().unwrap()
    }

    async fn deliveries(&self, endpoint: i64) -> Vec<DeliveryRow> {
        self.inbox.store.deliveries(endpoint, i64::MAX, 1000).await.unwrap()
    }

    /// One text of Asha's, and the answer's words.
    async fn text(&self, body: &str) -> String {
        let answers = self.inbox.apply(&[support::text(ASHA, body)]).await.unwrap();
        answers.into_iter().flatten().map(|handed| handed.body).collect()
    }

    async fn register(&self) {
        self.text("REGISTER").await;
        let answer = self.text("Asha Rai").await;
        assert!(self.text(&answer[..6]).await.contains("Welcome"), "{answer}");
    }

    /// Something that nobody has to live through.
    async fn happen(&self, count: i64) {
        let mut tx = self.inbox.store.begin().await.unwrap();
        let events = (0..count).map(|number| {
            Event::contact(EventKind::ContactOptedIn, 1_000_000 + number, "+14155550199", None, None)
        });
        self.inbox.announce(&mut tx, events.collect()).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Delivers until nothing is due any more.
    async fn deliver(&self) {
        while self.deliverer.deliver_due().await.unwrap() > 0 {}
    }

    fn pass(&self, seconds: i64) {
        assert!(self.clock.advance(jiff::SignedDuration::from_secs(seconds)));
    }
}

fn history(delivery: &DeliveryRow) -> Vec<Attempt> {
    serde_json::from_str(&delivery.history).unwrap()
}
