//! What a visitor does: text, move the clock, switch a fault.

use super::filled::Filled;
use super::handset::Handset;
use super::page::Typed;
use super::{Demo, Shared};
use crate::carrier::{Delivery, TextError};
use crate::problem::Problem;
use crate::store;
use crate::web::pages::accepts;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The clock moves on by a week at most in one go, and not beyond the year 2100.
const FURTHEST_MINUTES: i64 = 7 * 24 * 60;
const LAST_SECOND: i64 = 4_102_444_800;
/// As long as a carrier lets a text be.
const LONGEST: usize = 1600;

/// The page's form.
#[derive(Debug, Deserialize)]
pub(super) struct TypedText {
    phone: String,
    body: String,
}

/// `POST /demo`: texts, then shows the page again.
pub(super) async fn send_from_page(
    State(shared): State<Arc<Shared>>,
    Filled(form): Filled<TypedText>,
) -> Response {
    let demo = &shared.demo;
    let phone = match demo.handset(&form.phone) {
        Ok(phone) => phone,
        Err(error) => {
            let typed = Typed { body: Some(form.body), ..Typed::default() };
            return demo.page_without_phone(form.phone, error, typed).await;
        }
    };
    match demo.text(phone, &form.body).await {
        Ok(_) => back_to(phone),
        Err(error) => {
            let typed = Typed { body: Some(form.body), body_error: Some(error), ..Typed::default() };
            demo.page(StatusCode::BAD_REQUEST, phone, typed).await
        }
    }
}

/// A program's form.
#[derive(Debug, Deserialize)]
pub(super) struct ProgramText {
    from: String,
    body: String,
}

/// What a program is told when it asks for JSON.
#[derive(Serialize)]
struct Answer {
    from: String,
    to: String,
    replies: Vec<String>,
    carrier_reply: Option<String>,
    error_code: Option<u32>,
}

/// `POST /demo/texts`: texts, and answers with the replies, one a line or as JSON.
pub(super) async fn send_from_program(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Filled(form): Filled<ProgramText>,
) -> Result<Response, Problem> {
    let demo = &shared.demo;
    let from = demo.handset(&form.from).map_err(|error| Problem::field("from", error))?;
    let sent = demo.text(from, &form.body).await.map_err(|error| Problem::field("body", error))?;
    let Delivery { replies, carrier_reply, error_code, .. } = sent;
    if accepts(&headers, "application/json") {
        let (from, to) = (from.to_string(), from.ours(demo.our_number).to_string());
        let answer = Answer { from, to, replies, carrier_reply, error_code };
        return Ok(Json(answer).into_response());
    }
    let lines = carrier_reply.into_iter().chain(replies).map(|reply| reply + "\n");
    Ok(lines.collect::<String>().into_response())
}

/// The clock's buttons.
#[derive(Debug, Deserialize)]
pub(super) struct Move {
    phone: String,
    minutes: i64,
}

/// `POST /demo/clock`: moves the server's clock on. A page is told beside the clock why it can't be.
pub(super) async fn move_clock(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Filled(form): Filled<Move>,
) -> Result<Response, Problem> {
    let demo = &shared.demo;
    let phone = demo.handset(&form.phone).map_err(|error| Problem::field("phone", error))?;
    match demo.move_on(form.minutes).await {
        Ok(()) => Ok(back_to(phone)),
        Err(error) if accepts(&headers, "text/html") => {
            let typed = Typed { clock_error: Some(error), ..Typed::default() };
            Ok(demo.page(StatusCode::BAD_REQUEST, phone, typed).await)
        }
        Err(error) => Err(Problem::field("minutes", error)),
    }
}

/// The switches.
#[derive(Debug, Deserialize)]
pub(super) struct Flip {
    phone: String,
    fault: String,
}

/// `POST /demo/faults`: switches one fault on or off.
pub(super) async fn switch_fault(
    State(shared): State<Arc<Shared>>,
    Filled(form): Filled<Flip>,
) -> Result<Response, Problem> {
    let phone = shared.demo.handset(&form.phone).map_err(|error| Problem::field("phone", error))?;
    if !shared.demo.switch(&form.fault, &phone.to_string()) {
        return Err(Problem::field("fault", "there is no fault of this name"));
    }
    Ok(back_to(phone))
}

fn back_to(phone: Handset) -> Response {
    let query: String =
        form_urlencoded::Serializer::new(String::new()).append_pair("phone", &phone.to_string()).finish();
    Redirect::to(&format!("/demo?{query}")).into_response()
}

impl Demo {
    /// Moves the clock on; the error says why it can't be.
    async fn move_on(&self, minutes: i64) -> Result<(), String> {
        if !(1..=FURTHEST_MINUTES).contains(&minutes) {
            return Err(format!("must be a whole number from 1 to {FURTHEST_MINUTES}"));
        }
        let by = SignedDuration::from_mins(minutes);
        let last = Timestamp::from_second(LAST_SECOND).unwrap_or(Timestamp::MAX);
        let there = self.clock.now().checked_add(by).is_ok_and(|then| then < last);
        if !there || !self.clock.advance(by) {
            return Err("this clock can't be moved on any further".to_owned());
        }
        // Commands beside this server go by it.
        if let Err(error) = self.store.keep_demo_clock(&self.clock).await {
            tracing::warn!(error = %store::explain(&error), "the demo's clock could not be kept");
        }
        Ok(())
    }

    /// Types `body` on the handset `phone`; the error says what to do.
    async fn text(&self, phone: Handset, body: &str) -> Result<Delivery, String> {
        let body = body.trim();
        if body.is_empty() {
            return Err("type a text first, such as REGISTER".to_owned());
        }
        if body.contains('\0') {
            return Err("a text can't hold the character U+0000: leave it out".to_owned());
        }
        let length = body.encode_utf16().count();
        if length > LONGEST {
            return Err(format!(
                "a text holds {LONGEST} characters at most, and this one has {length}: shorten it"
            ));
        }
        let (carrier, from, to, body) = (
            self.carrier.clone(),
            phone.to_string(),
            phone.ours(self.our_number).to_string(),
            body.to_owned(),
        );
        // On a task of its own: a visitor who leaves must not break off a webhook that is under way.
        let sent = tokio::spawn(async move { carrier.text(&from, &to, &body).await }).await;
        match sent {
            Ok(Ok(delivery)) => Ok(delivery),
            Ok(Err(TextError::Body)) => Err(format!("a text holds {LONGEST} characters at most: shorten it")),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("the carrier did not take this text; try again".to_owned()),
        }
    }
}
