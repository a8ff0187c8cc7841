//! `/templates`: what we say, and staff's wordings of it.

use super::Api;
use super::auth::{Allowed, TemplatesRead, TemplatesWrite};
use super::input::Input;
use super::openapi::Routes;
use super::page::{Bounds, Page, Part};
use super::template_view::{Item, Preview, Template, Version};
use crate::left_out;
use crate::problem::{FieldError, Problem};
use crate::templates::{self, Edit, EditError, MAX_NOTE};
use crate::texts::{Draft, Fault};
use crate::visible;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::Arc;

/// So much is shown of a variable's name that no template knows.
const LONGEST_NAME: usize = 60;

pub(super) fn routes() -> Routes {
    Routes::about("Templates", "What we say, and staff's wordings of it.")
        .get("/templates", list, "List templates")
        .post("/templates/preview", preview, "Try a wording")
        .or("not_found")
        .get("/templates/{name}/{locale}", show, "Read a template")
        .put("/templates/{name}/{locale}", save, "Word a template")
        .or("newer_version")
        .get("/templates/{name}/{locale}/versions", versions, "List a template's versions")
        .post("/templates/{name}/{locale}/restore", restore, "Go back to a version")
        .or("newer_version")
        .post("/templates/{name}/{locale}/reset", reset, "Go back to the shipped words")
        .or("newer_version")
}

/// Every template in every locale.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "TemplatePage")]
struct Templates {
    items: Vec<Item>,
    next_cursor: Option<String>,
}

/// New words.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Wording {
    #[schemars(example = &"{{ code }} is your code.")]
    body: String,
    /// Why, for whoever reads the versions.
    #[schemars(length(max = MAX_NOTE), example = &"Shorter")]
    note: Option<String>,
    /// The version that was changed; 0 are the shipped words. Another in the meantime is a 409.
    #[schemars(example = 0)]
    based_on: Option<i64>,
}

/// Which version to go back to.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// The number of the version.
    #[schemars(example = 1)]
    version: i64,
    /// Why.
    #[schemars(length(max = MAX_NOTE), example = &"Shorter")]
    note: Option<String>,
}

/// Why to go back to the shipped words.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Reset {
    /// Why.
    #[schemars(length(max = MAX_NOTE), example = &"Shorter")]
    note: Option<String>,
}

/// What to try: these words, or those in force, with samples of which these variables replace some.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Trial {
    #[schemars(example = &"code")]
    name: String,
    locale: String,
    #[schemars(extend("examples" = [null]))]
    body: Option<String>,
    #[serde(default, deserialize_with = "left_out::or_default")]
    variables: Map<String, Value>,
    #[schemars(range(min = 0, max = 100))]
    price_per_segment: Option<f64>,
}

/// `GET /templates`.
async fn list(
    _: Allowed<TemplatesRead>,
    State(api): State<Arc<Api>>,
    part: Part,
) -> Result<Json<Templates>, Problem> {
    let all = templates::list(&api.inbox).await?;
    let Page { items, next_cursor } = part.of_fixed(&all);
    let items = items.into_iter().map(|standing| Item::new(&api.inbox, standing)).collect();
    Ok(Json(Templates { items, next_cursor }))
}

/// `GET /templates/{name}/{locale}`.
async fn show(
    _: Allowed<TemplatesRead>,
    State(api): State<Arc<Api>>,
    Path((name, locale)): Path<(String, String)>,
) -> Result<Json<Template>, Problem> {
    let standing = templates::find(&api.inbox, &name, &locale).await?.ok_or_else(unknown)?;
    Ok(Json(Template::new(&api.inbox, standing)))
}

/// `PUT /templates/{name}/{locale}`.
async fn save(
    allowed: Allowed<TemplatesWrite>,
    State(api): State<Arc<Api>>,
    Path((name, locale)): Path<(String, String)>,
    Input(wording): Input<Wording>,
) -> Result<Json<Template>, Problem> {
    let draft = Draft { name: &name, locale: &locale, body: &wording.body };
    let edit =
        Edit { author: &allowed.actor(), note: &note(wording.note.as_deref())?, based_on: wording.based_on };
    let standing = templates::save(&api.inbox, draft, edit).await?;
    Ok(Json(Template::new(&api.inbox, standing)))
}

