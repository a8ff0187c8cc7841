//! One step of the conversation.

use super::person::State;
use super::words::{Context, Intent, OptOutWord, understand};
use super::{CodeKey, Consent, Nonce, Person, Reply, TipChoice};
use jiff::Timestamp;
use serde::Serialize;

/// What happened.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// A text came in.
    Heard(Heard<'a>),
    /// Twilio refused to send because the person opted out there (error 21610).
    RefusedByCarrier,
}

/// A text that came in.
#[derive(Clone, Copy, Debug)]
pub struct Heard<'a> {
    /// The words.
    pub body: &'a str,
    /// Twilio's `OptOutType`: it has already answered.
    pub opt_out_type: Option<OptOutWord>,
}

/// What a step stands on: time, chance and settings.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// The time.
    pub now: Timestamp,
    /// Fresh from the operating system's random source; used if a code is to be sent.
    pub nonce: Nonce,
    /// Turns nonces into codes.
    pub key: &'a CodeKey,
    /// The person's address, which a code is bound to.
    pub subject: &'a str,
    /// Whether Twilio answers STOP, START and HELP words by itself.
    pub twilio_answers: bool,
}

/// The person after a step, and what is to be done.
#[derive(Clone, Debug)]
pub struct Turn {
    /// The person as they are now.
    pub person: Person,
    /// What the text asked for.
    pub intent: Intent,
    /// Why we think so.
    pub why: String,
    /// What to say; at most one message answers one message.
    pub reply: Option<Reply>,
    /// A new line in the consent ledger.
    pub consent: Option<ConsentChange>,
    /// What they now want about daily tips.
    pub tips: Option<TipChoice>,
    /// Erase everything about this person but the opt-out.
    pub erase: bool,
    /// The text held a code: keep its words out of the database.
    pub holds_code: bool,
}

/// A line for the consent ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ConsentChange {
    /// Opted in, or out.
    pub given: bool,
    /// How: `keyword`, `opt_out_type`, `forget_me`, `error_21610`.
    pub how: &'static str,
}

/// Moves `person` by one `event`.
#[must_use]
pub fn step(person: &Person, event: &Event, ground: &Ground) -> Turn {
    match event {
        Event::Heard(heard) => hear(person, heard, ground),
        Event::RefusedByCarrier => {
            let mut turn = Turn::new(person, Intent::Other, "error 21610".to_owned());
            turn.withdraw("error_21610");
            turn
        }
    }
}

fn hear(person: &Person, heard: &Heard, ground: &Ground) -> Turn {
    let opted_out = person.consent == Consent::Withdrawn;
    let by_twilio = heard.opt_out_type.or_else(|| {
        let seen = || OptOutWord::seen_by_twilio(heard.body, opted_out);
        ground.twilio_answers.then(seen).flatten()
    });
    let understood = understand(heard.body, context(&person.state));
    let (intent, why) = match (heard.opt_out_type, by_twilio) {
        (Some(word), _) => (word.intent(), "Twilio's OptOutType".to_owned()),
        (None, Some(word)) => (word.intent(), understood.why),
        (None, None) => (understood.intent, understood.why),
    };
    let mut turn = Turn::new(person, intent, why);
    let digits = heard.body.chars().filter(char::is_ascii_digit).count();
    turn.holds_code = digits >= 6 && matches!(person.state, State::Verifying(_));
    let how = if heard.opt_out_type.is_some() { "opt_out_type" } else { "keyword" };
    match intent {
        Intent::Stop => turn.stop(how),
        Intent::Start => turn.start(how),
        Intent::Help => turn.reply = Some(Reply::Help),
        // Whoever opted out hears nothing until START; what they wrote is kept for staff.
        _ if opted_out => {}
        Intent::ForgetMe => turn.forget(),
        _ => turn.converse(understood.argument.as_deref(), heard.body, ground),
    }
    turn.hush(by_twilio.is_some(), ground.now);
    turn
}

fn context(state: &State) -> Context {
    match state {
        State::Naming { .. } => Context::AskedName,
        State::Verifying(_) => Context::CodeSent,
        State::Stranger | State::Member { .. } => Context::Nothing,
    }
}
