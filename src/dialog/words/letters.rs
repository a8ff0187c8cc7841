//! One character at a time: what is the same letter, however it was written.

use unicode_normalization::UnicodeNormalization as _;

/// What a character is to a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Glyph {
    /// A letter, or a mark that belongs to one: lower case, without accents, in its own script.
    Letter(char),
    /// A digit of any script, as ASCII.
    Digit(char),
    /// Something that means something by itself: an emoji.
    Sign(char),
    /// Blank.
    Space,
    /// Punctuation.
    Mark(char),
    /// Nothing to see: accents, joiners, skin tones.
    Nothing,
}

/// Reads `c`; most characters are one glyph, ligatures are several.
pub(super) fn read(c: char, mut take: impl FnMut(Glyph)) {
    if c.is_ascii() || is_whole(c) {
        return take(plain(c));
    }
    for lower in c.to_lowercase() {
        for part in std::iter::once(lower).nfkd() {
            match part {
                '\u{e6}' => "ae".chars().for_each(|c| take(Glyph::Letter(c))),
                '\u{153}' => "oe".chars().for_each(|c| take(Glyph::Letter(c))),
                '\u{df}' => "ss".chars().for_each(|c| take(Glyph::Letter(c))),
                _ => take(plain(part)),
            }
        }
    }
}

/// `text` with every letter read, for words out of the language files.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        read(c, |glyph| match glyph {
            Glyph::Letter(c) | Glyph::Digit(c) | Glyph::Sign(c) | Glyph::Mark(c @ '+') => folded.push(c),
            Glyph::Space => folded.push(' '),
            Glyph::Mark(_) | Glyph::Nothing => {}
        });
    }
    folded
}

/// Which letters `word` has, as bits; other letters may share a bit.
pub(super) fn mask(word: &str) -> u64 {
    word.chars().fold(0, |mask, c| mask | 1 << (u32::from(c) & 63))
}

/// The letters of Devanagari that are one character, which are all but those with a dot below.
fn is_whole(c: char) -> bool {
    matches!(c, '\u{900}'..='\u{928}' | '\u{92a}'..='\u{930}' | '\u{935}'..='\u{957}' | '\u{960}'..='\u{97f}')
}

fn plain(c: char) -> Glyph {
    match c {
        'a'..='z' => return Glyph::Letter(c),
        'A'..='Z' => return Glyph::Letter(c.to_ascii_lowercase()),
        '0'..='9' => return Glyph::Digit(c),
        ' ' => return Glyph::Space,
        _ => {}
    }
    if let Some(digit) = digit(c) {
        return Glyph::Digit(digit);
    }
    match c {
        // A line ends like a sentence.
        '\n' => Glyph::Mark('!'),
        '\u{ad}'
        | '\u{300}'..='\u{36f}'
        | '\u{93c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{20d0}'..='\u{20ff}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{1f3fb}'..='\u{1f3ff}'
        | '\u{e0000}'..='\u{e0fff}' => Glyph::Nothing,
        // The danda ends a sentence; everything else of Devanagari belongs to a word.
        '\u{964}' | '\u{965}' | '\u{3002}' | '\u{2026}' => Glyph::Mark('.'),
        '\u{901}' => Glyph::Letter('\u{902}'),
        '\u{900}'..='\u{97f}' => Glyph::Letter(c),
        '\u{980}'..='\u{dff}' if !c.is_numeric() => Glyph::Letter(c),
        '\u{2019}' | '\u{2018}' | '\u{b4}' | '`' | '\u{2bc}' | '\u{2032}' => Glyph::Mark('\''),
        '\u{a1}' | '\u{bf}' => Glyph::Mark('"'),
        '\u{2010}'..='\u{2012}' | '\u{2212}' => Glyph::Mark('-'),
        '\u{2013}'..='\u{2015}' => Glyph::Mark('\u{2014}'),
        '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}' => Glyph::Sign(c),
        _ if c.is_whitespace() => Glyph::Space,
        _ if c.is_alphabetic() => Glyph::Letter(twin(c)),
        _ => Glyph::Mark(c),
    }
}

/// The ASCII digit for a digit of another script.
fn digit(c: char) -> Option<char> {
    const ZEROS: [u32; 15] = [
        0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50, 0x1040,
        0x17e0,
    ];
    let code = u32::from(c);
    if code < ZEROS[0] {
        return None;
    }
    let zero = ZEROS.iter().find(|zero| (**zero..**zero + 10).contains(&code))?;
    char::from_digit(code - zero, 10)
}

/// The Latin letter that a letter of another script is mistaken for, or used in place of.
fn twin(c: char) -> char {
    match c {
        'а' | 'α' => 'a',
        'в' => 'b',
        'с' => 'c',
        'е' | 'ε' => 'e',
        'н' => 'h',
        'і' | 'ι' | '\u{131}' => 'i',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        '\u{142}' => 'l',
        'м' => 'm',
        'о' | 'ο' | '\u{f8}' | '\u{1d0f}' => 'o',
        'р' | 'ρ' | '\u{1d18}' => 'p',
        'ѕ' | '\u{a731}' => 's',
        'т' | 'τ' | '\u{1d1b}' => 't',
        'υ' => 'u',
        'ν' => 'v',
        'х' | 'χ' => 'x',
        'у' => 'y',
        _ => c,
    }
}
