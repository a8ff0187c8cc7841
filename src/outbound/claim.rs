//! Claiming: what may leave a line now, with its turn in the line's rate, in one transaction.

use super::Sender;
use super::brake::{braked, brakes, hurried, is_closed_by_day};
use super::budget;
use super::clearance::{Standing, standings, verdict};
use super::lines::{Line, Room};
use super::outcome::{held, skipped};
use super::reminders;
use crate::gate::{Reason, Verdict};
use crate::store::{self, Claim, Outcome, OutgoingRow, SlotRow, Tx};
use jiff::{SignedDuration, Timestamp};

/// How long a claim holds: longer than a message waits for its turn and a call may take, after that the
/// settler takes over.
pub(super) const LEASE: SignedDuration = SignedDuration::from_secs(30);
/// A pause that lasts longer comes from a clock that was set back since.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(1);

/// A message that may leave; the intent to send it is on disk.
#[derive(Debug)]
pub(super) struct Cleared {
    pub(super) row: OutgoingRow,
    pub(super) standing: Standing,
    /// Its turn.
    pub(super) leave_at: Timestamp,
    /// Pauses of the line in a row, before this message.
    pub(super) pauses: i64,
    /// The line had trouble before: a message that goes through ends it.
    pub(super) was_troubled: bool,
}

/// What becomes of a claimed slice.
struct Decided {
    cleared: Vec<(OutgoingRow, Standing)>,
    stopped: Vec<Outcome>,
    /// Campaigns to look at soon, because messages of them leave; and when.
    hurried: Vec<(i64, i64)>,
}

/// What a claim brought.
#[derive(Debug)]
pub(super) struct Claimed {
    pub(super) cleared: Vec<Cleared>,
    /// The line may have more when this time has come …
    pub(super) next_at: Option<Timestamp>,
    /// … or when there is room again.
    pub(super) full: Option<Room>,
}

impl Claimed {
    fn nothing(next_at: Option<Timestamp>) -> Self {
        Self { cleared: Vec::new(), next_at, full: None }
    }
}

impl Sender {
    /// Claims what is due and asks the gate; what may not leave is recorded at once.
    pub(super) async fn claim(&self, line: &Line) -> sqlx::Result<Claimed> {
        let now = self.inbox.clock.now();
        // A look without a transaction: most of the time nothing is due, and seldom of every priority.
        let priorities = self.inbox.store.due_priorities(line.whatsapp, now.as_millisecond()).await?;
        if priorities.is_empty() {
            return Ok(Claimed::nothing(None));
        }
        let mut tx = self.inbox.store.begin().await?;
        let slot = tx.lock_slot(&line.sender).await?;
        if let Some(until) = paused_until(&slot, now) {
            return Ok(Claimed::nothing(Some(until)));
        }
        let allowed = line.rate.room(slot.next_at, now.as_microsecond());
        if allowed == 0 {
            return Ok(Claimed::nothing(at(line.rate.room_at(slot.next_at, now.as_microsecond()))));
        }
        // After a pause one message tries whether it goes again.
        let room = if slot.pauses > 0 { Room::for_one() } else { line.room() };
        let (ids, left) = self.claim_by_priority(&mut tx, line, &priorities, room, allowed, now).await?;
        if ids.is_empty() {
            let full = left.is_full() && slot.pauses == 0;
            return Ok(Claimed { full: full.then_some(left), ..Claimed::nothing(None) });
        }
        let rows = tx.outgoing(&ids).await?;
        let claimed = rows.len();
        let Decided { cleared, stopped, hurried } = self.decide(&mut tx, rows, now).await?;
        if !stopped.is_empty() {
            tx.record(&stopped).await?;
            self.inbox.announce_fates(&mut tx, stopped.iter().map(|outcome| outcome.id)).await?;
        }
        let (cleared, next_at) = reserve(&mut tx, line, &slot, cleared, now).await?;
        tx.commit().await?;
        self.hurry(hurried).await;
        // Whoever tries a sender waits for the answer.
        let full = left.is_full() && slot.pauses == 0;
        let next_at = (claimed == allowed).then(|| next_at.unwrap_or(now));
        Ok(Claimed { cleared, next_at, full: full.then_some(left) })
    }

