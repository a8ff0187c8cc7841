//! `tidings send-test NUMBER`: a test message, through the outbox and the gate like everything else. A
//! running server sends it.

use super::progress::bar;
use super::record::record_before;
use super::{Misuse, Outcome};
use crate::app::open_inbox;
use crate::config::{Config, Flags};
use crate::conversation::{Inbox, Reach, TestError};
use crate::phone::Phone;
use crate::store::TestRow;
use serde_json::json;
use std::error::Error;
use std::io::Write;
use std::time::Duration;

/// The longest message that Twilio takes.
const MAX_CHARACTERS: usize = 1600;
/// How often to look at what became of it.
const LOOK: Duration = Duration::from_millis(250);
const LOOKS_A_SECOND: u64 = 4;
/// After so many looks at a message that nobody takes, whoever waits is told what for.
const LOOKS_BEFORE_A_WORD: u64 = 6;

/// The arguments of `tidings send-test`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where to; a number without a country code is one of the default region
    number: String,
    /// What to say
    #[arg(long, conflicts_with = "template")]
    message: Option<String>,
    /// A template to say, with sample values
    #[arg(long, value_name = "NAME")]
    template: Option<String>,
    /// The template's locale [default: that of new contacts]
    #[arg(long, requires = "template")]
    locale: Option<String>,
    /// How long to wait for what becomes of it; 0 only queues it
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    wait: u16,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: Flags,
}

impl Args {
    /// The settings given as flags.
    #[must_use]
    pub fn flags(&self) -> &Flags {
        &self.flags
    }
}

/// Queues the message and waits for what becomes of it.
///
/// # Errors
/// The number or the template is wrong, or the database can't be opened or written.
pub async fn run(args: Args, config: Config, output: &mut dyn Write) -> Result<Outcome, Box<dyn Error>> {
    let phone =
        Phone::parse(&args.number, config.default_region).map_err(|error| Misuse::of("NUMBER", error))?;
    let inbox = open_inbox(&config).await?;
    let body = words(&args, &config, &inbox)?;
    let hash = inbox.suppression_key.hash(&phone.to_string());
    let subject = format!("phone {}", &hash[..16]);
    record_before(&inbox, &config, "tidings send-test", subject).await?;
    let sent = inbox.send_test(phone, &body, Reach::Person, None).await;
    let id = sent.map_err(|error| match error {
        TestError::Erased => format!("NUMBER: {error}").into(),
        TestError::Store(error) => Box::<dyn Error>::from(error),
    })?;
    let row = watch(&inbox, id, args.wait).await?;
    inbox.store.close().await;
    let Some(row) = row else { return Err("the message is gone".into()) };
    let reason = row.status_reason.as_deref();
    if args.json {
        let answer = json!({
            "test_id": id.to_string(), "status": row.status, "status_reason": reason,
            "error_code": row.error_code, "segments": row.segments, "message": row.body,
        });
        writeln!(output, "{answer}")?;
    } else {
        let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
        writeln!(output, "{}{reason}", row.status)?;
        if row.status == "queued" && args.wait == 0 {
            writeln!(output, "A running server sends it; it expires after ten minutes.")?;
        }
    }
    Ok(outcome(&row.status, args.wait))
}

/// Whether it went well; what nobody sent by now did not, unless nobody waited for it.
fn outcome(status: &str, waited: u16) -> Outcome {
    match status {
        "queued" if waited > 0 => {
            eprintln!(
                "No server sent it within {waited} s. Start one on this database (`tidings serve`), or find out in \
                 its log and at /readyz what it waits for; the message expires ten minutes after it was queued."
            );
            Outcome::Failed
        }
        "refused" | "failed" | "undelivered" | "expired" | "skipped" => Outcome::Failed,
        _ => Outcome::Done,
    }
}

fn words(args: &Args, config: &Config, inbox: &Inbox) -> Result<String, Box<dyn Error>> {
    let Some(name) = &args.template else {
        let usual = || format!("{}: this is a test message. You need not answer.", config.organisation);
        let body = args.message.clone().unwrap_or_else(usual);
        let length = body.chars().count();
        if body.trim().is_empty() || length > MAX_CHARACTERS || body.contains('\0') {
            return Err(Misuse::of("--message", format!("1 to {MAX_CHARACTERS} characters")).into());
        }
        return Ok(body);
    };
    let locale = args.locale.as_deref().unwrap_or(&inbox.settings.default_locale);
    if !inbox.texts.locales().iter().any(|known| known == locale) {
        let known = inbox.texts.locales().join(", ");
        return Err(Misuse::of("--locale", format!("there are {known}")).into());
    }
    let samples = inbox.texts.samples(locale)?;
    let body = samples.get(name.as_str()).cloned();
    body.ok_or_else(|| Misuse::of("--template", "`tidings templates list` shows what there is").into())
}

/// The message once it stands as it will, or as it stands when the time is up.
async fn watch(inbox: &Inbox, id: i64, seconds: u16) -> Result<Option<TestRow>, Box<dyn Error>> {
    let looks = u64::from(seconds) * LOOKS_A_SECOND;
    let mut progress = None;
    for look in 0.. {
        let row = inbox.store.test_message(id, None).await?;
        let status = row.as_ref().map_or("", |row| row.status.as_str());
        if look == looks || !matches!(status, "queued" | "sending" | "accepted" | "sent" | "uncertain") {
            return Ok(row);
        }
        if look == LOOKS_BEFORE_A_WORD && status == "queued" {
            eprintln!("It waits for a running server to send it; looking for {seconds} s at most …");
            progress = Some(bar(looks - look, "waiting for a server"));
        }
        if let Some(bar) = &progress {
            bar.inc(1);
        }
        tokio::time::sleep(LOOK).await;
    }
    Ok(None)
}
