//! Conversations as files: `tests/scenarios/*.txt` say who texts what and what comes back.
//!
//! `>` is a text from the person, `<` the reply, `<nothing>` none; `{code}` stands for the six digits
//! that came, `{wrong}` for others. `@ 11 minutes` moves the clock, `! tidings answers` says that
//! Twilio does not answer STOP, START and HELP, `! locale es` that new people are written to in Spanish, `? member, given, Asha` tells state, consent and name.
//! Twilio does not answer STOP, START and HELP, `? member, given, Asha` tells state, consent and name.
//!
//! `% book TITLE at TIME [in PLACE]`, `% move TITLE to TIME` and `% cancel TITLE` are what staff do, `% remind` sends
//! the next reminder that is due, and `= TITLE confirmed` tells what
//! became of a booking. In a reply, ` / ` stands for a new line.

mod staff;
mod support;

use jiff::SignedDuration;
use std::fmt::Write as _;
use std::fs;
use std::sync::Arc;
use tidings::batch::Apply as _;
use tidings::conversation::Inbox;

const PERSON: &str = "+12125550123";

struct Run<'a> {
    inbox: &'a Inbox,
    code: String,
    heard: Option<String>,
}

impl Run<'_> {
    async fn texts(&mut self, line: &str) {
        let wrong = if self.code == "000000" { "000001" } else { "000000" };
        let body = line.replace("{code}", &self.code).replace("{wrong}", wrong);
        let answers = self.inbox.apply(&[support::text(PERSON, &body)]).await.unwrap();
        self.heard = answers.into_iter().next().unwrap().map(|handed| handed.body);
        let digits = self.heard.as_deref().and_then(|body| body.get(..6));
        if let Some(digits) = digits.filter(|digits| digits.bytes().all(|b| b.is_ascii_digit())) {
            digits.clone_into(&mut self.code);
        }
    }

    fn hears(&self) -> String {
        match &self.heard {
            None => "<nothing>".to_owned(),
            Some(body) if body.contains('\n') => format!("< {}", body.replace('\n', " / ")),
            Some(body) if !self.code.is_empty() => format!("< {}", body.replace(&self.code, "{code}")),
            Some(body) => format!("< {body}"),
        }
    }

    async fn is(&self) -> String {
        match self.inbox.store.contact(PERSON).await.unwrap() {
            None => "? unknown".to_owned(),
            Some(contact) => {
                let name = contact.name.unwrap_or_else(|| "no name".to_owned());
                format!("? {}, {}, {name}", contact.state, contact.consent)
            }
        }
    }
}

/// Plays a file; returns what it should read like.
async fn play(script: &str, fresh: &support::Fresh) -> String {
    let twilio_answers = !script.contains("! tidings answers");
    let (mut inbox, clock) = support::inbox(support::open(fresh).await, twilio_answers).await;
    if let Some(locale) = script.lines().find_map(|line| line.strip_prefix("! locale ")) {
        let inbox = Arc::get_mut(&mut inbox).unwrap();
        locale.clone_into(&mut inbox.settings.default_locale);
    }
    let mut run = Run { inbox: &inbox, code: String::new(), heard: None };
    let mut played = String::new();
    for line in script.lines() {
        let now = match line.split_once(' ') {
            Some((">", body)) => {
                run.texts(body).await;
                line.to_owned()
            }
            Some(("<", _)) => run.hears(),
            Some(("?", _)) => run.is().await,
            Some(("=", said)) => staff::status(&inbox, said).await,
            Some(("%", "remind")) => {
                run.heard = staff::remind(&inbox).await;
                line.to_owned()
            }
            Some(("%", order)) => {
                staff::carry_out(&inbox, PERSON, order).await;
                line.to_owned()
            }
            Some(("@", span)) => {
                let span: jiff::Span = span.parse().unwrap();
                assert!(clock.advance(SignedDuration::try_from(span).unwrap()));
                line.to_owned()
            }
            None if line == "<nothing>" => run.hears(),
            _ => line.to_owned(),
        };
        writeln!(played, "{now}").unwrap();
    }
    played
}

#[tokio::test]
async fn conversations_go_as_written() {
    let mut files: Vec<_> =
        fs::read_dir(support::path("scenarios")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 10, "the scenarios are gone");
    let mut wrong = Vec::new();
    for file in &files {
        let script = fs::read_to_string(file).unwrap();
        for fresh in support::engines().await {
            let played = play(&script, &fresh).await;
            if played != script {
                wrong.push(format!("--- {} on {}\n{played}", file.display(), fresh.name));
            }
        }
    }
    assert!(wrong.is_empty(), "these went otherwise:\n{}", wrong.join("\n"));
}
