//! The line that is being typed. Positions count what a reader takes for one character.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use unicode_segmentation::UnicodeSegmentation;

/// What a key asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Send this text.
    Send(String),
    /// Insert the code.
    Complete,
    /// Leave the phone.
    Leave,
    /// Draw the line again.
    Redraw,
}

/// A line and the place of its cursor.
#[derive(Debug, Default)]
pub(super) struct Line {
    characters: Vec<String>,
    cursor: usize,
    sent: Option<String>,
}

impl Line {
    /// Takes a key.
    pub(super) fn press(&mut self, key: KeyEvent) -> Asked {
        if key.modifiers.contains(KeyModifiers::CONTROL) {
            return self.press_control(key.code);
        }
        match key.code {
            KeyCode::Enter => {
                let text = self.take();
                if !text.trim().is_empty() {
                    self.sent = Some(text.clone());
                    return Asked::Send(text);
                }
            }
            KeyCode::Tab => return Asked::Complete,
            KeyCode::Char(character) => self.insert(&character.to_string()),
            KeyCode::Backspace if self.cursor > 0 => {
                self.cursor -= 1;
                self.characters.remove(self.cursor);
            }
            KeyCode::Delete if self.cursor < self.characters.len() => {
                drop(self.characters.remove(self.cursor));
            }
            KeyCode::Left => self.cursor = self.cursor.saturating_sub(1),
            KeyCode::Right => self.cursor = (self.cursor + 1).min(self.characters.len()),
            KeyCode::Home => self.cursor = 0,
            KeyCode::End => self.cursor = self.characters.len(),
            KeyCode::Up if self.characters.is_empty() => {
                let sent = self.sent.clone().unwrap_or_default();
                self.insert(&sent);
            }
            _ => {}
        }
        Asked::Redraw
    }

    fn press_control(&mut self, code: KeyCode) -> Asked {
        match code {
            KeyCode::Char('c' | 'd') => return Asked::Leave,
            KeyCode::Char('a') => self.cursor = 0,
            KeyCode::Char('e') => self.cursor = self.characters.len(),
            KeyCode::Char('u') => drop(self.characters.drain(..std::mem::take(&mut self.cursor))),
            KeyCode::Char('w') => {
                let before = &self.characters[..self.cursor];
                let word_end = before.iter().rposition(|one| one != " ").map_or(0, |at| at + 1);
                let start = before[..word_end].iter().rposition(|one| one == " ").map_or(0, |at| at + 1);
                self.characters.drain(start..self.cursor);
                self.cursor = start;
            }
            _ => {}
        }
        Asked::Redraw
    }

    /// Inserts `text` at the cursor. Marks that belong to the character before join it.
    pub(super) fn insert(&mut self, text: &str) {
        let before = self.characters[..self.cursor].concat() + text;
        let mut characters: Vec<String> = before.graphemes(true).map(str::to_owned).collect();
        let cursor = characters.len();
        characters.extend(self.characters.drain(self.cursor..));
        self.characters = characters;
        self.cursor = cursor;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.characters.is_empty()
    }

    /// Empties the line.
    fn take(&mut self) -> String {
        self.cursor = 0;
        std::mem::take(&mut self.characters).concat()
    }

    /// As much of the line around the cursor as `width` holds, and the cursor's place in it.
    pub(super) fn window(&self, width: usize) -> (String, usize) {
        let start = self.cursor.saturating_sub(width.saturating_sub(1));
        let end = (start + width).min(self.characters.len());
        (self.characters[start..end].concat(), self.cursor - start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Line {
        let mut line = Line::default();
        for character in text.chars() {
            line.press(KeyEvent::new(KeyCode::Char(character), KeyModifiers::NONE));
        }
        line
    }

    fn press(line: &mut Line, code: KeyCode) -> Asked {
        line.press(KeyEvent::new(code, KeyModifiers::NONE))
    }

    fn control(line: &mut Line, letter: char) -> Asked {
        line.press(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL))
    }

    #[test]
    fn a_line_is_edited_and_sent() {
        let mut line = typed("REGISTRE");
        press(&mut line, KeyCode::Backspace);
        press(&mut line, KeyCode::Left);
        press(&mut line, KeyCode::Char('E'));
        press(&mut line, KeyCode::End);
        press(&mut line, KeyCode::Backspace);
        assert_eq!(press(&mut line, KeyCode::Enter), Asked::Send("REGISTE".to_owned()));
        assert!(line.is_empty());
        assert_eq!(press(&mut line, KeyCode::Enter), Asked::Redraw, "nothing is not sent");
        press(&mut line, KeyCode::Up);
        assert_eq!(line.window(80), ("REGISTE".to_owned(), 7));
    }

    #[test]
    fn words_and_marks_are_taken_whole() {
        let mut line = typed("hello नेपाली ");
        control(&mut line, 'w');
        assert_eq!(line.window(80).0, "hello ");
        control(&mut line, 'w');
        assert!(line.is_empty());
        let mut line = typed("e\u{301}");
        assert_eq!(line.window(80).1, 1, "the accent joined its letter");
        press(&mut line, KeyCode::Backspace);
        assert!(line.is_empty());
        assert_eq!(control(&mut line, 'd'), Asked::Leave);
    }

    #[test]
    fn a_long_line_shows_the_part_around_its_cursor() {
        let mut line = typed("0123456789");
        assert_eq!(line.window(5), ("6789".to_owned(), 4));
        press(&mut line, KeyCode::Home);
        assert_eq!(line.window(5), ("01234".to_owned(), 0));
        press(&mut line, KeyCode::Right);
        control(&mut line, 'u');
        assert_eq!(line.window(5), ("12345".to_owned(), 0));
    }
}
