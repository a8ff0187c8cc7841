//! What runs beside the server, and the ways into it.

use super::sending::{self, Lines};
use super::work::Work;
use super::{StartError, housekeeping, with_limits};
use crate::accounts::{self, Accounts};
use crate::api::{self, Api, Calls, Counts, VoiceAccount};
use crate::audit::AuditKey;
use crate::batch::{Batch, MAX_SLICE};
use crate::config::{self, Config, Sender as From};
use crate::conversation::{self, Inbox, Reports};
use crate::deliveries::{self, Deliverer, Post};
use crate::events::SigningKey;
use crate::gate::{Budget, Rules};
use crate::metrics::Metrics;
use crate::outbound::campaigns::Campaigns;
use crate::outbound::{FollowUps, Forms, PastBookings, Reminders, Retention, Tips, Wake};
use crate::signature::AuthToken;
use crate::voice::House;
use crate::web::{self, Health, Pages, Writable};
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
    writable: Arc<Writable>,
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
        let metrics = Metrics::new().map_err(other)?;
        let writable = Arc::<Writable>::default();
        let (texts_in, texts_worker) = Batch::start(writable.watch(inbox.clone()), MAX_SLICE);
        let (reports_in, reports_worker) = Batch::start(writable.watch(Reports(inbox.clone())), MAX_SLICE);
        let mut batches = vec![texts_worker, reports_worker];
        let work = Work::new(inbox.clock.clone(), stop.clone());
        let rules = Arc::new(rules(config));
        let campaigns_changed = Wake::default();
        let lines = Lines {
            twilio,
            public_url,
            rules: rules.clone(),
            texts_in: texts_in.clone(),
            reports_in: reports_in.clone(),
            metrics: metrics.clone(),
            writable: &writable,
            campaigns: campaigns_changed.clone(),
        };
        batches.extend(sending::start(config, lines, &inbox, &work)?);

        deliver(config, &inbox, &work)?;
        let forms = follow_up(config, public_url, &inbox, &work);
        let reminders = Wake::default();
        work.tick(Reminders(inbox.clone()), reminders.clone());
        work.tick(PastBookings(inbox.clone()), Wake::default());
        work.tick(Tips::new(inbox.clone(), config.quiet_hours, metrics.clone()), inbox.tips_planned.clone());
        let campaigns = run_campaigns(config, &inbox, rules, campaigns_changed, &work);
        keep_house(config, &metrics, &inbox, &work);
        let accounts = people(config, public_url, &inbox, &work)?;
        let Work { tasks, wake, .. } = work;
        Ok(Self {
            inbox,
            accounts,
            wake,
            forms,
            reminders,
            metrics,
            writable,
            campaigns,
            texts_in,
            reports_in,
            batches,
            work: tasks,
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
        let health = Health {
            store: self.inbox.store.clone(),
            writable: self.writable.clone(),
            metrics: self.metrics.clone(),
            stopping: stopping.clone(),
            guard_metrics: config.twilio.is_some() || !config.demo,
        };
        let pages = Pages::load().map_err(|error| other(format!("pages: {error}")))?;
        Ok(with_limits(
            Router::new()
                .merge(web::docs::router(pages.clone(), public_url))
                .merge(webhooks::router(Arc::new(self.webhooks(config, twilio, public_url))))
                .merge(web::health_router(Arc::new(health)))
                .merge(api::router(Arc::new(self.api(config, twilio))))
                .merge(web::assets::router())
                .merge(web::links_router(pages.clone(), self.inbox.clone()))
                .merge(web::nowhere_router(pages, demo.has_routes()))
                .merge(demo),
        ))
    }

    /// The way in for Twilio.
    fn webhooks(&self, config: &Config, twilio: &config::Twilio, public_url: &str) -> Webhooks {
        let previous = twilio.auth_token_previous.as_ref();
        let tokens = std::iter::once(&twilio.auth_token).chain(previous);
        Webhooks {
            tokens: tokens.filter_map(|token| AuthToken::new(token.expose())).collect(),
            public_url: public_url.to_owned(),
            our_number: our_number(twilio),
            inbox: self.texts_in.clone(),
            reports: self.reports_in.clone(),
            store: Some(self.inbox.store.clone()),
            house: house(config, twilio),
            metrics: self.metrics.clone(),
        }
    }

    /// The way in for staff, programs and people's own accounts.
    fn api(&self, config: &Config, twilio: &config::Twilio) -> Api {
        Api {
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
            counts: Counts::default(),
        }
    }
}

/// Posts webhooks to the organisation's own systems.
fn deliver(config: &Config, inbox: &Arc<Inbox>, work: &Work) -> Result<(), StartError> {
    let post = Post::new(config.webhook_allow_private).map_err(other)?;
    let deliverer = Deliverer { inbox: inbox.clone(), post, key: webhook_key(config) };
    let calls = deliveries::Calls::default();
    work.run("outgoing webhooks", move |stop| deliverer.clone().run(calls.clone(), stop));
    Ok(())
}

/// Asks again for forms that were not filled in.
fn follow_up(config: &Config, public_url: &str, inbox: &Arc<Inbox>, work: &Work) -> Forms {
    let forms = Forms { inbox: inbox.clone(), public_url: public_url.to_owned(), changed: Wake::default() };
    let follow_ups = FollowUps { forms: forms.clone(), quiet_hours: config.quiet_hours };
    work.tick(follow_ups, forms.changed.clone());
    forms
}

/// Starts campaigns when their time has come, and ends them.
fn run_campaigns(
    config: &Config,
    inbox: &Arc<Inbox>,
    rules: Arc<Rules>,
    changed: Wake,
    work: &Work,
) -> Campaigns {
    let campaigns = Campaigns {
        inbox: inbox.clone(),
        rules,
        segments_per_second: config.segments_per_second,
        organisation: config.organisation.as_str().into(),
        changed,
    };
    work.tick(campaigns.clone(), campaigns.changed.clone());
    campaigns
}

/// Forgets what the house does not want to keep, and what else is due now and then.
fn keep_house(config: &Config, metrics: &Metrics, inbox: &Arc<Inbox>, work: &Work) {
    if config.retention != config::Retention::default() {
        let retention = Retention { inbox: inbox.clone(), periods: config.retention };
        work.tick(retention, Wake::default());
    }
    let (house, watched, metrics) = (inbox.clone(), inbox.clone(), metrics.clone());
    work.run("housekeeping", move |stop| housekeeping::run(house.clone(), stop));
    work.run("edited templates", move |stop| {
        housekeeping::watch_templates(watched.clone(), metrics.clone(), stop)
    });
}

/// What should not happen on a sound machine.
pub(super) fn other(error: impl std::fmt::Display) -> StartError {
    StartError::Other(error.to_string())
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

/// The one number we send from; `None` with a messaging service.
pub(super) fn our_number(twilio: &config::Twilio) -> Option<String> {
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
    work: &Work,
) -> Result<Accounts, StartError> {
    let settings = accounts::Settings {
        limits: config.accounts.clone(),
        default_region: config.default_region,
        countries: config.countries.clone(),
        host: host(public_url),
        sends: config.twilio.is_some() || config.demo,
    };
    Accounts::new(inbox.clone(), work.wake.clone(), settings, work.tasks.clone()).map_err(other)
}
