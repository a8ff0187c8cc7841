//! What a line changes of somebody we know.

use super::{Entry, Fault};
use crate::dialog::{Consent, Person};

/// Somebody we know, or have just added.
#[derive(Clone, Debug)]
pub struct Known<'a> {
    /// Their side of the conversation.
    pub person: &'a Person,
    /// Their language.
    pub locale: &'a str,
    /// Their zone.
    pub time_zone: &'a str,
    /// Where we have the zone from.
    pub time_zone_source: &'a str,
    /// Whether they asked to be erased.
    pub erased: bool,
}

/// How somebody is after a line was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Their side of the conversation.
    pub person: Person,
    /// Their language.
    pub locale: String,
    /// Their zone.
    pub time_zone: String,
    /// Where we have the zone from.
    pub time_zone_source: &'static str,
    /// Whether the list is what opted them in.
    pub opts_in: bool,
}

/// What comes of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They become this.
    Change(Box<Change>),
    /// It says nothing new; or nothing that we may take from a list, with the reason.
    Nothing(Option<Fault>),
    /// It can't be done.
    Refuse(Fault),
}

/// Decides what `entry` changes of `known`. A filled cell replaces what a list may know better; an
/// empty one changes nothing; whoever opted out or was erased stays as they are.
#[must_use]
pub fn decide(entry: &Entry, known: &Known) -> Verdict {
    if known.erased {
        let message = "was erased at its owner's request; only they can come back, by texting START";
        return Verdict::Refuse(Fault::new("phone_number", message));
    }
    if known.person.consent == Consent::Withdrawn {
        let message = "has opted out; only its owner can opt in again, by texting START";
        let fault = Fault::new("phone_number", message);
        return if entry.consented { Verdict::Refuse(fault) } else { Verdict::Nothing(Some(fault)) };
    }
    let mut person = known.person.clone();
    if entry.name.is_some() {
        person.name.clone_from(&entry.name);
    }
    let opts_in = entry.consented && person.consent == Consent::Unasked;
    if opts_in {
        person.consent = Consent::Given;
    }
    let own_zone = matches!(known.time_zone_source, "person" | "browser");
    let zone = entry.time_zone.as_deref().filter(|zone| !own_zone && *zone != known.time_zone);
    let locale = entry.locale.as_deref().unwrap_or(known.locale);
    if person == *known.person && zone.is_none() && locale == known.locale {
        return Verdict::Nothing(None);
    }
    Verdict::Change(Box::new(Change {
        person,
        locale: locale.to_owned(),
        time_zone: zone.unwrap_or(known.time_zone).to_owned(),
        time_zone_source: if zone.is_some() { "import" } else { source(known.time_zone_source) },
        opts_in,
    }))
}

/// The names that a zone's origin has.
fn source(name: &str) -> &'static str {
    let names = ["person", "browser", "staff", "import", "number", "country"];
    names.into_iter().find(|known| *known == name).unwrap_or("default")
}
