//! One step of the conversation.

use super::person::State;
use super::question::{is_courtesy, read};
use super::tips::{answered_hour, tips_time};
use super::words::{Doubt, Intent, Meaning, OptOutWord, Understood, denies_name};
use super::{Booking, BookingChange, CodeKey, Consent, Name, Nonce, Person, Reply, TipChoice};
use jiff::Timestamp;
use serde::Serialize;

/// What happened.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// A text came in.
    Heard(Heard<'a>),
    /// Twilio refused to send because the person opted out there (error 21610).
    RefusedByCarrier,
    /// Staff did something about them.
    Staff(super::StaffAct),
    /// An account proved that the number is its owner's, who is called this.
    Proven(Option<&'a Name>),
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
    /// Whether the reminder asks for a number: "Reply 1 to confirm, 2 if you can't come".
    pub numbers_offered: bool,
    /// The language in which the person is written to.
    pub locale: &'a str,
    /// The person's bookings that a text may be about.
    pub bookings: &'a [Booking],
}

/// The person after a step, and what is to be done.
#[derive(Clone, Debug)]
pub struct Turn {
    /// The person as they are now.
    pub person: Person,
    /// What the text asked for first.
    pub intent: Intent,
    /// Everything that it asked for, in the order in which it was done; empty if nothing was heard.
    pub intents: Vec<Intent>,
    /// Why we think so.
    pub why: String,
    /// What to say; at most one message answers one message.
    pub reply: Option<Reply>,
    /// What is said before the reply, in the same message.
    pub also: Option<Reply>,
    /// The language to offer beside the reply, by its code.
    pub offer: Option<&'static str>,
    /// A new line in the consent ledger.
    pub consent: Option<ConsentChange>,
    /// What they now want about daily tips.
    pub tips: Option<TipChoice>,
    /// Erase everything about this person but the opt-out.
    pub erase: bool,
    /// The text held a code: keep its words out of the database.
    pub holds_code: bool,
    /// What the text answered about bookings, and which of them the reply asks about.
    pub bookings: Vec<BookingChange>,
    /// Its no, or its wish to move, is not plain.
    pub(super) doubtful: bool,
}

/// A line for the consent ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ConsentChange {
    /// Opted in, or out.
    pub given: bool,
    /// How: `keyword`, `plain_words`, `wrong_number`, `opt_out_type`, `forget_me`, `error_21610`,
    /// `operator`, `import`, `web_verification`.
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
            turn.person.blocked_by_twilio = true;
            turn
        }
        Event::Staff(act) => Turn::staff(person, *act),
        Event::Proven(name) => Turn::proven(person, *name, ground.now),
    }
}

fn hear(person: &Person, heard: &Heard, ground: &Ground) -> Turn {
    let opted_out = person.consent == Consent::Withdrawn;
    let by_twilio = answered_by_twilio(person, heard, ground);
    let mut understood = read(person, heard.body, ground);
    let wrong = understood.meanings.iter().any(|meaning| meaning.intent == Intent::WrongNumber);
    // Of somebody we never asked for a name, "my name isn't Bob" may well be a wrong number.
    if wrong && person.state == State::Stranger && denies_name(heard.body) {
        understood.doubt = Some(Doubt::WrongNumber);
    }
    let meanings = match by_twilio {
        Some((word, why)) => vec![Meaning { intent: word.intent(), why: why.to_owned(), argument: None }],
        None => meanings(person, heard.body, &understood),
    };
    let mut turn = Turn::heard(person, &meanings);
    turn.person.hour_asked = false;
    let digits = heard.body.chars().filter(|c| c.is_numeric()).count();
    let said = meanings.iter().any(|meaning| meaning.intent == Intent::Code);
    // Also one that comes once more, after it was right.
    turn.holds_code = said || (digits >= 6 && matches!(person.state, State::Verifying(_)));
    let how = how(heard);
    turn.doubtful = understood.doubt == Some(Doubt::Answer);
    let perhaps_forget = understood.doubt == Some(Doubt::Forget);
    match turn.intent {
        Intent::Stop if perhaps_forget || !turn.intents.contains(&Intent::ForgetMe) => turn.stop(how),
        Intent::WrongNumber if person.state != State::Stranger && !opted_out && denies_name(heard.body) => {
            turn.correct_name(heard.body);
        }
        Intent::WrongNumber if understood.doubt != Some(Doubt::WrongNumber) => turn.stop("wrong_number"),
        Intent::Start => turn.start(how),
        Intent::Help => turn.reply = Some(Reply::Help),
        // Also of somebody who opted out, who hears nothing of it.
        Intent::Stop | Intent::ForgetMe if opted_out && !perhaps_forget => {
            turn.forget();
            turn.reply = None;
        }
        // Whoever opted out hears nothing until START; what they wrote is kept for staff.
        _ if opted_out => {}
        Intent::ForgetMe if perhaps_forget => turn.reply = Some(Reply::AskForget),
        Intent::Stop | Intent::ForgetMe => turn.forget(),
        Intent::Other if understood.leaves => turn.let_be(),
        Intent::Other if understood.doubt.is_none() && is_courtesy(person, heard.body, ground) => {}
        _ => {
            if !turn.settle_doubt(&understood, heard.body, ground) {
                turn.do_all(&meanings, heard.body, ground);
                turn.count_unsure(heard.body);
            }
        }
    }
    turn.note_said();
    turn.offer_language(understood.language, ground.locale);
    match by_twilio {
        Some((OptOutWord::Stop, _)) => turn.person.blocked_by_twilio = true,
        Some((OptOutWord::Start, _)) => turn.person.blocked_by_twilio = false,
        Some((OptOutWord::Help, _)) | None => {}
    }
    turn.hush(by_twilio.is_some(), ground.now);
    turn
}

/// What was asked for, where an hour of tips is read by itself.
fn meanings(person: &Person, body: &str, understood: &Understood) -> Vec<Meaning> {
    let hour = tips_time(body, &understood.meanings).or_else(|| answered_hour(person, body, understood));
    hour.map_or_else(|| understood.meanings.clone(), |meaning| vec![meaning])
}

/// The word that Twilio has answered itself, if it has, and how we know.
fn answered_by_twilio(person: &Person, heard: &Heard, ground: &Ground) -> Option<(OptOutWord, &'static str)> {
    if let Some(word) = heard.opt_out_type {
        return Some((word, "Twilio's OptOutType"));
    }
    let seen = OptOutWord::seen_by_twilio(heard.body, person.blocked_by_twilio);
    seen.filter(|_| ground.twilio_answers).map(|word| (word, "a word Twilio answers"))
}

/// How somebody opted in or out, for the ledger.
fn how(heard: &Heard) -> &'static str {
    match heard.opt_out_type {
        Some(_) => "opt_out_type",
        None if heard.body.split_whitespace().count() > 2 => "plain_words",
        None => "keyword",
    }
}
