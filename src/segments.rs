//! How many SMS segments a text takes, and which of its characters make it expensive.
//!
//! A text of GSM-7 characters only has 160 septets to one segment, or 153 in each of several; one other
//! character switches the whole text to UCS-2 with 70 and 67 UTF-16 units. Sources: 3GPP TS 23.038,
//! 23.040, and Twilio's published segment calculator, whose counts these are.

mod smart;
#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::Serialize;
use std::fmt;
use unicode_segmentation::UnicodeSegmentation;

pub use smart::smart_encode;

/// How a text is written on the air.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
pub enum Encoding {
    /// Seven bits a character; ten characters take two.
    #[serde(rename = "GSM-7")]
    Gsm7,
    /// Sixteen bits a UTF-16 unit.
    #[serde(rename = "UCS-2")]
    Ucs2,
}

impl Encoding {
    /// Units in a message of one segment.
    #[must_use]
    pub const fn alone(self) -> usize {
        match self {
            Self::Gsm7 => 160,
            Self::Ucs2 => 70,
        }
    }

    /// Units in each segment of a longer message, which begins with a header of six bytes.
    #[must_use]
    pub const fn joined(self) -> usize {
        match self {
            Self::Gsm7 => 153,
            Self::Ucs2 => 67,
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gsm7 => "GSM-7",
            Self::Ucs2 => "UCS-2",
        })
    }
}

/// The size of a text as an SMS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Segments {
    /// GSM-7 if every character has a place there, else UCS-2.
    pub encoding: Encoding,
    /// Segments, which are what is paid for: at least one, even for an empty text.
    pub segments: usize,
    /// Characters as Twilio shows them: septets in GSM-7, what a reader sees as one in UCS-2.
    pub characters: usize,
    /// Septets in GSM-7, UTF-16 units in UCS-2; headers not counted.
    pub units: usize,
}

/// A character that has no place in GSM-7 and so makes its whole text UCS-2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Expensive {
    /// The character.
    pub character: char,
    /// Where it first stands, in Unicode characters from 0.
    pub position: usize,
    /// How often it occurs.
    pub count: usize,
    /// What smart encoding puts in its place (perhaps nothing: an empty text), if it knows something.
    pub replacement: Option<&'static str>,
}

/// Counts the segments of `text` as it stands (see [`smart_encode`]).
#[must_use]
pub fn count(text: &str) -> Segments {
    match septets(text) {
        Some(units) => Segments {
            encoding: Encoding::Gsm7,
            segments: split(Encoding::Gsm7, units, || text.chars().map(|one| usize::from(width(one)))),
            characters: units,
            units,
        },
        None => count_ucs2(text),
    }
}

/// The characters outside GSM-7, in order of first appearance; none for a GSM-7 text.
#[must_use]
pub fn expensive(text: &str) -> Vec<Expensive> {
    let mut found: Vec<Expensive> = Vec::new();
    for (position, character) in text.chars().enumerate().filter(|&(_, one)| width(one) == 0) {
        if let Some(known) = found.iter_mut().find(|known| known.character == character) {
            known.count += 1;
        } else {
            let replacement = smart::replacement(character);
            found.push(Expensive { character, position, count: 1, replacement });
        }
    }
    found
}

/// Septets that `character` takes in GSM-7: one or two, or 0 when it has no place there.
const fn width(character: char) -> u8 {
    match character {
        '\u{c}' | '^' | '{' | '}' | '\\' | '[' | '~' | ']' | '|' | '€' => 2,
        '\n' | '\r' | ' '..='Z' | '_' | 'a'..='z' => 1,
        other if is_basic_beyond_ascii(other) => 1,
        _ => 0,
    }
}

