//! What sends, finds out what became of what was sent, and catches up on what came in meanwhile.

use super::StartError;
use super::parts::{other, our_number};
use super::work::Work;
use crate::batch::{Batch, MAX_SLICE};
use crate::config::{self, Config};
use crate::conversation::{Handed, InboundText, Inbox, Reported};
use crate::gate::Rules;
use crate::metrics::Metrics;
use crate::outbound::{Consents, Finisher, Line, Recorder, Recovery, Sender, Settler, Steps, Twilio, Wake};
use crate::web::Writable;
use std::sync::Arc;
use tokio::sync::OnceCell;
use tokio::task::JoinHandle;

/// What leads to Twilio and back.
pub(super) struct Lines<'a> {
    pub(super) twilio: &'a config::Twilio,
    pub(super) public_url: &'a str,
    pub(super) rules: Arc<Rules>,
    pub(super) texts_in: Batch<InboundText, Option<Handed>>,
    pub(super) reports_in: Batch<Reported, ()>,
    pub(super) metrics: Metrics,
    pub(super) writable: &'a Arc<Writable>,
    /// Wakes who looks at campaigns.
    pub(super) campaigns: Wake,
}

/// Starts it; without Twilio only the sender, which says of each message that it was skipped. Returns the
/// workers to wait for in the end.
pub(super) fn start(
    config: &Config,
    lines: Lines,
    inbox: &Arc<Inbox>,
    work: &Work,
) -> Result<[JoinHandle<()>; 2], StartError> {
    let Lines { twilio, public_url, rules, texts_in, reports_in, metrics, writable, campaigns } = lines;
    let client = Twilio::new(twilio).map_err(other)?.simulated(config.twilio.is_none());
    let (recorder, recorder_worker) = Batch::start(writable.watch(Recorder(inbox.clone())), MAX_SLICE);
    let (consents, consents_worker) = Batch::start(writable.watch(Consents(inbox.clone())), MAX_SLICE);
    let sends = config.twilio.is_some() || config.demo;
    let budget = rules.budget.clone();
    let sender = Sender {
        inbox: inbox.clone(),
        sends,
        twilio: client.clone(),
        lines: Line::both(twilio, config),
        public_url: public_url.to_owned(),
        rules,
        consents,
        recorder,
        metrics: metrics.clone(),
        wake: work.wake.clone(),
        campaigns,
    };
    // Whoever started the server anew may have put right what made a line pause; nobody has where only the sender
    // begins anew.
    let started = Arc::new(OnceCell::new());
    work.run("sender", move |stop| {
        let (sender, started) = (sender.clone(), started.clone());
        async move {
            started.get_or_init(|| sender.forget_pauses()).await;
            sender.run(stop).await;
        }
    });
    if sends {
        let recovery = Recovery {
            store: inbox.store.clone(),
            clock: inbox.clock.clone(),
            twilio: client.clone(),
            our_numbers: our_number(twilio).map(|number| [number, whatsapp_number(twilio)]),
            suppression_key: inbox.suppression_key.clone(),
            inbox: texts_in,
            grace: inbox.settings.settle_after,
            metrics: metrics.clone(),
            wake: work.wake.clone(),
        };
        work.run("missed texts", move |stop| recovery.clone().run(stop));
        let finisher = Finisher {
            inbox: inbox.clone(),
            twilio: client.clone(),
            reports: reports_in,
            metrics: metrics.clone(),
        };
        work.tick(finisher, Wake::default());
        let (inbox, wake, steps) = (inbox.clone(), work.wake.clone(), Steps::default());
        let settler = Settler { inbox, twilio: client, budget, metrics, wake, steps };
        work.run("settler", move |stop| settler.clone().run(stop));
    }
    Ok([recorder_worker, consents_worker])
}

/// The number that we have on WhatsApp, as Twilio writes it; of no use with a messaging service alone.
fn whatsapp_number(twilio: &config::Twilio) -> String {
    let number = twilio.whatsapp.map(|number| number.to_string());
    format!("whatsapp:{}", number.or_else(|| our_number(twilio)).unwrap_or_default())
}
