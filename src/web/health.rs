//! `/healthz`, `/readyz` and `/metrics`.

use super::writable::Writable;
use crate::api::require_scope;
use crate::metrics::Metrics;
use crate::problem::Problem;
use crate::store::Store;
use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long the database may take to answer before the server says that it is not ready.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the answers depend on.
#[derive(Debug)]
pub struct Health {
    /// Asked whether it answers.
    pub store: Store,
    /// Finds out whether it can be written.
    pub writable: Arc<Writable>,
    /// What was counted.
    pub metrics: Metrics,
    /// Cancelled when the server is told to stop.
    pub stopping: CancellationToken,
    /// Whether metrics need a token with the scope `metrics:read`; the demo shows them to everybody.
    pub guard_metrics: bool,
}

/// The routes.
pub fn router(health: Arc<Health>) -> Router {
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(health)
}

/// The process answers.
async fn alive() -> &'static str {
    "ok\n"
}

/// The database answers and can be written, and nobody has told the server to stop. Below that, which senders stand still and
/// why: texts are still taken, so that is no reason to take the server out of service.
async fn ready(State(health): State<Arc<Health>>) -> Result<String, Problem> {
    if health.stopping.is_cancelled() {
        return Err(Problem::unavailable("the server is stopping"));
    }
    match tokio::time::timeout(PATIENCE, health.store.slots()).await {
        Ok(Ok(_)) if !health.writable.check(&health.store).await => {
            Err(Problem::unavailable("the database can't be written: is its disk full?"))
        }
        Ok(Ok(slots)) => {
            let paused = slots.iter().filter_map(|slot| Some((slot.channel(), slot.trouble()?)));
            let lines =
                paused.map(|(channel, reason)| format!("sending by {channel} stands still: {reason}\n"));
            Ok(std::iter::once("ready\n".to_owned()).chain(lines).collect())
        }
        _ => Err(Problem::unavailable("the database does not answer")),
    }
}

async fn metrics(
    State(health): State<Arc<Health>>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    if health.guard_metrics {
        require_scope(&headers, &health.store, "metrics:read").await?;
    }
    let open = health.store.open_messages().await?;
    for slot in health.store.slots().await? {
        health.metrics.paused(slot.channel(), slot.trouble().is_some());
    }
    Ok(([(CONTENT_TYPE, "text/plain; version=0.0.4")], health.metrics.render(&open)))
}
