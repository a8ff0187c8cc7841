//! What keeps a campaign's message from leaving although the gate would let it through: the campaign
//! was paused or stopped after the message was queued, or its hours are over where the reader lives. And how soon
//! somebody looks whether it should stop: soon after messages leave, so that few of them fail in vain.

use super::clearance::{Standing, zones};
use super::outcome::outcome;
use crate::campaign::{Plan, Status as CampaignStatus};
use crate::delivery::Status;
use crate::purpose::Purpose;
use crate::schedule::QuietHours;
use crate::store::{Outcome, OutgoingRow, Tx};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// Why a message of a stopped campaign is refused.
pub(super) const STOPPED: &str = "the campaign was stopped";
pub(super) const CLOSED: &str = "it waits for the campaign's hours where the person lives";

/// How soon a campaign is looked at after messages of it leave, …
const SOONEST: SignedDuration = SignedDuration::from_millis(100);
/// … and later for each person it has reached, because a look counts them all.
const LATER_FOR_EACH: SignedDuration = SignedDuration::from_micros(20);

/// What holds for the messages of one campaign.
#[derive(Clone, Copy, Debug)]
pub(super) struct Brake {
    status: CampaignStatus,
    plan: Plan,
    /// When it is looked at next, in milliseconds since 1970.
    next_at: Option<i64>,
    /// How many people it has reached.
    reached: i32,
}

/// The campaigns behind messages that leave now, of those that would be looked at much later; with the time to
/// look.
pub(super) fn hurried(
    leaving: &[(OutgoingRow, Standing)],
    brakes: &HashMap<i64, Brake>,
    now: Timestamp,
) -> Vec<(i64, i64)> {
    let mut ids: Vec<i64> = leaving.iter().filter_map(|(row, _)| campaign(row)).collect();
    ids.sort_unstable();
    ids.dedup();
    let look = |id: i64| {
        let brake = brakes.get(&id)?;
        let look_at = (now + SOONEST.max(LATER_FOR_EACH * brake.reached)).as_millisecond();
        brake.next_at.is_some_and(|next_at| next_at > look_at).then_some((id, look_at))
    };
    ids.into_iter().filter_map(look).collect()
}

/// The brakes of the campaigns behind these messages; asks nobody if there are none.
pub(super) async fn brakes(tx: &mut Tx, rows: &[OutgoingRow]) -> sqlx::Result<HashMap<i64, Brake>> {
    let mut ids: Vec<i64> = rows.iter().filter_map(campaign).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    ids.sort_unstable();
    ids.dedup();
    let found = tx.campaign_brakes(&ids).await?;
    Ok(found
        .into_iter()
        .filter_map(|row| {
            let status = CampaignStatus::from_name(&row.status)?;
            let plan = serde_json::from_str(&row.plan).ok()?;
            let reached = i32::try_from(row.reached).unwrap_or(i32::MAX);
            Some((row.id, Brake { status, plan, next_at: row.next_at, reached }))
        })
        .collect())
}

/// What becomes of `row` instead of being sent; `None` if nothing keeps it.
pub(super) fn braked(row: &OutgoingRow, brakes: &HashMap<i64, Brake>, now: Timestamp) -> Option<Outcome> {
    let brake = brakes.get(&campaign(row)?)?;
    match brake.status {
        CampaignStatus::Stopped => {
            Some(Outcome { reason: Some(STOPPED.to_owned()), ..outcome(row, Status::Refused, now) })
        }
        CampaignStatus::Paused => {
            Some(Outcome { due_at: Some(now.as_millisecond()), ..kept(row, Status::Held, now) })
        }
        _ => {
            let zone = TimeZone::get(&row.time_zone).unwrap_or(TimeZone::UTC);
            let open = brake.plan.open_from(now, &zone);
            (open > now).then(|| Outcome {
                due_at: Some(open.as_millisecond()),
                reason: Some(CLOSED.to_owned()),
                ..kept(row, Status::Queued, now)
            })
        }
    }
}

