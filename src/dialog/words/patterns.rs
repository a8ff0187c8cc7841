//! Patterns: sequences of words and classes, kept as one tree, so that looking for all of them takes
//! hardly longer than looking for one (`search`).
//!
//! In a language file `word` is that word, `one|other` either, `@class` a phrase of that class,
//! `#number`, `#time` and `#any` what they say, `thing?` may be missing, `two_words` are two words
//! within an alternative, `,` is a comma, and `..`
//! is at most four words of any kind.

use super::Context;
use super::language::{Patterns, Sense};
use super::quick::QuickMap;
use super::vocabulary::{COMMA, Collecting};

/// How much of a message a pattern must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Extent {
    /// Any part.
    Phrase,
    /// The beginning of what stands between two breaks.
    Opening,
    /// The same, where nothing follows that nobody understands.
    Leading,
    /// The end of what stands between two breaks.
    Closing,
    /// All that stands between two breaks.
    Clause,
    /// All of it.
    Message,
    /// All that stands between two breaks, with a question mark after it.
    Asked,
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

/// Longer patterns with more optional parts would make the tree too large.
const MAX_OPTIONAL: usize = 6;
/// Where no pattern leads; every pattern begins there.
pub(super) const ROOT: u32 = 0;

/// All patterns of a language, as they are collected.
#[derive(Debug)]
pub(super) struct Growing {
    patterns: Vec<Pattern>,
    steps: QuickMap<(u32, u32), u32>,
    nodes: Vec<Shoot>,
}

/// A place while the tree grows.
#[derive(Debug, Default)]
struct Shoot {
    /// Where one gets over a gap.
    gap: Option<u32>,
    /// Where one gets over a class, the same as `steps`.
    edges: Vec<(u32, u32)>,
    ends: Vec<u32>,
}

/// All patterns of a language, ready to be looked for.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) patterns: Vec<Pattern>,
    nodes: Vec<Node>,
    /// Where one gets from each place over which class, one place after another, each in order.
    edges: Vec<(u32, u32)>,
    /// The patterns that end at each place, one place after another.
    ends: Vec<u32>,
}

/// A place in the tree.
#[derive(Clone, Copy, Debug)]
struct Node {
    /// Where its edges begin; they end where those of the next place begin.
    edges: u32,
    /// Where its ends begin.
    ends: u32,
    /// Where one gets over a gap.
    gap: u32,
    /// Where one gets over a comma.
    comma: u32,
}

/// An element of a pattern.
#[derive(Clone, Copy)]
enum Element {
    Class(u32),
    Gap,
}

impl Growing {
    pub(super) fn new() -> Self {
        Self { patterns: Vec::new(), steps: QuickMap::default(), nodes: vec![Shoot::default()] }
    }

    /// Where one gets from the root over a class.
    pub(super) fn opening(&self, class: u32) -> Option<u32> {
        self.steps.get(&(ROOT, class)).copied()
    }

    /// Adds everything that is said for `sense` in one context.
    pub(super) fn add_all(
        &mut self,
        vocabulary: &mut Collecting,
        sense: Sense,
        when: Option<Context>,
        patterns: &Patterns,
    ) -> Result<(), String> {
        let kinds = [
            (Extent::Message, &patterns.only),
            (Extent::Clause, &patterns.clause),
            (Extent::Asked, &patterns.asked),
            (Extent::Opening, &patterns.opens),
            (Extent::Leading, &patterns.leads),
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

    fn add(&mut self, vocabulary: &mut Collecting, text: &str, pattern: usize) -> Result<(), String> {
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
        let number = u32::try_from(pattern).unwrap_or(u32::MAX);
        for way in ways.iter().filter(|way| !way.is_empty()) {
            let place = way.iter().fold(ROOT, |place, element| self.step(place, *element));
            let ends = &mut self.nodes[place as usize].ends;
            if !ends.contains(&number) {
                ends.push(number);
            }
        }
        Ok(())
    }

    fn step(&mut self, place: u32, element: Element) -> u32 {
        let next = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        let from = &mut self.nodes[place as usize];
        let reached = match element {
            Element::Class(class) => *self.steps.entry((place, class)).or_insert(next),
            Element::Gap => *from.gap.get_or_insert(next),
        };
        if reached == next {
            if let Element::Class(class) = element {
                from.edges.push((class, next));
            }
            self.nodes.push(Shoot::default());
        }
        reached
    }

    /// The tree as it is searched.
    pub(super) fn finish(self) -> Tree {
        let Self { patterns, nodes: shoots, .. } = self;
        let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let mut tree = Tree {
            patterns,
            nodes: Vec::with_capacity(shoots.len() + 1),
            edges: Vec::new(),
            ends: Vec::new(),
        };
        for mut shoot in shoots {
            let edges = count(tree.edges.len());
            let ends = count(tree.ends.len());
            shoot.edges.sort_unstable();
            let comma = shoot.edges.pop_if(|(class, _)| *class == COMMA).map_or(ROOT, |(_, place)| place);
            tree.nodes.push(Node { edges, ends, gap: shoot.gap.unwrap_or(ROOT), comma });
            tree.edges.extend(shoot.edges);
            tree.ends.extend(shoot.ends);
        }
        let (edges, ends) = (count(tree.edges.len()), count(tree.ends.len()));
        tree.nodes.push(Node { edges, ends, gap: ROOT, comma: ROOT });
        tree
    }
}

impl Tree {
    /// The patterns that end at a place.
    pub(super) fn ends(&self, place: u32) -> &[u32] {
        let at = place as usize;
        &self.ends[self.nodes[at].ends as usize..self.nodes[at + 1].ends as usize]
    }

    /// Where one gets from a place over which class.
    pub(super) fn edges(&self, place: u32) -> &[(u32, u32)] {
        let at = place as usize;
        &self.edges[self.nodes[at].edges as usize..self.nodes[at + 1].edges as usize]
    }

    /// Where one gets over a gap.
    pub(super) fn over_gap(&self, place: u32) -> Option<u32> {
        Some(self.nodes[place as usize].gap).filter(|place| *place != ROOT)
    }

    /// Where one gets over a comma.
    pub(super) fn over_comma(&self, place: u32) -> Option<u32> {
        Some(self.nodes[place as usize].comma).filter(|place| *place != ROOT)
    }
}

fn element(vocabulary: &mut Collecting, part: &str) -> Option<Element> {
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
