//! From a text to its words: one pass over its characters.

use super::letters::{Glyph, read};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Letters.
    Word,
    /// Digits, perhaps with `:` or `.` between them.
    Number,
    /// An emoji.
    Sign,
}

/// How much stands between a token and the one before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Break {
    /// At most a space.
    #[default]
    None,
    /// A comma, a bracket, a dash.
    Weak,
    /// The end of a sentence or of a line.
    Strong,
}

/// A word, a number or a sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// As it is looked up: lower case, no accents.
    pub(super) word: String,
    /// What it is.
    pub(super) kind: Kind,
    /// Where it stands in the text, in bytes.
    pub(super) start: usize,
    /// Where it ends.
    pub(super) end: usize,
    /// What stands before it.
    pub(super) before: Break,
    /// A question mark follows.
    pub(super) asked: bool,
}

/// Longer words are no words.
const LONGEST_WORD: usize = 40;

/// Cuts `text` into tokens. `known` says whether a word is in any language's file; it decides about
/// `st0p` and `9am`.
pub(super) fn tokens(text: &str, known: &dyn Fn(&str) -> bool) -> Vec<Token> {
    let mut cutter = Cutter { tokens: Vec::new(), run: Run::default(), before: Break::None, known };
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let next = characters.peek().map(|(_, c)| *c);
        let end = at + c.len_utf8();
        read(c, |glyph| cutter.take(glyph, at, end, next));
    }
    cutter.finish_run();
    join_spaced(cutter.tokens, known)
}

#[derive(Default)]
struct Run {
    word: String,
    letters: usize,
    digits: usize,
    start: usize,
    end: usize,
}

struct Cutter<'a> {
    tokens: Vec<Token>,
    run: Run,
    before: Break,
    known: &'a dyn Fn(&str) -> bool,
}

impl Cutter<'_> {
    fn take(&mut self, glyph: Glyph, at: usize, end: usize, next: Option<char>) {
        match glyph {
            Glyph::Letter(c) => self.extend(c, at, end, false),
            Glyph::Digit(c) => self.extend(c, at, end, true),
            Glyph::Sign(c) => {
                self.finish_run();
                self.push(c.to_string(), Kind::Sign, at, end);
            }
            Glyph::Space => self.finish_run(),
            Glyph::Mark(c) => self.mark(c, at, end, next),
            Glyph::Nothing => {}
        }
    }

    fn extend(&mut self, c: char, at: usize, end: usize, digit: bool) {
        if self.run.word.is_empty() {
            self.run.start = at;
        }
        if digit {
            self.run.digits += 1;
        } else {
            self.run.letters += 1;
        }
        self.run.word.push(c);
        self.run.end = end;
    }

    fn mark(&mut self, c: char, at: usize, end: usize, next: Option<char>) {
        let letter_follows = next.is_some_and(char::is_alphabetic);
        let digit_follows = next.is_some_and(char::is_numeric);
        let in_number = self.run.digits > 0 && self.run.letters == 0;
        match c {
            // `don't` is one word, `j'ai` two.
            '\'' if letter_follows && !self.run.word.is_empty() => {
                if is_elided(&self.run.word) {
                    self.finish_run();
                }
            }
            ':' | '.' if in_number && digit_follows => self.run.word.push(c),
            '@' | '$' if letter_follows && (c == '$' || !self.run.word.is_empty()) => {
                self.extend(c, at, end, true);
            }
            // S.T.O.P
            '.' if letter_follows && self.run.word.chars().count() == 1 => self.finish_run(),
            // "Dr. Lee"
            '.' if self.run.word == "dr" => self.finish_run(),
            '.' | '!' | '?' | ';' => {
                self.finish_run();
                self.raise(Break::Strong);
                if let Some(last) = self.tokens.last_mut().filter(|_| c == '?') {
                    last.asked = true;
                }
            }
            // "No + mensajes"
            '+' if self.run.word.is_empty() && next.is_none_or(char::is_whitespace) => {
                self.push("+".to_owned(), Kind::Word, at, end);
            }
            // "Enough w/ the texts"
            '/' if self.run.word == "w" => self.finish_run(),
            ',' | '(' | ')' | '/' | '\u{2014}' | ':' | '[' | ']' | '&' | '+' => {
                self.finish_run();
                self.raise(Break::Weak);
            }
            // "Wrong #"
            '#' if !next.is_some_and(char::is_alphanumeric) => {
                self.finish_run();
                self.push("number".to_owned(), Kind::Word, at, end);
            }
            '-' if self.run.word.is_empty() && next.is_some_and(char::is_whitespace) => {
                self.raise(Break::Weak);
            }
            _ => self.finish_run(),
        }
    }

    fn raise(&mut self, to: Break) {
        if !self.tokens.is_empty() {
            self.before = self.before.max(to);
        }
    }

    fn push(&mut self, word: String, kind: Kind, start: usize, end: usize) {
        let before = std::mem::take(&mut self.before);
        self.tokens.push(Token { word, kind, start, end, before, asked: false });
    }

    fn finish_run(&mut self) {
        if self.run.word.is_empty() {
            return;
        }
        let Run { word, letters, digits, start, end } = std::mem::take(&mut self.run);
        if word.len() > LONGEST_WORD * 4 {
            self.push(String::new(), Kind::Word, start, end);
        } else if digits == 0 {
            let word = unrepeat(word, self.known);
            self.push(word, Kind::Word, start, end);
        } else if letters == 0 {
            self.push(word, Kind::Number, start, end);
        } else if (self.known)(&word) {
            self.push(word, Kind::Word, start, end);
        } else {
            let letters = as_letters(&word);
            if letters.len() > 2 && !has_unit(&word) && (self.known)(&letters) {
                self.push(letters, Kind::Word, start, end);
            } else {
                self.split(&word, start, end);
            }
        }
    }

    /// `9am` is a number and a word.
    fn split(&mut self, word: &str, start: usize, end: usize) {
        let is_number = |c: char| c.is_ascii_digit() || c == ':' || c == '.';
        let mut rest = word;
        while let Some(first) = rest.chars().next() {
            let kind = if is_number(first) { Kind::Number } else { Kind::Word };
            let cut = rest.find(|c| is_number(c) != (kind == Kind::Number)).unwrap_or(rest.len());
            let (part, after) = rest.split_at(cut);
            self.push(part.trim_matches(['@', '$']).to_owned(), kind, start, end);
            rest = after;
        }
    }
}

