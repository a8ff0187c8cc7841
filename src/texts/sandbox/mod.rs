//! What staff may write in a template: text, `{{ variables }}` with a few filters, `{% if %}` and a loop
//! over a list that we give. Everything is known before it runs, so that nothing can run for long, grow,
//! read anything or fail for a value of the wrong kind: there are no assignments, no functions, no other
//! templates, no loop in a loop. What passes here is a small part of Tera's language, which renders it.

mod blocks;
mod expression;
mod filters;
mod tokens;

use crate::visible::is_visible;
use std::collections::BTreeMap;
use std::fmt;

/// The longest template, in characters.
pub const MAX_CHARACTERS: usize = 4000;
/// The most faults that are told at once.
const MAX_FAULTS: usize = 20;

/// What kind of value a variable has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Words; empty when there are none.
    Text,
    /// A whole number.
    Number,
    /// Yes or no.
    Flag,
    /// Several texts.
    List,
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Flag => "yes or no",
            Self::List => "a list",
        })
    }
}

/// What is wrong with a template, and where; a place counts from 1.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Fault {
    /// The line, where the fault has a place.
    pub line: Option<usize>,
    /// The character in that line.
    pub column: Option<usize>,
    /// What is wrong.
    pub message: String,
}

impl Fault {
    /// A fault of the whole template.
    pub fn whole(message: impl Into<String>) -> Self {
        Self { line: None, column: None, message: message.into() }
    }

    /// A fault at the byte `offset` of `body`.
    #[must_use]
    pub fn at(body: &str, offset: usize, message: String) -> Self {
        let before = body.get(..offset).unwrap_or(body);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Self { line: Some(line), column: Some(column), message }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (Some(line), Some(column)) = (self.line, self.column) {
            write!(formatter, "line {line}, character {column}: ")?;
        }
        formatter.write_str(&self.message)
    }
}

/// What is wrong at a place, before the place is counted.
struct Wrong {
    offset: usize,
    message: String,
}

type Checked<T> = Result<T, Wrong>;

/// Where a variable may be used, and what was found wrong on the way without being the end of reading.
struct Scope<'a> {
    known: &'a BTreeMap<&'static str, Kind>,
    /// The variable of the loop we are in.
    item: Option<&'a str>,
    wrong: Vec<Wrong>,
}

impl Scope<'_> {
    /// The kind of a variable; none, and noted, when there is no such variable.
    fn kind(&mut self, name: &str, offset: usize) -> Option<Kind> {
        if self.item == Some(name) {
            return Some(Kind::Text);
        }
        let kind = self.known.get(name).copied();
        if kind.is_none() {
            let known = self.known.keys().copied().collect::<Vec<_>>().join(", ");
            let name: String = name.chars().take(60).collect();
            self.wrong.push(Wrong {
                offset,
                message: format!("{name} is unknown here; this template knows {known}"),
            });
        }
        kind
    }
}

/// Reads `body`, which may use the variables `known`.
///
/// # Errors
/// Everything that is wrong with it, as far as it could be read.
pub(super) fn check(body: &str, known: &BTreeMap<&'static str, Kind>) -> Result<(), Vec<Fault>> {
    if !is_visible(body) {
        return Err(vec![Fault::whole("is empty")]);
    }
    if body.chars().count() > MAX_CHARACTERS {
        return Err(vec![Fault::whole(format!("is longer than {MAX_CHARACTERS} characters"))]);
    }
    let mut scope = Scope { known, item: None, wrong: Vec::new() };
    let read = control_characters(body)
        .and_then(|()| tokens::read(body))
        .and_then(|tokens| blocks::check(&tokens, &mut scope, body.len()));
    if let Err(wrong) = read {
        scope.wrong.push(wrong);
    }
    if scope.wrong.is_empty() {
        return Ok(());
    }
    let faults = scope.wrong.into_iter().take(MAX_FAULTS);
    Err(faults.map(|Wrong { offset, message }| Fault::at(body, offset, message)).collect())
}

/// Line ends are all that is to be in a text beside what can be seen.
fn control_characters(body: &str) -> Checked<()> {
    match body.char_indices().find(|(_, one)| one.is_control() && *one != '\n') {
        None => Ok(()),
        Some((offset, one)) => {
            Err(Wrong { offset, message: format!("the character U+{:04X} can't be sent", u32::from(one)) })
        }
    }
}

#[cfg(test)]
mod tests;
