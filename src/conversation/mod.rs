//! Load, step, render, save: a slice of inbound texts in one transaction.

mod announce;
mod answers;
mod bookings;
mod contacts;
mod desk;
mod erase;
mod guards;
mod opt_out_list;
mod outgoing;
mod pass_on;
mod proven;
mod register;
mod regulars;
mod rename;
mod reports;
mod roster;
mod rows;
mod seat;
mod send_test;
mod staff;
mod suppression;
mod text_back;
mod tips;

pub use bookings::{BookingError, BookingPatch, Field, NewBooking, reminders_of, status_of, when};
pub use erase::purge_erased;
pub use guards::Guards;
pub use opt_out_list::{ListError, OptOutList, write_opt_outs};
pub use outgoing::{Content, Queued};
pub use register::Registered;
pub use regulars::Regulars;
pub use reports::{Reported, Reports};
pub use roster::{Imported, Outcome};
pub use rows::{change, change_of, fresh_nonce};
pub use send_test::Reach;
pub use staff::{Note, StaffError};
pub use suppression::SuppressionKey;
pub use tips::tip_time;

use crate::batch::Apply;
use crate::clock::Clock;
use crate::dialog::words::OptOutWord;
use crate::dialog::{CodeKey, Nonce};
use crate::ids::Ids;
use crate::listeners::Listeners;
use crate::phone::Address;
use crate::sid::Sid;
use crate::store::{RepeatRow, Store, Tx};
use crate::texts::{Texts, reveal};
use desk::Desk;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::sync::Arc;
use text_back::TextBack;
use tokio::sync::Notify;

/// A text that came in, already checked.
#[derive(Clone, Debug)]
pub struct InboundText {
    /// Twilio's identifier; the same one again is a repeat.
    pub sid: Sid,
    /// Who wrote.
    pub from: Address,
    /// What they wrote.
    pub body: String,
    /// Twilio has answered already, as an opt-out word of this kind.
    pub opt_out_type: Option<OptOutWord>,
    /// Segments it came in.
    pub segments: i64,
    /// Media, place and buttons, as JSON.
    pub extra: Option<String>,
    /// When Twilio took it, where that is long ago; otherwise it is now.
    pub taken_at: Option<jiff::Timestamp>,
    /// How the answer gets to the person.
    pub answer_by: AnswerBy,
}

/// How an answer gets to the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerBy {
    /// In the answer to the webhook that brought the text.
    Webhook,
    /// By REST: no webhook waits for it.
    Rest,
}

/// The reply that goes back in the answer to the webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handed {
    /// Our id of the message.
    pub message_id: i64,
    /// Which attempt at sending it this is.
    pub attempt: i64,
    /// The words, with the code if there is one.
    pub body: String,
}

/// What conversations need to know beside the texts.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether Twilio answers STOP, START and HELP words by itself.
    pub twilio_answers: bool,
    /// Locale of new contacts.
    pub default_locale: String,
    /// Zone of new contacts whose numbers may belong to it.
    pub default_time_zone: String,
    /// Local time of tips for people who did not choose one.
    pub tip_time: jiff::civil::Time,
    /// How long to wait for a reply's callback before it is looked up.
    pub settle_after: SignedDuration,
}

/// Everything a conversation is held with.
#[derive(Debug)]
pub struct Inbox {
    /// Where conversations are kept.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Ids for what is added.
    pub ids: Arc<Ids>,
    /// The words.
    pub texts: Arc<Texts>,
    /// Makes codes out of nonces.
    pub code_key: CodeKey,
    /// Makes hashes of erased numbers.
    pub suppression_key: SuppressionKey,
    /// Those who wrote lately.
    pub regulars: Regulars,
    /// Webhook endpoints, who are told of what happens.
    pub listeners: Arc<Listeners>,
    /// Notified when somebody's next tip was planned, or is to be planned anew.
    pub tips_planned: Arc<Notify>,
    /// The rest.
    pub settings: Settings,
}

/// A slice whose turns were taken before anybody was locked.
pub struct Taken {
    desk: Desk,
    answers: Vec<Option<Handed>>,
    /// The same by the text that each is for.
    known: HashMap<Sid, Option<Handed>>,
}

impl Taken {
    fn nothing(now: Timestamp) -> Self {
        Self { desk: Desk::empty(now, TextBack::default()), answers: Vec::new(), known: HashMap::new() }
    }
}

impl fmt::Debug for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Taken({} texts)", self.answers.len())
    }
}

impl Apply for Inbox {
    type Job = InboundText;
    type Answer = Option<Handed>;
    type Ahead = Taken;
    const LOOKS_AHEAD: bool = true;

