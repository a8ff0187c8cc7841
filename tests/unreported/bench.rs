//! A store, an inbox and a carrier, without a server between them.

use crate::harness::{self, ADA, OURS, live_settings, start_carrier};
use crate::support;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use tidings::batch::{Apply as _, Batch, MAX_SLICE};
use tidings::carrier::{Carrier, Number, Settings};
use tidings::clock::Clock;
use tidings::config::{Config, Values};
use tidings::conversation::{AnswerBy, InboundText, Inbox, Reported, Reports};
use tidings::delivery::Status;
use tidings::gate::Budget;
use tidings::metrics::Metrics;
use tidings::outbound::ticks::{Schedule as _, Ticked};
use tidings::outbound::{Finisher, Settler, Steps, Twilio, Wake};
use tidings::store::{Claim, MessageRow, Outcome, Store};
use tokio_util::sync::CancellationToken;

pub(crate) async fn rows(store: &Store) -> Vec<MessageRow> {
    harness::messages(store).await.into_iter().filter(|row| row.outbound).collect()
}

/// A client of the carrier, as the server would have it.
pub(crate) fn twilio(carrier: &Carrier, base: &str) -> Twilio {
    let pairs = live_settings(carrier.settings(), base, "sqlite://unused.db");
    let values =
        Values::from_pairs(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))).unwrap();
    Twilio::new(&Config::from_values(&values).unwrap().twilio.unwrap()).unwrap()
}

/// A store, an inbox and a carrier, whose clocks stand.
pub(crate) struct Bench {
    pub(crate) store: Store,
    pub(crate) inbox: Arc<Inbox>,
    pub(crate) clock: Clock,
    /// The carrier's; the same if not told otherwise.
    pub(crate) twilio_clock: Clock,
    pub(crate) carrier: Carrier,
    pub(crate) base: String,
    pub(crate) over: CancellationToken,
    _fresh: support::Fresh,
}

impl Bench {
    pub(crate) async fn each() -> Vec<Self> {
        Self::each_with(Clone::clone).await
    }

    /// With the carrier's clock made of ours.
    pub(crate) async fn each_with(twilio_clock: impl Fn(&Clock) -> Clock) -> Vec<Self> {
        Self::each_on(Clock::standing_at, twilio_clock).await
    }

    /// With our clock made of the time at which tests begin.
    pub(crate) async fn each_on(
        clock: impl Fn(Timestamp) -> Clock,
        twilio_clock: impl Fn(&Clock) -> Clock,
    ) -> Vec<Self> {
        let mut all = Vec::new();
        for fresh in support::engines().await {
            let store = support::open(&fresh).await;
            let (mut inbox, _) = support::inbox(store.clone(), true).await;
            let clock = clock(support::start());
            Arc::get_mut(&mut inbox).unwrap().clock = clock.clone();
            let twilio_clock = twilio_clock(&clock);
            let over = CancellationToken::new();
            let mut settings = Settings::random();
            settings.numbers.push(Number::new(OURS, None));
            let (carrier, base) = start_carrier(settings, twilio_clock.clone(), &over).await;
            all.push(Self { store, inbox, clock, twilio_clock, carrier, base, over, _fresh: fresh });
        }
        all
    }

    /// Ada's answer, as the carrier took it and as we know it; `id` is its row.
    pub(crate) async fn sent(&self) -> (i64, String) {
        self.inbox.apply(&[support::text(ADA, "STATUS")]).await.unwrap();
        let row = rows(&self.store).await.remove(0);
        (row.id, self.post(&row).await)
    }

    /// The same by REST, where the server was killed before it heard that.
    pub(crate) async fn called(&self) -> String {
        self.queue("STATUS").await;
        let now = self.clock.now();
        let lease_until = (now + SignedDuration::from_secs(30)).as_millisecond();
        let now = now.as_millisecond();
        let priority = self.store.due_priorities(false, now).await.unwrap()[0];
        let mut tx = self.store.begin().await.unwrap();
        let claim = Claim { now, lease_until, fence: 1, whatsapp: false, priority, limit: 1 };
        let claimed = tx.claim_queued(&claim).await.unwrap();
        tx.commit().await.unwrap();
        self.store.begin_calls(&[(claimed[0], 1)], now).await.unwrap();
        self.post(&rows(&self.store).await[0]).await
    }

    /// Ada says `body`, and is to be answered by REST; returns the answer's row.
    pub(crate) async fn queue(&self, body: &str) -> i64 {
        let answer_by = AnswerBy::Rest;
        self.inbox.apply(&[InboundText { answer_by, ..support::text(ADA, body) }]).await.unwrap();
        rows(&self.store).await.into_iter().map(|row| row.id).max().unwrap()
    }

    /// Plans a queued message for its time.
    pub(crate) async fn plan(&self, id: i64, at: Timestamp) {
        let now = self.clock.now().as_millisecond();
        let planned =
            Outcome { due_at: Some(at.as_millisecond()), ..Outcome::new(id, 0, Status::Queued, now) };
        let mut tx = self.store.begin().await.unwrap();
        tx.record(&[planned]).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Gives the carrier a message; returns its SID.
    async fn post(&self, row: &MessageRow) -> String {
        let url = format!(
            "{}/2010-04-01/Accounts/{}/Messages.json",
            self.base,
            self.carrier.settings().account_sid
        );
        let settings = self.carrier.settings();
        let form = [("To", ADA), ("From", OURS), ("Body", row.body.as_str())];
        let request = reqwest::Client::new().post(url).form(&form);
        let answer =
            request.basic_auth(&settings.account_sid, Some(&settings.auth_token)).send().await.unwrap();
        let message: serde_json::Value = answer.json().await.unwrap();
        self.carrier.idle().await;
        message["sid"].as_str().unwrap().to_owned()
    }

    pub(crate) fn report(id: i64, sid: &str, status: Status, error_code: Option<u32>) -> Reported {
        let twilio_status = status.as_str().to_owned();
        Reported {
            message_id: id,
            sid: sid.parse().unwrap(),
            status,
            twilio_status,
            error_code,
            reason: None,
            told: true,
        }
    }

    pub(crate) fn finisher(&self) -> Finisher {
        let (reports, _) = Batch::start(Reports(self.inbox.clone()), MAX_SLICE);
        let metrics = Metrics::new().unwrap();
        Finisher { inbox: self.inbox.clone(), twilio: twilio(&self.carrier, &self.base), reports, metrics }
    }

    pub(crate) fn settler(&self, metrics: Metrics) -> Settler {
        Settler {
            inbox: self.inbox.clone(),
            twilio: twilio(&self.carrier, &self.base),
            budget: Budget::unlimited(),
            metrics,
            wake: Wake::default(),
            steps: Steps::default(),
        }
    }

    pub(crate) async fn tick(&self, finisher: &Finisher, minutes: i64) -> MessageRow {
        let at = support::start() + SignedDuration::from_mins(minutes);
        assert!(self.clock.advance(at.duration_since(self.clock.now())));
        assert_eq!(finisher.tick(at).await.unwrap(), Ticked::Idle(None));
        rows(&self.store).await.remove(0)
    }

    pub(crate) async fn end(self) {
        self.over.cancel();
        self.store.close().await;
    }
}
