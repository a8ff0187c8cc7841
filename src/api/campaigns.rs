//! `/campaigns`: one message to many people.

use super::Api;
use super::auth::{Allowed, CampaignsRead, CampaignsWrite};
use super::campaign_view::{Estimate, View};
use super::input::Input;
use super::kept::{self, Counted, Kept, Question};
use super::openapi::{Created, Routes};
use super::page::{Bounds, Page};
use crate::campaign::{Action, Audience, AutoStop, Counts, Plan, Status, Window};
use crate::left_out;
use crate::outbound::campaigns::{Acted, Saying, Tried};
use crate::problem::Problem;
use crate::store::CampaignRow;
use crate::texts::for_campaigns;
use crate::visible;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The id in the path, as written.
pub(super) type Id = Result<Path<String>, PathRejection>;

/// The longest name, in characters.
const LONGEST_NAME: usize = 100;
/// The longest reason, in characters.
const LONGEST_REASON: usize = 200;
/// How far ahead a campaign may be planned.
const FARTHEST: SignedDuration = SignedDuration::from_hours(24 * 366);

pub(super) fn routes() -> Routes {
    Routes::about("Campaigns", "One message to many people.")
        .get("/campaigns", list, "List campaigns")
        .post("/campaigns", create, "Make a campaign")
        .more("Give a template and its variables, or the words. Nothing is sent before it is started.")
        .get("/campaigns/{id}", show, "Read a campaign and what became of it")
        .more("With 2,500 people or more its counts may be up to ten seconds old; `as_of` says. A campaign that has just ended is counted anew.")
        .post("/campaigns/{id}/dry-run", dry_run, "Count who would get it, and what it would cost")
        .post("/campaigns/{id}/{action}", act, "Start, pause, resume or stop a campaign")
        .more("Who paused or stopped it, and the `reason`, are its `status_reason` from then on.")
        .or("test_token")
        .or("wrong_state")
}

/// A campaign to make.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({ "name": "Flu shots", "body": "Flu shots are here. Text us to book yours.", "audience": { "state": ["member"] } }))]
pub(super) struct Draft {
    #[schemars(length(min = 1, max = LONGEST_NAME))]
    name: String,
    /// One that is meant for people who asked for nothing: never one that carries a code or a booking.
    #[schemars(extend("enum" = templates()))]
    template: Option<String>,
    body: Option<String>,
    #[serde(default, deserialize_with = "left_out::or_default")]
    variables: BTreeMap<String, String>,
    #[serde(default, deserialize_with = "left_out::or_default")]
    audience: Audience,
    /// When to begin, within a year; when it is started where this is left out.
    #[serde(default, deserialize_with = "crate::moment::maybe")]
    send_at: Option<Timestamp>,
    window: Option<Window>,
    /// Hours after which a message that has not left is not worth sending.
    #[schemars(range(min = 1, max = 168))]
    expires_after_hours: Option<i64>,
    #[serde(default, deserialize_with = "left_out::or_default")]
    auto_stop: AutoStop,
}

/// The templates that a campaign may say; none where it has words of its own.
fn templates() -> Vec<Option<&'static str>> {
    for_campaigns().into_iter().map(Some).chain([None]).collect()
}

/// What a dry run is to reckon with.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Price {
    #[schemars(range(min = 0, max = 100))]
    price_per_segment: Option<f64>,
}

/// What became of a campaign's messages until now. Its status is a part of the question, so that no
/// count is from before the status that it is shown with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Fate {
    id: i64,
    status: String,
    /// What had come of it when staff last let it go on: it may run, rest and run again within a moment.
    baseline: String,
    ended_at: Option<i64>,
}

impl Fate {
    fn of(row: &CampaignRow) -> Self {
        Self {
            id: row.id,
            status: row.status.clone(),
            baseline: row.baseline.clone(),
            ended_at: row.ended_at,
        }
    }
}

impl Question for Fate {
    type Answer = (Counts, i64, i64);

    fn kept(api: &Api) -> &Kept<Self> {
        &api.counts.campaigns
    }

    async fn count(&self, api: &Api, _: Timestamp) -> sqlx::Result<Self::Answer> {
        api.campaigns.counts(self.id, self.ended_at).await
    }

    /// Each person's texts are looked at, too.
    fn rows((messages, ..): &Self::Answer) -> i64 {
        messages.audience * 4
    }
}

/// `POST /campaigns`.
async fn create(
    _: Allowed<CampaignsWrite>,
    State(api): State<Arc<Api>>,
    Input(draft): Input<Draft>,
) -> Result<Created<View>, Problem> {
    let row = draft.row(&api)?;
    api.inbox.store.add_campaign(&row).await?;
    Ok(Created(View::new(&api, row)?))
}

/// `GET /campaigns`.
async fn list(
    _: Allowed<CampaignsRead>,
    State(api): State<Arc<Api>>,
    bounds: Bounds,
) -> Result<Json<Page<View>>, Problem> {
    let rows = api.inbox.store.campaigns(bounds.before, bounds.limit + 1).await?;
    let views: Result<Vec<View>, Problem> = rows.into_iter().map(|row| View::new(&api, row)).collect();
    Ok(Json(Page::of(views?, bounds, View::number, |view| view)))
}

/// `GET /campaigns/{id}`, with counts.
async fn show(_: Allowed<CampaignsRead>, State(api): State<Arc<Api>>, id: Id) -> Result<Json<View>, Problem> {
    let row = find(&api, &id).await?;
    let counts = kept::ask(&api, Fate::of(&row)).await?;
    Ok(Json(View::new(&api, row)?.with(counts)))
}

