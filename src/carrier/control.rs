//! The control API under `/carrier/`, for a test harness, a demonstration page or a person with `curl`.

use super::connection::Target;
use super::faults::Faults;
use super::settings::Ending;
use super::{Carrier, Delivery, Ledger, Message, Number, Text, TextError};
use crate::phone::Phone;
use axum::body::Bytes;
use axum::extract::{FromRequest, Path, Query, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::fmt;

const ABOUT: &str = "Tidings' simulated carrier. It speaks Twilio's REST API under /2010-04-01/.

POST /carrier/texts             {\"from\", \"to\"?, \"body\", \"media\"?}   a handset sends a text
GET  /carrier/phones/{number}   what is on a handset
PUT  /carrier/phones/{number}   {\"ending\": \"undelivered\", \"error_code\": 30003}
GET  /carrier/faults            PUT changes some of them: {\"answer_lost\": {\"next\": 1}}
GET  /carrier/ledger?after=0    every message and every call
GET  /carrier/numbers           PUT /carrier/numbers/{number} {\"sms_url\", \"sms_fallback_url\"?}
";

/// The routes of the control API.
pub(super) fn router(carrier: &Carrier) -> Router {
    Router::new()
        .route("/carrier/", get(async || ABOUT))
        .route("/carrier/texts", post(text))
        .route("/carrier/phones/{number}", get(conversation).put(set_ending))
        .route("/carrier/faults", get(faults).put(set_faults))
        .route("/carrier/ledger", get(ledger))
        .route("/carrier/numbers", get(numbers))
        .route("/carrier/numbers/{number}", put(set_number))
        .with_state(carrier.clone())
}

/// A request that can't be understood: 400, and the name of the field.
struct Refusal {
    field: String,
    error: String,
}

impl Refusal {
    fn new(field: &str, error: impl fmt::Display) -> Self {
        Self { field: field.to_owned(), error: format!("{error}") }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.error, "field": self.field });
        (StatusCode::BAD_REQUEST, Json(body)).into_response()
    }
}

/// The JSON object in a request's body. Its content type must say so, which keeps out the forms of foreign
/// pages in the browser of whoever runs a demonstration.
struct Object(Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for Object {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if !kind.unwrap_or_default().starts_with("application/json") {
            return Err(Refusal::new("Content-Type", "send application/json"));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|e| Refusal::new("body", e))?;
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) => Err(Refusal::new("body", "send a JSON object")),
            Err(error) => Err(Refusal::new("body", error)),
        }
    }
}

impl Object {
    fn only(&self, known: &[&str]) -> Result<(), Refusal> {
        match self.0.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(Refusal::new(name, format!("unknown; known are {}", known.join(", ")))),
            None => Ok(()),
        }
    }

    fn optional<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Refusal> {
        let value = self.0.get(name).cloned().unwrap_or(Value::Null);
        serde_json::from_value(value).map_err(|error| Refusal::new(name, error))
    }

    fn required<T: DeserializeOwned>(&self, name: &str) -> Result<T, Refusal> {
        self.optional(name)?.ok_or_else(|| Refusal::new(name, "required"))
    }
}

async fn text(State(carrier): State<Carrier>, object: Object) -> Result<Json<Delivery>, Refusal> {
    object.only(&["from", "to", "body", "media"])?;
    let to = match object.optional("to")? {
        Some(to) => to,
        None => {
            carrier.numbers().into_iter().next().map(|n| n.phone).ok_or(Refusal::new("to", "required"))?
        }
    };
    let media = object.optional("media")?.unwrap_or_default();
    let text = Text { from: object.required("from")?, to, body: object.required("body")?, media };
    carrier.send(text).await.map(Json).map_err(|error| {
        let field = match error {
            TextError::From => "from",
            TextError::To => "to",
            TextError::Body => "body",
        };
        Refusal::new(field, error)
    })
}

async fn conversation(
    State(carrier): State<Carrier>,
    Path(number): Path<String>,
) -> Result<Json<Vec<Message>>, Refusal> {
    check_number(&number)?;
    Ok(Json(carrier.conversation(&number)))
}

async fn set_ending(
    State(carrier): State<Carrier>,
    Path(number): Path<String>,
    Object(fields): Object,
) -> Result<Json<Ending>, Refusal> {
    check_number(&number)?;
    let ending: Ending =
        serde_json::from_value(Value::Object(fields)).map_err(|error| Refusal::new("ending", error))?;
    carrier.set_ending(&number, ending);
    Ok(Json(ending))
}

async fn faults(State(carrier): State<Carrier>) -> Json<Faults> {
    Json(carrier.faults())
}

async fn set_faults(
    State(carrier): State<Carrier>,
    Object(changes): Object,
) -> Result<Json<Faults>, Refusal> {
    carrier.merge_faults(&changes).map(Json).map_err(|(field, error)| Refusal { field, error })
}

async fn ledger(
    State(carrier): State<Carrier>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<Ledger>, Refusal> {
    let after = query.get("after").map_or(Ok(0), |text| text.parse());
    let after = after.map_err(|_| Refusal::new("after", "a place in the ledger is a whole number"))?;
    Ok(Json(carrier.ledger(after)))
}

async fn numbers(State(carrier): State<Carrier>) -> Json<Vec<Number>> {
    Json(carrier.numbers())
}

async fn set_number(
    State(carrier): State<Carrier>,
    Path(phone): Path<String>,
    object: Object,
) -> Result<Json<Number>, Refusal> {
    check_number(&phone)?;
    object.only(&["sms_url", "sms_fallback_url", "status_callback"])?;
    let address = |name: &str| -> Result<Option<Option<String>>, Refusal> {
        let url = object.optional::<String>(name)?;
        if let Some(url) = &url {
            Target::parse(url).map_err(|error| Refusal::new(name, error))?;
        }
        Ok(object.0.contains_key(name).then_some(url))
    };
    let (sms_url, fallback) = (address("sms_url")?, address("sms_fallback_url")?);
    let status_callback = address("status_callback")?;
    Ok(Json(carrier.set_number(&phone, |number| {
        number.sms_url = sms_url.unwrap_or(number.sms_url.take());
        number.sms_fallback_url = fallback.unwrap_or(number.sms_fallback_url.take());
        number.status_callback = status_callback.unwrap_or(number.status_callback.take());
    })))
}

fn check_number(phone: &str) -> Result<(), Refusal> {
    Phone::from_e164(phone).map(|_| ()).ok_or_else(|| Refusal::new("number", "not a number in E.164"))
}
