//! `/analytics/summary`: what happened in a span.

use super::Api;
use super::auth::{Allowed, AnalyticsRead};
use super::openapi::Routes;
use super::query::Asked;
use crate::ids::Ids;
use crate::outbound::failure;
use crate::problem::Problem;
use crate::store::{ConsentCount, MessageCount};
use axum::Json;
use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The span when none is asked for.
const DEFAULT_SPAN: SignedDuration = SignedDuration::from_hours(24 * 30);
/// US dollars for a segment, as Twilio's list for the United States had it in 2026.
const PRICE_PER_SEGMENT: f64 = 0.0083;

pub(super) fn routes() -> Routes {
    Routes::about("Analytics", "What happened, in numbers.").get(
        "/analytics/summary",
        summary,
        "Sum up what happened in a span",
    )
}

/// What may be asked.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Span {
    /// The beginning; 30 days before the end where it is left out.
    #[schemars(example = &"2026-11-01T00:00:00Z")]
    #[serde(default, deserialize_with = "super::moment::maybe")]
    from: Option<Timestamp>,
    /// The end; now where it is left out.
    #[schemars(example = &"2026-12-01T00:00:00Z")]
    #[serde(default, deserialize_with = "super::moment::maybe")]
    to: Option<Timestamp>,
    #[schemars(range(min = 0, max = 10))]
    price_per_segment: Option<f64>,
}

/// What happened.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Summary {
    from: Timestamp,
    to: Timestamp,
    registrations: i64,
    codes_sent: i64,
    opt_ins: i64,
    opt_outs: i64,
    consent: Vec<Consent>,
    inbound: i64,
    outbound: i64,
    segments_sent: i64,
    estimated_cost: f64,
    messages: Vec<Messages>,
    errors: Vec<Failed>,
}

/// How many people gave or took back their consent in one way.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ConsentCount")]
struct Consent {
    given: bool,
    how: String,
    count: i64,
}

/// How many messages of one kind there were.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "MessageCount")]
struct Messages {
    #[schemars(extend("enum" = ["inbound", "outbound"]))]
    direction: &'static str,
    purpose: Option<String>,
    status: String,
    count: i64,
    segments: i64,
}

/// How many messages failed for one reason.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ErrorCount")]
struct Failed {
    error_code: i64,
    meaning: &'static str,
    count: i64,
}

/// `GET /analytics/summary`.
async fn summary(
    _: Allowed<AnalyticsRead>,
    State(api): State<Arc<Api>>,
    Asked(span): Asked<Span>,
) -> Result<Json<Summary>, Problem> {
    let to = span.to.unwrap_or_else(|| api.inbox.clock.now());
    let from = span.from.unwrap_or_else(|| to.saturating_sub(DEFAULT_SPAN).unwrap_or(Timestamp::MIN));
    if from >= to {
        return Err(Problem::field("from", "must be before to"));
    }
    let (from, to) = (to_millisecond(from), to_millisecond(to));
    let price = span.price_per_segment.unwrap_or(PRICE_PER_SEGMENT);
    if !(0.0..=10.0).contains(&price) {
        return Err(Problem::field("price_per_segment", "must be a number from 0 to 10, in US dollars"));
    }
    let store = &api.inbox.store;
    let ids = (Ids::floor(from), Ids::floor(to));
    let messages = store.count_messages(ids.0, ids.1).await?;
    let consent = store.count_consent(ids.0, ids.1).await?;
    let errors = store.count_errors(ids.0, ids.1).await?;
    let registrations = store.count_registrations(from.as_millisecond(), to.as_millisecond()).await?;
    Ok(Json(Summary::new((from, to), price, registrations, messages, consent, errors)))
}

/// The time without what is less than a millisecond.
fn to_millisecond(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

impl Summary {
    fn new(
        (from, to): (Timestamp, Timestamp),
        price: f64,
        registrations: i64,
        messages: Vec<MessageCount>,
        consent: Vec<ConsentCount>,
        errors: Vec<(i64, i64)>,
    ) -> Self {
        let sum =
            |wanted: &dyn Fn(&MessageCount) -> Option<i64>| messages.iter().filter_map(wanted).sum::<i64>();
        let people = |given| consent.iter().filter(|line| line.given == given).map(|line| line.people).sum();
        // What never left costs nothing.
        let left = |row: &MessageCount| {
            row.outbound
                && !["queued", "refused", "expired", "skipped", "failed"].contains(&row.status.as_str())
        };
        let segments_sent = sum(&|row| left(row).then_some(row.segments));
        #[expect(clippy::cast_precision_loss, reason = "an estimate in dollars")]
        let estimated_cost = (segments_sent as f64 * price * 100.0).round() / 100.0;
        Self {
            from,
            to,
            registrations,
            codes_sent: sum(&|row| {
                (row.purpose.as_deref() == Some("code") && left(row)).then_some(row.messages)
            }),
            opt_ins: people(true),
            opt_outs: people(false),
            inbound: sum(&|row| (!row.outbound).then_some(row.messages)),
            outbound: sum(&|row| row.outbound.then_some(row.messages)),
            segments_sent,
            estimated_cost,
            consent: consent
                .into_iter()
                .map(|line| Consent { given: line.given, how: line.how, count: line.people })
                .collect(),
            messages: messages.into_iter().map(Messages::from).collect(),
            errors: errors.into_iter().map(Failed::from).collect(),
        }
    }
}

impl From<MessageCount> for Messages {
    fn from(row: MessageCount) -> Self {
        Self {
            direction: if row.outbound { "outbound" } else { "inbound" },
            purpose: row.purpose,
            status: row.status,
            count: row.messages,
            segments: row.segments,
        }
    }
}

impl From<(i64, i64)> for Failed {
    fn from((error_code, count): (i64, i64)) -> Self {
        let meaning = u32::try_from(error_code).map_or("", |code| failure::describe(code).words);
        Self { error_code, meaning, count }
    }
}
