//! The end of a campaign: nothing is left to send, and it is judged once more by what became of its messages.

use super::slice::{hold, tally};
use super::{Campaign, Campaigns};
use crate::campaign::{Counts, Status, Tally, Trouble};
use crate::events::Event;
use crate::store::Tx;
use jiff::{SignedDuration, Timestamp};

/// How long after its last message a campaign waits for reports before it ends, …
const REPORTS: SignedDuration = SignedDuration::from_secs(10);
/// … how often it looks meanwhile, …
const LOOK: SignedDuration = SignedDuration::from_secs(1);
/// … and when it is looked at again after its end: most reports are there by then, later most opt-outs.
const LOOKS_BACK: [SignedDuration; 5] = [
    SignedDuration::from_mins(2),
    SignedDuration::from_mins(10),
    SignedDuration::from_hours(1),
    SignedDuration::from_hours(24),
    SignedDuration::from_hours(73),
];

impl Campaigns {
    /// Ends a campaign that has nothing left to send; while reports on its last messages are to be expected, it
    /// only plans the next look.
    pub(super) async fn end(
        &self,
        tx: &mut Tx,
        campaign: &mut Campaign,
        counts: &Counts,
        tally: Tally,
        now: Timestamp,
    ) -> sqlx::Result<()> {
        let id = campaign.row.id;
        if counts.are_unreported() {
            let last = tx.campaign_last_sent(id).await?;
            if last + super::slice::millis(REPORTS) > now.as_millisecond() {
                campaign.row.next_at = Some((now + LOOK).as_millisecond());
                return Ok(());
            }
        }
        campaign.row.ended_at = Some(now.as_millisecond());
        campaign.status = Status::Done;
        campaign.row.next_at = next_look(campaign, now);
        if let Some(trouble) = campaign.plan.auto_stop.trouble_in_the_end(tally, campaign.baseline) {
            tracing::warn!(campaign = id, %trouble, "a campaign ended badly");
            campaign.status = Status::Stopped;
            campaign.row.next_at = None;
            campaign.row.status_reason = Some(said(tx, id, "stopped at its end", trouble).await?);
        }
        if counts.audience == 0 {
            campaign.row.status_reason = Some("nobody fitted its audience".to_owned());
        }
        let (name, reason) = (&campaign.row.name, campaign.row.status_reason.as_deref());
        let event = Event::campaign_done(id, name, campaign.status.as_str(), reason, counts);
        self.inbox.announce(tx, vec![event]).await
    }

    /// Looks at a campaign after its end: reports and opt-outs that came since may tell that it went badly.
    pub(super) async fn look_back(
        &self,
        tx: &mut Tx,
        campaign: &mut Campaign,
        now: Timestamp,
    ) -> sqlx::Result<()> {
        let (_, tally) = tally(tx, campaign).await?;
        campaign.row.next_at = next_look(campaign, now);
        if let Some(trouble) = campaign.plan.auto_stop.trouble_in_the_end(tally, campaign.baseline) {
            campaign.row.next_at = None;
            campaign.row.status_reason = Some(said(tx, campaign.row.id, "after its end", trouble).await?);
        }
        Ok(())
    }

    /// Holds a campaign back in which too much fails.
    pub(super) async fn pause(
        &self,
        tx: &mut Tx,
        campaign: &mut Campaign,
        trouble: Trouble,
    ) -> sqlx::Result<()> {
        tracing::warn!(campaign = campaign.row.id, %trouble, "a campaign paused itself");
        campaign.row.status_reason = Some(said(tx, campaign.row.id, "paused by itself", trouble).await?);
        hold(tx, campaign).await
    }
}

/// When a campaign that has ended is looked at next.
fn next_look(campaign: &Campaign, now: Timestamp) -> Option<i64> {
    let ended_at = Timestamp::from_millisecond(campaign.row.ended_at?).ok()?;
    let looks = LOOKS_BACK.into_iter().filter_map(|after| ended_at.checked_add(after).ok());
    looks.into_iter().find(|at| *at > now).map(Timestamp::as_millisecond)
}

/// The trouble in words for staff; where messages failed, with what most of them failed for.
async fn said(tx: &mut Tx, id: i64, when: &str, trouble: Trouble) -> sqlx::Result<String> {
    let cause = match trouble {
        Trouble::OptOuts(_) => None,
        Trouble::Errors(_) | Trouble::All(_) => tx.campaign_cause(id).await?,
    };
    Ok(match cause {
        Some(cause) => format!("{when}: {trouble}. Most often: {cause}"),
        None => format!("{when}: {trouble}"),
    })
}
