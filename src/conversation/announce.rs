//! Telling the organisation's own systems, in the transaction of what happened.

use super::{Inbox, SuppressionKey};
use crate::dialog::{Name, Person, Turn};
use crate::events::{Event, EventKind};
use crate::store::{SpeakerRow, Tx};

impl Inbox {
    /// Writes those of `events` that a webhook endpoint wants to hear of. Free while there is none.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn announce(&self, tx: &mut Tx, events: Vec<Event>) -> sqlx::Result<()> {
        self.listeners.announce(tx, &self.ids, self.clock.now(), events).await
    }

    /// Writes what became of these messages, of those whose fate is known by now. Each end of a
    /// message is told once, however often this is asked.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn announce_fates(
        &self,
        tx: &mut Tx,
        messages: impl IntoIterator<Item = i64>,
    ) -> sqlx::Result<()> {
        let messages: Vec<i64> = messages.into_iter().collect();
        self.listeners.announce_fates(tx, &self.ids, self.clock.now(), &messages).await
    }
}

/// What there is to tell of a turn that `before` and the contact `row` have just taken.
pub(super) fn events_of(before: &Person, turn: &Turn, row: &SpeakerRow, key: &SuppressionKey) -> Vec<Event> {
    if turn.erase {
        return vec![Event::erased(row.id, &key.hash(&row.address))];
    }
    let registered = turn.person.is_member() && !before.is_member();
    let consent = turn.consent.map(|change| {
        let kind = if change.given { EventKind::ContactOptedIn } else { EventKind::ContactOptedOut };
        (kind, Some(change.how))
    });
    let name = turn.person.name.as_ref().map(Name::as_str);
    let kinds = consent.into_iter().chain(registered.then_some((EventKind::ContactRegistered, None)));
    kinds.map(|(kind, how)| Event::contact(kind, row.id, &row.address, name, how)).collect()
}
