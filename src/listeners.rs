//! Who wants to hear of what: the webhook endpoints, kept in memory so that what happens costs nothing
//! while nobody listens. Events are written in the transaction of what they tell of.

use crate::events::{Event, EventKind, MessageFate};
use crate::ids::Ids;
use crate::store::{EndpointRow, NewDelivery, NewEvent, Store, Tx};
use jiff::Timestamp;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::Notify;

/// Every event.
pub const EVERYTHING: &str = "*";

/// The endpoints as this node knows them. Another node's change is seen within a second.
#[derive(Debug, Default)]
pub struct Listeners {
    known: RwLock<Arc<Known>>,
    /// Notified when something may be due for an endpoint.
    pub changed: Notify,
}

/// The enabled endpoints, as of a version of theirs. A fresh database has version 0 and none.
#[derive(Debug, Default)]
struct Known {
    version: i64,
    endpoints: Vec<Listener>,
}

#[derive(Debug)]
struct Listener {
    id: i64,
    wants: Vec<EventKind>,
}

impl Listener {
    fn of(row: &EndpointRow) -> Self {
        let wants = if row.events == EVERYTHING {
            EventKind::all().to_vec()
        } else {
            row.events.split(' ').filter_map(EventKind::from_name).collect()
        };
        Self { id: row.id, wants }
    }
}

impl Listeners {
    /// Reads the endpoints again if they have changed.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn refresh(&self, store: &Store) -> sqlx::Result<()> {
        let version = store.webhook_version().await?;
        if version <= self.known().version {
            return Ok(());
        }
        // The list may be newer than the version; then the next look reads it once more.
        let rows = store.endpoints().await?;
        let endpoints = rows.iter().filter(|row| row.enabled).map(Listener::of).collect();
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if version > known.version {
            *known = Arc::new(Known { version, endpoints });
        }
        Ok(())
    }

    /// Whether there is any endpoint at all.
    #[must_use]
    pub fn any(&self) -> bool {
        !self.known().endpoints.is_empty()
    }

    /// Whether anybody wants to hear of one of these.
    #[must_use]
    pub fn want_any(&self, kinds: &[EventKind]) -> bool {
        let known = self.known();
        known.endpoints.iter().any(|one| kinds.iter().any(|kind| one.wants.contains(kind)))
    }

    fn known(&self) -> Arc<Known> {
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Writes those of `events` that somebody wants to hear of.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn announce(
        &self,
        tx: &mut Tx,
        ids: &Ids,
        now: Timestamp,
        events: Vec<Event>,
    ) -> sqlx::Result<()> {
        let known = self.known();
        let (mut rows, mut deliveries) = (Vec::new(), Vec::new());
        for event in events {
            let mut wanting = known.endpoints.iter().filter(|one| one.wants.contains(&event.kind)).peekable();
            if wanting.peek().is_none() {
                continue;
            }
            let row = new_event(&event, ids.next(now), now);
            deliveries.extend(wanting.map(|one| new_delivery(ids.next(now), row.id, one.id, now)));
            rows.push(row);
        }
        if rows.is_empty() {
            return Ok(());
        }
        // In one order, so that two nodes that tell of the same things can't block each other.
        rows.sort_unstable_by(|a, b| a.once.cmp(&b.once).then(a.id.cmp(&b.id)));
        tx.add_events(&rows, &deliveries).await?;
        self.changed.notify_one();
        Ok(())
    }

    /// Writes what became of these messages, of those whose fate is known by now.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn announce_fates(
        &self,
        tx: &mut Tx,
        ids: &Ids,
        now: Timestamp,
        messages: &[i64],
    ) -> sqlx::Result<()> {
        let kinds = [EventKind::MessageDelivered, EventKind::MessageUndelivered, EventKind::MessageFailed];
        if messages.is_empty() || !self.want_any(&kinds) {
            return Ok(());
        }
        let fates = tx.message_fates(messages).await?;
        let events = fates.iter().filter_map(|row| {
            Event::message(&MessageFate {
                id: row.id,
                contact_id: row.contact_id,
                phone_number: &row.address,
                purpose: row.purpose.as_deref(),
                status: &row.status,
                status_reason: row.status_reason.as_deref(),
                error_code: row.error_code,
            })
        });
        self.announce(tx, ids, now, events.collect()).await
    }

    /// Writes a test for one endpoint, whatever it wants to hear of; returns the delivery's id.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn announce_test(
        &self,
        store: &Store,
        ids: &Ids,
        now: Timestamp,
        endpoint_id: i64,
    ) -> sqlx::Result<i64> {
        let event = new_event(&Event::test(endpoint_id), ids.next(now), now);
        let delivery = new_delivery(ids.next(now), event.id, endpoint_id, now);
        let id = delivery.id;
        let mut tx = store.begin().await?;
        tx.add_events(&[event], &[delivery]).await?;
        tx.commit().await?;
        self.changed.notify_one();
        Ok(id)
    }
}

fn new_event(event: &Event, id: i64, now: Timestamp) -> NewEvent {
    NewEvent {
        id,
        kind: event.kind.as_str(),
        contact_id: event.contact_id,
        once: event.once.clone(),
        // To the millisecond, like every time that the API shows.
        body: event.body(Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)),
        created_at: now.as_millisecond(),
    }
}

fn new_delivery(id: i64, event_id: i64, endpoint_id: i64, now: Timestamp) -> NewDelivery {
    NewDelivery { id, event_id, endpoint_id, now: now.as_millisecond() }
}
