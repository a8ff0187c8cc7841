//! What is counted, in Prometheus' text format. Labels never hold a number, a name or a text.

use prometheus::{
    Encoder as _, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGaugeVec, Opts, Registry,
    TextEncoder,
};
use std::time::Duration;

/// The counters of one server.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: Registry,
    webhooks: IntCounterVec,
    turn: Histogram,
    sends: IntCounterVec,
    settled: IntCounterVec,
    tips: IntCounterVec,
    template_failures: IntCounter,
    open: IntGaugeVec,
    paused: IntGaugeVec,
}

impl Metrics {
    /// Counters at zero.
    ///
    /// # Errors
    /// Two of them have the same name, which a test would show.
    pub fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let counter = |name, help, label| -> Result<IntCounterVec, prometheus::Error> {
            let counter = IntCounterVec::new(Opts::new(name, help), label)?;
            registry.register(Box::new(counter.clone()))?;
            Ok(counter)
        };
        let buckets = vec![0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0];
        let turn =
            HistogramOpts::new("tidings_turn_seconds", "Time from an inbound text to its durable answer");
        let turn = Histogram::with_opts(turn.buckets(buckets))?;
        registry.register(Box::new(turn.clone()))?;
        let open = IntGaugeVec::new(
            Opts::new("tidings_messages_open", "Outgoing messages not yet settled"),
            &["status"],
        )?;
        registry.register(Box::new(open.clone()))?;
        let paused = IntGaugeVec::new(
            Opts::new("tidings_sender_paused", "1 while nothing is sent; /readyz says why"),
            &["channel"],
        )?;
        registry.register(Box::new(paused.clone()))?;
        let template_failures = IntCounter::new(
            "tidings_template_failures_total",
            "Edited templates that failed, so that the shipped one was said",
        )?;
        registry.register(Box::new(template_failures.clone()))?;
        Ok(Self {
            webhooks: counter(
                "tidings_webhooks_total",
                "Webhooks by kind and HTTP status",
                &["kind", "status"],
            )?,
            sends: counter("tidings_sends_total", "Calls to Twilio's send API by outcome", &["outcome"])?,
            settled: counter(
                "tidings_settled_total",
                "Uncertain messages by how they were settled",
                &["outcome"],
            )?,
            tips: counter(
                "tidings_tips_total",
                "Daily tips queued, skipped because too late, and due without anything to send",
                &["outcome"],
            )?,
            registry,
            template_failures,
            turn,
            open,
            paused,
        })
    }

    /// Counts an answered webhook.
    pub fn webhook(&self, kind: &str, status: u16) {
        self.webhooks.with_label_values(&[kind, &status.to_string()]).inc();
    }

    /// Notes how long an inbound text took.
    pub fn turn(&self, took: Duration) {
        self.turn.observe(took.as_secs_f64());
    }

    /// Counts a call to Twilio.
    pub fn send(&self, outcome: &str) {
        self.sends.with_label_values(&[outcome]).inc();
    }

    /// Counts a message that was settled.
    pub fn settled(&self, outcome: &str) {
        self.settled.with_label_values(&[outcome]).inc();
    }

    /// Notes whether the sender of a channel stands still.
    pub fn paused(&self, channel: &str, paused: bool) {
        self.paused.with_label_values(&[channel]).set(paused.into());
    }

    /// Counts `count` daily tips that were `queued` or `skipped`, or people `without` one.
    pub fn tips(&self, outcome: &str, count: u64) {
        self.tips.with_label_values(&[outcome]).inc_by(count);
    }

    /// Notes how often an edited template has failed by now.
    pub fn template_failures(&self, total: u64) {
        self.template_failures.inc_by(total.saturating_sub(self.template_failures.get()));
    }

    /// Everything as text, with these open messages.
    #[must_use]
    pub fn render(&self, open: &[(String, i64)]) -> String {
        self.open.reset();
        for (status, count) in open {
            self.open.with_label_values(&[status.as_str()]).set(*count);
        }
        let mut text = Vec::new();
        if let Err(error) = TextEncoder::new().encode(&self.registry.gather(), &mut text) {
            tracing::error!(%error, "the metrics could not be written");
        }
        String::from_utf8(text).unwrap_or_default()
    }
}
