//! One message's call to Twilio: consent once more, the call, and what came of it, for the message and for
//! the line it leaves from.

use super::budget;
use super::claim::Cleared;
use super::clearance::{Standing, verdict};
use super::in_time::in_time;
use super::lines::Line;
use super::outcome::{again_later, finishing, held, outcome, words};
use super::recorder::Record;
use super::trouble::{Trouble, pause};
use super::{Outgoing, SendError, Sender, callback_url, reminders};
use crate::batch::Unapplied;
use crate::clock::Stopwatch;
use crate::delivery::Status;
use crate::gate::{Reason, Verdict};
use crate::store::{self, Outcome, OutgoingRow};
use jiff::Timestamp;
use std::time::Duration;

/// How long after consent was asked for a call may still begin. A process that stood still until later may find
/// the person gone, or the message sent by another.
const BEGIN: Duration = Duration::from_secs(3);
/// How long a call may go on, longer than any takes.
const CALL: Duration = Duration::from_secs(20);

/// What the gate says right before a call.
struct Leave {
    verdict: Verdict,
    /// Since consent was asked for.
    since: Stopwatch,
}

/// What came of a call.
struct Called {
    record: Record,
    /// Why the message was not taken, where the line may be at fault.
    trouble: Option<(Trouble, String)>,
}

impl From<Record> for Called {
    fn from(record: Record) -> Self {
        Self { record, trouble: None }
    }
}

impl From<Outcome> for Called {
    fn from(outcome: Outcome) -> Self {
        Record { outcome, opted_out: false, refund: None }.into()
    }
}

impl Sender {
    /// Sends a claimed message, if it still may be, and records what came of it.
    pub(super) async fn send(&self, line: &Line, cleared: &Cleared) {
        let row = &cleared.row;
        let now = self.inbox.clock.now();
        let called = match self.still_allowed(row, cleared.standing, now).await {
            Ok(Some(Leave { verdict: Verdict::Send, since })) if since.elapsed() <= BEGIN => {
                self.call(row, self.inbox.clock.now()).await
            }
            Ok(Some(leave)) => self.hold(row, leave.verdict, self.inbox.clock.now()).into(),
            // A report of an earlier attempt has come, or the lease has ended: it is not ours to send.
            Ok(None) => return,
            Err(error) => {
                tracing::warn!(message = row.id, %error, "consent could not be read");
                again_later(row, now).into()
            }
        };
        self.metrics.send(called.record.outcome.status);
        // First the line, so that it rests before the message is back in its queue.
        self.judge(line, cleared, &called).await;
        self.record(called.record).await;
    }

    /// Puts a claimed message back: it had no call in good time, and its claim would have ended.
    pub(super) async fn put_back(&self, cleared: &Cleared) {
        let record = self.hold(&cleared.row, Verdict::Send, self.inbox.clock.now());
        self.record(record).await;
    }

    /// What becomes of a claimed message instead of a call. One that may still leave costs nothing yet.
    fn hold(&self, row: &OutgoingRow, verdict: Verdict, now: Timestamp) -> Record {
        let outcome = held(row, verdict, now);
        let goes_back = outcome.status == Status::Queued.as_str();
        let refund = if goes_back { budget::refund(row, &self.rules.budget) } else { None };
        Record { outcome, opted_out: false, refund }
    }

    async fn record(&self, record: Record) {
        let (id, again) = (record.outcome.id, record.outcome.status == Status::Queued.as_str());
        if let Err(error) = self.recorder.submit(record).await {
            // The lease ends and the settler finds out by Twilio's list.
            tracing::warn!(message = id, %error, "an outcome was not recorded");
        }
        if again {
            self.wake.notify_one();
        }
    }

    /// Asks for consent once more right before the call, so that none starts after a STOP, and
    /// whether the message is still ours to send.
    async fn still_allowed(
        &self,
        row: &OutgoingRow,
        standing: Standing,
        now: Timestamp,
    ) -> Result<Option<Leave>, Unapplied> {
        let Some(intent) = self.consents.submit((row.id, row.fence)).await? else { return Ok(None) };
        let verdict = verdict(row, &intent.consent, standing, &self.rules, now);
        let leave = Leave { verdict, since: intent.since };
        // A reminder asks about a booking: noted now, unless the booking has just changed.
        if verdict != Verdict::Send || !reminders::is_reminder(row) {
            return Ok(Some(leave));
        }
        match self.inbox.store.ask(row.id, now.as_millisecond()).await {
            Ok(true) => Ok(Some(leave)),
            Ok(false) => Ok(Some(Leave { verdict: Verdict::Refuse(Reason::Outdated), ..leave })),
            Err(error) => {
                tracing::warn!(message = row.id, error = %store::explain(&error), "a question could not be noted");
                Err(Unapplied::Unavailable)
            }
        }
    }

