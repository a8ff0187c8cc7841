//! `/bookings`: appointments that people are reminded of and answer by text.

mod input;
mod view;

use super::Api;
use super::auth::{Allowed, BookingsRead, BookingsWrite};
use super::input::Input;
use super::openapi::{Created, Routes};
use super::page::{Bounds, Page};
use super::query::Asked;
use crate::conversation::BookingError;
use crate::problem::Problem;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use input::{Draft, Filter, Patch};
use serde_json::json;
use std::sync::Arc;
pub(super) use view::Booking;

/// The booking's id in the path, as written.
type Id = Result<Path<i64>, PathRejection>;

/// What people who try the API wait for.
const WHEN_ASKED: &str = "The person is asked for an answer with each reminder and not before: \
    `remind_before_minutes` before `starts_at`, a day before where that is left out, never where it is `[]`. A \
    reminder whose time is over leaves at once if an hour or more is left to the start and to the next one. It \
    waits for the end of the quiet hours (21:00 to 8:00 where the person is, unless the server is set up \
    otherwise). `next_reminder_at` says when the next is due.";

pub(super) fn routes() -> Routes {
    Routes::about("Bookings", "Appointments that people are reminded of and answer by text.")
        .get("/bookings", list, "List bookings")
        .post("/bookings", create, "Make a booking")
        .more(WHEN_ASKED)
        .or("test_token")
        .or("erased")
        .or("too_many_bookings")
        .get("/bookings/{id}", show, "Read a booking")
        .patch("/bookings/{id}", change, "Change a booking")
        .more("What is left out stays; `null` takes `time_zone` or `location` away, and nothing else.")
        .or("test_token")
        .or("booking_cancelled")
        .or("booking_past")
        .or("erased")
        .post("/bookings/{id}/cancel", cancel, "Cancel a booking")
        .shows(json!({ "status": "cancelled", "next_reminder_at": null }))
        .or("booking_past")
}

/// `POST /bookings`.
async fn create(
    allowed: Allowed<BookingsWrite>,
    State(api): State<Arc<Api>>,
    Input(draft): Input<Draft>,
) -> Result<Created<Booking>, Problem> {
    allowed.live()?;
    let now = api.inbox.clock.now();
    let (address, new) = draft.check(api.default_region, now)?;
    let row = api.inbox.book(&address.to_string(), new).await?;
    api.reminders.notify_one();
    Ok(Created(Booking::new(row, now)))
}

/// `GET /bookings`.
async fn list(
    _: Allowed<BookingsRead>,
    State(api): State<Arc<Api>>,
    Asked(filter): Asked<Filter>,
    bounds: Bounds,
) -> Result<Json<Page<Booking>>, Problem> {
    let now = api.inbox.clock.now();
    let filter = filter.check(api.default_region)?;
    let store = &api.inbox.store;
    let rows = store.bookings(&filter, now.as_millisecond(), bounds.before, bounds.limit + 1).await?;
    Ok(Json(Page::of(rows, bounds, |row| row.id, |row| Booking::new(row, now))))
}

/// `GET /bookings/{id}`.
async fn show(
    _: Allowed<BookingsRead>,
    State(api): State<Arc<Api>>,
    id: Id,
) -> Result<Json<Booking>, Problem> {
    let row = api.inbox.store.booking(number(id)?).await?.ok_or(BookingError::NotFound)?;
    Ok(Json(Booking::new(row, api.inbox.clock.now())))
}

/// `PATCH /bookings/{id}`.
async fn change(
    allowed: Allowed<BookingsWrite>,
    State(api): State<Arc<Api>>,
    id: Id,
    Input(patch): Input<Patch>,
) -> Result<Json<Booking>, Problem> {
    allowed.live()?;
    let now = api.inbox.clock.now();
    let row = api.inbox.change_booking(number(id)?, patch.check(now)?).await?;
    api.reminders.notify_one();
    Ok(Json(Booking::new(row, now)))
}

/// `POST /bookings/{id}/cancel`.
async fn cancel(
    _: Allowed<BookingsWrite>,
    State(api): State<Arc<Api>>,
    id: Id,
) -> Result<Json<Booking>, Problem> {
    let row = api.inbox.cancel_booking(number(id)?).await?;
    Ok(Json(Booking::new(row, api.inbox.clock.now())))
}

fn number(id: Id) -> Result<i64, Problem> {
    let Path(id) = id.map_err(|_| BookingError::NotFound)?;
    Ok(id)
}

impl From<BookingError> for Problem {
    fn from(error: BookingError) -> Self {
        let conflict = |code| Self::new(StatusCode::CONFLICT, code, error.to_string());
        match error {
            BookingError::NotFound => Self::not_found(error.to_string()),
            BookingError::Cancelled => conflict("booking_cancelled"),
            BookingError::Past => conflict("booking_past"),
            BookingError::Erased => Self::erased(),
            BookingError::TooMany => conflict("too_many_bookings"),
            BookingError::Store(error) => error.into(),
        }
    }
}
