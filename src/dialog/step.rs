//! One step of the conversation.

use super::code::Check;
use super::guard::Room;
use super::person::State;
use super::words::{Context, Intent, OptOutWord, understand};
use super::{Challenge, CodeKey, Consent, Name, Nonce, Person, Reply};
use jiff::Timestamp;
use serde::Serialize;

/// How often we ask for a name before we let it be.
const MAX_ASKED_AGAIN: u8 = 2;

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
    turn.holds_code = intent == Intent::Code && matches!(person.state, State::Verifying(_));
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

impl Turn {
    fn new(person: &Person, intent: Intent, why: String) -> Self {
        let person = person.clone();
        Self { person, intent, why, reply: None, consent: None, erase: false, holds_code: false }
    }

    /// Drops the reply where Twilio has answered or where two machines talk to each other.
    fn hush(&mut self, answered_by_twilio: bool, now: Timestamp) {
        let understood = !matches!(self.reply, Some(Reply::Unclear | Reply::Invitation));
        if answered_by_twilio {
            self.reply = None;
        } else if self.reply.is_some() && !self.person.pace.allows(understood, now) {
            // A confirmation of opting out is sent once whatever the pace.
            if self.consent.is_none() {
                self.reply = None;
                self.why.push_str("; silenced: looks like a loop");
            }
        }
    }

    fn withdraw(&mut self, how: &'static str) {
        if self.person.consent != Consent::Withdrawn {
            self.person.consent = Consent::Withdrawn;
            self.consent = Some(ConsentChange { given: false, how });
        }
    }

    fn stop(&mut self, how: &'static str) {
        self.withdraw(how);
        self.reply = self.consent.map(|_| Reply::Stopped);
    }

    fn start(&mut self, how: &'static str) {
        if self.person.consent != Consent::Given {
            self.person.consent = Consent::Given;
            self.consent = Some(ConsentChange { given: true, how });
        }
        self.reply = Some(Reply::Resumed { state: self.person.state.as_str() });
    }

    fn forget(&mut self) {
        self.withdraw("forget_me");
        // The guard stays: forgetting somebody must not give them more guesses.
        self.person.state = State::Stranger;
        self.person.name = None;
        self.erase = true;
        self.reply = Some(Reply::Forgotten);
    }

    /// What depends on where the conversation is.
    fn converse(&mut self, argument: Option<&str>, body: &str, ground: &Ground) {
        let state = self.person.state.clone();
        self.reply = Some(match (state, self.intent) {
            (_, Intent::Status) => self.status(),
            (State::Naming { .. }, Intent::Name) if argument.is_some() => self.named(argument, ground),
            (State::Stranger, Intent::Name) => Reply::Invitation,
            (_, Intent::Name) => self.rename(argument),
            (State::Stranger, Intent::Register) => self.register(ground),
            (State::Stranger, Intent::Resend) => Reply::NothingToResend,
            (State::Stranger, _) => Reply::Invitation,
            (State::Naming { .. }, Intent::Register) => Reply::AskName,
            (State::Naming { .. }, Intent::Resend) => Reply::AskName,
            (State::Naming { asked_again }, _) => self.ask_again(asked_again),
            (State::Verifying(_), Intent::Register | Intent::Resend) => self.resend(ground),
            (State::Verifying(challenge), Intent::Code) => {
                self.try_code(challenge, argument.unwrap_or(body), ground)
            }
            (State::Verifying(_), _) => Reply::CodeExpected,
            (State::Member { .. }, Intent::Register) => Reply::AlreadyMember { name: self.name() },
            (State::Member { .. }, Intent::Resend) => Reply::NothingToResend,
            (State::Member { .. }, _) => Reply::Unclear,
        });
    }

    fn register(&mut self, ground: &Ground) -> Reply {
        if self.person.consent == Consent::Unasked {
            self.person.consent = Consent::Given;
            self.consent = Some(ConsentChange { given: true, how: "keyword" });
        }
        if self.person.name.is_some() {
            return self.send_code(ground);
        }
        self.person.state = State::Naming { asked_again: 0 };
        Reply::AskName
    }

