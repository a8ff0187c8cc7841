//! The moves a turn is made of: consent, and what depends on where the conversation is.

use super::person::State;
use super::step::{ConsentChange, Ground, Turn};
use super::words::{Intent, Meaning, is_sentence_like};
use super::{BookingReply, Consent, Name, Person, Reply};
use crate::phone::Address;
use jiff::Timestamp;

/// How often we ask for a name before we let it be.
const MAX_ASKED_AGAIN: u8 = 2;

impl Turn {
    pub(super) fn new(person: &Person, intent: Intent, why: String) -> Self {
        let person = person.clone();
        Self {
            person,
            intent,
            intents: Vec::new(),
            why,
            reply: None,
            also: None,
            offer: None,
            consent: None,
            erase: false,
            holds_code: false,
            bookings: Vec::new(),
            tips: None,
            doubtful: false,
        }
    }

    /// A turn in which a text was heard that means this.
    pub(super) fn heard(person: &Person, meanings: &[Meaning]) -> Self {
        let whys: Vec<&str> = meanings.iter().map(|meaning| meaning.why.as_str()).collect();
        let first = meanings.first().map_or(Intent::Other, |meaning| meaning.intent);
        let intents = meanings.iter().map(|meaning| meaning.intent).collect();
        Self { intents, ..Self::new(person, first, whys.join("; ")) }
    }

    /// Does everything that a text asks for; of the answers, the one that matters most is given.
    pub(super) fn do_all(&mut self, meanings: &[Meaning], body: &str, ground: &Ground) {
        let first = self.intent;
        let mut best: Option<Reply> = None;
        let mut tips: Option<Reply> = None;
        for meaning in meanings {
            self.intent = meaning.intent;
            self.reply = None;
            if self.answer_booking(body, ground) {
                if matches!(self.reply, Some(Reply::Booking(BookingReply::WithStaff { comes: true, .. }))) {
                    self.show_staff(body);
                }
            } else {
                self.converse(meaning.argument.as_deref(), body, ground);
            }
            if matches!(self.reply, Some(Reply::TipsOn { .. } | Reply::TipsOff)) {
                tips.clone_from(&self.reply);
            }
            let better = self.reply.as_ref().map(weight) > best.as_ref().map(weight);
            if better {
                best = self.reply.take();
            }
        }
        // "Yes but stop the tips": both are done, and both are said.
        self.also = tips.filter(|_| matches!(best, Some(Reply::Booking(_))));
        (self.intent, self.reply) = (first, best);
    }

    /// Drops the reply where Twilio has answered or where two machines talk to each other.
    pub(super) fn hush(&mut self, answered_by_twilio: bool, now: Timestamp) {
        let understood = !self.reply.as_ref().is_some_and(Reply::is_unclear);
        if answered_by_twilio {
            (self.reply, self.also) = (None, None);
        } else if self.reply.is_some() && !self.person.pace.allows(understood, now) {
            // A confirmation of opting out is sent once whatever the pace.
            if self.consent.is_none() {
                (self.reply, self.also) = (None, None);
                self.why.push_str("; silenced: looks like a loop");
            }
        }
    }

    pub(super) fn withdraw(&mut self, how: &'static str) {
        if self.person.consent != Consent::Withdrawn {
            self.person.consent = Consent::Withdrawn;
            self.consent = Some(ConsentChange { given: false, how });
        }
    }

    pub(super) fn stop(&mut self, how: &'static str) {
        self.end_doubt();
        // No yes after START answers what was asked before.
        self.person.choice = None;
        self.withdraw(how);
        self.reply = self.consent.map(|_| Reply::Stopped);
    }

    pub(super) fn start(&mut self, how: &'static str) {
        self.end_doubt();
        if self.person.consent != Consent::Given {
            self.person.consent = Consent::Given;
            self.consent = Some(ConsentChange { given: true, how });
        }
        self.reply = Some(Reply::Resumed { state: self.person.state.as_str() });
    }

    pub(super) fn forget(&mut self) {
        self.withdraw("forget_me");
        // The guard stays: forgetting somebody must not give them more guesses.
        self.person.state = State::Stranger;
        self.person.name = None;
        self.person.choice = None;
        self.person.tips = super::TipChoice::default();
        self.erase = true;
        self.reply = Some(Reply::Forgotten);
    }

