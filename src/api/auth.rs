//! API tokens: who may do what.

use super::Api;
use crate::problem::Problem;
use crate::store::Store;
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
    ContactsRead "contacts:read" "read contacts and their consent";
    ContactsWrite "contacts:write" "change contacts and their consent";
    MessagesRead "messages:read" "read messages of both directions";
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
        require_scope(&parts.headers, &api.inbox.store, S::NAME).await?;
        Ok(Self(PhantomData))
    }
}

/// Checks that the bearer token in `headers` has `scope`.
///
/// # Errors
/// 401 without a token that we know, 403 when it lacks the scope.
pub async fn require_scope(headers: &HeaderMap, store: &Store, scope: &str) -> Result<(), Problem> {
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
        return Ok(());
    }
    Err(Problem::new(StatusCode::FORBIDDEN, "missing_scope", format!("this token lacks the scope {scope}")))
}