    /// Which messages of a claimed slice may leave, and what becomes of the others.
    async fn decide(&self, tx: &mut Tx, mut rows: Vec<OutgoingRow>, now: Timestamp) -> sqlx::Result<Decided> {
        let outdated = reminders::refresh(&self.inbox, tx, &mut rows, now).await?;
        let standings = standings(tx, &rows, now).await?;
        let brakes = brakes(tx, &rows).await?;
        let (mut cleared, mut stopped) = (Vec::new(), Vec::new());
        for row in rows {
            if let Some(outcome) = braked(&row, &brakes, now) {
                stopped.push(outcome);
                continue;
            }
            let standing = standings.get(&row.id).copied().unwrap_or_default();
            match verdict(&row, &row.consent, standing, &self.rules, now) {
                _ if outdated.contains(&row.id) => {
                    stopped.push(held(&row, Verdict::Refuse(Reason::Outdated), now));
                }
                Verdict::Wait(_, Reason::QuietHours | Reason::QuietElsewhere)
                | Verdict::Refuse(Reason::QuietTooLong)
                    if is_closed_by_day(&row, &brakes, self.rules.quiet_hours, now) =>
                {
                    stopped.push(held(&row, Verdict::Refuse(Reason::ClosedByDay), now));
                }
                Verdict::Send if !self.sends => stopped.push(skipped(&row, now)),
                Verdict::Send => cleared.push((row, standing)),
                verdict => stopped.push(held(&row, verdict, now)),
            }
        }
        budget::reserve(tx, &mut cleared, &self.rules.budget, now).await?;
        cleared.retain(|(row, standing)| {
            let leaves = standing.budget_until.is_none();
            if !leaves {
                stopped.push(held(row, verdict(row, &row.consent, *standing, &self.rules, now), now));
            }
            leaves
        });
        let hurried = hurried(&cleared, &brakes, now);
        Ok(Decided { cleared, stopped, hurried })
    }

    /// Has campaigns looked at soon: what leaves now may be what fails. Not in the claim's transaction, which has
    /// locked messages: whoever looks locks the campaign first.
    async fn hurry(&self, campaigns: Vec<(i64, i64)>) {
        for (id, look_at) in campaigns {
            if let Err(error) = self.inbox.store.hurry_campaign(id, look_at).await {
                tracing::warn!(campaign = id, error = %store::explain(&error), "it is looked at later");
            }
            self.campaigns.notify_one();
        }
    }

    /// At most `allowed` messages for which there is room, the most urgent first; with the room that is left.
    async fn claim_by_priority(
        &self,
        tx: &mut Tx,
        line: &Line,
        priorities: &[i64],
        mut room: Room,
        allowed: usize,
        now: Timestamp,
    ) -> sqlx::Result<(Vec<i64>, Room)> {
        let fence = self.inbox.ids.next(now);
        let mut ids = Vec::new();
        for &priority in priorities {
            let limit = room.of(priority).min(allowed - ids.len());
            if limit == 0 {
                continue;
            }
            let claim = Claim {
                now: now.as_millisecond(),
                lease_until: (now + LEASE).as_millisecond(),
                fence,
                whatsapp: line.whatsapp,
                priority,
                limit: i64::try_from(limit).unwrap_or(1),
            };
            let found = tx.claim_queued(&claim).await?;
            room = room.less(priority, found.len());
            ids.extend(found);
        }
        Ok((ids, room))
    }
}

/// Gives each message its turn, and moves the line's slot behind them.
async fn reserve(
    tx: &mut Tx,
    line: &Line,
    slot: &SlotRow,
    cleared: Vec<(OutgoingRow, Standing)>,
    now: Timestamp,
) -> sqlx::Result<(Vec<Cleared>, Option<Timestamp>)> {
    // WhatsApp counts messages, not segments.
    let size = |(row, _): &(OutgoingRow, Standing)| if line.whatsapp { 1 } else { row.segments };
    let sizes: Vec<i64> = cleared.iter().map(size).collect();
    let micros = now.as_microsecond();
    let reserved = line.rate.reserve(slot.next_at, micros, &sizes);
    let mut next_at = None;
    if !line.rate.is_unlimited() && !sizes.is_empty() {
        tx.move_slot(&line.sender, reserved.next_at).await?;
        next_at = at(line.rate.room_at(reserved.next_at, micros));
    }
    let turn = |((row, standing), leave_at): ((OutgoingRow, Standing), i64)| Cleared {
        row,
        standing,
        leave_at: at(leave_at).unwrap_or(now),
        pauses: slot.pauses,
        was_troubled: slot.pauses > 0 || slot.failures > 0,
    };
    Ok((cleared.into_iter().zip(reserved.leave_at).map(turn).collect(), next_at))
}

/// When the line's pause ends, if it has one.
pub(super) fn paused_until(slot: &SlotRow, now: Timestamp) -> Option<Timestamp> {
    let until = Timestamp::from_millisecond(slot.paused_until).ok()?;
    (now < until && until <= now + LONGEST_PAUSE).then_some(until)
}

fn at(microseconds: i64) -> Option<Timestamp> {
    Timestamp::from_microsecond(microseconds).ok()
}
