//! A slice of texts: looked at as they come, made ready, written; and what happens if that can't be.

use super::desk::Desk;
use super::outgoing::look_at;
use super::text_back::TextBack;
use super::{Handed, InboundText, Inbox};
use crate::batch::Apply;
use crate::dialog::Nonce;
use crate::phone::Address;
use crate::sid::Sid;
use crate::store::{ReadyTurns, RepeatRow, TextKey, Tx};
use crate::texts::reveal;
use jiff::Timestamp;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::sync::atomic::Ordering;

/// Texts whose turns were taken before anybody was locked.
pub struct Taken {
    desk: Desk,
    answers: Vec<Option<Handed>>,
    /// The same by the text that each is for.
    known: HashMap<Sid, Option<Handed>>,
}

/// A slice of them that only the database has to do with any more.
pub struct Ready {
    desk: Desk,
    answers: Vec<Option<Handed>>,
    turns: ReadyTurns,
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

impl fmt::Debug for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ready({} texts)", self.answers.len())
    }
}

impl Apply for Inbox {
    type Job = InboundText;
    type Answer = Option<Handed>;
    type Ahead = Taken;
    type Ready = Ready;
    const LOOKS_AHEAD: bool = true;

    async fn look_ahead(&self, seen: Option<Taken>, texts: &[InboundText]) -> Option<Taken> {
        // What came since may count more than a text that comes late: only who is locked can say.
        if texts.iter().any(|text| text.taken_at.is_some()) {
            return None;
        }
        let mut taken = seen.unwrap_or_else(|| Taken::nothing(self.clock.now()));
        // If the database does not answer now, it will say so when it is asked to write.
        if !taken.desk.look(self, texts).await.ok()? {
            return None;
        }
        let answers = self.take(&mut taken.desk, texts, &mut taken.known).ok()?;
        taken.answers.extend(answers);
        taken.desk.can_be_checked().then_some(taken)
    }

    fn make_ready(&self, taken: Taken) -> Option<Ready> {
        let Taken { mut desk, answers, .. } = taken;
        let turns = desk.make_ready(self).ok()?;
        Some(Ready { desk, answers, turns })
    }

    /// Of whom a slice spoke that had to be taken anew, the next one can't speak yet: its texts would have come, by
    /// their ids, before those.
    fn still_holds(&self, ready: &Ready, before: &[InboundText]) -> bool {
        let is_after = |text: &InboundText| ready.desk.is_about(&text.from.to_string());
        !(self.taken_anew.load(Ordering::Relaxed) && before.iter().any(is_after))
    }

    async fn carry_out(
        &self,
        texts: &[InboundText],
        ready: Option<Ready>,
    ) -> sqlx::Result<Vec<Option<Handed>>> {
        let written = match ready {
            Some(ready) => self.write(ready).await,
            None => Ok(None),
        };
        self.taken_anew.store(!matches!(written, Ok(Some(_))), Ordering::Relaxed);
        if let Ok(Some(answers)) = written {
            return Ok(answers);
        }
        // They may have been remembered as they never were.
        self.regulars.forget(texts.iter().map(|text| text.from.to_string()));
        written?;
        // Twilio seldom repeats a webhook, so nobody asks for repeats before one shows.
        if let Some(answers) = self.apply_once(texts, false).await? {
            return Ok(answers);
        }
        // Twice, only on PostgreSQL: a SID that another number's text has just brought to another node.
        self.apply_once(texts, true).await?.ok_or(sqlx::Error::RowNotFound)
    }
}

impl Inbox {
    /// The answers, if everybody was still who they were.
    async fn write(&self, ready: Ready) -> sqlx::Result<Option<Vec<Option<Handed>>>> {
        let Ready { desk, answers, turns } = ready;
        let plans_tips = !desk.tips.is_empty();
        if !desk.save_ready(self, turns).await? {
            return Ok(None);
        }
        self.applied(plans_tips);
        Ok(Some(answers))
    }

    /// Applies `texts` in one transaction; nothing if there were repeats and `look` did not look for them.
    async fn apply_once(
        &self,
        texts: &[InboundText],
        look: bool,
    ) -> sqlx::Result<Option<Vec<Option<Handed>>>> {
        let (mut desk, mut tx) = Desk::open(self, texts).await?;
        let mut known =
            if look { self.repeats(&mut tx, texts).await? } else { HashMap::with_capacity(texts.len()) };
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
        desk.reserve(texts.len());
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
        texts: &[InboundText],
    ) -> sqlx::Result<HashMap<Sid, Option<Handed>>> {
        let key = |text: &InboundText| TextKey::new(text.sid.id, text.from.to_string());
        let rows = tx.repeats(&texts.iter().map(key).collect::<Vec<_>>()).await?;
        if rows.is_empty() {
            return Ok(HashMap::new());
        }
        let replies: Vec<i64> = rows.iter().filter_map(|row| row.id).collect();
        let mut again = Vec::new();
        if !replies.is_empty() {
            let now = self.clock.now();
            again = tx.hand_again(&replies, look_at(self, now), now.as_millisecond()).await?;
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
