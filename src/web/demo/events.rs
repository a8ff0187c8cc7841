//! The conversation for programs: once as JSON, or followed as server-sent events.

use super::filled::Filled;
use super::handset::Handset;
use super::view::View;
use super::{FIRST_HANDSET, Shared};
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use serde::Deserialize;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, watch};

/// How often to look for what the carrier had no part in, such as the minute or an expired code.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Which handset.
#[derive(Debug, Deserialize)]
pub(super) struct Which {
    pub(super) phone: Option<String>,
}

impl Which {
    fn phone(&self, shared: &Shared) -> Result<Handset, Problem> {
        let text = self.phone.as_deref().unwrap_or(FIRST_HANDSET);
        shared.demo.handset(text).map_err(|error| Problem::field("phone", error))
    }
}

/// `GET /demo/state`.
pub(super) async fn state(
    State(shared): State<Arc<Shared>>,
    Filled(which): Filled<Which>,
) -> Result<Json<View>, Problem> {
    Ok(Json(shared.demo.view(which.phone(&shared)?).await?))
}

/// `GET /demo/events`: the same whenever it changes, and once at the beginning.
pub(super) async fn follow(
    State(shared): State<Arc<Shared>>,
    Filled(which): Filled<Which>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let phone = which.phone(&shared)?;
    let place = shared.followers.clone().try_acquire_owned();
    let place = place.map_err(|_| Problem::unavailable("too many pages are open; close one"))?;
    let changes = shared.demo.carrier.watch();
    let follower = Follower { shared, phone, changes, last: None, _place: place };
    let events = stream::unfold(follower, async |mut follower| {
        let event = follower.next().await?;
        Some((Ok(event), follower))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}

struct Follower {
    shared: Arc<Shared>,
    phone: Handset,
    changes: watch::Receiver<u64>,
    last: Option<View>,
    _place: OwnedSemaphorePermit,
}

impl Follower {
    /// Waits for a view that differs from the last; `None` when the server stops.
    async fn next(&mut self) -> Option<Event> {
        let demo = &self.shared.demo;
        loop {
            self.changes.mark_unchanged();
            match demo.view(self.phone).await {
                Ok(view) if self.last.as_ref() != Some(&view) => {
                    let event = Event::default().event("state").json_data(&view).ok()?;
                    self.last = Some(view);
                    return Some(event);
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(error = %crate::store::explain(&error), "the demo can't be read");
                }
            }
            tokio::select! {
                () = demo.stopping.cancelled() => return None,
                changed = self.changes.changed() => changed.ok()?,
                () = tokio::time::sleep(LOOK_AGAIN) => {}
            }
        }
    }
}
