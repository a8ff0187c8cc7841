//! `/tips`: the library of daily tips, and who gets them.

use super::Api;
use super::auth::{Allowed, ContactsRead, TipsRead, TipsWrite};
use super::contacts::{Number, find};
use super::input::Input;
use super::moment::{Time, time};
use super::openapi::{Created, Routes};
use super::page::{Bounds, Page};
use super::tip_summary;
use super::tips_import::check_locale;
use crate::outbound::MAX_TIPS;
use crate::problem::{FieldError, Problem};
use crate::segments;
use crate::store::{NewTip, TipRow};
use crate::tips::{Entry, EntryError, Place, check_body};
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

pub(super) fn routes() -> Routes {
    Routes::about("Tips", "The library of daily tips, and who gets them.")
        .get("/tips", list, "List tips")
        .post("/tips", create, "Add a tip")
        .more("Give a position, counted from a person's first day, or a date.")
        .or("library_full")
        .or("place_taken")
        .get("/tips/{id}", show, "Read a tip")
        .patch("/tips/{id}", change, "Change a tip's words, or take it in and out of use")
        .or("library_full")
        .or("place_taken")
        .delete("/tips/{id}", deactivate, "Take a tip out of use")
        .or("place_taken")
        .get("/tips/subscriptions/summary", tip_summary::summary, "Count subscriptions")
        .more("Where there are ten thousand or more, the answer may be up to ten seconds old; `as_of` says.")
        .get("/contacts/{phone}/tips", subscription, "Read a contact's subscription")
        .merge(super::tips_import::routes())
}

/// A tip to add, as written.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewTip", example = json!({ "locale": "en", "body": "Drink a glass of water.", "position": 1 }))]
pub(super) struct TipInput {
    pub(super) locale: String,
    #[schemars(length(min = 1))]
    pub(super) body: String,
    /// Its place in the order, from 1.
    #[schemars(range(min = 1))]
    pub(super) position: Option<i64>,
    /// The day it is for.
    #[schemars(extend("format" = "date"))]
    pub(super) date: Option<String>,
}

/// What is to change of a tip. Its place never does: somebody may have had it there.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TipChange {
    #[schemars(length(min = 1), example = &"Drink a glass of water.")]
    body: Option<String>,
    /// Whether it is in use.
    active: Option<bool>,
}

/// A tip.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Tip")]
pub(super) struct TipView {
    id: String,
    locale: String,
    /// Its place in the order.
    position: Option<i64>,
    /// The day it is for.
    #[schemars(extend("examples" = [null]))]
    date: Option<String>,
    body: String,
    segments: usize,
    /// Whether it is in use.
    active: bool,
    created_at: Option<Time>,
}

/// One person's subscription.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[schemars(rename = "Subscription")]
pub(super) struct SubscriptionView {
    /// Whether the person gets tips.
    on: bool,
    /// The time of day, where the person is.
    #[schemars(example = &"07:00")]
    time: Option<String>,
    /// When the next one leaves.
    next_tip_at: Option<Time>,
    /// The day of the last one.
    #[schemars(example = &"2026-11-20")]
    last_tip_date: Option<String>,
    /// How far the person is.
    position: i64,
    /// Tips that were left out.
    skipped: i64,
}

/// The id in the path, as written.
type Id = Result<Path<i64>, PathRejection>;

/// `GET /tips`.
async fn list(
    _: Allowed<TipsRead>,
    State(api): State<Arc<Api>>,
    bounds: Bounds,
) -> Result<Json<Page<TipView>>, Problem> {
    let rows = api.inbox.store.tips(bounds.before, bounds.limit + 1).await?;
    Ok(Json(Page::of(rows, bounds, |row| row.id, TipView::from)))
}

/// `GET /tips/{id}`.
async fn show(_: Allowed<TipsRead>, State(api): State<Arc<Api>>, id: Id) -> Result<Json<TipView>, Problem> {
    let Path(id) = id.map_err(|_| no_such_tip())?;
    let row = api.inbox.store.tip(id).await?;
    Ok(Json(row.ok_or_else(no_such_tip)?.into()))
}

/// `POST /tips`.
async fn create(
    _: Allowed<TipsWrite>,
    State(api): State<Arc<Api>>,
    Input(tip): Input<TipInput>,
) -> Result<Created<TipView>, Problem> {
    let entry = tip.parse().map_err(|errors| Problem::fields(errors.into_iter().map(field_error)))?;
    check_locale(&api, &entry).map_err(|error| Problem::fields([error]))?;
    require_room(&api, 1).await?;
    let new = new_tip(&api, entry);
    let id = new.id;
    let taken = api.inbox.store.add_tips(std::slice::from_ref(&new)).await?.is_empty();
    if taken {
        return Err(place_taken());
    }
    let row = api.inbox.store.tip(id).await?;
    Ok(Created(row.ok_or_else(no_such_tip)?.into()))
}