    async fn look_ahead(&self, seen: Option<Taken>, texts: &[InboundText]) -> Option<Taken> {
        let mut taken = seen.unwrap_or_else(|| Taken::nothing(self.clock.now()));
        // If the database does not answer now, it will say so when it is asked to write.
        if !taken.desk.look(self, texts).await.ok()? {
            return None;
        }
        let answers = self.take(&mut taken.desk, texts, &mut taken.known).ok()?;
        taken.answers.extend(answers);
        taken.desk.can_be_checked().then_some(taken)
    }

    async fn carry_out(
        &self,
        texts: &[InboundText],
        ahead: Option<Taken>,
    ) -> sqlx::Result<Vec<Option<Handed>>> {
        if let Some(Taken { desk, answers, .. }) = ahead {
            let plans_tips = !desk.tips.is_empty();
            if desk.save_checked(self).await? {
                self.applied(plans_tips);
                return Ok(answers);
            }
        }
        self.regulars.forget(texts.iter().map(|text| text.from.to_string()));
        // Twilio seldom repeats a webhook, so nobody asks for repeats before one shows.
        if let Some(answers) = self.apply_once(texts, false).await? {
            return Ok(answers);
        }
        // Twice, only a SID that another number's text has just brought to another node.
        self.apply_once(texts, true).await?.ok_or(sqlx::Error::RowNotFound)
    }
}

impl Inbox {
    /// Applies `texts` in one transaction; nothing if there were repeats and `look` did not look for them.
    async fn apply_once(
        &self,
        texts: &[InboundText],
        look: bool,
    ) -> sqlx::Result<Option<Vec<Option<Handed>>>> {
        let (mut desk, mut tx) = Desk::open(self, texts).await?;
        let mut known = if look {
            self.repeats(&mut tx, &desk, texts).await?
        } else {
            HashMap::with_capacity(texts.len())
        };
        let forgotten = self.forgotten(&mut tx, &desk.of_erased(texts)).await?;
        known.extend(forgotten.into_iter().map(|sid| (sid, None)));
        let answers = self.take(&mut desk, texts, &mut known)?;
        let plans_tips = !desk.tips.is_empty();
        if desk.erases() && !look || !desk.save(self, &mut tx).await? {
            return Ok(None);
        }
        tx.commit().await?;
        self.applied(plans_tips);
        Ok(Some(answers))
    }

    /// Takes the texts whose answers are not known yet, each once.
    fn take(
        &self,
        desk: &mut Desk,
        texts: &[InboundText],
        known: &mut HashMap<Sid, Option<Handed>>,
    ) -> sqlx::Result<Vec<Option<Handed>>> {
        let mut answers = Vec::with_capacity(texts.len());
        for text in texts {
            let answer = match known.entry(text.sid) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(desk.take(self, text)?),
            };
            answers.push(answer.clone());
        }
        Ok(answers)
    }

    fn applied(&self, plans_tips: bool) {
        if plans_tips {
            self.tips_planned.notify_one();
        }
    }

    /// The answers to texts that came before: the same as then, unless Twilio or REST has taken it.
    async fn repeats(
        &self,
        tx: &mut Tx,
        desk: &Desk,
        texts: &[InboundText],
    ) -> sqlx::Result<HashMap<Sid, Option<Handed>>> {
        let sids: Vec<String> = texts.iter().map(|text| text.sid.id.simple().to_string()).collect();
        let rows = tx.repeats(&sids).await?;
        if rows.is_empty() {
            return Ok(HashMap::new());
        }
        let replies: Vec<i64> = rows.iter().filter_map(|row| row.id).collect();
        let mut again = Vec::new();
        if !replies.is_empty() {
            again = tx.hand_again(&replies, desk.due_at(self), desk.now()).await?;
        }
        let from: HashMap<Sid, &Address> = texts.iter().map(|text| (text.sid, &text.from)).collect();
        let answers = rows.iter().map(|row| {
            let sid = Sid { mms: row.mms, id: row.sid };
            let from = from.get(&sid).filter(|_| row.id.is_some_and(|id| again.contains(&id)));
            (sid, from.and_then(|from| self.answer_again(&from.to_string(), row)))
        });
        Ok(answers.collect())
    }

    fn answer_again(&self, from: &str, row: &RepeatRow) -> Option<Handed> {
        let body = row.body.as_deref()?;
        let nonce: Option<Nonce> = row.nonce.as_deref().and_then(|nonce| nonce.parse().ok());
        let body = match nonce {
            Some(nonce) => reveal(body, &self.code_key.code(from, nonce)),
            None => body.to_owned(),
        };
        Some(Handed { message_id: row.id?, attempt: row.attempts.unwrap_or(1), body })
    }
}
