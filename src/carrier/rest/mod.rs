//! The REST API under `/2010-04-01/`: its door, its errors and its headers. Its rooms are the submodules.

mod account;
mod create;
mod error;
mod list;
mod message;
mod numbers;
mod params;

pub(super) use error::RestError;

use super::message::API_VERSION;
use super::{Carrier, chance};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiff::tz::TimeZone;
use std::time::Duration;

/// The routes of the REST API, for whoever has the account's credentials.
pub(super) fn router(carrier: &Carrier) -> Router {
    let account = format!("/{API_VERSION}/Accounts/{{account}}");
    Router::new()
        .route(&account, get(account::fetch))
        .route(&format!("{account}/Messages.json"), get(list::list).post(create::create))
        .route(
            &format!("{account}/Messages/{{sid}}"),
            get(message::fetch).post(message::update).delete(message::delete),
        )
        .route(&format!("{account}/IncomingPhoneNumbers.json"), get(numbers::list).post(numbers::add))
        .route(&format!("{account}/IncomingPhoneNumbers/{{sid}}"), get(numbers::fetch).post(numbers::update))
        .layer(middleware::from_fn_with_state(carrier.clone(), at_the_door))
        .fallback(async |request: Request| RestError::not_found(request.uri().path()))
        .layer(middleware::from_fn_with_state(carrier.clone(), finish))
        .with_state(carrier.clone())
}

/// Lets only the account's credentials in.
async fn at_the_door(State(carrier): State<Carrier>, request: Request, next: Next) -> Response {
    let account = request.uri().path().split('/').nth(3).unwrap_or_default().trim_end_matches(".json");
    if account == carrier.0.settings.account_sid && is_known(&carrier, request.headers()) {
        next.run(request).await
    } else {
        RestError::unauthorized().into_response()
    }
}

fn is_known(carrier: &Carrier, headers: &HeaderMap) -> bool {
    let read = || {
        let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Basic ")?;
        let text = String::from_utf8(BASE64_STANDARD.decode(value.trim()).ok()?).ok()?;
        let (user, password) = text.split_once(':')?;
        let settings = &carrier.0.settings;
        let key = settings.api_keys.iter().any(|(sid, secret)| sid == user && secret == password);
        Some(key || user == settings.account_sid && password == settings.auth_token)
    };
    read().unwrap_or(false)
}

/// Makes the answer wait if a fault says so, and gives it Twilio's headers and the carrier's date.
async fn finish(State(carrier): State<Carrier>, request: Request, next: Next) -> Response {
    let begun = crate::clock::stopwatch();
    let mut response = next.run(request).await;
    let wait = Duration::from_millis(carrier.faults().answer_delay_ms);
    if !wait.is_zero() {
        carrier.0.clock.sleep(wait).await;
    }
    let date =
        carrier.0.clock.now().to_zoned(TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let headers = response.headers_mut();
    for (name, value) in [
        ("date", date),
        ("twilio-request-id", chance::sid("RQ")),
        ("twilio-request-duration", format!("{:.3}", begun.elapsed().as_secs_f64())),
        ("twilio-concurrent-requests", "1".to_owned()),
        ("x-api-domain", "api.twilio.com".to_owned()),
        ("x-home-region", "us1".to_owned()),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    response
}

/// An answer that is never sent: its body fails before its first byte, so the server closes the connection
/// without having written anything.
fn lost() -> Response {
    let broken = std::io::Error::other("the carrier was told to lose this answer");
    Body::from_stream(futures_util::stream::iter([Err::<Bytes, _>(broken)])).into_response()
}
