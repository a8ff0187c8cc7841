//! Every act that changes something leaves a row in the audit log.

use super::Api;
use crate::audit::Entry;
use crate::problem::Problem;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{MatchedPath, RawPathParams, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use std::sync::{Arc, OnceLock};

/// Routes that only answer, whatever the method: an editor asks them at each key.
const CHANGE_NOTHING: [&str; 1] = ["/templates/preview"];

/// Who acts, filled in by whatever lets them in; it stays empty for those who need no permission.
#[derive(Clone, Debug, Default)]
pub(super) struct Actor(Arc<OnceLock<String>>);

impl Actor {
    /// Says who acts; the first to say it is right.
    pub(super) fn is(&self, name: &str) {
        let _ = self.0.set(name.to_owned());
    }
}

/// Records what was done, after it was done.
pub(super) async fn acts(
    State(api): State<Arc<Api>>,
    path: Option<MatchedPath>,
    params: Result<RawPathParams, RawPathParamsRejection>,
    mut request: Request,
    next: Next,
) -> Response {
    let route = path.as_ref().map_or("", |path| path.as_str()).trim_start_matches("/api/v1");
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if reads || CHANGE_NOTHING.contains(&route) {
        return next.run(request).await;
    }
    let actor = Actor::default();
    request.extensions_mut().insert(actor.clone());
    let action = format!("{} {route}", request.method());
    let subject = params.as_ref().map(|params| subject(&api, params)).unwrap_or_default();
    let response = next.run(request).await;
    let Some(name) = actor.0.get().filter(|_| response.status().is_success()) else { return response };
    let now = api.inbox.clock.now();
    let id = api.inbox.ids.next(now);
    let entry = Entry { id, at: now.as_millisecond(), actor: name.clone(), action, subject };
    match api.inbox.store.add_audit(&api.audit_key, entry).await {
        Ok(()) => response,
        Err(error) => Problem::from(error).into_response(),
    }
}

/// What the path names. A number is named by its keyed hash: the log outlives an erasure.
fn subject(api: &Api, params: &RawPathParams) -> String {
    let names = params.iter().map(|(name, value)| match name {
        "phone" => format!("phone {}", &api.inbox.suppression_key.hash(value)[..16]),
        name => format!("{name} {value}"),
    });
    names.collect::<Vec<_>>().join(", ")
}
