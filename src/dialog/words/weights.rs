//! What a text sounds like, for texts that no pattern knows: each word, each few words and each piece of a word
//! weighs something for and against each intent, and the sum says how likely each is.
//!
//! The weights are those of a multinomial logistic regression over hashed features, learnt from the labelled
//! texts in `tests/corpus` by `cargo run --example learn`. A text is nothing but a handful of additions; nothing is
//! kept of the texts themselves.

use super::hearing::Hearing;
use super::tokens::{Kind, Token};
use super::{Context, Intent};
use std::ops::Range;

/// What can be heard so. A consent, an hour, a name, a code or a language is never guessed: those, and what asks
/// for nothing, are [`Intent::Other`], the first.
pub const CLASSES: [Intent; 14] = [
    Intent::Other,
    Intent::Stop,
    Intent::Help,
    Intent::Register,
    Intent::Confirm,
    Intent::Decline,
    Intent::Reschedule,
    Intent::Resend,
    Intent::TipsOn,
    Intent::TipsOff,
    Intent::Status,
    Intent::ForgetMe,
    Intent::WrongNumber,
    Intent::Human,
];
/// Room for the classes in a row of weights.
pub const LANES: usize = 16;
/// Rows of weights; a feature's row is found by its hash.
pub const ROWS: usize = 1 << 15;
/// Bytes before the rows: what was learnt from, and for each class its bias and what a unit of its weights is worth.
pub const HEAD: usize = 8 + 2 * LANES * 4;

/// Words of a text that are listened to; what people ask for is shorter.
const MOST_WORDS: usize = 60;
/// Letters of a word that are looked at.
const MOST_LETTERS: usize = 24;
/// The shortest and the longest piece of a word.
const PIECES: std::ops::RangeInclusive<usize> = 3..=5;

static LEARNT: &[u8; HEAD + ROWS * LANES] = include_bytes!("weights.bin");

/// How likely each class is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Likely([f32; LANES]);

impl Likely {
    /// What is most likely, and how likely it is, from 0 to 1.
    pub(super) fn most(&self) -> (Intent, f32) {
        let classes = CLASSES.iter().copied().zip(self.0);
        classes.max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((Intent::Other, 1.0))
    }

    /// How likely an intent is, from 0 to 1.
    pub(super) fn of(&self, intent: Intent) -> f32 {
        CLASSES.iter().zip(self.0).find(|(class, _)| **class == intent).map_or(0.0, |(_, likely)| likely)
    }
}

/// How likely each intent is, for what was heard.
pub(super) fn likely(hearing: &Hearing, context: Context) -> Likely {
    likely_part(hearing, 0..hearing.tokens.len(), context)
}

/// The same, for some words of it.
pub(super) fn likely_part(hearing: &Hearing, part: Range<usize>, context: Context) -> Likely {
    let features = features_of(&hearing.tokens[part], context);
    let mut sums = [0_i32; LANES];
    for feature in &features {
        add(&mut sums, *feature);
    }
    let length = length_of(&features);
    let (biases, units) = (head(0), head(1));
    let mut scores = [f32::NEG_INFINITY; LANES];
    for (class, score) in scores.iter_mut().enumerate().take(CLASSES.len()) {
        #[expect(clippy::cast_precision_loss, reason = "sums of a few hundred bytes")]
        let sum = sums[class] as f32;
        *score = biases[class] + sum * units[class] / length;
    }
    Likely(softmax(scores))
}

/// The word of a text that weighs most for `intent`, beside the words at its sides.
pub(super) fn strongest(hearing: &Hearing, intent: Intent) -> Option<usize> {
    let class = CLASSES.iter().position(|one| *one == intent)?;
    let weigh = |at: &usize| {
        let mut sums = [0_i32; LANES];
        for feature in features_of(&hearing.tokens[*at..=*at], Context::Nothing) {
            add(&mut sums, feature);
        }
        sums[class] - sums[0]
    };
    (0..hearing.tokens.len().min(MOST_WORDS)).max_by_key(weigh)
}

/// The rows of a text's features: what the weights are learnt for.
#[must_use]
pub fn features(text: &str, context: Context) -> Vec<u16> {
    features_of(&Hearing::new(text).tokens, context)
}

