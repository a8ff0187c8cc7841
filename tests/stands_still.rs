//! A server that stands still between a message's intent and its call, and goes on when it is too late.

mod harness;
mod support;

use harness::{ADA, OURS, PATIENCE, eventually, live_settings, start_carrier};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tidings::batch::{Apply, Batch};
use tidings::carrier::{Carrier, Direction, Number, Settings};
use tidings::clock::Clock;
use tidings::config::{Config, Values};
use tidings::conversation::{AnswerBy, InboundText, Inbox};
use tidings::gate::{Budget, Rules};
use tidings::metrics::Metrics;
use tidings::outbound::{ClaimId, Consents, Intent, Line, Recorder, Sender, Twilio, Wake};
use tokio_util::sync::CancellationToken;

/// Says that the first message may leave, and then stands still, while `meanwhile` is texted to another server.
struct StandsStill {
    inner: Consents,
    clock: Clock,
    meanwhile: Option<&'static str>,
    asked: Arc<AtomicU32>,
}

impl Apply for StandsStill {
    type Job = ClaimId;
    type Answer = Option<Intent>;
    type Ahead = ();
    type Ready = ();

    async fn carry_out(&self, jobs: &[ClaimId], _: Option<()>) -> sqlx::Result<Vec<Option<Intent>>> {
        let answers = self.inner.carry_out(jobs, None).await?;
        if self.asked.fetch_add(1, Ordering::Relaxed) == 0 {
            if let Some(body) = self.meanwhile {
                self.inner.0.apply(&[support::text(ADA, body)]).await?;
            }
            assert!(self.clock.advance(SignedDuration::from_secs(11)));
        }
        Ok(answers)
    }
}

/// A sender whose first call is held up.
fn sender(inbox: &Arc<Inbox>, carrier: &Carrier, base: &str, still: StandsStill) -> Sender {
    let pairs = live_settings(carrier.settings(), base, "sqlite://unused.db");
    let pairs = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let config = Config::from_values(&Values::from_pairs(pairs).unwrap()).unwrap();
    let twilio = config.twilio.clone().unwrap();
    let budget = Budget { messages: None, micro_dollars: None, zone: TimeZone::UTC };
    Sender {
        inbox: inbox.clone(),
        sends: true,
        twilio: Twilio::new(&twilio).unwrap(),
        lines: Line::both(&twilio, &config),
        public_url: "http://localhost".to_owned(),
        rules: Arc::new(Rules {
            quiet_hours: config.quiet_hours,
            daily_cap: config.daily_cap_per_person,
            countries: config.countries.clone(),
            budget,
        }),
        consents: Batch::start(still, 1).0,
        recorder: Batch::start(Recorder(inbox.clone()), 1).0,
        metrics: Metrics::new().unwrap(),
        wake: Wake::default(),
        campaigns: Wake::default(),
    }
}

/// Ada's answer is about to leave; returns how often it did, its fate and how often consent was asked for.
async fn sent(meanwhile: Option<&'static str>) -> Vec<(usize, String, u32)> {
    let mut all = Vec::new();
    for fresh in support::engines().await {
        let (inbox, clock) = support::inbox(support::open(&fresh).await, true).await;
        let over = CancellationToken::new();
        let settings = Settings { numbers: vec![Number::new(OURS, None)], ..Settings::random() };
        let (carrier, base) = start_carrier(settings, clock.clone(), &over).await;
        let by_rest = InboundText { answer_by: AnswerBy::Rest, ..support::text(ADA, "STATUS") };
        inbox.apply(&[by_rest]).await.unwrap();
        let asked = Arc::new(AtomicU32::new(0));
        let inner = Consents(inbox.clone());
        let still = StandsStill { inner, clock, meanwhile, asked: asked.clone() };
        let sender = sender(&inbox, &carrier, &base, still);
        let running = tokio::spawn(sender.run(over.clone()));
        let fate = async || harness::messages(&inbox.store).await[1].status.clone();
        eventually("an end", PATIENCE, async || !["queued", "sending"].contains(&fate().await.as_str()))
            .await;
        let outbound = carrier.history(ADA, 9).into_iter().filter(|one| one.direction != Direction::Inbound);
        all.push((outbound.count(), fate().await, asked.load(Ordering::Relaxed)));
        over.cancel();
        running.await.unwrap();
        inbox.store.close().await;
    }
    all
}

#[tokio::test]
async fn whoever_stood_still_asks_for_consent_again() {
    for (count, fate, asked) in sent(None).await {
        assert_eq!((count, fate.as_str(), asked), (1, "accepted", 2));
    }
}

#[tokio::test]
async fn whoever_left_meanwhile_is_not_called() {
    for (count, fate, _) in sent(Some("STOP")).await {
        assert_eq!((count, fate.as_str()), (0, "refused"));
    }
}
