//! What no pattern knows is taken for what it sounds like, if that is likely enough for what would follow.

use super::decide::Wishes;
use super::language::Sense;
use super::tokens::Kind;
use super::weights::{self, likely};
use super::{Context, Doubt, Intent, Meaning};

/// Fewer words than these say too little; what people say in one or two of them are patterns.
const LEAST_WORDS: usize = 3;
/// How many of them must be known to some language: what is in none is a name, or nothing. A single letter of
/// the Latin alphabet is known to most, and says nothing.
const LEAST_KNOWN: usize = 2;

/// How likely a stop has to be to be asked about, with promotion paused meanwhile.
const PERHAPS_STOP: f32 = 0.75;
/// How likely a yes has to be to be asked about.
const PERHAPS_CONFIRM: f32 = 0.6;

/// How likely an intent has to be to be carried out; what people would have to undo has to be the surest. At 0.9 none
/// of the 1,500 ordinary texts is heard as a stop by weights that were not learnt from it, at 0.75 six are. To start
/// and to register are a consent, and never guessed.
fn enough(intent: Intent) -> Option<f32> {
    match intent {
        Intent::Stop | Intent::Confirm | Intent::Decline | Intent::Reschedule => Some(0.95),
        Intent::ForgetMe | Intent::TipsOn | Intent::TipsOff | Intent::WrongNumber => Some(0.9),
        Intent::Help | Intent::Resend | Intent::Status | Intent::Human => Some(0.6),
        _ => None,
    }
}

impl Wishes<'_, '_> {
    /// Listens to a text that patterns say nothing of, not even that it asks for nothing.
    pub(super) fn sound(&mut self, context: Context) {
        let known = [Sense::Intent(Intent::Other), Sense::Leave].iter().any(|one| self.first(*one).is_some());
        if known || self.doubt.is_some() || !self.meanings.is_empty() || !self.has_words() {
            return;
        }
        let (intent, likely) = likely(self.hearing, context).most();
        // "Of course not" sounds like a yes but for its last word.
        let refuses = |at: usize| self.hearing.ears.iter().any(|ear| ear.length(at, "@no").is_some());
        let hedged = self.first(Sense::Hedge).is_some();
        let in_doubt = intent == Intent::Confirm && (hedged || (0..self.hearing.tokens.len()).any(refuses));
        match (intent, enough(intent).filter(|_| !in_doubt)) {
            (_, Some(enough)) if likely >= enough => {
                let why = self.heard_in(intent, likely);
                self.meanings.push(Meaning { intent, why, argument: None });
                // What can't be undone is never done on a guess.
                self.doubt = match intent {
                    Intent::ForgetMe => Some(Doubt::Forget),
                    Intent::WrongNumber => Some(Doubt::WrongNumber),
                    Intent::Decline | Intent::Reschedule if context == Context::BookingOpen => {
                        Some(Doubt::Answer)
                    }
                    _ => None,
                };
            }
            (Intent::Stop, _) if likely >= PERHAPS_STOP => self.doubt = Some(Doubt::Stop),
            (Intent::Confirm, _) if likely >= PERHAPS_CONFIRM => self.doubt = Some(Doubt::Confirm),
            _ => {}
        }
    }

    fn has_words(&self) -> bool {
        let words = |at: &usize| self.hearing.tokens[*at].kind == Kind::Word;
        let is_letter = |at: usize| matches!(self.hearing.tokens[at].word.as_bytes(), [_]);
        let known = |at: &usize| {
            !is_letter(*at) && self.hearing.ears.iter().any(|ear| ear.readings[*at].exact.is_some())
        };
        let words: Vec<usize> = (0..self.hearing.tokens.len()).filter(words).collect();
        words.len() >= LEAST_WORDS && words.iter().filter(|at| known(at)).count() >= LEAST_KNOWN
    }

    /// `sounds like it, 93 %, most of all "leave me be"`.
    fn heard_in(&self, intent: Intent, likely: f32) -> String {
        let tokens = &self.hearing.tokens;
        let words = weights::strongest(self.hearing, intent).map_or_else(String::new, |at| {
            let around = at.saturating_sub(1)..(at + 2).min(tokens.len());
            let words: Vec<&str> = tokens[around].iter().map(|token| token.word.as_str()).collect();
            format!(", most of all \"{}\"", words.join(" "))
        });
        format!("no pattern, but it sounds like it: {:.0} %{words}", likely * 100.0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::understand;
    use super::*;

    fn heard(text: &str, context: Context) -> (Intent, String, Option<Doubt>) {
        let understood = understand(text, context, None);
        let first = understood.meanings.into_iter().next().expect("there is always one");
        (first.intent, first.why, understood.doubt)
    }

    #[test]
    fn what_no_pattern_knows_is_heard_and_says_so() {
        let (intent, why, _) = heard("my inbox is not your playground anymore", Context::Nothing);
        assert_eq!(intent, Intent::Stop);
        assert!(why.starts_with("no pattern, but it sounds like it: 9"), "{why}");
    }

    #[test]
    fn single_letters_say_nothing() {
        for text in ["j.j.q,b", "b q h j", "x x x y"] {
            let (intent, why, doubt) = heard(text, Context::BookingOpen);
            assert_eq!((intent, doubt), (Intent::Other, None), "{text}: {why}");
        }
    }

    #[test]
    fn chatter_in_words_that_nobody_knows_is_nothing() {
        for text in ["Host-based IDPS for linux systems.", "Abendbrot um sieben", "zzz qqq", "😀", "", "?"]
        {
            assert_eq!(
                heard(text, Context::Nothing),
                (Intent::Other, "nothing we know".to_owned(), None),
                "{text}"
            );
        }
    }
}