/// The short words that French and its neighbours write with an apostrophe.
fn is_elided(word: &str) -> bool {
    matches!(word, "l" | "d" | "j" | "c" | "n" | "m" | "t" | "s" | "qu" | "jusqu" | "lorsqu" | "puisqu")
}

/// Two digits or more, then letters only: `15h` is an hour, not "ish"; and `7am` is none of "tam".
fn has_unit(word: &str) -> bool {
    let unit = word.trim_start_matches(|c: char| c.is_ascii_digit());
    let half_of_day = matches!(unit, "am" | "pm");
    half_of_day || (word.len() - unit.len() > 1 && unit.chars().all(char::is_alphabetic))
}

/// `st0p` with letters for the digits that look like them.
fn as_letters(word: &str) -> String {
    let letter = |c| match c {
        '0' => 'o',
        '1' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        _ => c,
    };
    word.chars().map(letter).collect()
}

/// `stoooop` with the letters that it has too many of taken away.
fn unrepeat(word: String, known: &dyn Fn(&str) -> bool) -> String {
    let doubles = word.as_bytes().windows(2).any(|pair| pair[0] == pair[1]);
    if !doubles || !word.is_ascii() {
        return word;
    }
    let twice = at_most(&word, 2);
    let repeats = twice.len() < word.len();
    if !repeats && known(&word) {
        return word;
    }
    let once = at_most(&word, 1);
    match (known(&once), repeats) {
        (false, true) if known(&twice) => twice,
        (false, false) => word,
        (true, _) | (false, true) => once,
    }
}

/// `word` with at most `most` of the same letter in a row.
fn at_most(word: &str, most: usize) -> String {
    let (mut run, mut last) = (0, None);
    let keep = |c: &char| {
        run = if last == Some(*c) { run + 1 } else { 1 };
        last = Some(*c);
        run <= most
    };
    word.chars().filter(keep).collect()
}

/// Letters that stand alone, `S T O P`, are one word if we know it.
fn join_spaced(tokens: Vec<Token>, known: &dyn Fn(&str) -> bool) -> Vec<Token> {
    let is_letter =
        |token: &Token| token.kind == Kind::Word && token.word.len() <= 4 && token.word.chars().count() == 1;
    let three = |tokens: &[Token]| tokens.iter().all(is_letter);
    if !tokens.windows(3).any(three) {
        return tokens;
    }
    let mut joined: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut rest = tokens.as_slice();
    while let Some((first, after)) = rest.split_first() {
        let run = rest.iter().take(16).take_while(|token| is_letter(token)).count();
        let word: String = rest[..run].iter().map(|token| token.word.as_str()).collect();
        if run > 2 && known(&word) {
            let last = &rest[run - 1];
            joined.push(Token { word, end: last.end, asked: last.asked, ..first.clone() });
            rest = &rest[run..];
        } else {
            joined.push(first.clone());
            rest = after;
        }
    }
    joined
}
