//! Words that are nearly ones we know.
//!
//! Every known word is kept under each form it has with one letter missing (two for long words). A
//! misspelt word shares such a form with what was meant, so that a look-up takes as many steps as the
//! word has letters, however many words are known.

use std::collections::HashMap;

/// Shorter words have too many neighbours.
const SHORTEST: usize = 4;
/// From here on two slips are forgiven.
const LONG: usize = 9;
const LONGEST: usize = 18;

/// Known words by their mutilated forms.
#[derive(Debug, Default)]
pub(super) struct Typos {
    by_form: HashMap<Box<str>, Vec<u32>>,
}

impl Typos {
    /// Adds `word` under its number.
    pub(super) fn add(&mut self, word: &str, number: u32) {
        let letters: Vec<char> = word.chars().collect();
        if letters.len() < SHORTEST || letters.len() > LONGEST {
            return;
        }
        forms(&letters, &mut |form| {
            let numbers = self.by_form.entry(form.into()).or_default();
            if !numbers.contains(&number) {
                numbers.push(number);
            }
        });
    }

    /// The numbers of the words that are nearest to `word`, if any is near enough.
    pub(super) fn near<'a>(&self, word: &str, word_of: impl Fn(u32) -> &'a str) -> Vec<u32> {
        let letters: Vec<char> = word.chars().collect();
        let mut nearest = Vec::new();
        if letters.len() + 1 < SHORTEST || letters.len() > LONGEST {
            return nearest;
        }
        let mut least = usize::MAX;
        forms(&letters, &mut |form| {
            for number in self.by_form.get(form).into_iter().flatten() {
                let meant: Vec<char> = word_of(*number).chars().collect();
                let most = if meant.len() >= LONG { 2 } else { 1 };
                let slips = distance(&letters, &meant);
                // People hardly ever get the first letter wrong, but they swap the first two.
                let begins = letters.first() == meant.first()
                    || (letters.first() == meant.get(1) && letters.get(1) == meant.first());
                if slips > most || slips > least || !begins {
                    continue;
                }
                if slips < least {
                    nearest.clear();
                    least = slips;
                }
                if !nearest.contains(number) {
                    nearest.push(*number);
                }
            }
        });
        nearest
    }
}

/// Calls `take` with the word and with its forms that lack a letter, or two if it is long.
fn forms(letters: &[char], take: &mut dyn FnMut(&str)) {
    let mut form = String::with_capacity(letters.len() * 3);
    let mut without = |skipped: [usize; 2]| {
        form.clear();
        form.extend(letters.iter().enumerate().filter(|(at, _)| !skipped.contains(at)).map(|(_, c)| *c));
        take(&form);
    };
    let none = usize::MAX;
    without([none, none]);
    for first in 0..letters.len() {
        without([first, none]);
        if letters.len() + 1 >= LONG {
            (first + 1..letters.len()).for_each(|second| without([first, second]));
        }
    }
}

/// How many letters were left out, added, changed or swapped with their neighbour.
fn distance(one: &[char], other: &[char]) -> usize {
    let width = other.len() + 1;
    let (mut before, mut above): (Vec<usize>, Vec<usize>) = (vec![0; width], (0..width).collect());
    for row in 1..=one.len() {
        let mut this = vec![row; width];
        for column in 1..width {
            let changed = usize::from(one[row - 1] != other[column - 1]);
            let mut least = (above[column - 1] + changed).min(above[column] + 1).min(this[column - 1] + 1);
            let swapped = row > 1
                && column > 1
                && one[row - 1] == other[column - 2]
                && one[row - 2] == other[column - 1];
            if swapped {
                least = least.min(before[column - 2] + 1);
            }
            this[column] = least;
        }
        before = std::mem::replace(&mut above, this);
    }
    above[width - 1]
}
