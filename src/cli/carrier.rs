//! `tidings carrier`: the simulated Twilio alone, for trying an application or breaking it.

use crate::carrier::{Carrier, Number, OptOut, Settings, Timing};
use crate::clock::Clock;
use crate::listen;
use crate::phone::Phone;
use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Run the simulated Twilio alone. Its control API is described at `/carrier/`.
#[derive(Clone, clap::Args)]
pub struct Args {
    /// The address to listen on. The control API asks for no credentials: keep to the loopback interface.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8090")]
    pub listen: SocketAddr,
    /// A number of the account in E.164; may be repeated.
    #[arg(long = "number", value_name = "NUMBER", default_value = "+15550100000", value_parser = number)]
    pub numbers: Vec<String>,
    /// Where the numbers' texts are posted, with Twilio's connection overrides: `http://…/sms#rc=5&rp=all`.
    #[arg(long, value_name = "URL", value_parser = url)]
    pub webhook: Option<String>,
    /// Where they are posted when that fails.
    #[arg(long, value_name = "URL", value_parser = url)]
    pub fallback: Option<String>,
    /// The account's SID; a random one if not given.
    #[arg(long, value_name = "SID")]
    pub account_sid: Option<String>,
    /// The account's auth token; a random one if not given.
    #[arg(long, value_name = "TOKEN")]
    pub auth_token: Option<String>,
    /// Leave STOP, START and HELP to the application.
    #[arg(long)]
    pub no_opt_out: bool,
    /// Milliseconds from acceptance to `sent`.
    #[arg(long, value_name = "MS", default_value_t = 20)]
    pub sent_after_ms: u64,
    /// Milliseconds from `sent` to `delivered`.
    #[arg(long, value_name = "MS", default_value_t = 50)]
    pub ended_after_ms: u64,
}

fn number(text: &str) -> Result<String, String> {
    let phone = Phone::from_e164(text).ok_or("must be a number in E.164 form such as +15550100000")?;
    Ok(phone.to_string())
}

fn url(text: &str) -> Result<String, String> {
    let url = url::Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    url.map(|_| text.to_owned()).ok_or_else(|| "must be a URL such as http://127.0.0.1:8080/sms".to_owned())
}

impl Args {
    /// The account these arguments describe.
    #[must_use]
    pub fn settings(&self) -> Settings {
        let mut settings = Settings::random();
        settings.account_sid = self.account_sid.clone().unwrap_or(settings.account_sid);
        settings.auth_token = self.auth_token.clone().unwrap_or(settings.auth_token);
        settings.opt_out = if self.no_opt_out { OptOut::Off } else { OptOut::Default };
        settings.timing = Timing {
            sent_after: Duration::from_millis(self.sent_after_ms),
            ended_after: Duration::from_millis(self.ended_after_ms),
        };
        let number = |phone: &String| Number {
            sms_fallback_url: self.fallback.clone(),
            ..Number::new(phone, self.webhook.as_deref())
        };
        settings.numbers = self.numbers.iter().map(number).collect();
        settings
    }
}

/// Runs the command until `stop` is cancelled. Its first line of output is one of JSON with the address and
/// the credentials, for whoever started it.
///
/// # Errors
/// When the address can't be listened on.
pub async fn run(args: Args, clock: Clock, stop: CancellationToken) -> Result<(), Box<dyn Error>> {
    let (listener, address) =
        listen::bind(args.listen).await.map_err(|error| format!("--listen: {error}"))?;
    let carrier = Carrier::new(args.settings(), clock);
    let settings = carrier.settings();
    let begun = serde_json::json!({
        "base_url": format!("http://{address}"),
        "account_sid": settings.account_sid,
        "auth_token": settings.auth_token,
        "numbers": args.numbers,
        "fault_seed": carrier.faults().seed,
    });
    println!("{begun}");
    Ok(carrier.spawn(listener, stop).await?)
}
