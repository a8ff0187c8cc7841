//! Patterns: sequences of words and classes, kept as one tree, so that looking for all of them takes
//! hardly longer than looking for one.
//!
//! In a language file `word` is that word, `one|other` either, `@class` a phrase of that class,
//! `#number`, `#time` and `#any` what they say, `thing?` may be missing, `two_words` are two words
//! within an alternative, `,` is a comma, and `..`
//! is at most four words of any kind.

use super::Context;
use super::language::{Patterns, Sense};
use super::quick::QuickMap;
use super::tokens::{Break, Token};
use super::vocabulary::{COMMA, Tag, Vocabulary};

/// How much of a message a pattern must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Extent {
    /// Any part.
    Phrase,
    /// The beginning of what stands between two breaks.
    Opening,
    /// The end of what stands between two breaks.
    Closing,
    /// All that stands between two breaks.
    Clause,
    /// All of it.
    Message,
}

/// One pattern.
#[derive(Debug)]
pub(super) struct Pattern {
    /// What it tells.
    pub(super) sense: Sense,
    /// How much of a message it must be.
    pub(super) extent: Extent,
    /// The context in which it holds; none for every one.
    pub(super) when: Option<Context>,
    /// As written.
    pub(super) text: String,
}

/// A pattern that was found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    /// Which.
    pub(super) pattern: usize,
    /// The first token.
    pub(super) start: usize,
    /// The token after the last.
    pub(super) end: usize,
    /// A word of it was misspelt.
    pub(super) typo: bool,
}

/// How many words `..` may be.
const GAP: usize = 4;
/// How many fillers may stand within a pattern.
const FILLERS: usize = 2;
/// Longer patterns with more optional parts would make the tree too large.
const MAX_OPTIONAL: usize = 6;

/// From a place with more ways on than these, the words of the text are looked up, not the ways.
const MANY: usize = 48;

/// All patterns of a language.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) patterns: Vec<Pattern>,
    steps: QuickMap<(u32, u32), u32>,
    /// Where one gets from a place over a gap.
    gaps: Vec<Option<u32>>,
    /// Where one gets from a place over a class, the same as `steps`.
    edges: Vec<Vec<(u32, u32)>>,
    ends: Vec<Vec<usize>>,
}

/// An element of a pattern.
#[derive(Clone, Copy)]
enum Element {
    Class(u32),
    Gap,
}

impl Tree {
    pub(super) fn new() -> Self {
        Self { gaps: vec![None], edges: vec![Vec::new()], ends: vec![Vec::new()], ..Self::default() }
    }

    /// Adds everything that is said for `sense` in one context.
    pub(super) fn add_all(
        &mut self,
        vocabulary: &mut Vocabulary,
        sense: Sense,
        when: Option<Context>,
        patterns: &Patterns,
    ) -> Result<(), String> {
        let kinds = [
            (Extent::Message, &patterns.only),
            (Extent::Clause, &patterns.clause),
            (Extent::Opening, &patterns.opens),
            (Extent::Closing, &patterns.closes),
            (Extent::Phrase, &patterns.phrases),
        ];
        for (extent, texts) in kinds {
            for text in texts {
                self.patterns.push(Pattern { sense, extent, when, text: text.clone() });
                self.add(vocabulary, text, self.patterns.len() - 1)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, vocabulary: &mut Vocabulary, text: &str, pattern: usize) -> Result<(), String> {
        let mut ways: Vec<Vec<Element>> = vec![Vec::new()];
        let mut optional_parts = 0;
        for part in text.split_whitespace() {
            let (part, optional) = part.strip_suffix('?').map_or((part, false), |part| (part, true));
            let element = element(vocabulary, part).ok_or_else(|| format!("{text}: no class {part}"))?;
            optional_parts += usize::from(optional);
            if optional_parts > MAX_OPTIONAL {
                return Err(format!("{text}: more than {MAX_OPTIONAL} optional parts"));
            }
            let without = if optional { ways.clone() } else { Vec::new() };
            for way in &mut ways {
                way.push(element);
            }
            ways.extend(without);
        }
        for way in &mut ways {
            // What comes after the last word does not matter.
            while matches!(way.last(), Some(Element::Gap)) {
                way.pop();
            }
        }
        for way in ways.iter().filter(|way| !way.is_empty()) {
            let place = way.iter().fold(0, |place, element| self.step(place, *element));
            if !self.ends[place as usize].contains(&pattern) {
                self.ends[place as usize].push(pattern);
            }
        }
        Ok(())
    }

    fn step(&mut self, place: u32, element: Element) -> u32 {
        let next = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        let reached = match element {
            Element::Class(class) => *self.steps.entry((place, class)).or_insert(next),
            Element::Gap => *self.gaps[place as usize].get_or_insert(next),
        };
        if reached == next {
            if let Element::Class(class) = element {
                self.edges[place as usize].push((class, next));
            }
            self.edges.push(Vec::new());
            self.ends.push(Vec::new());
            self.gaps.push(None);
        }
        reached
    }

    /// Finds every pattern that begins at `start`.
    pub(super) fn find(&self, text: &Tagged, start: usize, found: &mut Vec<Found>) {
        let mut search = Search { tree: self, text, start, found };
        search.follow(Step { at: start, place: 0, fillers: FILLERS, typo: false });
    }
}

/// The search for the patterns that begin at one token.
struct Search<'a> {
    tree: &'a Tree,
    text: &'a Tagged<'a>,
    start: usize,
    found: &'a mut Vec<Found>,
}

/// How far a search has come on one of its ways.
#[derive(Clone, Copy)]
struct Step {
    /// The next token.
    at: usize,
    /// Where in the tree.
    place: u32,
    /// How many fillers may still be skipped.
    fillers: usize,
    /// A word so far was misspelt.
    typo: bool,
}

impl Search<'_> {
    fn follow(&mut self, step: Step) {
        let Step { at, place, typo, .. } = step;
        let new = |pattern: &usize| Found { pattern: *pattern, start: self.start, end: at, typo };
        self.found.extend(self.tree.ends[place as usize].iter().map(new));
        let Some(token) = self.text.tokens.get(at) else { return };
        if at == self.start || token.before == Break::None {
            self.go_on(step);
        } else if let Some(place) = self.tree.steps.get(&(place, COMMA))
            && token.before == Break::Weak
        {
            self.go_on(Step { place: *place, ..step });
        }
    }