/// Whether the campaign behind `row` never writes at an hour by day where its reader may live: it would wait in vain.
pub(super) fn is_closed_by_day(
    row: &OutgoingRow,
    brakes: &HashMap<i64, Brake>,
    quiet: QuietHours,
    now: Timestamp,
) -> bool {
    let Some(brake) = campaign(row).and_then(|id| brakes.get(&id)) else { return false };
    let (home, elsewhere) = zones(row);
    brake.plan.is_closed_by_day(now, &home, &elsewhere, quiet)
}

/// The claim was no attempt at sending.
fn kept(row: &OutgoingRow, status: Status, now: Timestamp) -> Outcome {
    Outcome { attempts: Some(row.attempts - 1), ..outcome(row, status, now) }
}

/// The campaign behind a message.
fn campaign(row: &OutgoingRow) -> Option<i64> {
    row.source_id.filter(|_| row.purpose.as_deref() == Some(Purpose::Campaign.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(purpose: &str) -> OutgoingRow {
        OutgoingRow {
            id: 1,
            contact_id: 2,
            address: "+9779807969278".to_owned(),
            consent: "given".to_owned(),
            time_zone: "Asia/Kathmandu".to_owned(),
            time_zone_source: "person".to_owned(),
            body: String::new(),
            nonce: None,
            purpose: Some(purpose.to_owned()),
            status: "sending".to_owned(),
            due_at: None,
            expires_at: None,
            attempts: 1,
            fence: 7,
            sent_at: None,
            created_at: 0,
            by_rest: true,
            source_id: Some(3),
            segments: 1,
            content_sid: None,
            content_variables: None,
            looks: 0,
            last_heard_at: None,
        }
    }

    fn brakes(status: CampaignStatus, next_at: Option<i64>, reached: i32) -> HashMap<i64, Brake> {
        let plan = r#"{"window": {"from": "10:00", "to": "17:00"}, "expires_after_hours": 72,
            "auto_stop": {"after": 50}}"#;
        HashMap::from([(3, Brake { status, plan: serde_json::from_str(plan).unwrap(), next_at, reached })])
    }

    fn after(status: CampaignStatus, purpose: &str, now: &str) -> Option<(&'static str, i64, Option<i64>)> {
        let outcome = braked(&row(purpose), &brakes(status, None, 0), now.parse().unwrap())?;
        Some((outcome.status, outcome.rank, outcome.attempts))
    }

    #[test]
    fn what_was_claimed_before_a_pause_is_held_and_before_a_stop_refused() {
        let (noon, night) = ("2026-11-21T06:15:00Z", "2026-11-21T18:15:00Z");
        let running = CampaignStatus::Running;
        assert_eq!(after(running, "campaign", noon), None);
        assert_eq!(after(running, "campaign", night), Some(("queued", 0, Some(0))));
        assert_eq!(after(CampaignStatus::Paused, "campaign", noon), Some(("held", 0, Some(0))));
        assert_eq!(after(CampaignStatus::Stopped, "campaign", noon), Some(("refused", 4, None)));
        // A reminder's source is a booking.
        assert_eq!(after(CampaignStatus::Stopped, "reminder", noon), None);
    }

    #[test]
    fn what_leaves_is_looked_at_soon_and_a_large_campaign_less_soon() {
        let now = Timestamp::UNIX_EPOCH;
        let look = |purpose, next_at, reached| {
            let leaving = [(row(purpose), Standing::default()), (row(purpose), Standing::default())];
            hurried(&leaving, &brakes(CampaignStatus::Running, next_at, reached), now)
        };
        assert_eq!(look("campaign", Some(5000), 0), [(3, 100)]);
        assert_eq!(look("campaign", Some(5000), 100_000), [(3, 2000)]);
        for (purpose, next_at, reached) in [
            ("campaign", Some(90), 0),
            ("campaign", Some(5000), 1_000_000),
            ("campaign", None, 0),
            ("reminder", Some(5000), 0),
        ] {
            assert_eq!(look(purpose, next_at, reached), [], "{purpose} {next_at:?} {reached}");
        }
    }
}
