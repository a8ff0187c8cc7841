//! One look at a campaign: does it fare well, is there room, who is next.

use super::{ATTENTION, Campaign, Campaigns, LATER, MOST_QUEUED, SLICE, SOON, query, read, unreadable};
use crate::campaign::{Counts, Reader, Status, Tally};
use crate::conversation::Queued;
use crate::outbound::ticks::Ticked;
use crate::purpose::Purpose;
use crate::store::{AudienceRow, Tx};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

impl Campaigns {
    /// Looks at the campaign that has waited longest, in one transaction: its messages and how far it
    /// got are written together, so that whoever is killed in between leaves no trace.
    pub(super) async fn take_slice(&self, now: Timestamp) -> sqlx::Result<Ticked> {
        let mut tx = self.inbox.store.begin().await?;
        let Some(row) = tx.due_campaign(now.as_millisecond()).await? else {
            // Another node is at it.
            return Ok(Ticked::Idle(now.checked_add(SOON).ok()));
        };
        let id = row.id;
        let saved = match read(row) {
            Ok(campaign) => self.look_at(&mut tx, campaign, now).await,
            Err(error) => Err(error),
        };
        match saved {
            Ok(()) => tx.commit().await?,
            Err(sqlx::Error::Decode(error)) => {
                // What can't be read now can't be read later: the others must not wait for it.
                drop(tx);
                self.give_up(id, &error.to_string()).await?;
            }
            Err(error) => return Err(error),
        }
        Ok(Ticked::More)
    }

    async fn look_at(&self, tx: &mut Tx, mut campaign: Campaign, now: Timestamp) -> sqlx::Result<()> {
        if campaign.status == Status::Scheduled {
            self.begin(&mut campaign, now);
        }
        match campaign.status {
            Status::Running => self.go_on(tx, &mut campaign, now).await?,
            Status::Done => self.look_back(tx, &mut campaign, now).await?,
            _ => campaign.row.next_at = None,
        }
        campaign.status.as_str().clone_into(&mut campaign.row.status);
        tx.save_campaign(&campaign.row).await
    }

    /// Pauses a campaign that can't be read, or whose words can't be said.
    async fn give_up(&self, id: i64, why: &str) -> sqlx::Result<()> {
        let mut tx = self.inbox.store.begin().await?;
        let Some(mut row) = tx.campaign(id).await? else { return Ok(()) };
        // Why is for staff to read: it may quote what a person is called.
        tracing::error!(campaign = id, "a campaign can't go on");
        Status::Paused.as_str().clone_into(&mut row.status);
        row.status_reason = Some(format!("paused by itself: {why}"));
        row.next_at = None;
        tx.hold_campaign(id).await?;
        tx.save_campaign(&row).await?;
        tx.commit().await
    }

    /// The time has come. Whoever registers from now on does not belong to its people.
    pub(super) fn begin(&self, campaign: &mut Campaign, now: Timestamp) {
        campaign.status = Status::Running;
        let row = &mut campaign.row;
        row.started_at.get_or_insert(now.as_millisecond());
        row.until_id.get_or_insert_with(|| self.inbox.ids.next(now));
        row.next_at = Some(now.as_millisecond());
    }

    async fn go_on(&self, tx: &mut Tx, campaign: &mut Campaign, now: Timestamp) -> sqlx::Result<()> {
        let id = campaign.row.id;
        // The sender holds back what it had claimed when a pause began; it may do so after the pause's end.
        tx.release_campaign(id).await?;
        let (counts, tally) = tally(tx, campaign).await?;
        let through = campaign.row.cursor == i64::MAX;
        if through && counts.are_final() {
            return self.end(tx, campaign, &counts, tally, now).await;
        }
        if let Some(trouble) = campaign.plan.auto_stop.trouble(tally, campaign.baseline) {
            return self.pause(tx, campaign, trouble).await;
        }
        let room = (MOST_QUEUED - counts.queued).min(SLICE);
        if !through && room > 0 {
            self.queue(tx, campaign, room, now).await?;
        }
        let pause = match (through, room) {
            (true, _) => LATER,
            (false, SLICE) => SignedDuration::ZERO,
            _ => SOON,
        };
        campaign.row.next_at = Some((now + pause).as_millisecond());
        Ok(())
    }