/// `POST /templates/preview`.
async fn preview(
    _: Allowed<TemplatesRead>,
    State(api): State<Arc<Api>>,
    Input(trial): Input<Trial>,
) -> Result<Json<Preview>, Problem> {
    if trial.price_per_segment.is_some_and(|price| !(0.0..=100.0).contains(&price)) {
        return Err(Problem::field("price_per_segment", "must be a number from 0 to 100"));
    }
    let standing = templates::find(&api.inbox, &trial.name, &trial.locale).await?.ok_or_else(unknown)?;
    let body = trial.body.as_deref().unwrap_or_else(|| standing.body());
    let draft = Draft { name: standing.name, locale: &trial.locale, body };
    fitting(&api, &trial)?;
    let tried = api.inbox.texts.preview(draft, &trial.variables);
    let (text, faults) = tried.map_err(|faults| wrong(&faults))?;
    Ok(Json(Preview::new(text, faults, trial.price_per_segment)))
}

/// Refuses variables that the template does not know, and values of another kind than theirs.
fn fitting(api: &Api, trial: &Trial) -> Result<(), Problem> {
    let wrong = |(name, value): (&String, &Value)| {
        let message = api.inbox.texts.fits(&trial.name, name, value).err()?;
        let name: String = name.chars().take(LONGEST_NAME).collect();
        Some(FieldError { field: format!("variables.{name}").into(), message: message.into() })
    };
    let errors: Vec<FieldError> = trial.variables.iter().filter_map(wrong).collect();
    if errors.is_empty() { Ok(()) } else { Err(Problem::fields(errors)) }
}

/// `GET /templates/{name}/{locale}/versions`.
async fn versions(
    _: Allowed<TemplatesRead>,
    State(api): State<Arc<Api>>,
    Path((name, locale)): Path<(String, String)>,
    bounds: Bounds,
) -> Result<Json<Page<Version>>, Problem> {
    let standing = templates::find(&api.inbox, &name, &locale).await?.ok_or_else(unknown)?;
    let store = &api.inbox.store;
    let rows = store.template_versions(standing.name, &locale, bounds.before, bounds.limit + 1).await?;
    Ok(Json(Page::of(rows, bounds, |row| row.version, Version::from)))
}

/// `POST /templates/{name}/{locale}/restore`.
async fn restore(
    allowed: Allowed<TemplatesWrite>,
    State(api): State<Arc<Api>>,
    Path((name, locale)): Path<(String, String)>,
    Input(wanted): Input<Wanted>,
) -> Result<Json<Template>, Problem> {
    let edit = Edit { author: &allowed.actor(), note: &note(wanted.note.as_deref())?, based_on: None };
    let standing = templates::restore(&api.inbox, &name, &locale, wanted.version, edit).await?;
    Ok(Json(Template::new(&api.inbox, standing)))
}

/// `POST /templates/{name}/{locale}/reset`: the shipped words again.
async fn reset(
    allowed: Allowed<TemplatesWrite>,
    State(api): State<Arc<Api>>,
    Path((name, locale)): Path<(String, String)>,
    reset: Option<Input<Reset>>,
) -> Result<Json<Template>, Problem> {
    let why = reset.and_then(|Input(reset)| reset.note);
    let edit = Edit { author: &allowed.actor(), note: &note(why.as_deref())?, based_on: None };
    let standing = templates::reset(&api.inbox, &name, &locale, edit).await?;
    Ok(Json(Template::new(&api.inbox, standing)))
}

fn note(text: Option<&str>) -> Result<String, Problem> {
    visible::note(text.unwrap_or_default(), MAX_NOTE).map_err(|error| Problem::field("note", error))
}

fn unknown() -> Problem {
    Problem::not_found("there is no such template in this locale; GET /templates lists them")
}

/// What is wrong with a body, place by place.
fn wrong(faults: &[Fault]) -> Problem {
    let errors =
        faults.iter().map(|fault| FieldError { field: "body".into(), message: fault.to_string().into() });
    Problem::fields(errors)
}

impl From<EditError> for Problem {
    fn from(error: EditError) -> Self {
        match error {
            EditError::Unknown => unknown(),
            EditError::NoVersion => Self::field("version", "is not one of this template's versions"),
            EditError::NoBase(_) => {
                Self::field("based_on", format!("must be one of this template's versions: {error}"))
            }
            EditError::Faults(faults) => wrong(&faults),
            EditError::Newer(_) => Self::new(StatusCode::CONFLICT, "newer_version", error.to_string()),
            EditError::Store(error) => error.into(),
        }
    }
}
