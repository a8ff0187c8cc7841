//! The order of a template: what is said, what is said under a condition, and what is said for each of a list.

use super::expression::{Line, RESERVED};
use super::tokens::{Placed, Token};
use super::{Checked, Kind, Scope, Wrong};

/// How deep conditions and loops may be in one another.
const MAX_DEPTH: usize = 6;

/// A block that is open, and where it began.
enum Block {
    If { otherwise: bool },
    For,
}

/// Checks a template that was taken apart; `end` is its length.
pub(super) fn check<'a>(tokens: &[Placed<'a>], scope: &mut Scope<'a>, end: usize) -> Checked<()> {
    let mut open: Vec<(Block, usize)> = Vec::new();
    let mut at = 0;
    while let Some((token, offset)) = tokens.get(at) {
        at += 1;
        if *token == Token::Text {
            continue;
        }
        let inside = tokens[at..].iter().take_while(|(token, _)| *token != Token::End).count();
        let line_end = tokens.get(at + inside).map_or(end, |(_, offset)| *offset);
        let mut line = Line::new(&tokens[at..at + inside], line_end);
        if *token == Token::Variable {
            said(&mut line, scope)?;
        } else {
            tag(&mut line, *offset, scope, &mut open)?;
        }
        at += inside + 1;
    }
    match open.pop() {
        None => Ok(()),
        Some((Block::If { .. }, offset)) => Err(Wrong { offset, message: "if has no endif".to_owned() }),
        Some((Block::For, offset)) => Err(Wrong { offset, message: "for has no endfor".to_owned() }),
    }
}

/// `{{ … }}`
fn said(line: &mut Line<'_, '_>, scope: &mut Scope<'_>) -> Checked<()> {
    let offset = line.offset();
    let kind = line.value(scope)?;
    line.finish()?;
    match kind {
        Some(kind @ (Kind::Flag | Kind::List)) => {
            let how =
                if kind == Kind::Flag { "use it in an if" } else { "go through it with for, or join it" };
            Err(Wrong { offset, message: format!("this is {kind}, which can't be said: {how}") })
        }
        _ => Ok(()),
    }
}

/// `{% … %}`
fn tag<'a>(
    line: &mut Line<'_, 'a>,
    offset: usize,
    scope: &mut Scope<'a>,
    open: &mut Vec<(Block, usize)>,
) -> Checked<()> {
    let name = line.word("if, for or what ends them")?;
    let wrong = |message: &str| Err(Wrong { offset, message: message.to_owned() });
    let deep = open.len() >= MAX_DEPTH;
    match (name, open.last_mut().map(|(block, _)| block)) {
        ("if" | "for", _) if deep => return wrong("this is nested too deeply"),
        ("if", _) => {
            line.value(scope)?;
            open.push((Block::If { otherwise: false }, offset));
        }
        ("elif", Some(Block::If { otherwise: false })) => {
            line.value(scope)?;
        }
        ("else", Some(Block::If { otherwise })) if !*otherwise => *otherwise = true,
        ("endif", Some(Block::If { .. })) => {
            open.pop();
        }
        ("for", _) => {
            each(line, scope)?;
            open.push((Block::For, offset));
        }
        ("endfor", Some(Block::For)) => {
            scope.item = None;
            open.pop();
        }
        ("elif" | "else" | "endif", _) => return wrong(&format!("{name} has no if that it belongs to")),
        ("endfor", _) => return wrong("endfor has no for that it belongs to"),
        _ => {
            let name: String = name.chars().take(60).collect();
            return wrong(&format!("{name} can't be used: there are if, elif, else, endif, for and endfor"));
        }
    }
    line.finish()
}

/// `for ITEM in LIST`
fn each<'a>(line: &mut Line<'_, 'a>, scope: &mut Scope<'a>) -> Checked<()> {
    if scope.item.is_some() {
        return line.wrong("a loop can't be in a loop");
    }
    let offset = line.offset();
    let item = line.word("the name of an item")?;
    if RESERVED.contains(&item) || item.starts_with("__") || scope.known.contains_key(item) {
        return Err(Wrong { offset, message: format!("{item} has a meaning already: choose another name") });
    }
    if !line.take(Token::Word("in")) {
        return line.wrong("`in` is missing");
    }
    let offset = line.offset();
    let list = line.word("a list")?;
    if let Some(kind) = scope.kind(list, offset).filter(|kind| *kind != Kind::List) {
        return Err(Wrong { offset, message: format!("{list} is {kind}, not a list") });
    }
    scope.item = Some(item);
    Ok(())
}
