//! `tidings doctor`: checks what usually goes wrong, and says what to do.

mod house;

use super::Outcome;
use crate::app::{self, StartError};
use crate::clock::Clock;
use crate::config::{Config, Database, Flags, Sender, Values};
use crate::outbound::{Twilio, TwilioError};
use crate::signature::{AuthToken, sign, verify};
use crate::store::{self, Store};
use serde::Serialize;
use std::borrow::Cow;
use std::error::Error;
use std::io::Write;

/// How far two clocks may differ before it is worth a word, in seconds.
const CLOCK_TOLERANCE: i64 = 10;

/// The arguments of `tidings doctor`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Answer in JSON
    #[arg(long)]
    json: bool,
    /// The settings.
    #[command(flatten)]
    pub flags: Flags,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    Warning,
    Failed,
}

#[derive(Serialize)]
struct Finding {
    check: &'static str,
    state: State,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
}

impl Finding {
    fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self { check, state: State::Ok, found: found.into(), advice: None }
    }

    fn bad(check: &'static str, state: State, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, state, found: found.into(), advice: Some(advice.into()) }
    }
}

/// Runs all checks.
///
/// # Errors
/// `output` can't be written.
pub async fn run(args: Args, values: Values, output: &mut dyn Write) -> Result<Outcome, Box<dyn Error>> {
    let findings = match Config::from_values(&values) {
        Ok(config) => examine(&config).await,
        Err(error) => vec![Finding::bad(
            "settings",
            State::Failed,
            args.flags.name_as_given(&error.to_string()),
            "correct this setting and run doctor again",
        )],
    };
    if args.json {
        serde_json::to_writer(&mut *output, &findings)?;
        writeln!(output)?;
    } else {
        for finding in &findings {
            let mark = match finding.state {
                State::Ok => "ok  ",
                State::Warning => "WARN",
                State::Failed => "FAIL",
            };
            writeln!(output, "{mark}  {:<11} {}", finding.check, finding.found)?;
            if let Some(advice) = &finding.advice {
                writeln!(output, "      {:<11} → {advice}", "")?;
            }
        }
    }
    let failed = findings.iter().any(|finding| finding.state == State::Failed);
    Ok(if failed { Outcome::Failed } else { Outcome::Done })
}

async fn examine(config: &Config) -> Vec<Finding> {
    let mut findings = vec![house::settings(config), database(config).await];
    findings.extend(house::nameless(config));
    findings.extend(house::sleepless(config));
    findings.push(signature(config));
    let Some(twilio) = &config.twilio else {
        let found = if config.demo {
            "no credentials: the demo runs"
        } else {
            "no credentials, and the demo is off: messages are recorded as skipped, none is sent"
        };
        let advice = "set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_PHONE_NUMBER and TIDINGS_PUBLIC_URL to go live";
        findings.push(Finding::bad("twilio", State::Warning, found, advice));
        return findings;
    };
    match Twilio::new(twilio) {
        Ok(client) => {
            let account = account(&client).await;
            let answered = account.first().is_some_and(|finding| finding.state == State::Ok);
            findings.extend(account);
            if answered {
                findings.push(webhook(config, &client, &twilio.sender).await);
            }
        }
        Err(error) => {
            let advice = "install this machine's certificates (Debian: ca-certificates)";
            findings.push(Finding::bad("twilio", State::Failed, error.to_string(), advice));
        }
    }
    findings
}

/// Whether the database answers and goes with the secret. It makes none: in a wrong folder it would be one
/// more that nobody looks for.
async fn database(config: &Config) -> Finding {
    let (kind, advice) = match &config.database {
        Database::Sqlite(path) => {
            (format!("SQLite, {}", path.display()), "check that the file can be read and written")
        }
        Database::Postgres(_) => {
            ("PostgreSQL".to_owned(), "check DATABASE_URL and that the server takes connections")
        }
    };
    if let Some(path) = config.database.missing() {
        return no_database(format!("there is none yet at {}", path.display()));
    }
    let opened = async {
        let store = Store::open(&config.database, config.max_connections).await?;
        let found = match store.is_made().await {
            Ok(true) => Ok(app::check_secret(config, &store).await),
            Ok(false) => Ok(Err(StartError::Empty)),
            Err(error) => Err(error),
        };
        store.close().await;
        found
    };
    match opened.await {
        Ok(Ok(())) => Finding::ok("database", format!("{kind} answers")),
        Ok(Err(StartError::Empty)) => no_database(format!("{kind} holds nothing of Tidings yet")),
        Ok(Err(StartError::ForeignSecret)) => Finding::bad(
            "secret",
            State::Failed,
            "TIDINGS_SECRET: this database was made with another secret",
            "start with that one; if it is lost, see \"Secrets\" in docs/OPERATING.md",
        ),
        Ok(Err(error)) => Finding::bad("database", State::Failed, error.to_string(), advice),
        Err(error) => {
            Finding::bad("database", State::Failed, format!("{kind}: {}", store::explain(&error)), advice)
        }
    }
}

