//! Everything that there is to see about one handset, read in one go.

use super::bubble::{Bubble, join};
use super::faults::FaultSwitch;
use super::handset::Handset;
use super::person::PersonView;
use super::{Demo, quick};
use crate::phone::{Address, likely_zone};
use jiff::tz::TimeZone;
use serde::Serialize;

/// How many messages a handset shows.
const SHOWN: u8 = 100;
/// How many handsets are offered.
const HANDSETS: usize = 6;

/// A number, for programs and for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Number {
    pub(super) number: String,
    pub(super) shown: String,
}

impl From<Handset> for Number {
    fn from(phone: Handset) -> Self {
        Self { number: phone.to_string(), shown: phone.shown() }
    }
}

/// One handset, the conversation on it and the state beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct View {
    pub(super) phone: Number,
    pub(super) to: Number,
    pub(super) organisation: String,
    pub(super) person: PersonView,
    pub(super) messages: Vec<Bubble>,
    /// There are as many messages as are shown, so that there may be earlier ones.
    pub(super) is_full: bool,
    /// The last text of the person's that the server has read.
    pub(super) heard: Option<Heard>,
    /// The code on the handset, while it is good.
    pub(super) code: Option<String>,
    pub(super) quick_replies: Vec<String>,
    pub(super) faults: Vec<FaultSwitch>,
    /// The server's clock in the person's zone, to the minute.
    pub(super) clock: ClockView,
    pub(super) handsets: Vec<Number>,
}

/// What a text was understood as.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Heard {
    pub(super) intent: String,
    pub(super) why: Option<String>,
}

/// A time in the person's zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct ClockView {
    pub(super) time: String,
    pub(super) day: String,
}

impl Demo {
    /// Reads what there is to see about `phone`.
    pub(super) async fn view(&self, phone: Handset) -> sqlx::Result<View> {
        let now = self.clock.now();
        let address = phone.to_string();
        let contact = self.store.contact(&address).await?;
        let likely = Address::parse(&address).ok();
        let likely = likely.map(|address| likely_zone(&address, &self.default_time_zone));
        let likely = likely.unwrap_or((&self.default_time_zone, "default"));
        let zone_name = contact.as_ref().map_or(likely.0, |row| &row.time_zone);
        let zone = TimeZone::get(zone_name).unwrap_or(TimeZone::UTC);
        let rows = match &contact {
            Some(contact) => self.store.conversation(contact.id, i64::MAX, SHOWN.into()).await?,
            None => Vec::new(),
        };
        let person = if let Some(row) = contact {
            PersonView::of(row, &zone, now)
        } else {
            let forgotten = self.store.any_suppressed(&[self.suppression_key.hash(&address)]).await?;
            PersonView::stranger(likely, forgotten)
        };
        let seen = self.carrier.history(&address, SHOWN.into());
        let is_full = seen.len().max(rows.len()) >= SHOWN.into();
        let messages = join(seen, rows, &zone);
        let last_heard = messages.iter().rev().find_map(|bubble| Some((bubble.intent.clone()?, bubble)));
        let code = quick::code_on_handset(&person, &messages);
        let local = now.to_zoned(zone);
        Ok(View {
            heard: last_heard.map(|(intent, bubble)| Heard { intent, why: bubble.why.clone() }),
            quick_replies: quick::replies(&person, code.as_deref()),
            faults: self.faults(&address),
            clock: ClockView {
                time: local.strftime("%-I:%M %p").to_string(),
                day: local.strftime("%A, %B %-d, %Y").to_string(),
            },
            handsets: self.other_handsets(phone),
            phone: phone.into(),
            to: phone.ours(self.our_number).into(),
            organisation: self.organisation.clone(),
            person,
            messages,
            is_full,
            code,
        })
    }

    /// The same number on the other channel, then the handsets used last, without the one shown.
    fn other_handsets(&self, shown: Handset) -> Vec<Number> {
        let other = shown.on_other_channel();
        let used = self.carrier.handsets(HANDSETS + 2);
        let used = used.iter().filter_map(|number| Handset::from_address(number));
        let used = used.filter(|phone| ![shown, other].contains(phone));
        std::iter::once(other).chain(used).take(HANDSETS).map(Number::from).collect()
    }
}
