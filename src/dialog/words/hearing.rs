//! A text with everything that the languages know about its words.

use super::Intent;
use super::dictionary::DICTIONARY;
use super::glue;
use super::language::Sense;
use super::lexicon::{LANGUAGES, Lexicon};
use super::patterns::Extent;
use super::phrases::Spoken;
use super::search::{Found, Spread};
use super::times;
use super::tokens::{Break, Kind, Token, tokens};
use super::vocabulary::Reading;

/// So many words stand beside a slip, as in "that was a mistake".
const BESIDE_A_SLIP: usize = 4;

/// A text, read in one language.
pub(super) struct Ear {
    /// The language.
    pub(super) language: &'static Lexicon,
    /// What each token may be.
    pub(super) readings: Vec<Reading>,
    /// The phrases that begin at each.
    spoken: Spoken,
}

/// A text, read in every language.
pub(super) struct Hearing<'t> {
    /// As it came.
    pub(super) text: &'t str,
    /// Its words.
    pub(super) tokens: Vec<Token>,
    /// One for each language.
    pub(super) ears: Vec<Ear>,
    /// Which tokens change nothing.
    pub(super) fillers: Vec<bool>,
    /// Which stand between two wishes.
    joiners: Vec<bool>,
}

impl<'t> Hearing<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let words = &*DICTIONARY;
        let tokens = glue::cut(tokens(text, &|word| words.knows(word)), words);
        let mut readings: Vec<Vec<Reading>> =
            LANGUAGES.iter().map(|_| Vec::with_capacity(tokens.len())).collect();
        let mut unknown = Vec::with_capacity(tokens.len());
        for token in &tokens {
            let known = words.read(token, &mut readings);
            unknown.push(!known && token.kind == Kind::Word);
        }
        let mut fillers: Vec<bool> = tokens.iter().map(|token| token.kind == Kind::Sign).collect();
        let mut joiners = vec![false; tokens.len()];
        let mut ears = Vec::with_capacity(LANGUAGES.len());
        for (language, readings) in LANGUAGES.iter().zip(readings) {
            let spoken = language.listen(&tokens, &readings, &unknown);
            language.vocabulary.phrases.mark(&spoken, &mut fillers, &mut joiners);
            ears.push(Ear { language, readings, spoken });
        }
        Self { text, tokens, ears, fillers, joiners }
    }

    /// What an ear needs to read times.
    pub(super) fn times<'a>(&'a self, ear: &'a Ear) -> times::Text<'a> {
        times::Text { vocabulary: &ear.language.vocabulary, tokens: &self.tokens, spoken: &ear.spoken }
    }

    /// The patterns that an ear finds, as far as they are as much of the message as they must be.
    pub(super) fn find(&self, ear: &Ear) -> Vec<Found> {
        let (tokens, fillers) = (&self.tokens, &self.fillers);
        let mut found = Spread { language: ear.language, tokens, spoken: &ear.spoken, fillers }.find();
        found.retain(|found| match ear.language.tree.patterns[found.pattern].extent {
            Extent::Phrase => true,
            Extent::Opening | Extent::Leading => self.opens(found.start),
            Extent::Closing => self.closes(found.end),
            Extent::Clause => self.opens(found.start) && self.closes(found.end),
            Extent::Asked => self.opens(found.start) && self.closes(found.end) && self.is_asked(found.start),
            Extent::Message => {
                let stops = ear.language.tree.patterns[found.pattern].sense == Sense::Intent(Intent::Stop);
                self.nothing_but(found.start, found.end) || (stops && self.is_shouted(found))
            }
        });
        found
    }

    /// Whether token `at` changes nothing, or stands between two wishes.
    pub(super) fn is_light(&self, at: usize) -> bool {
        self.fillers[at] || self.joiners[at]
    }

    /// Whether nothing of weight stands outside of `start..end`.
    pub(super) fn nothing_but(&self, start: usize, end: usize) -> bool {
        self.nothing_before(start) && (end..self.tokens.len()).take(24).all(|at| self.is_light(at))
    }

    /// Whether nothing of weight stands before `start`.
    pub(super) fn nothing_before(&self, start: usize) -> bool {
        // Greetings are short; a longer lead is looked at no further.
        start <= 12 && (0..start).all(|at| self.is_light(at))
    }

    /// Whether token `at` is an emoji.
    pub(super) fn is_sign(&self, at: usize) -> bool {
        self.tokens[at].kind == Kind::Sign
    }

    /// Whether a pattern is one word in capitals among others that are not, and the first or the last of a
    /// part: "STOP I am retired", "for the last time STOP". Who asks what STOP does wants none.
    fn is_shouted(&self, found: &Found) -> bool {
        let written = |token: &Token| self.text.get(token.start..token.end).unwrap_or_default();
        let shouted = |token: &Token| {
            let word = written(token);
            word.chars().count() > 2 && word.chars().all(char::is_uppercase)
        };
        let small = |token: &&Token| written(token).chars().any(|c| c.is_alphabetic() && !c.is_uppercase());
        found.end - found.start == 1
            && !found.typo
            && shouted(&self.tokens[found.start])
            && (self.closes(found.end) || (0..found.start.min(60)).all(|at| self.fillers[at]))
            && !self.is_asked(found.start)
            && self.tokens.iter().take(60).filter(small).count() > 1
    }

    /// Whether a part of the message begins at `start`.
    pub(super) fn opens(&self, start: usize) -> bool {
        let mut at = start;
        while at > 0 && self.tokens[at].before == Break::None && start - at < 8 {
            at -= 1;
            if self.joiners[at] {
                return true;
            }
            if !self.fillers[at] {
                return false;
            }
        }
        true
    }

    /// Whether a part of the message ends before `end`.
    pub(super) fn closes(&self, end: usize) -> bool {
        let rest = self.tokens.iter().enumerate().skip(end).take(8);
        for (at, token) in rest {
            if token.before != Break::None || self.joiners[at] {
                return true;
            }
            if !self.fillers[at] {
                return false;
            }
        }
        true
    }

    /// Where, from token `from` on, something said before is partly taken back.
    pub(super) fn reservation(&self, from: usize) -> Option<usize> {
        (from..self.tokens.len()).find(|at| self.ears.iter().any(|ear| ear.is(*at, "#reservation")))
    }

    /// Whether a phrase of the class stands anywhere.
    pub(super) fn says(&self, class: &str) -> bool {
        self.ears.iter().any(|ear| (0..self.tokens.len()).any(|at| ear.is(at, class)))
    }

    /// Whether words that go with no yes stand anywhere: "yes I can't come".
    pub(super) fn denies(&self) -> bool {
        let says = |at: usize, class: &str| self.ears.iter().any(|ear| ear.is(at, class));
        (0..self.tokens.len()).any(|at| says(at, "@deny") && !says(at, "@no_deny"))
    }

    /// Whether our texts are welcome: "just in time", but not "not helpful".
    pub(super) fn welcomes(&self) -> bool {
        let says = |at: usize, class: &str| self.ears.iter().any(|ear| ear.is(at, class));
        let denied = |at: usize| (at.saturating_sub(2)..at).any(|before| says(before, "@not"));
        (0..self.tokens.len()).any(|at| says(at, "@welcome") && !denied(at))
    }

    /// Whether the part of the message that token `at` is in ends with a question mark.
    pub(super) fn is_asked(&self, at: usize) -> bool {
        let rest = self.tokens.iter().enumerate().skip(at).take(20);
        let clause = rest.take_while(|(other, token)| *other == at || token.before != Break::Strong);
        clause.into_iter().any(|(_, token)| token.asked)
    }

    /// How many tokens carry weight and are in none of `spans`.
    pub(super) fn unexplained(&self, spans: &[(usize, usize)]) -> usize {
        let is_in = |at: usize| spans.iter().any(|(start, end)| (*start..*end).contains(&at));
        (0..self.tokens.len().min(60))
            .filter(|at| !self.fillers[*at] && !self.joiners[*at] && !is_in(*at))
            .count()
    }

    /// Whether it says that something was a slip, and next to nothing else.
    pub(super) fn is_mistake(&self) -> bool {
        let mut at = 0;
        let (mut says, mut else_said) = (false, 0);
        while at < self.tokens.len() {
            let slip = self.ears.iter().filter_map(|ear| ear.length(at, "@mistake")).max();
            says |= slip.is_some();
            else_said += usize::from(slip.is_none() && !self.is_light(at));
            at += slip.unwrap_or(1);
        }
        says && else_said <= BESIDE_A_SLIP && !self.tokens.iter().any(|token| token.asked)
    }

    /// Whether all of it says that something was read: "ok thanks". A question mark asks for more.
    pub(super) fn is_acknowledgement(&self) -> bool {
        let (mut at, mut is_read) = (0, false);
        while at < self.tokens.len() {
            let read = self.ears.iter().filter_map(|ear| ear.length(at, "@read")).max();
            if self.tokens[at].asked || (read.is_none() && !self.fillers[at]) {
                return false;
            }
            is_read |= read.is_some();
            at += read.unwrap_or(1);
        }
        is_read
    }
}

impl Ear {
    /// Whether a phrase of the class begins at token `at`, spelt right.
    pub(super) fn is(&self, at: usize, class: &str) -> bool {
        self.length(at, class).is_some()
    }

    /// Whether a phrase of the class begins at token `at`, spelt right or not.
    pub(super) fn says(&self, at: usize, class: &str) -> bool {
        let phrases = &self.language.vocabulary.phrases;
        let class =
            if self.spoken.is_strange(at) { None } else { self.language.vocabulary.known_class(class) };
        class.is_some_and(|class| self.spoken.at(at).iter().any(|phrase| phrases.is(*phrase, class)))
    }

    /// How long the longest such phrase is.
    pub(super) fn length(&self, at: usize, class: &str) -> Option<usize> {
        if self.spoken.is_strange(at) {
            return None;
        }
        let class = self.language.vocabulary.known_class(class)?;
        self.language.vocabulary.phrases.longest(&self.spoken, at, class)
    }

    /// Whether token `at` is an everyday word of this language.
    pub(super) fn is_common(&self, at: usize) -> bool {
        self.readings[at].exact.is_some_and(|word| self.language.is_common(word))
    }
}
