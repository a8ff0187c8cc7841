//! A server in this process, with a carrier for its Twilio.

use super::{ADA, OURS, PATIENCE, Scratch, eventually, live_settings, messages, open_count, start_carrier};
use tidings::app::App;
use tidings::carrier::{Carrier, Faults, Message, Number, Settings};
use tidings::clock::Clock;
use tidings::config::{Config, Values};
use tidings::signature;
use tidings::store::MessageRow;
use tokio_util::sync::CancellationToken;

/// A server in this process, its database, and the carrier it takes for Twilio.
pub(crate) struct Stage {
    pub(crate) app: App,
    pub(crate) carrier: Carrier,
    pub(crate) scratch: Scratch,
    pub(crate) client: reqwest::Client,
    pub(crate) api_base: String,
    stop: CancellationToken,
}

impl Stage {
    pub(crate) async fn new(scratch: Scratch) -> Self {
        Self::with(scratch, |_| {}).await
    }

    /// A stage whose carrier's settings `change` may change.
    pub(crate) async fn with(scratch: Scratch, change: impl FnOnce(&mut Settings)) -> Self {
        Self::start(scratch, change, &[], Clock::system()).await
    }

    /// A stage whose server goes by this clock.
    pub(crate) async fn at(scratch: Scratch, clock: Clock) -> Self {
        Self::start(scratch, |_| {}, &[], clock).await
    }

    /// A stage whose server has these settings beside the usual.
    pub(crate) async fn with_ours(scratch: Scratch, more: &[(&str, &str)]) -> Self {
        Self::start(scratch, |_| {}, more, Clock::system()).await
    }

    /// A stage with both.
    pub(crate) async fn with_both(
        scratch: Scratch,
        change: impl FnOnce(&mut Settings),
        more: &[(&str, &str)],
    ) -> Self {
        Self::start(scratch, change, more, Clock::system()).await
    }

    async fn start(
        scratch: Scratch,
        change: impl FnOnce(&mut Settings),
        more: &[(&str, &str)],
        clock: Clock,
    ) -> Self {
        let stop = CancellationToken::new();
        let mut settings = Settings::random();
        settings.numbers.push(Number::new(OURS, None));
        change(&mut settings);
        let (carrier, base) = start_carrier(settings, Clock::system(), &stop).await;
        let mut pairs = live_settings(carrier.settings(), &base, &scratch.url);
        let more = more.iter().chain(&[("TIDINGS_LISTEN", "127.0.0.1:0")]);
        pairs.extend(more.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let values =
            Values::from_pairs(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))).unwrap();
        let app = App::start(Config::from_values(&values).unwrap(), clock).await.unwrap();
        let webhook = format!("{}/webhooks/twilio/sms#rc=5&rp=all", app.public_url);
        carrier.set_number(OURS, |number| number.sms_url = Some(webhook));
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { app, carrier, scratch, client, api_base: base, stop }
    }

    /// Another node on the same database and carrier.
    pub(crate) async fn another(&self, more: &[(&str, &str)]) -> App {
        let mut pairs = live_settings(self.carrier.settings(), &self.api_base, &self.scratch.url);
        let more = more.iter().chain(&[("TIDINGS_LISTEN", "127.0.0.1:0")]);
        pairs.extend(more.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let values =
            Values::from_pairs(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))).unwrap();
        App::start(Config::from_values(&values).unwrap(), Clock::system()).await.unwrap()
    }

    pub(crate) fn faults(&self, change: impl FnOnce(&mut Faults)) {
        let mut faults = self.carrier.faults();
        change(&mut faults);
        self.carrier.set_faults(faults);
    }

    /// Posts a form to the server as Twilio would, and returns the answer's status and text.
    pub(crate) async fn post(&self, path: &str, params: &[(&str, &str)]) -> (u16, String) {
        let url = format!("{}{path}", self.app.public_url);
        let params: Vec<(String, String)> =
            params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let signature = signature::sign(&self.carrier.settings().auth_token, &url, &params);
        let request = self.client.post(&url).header("X-Twilio-Signature", signature).form(&params);
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    /// Posts a text as Twilio would, past the carrier.
    pub(crate) async fn hear(&self, sid: &str, from: &str, body: &str) -> (u16, String) {
        let params = [
            ("MessageSid", sid),
            ("AccountSid", &self.carrier.settings().account_sid),
            ("From", from),
            ("To", OURS),
            ("Body", body),
            ("NumMedia", "0"),
            ("NumSegments", "1"),
        ];
        self.post("/webhooks/twilio/sms", &params).await
    }

    /// Reports a status as Twilio would, past the carrier.
    pub(crate) async fn report(&self, id: i64, sid: &str, status: &str) -> u16 {
        let params = [("MessageSid", sid), ("MessageStatus", status), ("To", ADA), ("From", OURS)];
        self.post(&format!("/webhooks/twilio/status?m={id}&a=1"), &params).await.0
    }

    pub(crate) async fn messages(&self) -> Vec<MessageRow> {
        messages(&self.app.store).await
    }

    /// Our messages to people, oldest first.
    pub(crate) async fn outgoing(&self) -> Vec<MessageRow> {
        self.messages().await.into_iter().filter(|row| row.outbound).collect()
    }

    /// Returns once nothing is on its way any more, here and at the carrier.
    pub(crate) async fn settled(&self) {
        eventually("settling", PATIENCE, async || {
            let done = open_count(&self.app.store).await == 0;
            self.carrier.idle().await;
            done
        })
        .await;
    }

    /// What the carrier took from us, oldest first.
    pub(crate) fn taken(&self) -> Vec<Message> {
        self.carrier.ledger(0).outbound
    }

    pub(crate) async fn end(self) {
        self.app.stop().await;
        self.stop.cancel();
        self.scratch.close().await;
    }
}