/// The characters of GSM-7's basic table that are not ASCII; the test holds it against the published one.
const fn is_basic_beyond_ascii(character: char) -> bool {
    matches!(
        character,
        '¡' | '£'
            | '¤'
            | '¥'
            | '§'
            | '¿'
            | 'Ä'
            | 'Å'
            | 'Æ'
            | 'Ç'
            | 'É'
            | 'Ñ'
            | 'Ö'
            | 'Ø'
            | 'Ü'
            | 'ß'
            | 'à'
            | 'ä'
            | 'å'
            | 'æ'
            | 'è'
            | 'é'
            | 'ì'
            | 'ñ'
            | 'ò'
            | 'ö'
            | 'ø'
            | 'ù'
            | 'ü'
            | 'Γ'
            | 'Δ'
            | 'Θ'
            | 'Λ'
            | 'Ξ'
            | 'Π'
            | 'Σ'
            | 'Φ'
            | 'Ψ'
            | 'Ω'
    )
}

/// The widths of ASCII, which nearly every text is made of.
const ASCII: [u8; 128] = {
    let mut widths = [0; 128];
    let mut byte: u8 = 0;
    while byte < 128 {
        widths[byte as usize] = width(byte as char);
        byte += 1;
    }
    widths
};

/// Septets of a text in GSM-7, `None` when a character has no place there.
fn septets(text: &str) -> Option<usize> {
    let mut sum = 0;
    for character in text.chars() {
        let width = match u8::try_from(character) {
            Ok(byte) if byte < 128 => ASCII[usize::from(byte)],
            _ => width(character),
        };
        if width == 0 {
            return None;
        }
        sum += usize::from(width);
    }
    Some(sum)
}

fn count_ucs2(text: &str) -> Segments {
    let units = text.encode_utf16().count();
    let segments = split(Encoding::Ucs2, units, || {
        clusters(text).flat_map(|cluster| {
            let width = cluster.encode_utf16().count();
            // A cluster that no segment can hold is cut between its characters.
            let whole = width <= Encoding::Ucs2.joined();
            let pieces = whole.then_some(width).into_iter();
            pieces.chain(cluster.chars().filter(move |_| !whole).map(char::len_utf16))
        })
    });
    Segments { encoding: Encoding::Ucs2, segments, characters: clusters(text).count(), units }
}

/// How many segments hold pieces of these widths, which add up to `units`, when no piece is cut.
fn split<W: Iterator<Item = usize>>(encoding: Encoding, units: usize, widths: impl Fn() -> W) -> usize {
    if units <= encoding.alone() {
        return 1;
    }
    let (mut segments, mut used) = (1, 0);
    for width in widths() {
        if used + width > encoding.joined() {
            segments += 1;
            used = 0;
        }
        used += width;
    }
    segments
}

/// What Twilio's calculator takes for one character: a grapheme cluster by the rules of Unicode 15.0,
/// and each half of a CR LF. Later rules join Indic consonants around a virama, so these are parted.
fn clusters(text: &str) -> impl Iterator<Item = &str> {
    text.graphemes(true).flat_map(|cluster| {
        let starts = cluster.char_indices().map(|(at, _)| at).filter(move |&at| starts_cluster(cluster, at));
        let ends = starts.clone().skip(1).chain(std::iter::once(cluster.len()));
        starts.zip(ends).map(move |(start, end)| &cluster[start..end])
    })
}

fn starts_cluster(cluster: &str, at: usize) -> bool {
    let character = cluster[at..].chars().next().unwrap_or_default();
    at == 0 || cluster == "\r\n" || is_conjunct_consonant(character)
}

/// The consonants that a virama can join to another one since Unicode 15.1
/// (`Indic_Conjunct_Break=Consonant`): Devanagari, Bengali, Gujarati, Oriya, Telugu, Malayalam.
const fn is_conjunct_consonant(character: char) -> bool {
    matches!(character,
        'क'..='ह' | '\u{958}'..='\u{95f}' | '\u{978}'..='\u{97f}'
        | 'ক'..='হ' | '\u{9dc}'..='\u{9df}' | '\u{9f0}' | '\u{9f1}'
        | 'ક'..='હ' | '\u{af9}'
        | 'କ'..='ହ' | '\u{b5c}'..='\u{b5f}' | '\u{b71}'
        | 'క'..='హ' | '\u{c58}'..='\u{c5a}'
        | 'ക'..='ഺ')
}