    /// What may come at the step's token, whatever stands before it.
    fn go_on(&mut self, step: Step) {
        let Step { at, place, fillers, typo } = step;
        let (tree, text) = (self.tree, self.text);
        let tags = &text.tags[at];
        let after = |tag: &Tag, place| Step { at: at + tag.length, place, fillers, typo: typo || tag.typo };
        let edges = &tree.edges[place as usize];
        if edges.len() > MANY {
            for tag in tags {
                if let Some(place) = tree.steps.get(&(place, tag.class)) {
                    self.follow(after(tag, *place));
                }
            }
        } else {
            for (class, place) in edges.iter().filter(|(class, _)| text.sieves[at].may_have(*class)) {
                let first = tags.partition_point(|tag| tag.class < *class);
                for tag in tags[first..].iter().take_while(|tag| tag.class == *class) {
                    self.follow(after(tag, *place));
                }
            }
        }
        if at > self.start && fillers > 0 && text.fillers[at] {
            self.follow(Step { at: at + 1, fillers: fillers - 1, ..step });
        }
        if let Some(place) = self.tree.gaps[place as usize] {
            for skipped in 0..=GAP {
                let Some(token) = text.tokens.get(at + skipped) else { break };
                if skipped > 0 && token.before != Break::None {
                    break;
                }
                self.follow(Step { at: at + skipped, place, fillers: 0, typo });
            }
        }
    }
}

fn element(vocabulary: &mut Vocabulary, part: &str) -> Option<Element> {
    if part == "," {
        return Some(Element::Class(COMMA));
    }
    if part == ".." {
        return Some(Element::Gap);
    }
    if !part.contains('|') && part.starts_with(['@', '#']) {
        return vocabulary.known_class(part).map(Element::Class);
    }
    let class = vocabulary.class(part);
    for alternative in part.split('|') {
        if alternative.starts_with(['@', '#']) {
            let member = vocabulary.known_class(alternative)?;
            vocabulary.include(class, member);
        } else {
            vocabulary.add(class, &alternative.replace('_', " "));
        }
    }
    Some(Element::Class(class))
}

/// A text with everything known about its words in one language.
pub(super) struct Tagged<'a> {
    /// The words.
    pub(super) tokens: &'a [Token],
    /// The phrases that begin at each.
    pub(super) tags: &'a [Vec<Tag>],
    /// What is not among those phrases.
    pub(super) sieves: &'a [Sieve],
    /// Which of them change nothing, in any language.
    pub(super) fillers: &'a [bool],
}

/// Says of most classes at once that no phrase of theirs begins at a token.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sieve([u64; 32]);

impl Sieve {
    pub(super) fn of(tags: &[Tag]) -> Self {
        let mut sieve = Self::default();
        for tag in tags {
            sieve.0[(tag.class as usize >> 6) & 31] |= 1 << (tag.class & 63);
        }
        sieve
    }

    fn may_have(&self, class: u32) -> bool {
        self.0[(class as usize >> 6) & 31] >> (class & 63) & 1 == 1
    }
}