/// `PATCH /tips/{id}`.
async fn change(
    _: Allowed<TipsWrite>,
    State(api): State<Arc<Api>>,
    id: Id,
    Input(change): Input<TipChange>,
) -> Result<Json<TipView>, Problem> {
    let body = change.body.as_deref().map(check_body).transpose();
    let body = body.map_err(|error| Problem::fields([field_error(error)]))?;
    if change.active == Some(true) {
        require_room(&api, 1).await?;
    }
    Ok(Json(apply(&api, id, body, change.active).await?))
}

/// `DELETE /tips/{id}`: out of use. Its row stays, because messages name it.
async fn deactivate(
    _: Allowed<TipsWrite>,
    State(api): State<Arc<Api>>,
    id: Id,
) -> Result<Json<TipView>, Problem> {
    Ok(Json(apply(&api, id, None, Some(false)).await?))
}

/// `GET /contacts/{phone}/tips`.
async fn subscription(
    _: Allowed<ContactsRead>,
    State(api): State<Arc<Api>>,
    phone: Number,
) -> Result<Json<SubscriptionView>, Problem> {
    let contact = find(&api, phone).await?;
    subscription_of(&api, contact.id).await.map(Json)
}

/// A contact's subscription.
pub(super) async fn subscription_of(api: &Api, contact_id: i64) -> Result<SubscriptionView, Problem> {
    let Some(row) = api.inbox.store.subscription(contact_id).await? else {
        return Ok(SubscriptionView::default());
    };
    Ok(SubscriptionView {
        on: row.tips_on,
        time: row.tip_time.map(|minutes| format!("{:02}:{:02}", minutes / 60, minutes % 60)),
        // A plan to be made anew is one that nobody knows yet.
        next_tip_at: row.next_tip_at.filter(|at| *at > 0).and_then(time),
        last_tip_date: row.last_tip_date,
        position: row.position,
        skipped: row.skipped,
    })
}

async fn apply(api: &Api, id: Id, body: Option<&str>, active: Option<bool>) -> Result<TipView, Problem> {
    let Path(id) = id.map_err(|_| no_such_tip())?;
    match api.inbox.store.change_tip(id, body, active).await {
        Ok(row) => Ok(row.ok_or_else(no_such_tip)?.into()),
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Err(place_taken()),
        Err(error) => Err(error.into()),
    }
}

/// Refuses what would make the library larger than a node keeps in memory.
pub(super) async fn require_room(api: &Api, more: usize) -> Result<(), Problem> {
    let count = api.inbox.store.count_tips().await?;
    let room = usize::try_from(MAX_TIPS - count).unwrap_or(0);
    if more <= room {
        return Ok(());
    }
    let detail = format!("{MAX_TIPS} tips may be in use; there is room for {room} more");
    Err(Problem::new(StatusCode::CONFLICT, "library_full", detail))
}

/// The row for a checked tip.
pub(super) fn new_tip(api: &Api, entry: Entry) -> NewTip {
    let now = api.inbox.clock.now();
    let (position, date) = match entry.place {
        Place::Position(position) => (Some(position), None),
        Place::Date(date) => (None, Some(date.to_string())),
    };
    NewTip {
        id: api.inbox.ids.next(now),
        locale: entry.locale,
        position,
        date,
        body: entry.body,
        created_at: now.as_millisecond(),
    }
}

impl TipInput {
    /// Checks it.
    pub(super) fn parse(&self) -> Result<Entry, Vec<EntryError>> {
        Entry::parse(&self.locale, self.position, self.date.as_deref(), &self.body)
    }
}

pub(super) fn field_error(error: EntryError) -> FieldError {
    FieldError { field: error.field.into(), message: error.message.into() }
}

fn no_such_tip() -> Problem {
    Problem::not_found("there is no tip with this id")
}

fn place_taken() -> Problem {
    let detail = "another tip in this language is in use at this place; deactivate it first";
    Problem::new(StatusCode::CONFLICT, "place_taken", detail)
}

impl From<TipRow> for TipView {
    fn from(row: TipRow) -> Self {
        Self {
            id: row.id.to_string(),
            locale: row.locale,
            position: row.position,
            date: row.date,
            segments: segments::count(&row.body).segments,
            body: row.body,
            active: row.active,
            created_at: time(row.created_at),
        }
    }
}
