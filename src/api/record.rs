//! Every act that changes something leaves a row in the audit log.

use super::Api;
use super::openapi::{Asks, Sheet};
pub(super) use crate::accounts::account_name;
use crate::audit::Entry;
use crate::problem::Problem;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{FromRequestParts, MatchedPath, RawPathParams, Request, State};
use axum::http::Method;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use std::convert::Infallible;
use std::sync::{Arc, OnceLock};

/// Routes that only answer, whatever the method: an editor asks them at each key.
const CHANGE_NOTHING: [&str; 1] = ["/templates/preview"];

/// Who acts, filled in by whatever lets them in; it stays empty for those who need no permission.
#[derive(Clone, Debug, Default)]
pub(super) struct Actor(Arc<Act>);

#[derive(Debug, Default)]
struct Act {
    name: OnceLock<String>,
    about: OnceLock<&'static str>,
}

impl Actor {
    /// Says who acts; the first to say it is right.
    pub(super) fn is(&self, name: &str) {
        let _ = self.0.name.set(name.to_owned());
    }

    /// Says what it is about where the path does not: the log has it as the subject.
    pub(super) fn about(&self, subject: &'static str) {
        let _ = self.0.about.set(subject);
    }
}

impl<S: Sync> FromRequestParts<S> for Actor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().cloned().unwrap_or_default())
    }
}

impl Asks for Actor {
    fn asks(_: &mut Sheet) {}
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
    let subject = actor.0.about.get().map_or(subject, |about| (*about).to_owned());
    let Some(name) = actor.0.name.get().filter(|_| response.status().is_success()) else { return response };
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