    fn ask_again(&mut self, asked_again: u8) -> Reply {
        if asked_again >= MAX_ASKED_AGAIN {
            self.person.state = State::Stranger;
            return Reply::NoName;
        }
        self.person.state = State::Naming { asked_again: asked_again + 1 };
        Reply::AskNameAgain
    }

    fn named(&mut self, argument: Option<&str>, ground: &Ground) -> Reply {
        match argument.and_then(Name::parse) {
            Some(name) => {
                self.person.name = Some(name);
                self.send_code(ground)
            }
            None => match self.person.state {
                State::Naming { asked_again } => self.ask_again(asked_again),
                _ => Reply::NameExpected,
            },
        }
    }

    fn rename(&mut self, argument: Option<&str>) -> Reply {
        let Some(name) = argument.and_then(Name::parse) else { return Reply::NameExpected };
        self.person.name = Some(name);
        Reply::Renamed { name: self.name() }
    }

    /// A new challenge, if this number may have one.
    fn send_code(&mut self, ground: &Ground) -> Reply {
        if let Some(refusal) = self.no_room(ground.now) {
            self.person.state = State::Stranger;
            return refusal;
        }
        let seconds = self.person.guard.seconds_to_wait(ground.now);
        if seconds > 0 {
            self.person.state = State::Stranger;
            return Reply::TooSoon { seconds, verifying: false };
        }
        self.person.guard.count_send(ground.now);
        self.person.state = State::Verifying(Challenge::new(ground.nonce, ground.now));
        Reply::Code { nonce: ground.nonce }
    }

    fn resend(&mut self, ground: &Ground) -> Reply {
        if let Some(refusal) = self.no_room(ground.now) {
            return refusal;
        }
        let seconds = self.person.guard.seconds_to_wait(ground.now);
        let State::Verifying(challenge) = &mut self.person.state else {
            return Reply::NothingToResend;
        };
        let expired = ground.now >= challenge.expires_at();
        if challenge.tries_left() == 0 && !expired {
            return locked(challenge, ground.now);
        }
        if seconds > 0 {
            return Reply::TooSoon { seconds, verifying: true };
        }
        if expired {
            *challenge = Challenge::new(ground.nonce, ground.now);
        } else {
            challenge.reissue(ground.nonce, ground.now);
        }
        self.person.guard.count_send(ground.now);
        Reply::Code { nonce: ground.nonce }
    }

    fn try_code(&mut self, mut challenge: Challenge, digits: &str, ground: &Ground) -> Reply {
        if let Some(refusal) = self.no_room(ground.now) {
            return refusal;
        }
        if challenge.tries_left() == 0 {
            let expired = ground.now >= challenge.expires_at();
            return if expired { Reply::ExpiredCode } else { locked(&challenge, ground.now) };
        }
        match challenge.check(ground.key, ground.subject, digits, ground.now) {
            Check::Right => {
                self.person.guard.count_right();
                self.person.state = State::Member { since: ground.now };
                return Reply::Welcome { name: self.name() };
            }
            Check::Expired => return Reply::ExpiredCode,
            Check::Wrong => {}
        }
        challenge.count_wrong();
        self.person.guard.count_wrong(ground.now);
        let reply = match challenge.tries_left() {
            0 => locked(&challenge, ground.now),
            tries_left => Reply::WrongCode { tries_left },
        };
        self.person.state = State::Verifying(challenge);
        reply
    }

    fn no_room(&self, now: Timestamp) -> Option<Reply> {
        match self.person.guard.room(now) {
            Room::Open => None,
            Room::Tomorrow => Some(Reply::LockedToday),
            Room::Never => Some(Reply::LockedForGood),
        }
    }

    fn status(&self) -> Reply {
        Reply::Status { state: self.person.state.as_str(), name: self.name() }
    }

    fn name(&self) -> String {
        self.person.name.as_ref().map(|name| name.as_str().to_owned()).unwrap_or_default()
    }
}

/// Rounded up, so that whoever waits as long as we say is not turned away again.
fn locked(challenge: &Challenge, now: Timestamp) -> Reply {
    let seconds = challenge.expires_at().duration_since(now).as_secs().max(0);
    Reply::Locked { minutes: seconds / 60 + 1 }
}