/// `POST /campaigns/{id}/dry-run`.
async fn dry_run(
    _: Allowed<CampaignsRead>,
    State(api): State<Arc<Api>>,
    id: Id,
    price: Option<Input<Price>>,
) -> Result<Json<Estimate>, Problem> {
    let price = price.and_then(|Input(price)| price.price_per_segment);
    if price.is_some_and(|price| !(0.0..=100.0).contains(&price)) {
        return Err(Problem::field("price_per_segment", "must be a number from 0 to 100"));
    }
    let row = find(&api, &id).await?;
    let warnings = View::new(&api, row.clone())?.warnings();
    let run = match api.campaigns.dry_run(row, price).await? {
        Tried::Done(run) => *run,
        Tried::Vain(faults) => return Err(Problem::fields(faults)),
    };
    Ok(Json(Estimate::new(run, warnings, price)))
}

/// What goes with an action.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({}))]
pub(super) struct Why {
    /// Why it is paused or stopped, for those who read it later.
    #[schemars(length(min = 1, max = LONGEST_REASON), example = &"The clinic is closed")]
    reason: Option<String>,
}

impl Why {
    fn reason(&self, action: Action) -> Result<Option<String>, Problem> {
        let Some(reason) = &self.reason else { return Ok(None) };
        if matches!(action, Action::Start | Action::Resume) {
            return Err(Problem::field("reason", "goes with pause and stop only"));
        }
        let reason = visible::name(reason, LONGEST_REASON);
        reason.map(Some).map_err(|error| Problem::field("reason", error.to_string()))
    }
}

/// `POST /campaigns/{id}/start`, `/pause`, `/resume` and `/stop`.
async fn act(
    allowed: Allowed<CampaignsWrite>,
    State(api): State<Arc<Api>>,
    path: Result<Path<(String, String)>, PathRejection>,
    why: Option<Input<Why>>,
) -> Result<Json<View>, Problem> {
    allowed.live()?;
    let Path((id, action)) = path.map_err(|_| unknown())?;
    let action = Action::from_name(&action)
        .ok_or_else(|| Problem::not_found("a campaign takes start, pause, resume, stop and dry-run"))?;
    let id: i64 = id.parse().map_err(|_| unknown())?;
    let why = why.map(|Input(why)| why).unwrap_or_default();
    let reason = why.reason(action)?;
    match api.campaigns.act(id, action, &allowed.actor(), reason.as_deref()).await? {
        Acted::Unknown => Err(unknown()),
        Acted::NotHere(status) => Err(not_here(action, status)),
        Acted::Vain(faults) => Err(Problem::fields(faults)),
        Acted::Done(row) => {
            api.wake.notify_one();
            let as_of = api.inbox.clock.now();
            let answer = api.campaigns.counts(id, row.ended_at).await?;
            Ok(Json(View::new(&api, *row)?.with(Counted { as_of, answer })))
        }
    }
}

impl Draft {
    /// The row to add, or what is wrong with the first field that is.
    fn row(self, api: &Api) -> Result<CampaignRow, Problem> {
        let name = visible::name(&self.name, LONGEST_NAME);
        let name = name.map_err(|error| Problem::field("name", error.to_string()))?;
        let saying = Saying::for_campaign(self.template.as_deref(), self.body.as_deref(), &self.variables);
        let checked = saying.and_then(|saying| saying.check(&api.inbox.texts, &api.campaigns.organisation));
        checked.map_err(|error| Problem::fields(error.faults()))?;
        if let Some((field, message)) = self.audience.fault() {
            return Err(Problem::field(field, message));
        }
        let known = api.inbox.texts.locales();
        if let Some((place, locale)) = self.audience.unknown_locale(known) {
            let (field, name) = (format!("audience.locale[{place}]"), locale.as_str());
            let message =
                format!("{name} is unknown: there are {}, and their regions such as en-GB", known.join(", "));
            return Err(Problem::field(field, message));
        }
        let plan = self.plan();
        if let Some((field, message)) = plan.fault(api.campaigns.rules.quiet_hours) {
            return Err(Problem::field(field, message));
        }
        let now = api.inbox.clock.now();
        if self.send_at.is_some_and(|at| at > now + FARTHEST) {
            return Err(Problem::field("send_at", "must be within a year"));
        }
        Ok(CampaignRow {
            variables: stored(&self.variables)?,
            audience: stored(&self.audience)?,
            plan: stored(&plan)?,
            template: self.template,
            body: self.body,
            send_at: self.send_at.map(Timestamp::as_millisecond),
            ..CampaignRow::draft(api.inbox.ids.next(now), name, now.as_millisecond())
        })
    }

    fn plan(&self) -> Plan {
        let usual = Plan::default();
        Plan {
            window: self.window,
            expires_after_hours: self.expires_after_hours.unwrap_or(usual.expires_after_hours),
            auto_stop: self.auto_stop,
        }
    }
}

async fn find(api: &Api, id: &Id) -> Result<CampaignRow, Problem> {
    let id = id.as_ref().ok().and_then(|Path(id)| id.parse::<i64>().ok()).ok_or_else(unknown)?;
    api.inbox.store.campaign(id).await?.ok_or_else(unknown)
}

fn unknown() -> Problem {
    Problem::not_found("there is no such campaign")
}

fn not_here(action: Action, status: Status) -> Problem {
    let detail = format!("this campaign is {}: it takes no {}", status.as_str(), action.as_str());
    Problem::new(StatusCode::CONFLICT, "wrong_state", detail)
}

fn stored<T: serde::Serialize>(value: &T) -> Result<String, Problem> {
    serde_json::to_string(value).map_err(|error| sqlx::Error::Encode(error.into()).into())
}