    /// Calls Twilio.
    async fn call(&self, row: &OutgoingRow, now: Timestamp) -> Called {
        let body = words(&self.inbox, row);
        let callback = callback_url(&self.public_url, row.id, row.attempts);
        let validity_seconds = row.expires_at.map_or(36_000, |end| (end - now.as_millisecond()) / 1000);
        let variables = row.content_variables.as_deref().unwrap_or("{}");
        let content = row.content_sid.as_deref().map(|sid| (sid, variables));
        let message =
            Outgoing { to: &row.address, body: &body, callback: &callback, content, validity_seconds };
        let stood_still = || Err(SendError::Uncertain("this process stood still".to_owned()));
        let result = in_time(&self.inbox.clock.stopwatch(), CALL, self.twilio.send(&message)).await;
        let result = result.unwrap_or_else(stood_still);
        if let Err(error) = &result {
            tracing::debug!(message = row.id, attempt = row.attempts, %error, "a message was not sent");
        }
        let now = self.inbox.clock.now();
        match result {
            Ok(accepted) => {
                let sid = Some(accepted.sid.id.simple().to_string());
                let blank = finishing(outcome(row, Status::Accepted, now));
                Outcome { sid, mms: Some(accepted.sid.mms), ..blank }.into()
            }
            Err(error) => self.failed(row, error, now),
        }
    }

    fn failed(&self, row: &OutgoingRow, error: SendError, now: Timestamp) -> Called {
        match error {
            SendError::Retry { code, words, trouble } => {
                let (error_code, reason) = (code.map(i64::from), Some(words.clone()));
                let outcome = Outcome { error_code, reason, ..again_later(row, now) };
                Called { trouble: Some((trouble, words)), ..outcome.into() }
            }
            SendError::Uncertain(_) => {
                let due_at = Some((now + self.inbox.settings.settle_after).as_millisecond());
                Outcome { due_at, ..outcome(row, Status::Uncertain, now) }.into()
            }
            SendError::Permanent { code, words } => Outcome {
                error_code: code.map(i64::from),
                reason: Some(words),
                ..outcome(row, Status::Failed, now)
            }
            .into(),
            SendError::OptedOut => {
                let reason = Some("the person: they have opted out at Twilio".to_owned());
                let outcome =
                    Outcome { error_code: Some(21610), reason, ..outcome(row, Status::Failed, now) };
                Record { outcome, opted_out: true, refund: None }.into()
            }
        }
    }

    /// Pauses the line if it was at fault, and ends its trouble when a message went through.
    async fn judge(&self, line: &Line, cleared: &Cleared, called: &Called) {
        let done = match &called.trouble {
            Some((trouble, reason)) => self.pause(line, *trouble, reason, cleared.pauses).await,
            None if cleared.was_troubled && called.record.outcome.status == Status::Accepted.as_str() => {
                self.resume(line).await
            }
            None => return,
        };
        if let Err(error) = done {
            tracing::warn!(error = %store::explain(&error), "a sender's trouble could not be noted");
        }
    }

    async fn pause(
        &self,
        line: &Line,
        trouble: Trouble,
        reason: &str,
        pauses_before: i64,
    ) -> sqlx::Result<()> {
        let failures = match trouble {
            Trouble::Perhaps => self.inbox.store.count_failure(&line.sender).await?,
            Trouble::Message | Trouble::Sender(_) => 0,
        };
        let Some(pause) = pause(trouble, failures, pauses_before) else { return Ok(()) };
        let now = self.inbox.clock.now();
        let until = (now + pause).as_millisecond();
        let paused = self.inbox.store.pause_sender(&line.sender, until, reason, now.as_millisecond()).await?;
        match paused {
            Some(1) if reason.starts_with("the operator") => {
                tracing::error!(
                    channel = line.channel(),
                    reason,
                    "sending stands still until this is put right"
                );
            }
            Some(1) => tracing::warn!(channel = line.channel(), reason, "sending pauses"),
            Some(_) => tracing::debug!(channel = line.channel(), reason, "sending still stands still"),
            // Another message has just made the pause.
            None => {}
        }
        Ok(())
    }

    async fn resume(&self, line: &Line) -> sqlx::Result<()> {
        if self.inbox.store.resume_sender(&line.sender).await? {
            tracing::info!(channel = line.channel(), "sending goes on");
            self.wake.notify_one();
        }
        Ok(())
    }

    /// Lets every line try at once, whatever made it pause before.
    pub async fn forget_pauses(&self) {
        for line in &self.lines {
            if let Err(error) = self.inbox.store.resume_sender(&line.sender).await {
                tracing::warn!(error = %store::explain(&error), "a sender's pause could not be ended");
            }
        }
    }
}
