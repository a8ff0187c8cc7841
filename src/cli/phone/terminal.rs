//! The phone on a terminal: the conversation scrolls by, the last line is for typing.

use super::line::{Asked, Line};
use super::paint;
use super::remote::{Events, Message, Remote, State, Trouble};
use crossterm::cursor::MoveToColumn;
use crossterm::event::{self, Event, KeyEventKind};
use crossterm::style::Stylize as _;
use crossterm::terminal;
use std::collections::HashSet;
use std::io::{self, Write};
use std::time::Duration;
use tokio::sync::mpsc;

const PROMPT: &str = "› ";
/// Back to the first column, and the line emptied.
const CLEARED: &str = "\r\u{1b}[2K";
/// How many earlier messages are shown at the beginning.
const EARLIER: usize = 8;
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// Talks until Ctrl-D.
pub(super) async fn run(remote: &Remote, state: &State, output: &mut dyn Write) -> Result<(), Trouble> {
    let outcome = match Raw::begin() {
        Ok(_raw) => Screen::new(output, state).talk(remote, state).await,
        Err(error) => Err(error),
    };
    outcome.map_err(|error| Trouble::Refused(format!("this terminal can't be used: {error}")))
}

/// Keys one by one for as long as it lives.
struct Raw;

impl Raw {
    fn begin() -> io::Result<Self> {
        terminal::enable_raw_mode().map(|()| Self)
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // There is nobody left to tell.
        let _ = terminal::disable_raw_mode();
    }
}

struct Screen<'a> {
    output: &'a mut dyn Write,
    line: Line,
    shown: HashSet<String>,
    hint: String,
    code: Option<String>,
}

impl<'a> Screen<'a> {
    fn new(output: &'a mut dyn Write, state: &State) -> Self {
        let mut screen =
            Self { output, line: Line::default(), shown: HashSet::new(), hint: String::new(), code: None };
        let settled: Vec<&Message> = state.messages.iter().filter(|message| is_settled(message)).collect();
        let skipped = settled.len().saturating_sub(EARLIER);
        screen.shown = settled[..skipped].iter().map(|message| message.id.clone()).collect();
        screen
    }

    async fn talk(mut self, remote: &Remote, state: &State) -> io::Result<()> {
        let State { phone, to, organisation, .. } = state;
        self.say(&[
            String::new(),
            format!("  {}  {}", organisation.as_str().bold(), to.shown.as_str().dark_grey()),
            format!("  {}", format!("You text from {}. Ctrl-D leaves.", phone.shown).dark_grey()),
            String::new(),
        ])?;
        self.show(state)?;
        let mut keys = keys();
        let (outgoing, mut failures) = sender(remote.clone());
        let mut events = follow(remote.clone());
        loop {
            tokio::select! {
                event = keys.recv() => match event {
                    Some(Event::Key(key)) if key.kind != KeyEventKind::Release => match self.line.press(key) {
                        // The sender takes texts faster than anyone types; it ends only with this loop.
                        Asked::Send(text) => drop(outgoing.send(text)),
                        Asked::Complete => self.complete(),
                        Asked::Leave => break,
                        Asked::Redraw => {}
                    },
                    Some(_) => {}
                    None => break,
                },
                Some(state) = events.recv() => match state {
                    Some(state) => self.show(&state)?,
                    None => self.complain("The server can't be reached; trying again.")?,
                },
                Some(trouble) = failures.recv() => self.complain(&format!("Not sent: {trouble}"))?,
            }
            self.draw()?;
        }
        write!(self.output, "{CLEARED}")?;
        self.output.flush()
    }

    /// Shows what is new.
    fn show(&mut self, state: &State) -> io::Result<()> {
        self.code.clone_from(&state.code);
        let likely = state.quick_replies.first().map_or("HELP", String::as_str);
        self.hint = match &state.code {
            Some(code) => format!("Tab types the code {code}"),
            None => format!("type a text, such as {likely}"),
        };
        let columns = columns();
        for message in state.messages.iter().filter(|message| is_settled(message)) {
            if self.shown.insert(message.id.clone()) {
                self.say(&paint::message(message, columns))?;
            }
        }
        self.draw()
    }

    fn complete(&mut self) {
        if let Some(code) = &self.code {
            self.line.insert(code);
        }
    }

    fn complain(&mut self, text: &str) -> io::Result<()> {
        self.say(&[format!("  {}", text.yellow()), String::new()])
    }

    /// Writes whole lines where the typing line stood.
    fn say(&mut self, lines: &[String]) -> io::Result<()> {
        write!(self.output, "{CLEARED}")?;
        for line in lines {
            write!(self.output, "{line}\r\n")?;
        }
        self.output.flush()
    }

    fn draw(&mut self) -> io::Result<()> {
        write!(self.output, "{CLEARED}")?;
        let (text, cursor) = self.line.window(columns().saturating_sub(PROMPT.chars().count() + 1));
        write!(self.output, "{}{text}", PROMPT.cyan())?;
        if self.line.is_empty() {
            write!(self.output, "{}", self.hint.as_str().dark_grey())?;
        }
        let column = PROMPT.chars().count() + cursor;
        write!(self.output, "{}", MoveToColumn(u16::try_from(column).unwrap_or(u16::MAX)))?;
        self.output.flush()
    }
}

/// It is on the handset, or never will be.
fn is_settled(message: &Message) -> bool {
    message.arrived || matches!(message.status.as_str(), "undelivered" | "failed" | "refused" | "expired")
}

fn columns() -> usize {
    terminal::size().map_or(80, |(columns, _)| usize::from(columns).max(24))
}

/// Keys, read on a thread of their own because reading them blocks.
fn keys() -> mpsc::Receiver<Event> {
    let (send, receive) = mpsc::channel(64);
    std::thread::spawn(move || {
        while let Ok(event) = event::read() {
            if send.blocking_send(event).is_err() {
                break;
            }
        }
    });
    receive
}

/// Sends texts in order; what goes wrong comes back.
fn sender(remote: Remote) -> (mpsc::UnboundedSender<String>, mpsc::Receiver<Trouble>) {
    let (send, mut texts) = mpsc::unbounded_channel::<String>();
    let (failed, failures) = mpsc::channel(8);
    tokio::spawn(async move {
        while let Some(text) = texts.recv().await {
            if let Err(trouble) = remote.text(&text).await
                && failed.send(trouble).await.is_err()
            {
                break;
            }
        }
    });
    (send, failures)
}

/// Every new state; `None` once when the connection is lost.
fn follow(remote: Remote) -> mpsc::Receiver<Option<State>> {
    let (send, receive) = mpsc::channel(8);
    tokio::spawn(async move {
        let mut lost = false;
        loop {
            if let Ok(events) = remote.follow().await {
                lost = false;
                pass_on(events, &send).await;
            }
            if !lost && send.send(None).await.is_err() {
                return;
            }
            lost = true;
            tokio::time::sleep(TRY_AGAIN).await;
        }
    });
    receive
}

async fn pass_on(mut events: Events, send: &mpsc::Sender<Option<State>>) {
    while let Some(state) = events.next().await {
        if send.send(Some(state)).await.is_err() {
            return;
        }
    }
}