    /// Queues the next people's messages.
    async fn queue(
        &self,
        tx: &mut Tx,
        campaign: &mut Campaign,
        room: i64,
        now: Timestamp,
    ) -> sqlx::Result<()> {
        let begun =
            campaign.row.started_at.and_then(|at| Timestamp::from_millisecond(at).ok()).unwrap_or(now);
        let until_id = campaign.row.until_id.ok_or_else(|| unreadable("it runs but never began"))?;
        let query = query(&campaign.audience, until_id, begun)?;
        let people = tx.audience(&query, campaign.row.cursor, room).await?;
        // A short page is the last: nothing is behind it.
        let last = people.last().filter(|_| people.len() == usize::try_from(room).unwrap_or(usize::MAX));
        campaign.row.cursor = last.map_or(i64::MAX, |person| person.id);
        let people: Vec<&AudienceRow> =
            people.iter().filter(|person| campaign.audience.has_country_of(&person.address)).collect();
        let mut bodies = Vec::with_capacity(people.len());
        for person in &people {
            bodies.push(self.words(campaign, person)?);
        }
        let queued: Vec<Queued<'_>> =
            people.iter().zip(&bodies).map(|(person, body)| message(campaign, person, body, now)).collect();
        let rows: Vec<_> = queued.iter().map(|message| message.row(self.inbox.ids.next(now), now)).collect();
        tx.save_slice(&rows, &[]).await?;
        campaign.row.reached += i64::try_from(rows.len()).unwrap_or(0);
        Ok(())
    }

    /// What a campaign says to one person.
    pub(super) fn words(&self, campaign: &Campaign, person: &AudienceRow) -> sqlx::Result<String> {
        let reader = Reader { name: person.name.as_deref(), organisation: &self.organisation };
        let saying = campaign.saying.as_ref().map_err(|error| unreadable(&error.to_string()))?;
        let words = saying.render(&self.inbox.texts, reader, &person.locale);
        words.map_err(|error| unreadable(&error.to_string()))
    }
}

fn message<'a>(campaign: &Campaign, person: &AudienceRow, body: &'a str, now: Timestamp) -> Queued<'a> {
    let zone = TimeZone::get(&person.time_zone).unwrap_or(TimeZone::UTC);
    let due_at = campaign.plan.open_from(now, &zone);
    Queued {
        content: None,
        contact_id: person.id,
        purpose: Purpose::Campaign,
        body,
        what_for: Some(format!("campaign:{}:{}", campaign.row.id, person.id)),
        source_id: Some(campaign.row.id),
        due_at,
        expires_at: due_at + SignedDuration::from_hours(campaign.plan.expires_after_hours),
    }
}

/// How a campaign fares.
pub(super) async fn tally(tx: &mut Tx, campaign: &Campaign) -> sqlx::Result<(Counts, Tally)> {
    let id = campaign.row.id;
    let counts = Counts::of(&tx.campaign_counts(id).await?);
    let opt_outs = if counts.sent == 0 { 0 } else { tx.campaign_opt_outs(id, millis(ATTENTION)).await? };
    let tally = counts.tally(opt_outs);
    Ok((counts, tally))
}

/// Holds a campaign back.
pub(super) async fn hold(tx: &mut Tx, campaign: &mut Campaign) -> sqlx::Result<()> {
    campaign.status = Status::Paused;
    campaign.row.next_at = None;
    tx.hold_campaign(campaign.row.id).await
}

pub(super) fn millis(duration: SignedDuration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
