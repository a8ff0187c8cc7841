//! What only the demo has: a carrier in this process, and the phone to text it with.

use super::StartError;
use crate::carrier::{self, Carrier, OptOut};
use crate::clock::Clock;
use crate::config::{self, Config, Sender};
use crate::conversation::Inbox;
use crate::dialog::Reply;
use crate::phone::Phone;
use crate::texts::Texts;
use crate::web::Pages;
use crate::web::demo::{self, Demo};
use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Our number in the demo: one that Twilio keeps for tests.
pub const DEMO_NUMBER: &str = "+15005550006";

fn our_number() -> Result<Phone, StartError> {
    let wrong = || StartError::Other("the demo number is wrong".to_owned());
    Phone::from_e164(DEMO_NUMBER).ok_or_else(wrong)
}

/// Stands where credentials would, when there are none and no demo either: nothing is sent by it, and as
/// nobody knows its token, no webhook is believed.
pub(super) fn nobody() -> Result<config::Twilio, StartError> {
    let token = crate::accounts::new_token().map_err(|error| StartError::Other(error.to_string()))?;
    Ok(config::Twilio {
        twiml_app_sid: None,
        account_sid: format!("AC{:032x}", 0),
        auth_token: config::Secret::new(token),
        auth_token_previous: None,
        api_key: None,
        sender: Sender::Number(our_number()?),
        whatsapp: None,
        api_base: "http://127.0.0.1:9".to_owned(),
    })
}

/// What the simulated carrier says to HELP; `None` where we answer the words that it would answer.
pub(super) fn help(config: &Config, texts: &Texts) -> Result<Option<String>, StartError> {
    if !config.twilio_answers {
        return Ok(None);
    }
    let words = texts.render(&Reply::Help, &config.default_locale);
    words.map(Some).map_err(|error| StartError::Other(format!("templates: {error}")))
}

/// Starts the simulated carrier on a port of its own. Where it answers STOP, START and HELP itself, as Twilio does
/// by default, its HELP says `help`: who we are, as an owner would have it entered there.
pub(super) async fn start_carrier(
    public_url: &str,
    help: Option<String>,
    clock: Clock,
    stop: CancellationToken,
) -> Result<(config::Twilio, Option<Carrier>), StartError> {
    let listener =
        TcpListener::bind(("127.0.0.1", 0)).await.map_err(|error| StartError::Other(error.to_string()))?;
    let address = listener.local_addr().map_err(|error| StartError::Other(error.to_string()))?;
    let webhook = format!("{public_url}/webhooks/twilio/sms#rc=5&rp=all");
    let opt_out = if help.is_some() { OptOut::Default } else { OptOut::Off };
    let settings = carrier::Settings { opt_out, help, ..carrier::Settings::demo(DEMO_NUMBER, &webhook) };
    let twilio = config::Twilio {
        twiml_app_sid: None,
        account_sid: settings.account_sid.clone(),
        auth_token: config::Secret::new(settings.auth_token.clone()),
        auth_token_previous: None,
        api_key: None,
        sender: Sender::Number(our_number()?),
        whatsapp: None,
        api_base: format!("http://{address}"),
    };
    let carrier = Carrier::new(settings, clock);
    carrier.spawn(listener, stop);
    Ok((twilio, Some(carrier)))
}

/// `/demo`, if there is a simulated carrier to text through.
pub(super) fn router(
    config: &Config,
    inbox: &Inbox,
    carrier: Option<&Carrier>,
    public_url: &str,
    stopping: &CancellationToken,
) -> Result<Router, StartError> {
    let Some(carrier) = carrier else { return Ok(Router::new()) };
    let pages = Pages::load().map_err(|error| StartError::Other(format!("pages: {error}")))?;
    Ok(demo::router(Demo {
        carrier: carrier.clone(),
        clock: inbox.clock.clone(),
        store: inbox.store.clone(),
        suppression_key: inbox.suppression_key.clone(),
        our_number: our_number()?,
        organisation: config.organisation.clone(),
        default_region: config.default_region,
        default_time_zone: config.default_time_zone.clone(),
        stopping: stopping.clone(),
        public_url: public_url.to_owned(),
        pages,
    }))
}
