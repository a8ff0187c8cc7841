//! What staff do with a campaign, each in one transaction.

use super::slice::{hold, tally};
use super::{ATTENTION, Campaign, Campaigns, SLICE, read};
use crate::campaign::{Action, Counts, Status};
use crate::events::Event;
use crate::ids::Ids;
use crate::outbound::brake::STOPPED;
use crate::problem::FieldError;
use crate::store::{CampaignRow, Tx};
use jiff::{SignedDuration, Timestamp};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What came of an action.
#[derive(Debug)]
pub enum Acted {
    /// The campaign as it is now.
    Done(Box<CampaignRow>),
    /// That can't be done where the campaign is.
    NotHere(Status),
    /// These fields of it are such that it can't be sent, for these reasons: the house's rules or its template may
    /// have changed since it was made.
    Vain(Vec<FieldError>),
    /// There is no such campaign.
    Unknown,
}

/// Who held a campaign back or ended it, and why.
fn why(action: Action, actor: &str, reason: Option<&str>) -> Option<String> {
    let done = match action {
        Action::Start | Action::Resume => return None,
        Action::Pause => "paused",
        Action::Stop => "stopped",
    };
    Some(reason.map_or_else(|| format!("{done} by {actor}"), |reason| format!("{done} by {actor}: {reason}")))
}

impl Campaigns {
    /// Starts, pauses, resumes or stops a campaign, as `actor` wants and for the `reason` given. What waits in the outbox is held back, let
    /// go or refused in the same transaction.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn act(
        &self,
        id: i64,
        action: Action,
        actor: &str,
        reason: Option<&str>,
    ) -> sqlx::Result<Acted> {
        let now = self.inbox.clock.now();
        let mut tx = self.inbox.store.begin().await?;
        let Some(row) = tx.campaign(id).await? else { return Ok(Acted::Unknown) };
        let mut campaign = read(row)?;
        let send_at = campaign.row.send_at.and_then(|at| Timestamp::from_millisecond(at).ok());
        let Some(next) = campaign.status.after(action, send_at, now) else {
            return Ok(Acted::NotHere(campaign.status));
        };
        if matches!(action, Action::Start | Action::Resume) {
            let mut faults = self.faults(&campaign);
            let plan = campaign.plan.fault(self.rules.quiet_hours);
            faults
                .extend(plan.map(|(field, fault)| FieldError { field: field.into(), message: fault.into() }));
            if !faults.is_empty() {
                return Ok(Acted::Vain(faults));
            }
        }
        campaign.row.status_reason = why(action, actor, reason);
        match next {
            Status::Running => {
                if action == Action::Resume {
                    let (_, baseline) = tally(&mut tx, &campaign).await?;
                    campaign.row.baseline = serde_json::to_string(&baseline)
                        .map_err(|error| sqlx::Error::Encode(error.into()))?;
                }
                tx.release_campaign(id).await?;
                self.begin(&mut campaign, now);
            }
            Status::Scheduled => campaign.row.next_at = campaign.row.send_at,
            Status::Paused => hold(&mut tx, &mut campaign).await?,
            _ => self.stop(&mut tx, &mut campaign, now).await?,
        }
        next.as_str().clone_into(&mut campaign.row.status);
        tx.save_campaign(&campaign.row).await?;
        tx.commit().await?;
        self.changed.notify_one();
        Ok(Acted::Done(Box::new(campaign.row)))
    }

    /// Ends a campaign for good, and tells the organisation's own systems.
    async fn stop(&self, tx: &mut Tx, campaign: &mut Campaign, now: Timestamp) -> sqlx::Result<()> {
        let id = campaign.row.id;
        campaign.row.next_at = None;
        campaign.row.ended_at = Some(now.as_millisecond());
        self.refuse(tx, id, now).await?;
        let counts = Counts::of(&tx.campaign_counts(id).await?);
        let (name, reason) = (&campaign.row.name, campaign.row.status_reason.as_deref());
        let event = Event::campaign_done(id, name, Status::Stopped.as_str(), reason, &counts);
        self.inbox.announce(tx, vec![event]).await
    }

    /// Refuses what waits of a campaign, in slices of one transaction, and tells the organisation's own systems of
    /// each message: whoever waits for the fate of one learns it here or never.
    async fn refuse(&self, tx: &mut Tx, id: i64, now: Timestamp) -> sqlx::Result<()> {
        loop {
            let refused = tx.refuse_campaign(id, STOPPED, now.as_millisecond(), SLICE).await?;
            if refused.is_empty() {
                return Ok(());
            }
            self.inbox.announce_fates(tx, refused).await?;
        }
    }

    /// The messages of a campaign, which ended then or still runs, counted; how many wrote back and how many
    /// opted out within 72 hours.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn counts(&self, id: i64, ended_at: Option<i64>) -> sqlx::Result<(Counts, i64, i64)> {
        let store = &self.inbox.store;
        let counts = store.campaign_counts(id).await?;
        let within = super::slice::millis(ATTENTION);
        let replies = store.campaign_replies(id, within).await?;
        // Nothing is sent after the end but what was under way, which a day is plenty for.
        let last =
            ended_at.and_then(|at| Timestamp::from_millisecond(at).ok()).map(|at| at + ATTENTION + DAY);
        let opt_outs = store.campaign_opt_outs(id, within, last.map_or(i64::MAX, Ids::floor)).await?;
        Ok((Counts::of(&counts), replies, opt_outs))
    }
}
