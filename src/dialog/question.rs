//! Which of our questions a text answers. Somebody who is asked for a name or a code may have been
//! asked about a booking, too: a yes or a no is about that, and everything else about the other.

use super::booking::chooses;
use super::doubt::context;
use super::person::State;
use super::step::Ground;
use super::words::{Context, Doubt, Intent, Meaning, Understood, acknowledges, understand, weighty_words};
use super::{Booking, Choice, Person};

/// Says what a text asks for, given all that was asked.
pub(super) fn read(person: &Person, body: &str, ground: &Ground) -> Understood {
    if is_thanks(person, body, ground) {
        let why = "says that it was read".to_owned();
        let meanings = vec![Meaning { intent: Intent::Other, why, argument: None }];
        return Understood { meanings, language: None, doubt: None, leaves: false };
    }
    let asked = context(person, ground);
    let understood = understand(body, asked, Some(ground.locale));
    if asked == Context::Nothing && ground.bookings.iter().any(Booking::stands) {
        // "I can't make it" before we asked: then we ask.
        let answer = understand(body, Context::BookingOpen, Some(ground.locale));
        return if takes_back(&understood, &answer) { answer } else { understood };
    }
    let two_questions = matches!(asked, Context::AskedName | Context::CodeSent);
    let awaits = awaits_yes_or_no(person, ground);
    if !two_questions || !(awaits || ground.bookings.iter().any(Booking::may_be_answered)) {
        return understood;
    }
    let mut answer = understand(body, Context::BookingOpen, Some(ground.locale));
    if !awaits {
        let plain = answer.doubt.is_none() && !is_bare_no(&answer, body);
        let takes_back = takes_back(&understood, &answer) && plain;
        return if takes_back { answer } else { understood };
    }
    if !is_answer(&answer) && !chooses(person, body, ground) {
        return understood;
    }
    if is_for_the_other(person, &understood, body, ground) {
        return understood;
    }
    // "Yes, and I'm Asha" answers both.
    let name = |meaning: &&Meaning| {
        meaning.intent == Intent::Name && meaning.argument.as_deref().is_some_and(|name| name != body.trim())
    };
    answer.meanings.extend(understood.meanings.iter().find(name).cloned());
    answer
}

/// Whether a text only thanks for what was said about a booking that is with staff now: there is nothing
/// to answer, and "ok" is no yes.
pub(super) fn is_thanks(person: &Person, body: &str, ground: &Ground) -> bool {
    ground.bookings.iter().any(Booking::is_with_staff) && was_read(person, body, ground)
}

/// Whether a member says no more than "thanks" where nothing was asked: there is nothing to answer.
pub(super) fn is_courtesy(person: &Person, body: &str, ground: &Ground) -> bool {
    matches!(person.state, State::Member { .. }) && was_read(person, body, ground)
}

/// Whether a text says no more than that something was read, and nothing was asked that this could answer.
fn was_read(person: &Person, body: &str, ground: &Ground) -> bool {
    let idle = matches!(person.state, State::Stranger | State::Member { .. });
    let asks = |booking: &Booking| booking.awaits_answer(ground.now);
    idle && !person.doubts.is_asked_to_stop(ground) && !ground.bookings.iter().any(asks) && acknowledges(body)
}

/// Whether a yes or a no from them would be one to our question.
fn awaits_yes_or_no(person: &Person, ground: &Ground) -> bool {
    let awaits = |booking: &Booking| booking.awaits_answer(ground.now);
    person.doubts.is_asked_to_stop(ground)
        || person.choice.as_ref().is_some_and(Choice::awaits)
        || ground.bookings.iter().any(awaits)
}

/// Whether a text takes back what was said about a booking before, and is about nothing else.
fn takes_back(understood: &Understood, answer: &Understood) -> bool {
    let other = [Intent::Other, Intent::Decline, Intent::Reschedule];
    let takes_back = [Intent::Decline, Intent::Reschedule];
    understood.meanings.iter().all(|meaning| other.contains(&meaning.intent))
        && understood.doubt.is_none()
        && answer.meanings.first().is_some_and(|meaning| takes_back.contains(&meaning.intent))
}

/// A bare "no" may be about a name.
fn is_bare_no(answer: &Understood, body: &str) -> bool {
    answer.meanings.first().is_some_and(|meaning| meaning.intent == Intent::Decline)
        && weighty_words(body) <= 1
}

fn is_answer(understood: &Understood) -> bool {
    let answers = [Intent::Confirm, Intent::Decline, Intent::Reschedule];
    understood.meanings.iter().any(|meaning| answers.contains(&meaning.intent))
        || matches!(understood.doubt, Some(Doubt::Confirm | Doubt::Reserved))
}

/// Whether a text that could answer about a booking is about the other question for all that.
fn is_for_the_other(person: &Person, understood: &Understood, body: &str, ground: &Ground) -> bool {
    let has =
        |intents: &[Intent]| understood.meanings.iter().any(|meaning| intents.contains(&meaning.intent));
    // What protects people is never read as a mere answer.
    if has(&[Intent::Code, Intent::Stop, Intent::WrongNumber, Intent::ForgetMe]) {
        return true;
    }
    let State::Verifying(challenge) = &person.state else { return false };
    let asked_at = ground.bookings.iter().filter_map(|booking| booking.asked_at).max();
    let sent_last = asked_at.is_none_or(|at| challenge.sent_at() > at);
    // A bare "no" says nothing about a code.
    has(&[Intent::Resend]) && sent_last && weighty_words(body) > 1
}

#[cfg(test)]
mod tests;
