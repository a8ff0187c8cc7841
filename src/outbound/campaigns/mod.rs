//! Campaigns: their people are queued in slices, on any node, as the outbox has room for them.

mod actions;
mod dry_run;
mod ending;
mod estimate;
mod forecast;
mod saying;
mod slice;

pub use actions::Acted;
pub use dry_run::Tried;
pub use estimate::{DryRun, Later, LeftOut, Share};
pub use saying::{Saying, SayingError};

use super::Wake;
use super::ticks::{Schedule, Ticked};
use crate::campaign::{Audience, Plan, Status, Tally};
use crate::conversation::Inbox;
use crate::gate::Rules;
use crate::ids::Ids;
use crate::problem::FieldError;
use crate::store::{AudienceQuery, CampaignRow};
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::sync::Arc;

/// People taken at once.
const SLICE: i64 = 1000;
/// Messages of one campaign that may wait in the outbox: it stays small, and a pause is felt at once.
const MOST_QUEUED: i64 = 5000;
/// How long after a message somebody's text counts as a reply, or as an opt-out because of it.
pub const ATTENTION: SignedDuration = SignedDuration::from_hours(72);
/// How often a campaign is looked at that still has messages to send, …
const SOON: SignedDuration = SignedDuration::from_secs(2);
/// … and one that has queued them all.
const LATER: SignedDuration = SignedDuration::from_secs(5);

/// Campaigns, and all it takes to run them. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Campaigns {
    /// Store, clock, ids and words.
    pub inbox: Arc<Inbox>,
    /// The rules of the gate, for dry runs.
    pub rules: Arc<Rules>,
    /// Segments that the sender sends in a second, for dry runs; 0 is without a limit.
    pub segments_per_second: u32,
    /// The organisation's name, for `{{organisation}}`.
    pub organisation: Arc<str>,
    /// Notified when a campaign was started, paused or stopped.
    pub changed: Wake,
}

impl Schedule for Campaigns {
    const NAME: &'static str = "campaigns";

    async fn tick(&self, now: Timestamp) -> sqlx::Result<Ticked> {
        // Most of the time there is nothing to do, and then nothing is written or locked.
        let next =
            self.inbox.store.next_campaign().await?.and_then(|at| Timestamp::from_millisecond(at).ok());
        match next {
            Some(at) if at <= now => self.take_slice(now).await,
            later => Ok(Ticked::Idle(later)),
        }
    }
}

/// What a campaign's columns say, read.
#[derive(Debug)]
struct Campaign {
    row: CampaignRow,
    status: Status,
    saying: Result<Saying, SayingError>,
    audience: Audience,
    plan: Plan,
    baseline: Tally,
}

fn read(row: CampaignRow) -> sqlx::Result<Campaign> {
    let variables: BTreeMap<String, String> = parse(&row.variables)?;
    let saying = Saying::for_campaign(row.template.as_deref(), row.body.as_deref(), &variables);
    let status = Status::from_name(&row.status).ok_or_else(|| unreadable("an unknown status"))?;
    Ok(Campaign {
        status,
        saying,
        audience: parse(&row.audience)?,
        plan: parse(&row.plan)?,
        baseline: parse(&row.baseline)?,
        row,
    })
}

impl Campaigns {
    /// Why what a campaign says can't be said: it may have been made under other rules.
    fn faults(&self, campaign: &Campaign) -> Vec<FieldError> {
        let said = campaign.saying.as_ref().map_err(Clone::clone);
        let said = said.and_then(|saying| saying.check(&self.inbox.texts, &self.organisation));
        said.err().map_or_else(Vec::new, |error| error.faults())
    }
}

/// The question for a page of `audience`: of those who were there before `until_id` was given out.
fn query(audience: &Audience, until_id: i64, now: Timestamp) -> sqlx::Result<AudienceQuery> {
    let json = |list: serde_json::Result<String>| list.map_err(|error| sqlx::Error::Encode(error.into()));
    let days = audience.received.map_or(0, |received| received.within_days);
    let since = now.saturating_sub(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::UNIX_EPOCH);
    Ok(AudienceQuery {
        until_id,
        states: json(serde_json::to_string(&audience.state))?,
        locales: json(serde_json::to_string(&audience.locale))?,
        tags_any: json(serde_json::to_string(&audience.tags_any))?,
        tags_none: json(serde_json::to_string(&audience.tags_none))?,
        registered_after: audience.registered_after.map(Timestamp::as_millisecond),
        registered_before: audience.registered_before.map(Timestamp::as_millisecond),
        received: audience.received.map(|received| received.purpose.as_str()),
        received_from_id: Ids::floor(since),
    })
}

fn parse<T: DeserializeOwned>(text: &str) -> sqlx::Result<T> {
    serde_json::from_str(text).map_err(|error| sqlx::Error::Decode(error.into()))
}

fn unreadable(what: &str) -> sqlx::Error {
    sqlx::Error::Decode(format!("a campaign can't be read: {what}").into())
}
