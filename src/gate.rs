//! The send gate: who may be sent what, when. Every message that leaves by REST passes here, right
//! before it leaves; each refusal and each delay is a reason that a person can read.

mod budget;

pub use budget::{Budget, Spending};

use crate::dialog::Consent;
use crate::phone::Region;
use crate::purpose::Purpose;
use crate::schedule::{QuietHours, at_local, local_date};
use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Serialize;
use std::slice::from_ref;

/// A message that wants to leave.
#[derive(Clone, Debug)]
pub struct Message {
    /// What it is for.
    pub purpose: Purpose,
    /// The country of its recipient; `None` where the number belongs to none.
    pub country: Option<Region>,
    /// Whether its recipient's number is a premium-rate one, whose owner earns by what is sent there.
    pub premium_rate: bool,
    /// When it is no longer worth sending.
    pub expires_at: Option<Timestamp>,
    /// When there is a budget again, if this message was more than is left of today's.
    pub budget_until: Option<Timestamp>,
}

/// Its recipient, as far as the gate asks.
#[derive(Clone, Debug)]
pub struct Recipient {
    /// Whether they may be written to.
    pub consent: Consent,
    /// Where they live, as far as we know.
    pub zone: TimeZone,
    /// Where else they may live, if nobody told us: by day there, too, is by day wherever they are.
    pub elsewhere: Vec<TimeZone>,
    /// Messages that count towards the cap and were sent to them today, by their calendar.
    pub sent_today: u32,
    /// Whether the same words for the same purpose went to them in the last 24 hours.
    pub had_the_same: bool,
}

/// The rules of the house.
#[derive(Clone, Debug)]
pub struct Rules {
    /// When nothing is sent that was not asked for.
    pub quiet_hours: QuietHours,
    /// Most messages a person gets in a day, beside answers.
    pub daily_cap: u32,
    /// Countries that may be written to.
    pub countries: Vec<Region>,
    /// What may be spent in a day on what promotes.
    pub budget: Budget,
}

/// What the gate says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Send it now.
    Send,
    /// Not before then.
    Wait(Timestamp, Reason),
    /// Never.
    Refuse(Reason),
}

/// Why not, or not yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "words() says what each means")]
pub enum Reason {
    Expired,
    OptedOut,
    NotOptedIn,
    Country,
    PremiumRate,
    Duplicate,
    QuietHours,
    QuietElsewhere,
    QuietTooLong,
    ClosedByDay,
    DailyCap,
    Budget,
    WhatsAppWindow,
    Outdated,
    StopInDoubt,
}

/// Why nothing but answers goes to a premium-rate number: whoever owns it earns by what is sent there.
pub const PREMIUM_RATE: &str = "texts are not sent to premium-rate numbers";

impl Reason {
    /// The reason in words for staff.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Expired => "its time was over before it could be sent",
            Self::OptedOut => "the person has opted out",
            Self::NotOptedIn => "the person never opted in to this",
            Self::Country => "the number's country is not among TIDINGS_COUNTRIES",
            Self::PremiumRate => PREMIUM_RATE,
            Self::Duplicate => "the person got the same words within the last day",
            Self::StopInDoubt => "the person may want all to stop, and has not answered our question yet",
            Self::Outdated => "what it is about was moved, answered or called off since it was queued",
            Self::QuietHours => "it waits for the end of the quiet hours where the person lives",
            Self::QuietElsewhere => {
                "it waits for an hour by day in all time zones that the number may belong to: nobody told where the \
                 person lives"
            }
            Self::QuietTooLong => "its time is over before the quiet hours where the person lives end",
            Self::ClosedByDay => {
                "it is never by day in all time zones where the person may live during the campaign's hours"
            }
            Self::WhatsAppWindow => {
                "the person has not written on WhatsApp within 24 hours, so only an approved template may be sent"
            }
            Self::DailyCap => "the person got as many messages today as TIDINGS_DAILY_CAP_PER_PERSON allows",
            Self::Budget => "the day's budget is spent (TIDINGS_DAILY_BUDGET, TIDINGS_DAILY_BUDGET_MESSAGES)",
        }
    }
}

