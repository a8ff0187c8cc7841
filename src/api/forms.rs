//! `/forms`: requests to fill in a form.

use super::Api;
use super::auth::{Allowed, FormsRead, FormsWrite};
use super::groups::{id_of, number, textable};
use super::input::Input;
use super::moment::{Time, time};
use super::openapi::{Created, Located, Routes};
use super::page::{Bounds, Page};
use super::query::Asked as Query;
use crate::forms::{Token, check_url};
use crate::outbound::{Ask, Asked};
use crate::phone::Address;
use crate::problem::Problem;
use crate::store::{FormFilter, FormRow};
use crate::visible;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The longest title: with its link, it fits two segments in every alphabet.
const MAX_TITLE: usize = 60;
const STATUSES: [&str; 3] = ["open", "completed", "cancelled"];
const DEFAULT_REMIND_AFTER_MINUTES: i64 = 24 * 60;
const MAX_REMIND_AFTER_MINUTES: i64 = 30 * 24 * 60;
const DEFAULT_MAX_REMINDERS: i64 = 2;
const MOST_REMINDERS: i64 = 10;

pub(super) fn routes() -> Routes {
    Routes::about("Forms", "Requests to fill in a form, with reminders.")
        .get("/forms", list, "List form requests")
        .post("/forms", create, "Ask somebody to fill in a form")
        .or("erased")
        .get("/forms/{id}", show, "Read a form request")
        .post("/forms/{id}/complete", complete, "Say that the form was filled in")
        .or("already_ended")
        .post("/forms/{id}/cancel", cancel, "Take a form request back")
        .or("already_ended")
}

/// A request to fill in a form.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Form {
    id: String,
    phone_number: String,
    title: String,
    url: String,
    /// The link in the text, which counts clicks and leads to the form.
    #[schemars(example = &"https://sms.example.org/f/2s9XkQ")]
    link: String,
    #[schemars(extend("enum" = STATUSES))]
    status: String,
    remind_after_minutes: i64,
    max_reminders: i64,
    reminders_sent: i64,
    next_reminder_at: Option<Time>,
    clicks: i64,
    first_clicked_at: Option<Time>,
    last_clicked_at: Option<Time>,
    completed_at: Option<Time>,
    created_at: Option<Time>,
}

