//! A dry run, summed up: how many now, how many later, how many never, and what it costs.

use super::forecast::{Fate, Forecast, Letter};
use crate::gate::Reason;
use crate::phone::{Address, Region};
use crate::price::{dollars, micro_dollars};
use crate::segments::{self, Encoding, Expensive, Segments};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// How many of those left out are named.
const MOST_NAMED: usize = 100;

/// What would come of a campaign.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct DryRun {
    /// Whether everybody was asked about: a dry run looks at 200,000 people at most.
    pub complete: bool,
    /// When it would begin: now, or its time.
    #[serde(serialize_with = "in_seconds")]
    pub starts_at: Timestamp,
    /// People in the audience.
    pub audience: i64,
    /// Those who would get it.
    pub would_get: i64,
    /// Of these, those who would get it from its beginning on, as fast as the sender may send.
    pub now: Share,
    /// How long the sender takes for these at its rate, if nothing else leaves meanwhile: whom it does not get to
    /// before the campaign's hours or the quiet hours, gets it the next day.
    pub sending_seconds: i64,
    /// Of these, those who would get it later.
    pub later: i64,
    /// Those, by what they wait for: the campaign's hours, the end of quiet hours, tomorrow's budget, …
    pub later_by_reason: BTreeMap<&'static str, Later>,
    /// Those for whom the day's budget has no room when their turn comes: they get it another day, or are left out.
    pub beyond_budget: Share,
    /// Those who would not get it.
    pub left_out: i64,
    /// Those, by reason.
    pub reasons: BTreeMap<&'static str, i64>,
    /// The first 100 of those who would not.
    pub people: Vec<LeftOut>,
    /// How its texts are written on the air: UCS-2 if one of them is.
    pub encoding: Option<Encoding>,
    /// Segments that would be paid for.
    pub segments: i64,
    /// What these cost, in US dollars.
    #[serde(serialize_with = "in_dollars")]
    #[schemars(with = "f64")]
    pub cost: i64,
    /// What a segment was taken to cost in each of their countries, in US dollars: what the day's budget counts, with
    /// carriers' fees and on the high side, unless the request says another price.
    pub price_by_country: BTreeMap<&'static str, f64>,
    /// How many messages have how many segments.
    pub messages_by_segments: BTreeMap<usize, i64>,
    /// Characters that make the first of the UCS-2 texts expensive.
    pub expensive: Vec<Expensive>,
    /// What the first reader would read.
    pub sample: Option<String>,
    /// Those whom the gate lets pass and the budget has to.
    #[serde(skip)]
    open: Vec<Open>,
    /// What a segment costs everywhere, in millionths of a dollar, if the caller says so.
    #[serde(skip)]
    price: Option<i64>,
}

/// One whom the gate lets pass.
#[derive(Clone, Debug)]
struct Open {
    person: Person,
    letter: Letter,
}

/// One of the audience: their number but for the middle, and what they would be sent.
#[derive(Clone, Debug)]
struct Person {
    number: String,
    segments: usize,
    micro_dollars: i64,
}

/// Some of the people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Share {
    /// How many they are.
    pub people: i64,
    /// Segments of their messages.
    pub segments: i64,
    /// What these cost, in US dollars.
    #[serde(serialize_with = "in_dollars")]
    #[schemars(with = "f64")]
    pub cost: i64,
}

/// Those who would get it later for the same reason.
#[derive(Clone, Copy, Debug, Default, Serialize, JsonSchema)]
pub struct Later {
    /// How many, and what for.
    #[serde(flatten)]
    pub share: Share,
    /// When the first of them would get it.
    #[serde(serialize_with = "in_seconds")]
    pub first_at: Timestamp,
    /// When the last of them would.
    #[serde(serialize_with = "in_seconds")]
    pub last_at: Timestamp,
}

/// Somebody who would not get it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LeftOut {
    /// Their number but for its middle.
    pub phone_number: String,
    /// Why, for programs.
    pub code: Reason,
    /// Why, in words.
    pub reason: &'static str,
}

impl DryRun {
    /// Of a campaign that would begin then, at so many dollars for a segment if the caller says so.
    pub(super) fn starting(starts_at: Timestamp, price: Option<f64>) -> Self {
        Self { starts_at, price: price.map(in_micro_dollars), ..Self::default() }
    }

    /// Adds one of the audience, with what would be said to them, and the message if the gate ever lets it pass.
    pub(super) fn add(
        &mut self,
        address: &str,
        country: Option<Region>,
        body: &str,
        size: Segments,
        letter: Result<Letter, Reason>,
    ) {
        self.audience += 1;
        let number = mask(address);
        let letter = match letter {
            Err(reason) => return self.leave_out(number, reason),
            Ok(letter) => letter,
        };
        self.note(body, size);
        let price = self.price.unwrap_or_else(|| micro_dollars(country));
        if let Some(country) = country {
            self.price_by_country.insert(country.as_str(), dollars(price));
        }
        let segments = size.segments;
        let micro_dollars = price.saturating_mul(i64::try_from(segments).unwrap_or(i64::MAX));
        self.open.push(Open { person: Person { number, segments, micro_dollars }, letter });
    }

    /// Lets those go whom the gate lets pass, as far as the budget allows.
    pub(super) fn settle(&mut self, forecast: &mut Forecast<'_>) {
        let mut people = Vec::with_capacity(self.open.len());
        let mut letters = Vec::with_capacity(self.open.len());
        for Open { person, letter } in std::mem::take(&mut self.open) {
            people.push(person);
            letters.push(letter);
        }
        for (person, fate) in people.into_iter().zip(forecast.fates(letters)) {
            self.count(person, fate);
        }
    }