/// Decides about one message.
#[must_use]
pub fn check(message: &Message, recipient: &Recipient, rules: &Rules, now: Timestamp) -> Verdict {
    if let Some(reason) = refusal(message, recipient, rules, now) {
        return Verdict::Refuse(reason);
    }
    let (until, reason) = not_before(message, recipient, rules, now);
    match reason {
        None => Verdict::Send,
        // What would wait beyond its time is refused now, for what kept it.
        Some(Reason::QuietHours | Reason::QuietElsewhere)
            if message.expires_at.is_some_and(|end| until >= end) =>
        {
            Verdict::Refuse(Reason::QuietTooLong)
        }
        Some(reason) if message.expires_at.is_some_and(|end| until >= end) => Verdict::Refuse(reason),
        Some(reason) => Verdict::Wait(until, reason),
    }
}

fn refusal(message: &Message, recipient: &Recipient, rules: &Rules, now: Timestamp) -> Option<Reason> {
    let purpose = message.purpose;
    if message.expires_at.is_some_and(|end| now >= end) {
        return Some(Reason::Expired);
    }
    match recipient.consent {
        // The one message that somebody who opted out still gets.
        Consent::Withdrawn if purpose != Purpose::StopConfirmation => return Some(Reason::OptedOut),
        Consent::Unasked if purpose.needs_opt_in() => return Some(Reason::NotOptedIn),
        _ => {}
    }
    // Whoever wrote to us gets an answer wherever they are; a code costs money and is pumped.
    let answers = matches!(purpose, Purpose::Reply | Purpose::StopConfirmation);
    let abroad = !message.country.is_some_and(|country| rules.countries.contains(&country));
    if abroad && !answers {
        return Some(Reason::Country);
    }
    if message.premium_rate && !answers {
        return Some(Reason::PremiumRate);
    }
    (recipient.had_the_same && purpose == Purpose::Campaign).then_some(Reason::Duplicate)
}

/// The first moment at which neither the cap nor the budget nor the quiet hours stand against it.
fn not_before(
    message: &Message,
    recipient: &Recipient,
    rules: &Rules,
    now: Timestamp,
) -> (Timestamp, Option<Reason>) {
    let (purpose, mut at, mut reason) = (message.purpose, now, None);
    if purpose.is_capped() && recipient.sent_today >= rules.daily_cap {
        let tomorrow = local_date(now, &recipient.zone).tomorrow();
        at = tomorrow
            .map_or(Timestamp::MAX, |date| at_local(date, Time::midnight(), &recipient.zone))
            .max(now);
        reason = Some(Reason::DailyCap);
    }
    if let Some(until) = message.budget_until.filter(|until| purpose.is_budgeted() && *until > at) {
        at = until;
        reason = Some(Reason::Budget);
    }
    let open = by_day_from(purpose, recipient, rules.quiet_hours, at);
    if open > at {
        let at_home = purpose.keeps_quiet_hours() && rules.quiet_hours.open_from(at, &recipient.zone) > at;
        let night = if at_home { Reason::QuietHours } else { Reason::QuietElsewhere };
        at = open;
        reason = reason.or(Some(night));
    }
    (at, reason)
}

/// The first moment from `at` on at which no quiet hours keep a message for this from leaving.
fn by_day_from(purpose: Purpose, recipient: &Recipient, quiet: QuietHours, at: Timestamp) -> Timestamp {
    let (home, elsewhere) = (&recipient.zone, &recipient.elsewhere[..]);
    match purpose {
        Purpose::Tip => quiet.as_asked_from(at, home, elsewhere),
        _ if !purpose.keeps_quiet_hours() => at,
        _ if elsewhere.is_empty() => quiet.open_from(at, home),
        _ => quiet.open_everywhere_from(at, &[from_ref(home), elsewhere].concat()),
    }
}

#[cfg(test)]
mod tests;
