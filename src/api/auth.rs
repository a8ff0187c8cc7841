//! API tokens: who may do what.

use super::Api;
use super::record::Actor;
use crate::problem::Problem;
use crate::store::{Store, TokenRow};
use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use std::marker::PhantomData;
use std::sync::Arc;

/// A fresh token: 256 random bits behind a prefix that secret scanners can look for.
///
/// # Errors
/// The operating system has no random bytes.
pub fn new_token() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(format!("tid_{}", BASE64_URL_SAFE_NO_PAD.encode(bytes)))
}

/// What is stored of a token. A plain hash will do: there is nothing to guess in 256 random bits.
#[must_use]
pub fn hash_token(token: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(token.as_bytes()))
}

/// A permission, as a type: a handler that takes [`Allowed`] of it can't be reached without it.
pub(super) trait Scope: Send {
    /// Its name.
    const NAME: &'static str;
}

macro_rules! scopes {
    ($($scope:ident $name:literal $meaning:literal;)*) => {
        /// The scopes a token may have, with what they allow.
        pub const SCOPES: &[(&str, &str)] = &[$(($name, $meaning)),*];
        $(
            #[doc = $meaning]
            #[derive(Debug)]
            #[allow(dead_code, reason = "/metrics asks by name")]
            pub(super) enum $scope {}

            impl Scope for $scope {
                const NAME: &'static str = $name;
            }
        )*
    };
}

scopes! {
    BookingsRead "bookings:read" "read bookings";
    BookingsWrite "bookings:write" "make, change and cancel bookings";
    ContactsRead "contacts:read" "read contacts and their consent";
    ContactsWrite "contacts:write" "change contacts and their consent, and correct what we understood";
    AnalyticsRead "analytics:read" "read counts of what happened";
    AuditRead "audit:read" "read the audit log";
    MessagesRead "messages:read" "read messages of both directions";
    TestsRead "tests:read" "read test messages and the templates for them";
    TestsSend "tests:send" "send test messages";
    WebhooksRead "webhooks:read" "read webhook endpoints and their deliveries";
    WebhooksWrite "webhooks:write" "change webhook endpoints, with their secrets, and replay deliveries";
    FormsRead "forms:read" "read form requests";
    FormsWrite "forms:write" "send and end form requests";
    GroupsRead "groups:read" "read staff groups and alerts";
    GroupsWrite "groups:write" "change staff groups";
    AlertsSend "alerts:send" "alert staff groups";
    TipsRead "tips:read" "read the tip library and who gets tips, in numbers";
    TipsWrite "tips:write" "change the tip library";
    MessagesSend "messages:send" "send messages, and cancel those that wait";
    CampaignsRead "campaigns:read" "read campaigns and try them dry";
    CampaignsWrite "campaigns:write" "make campaigns, start, pause and stop them";
    MetricsRead "metrics:read" "read /metrics";
}

/// Proof that the caller's token has the scope `S`.
#[derive(Debug)]
pub(super) struct Allowed<S>(PhantomData<S>);

impl<S: Scope> FromRequestParts<Arc<Api>> for Allowed<S> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Problem> {
        let caller = require_scope(&parts.headers, &api.inbox.store, S::NAME).await?;
        if let Some(actor) = parts.extensions.get::<Actor>() {
            actor.is(&format!("token {}", caller.name));
        }
        Ok(Self(PhantomData))
    }
}

/// Checks that the bearer token in `headers` has `scope`, and returns it.
///
/// # Errors
/// 401 without a token that we know, 403 when it lacks the scope.
pub async fn require_scope(headers: &HeaderMap, store: &Store, scope: &str) -> Result<TokenRow, Problem> {
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token =
        header.and_then(|text| text.split_once(' ')).filter(|(kind, _)| kind.eq_ignore_ascii_case("bearer"));
    let unauthorized = |detail| Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", detail);
    let Some((_, token)) = token else {
        return Err(unauthorized("expected the header Authorization: Bearer and a token"));
    };
    let Some(known) = store.token(&hash_token(token.trim())).await? else {
        return Err(unauthorized("this token is not known, or was revoked"));
    };
    if known.scopes.split(' ').any(|had| had == scope) {
        return Ok(known);
    }
    Err(Problem::new(StatusCode::FORBIDDEN, "missing_scope", format!("this token lacks the scope {scope}")))
}