impl Form {
    pub(super) fn new(api: &Api, row: FormRow) -> Self {
        let token = row.token.parse::<Token>();
        Self {
            id: row.id.to_string(),
            phone_number: row.address,
            title: row.title,
            url: row.url,
            link: token.map(|token| token.link(&api.forms.public_url)).unwrap_or_default(),
            status: row.status,
            remind_after_minutes: row.remind_after_minutes,
            max_reminders: row.max_reminders,
            reminders_sent: row.reminders,
            next_reminder_at: row.next_at.and_then(time),
            clicks: row.clicks,
            first_clicked_at: row.first_clicked_at.and_then(time),
            last_clicked_at: row.last_clicked_at.and_then(time),
            completed_at: row.completed_at.and_then(time),
            created_at: time(row.created_at),
        }
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewForm {
    phone_number: String,
    /// One line.
    #[schemars(length(min = 1, max = MAX_TITLE), example = &"Your health questions")]
    title: String,
    #[schemars(url)]
    url: String,
    /// How long to wait before each reminder; a day where it is left out.
    #[schemars(range(min = 1, max = MAX_REMIND_AFTER_MINUTES), example = DEFAULT_REMIND_AFTER_MINUTES)]
    remind_after_minutes: Option<i64>,
    /// How often to remind; twice where it is left out.
    #[schemars(range(min = 0, max = MOST_REMINDERS), example = DEFAULT_MAX_REMINDERS)]
    max_reminders: Option<i64>,
}

/// `POST /forms`.
async fn create(
    allowed: Allowed<FormsWrite>,
    State(api): State<Arc<Api>>,
    Input(new): Input<NewForm>,
) -> Result<Located<Created<Form>>, Problem> {
    let phone = textable(&api, "phone_number", &new.phone_number)?;
    let url = check_url(new.url.trim()).map_err(|wrong| Problem::field("url", wrong))?;
    let within = |field: &'static str, value: Option<i64>, default: i64, least: i64, most: i64| {
        let value = value.unwrap_or(default);
        let wrong = || Problem::field(field, format!("must be a whole number from {least} to {most}"));
        (least..=most).contains(&value).then_some(value).ok_or_else(wrong)
    };
    let ask = Ask {
        address: Address::Phone(phone).to_string(),
        title: &title(&new.title)?,
        url: &url,
        remind_after_minutes: within(
            "remind_after_minutes",
            new.remind_after_minutes,
            DEFAULT_REMIND_AFTER_MINUTES,
            1,
            MAX_REMIND_AFTER_MINUTES,
        )?,
        max_reminders: within("max_reminders", new.max_reminders, DEFAULT_MAX_REMINDERS, 0, MOST_REMINDERS)?,
        reach: allowed.reach,
    };
    let Asked::Request(id) = api.forms.ask(&ask).await? else {
        return Err(Problem::erased());
    };
    api.wake.notify_one();
    let form = find(&api, id).await?;
    Ok(Located(format!("/api/v1/forms/{}", form.id), Created(form)))
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Filter {
    phone_number: Option<String>,
    #[schemars(extend("enum" = STATUSES))]
    status: Option<String>,
}

/// `GET /forms?phone_number=&status=`.
async fn list(
    _: Allowed<FormsRead>,
    State(api): State<Arc<Api>>,
    Query(filter): Query<Filter>,
    bounds: Bounds,
) -> Result<Json<Page<Form>>, Problem> {
    if filter.status.as_deref().is_some_and(|status| !STATUSES.contains(&status)) {
        return Err(Problem::field("status", "must be open, completed or cancelled"));
    }
    let store = &api.inbox.store;
    let contact_id = match &filter.phone_number {
        None => None,
        Some(text) => {
            let phone = number(&api, "phone_number", text)?;
            let contact = store.contact(&Address::Phone(phone).to_string()).await?;
            // Nobody has the id 0, so an unknown number has no forms.
            Some(contact.map_or(0, |contact| contact.id))
        }
    };
    let wanted = FormFilter { contact_id, status: filter.status.as_deref() };
    let rows = store.forms(wanted, bounds.before, bounds.limit + 1).await?;
    Ok(Json(Page::of(rows, bounds, |row| row.id, |row| Form::new(&api, row))))
}

/// `GET /forms/{id}`.
async fn show(
    _: Allowed<FormsRead>,
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
) -> Result<Json<Form>, Problem> {
    Ok(Json(find(&api, id_of(&id)?).await?))
}

/// `POST /forms/{id}/complete`.
async fn complete(
    _: Allowed<FormsWrite>,
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
) -> Result<Json<Form>, Problem> {
    end(&api, &id, true).await
}

/// `POST /forms/{id}/cancel`.
async fn cancel(
    _: Allowed<FormsWrite>,
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
) -> Result<Json<Form>, Problem> {
    end(&api, &id, false).await
}

/// Ends a request. To end it again in the same way changes nothing; in another way it can't be.
async fn end(api: &Api, id: &str, completed: bool) -> Result<Json<Form>, Problem> {
    let form = api.forms.end(id_of(id)?, completed).await?;
    let form = form.ok_or_else(|| Problem::not_found("no form request has this id"))?;
    if (form.status == "completed") != completed {
        let detail = format!("this request was {} before", form.status);
        return Err(Problem::new(StatusCode::CONFLICT, "already_ended", detail));
    }
    Ok(Json(Form::new(api, form)))
}

async fn find(api: &Api, id: i64) -> Result<Form, Problem> {
    let row = api.inbox.store.form(id).await?;
    row.map(|row| Form::new(api, row)).ok_or_else(|| Problem::not_found("no form request has this id"))
}

fn title(text: &str) -> Result<String, Problem> {
    visible::name(text, MAX_TITLE).map_err(|error| Problem::field("title", error.to_string()))
}