fn no_database(found: String) -> Finding {
    let advice = "the server makes it when it first starts; if yours has started, run doctor in its folder or \
                  name its database with --database-url";
    Finding::bad("database", State::Warning, found, advice)
}

/// Signs a request as Twilio would and checks it as we would.
fn signature(config: &Config) -> Finding {
    let token = config.twilio.as_ref().map_or("demo", |twilio| twilio.auth_token.expose());
    let url = format!("{}/webhooks/twilio/sms", config.url());
    let params = [
        (Cow::Borrowed("Body"), Cow::Borrowed("hello")),
        (Cow::Borrowed("From"), Cow::Borrowed("+14155550100")),
    ];
    let signature = sign(token, &url, &params);
    let tokens: Vec<AuthToken> = AuthToken::new(token).into_iter().collect();
    match verify(&tokens, &url, &params, None, &signature) {
        Ok(()) => Finding::ok("signature", format!("webhooks are checked as signed for {url}")),
        Err(error) => Finding::bad(
            "signature",
            State::Failed,
            error.to_string(),
            "check TWILIO_AUTH_TOKEN: it must be the primary token, without spaces",
        ),
    }
}

async fn account(client: &Twilio) -> Vec<Finding> {
    let now = Clock::system().now();
    let account = match client.account(now).await {
        Ok(account) => account,
        Err(error) => {
            let advice = match &error {
                TwilioError::Refused { status: 401 | 403, .. } => {
                    "check TWILIO_ACCOUNT_SID with TWILIO_AUTH_TOKEN, or TWILIO_API_KEY with TWILIO_API_SECRET"
                }
                TwilioError::Refused { .. } => "check TWILIO_ACCOUNT_SID and TWILIO_API_BASE",
                TwilioError::Unreachable(_) => "check this machine's way to the internet and TWILIO_API_BASE",
            };
            return vec![Finding::bad("credentials", State::Failed, error.to_string(), advice)];
        }
    };
    let credentials = if account.status == "active" {
        Finding::ok("credentials", format!("account \"{}\" is active", account.friendly_name))
    } else {
        Finding::bad(
            "credentials",
            State::Failed,
            format!("the account is {}", account.status),
            "ask Twilio why",
        )
    };
    let clock = match account.clock_ahead_seconds {
        None => {
            Finding::bad("clock", State::Warning, "Twilio did not tell its time", "run doctor again later")
        }
        Some(seconds) if seconds.abs() <= CLOCK_TOLERANCE => Finding::ok("clock", "agrees with Twilio's"),
        Some(seconds) => {
            let side = if seconds > 0 { "behind" } else { "ahead of" };
            let found = format!("is {} s {side} Twilio's", seconds.abs());
            Finding::bad(
                "clock",
                State::Failed,
                found,
                "let this machine keep time (Debian: systemd-timesyncd or chrony)",
            )
        }
    };
    vec![credentials, clock]
}

async fn webhook(config: &Config, client: &Twilio, sender: &Sender) -> Finding {
    let Some(public_url) = &config.public_url else {
        let advice = "set it to the https:// address at which Twilio reaches this server";
        return Finding::bad("webhook", State::Failed, "TIDINGS_PUBLIC_URL is not set", advice);
    };
    let wanted = format!("{public_url}/webhooks/twilio/sms");
    let Sender::Number(phone) = sender else {
        let advice = format!(
            "in the messaging service's integration settings, send incoming messages to {wanted}#rc=5&rp=all"
        );
        return Finding::bad(
            "webhook",
            State::Warning,
            "a messaging service's webhook can't be looked up here",
            advice,
        );
    };
    let advice =
        format!("at Twilio, set the number's messaging webhook to {wanted}#rc=5&rp=all with HTTP POST");
    match client.incoming_number(&phone.to_string()).await {
        Err(error) => {
            Finding::bad("webhook", State::Failed, error.to_string(), "check the credentials' permissions")
        }
        Ok(None) => Finding::bad(
            "webhook",
            State::Failed,
            "TWILIO_PHONE_NUMBER is not a number of this account",
            "check the number and the account",
        ),
        Ok(Some(number)) => {
            let url = number.sms_url.split('#').next().unwrap_or_default();
            if url.is_empty() {
                Finding::bad("webhook", State::Failed, "the number has no messaging webhook", advice)
            } else if url != wanted {
                Finding::bad("webhook", State::Failed, format!("the number's texts go to {url}"), advice)
            } else if !number.sms_method.eq_ignore_ascii_case("POST") {
                Finding::bad("webhook", State::Failed, format!("the method is {}", number.sms_method), advice)
            } else if number.sms_url.contains("rp=all") {
                Finding::ok("webhook", format!("the number's texts come to {wanted}"))
            } else {
                Finding::bad(
                    "webhook",
                    State::Warning,
                    "texts come here, but failed deliveries are not tried again",
                    advice,
                )
            }
        }
    }
}
