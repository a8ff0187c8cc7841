//! `/analytics/summary`: what happened in a span.

use super::Api;
use super::auth::{Allowed, AnalyticsRead};
use super::kept::{self, Counted, Kept, Question};
use super::moment::Time;
use super::openapi::Routes;
use super::query::Asked;
use crate::ids::Ids;
use crate::outbound::failure;
use crate::price::USUAL_PRICE;
use crate::problem::Problem;
use crate::store::{ConsentCount, MessageCount};
use axum::Json;
use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The span when none is asked for.
const DEFAULT_SPAN: SignedDuration = SignedDuration::from_hours(24 * 30);
/// Errors that are listed.
const MOST_ERRORS: usize = 50;

pub(super) fn routes() -> Routes {
    Routes::about("Analytics", "What happened, in numbers.").get(
        "/analytics/summary",
        summary,
        "Sum up what happened in a span",
    )
    .more("Where ten thousand rows or more are counted, the answer may be up to ten seconds old; `as_of` says.")
}

/// What may be asked.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Span {
    /// The beginning; 30 days before the end where it is left out.
    #[schemars(example = &"2026-11-01T00:00:00Z")]
    #[serde(default, deserialize_with = "crate::moment::maybe")]
    from: Option<Timestamp>,
    /// The end; now where it is left out.
    #[schemars(example = &"2026-12-01T00:00:00Z")]
    #[serde(default, deserialize_with = "crate::moment::maybe")]
    to: Option<Timestamp>,
    #[schemars(range(min = 0, max = 10))]
    price_per_segment: Option<f64>,
}

/// What happened.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Summary {
    from: Time,
    to: Time,
    as_of: Time,
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

/// What happened from then until then; without an end, until now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct InSpan {
    from: Option<Timestamp>,
    to: Option<Timestamp>,
}

/// Everything that is counted of a span.
#[derive(Debug)]
pub(super) struct Happened {
    span: (Timestamp, Timestamp),
    registrations: i64,
    messages: Vec<MessageCount>,
    consent: Vec<ConsentCount>,
}

impl InSpan {
    fn at(self, now: Timestamp) -> (Timestamp, Timestamp) {
        let to = self.to.unwrap_or(now);
        let from = self.from.unwrap_or_else(|| to.saturating_sub(DEFAULT_SPAN).unwrap_or(Timestamp::MIN));
        (from, to)
    }
}

impl Question for InSpan {
    type Answer = Arc<Happened>;

    fn kept(api: &Api) -> &Kept<Self> {
        &api.counts.spans
    }

    async fn count(&self, api: &Api, now: Timestamp) -> sqlx::Result<Arc<Happened>> {
        let (from, to) = self.at(now);
        let store = &api.inbox.store;
        let ids = (Ids::floor(from), Ids::floor(to));
        Ok(Arc::new(Happened {
            span: (from, to),
            registrations: store.count_registrations(from.as_millisecond(), to.as_millisecond()).await?,
            messages: store.count_messages(ids.0, ids.1).await?,
            consent: store.count_consent(ids.0, ids.1).await?,
        }))
    }

    fn rows(answer: &Arc<Happened>) -> i64 {
        let messages: i64 = answer.messages.iter().map(|row| row.messages).sum();
        let consent: i64 = answer.consent.iter().map(|line| line.people).sum();
        messages + consent + answer.registrations
    }
}

/// `GET /analytics/summary`.
async fn summary(
    _: Allowed<AnalyticsRead>,
    State(api): State<Arc<Api>>,
    Asked(span): Asked<Span>,
) -> Result<Json<Summary>, Problem> {
    let asked = InSpan { from: span.from, to: span.to };
    let (from, to) = asked.at(api.inbox.clock.now());
    if from >= to {
        return Err(Problem::field("from", "must be before to"));
    }
    let price = span.price_per_segment.unwrap_or(USUAL_PRICE);
    if !(0.0..=10.0).contains(&price) {
        return Err(Problem::field("price_per_segment", "must be a number from 0 to 10, in US dollars"));
    }
    let counted = kept::ask(&api, asked).await?;
    Ok(Json(Summary::new(&counted, price)))
}

impl Summary {
    fn new(counted: &Counted<Arc<Happened>>, price: f64) -> Self {
        let Happened { span: (from, to), registrations, messages, consent } = &*counted.answer;
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
            from: (*from).into(),
            to: (*to).into(),
            as_of: counted.as_of.into(),
            registrations: *registrations,
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
                .iter()
                .map(|line| Consent { given: line.given, how: line.how.clone(), count: line.people })
                .collect(),
            messages: by_fate(messages),
            errors: by_error(messages),
        }
    }
}

/// Without their errors: rows that differ in nothing else stand beside each other.
fn by_fate(rows: &[MessageCount]) -> Vec<Messages> {
    let like = |a: &MessageCount, b: &MessageCount| {
        (a.outbound, &a.purpose, &a.status) == (b.outbound, &b.purpose, &b.status)
    };
    let sums = rows.chunk_by(like).map(|rows| Messages {
        direction: if rows[0].outbound { "outbound" } else { "inbound" },
        purpose: rows[0].purpose.clone(),
        status: rows[0].status.clone(),
        count: rows.iter().map(|row| row.messages).sum(),
        segments: rows.iter().map(|row| row.segments).sum(),
    });
    sums.collect()
}

/// The errors, the commonest first.
fn by_error(rows: &[MessageCount]) -> Vec<Failed> {
    let mut counts: BTreeMap<i64, i64> = BTreeMap::new();
    for row in rows {
        if let Some(code) = row.error_code {
            *counts.entry(code).or_default() += row.messages;
        }
    }
    let mut counts: Vec<(i64, i64)> = counts.into_iter().collect();
    counts.sort_by_key(|(code, count)| (Reverse(*count), *code));
    let failed = |(error_code, count)| {
        let meaning = u32::try_from(error_code).map_or("", |code| failure::describe(code).words);
        Failed { error_code, meaning, count }
    };
    counts.into_iter().take(MOST_ERRORS).map(failed).collect()
}