/// What a text's sums are divided by, so that long texts weigh no more than short ones.
#[must_use]
pub fn length_of(features: &[u16]) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "a few hundred at most")]
    let count = features.len().max(1) as f32;
    count.sqrt()
}

/// Scores as probabilities.
#[must_use]
pub fn softmax(mut scores: [f32; LANES]) -> [f32; LANES] {
    let highest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    for score in &mut scores {
        *score = (*score - highest).exp();
    }
    let sum: f32 = scores.iter().sum();
    scores.map(|score| score / sum)
}

/// The fingerprint of the texts that the weights were learnt from.
#[must_use]
pub fn learnt_from() -> u64 {
    LEARNT.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// The fingerprint of texts.
#[must_use]
pub fn fingerprint(texts: &[&str]) -> u64 {
    texts
        .iter()
        .flat_map(|text| text.bytes())
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The biases, or what a unit of the weights is worth.
fn head(part: usize) -> [f32; LANES] {
    let mut values = [0.0; LANES];
    let bytes = &LEARNT[8 + part * LANES * 4..];
    for (value, bytes) in values.iter_mut().zip(bytes.as_chunks().0) {
        *value = f32::from_le_bytes(*bytes);
    }
    values
}

fn add(sums: &mut [i32; LANES], feature: u16) {
    let from = HEAD + usize::from(feature) * LANES;
    for (sum, weight) in sums.iter_mut().zip(&LEARNT[from..from + LANES]) {
        *sum += i32::from(weight.cast_signed());
    }
}

fn features_of(tokens: &[Token], context: Context) -> Vec<u16> {
    let tokens = &tokens[..tokens.len().min(MOST_WORDS)];
    let asked_last = Hash::new().with(b'@').with(context as u8);
    let mut features = Vec::new();
    let words: Vec<Hash> = tokens.iter().map(hash_of).collect();
    for (at, word) in words.iter().enumerate() {
        let mut several = Hash::new().with(b'w');
        for word in words[at..].iter().take(3) {
            several = several.and(*word);
            features.push(several.row());
        }
        features.push(asked_last.and(*word).row());
        if at == 0 {
            features.push(Hash::new().with(b'^').and(*word).row());
        }
    }
    if let Some(last) = words.last() {
        features.push(Hash::new().with(b'$').and(*last).row());
    }
    if tokens.iter().any(|token| token.asked) {
        features.push(Hash::new().with(b'?').row());
    }
    for token in tokens.iter().filter(|token| token.kind == Kind::Word) {
        pieces(&token.word, &mut features);
    }
    features
}

/// A word's hash; one number is as good as another.
fn hash_of(token: &Token) -> Hash {
    let word = if token.kind == Kind::Number { "#" } else { &token.word };
    word.bytes().fold(Hash::new(), Hash::with)
}

/// The pieces of a word, whose ends count as letters.
fn pieces(word: &str, features: &mut Vec<u16>) {
    let mut letters = ['<'; MOST_LETTERS + 2];
    let mut count = 1;
    for letter in word.chars().take(MOST_LETTERS) {
        letters[count] = letter;
        count += 1;
    }
    letters[count] = '>';
    let letters = &letters[..=count];
    for from in 0..letters.len() {
        let mut piece = Hash::new().with(b'p');
        for (at, letter) in letters[from..].iter().take(*PIECES.end()).enumerate() {
            piece = u32::from(*letter).to_le_bytes().into_iter().fold(piece, Hash::with);
            if at + 1 >= *PIECES.start() {
                features.push(piece.row());
            }
        }
    }
}

/// FNV-1a, of 32 bits.
#[derive(Clone, Copy)]
struct Hash(u32);

impl Hash {
    fn new() -> Self {
        Self(0x811c_9dc5)
    }

    fn with(self, byte: u8) -> Self {
        Self((self.0 ^ u32::from(byte)).wrapping_mul(0x0100_0193))
    }

    fn and(self, other: Self) -> Self {
        other.0.to_le_bytes().into_iter().fold(self, Self::with)
    }

    fn row(self) -> u16 {
        let mixed = self.0 ^ (self.0 >> 15);
        #[expect(clippy::cast_possible_truncation, reason = "there are as many rows")]
        let row = (mixed as usize % ROWS) as u16;
        row
    }
}
