//! What keeps a campaign's message from leaving although the gate would let it through: the campaign
//! was paused or stopped after the message was queued, or its hours are over where the reader lives.

use super::outcome::outcome;
use crate::campaign::{Plan, Status as CampaignStatus};
use crate::delivery::Status;
use crate::purpose::Purpose;
use crate::store::{Outcome, OutgoingRow, Tx};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::HashMap;

/// Why a message of a stopped campaign is refused.
pub(super) const STOPPED: &str = "the campaign was stopped";
const CLOSED: &str = "it waits for the campaign's hours where the person lives";

/// What holds for the messages of one campaign.
#[derive(Clone, Copy, Debug)]
pub(super) struct Brake {
    status: CampaignStatus,
    plan: Plan,
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
            Some((row.id, Brake { status, plan }))
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

/// The claim was no attempt at sending.
fn kept(row: &OutgoingRow, status: Status, now: Timestamp) -> Outcome {
    Outcome { attempts: Some(row.attempts - 1), ..outcome(row, status, now) }
}

/// The campaign behind a message.
fn campaign(row: &OutgoingRow) -> Option<i64> {
    row.source_id.filter(|_| row.purpose.as_deref() == Some(Purpose::Campaign.as_str()))
}
