//! A template taken apart, as Tera does it.

use super::{Checked, Wrong};

/// The most tokens between one pair of braces.
const MAX_IN_TAG: usize = 60;
/// The most digits of a number.
const MAX_DIGITS: usize = 6;

/// A piece of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// What is said as it stands.
    Text,
    /// `{{`
    Variable,
    /// `{%`
    Tag,
    /// `}}` or `%}`
    End,
    /// A name or a word of the language.
    Word(&'a str),
    /// Words in quotation marks.
    Quoted,
    /// A whole number.
    Number(u32),
    /// An operator or a bracket.
    Sign(&'static str),
}

/// A token and where it begins.
pub(super) type Placed<'a> = (Token<'a>, usize);

const SIGNS: [&str; 17] =
    ["==", "!=", "<=", ">=", "//", "<", ">", "+", "-", "*", "%", "(", ")", "|", ".", ",", "="];
/// What Tera reads as one sign where we would read two, and what begins like one of ours.
const OTHERS: [&str; 4] = ["**", "</", "?.", "..."];

/// Takes `body` apart.
pub(super) fn read(body: &str) -> Checked<Vec<Placed<'_>>> {
    let mut reader = Reader { body, at: 0, tokens: Vec::new() };
    while reader.at < body.len() {
        reader.piece()?;
    }
    Ok(reader.tokens)
}

struct Reader<'a> {
    body: &'a str,
    at: usize,
    tokens: Vec<Placed<'a>>,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.body[self.at..]
    }

    fn wrong<T>(&self, message: impl Into<String>) -> Checked<T> {
        Err(Wrong { offset: self.at, message: message.into() })
    }

    fn push(&mut self, token: Token<'a>, bytes: usize) {
        self.tokens.push((token, self.at));
        self.at += bytes;
    }

    /// Text up to the next braces, or what is between them.
    fn piece(&mut self) -> Checked<()> {
        let rest = self.rest();
        if rest.starts_with("{#") {
            return self.wrong("comments are not kept: say it in the note of the version");
        }
        let (token, end) = if rest.starts_with("{{") {
            (Token::Variable, "}}")
        } else if rest.starts_with("{%") {
            (Token::Tag, "%}")
        } else {
            let next = ["{{", "{%", "{#"].iter().filter_map(|mark| rest.find(mark)).min();
            self.push(Token::Text, next.unwrap_or(rest.len()));
            return Ok(());
        };
        let opened = self.at;
        self.push(token, if rest[2..].starts_with('-') { 3 } else { 2 });
        let first = self.tokens.len();
        while !self.end(end) {
            if self.rest().is_empty() {
                let begin = if end == "}}" { "{{" } else { "{%" };
                return Err(Wrong { offset: opened, message: format!("{begin} has no {end}") });
            }
            if self.tokens.len() - first >= MAX_IN_TAG {
                return self.wrong(format!("there is too much before {end}"));
            }
            self.inside()?;
        }
        Ok(())
    }

    /// Skips white space and takes the end of the tag, if that is what comes.
    fn end(&mut self, end: &str) -> bool {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(|one: char| one.is_ascii_whitespace()).len();
        let rest = self.rest();
        let bytes = if rest.starts_with(end) {
            end.len()
        } else if rest.strip_prefix('-').is_some_and(|rest| rest.starts_with(end)) {
            end.len() + 1
        } else {
            return false;
        };
        self.push(Token::End, bytes);
        true
    }

    fn inside(&mut self) -> Checked<()> {
        let rest = self.rest();
        let first = rest.chars().next().unwrap_or_default();
        if first == '"' || first == '\'' {
            return self.quoted(first);
        }
        let run = |fits: fn(&u8) -> bool| rest.bytes().take_while(fits).count();
        if first.is_ascii_digit() {
            let digits = run(u8::is_ascii_digit);
            return match rest[..digits].parse().ok().filter(|_| digits <= MAX_DIGITS) {
                Some(number) => {
                    self.push(Token::Number(number), digits);
                    Ok(())
                }
                None => self.wrong(format!("a number has {MAX_DIGITS} digits at most")),
            };
        }
        if first.is_ascii_alphabetic() || first == '_' {
            let bytes = run(|one| one.is_ascii_alphanumeric() || *one == b'_');
            self.push(Token::Word(&rest[..bytes]), bytes);
            return Ok(());
        }
        if let Some(other) = OTHERS.iter().find(|other| rest.starts_with(**other)) {
            return self.wrong(format!("{other} can't be used here"));
        }
        match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            Some(sign) => {
                self.push(Token::Sign(sign), sign.len());
                Ok(())
            }
            None => self.wrong(format!("{first} can't be used here")),
        }
    }

    fn quoted(&mut self, mark: char) -> Checked<()> {
        let rest = self.rest();
        let Some(end) = rest[1..].find(mark) else {
            return self.wrong(format!("{mark} has no second {mark}"));
        };
        if rest[1..=end].contains('\\') {
            return self.wrong("\\ can't be used in quotation marks");
        }
        self.push(Token::Quoted, end + 2);
        Ok(())
    }
}
