//! Campaigns as the API shows them.

use super::Api;
use super::kept::Counted;
use super::moment::{Time, time};
use crate::campaign::{Audience, Counts, Plan, Status};
use crate::outbound::campaigns::DryRun;
use crate::phone::{Region, zones_of_region};
use crate::problem::Problem;
use crate::store::CampaignRow;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// A campaign.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Campaign")]
pub(super) struct View {
    id: String,
    name: String,
    template: Option<String>,
    body: Option<String>,
    variables: BTreeMap<String, String>,
    audience: Audience,
    #[serde(flatten)]
    plan: Plan,
    #[schemars(extend("enum" = Status::names()))]
    status: String,
    status_reason: Option<String>,
    send_at: Option<Time>,
    created_at: Option<Time>,
    started_at: Option<Time>,
    ended_at: Option<Time>,
    /// What staff had better know before they start it.
    warnings: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    counts: Option<AllCounts>,
    #[serde(skip)]
    number: i64,
}

/// What became of a campaign.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CampaignCounts")]
struct AllCounts {
    as_of: Time,
    #[serde(flatten)]
    messages: Counts,
    replies: i64,
    opt_outs: i64,
}

/// A dry run and what it would cost.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Estimate {
    #[serde(flatten)]
    run: DryRun,
    /// What staff had better know before they start it.
    warnings: Vec<String>,
    /// What the request said; without it `price_by_country` holds.
    price_per_segment: Option<f64>,
    currency: &'static str,
}

impl Estimate {
    /// Of this campaign.
    pub(super) fn new(run: DryRun, warnings: Vec<String>, price_per_segment: Option<f64>) -> Self {
        Self { run, warnings, price_per_segment, currency: "USD" }
    }
}

impl View {
    /// What is to be known about it though nothing forbids it.
    pub(super) fn warnings(self) -> Vec<String> {
        self.warnings
    }

    /// The campaign of `row`.
    pub(super) fn new(api: &Api, row: CampaignRow) -> Result<Self, Problem> {
        let (audience, plan): (Audience, Plan) = (parse(&row.audience)?, parse(&row.plan)?);
        Ok(Self {
            id: row.id.to_string(),
            variables: parse(&row.variables)?,
            warnings: warnings(api, &audience, &plan),
            audience,
            plan,
            name: row.name,
            template: row.template,
            body: row.body,
            status: row.status,
            status_reason: row.status_reason,
            send_at: row.send_at.and_then(time),
            created_at: time(row.created_at),
            started_at: row.started_at.and_then(time),
            ended_at: row.ended_at.and_then(time),
            counts: None,
            number: row.id,
        })
    }

    /// With these messages, replies and opt-outs.
    pub(super) fn with(self, counted: Counted<(Counts, i64, i64)>) -> Self {
        let (messages, replies, opt_outs) = counted.answer;
        Self { counts: Some(AllCounts { as_of: counted.as_of.into(), messages, replies, opt_outs }), ..self }
    }

    /// The id, for the cursor.
    pub(super) fn number(&self) -> i64 {
        self.number
    }
}

/// What is unusual about the campaign's hours, and which countries' numbers that may belong to several zones the campaign never writes to: there is no hour of its
/// own that is by day in all of them.
fn warnings(api: &Api, audience: &Audience, plan: &Plan) -> Vec<String> {
    let (rules, now) = (&api.campaigns.rules, api.inbox.clock.now());
    let countries = if audience.country.is_empty() { &rules.countries } else { &audience.country };
    let closed = countries.iter().filter(|country| {
        let zones = zones_of_region(**country).iter().filter_map(|name| TimeZone::get(name).ok());
        let zones: Vec<TimeZone> = zones.collect();
        let [home, elsewhere @ ..] = &zones[..] else { return false };
        plan.is_closed_by_day(now, home, elsewhere, rules.quiet_hours)
    });
    let warning = |country: &Region| {
        format!(
            "window: it is not by day in all zones of {country} during these hours, so people are left out of whom only \
             a number is known that may belong to any of them; the dry run counts them"
        )
    };
    closed.map(warning).chain(plan.warnings(rules.quiet_hours)).collect()
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    serde_json::from_str(text).map_err(|error| sqlx::Error::Decode(error.into()).into())
}
