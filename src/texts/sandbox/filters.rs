//! The filters there are. None makes a text longer than a letter's other case does.

use super::expression::{Found, Line};
use super::tokens::Token;
use super::{Checked, Kind, Wrong};

/// By name: what they take, what they make of it, the name of their argument and its kind.
type Filter = (&'static str, Kind, Kind, Option<(&'static str, Kind)>);

const FILTERS: [Filter; 9] = [
    ("upper", Kind::Text, Kind::Text, None),
    ("lower", Kind::Text, Kind::Text, None),
    ("capitalize", Kind::Text, Kind::Text, None),
    ("title", Kind::Text, Kind::Text, None),
    ("trim", Kind::Text, Kind::Text, None),
    ("first", Kind::List, Kind::Text, None),
    ("last", Kind::List, Kind::Text, None),
    ("length", Kind::List, Kind::Number, None),
    ("join", Kind::List, Kind::Text, Some(("sep", Kind::Text))),
];

/// Reads a filter, after its `|`; `input` is what it is given.
pub(super) fn check(line: &mut Line<'_, '_>, input: Found) -> Checked<Found> {
    let offset = line.offset();
    let name = line.word("a filter")?;
    let Some((_, takes, makes, argument)) = FILTERS.iter().find(|filter| filter.0 == name) else {
        let known = FILTERS.map(|filter| filter.0).join(", ");
        return Err(Wrong { offset, message: format!("the filter {name} is unknown; there are {known}") });
    };
    if let Some(input) = input.filter(|input| input != takes) {
        return Err(Wrong { offset, message: format!("{name} takes {takes}, not {input}") });
    }
    if line.take(Token::Sign("(")) {
        let Some((argument, _)) = argument else {
            return line.wrong(format!("{name} takes nothing in brackets"));
        };
        if !line.take(Token::Word(argument)) {
            return line.wrong(format!("{name} takes {argument}=\"…\""));
        }
        line.need("=")?;
        if !line.take(Token::Quoted) {
            return line.wrong(format!("{name} takes {argument}=\"…\""));
        }
        line.need(")")?;
    }
    Ok(Some(*makes))
}