    fn count(&mut self, person: Person, fate: Fate) {
        let cost = person.micro_dollars;
        let segments = i64::try_from(person.segments).unwrap_or(0);
        let (Fate::Leaves { beyond_budget, .. } | Fate::LeftOut { beyond_budget, .. }) = fate;
        if beyond_budget {
            self.beyond_budget.add(segments, cost);
        }
        let (at, waits_for) = match fate {
            Fate::LeftOut { reason, .. } => return self.leave_out(person.number, reason),
            Fate::Leaves { at, waits_for, .. } => (at, waits_for),
        };
        self.would_get += 1;
        self.segments += segments;
        self.cost += cost;
        *self.messages_by_segments.entry(person.segments).or_default() += 1;
        let Some(reason) = waits_for else { return self.now.add(segments, cost) };
        self.later += 1;
        let fresh = Later { first_at: at, last_at: at, share: Share::default() };
        let later = self.later_by_reason.entry(reason).or_insert(fresh);
        later.share.add(segments, cost);
        (later.first_at, later.last_at) = (later.first_at.min(at), later.last_at.max(at));
    }

    /// With how long it takes at so many segments a second; 0 is without a limit.
    pub(super) fn paced(self, segments_per_second: u32) -> Self {
        let rate = i64::from(segments_per_second);
        let sending_seconds = if rate == 0 { 0 } else { (self.now.segments + rate - 1) / rate };
        Self { sending_seconds, ..self }
    }

    fn leave_out(&mut self, phone_number: String, reason: Reason) {
        self.left_out += 1;
        *self.reasons.entry(reason.words()).or_default() += 1;
        if self.people.len() < MOST_NAMED {
            self.people.push(LeftOut { phone_number, code: reason, reason: reason.words() });
        }
    }

    fn note(&mut self, body: &str, size: Segments) {
        if self.encoding != Some(Encoding::Ucs2) {
            self.encoding = Some(size.encoding);
            self.expensive = segments::expensive(body);
        }
        self.sample.get_or_insert_with(|| body.to_owned());
    }
}

impl Share {
    fn add(&mut self, segments: i64, micro_dollars: i64) {
        self.people += 1;
        self.segments += segments;
        self.cost += micro_dollars;
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a price is at most a hundred dollars")]
fn in_micro_dollars(dollars: f64) -> i64 {
    (dollars * 1_000_000.0).round() as i64
}

/// In hundredths of a cent.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn in_dollars<S: Serializer>(micro_dollars: &i64, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64((dollars(*micro_dollars) * 10_000.0).round() / 10_000.0)
}

/// A number but for its middle.
fn mask(address: &str) -> String {
    match Address::parse(address) {
        Ok(Address::Phone(phone)) => format!("{phone:?}"),
        Ok(Address::WhatsApp(phone)) => format!("whatsapp:{phone:?}"),
        _ => "…".to_owned(),
    }
}

fn in_seconds<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&format_args!("{at:.0}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Fate = Fate::Leaves { at: Timestamp::UNIX_EPOCH, waits_for: None, beyond_budget: false };

    #[test]
    fn those_left_out_are_named_without_their_numbers() {
        let mut run = DryRun::default();
        for _ in 0..150 {
            run.add("+14155550123", Some(Region::US), "Hi", segments::count("Hi"), Err(Reason::OptedOut));
        }
        assert_eq!((run.audience, run.left_out, run.people.len(), run.segments), (150, 150, 100, 0));
        assert_eq!(run.people[0].phone_number, "+14…23");
        assert_eq!(run.reasons["the person has opted out"], 150);
        assert_eq!(mask("whatsapp:+14155550123"), "whatsapp:+14…23");
    }

    #[test]
    fn one_expensive_text_makes_the_campaign_so() {
        let mut run = DryRun::default();
        for body in ["Hi Asha", "Hi आशा", "Hi Ben"] {
            run.note(body, segments::count(body));
        }
        assert_eq!(run.encoding, Some(Encoding::Ucs2));
        assert_eq!(run.expensive[0].character, 'आ');
        assert_eq!(run.sample.as_deref(), Some("Hi Asha"));
    }

    #[test]
    fn each_share_has_its_people_segments_and_cost() {
        let mut run = DryRun::default();
        let (first, last) = (Timestamp::from_second(3600).unwrap(), Timestamp::from_second(7200).unwrap());
        let later = |at, beyond_budget| Fate::Leaves { at, waits_for: Some("morning"), beyond_budget };
        let never = Fate::LeftOut { reason: Reason::Budget, beyond_budget: true };
        for fate in [NOW, NOW, later(last, true), later(first, false), never] {
            run.count(Person { number: "+14…23".to_owned(), segments: 2, micro_dollars: 24_000 }, fate);
        }
        let run = run.paced(3);
        let share = |people, cost| Share { people, segments: people * 2, cost };
        assert_eq!((run.now, run.beyond_budget), (share(2, 48_000), share(2, 48_000)));
        let morning = run.later_by_reason["morning"];
        assert_eq!((morning.share, morning.first_at, morning.last_at), (share(2, 48_000), first, last));
        assert_eq!((run.sending_seconds, run.clone().paced(0).sending_seconds), (2, 0));
        assert_eq!((run.would_get, run.later, run.left_out, run.cost), (4, 2, 1, 96_000));
        assert_eq!(serde_json::to_value(run.now).unwrap()["cost"], 0.048);
    }
}