    /// What depends on where the conversation is.
    pub(super) fn converse(&mut self, argument: Option<&str>, body: &str, ground: &Ground) {
        match self.intent {
            Intent::Language => return self.set_language(argument),
            Intent::Human => return self.call_a_person(body),
            Intent::Help => return self.reply = Some(Reply::Help),
            _ => {}
        }
        let state = self.person.state.clone();
        self.reply = Some(match (state, self.intent) {
            (_, Intent::Status) => self.locked(ground).unwrap_or_else(|| self.status(ground.locale)),
            (State::Naming { .. }, Intent::Name | Intent::Register) if argument.is_some() => {
                self.named(argument, body, ground)
            }
            (State::Stranger, _) if pays_its_owner(ground.subject) => Reply::NotTextable,
            (State::Stranger, Intent::Name) => Reply::Invitation,
            (_, Intent::Name) => self.rename(argument),
            (State::Stranger, Intent::Register) => self.register(argument, ground),
            (State::Stranger | State::Member { .. }, Intent::Resend) => Reply::NothingToResend,
            (State::Stranger, _) => Reply::Invitation,
            (State::Naming { .. }, Intent::Register | Intent::Resend) => Reply::AskName,
            (State::Naming { asked_again }, _) => self.ask_again(asked_again, body),
            (State::Verifying(_), Intent::Register | Intent::Resend) => self.resend(ground),
            (State::Verifying(challenge), Intent::Code) => {
                self.try_code(challenge, argument.unwrap_or(body), ground)
            }
            (State::Verifying(_), _) => self.locked(ground).unwrap_or(Reply::CodeExpected),
            (State::Member { .. }, Intent::Register) => Reply::AlreadyMember { name: self.name() },
            (State::Member { .. }, Intent::TipsOn | Intent::TipsOff | Intent::TipTime) => {
                self.choose_tips(argument, body, ground)
            }
            (State::Member { .. }, _) => Reply::Unclear,
        });
    }

    /// Begins a registration. The name may come with the wish.
    pub(super) fn register(&mut self, name: Option<&str>, ground: &Ground) -> Reply {
        self.end_doubt();
        if self.person.consent == Consent::Unasked {
            self.person.consent = Consent::Given;
            self.consent = Some(ConsentChange { given: true, how: "keyword" });
        }
        self.person.name = name.and_then(Name::said).or_else(|| self.person.name.take());
        if self.person.name.is_some() {
            return self.send_code(ground);
        }
        self.person.state = State::Naming { asked_again: 0 };
        Reply::AskName
    }

    /// Asks for the name once more. What is none three times may be anything: staff read the last.
    pub(super) fn ask_again(&mut self, asked_again: u8, body: &str) -> Reply {
        if asked_again >= MAX_ASKED_AGAIN {
            self.show_staff(body);
            self.person.state = State::Stranger;
            return Reply::NoName;
        }
        self.person.state = State::Naming { asked_again: asked_again + 1 };
        Reply::AskNameAgain
    }

    /// Ends a registration that they would rather not go on with: nothing promotes until they ask again.
    pub(super) fn let_be(&mut self) {
        self.person.state = State::Stranger;
        self.person.doubts.promotion_paused = true;
        self.reply = Some(Reply::NoName);
    }

    pub(super) fn named(&mut self, argument: Option<&str>, body: &str, ground: &Ground) -> Reply {
        // A sentence in a language that we don't know is asked about once.
        if self.person.state == (State::Naming { asked_again: 0 }) && argument.is_some_and(is_sentence_like) {
            return self.ask_again(0, body);
        }
        match argument.and_then(Name::said) {
            Some(name) => {
                self.person.name = Some(name);
                self.send_code(ground)
            }
            None => match self.person.state {
                State::Naming { asked_again } => self.ask_again(asked_again, body),
                _ => Reply::NameExpected,
            },
        }
    }

    pub(super) fn rename(&mut self, argument: Option<&str>) -> Reply {
        let Some(name) = argument.and_then(Name::said) else { return Reply::NameExpected };
        self.person.name = Some(name);
        Reply::Renamed { name: self.name() }
    }

    /// They say that the name is not theirs: the person is the right one, and tells the right name.
    pub(super) fn correct_name(&mut self, body: &str) {
        self.intent = Intent::Name;
        self.intents = vec![Intent::Name];
        self.reply = Some(match self.person.state {
            State::Naming { asked_again } => self.ask_again(asked_again, body),
            _ => Reply::NameExpected,
        });
    }

    pub(super) fn status(&self, locale: &str) -> Reply {
        let tips = self.person.tips;
        Reply::Status {
            state: self.person.state.as_str(),
            name: self.name(),
            tips: tips.on,
            tip_time: tips.shown(locale),
        }
    }

    pub(super) fn name(&self) -> String {
        self.person.name.as_ref().map(|name| name.as_str().to_owned()).unwrap_or_default()
    }
}

/// Whether the gate lets nothing but answers go to this address.
fn pays_its_owner(address: &str) -> bool {
    Address::parse(address).is_ok_and(|address| address.is_premium_rate())
}

/// Which of several answers matters most.
fn weight(reply: &Reply) -> u8 {
    match reply {
        Reply::Unclear
        | Reply::Invitation
        | Reply::NotTextable
        | Reply::CodeExpected
        | Reply::AskNameAgain => 0,
        Reply::LanguageSet { .. } => 1,
        Reply::PersonWillRead => 2,
        // What is not said now would have to be asked for.
        Reply::Code { .. } | Reply::Booking(_) => 4,
        _ => 3,
    }
}
