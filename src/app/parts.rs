//! What runs beside the server, and the ways into it.

use super::{StartError, housekeeping, with_limits};
use crate::accounts::{self, Accounts};
use crate::api::{self, Api, Calls, VoiceAccount};
use crate::audit::AuditKey;
use crate::batch::{Batch, MAX_SLICE};
use crate::config::{self, Config, Sender as From};
use crate::conversation::{self, Inbox, Reports};
use crate::deliveries::{Deliverer, Post};
use crate::events::SigningKey;
use crate::gate::{Budget, Rules};
use crate::metrics::Metrics;
use crate::outbound::campaigns::Campaigns;
use crate::outbound::{
    Consents, Finisher, FollowUps, Forms, Line, Recorder, Recovery, Reminders, Sender, Settler, Tips, Twilio,
    Wake, ticks,
};
use crate::signature::AuthToken;
use crate::voice::House;
use crate::web::{self, Health};
use crate::webhooks::{self, Webhooks};
use axum::Router;
use jiff::tz::TimeZone;
use std::sync::Arc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What runs beside the server, and the ways into it.
pub(super) struct Parts {
    inbox: Arc<Inbox>,
    accounts: Accounts,
    wake: Wake,
    forms: Forms,
    reminders: Wake,
    metrics: Metrics,
    campaigns: Campaigns,
    texts_in: Batch<conversation::InboundText, Option<conversation::Handed>>,
    reports_in: Batch<conversation::Reported, ()>,
    pub(super) batches: Vec<JoinHandle<()>>,
    pub(super) work: TaskTracker,
}

impl Parts {
    pub(super) fn start(
        config: &Config,
        twilio: &config::Twilio,
        public_url: &str,
        inbox: Arc<Inbox>,
        stop: &CancellationToken,
    ) -> Result<Self, StartError> {
        let metrics = Metrics::new().map_err(|error| StartError::Other(error.to_string()))?;
        let client = Twilio::new(twilio).map_err(|error| StartError::Other(error.to_string()))?;
        let (texts_in, texts_worker) = Batch::start(inbox.clone(), MAX_SLICE);
        let (reports_in, reports_worker) = Batch::start(Reports(inbox.clone()), MAX_SLICE);
        let (recorder, recorder_worker) = Batch::start(Recorder(inbox.clone()), MAX_SLICE);
        let (consents, consents_worker) = Batch::start(Consents(inbox.store.clone()), MAX_SLICE);
        let wake = Wake::default();
        let sends = config.twilio.is_some() || config.demo;
        let rules = Arc::new(rules(config));
        let campaigns = Campaigns {
            inbox: inbox.clone(),
            rules: rules.clone(),
            organisation: config.organisation.as_str().into(),
            changed: Wake::default(),
        };
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
            wake: wake.clone(),
        };
        let recovery = Recovery {
            store: inbox.store.clone(),
            clock: inbox.clock.clone(),
            twilio: client.clone(),
            our_numbers: our_number(twilio).map(|number| [number, whatsapp_number(twilio)]),
            inbox: texts_in.clone(),
            grace: inbox.settings.settle_after,
            metrics: metrics.clone(),
            wake: wake.clone(),
        };
        let finisher = Finisher {
            inbox: inbox.clone(),
            twilio: client.clone(),
            reports: reports_in.clone(),
            metrics: metrics.clone(),
        };
        let settler =
            Settler { inbox: inbox.clone(), twilio: client, metrics: metrics.clone(), wake: wake.clone() };
        let post = Post::new(config.webhook_allow_private);
        let post = post.map_err(|error| StartError::Other(error.to_string()))?;
        let deliverer = Deliverer { inbox: inbox.clone(), post, key: webhook_key(config) };
        let work = TaskTracker::new();
        let accounts = people(config, public_url, &inbox, &wake, &work)?;
        work.spawn(deliverer.run(stop.clone()));
        let forms =
            Forms { inbox: inbox.clone(), public_url: public_url.to_owned(), changed: Wake::default() };
        let follow_ups = FollowUps { forms: forms.clone(), quiet_hours: config.quiet_hours };
        work.spawn(ticks::run(
            follow_ups,
            inbox.clock.clone(),
            forms.changed.clone(),
            wake.clone(),
            stop.clone(),
        ));
        let reminders = Wake::default();
        let (clock, schedule) = (inbox.clock.clone(), Reminders(inbox.clone()));
        work.spawn(ticks::run(schedule, clock, reminders.clone(), wake.clone(), stop.clone()));
        let tips = Tips::new(inbox.clone(), metrics.clone());
        let planned = inbox.tips_planned.clone();
        work.spawn(ticks::run(tips, inbox.clock.clone(), planned, wake.clone(), stop.clone()));
        work.spawn(sender.run(stop.clone()));
        if sends {
            work.spawn(settler.run(stop.clone()));
            work.spawn(recovery.run(stop.clone()));
            work.spawn(ticks::run(
                finisher,
                inbox.clock.clone(),
                Wake::default(),
                wake.clone(),
                stop.clone(),
            ));
        }
        work.spawn(housekeeping::forget(config.retention, inbox.clone(), stop.clone()));
        work.spawn(housekeeping::run(inbox.clone(), stop.clone()));
        work.spawn(housekeeping::watch_templates(inbox.clone(), metrics.clone(), stop.clone()));
        let changed = campaigns.changed.clone();
        work.spawn(ticks::run(campaigns.clone(), inbox.clock.clone(), changed, wake.clone(), stop.clone()));
        let batches = vec![texts_worker, reports_worker, recorder_worker, consents_worker];
        Ok(Self {
            inbox,
            accounts,
            wake,
            forms,
            reminders,
            metrics,
            campaigns,
            texts_in,
            reports_in,
            batches,
            work,
        })
    }

    pub(super) fn router(
        &self,
        config: &Config,
        twilio: &config::Twilio,
        public_url: &str,
        stopping: &CancellationToken,
        demo: Router,
    ) -> Result<Router, StartError> {
        let previous = twilio.auth_token_previous.as_ref();
        let tokens = std::iter::once(&twilio.auth_token).chain(previous);
        let webhooks = Webhooks {
            tokens: tokens.filter_map(|token| AuthToken::new(token.expose())).collect(),
            public_url: public_url.to_owned(),
            our_number: our_number(twilio),
            inbox: self.texts_in.clone(),
            reports: self.reports_in.clone(),
            store: Some(self.inbox.store.clone()),
            house: house(config, twilio),
            metrics: self.metrics.clone(),
        };
        let health = Health {
            store: self.inbox.store.clone(),
            metrics: self.metrics.clone(),
            stopping: stopping.clone(),
            guard_metrics: config.twilio.is_some() || !config.demo,
        };
        let api = Api {
            accounts: self.accounts.clone(),
            audit_key: AuditKey::new(config.secret.expose().as_bytes()),
            inbox: self.inbox.clone(),
            wake: self.wake.clone(),
            default_region: config.default_region,
            webhook_key: webhook_key(config),
            webhook_allow_private: config.webhook_allow_private,
            forms: self.forms.clone(),
            reminders: self.reminders.clone(),
            campaigns: self.campaigns.clone(),
            calls: Calls {
                twilio: config.twilio.as_ref().and_then(VoiceAccount::of),
                house: house(config, twilio),
            },
        };
        let docs = web::docs::router(public_url);
        let docs = docs.map_err(|error| StartError::Other(format!("pages: {error}")))?;
        Ok(with_limits(
            Router::new()
                .merge(docs)
                .merge(webhooks::router(Arc::new(webhooks)))
                .merge(web::health_router(Arc::new(health)))
                .merge(api::router(Arc::new(api)))
                .merge(web::assets::router())
                .merge(web::links_router(self.inbox.clone()))
                .merge(demo),
        ))
    }
}

