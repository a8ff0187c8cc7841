//! `/bookings`: appointments that people are reminded of and answer by text.

mod input;
mod view;

use super::Api;
use super::auth::{Allowed, BookingsRead, BookingsWrite};
use super::input::Input;
use super::page::{Bounds, Page};
use crate::conversation::BookingError;
use crate::problem::Problem;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use input::{Draft, Filter, Patch};
use std::sync::Arc;
pub(super) use view::Booking;

/// The booking's id in the path, as written.
type Id = Result<Path<i64>, PathRejection>;

/// `POST /bookings`.
pub(super) async fn create(
    allowed: Allowed<BookingsWrite>,
    State(api): State<Arc<Api>>,
    Input(draft): Input<Draft>,
) -> Result<(StatusCode, Json<Booking>), Problem> {
    allowed.live()?;
    let now = api.inbox.clock.now();
    let (address, new) = draft.check(api.default_region, now)?;
    let row = api.inbox.book(&address.to_string(), new).await?;
    api.reminders.notify_one();
    Ok((StatusCode::CREATED, Json(Booking::new(row, now))))
}

/// `GET /bookings`.
pub(super) async fn list(
    _: Allowed<BookingsRead>,
    State(api): State<Arc<Api>>,
    filter: Filter,
    bounds: Bounds,
) -> Result<Json<Page<Booking>>, Problem> {
    let now = api.inbox.clock.now();
    let filter = filter.check(api.default_region)?;
    let store = &api.inbox.store;
    let rows = store.bookings(&filter, now.as_millisecond(), bounds.before, bounds.limit + 1).await?;
    Ok(Json(Page::of(rows, bounds, |row| row.id, |row| Booking::new(row, now))))
}

/// `GET /bookings/{id}`.
pub(super) async fn show(
    _: Allowed<BookingsRead>,
    State(api): State<Arc<Api>>,
    id: Id,
) -> Result<Json<Booking>, Problem> {
    let row = api.inbox.store.booking(number(id)?).await?.ok_or(BookingError::NotFound)?;
    Ok(Json(Booking::new(row, api.inbox.clock.now())))
}

/// `PATCH /bookings/{id}`.
pub(super) async fn change(
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
pub(super) async fn cancel(
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
            BookingError::Erased => conflict("person_erased"),
            BookingError::TooMany => conflict("too_many_bookings"),
            BookingError::Store(error) => error.into(),
        }
    }
}
