//! Words that are nearly ones we know.
//!
//! People hardly ever get the first letter wrong, so only the words with the same one are looked at, of
//! those only the ones of about the same length, and of those only the ones made of about the same
//! letters: a slip changes at most two of the letters that a word has.

use super::letters::mask;
use super::quick::{QuickMap, QuickSet};

/// Shorter words have too many neighbours.
const SHORTEST: usize = 4;
/// From here on two slips are forgiven.
const LONG: usize = 9;
const LONGEST: usize = 18;

/// Known words by how they begin, shortest first.
#[derive(Debug, Default)]
pub(super) struct Typos {
    by_first: QuickMap<char, Vec<Known>>,
    by_two: QuickMap<(char, char), Vec<Known>>,
}

/// A known word.
#[derive(Clone, Copy, Debug)]
struct Known {
    letters: u64,
    number: u32,
    length: u8,
}

impl Typos {
    /// Of `words`, at their numbers, but for those `without`: what is misspelt itself is misspelt no more.
    pub(super) fn new(words: &[Box<str>], without: &QuickSet<u32>) -> Self {
        let mut typos = Self::default();
        for (number, word) in (0_u32..).zip(words).filter(|(number, _)| !without.contains(number)) {
            let length = word.chars().count();
            let mut letters = word.chars();
            if let (Some(first), Some(second), Ok(length)) =
                (letters.next(), letters.next(), u8::try_from(length))
                && (SHORTEST..=LONGEST).contains(&usize::from(length))
            {
                let known = Known { letters: mask(word), number, length };
                typos.by_first.entry(first).or_default().push(known);
                typos.by_two.entry((first, second)).or_default().push(known);
            }
        }
        for known in typos.by_first.values_mut().chain(typos.by_two.values_mut()) {
            known.sort_by_key(|known| known.length);
            known.shrink_to_fit();
        }
        typos
    }

    /// The numbers of the words that are nearest to `word`, if any is near enough.
    pub(super) fn near(&self, word: &str, words: &[Box<str>]) -> Vec<u32> {
        let mut letters = [' '; LONGEST];
        let Some(letters) = spell(word, &mut letters) else { return Vec::new() };
        if letters.len() + 1 < SHORTEST {
            return Vec::new();
        }
        let mut search = Search { words, letters, mask: mask(word), nearest: Vec::new(), least: usize::MAX };
        let (first, second) = (letters[0], letters[1]);
        search.look(self.by_first.get(&first));
        if second != first {
            // People do swap the first two.
            search.look(self.by_two.get(&(second, first)));
        }
        search.nearest
    }
}

/// The search for what a word was meant to be.
struct Search<'a> {
    words: &'a [Box<str>],
    letters: &'a [char],
    mask: u64,
    nearest: Vec<u32>,
    least: usize,
}

impl Search<'_> {
    /// Looks at those of `known` that are of about the same length and letters.
    fn look(&mut self, known: Option<&Vec<Known>>) {
        let Some(known) = known else { return };
        let length = self.letters.len();
        let shortest = if length + 1 >= LONG { length - 2 } else { length - 1 };
        let longest = if length + 2 >= LONG { length + 2 } else { length + 1 };
        let begin = known.partition_point(|known| usize::from(known.length) < shortest);
        for known in &known[begin..] {
            let meant = usize::from(known.length);
            if meant > longest {
                break;
            }
            let most = if meant >= LONG { 2 } else { 1 };
            if !has_more(known.letters ^ self.mask, 2 * most) && meant.abs_diff(length) <= most {
                self.compare(known.number, most);
            }
        }
    }

    fn compare(&mut self, number: u32, most: usize) {
        let mut meant = [' '; LONGEST];
        let Some(meant) = spell(&self.words[number as usize], &mut meant) else { return };
        let slips = distance(self.letters, meant);
        if slips > most || slips > self.least {
            return;
        }
        if slips < self.least {
            self.nearest.clear();
            self.least = slips;
        }
        self.nearest.push(number);
    }
}

/// Whether more than `most` bits are set.
fn has_more(mut bits: u64, most: usize) -> bool {
    for _ in 0..most {
        bits &= bits.wrapping_sub(1);
    }
    bits != 0
}

/// The letters of `word`, if it is not too long.
fn spell<'a>(word: &str, letters: &'a mut [char; LONGEST]) -> Option<&'a [char]> {
    let mut length = 0;
    for letter in word.chars() {
        *letters.get_mut(length)? = letter;
        length += 1;
    }
    Some(&letters[..length])
}

/// How many letters were left out, added, changed or swapped with their neighbour.
fn distance(one: &[char], other: &[char]) -> usize {
    let same = one.iter().zip(other).take_while(|(one, other)| one == other).count();
    let (one, other) = (&one[same..], &other[same..]);
    let same = one.iter().rev().zip(other.iter().rev()).take_while(|(one, other)| one == other).count();
    let (one, other) = (&one[..one.len() - same], &other[..other.len() - same]);
    if one.is_empty() || other.is_empty() {
        return one.len() + other.len();
    }
    let width = other.len() + 1;
    let mut rows = [[0_u8; LONGEST + 1]; 3];
    for column in 1..width {
        rows[0][column] = rows[0][column - 1] + 1;
    }
    for row in 1..=one.len() {
        let (this, above, before) = (row % 3, (row + 2) % 3, (row + 1) % 3);
        rows[this][0] = rows[above][0] + 1;
        for column in 1..width {
            let changed = u8::from(one[row - 1] != other[column - 1]);
            let added = (rows[above][column] + 1).min(rows[this][column - 1] + 1);
            let mut least = (rows[above][column - 1] + changed).min(added);
            let swapped = row > 1
                && column > 1
                && one[row - 1] == other[column - 2]
                && one[row - 2] == other[column - 1];
            if swapped {
                least = least.min(rows[before][column - 2] + 1);
            }
            rows[this][column] = least;
        }
    }
    usize::from(rows[one.len() % 3][width - 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_counted() {
        let letters = |word: &str| word.chars().collect::<Vec<_>>();
        for (one, other, slips) in [
            ("stop", "stop", 0),
            ("stpo", "stop", 1),
            ("stp", "stop", 1),
            ("stoop", "stop", 1),
            ("stap", "stop", 1),
            ("unsubcsribe", "unsubscribe", 1),
            ("unsuscrib", "unsubscribe", 2),
            ("stop", "spot", 2),
        ] {
            assert_eq!(distance(&letters(one), &letters(other)), slips, "{one} {other}");
        }
    }

    #[test]
    fn only_the_nearest_words_are_meant() {
        let words = ["stop", "step", "unsubscribe", "register", "end"].map(Box::from);
        let typos = Typos::new(&words, &QuickSet::default());
        for (word, meant) in [
            ("stopp", vec![0]),
            ("tsop", vec![0]),
            ("stp", vec![0, 1]),
            ("xtop", vec![]),
            ("unsuscrib", vec![2]),
            ("rgeistr", vec![]),
            ("regstr", vec![]),
            ("reigster", vec![3]),
            ("en", vec![]),
            ("s", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(typos.near(word, &words), meant, "{word}");
        }
    }
}
