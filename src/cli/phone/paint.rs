//! How a message looks in a terminal: theirs on the left behind a bar, ours on the right.

use super::remote::Message;
use crossterm::style::{StyledContent, Stylize as _};
use unicode_segmentation::UnicodeSegmentation;

/// A conversation wider than this is hard to read.
const WIDEST: usize = 76;
/// Room that is left free on the far side.
const MARGIN: usize = 14;

/// The lines of `message` in a terminal of `columns`.
pub(super) fn message(message: &Message, columns: usize) -> Vec<String> {
    let width = columns.min(WIDEST);
    let room = width.saturating_sub(MARGIN).max(16);
    let lines = wrap(&message.body, room);
    if message.from == "person" {
        return ours(&lines, &message.time, width);
    }
    let (bar, about) = match (message.from.as_str(), message.arrived) {
        ("carrier", _) => ("┆".dark_grey(), "the carrier’s own answer".to_owned()),
        (_, true) => ("┃".cyan(), message.purpose.clone().unwrap_or_default().replace('_', " ")),
        (_, false) => ("┃".red(), lost(message)),
    };
    let about = [message.time.clone(), about].into_iter().filter(|part| !part.is_empty());
    let about = about.collect::<Vec<_>>().join(" · ");
    let text = lines.iter().map(|line| format!("  {bar} {line}"));
    let mut painted: Vec<String> = text.chain([format!("  {bar} {}", about.as_str().dark_grey())]).collect();
    painted.push(String::new());
    painted
}

fn lost(message: &Message) -> String {
    let reason = message.status_reason.as_deref().map(|reason| format!(": {reason}"));
    format!("{}{}", message.status, reason.unwrap_or_default())
}

fn ours(lines: &[String], time: &str, width: usize) -> Vec<String> {
    let right = |text: &str, shown: StyledContent<&str>| {
        let pad = width.saturating_sub(length(text));
        format!("{}{shown}", " ".repeat(pad))
    };
    let mut painted: Vec<String> = lines.iter().map(|line| right(line, line.as_str().bold())).collect();
    painted.push(right(time, time.dark_grey()));
    painted.push(String::new());
    painted
}

fn length(text: &str) -> usize {
    text.graphemes(true).count()
}

/// Breaks a text between words, and words that are too long wherever they fill a line. Control characters
/// are left out: they could move the cursor.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let clean: String = paragraph.chars().filter(|one| !one.is_control()).collect();
        let mut line = String::new();
        for word in clean.split(' ') {
            let needed = length(&line) + usize::from(!line.is_empty()) + length(word);
            if needed > width && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            for character in word.graphemes(true) {
                if length(&line) == width {
                    lines.push(std::mem::take(&mut line));
                }
                line.push_str(character);
            }
        }
        lines.push(line);
    }
    lines
}

#[test]
fn texts_are_broken_between_words_and_lose_control_characters() {
    assert_eq!(wrap("one two three", 7), ["one two", "three"]);
    assert_eq!(wrap("abcdefgh ij\nk", 4), ["abcd", "efgh", "ij", "k"]);
    assert_eq!(wrap("\u{1b}[2Jx", 10), ["[2Jx"]);
}