/// How calls are handled here.
fn house(config: &Config, twilio: &config::Twilio) -> House {
    House {
        caller_id: match &twilio.sender {
            From::Number(phone) => Some(*phone),
            From::Service(_) => None,
        },
        reception: config.voice_destination.clone(),
        countries: config.countries.clone(),
        default_region: config.default_region,
    }
}

/// The rules of the gate.
fn rules(config: &Config) -> Rules {
    let limit = |most: u32| (most > 0).then_some(i64::from(most));
    Rules {
        quiet_hours: config.quiet_hours,
        daily_cap: config.daily_cap_per_person,
        countries: config.countries.clone(),
        budget: Budget {
            messages: limit(config.daily_budget_messages),
            micro_dollars: limit(config.daily_budget).map(|dollars| dollars * 1_000_000),
            zone: TimeZone::get(&config.default_time_zone).unwrap_or(TimeZone::UTC),
        },
    }
}

/// What the secrets of webhook endpoints follow from.
fn webhook_key(config: &Config) -> SigningKey {
    SigningKey::new(config.secret.expose().as_bytes())
}

/// The number that we have on WhatsApp, as Twilio writes it; of no use with a messaging service alone.
fn whatsapp_number(twilio: &config::Twilio) -> String {
    let number = twilio.whatsapp.map(|number| number.to_string());
    format!("whatsapp:{}", number.or_else(|| our_number(twilio)).unwrap_or_default())
}

/// The one number we send from; `None` with a messaging service.
fn our_number(twilio: &config::Twilio) -> Option<String> {
    match &twilio.sender {
        From::Number(phone) => Some(phone.to_string()),
        From::Service(_) => None,
    }
}

/// The host that phones bind codes to: that of our pages, without a port.
fn host(public_url: &str) -> String {
    let url = url::Url::parse(public_url).ok();
    url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| "localhost".to_owned())
}

/// The use cases of accounts.
fn people(
    config: &Config,
    public_url: &str,
    inbox: &Arc<Inbox>,
    wake: &Wake,
    work: &TaskTracker,
) -> Result<Accounts, StartError> {
    let settings = accounts::Settings {
        limits: config.accounts.clone(),
        default_region: config.default_region,
        countries: config.countries.clone(),
        host: host(public_url),
    };
    Accounts::new(inbox.clone(), wake.clone(), settings, work.clone())
        .map_err(|error| StartError::Other(error.to_string()))
}
