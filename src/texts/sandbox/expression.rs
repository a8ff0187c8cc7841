//! What stands between braces: it is read as Tera reads it, and its kind is known from the kinds of its parts.

use super::tokens::{Placed, Token};
use super::{Checked, Kind, Scope, Wrong, filters};

/// How deep brackets and `not` may go.
const MAX_DEPTH: usize = 8;
/// Words that are not names of variables.
pub(super) const RESERVED: [&str; 20] = [
    "true", "True", "false", "False", "loop", "self", "and", "or", "not", "is", "in", "if", "else", "elif",
    "for", "none", "None", "null", "continue", "break",
];

/// The tokens of one tag, read from the left.
pub(super) struct Line<'t, 'a> {
    pub(super) tokens: &'t [Placed<'a>],
    pub(super) at: usize,
    /// Where the tag ends.
    pub(super) end: usize,
    depth: usize,
}

/// The kind of a value; none when something in it is unknown, which was noted already.
pub(super) type Found = Option<Kind>;

impl<'t, 'a> Line<'t, 'a> {
    pub(super) fn new(tokens: &'t [Placed<'a>], end: usize) -> Self {
        Self { tokens, at: 0, end, depth: 0 }
    }

    pub(super) fn peek(&self) -> Option<Token<'a>> {
        self.tokens.get(self.at).map(|(token, _)| *token)
    }

    /// Where the next token begins.
    pub(super) fn offset(&self) -> usize {
        self.tokens.get(self.at).map_or(self.end, |(_, offset)| *offset)
    }

    pub(super) fn wrong<T>(&self, message: impl Into<String>) -> Checked<T> {
        Err(Wrong { offset: self.offset(), message: message.into() })
    }

    /// Takes this token, if it is the next.
    pub(super) fn take(&mut self, token: Token<'_>) -> bool {
        let found = self.peek() == Some(token);
        self.at += usize::from(found);
        found
    }

    pub(super) fn need(&mut self, sign: &'static str) -> Checked<()> {
        if self.take(Token::Sign(sign)) { Ok(()) } else { self.wrong(format!("{sign} is missing")) }
    }

    pub(super) fn word(&mut self, what: &str) -> Checked<&'a str> {
        match self.peek() {
            Some(Token::Word(word)) => {
                self.at += 1;
                Ok(word)
            }
            _ => self.wrong(format!("{what} is missing")),
        }
    }

    /// Nothing may follow.
    pub(super) fn finish(&self) -> Checked<()> {
        match self.peek() {
            None => Ok(()),
            Some(Token::Word("is")) => self.wrong("`is` can't be used here"),
            Some(_) => self.wrong("this does not belong here"),
        }
    }

    /// A whole expression.
    pub(super) fn value(&mut self, scope: &mut Scope<'_>) -> Checked<Found> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return self.wrong("this is nested too deeply");
        }
        let mut kind = self.all_of(scope)?;
        while self.take(Token::Word("or")) {
            self.all_of(scope)?;
            kind = Some(Kind::Flag);
        }
        self.depth -= 1;
        Ok(kind)
    }

    fn all_of(&mut self, scope: &mut Scope<'_>) -> Checked<Found> {
        let mut kind = self.negated(scope)?;
        while self.take(Token::Word("and")) {
            self.negated(scope)?;
            kind = Some(Kind::Flag);
        }
        Ok(kind)
    }

    fn negated(&mut self, scope: &mut Scope<'_>) -> Checked<Found> {
        let negated = self.take(Token::Word("not"));
        if self.peek() == Some(Token::Word("not")) {
            return self.wrong("one `not` is enough");
        }
        let kind = self.compared(scope)?;
        Ok(if negated { Some(Kind::Flag) } else { kind })
    }

    fn compared(&mut self, scope: &mut Scope<'_>) -> Checked<Found> {
        let left = self.sum(scope)?;
        let Some(Token::Sign(sign @ ("==" | "!=" | "<" | "<=" | ">" | ">="))) = self.peek() else {
            return Ok(left);
        };
        let offset = self.offset();
        self.at += 1;
        let right = self.sum(scope)?;
        let (Some(left), Some(right)) = (left, right) else { return Ok(Some(Kind::Flag)) };
        let fits = match sign {
            "==" | "!=" => left == right && left != Kind::List,
            _ => left == Kind::Number && right == Kind::Number,
        };
        if !fits {
            return Err(Wrong { offset, message: format!("{left} and {right} can't be compared by {sign}") });
        }
        Ok(Some(Kind::Flag))
    }

    fn sum(&mut self, scope: &mut Scope<'_>) -> Checked<Found> {
        let mut kind = self.product(scope)?;
        while let Some(Token::Sign(sign @ ("+" | "-"))) = self.peek() {
            kind = self.reckon(sign, kind, scope)?;
        }
        Ok(kind)
    }

    fn product(&mut self, scope: &mut Scope<'_>) -> Checked<Found> {
        let mut kind = self.filtered(scope)?;
        while let Some(Token::Sign(sign @ ("*" | "//" | "%"))) = self.peek() {
            kind = self.reckon(sign, kind, scope)?;
        }
        Ok(kind)
    }

    /// The rest of a calculation, from its sign on.
    fn reckon(&mut self, sign: &str, left: Found, scope: &mut Scope<'_>) -> Checked<Found> {
        let offset = self.offset();
        self.at += 1;
        if matches!(sign, "//" | "%") {
            // So that nothing is ever divided by zero.
            return match self.peek() {
                Some(Token::Number(1..)) => {
                    self.at += 1;
                    numbers(sign, left, Some(Kind::Number), offset)
                }
                _ => self.wrong(format!("after {sign} comes a number other than 0")),
            };
        }
        let right = if sign == "*" { self.filtered(scope)? } else { self.product(scope)? };
        numbers(sign, left, right, offset)
    }

    fn filtered(&mut self, scope: &mut Scope<'_>) -> Checked<Found> {
        let mut kind = self.atom(scope)?;
        while self.take(Token::Sign("|")) {
            kind = filters::check(self, kind)?;
        }
        Ok(kind)
    }

    fn atom(&mut self, scope: &mut Scope<'_>) -> Checked<Found> {
        let offset = self.offset();
        match self.peek() {
            Some(Token::Quoted) => {
                self.at += 1;
                Ok(Some(Kind::Text))
            }
            Some(Token::Number(_)) => {
                self.at += 1;
                Ok(Some(Kind::Number))
            }
            Some(Token::Sign("(")) => {
                self.at += 1;
                let kind = self.value(scope)?;
                self.need(")")?;
                Ok(kind)
            }
            Some(Token::Word("loop")) if scope.item.is_some() => {
                self.at += 1;
                self.need(".")?;
                match self.word("index, first or last")? {
                    "index" | "length" => Ok(Some(Kind::Number)),
                    "first" | "last" => Ok(Some(Kind::Flag)),
                    _ => Err(Wrong {
                        offset,
                        message: "`loop` knows index, length, first and last".to_owned(),
                    }),
                }
            }
            Some(Token::Word(name)) => {
                self.at += 1;
                match self.peek() {
                    Some(Token::Sign("(")) => {
                        Err(Wrong { offset, message: format!("there are no functions, so no {name}()") })
                    }
                    Some(Token::Sign(".")) => Err(Wrong {
                        offset,
                        message: format!("{name} has no parts: take away what begins with the dot"),
                    }),
                    _ => Ok(scope.kind(name, offset)),
                }
            }
            _ => self.wrong("a variable is missing"),
        }
    }
}

fn numbers(sign: &str, left: Found, right: Found, offset: usize) -> Checked<Found> {
    match left.into_iter().chain(right).find(|kind| *kind != Kind::Number) {
        None => Ok(Some(Kind::Number)),
        Some(kind) => Err(Wrong { offset, message: format!("{sign} takes numbers, not {kind}") }),
    }
}
