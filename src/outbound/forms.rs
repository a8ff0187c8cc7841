//! Asking people to fill in forms, and knowing when they have.

use super::Wake;
use crate::conversation::{Inbox, Queued, Reach};
use crate::events::Event;
use crate::forms::Token;
use crate::notice::Notice;
use crate::store::{FormRow, NewForm};
use jiff::SignedDuration;
use std::sync::Arc;

/// How long a request is worth sending: through a night and a day whose cap is reached.
pub(super) const LIFETIME: SignedDuration = SignedDuration::from_hours(48);

/// Asks people to fill in forms.
#[derive(Clone, Debug)]
pub struct Forms {
    /// Store, clock, ids and words.
    pub inbox: Arc<Inbox>,
    /// Base of the links.
    pub public_url: String,
    /// Notified when a request was added.
    pub changed: Wake,
}

/// A form that somebody is to fill in.
#[derive(Clone, Debug)]
pub struct Ask<'a> {
    /// Their address.
    pub address: String,
    /// What the form is called.
    pub title: &'a str,
    /// Where it is.
    pub url: &'a str,
    /// Minutes from one message to the next.
    pub remind_after_minutes: i64,
    /// How often they are reminded at most.
    pub max_reminders: i64,
    /// Whom it may reach; who asks nobody reminds nobody either.
    pub reach: Reach,
}

/// What came of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The request with this id; its message is queued.
    Request(i64),
    /// Nothing was written: the number was erased at its owner's request.
    Erased,
}

impl Forms {
    /// Makes a request with a link of its own and queues its message, in one transaction.
    ///
    /// # Errors
    /// The database did not answer, or the system has no random bytes; then nothing was done.
    pub async fn ask(&self, ask: &Ask<'_>) -> sqlx::Result<Asked> {
        let inbox = &self.inbox;
        let now = inbox.clock.now();
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|error| sqlx::Error::Io(std::io::Error::other(error)))?;
        let token = Token::new(random);
        let mut tx = inbox.store.begin().await?;
        let contact = inbox.contacts(&mut tx, vec![ask.address.clone()]).await?.pop();
        let Some(contact) = contact.filter(|contact| contact.erased_at.is_none()) else {
            return Ok(Asked::Erased);
        };
        let remind_after = SignedDuration::from_mins(ask.remind_after_minutes);
        let form = NewForm {
            id: inbox.ids.next(now),
            contact_id: contact.id,
            token: token.to_string(),
            title: ask.title,
            url: ask.url,
            remind_after_minutes: ask.remind_after_minutes,
            max_reminders: ask.max_reminders,
            next_at: (ask.max_reminders > 0 && ask.reach == Reach::Person)
                .then_some((now + remind_after).as_millisecond()),
            created_at: now.as_millisecond(),
        };
        let notice = Notice::Form { title: ask.title.to_owned(), link: token.link(&self.public_url) };
        let body = inbox.texts.render(&notice, &contact.locale);
        let queued = Queued {
            content: None,
            contact_id: contact.id,
            purpose: notice.purpose(),
            body: &body.map_err(|error| sqlx::Error::Encode(error.into()))?,
            what_for: Some(format!("form:{}:0", form.id)),
            source_id: Some(form.id),
            due_at: now,
            expires_at: now + LIFETIME,
        };
        tx.add_form(&form).await?;
        let id = inbox.ids.next(now);
        tx.save_slice(&[queued.row(id, now)], &[]).await?;
        inbox.restrain(&mut tx, &[id], ask.reach).await?;
        tx.commit().await?;
        self.changed.notify_one();
        Ok(Asked::Request(form.id))
    }

    /// Ends an open request: `completed`, or else cancelled. What still waits to be sent about it is
    /// not sent any more. Returns it as it is afterwards; `None` when there is no such request.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn end(&self, id: i64, completed: bool) -> sqlx::Result<Option<FormRow>> {
        let now = self.inbox.clock.now().as_millisecond();
        let form = self.inbox.store.form(id).await?;
        let mut tx = self.inbox.store.begin().await?;
        let status = if completed { "completed" } else { "cancelled" };
        if tx.end_form(id, status, completed.then_some(now)).await? {
            let reason =
                if completed { "the form was completed first" } else { "the request was cancelled first" };
            let expired = tx.expire_queued_of(id, reason, now).await?;
            self.inbox.announce_fates(&mut tx, expired).await?;
            if completed && let Some(form) = form {
                let told = Event::form_completed(id, form.contact_id, &form.address, &form.title);
                self.inbox.announce(&mut tx, vec![told]).await?;
            }
            tx.commit().await?;
        }
        self.inbox.store.form(id).await
    }
}
