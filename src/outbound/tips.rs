//! The schedule of daily tips.

use super::ticks::{Schedule, Ticked};
use super::whereabouts::others;
use crate::clock::stopwatch;
use crate::conversation::{Inbox, tip_time};
use crate::metrics::Metrics;
use crate::phone::{Address, is_guessed, zones_of};
use crate::purpose::Purpose;
use crate::schedule::QuietHours;
use crate::segments;
use crate::store::{DueTipRow, TipPlan, TipRow, TipSend};
use crate::texts::FALLBACK_LOCALE;
use crate::tips::{Decision, Due, GRACE, Library, Place, Tip, decide, time_by_day};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// People in one transaction.
const SLICE: usize = 2_000;
/// The most tips that may be in use.
pub const MAX_TIPS: i64 = 20_000;
/// How long the library is kept while slice follows slice.
const FRESH_FOR: Duration = Duration::from_secs(1);
/// When to look again where another node has just taken all that is due.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_secs(1);

/// Queues the tips that are due.
#[derive(Debug)]
pub struct Tips {
    inbox: Arc<Inbox>,
    quiet_hours: QuietHours,
    metrics: Metrics,
    library: Mutex<Option<(Instant, Arc<Library>)>>,
    /// The last slice was a full one.
    many: AtomicBool,
}

/// What a slice comes to.
#[derive(Debug, Default)]
struct Planned {
    plans: Vec<TipPlan>,
    queued: u64,
    skipped: i64,
    /// Nobody to write to, or no tip to send.
    without: u64,
}

/// What decides about a person; most of those who are due at one moment agree in it.
type Key<'a> = (&'a str, &'static [&'static str], Option<i64>, i64, Option<&'a str>);

impl Schedule for Tips {
    const NAME: &'static str = "tips";

    async fn tick(&self, now: Timestamp) -> sqlx::Result<Ticked> {
        let next = self.inbox.store.next_tip().await?;
        let next = next.map(|at| Timestamp::from_millisecond(at).unwrap_or(Timestamp::MAX));
        if next.is_none_or(|at| at > now) {
            self.forget_library();
            return Ok(Ticked::Idle(next));
        }
        let library = self.library(now).await?;
        // Two at once while there are many: one is written while the other is planned.
        let (first, second) = if self.many.load(Ordering::Relaxed) {
            tokio::try_join!(self.slice(&library, now), self.slice(&library, now))?
        } else {
            (self.slice(&library, now).await?, 0)
        };
        self.many.store(first == SLICE || second == SLICE, Ordering::Relaxed);
        if first + second == 0 {
            return Ok(Ticked::Idle(Some(now + LOOK_AGAIN)));
        }
        Ok(Ticked::More)
    }
}

impl Tips {
    /// The schedule over this inbox.
    #[must_use]
    pub fn new(inbox: Arc<Inbox>, quiet_hours: QuietHours, metrics: Metrics) -> Self {
        Self { inbox, quiet_hours, metrics, library: Mutex::default(), many: AtomicBool::default() }
    }

    /// Takes a slice of those who are due, in one transaction; says how many they were.
    async fn slice(&self, library: &Library, now: Timestamp) -> sqlx::Result<usize> {
        let mut tx = self.inbox.store.begin().await?;
        let limit = i64::try_from(SLICE).unwrap_or(i64::MAX);
        let rows = tx.claim_tips(now.as_millisecond(), limit).await?;
        if rows.is_empty() {
            return Ok(0);
        }
        let planned = self.plan(&rows, library, now);
        let (priority, lifetime) = (Purpose::Tip.priority(), GRACE.as_secs() * 1000);
        tx.save_tips(&planned.plans, now.as_millisecond(), priority, lifetime).await?;
        tx.commit().await?;
        self.count(&planned);
        Ok(rows.len())
    }

    fn plan(&self, rows: &[DueTipRow], library: &Library, now: Timestamp) -> Planned {
        let mut planned = Planned::default();
        let mut decisions: HashMap<Key, Decision> = HashMap::new();
        for row in rows {
            let zone = row.time_zone.as_deref().unwrap_or("UTC");
            let key = (zone, possible(row), row.tip_time, row.next_tip_at, row.last_tip_date.as_deref());
            let decision = *decisions.entry(key).or_insert_with(|| self.decide(key, now));
            let picked = decision.send.filter(|_| row.willing).and_then(|(date, at)| {
                let locale = row.locale.as_deref().unwrap_or(FALLBACK_LOCALE);
                Some((library.pick(locale, date, row.position)?, date, at))
            });
            planned.skipped += decision.skipped;
            planned.queued += u64::from(picked.is_some());
            planned.without += u64::from(decision.send.is_some() && picked.is_none());
            planned.plans.push(TipPlan {
                contact_id: row.contact_id,
                next_tip_at: decision.next.as_millisecond(),
                last_tip_date: decision.last.map(|date| date.to_string()),
                position: picked.map_or(row.position, |(tip, ..)| tip.position),
                skipped: decision.skipped,
                tip: picked.map(|(tip, date, at)| TipSend {
                    message_id: self.inbox.ids.next(now),
                    tip_id: tip.id,
                    segments: segments::count(tip.body).segments.try_into().unwrap_or(i64::MAX),
                    due_at: at.as_millisecond(),
                    date: date.to_string(),
                    whatsapp: row.whatsapp,
                }),
            });
        }
        planned
    }

    fn decide(&self, (zone, possible, minutes, planned, last): Key, now: Timestamp) -> Decision {
        let elsewhere = others(possible, zone);
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        let last: Option<Date> = last.and_then(|date| date.parse().ok());
        let asked = tip_time(minutes, self.inbox.settings.tip_time);
        let time = time_by_day(asked, now, (&zone, &elsewhere), self.quiet_hours);
        decide(&Due { planned, last, time, zone: &zone }, now)
    }

    /// The tips in use: read once for many slices, and anew when there was a pause between them.
    async fn library(&self, now: Timestamp) -> sqlx::Result<Arc<Library>> {
        let kept = self.library.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((read, library)) = kept
            && stopwatch().duration_since(read) < FRESH_FOR
        {
            return Ok(library);
        }
        // Somewhere it may still be yesterday, and a tip may be late.
        let from = (now - SignedDuration::from_hours(48)).strftime("%F").to_string();
        let rows = self.inbox.store.tips_in_use(&from, MAX_TIPS).await?;
        let fallbacks = [self.inbox.settings.default_locale.as_str(), FALLBACK_LOCALE];
        let library = Arc::new(Library::new(rows.into_iter().filter_map(tip), &fallbacks));
        let mut kept = self.library.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = Some((stopwatch(), library.clone()));
        Ok(library)
    }

    fn forget_library(&self) {
        *self.library.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn count(&self, planned: &Planned) {
        self.metrics.tips("queued", planned.queued);
        self.metrics.tips("skipped", u64::try_from(planned.skipped).unwrap_or(0));
        self.metrics.tips("without", planned.without);
        if planned.skipped > 0 {
            tracing::warn!(count = planned.skipped, "tips would have come too late and were skipped");
        }
    }
}

/// The zones in which somebody may live if nobody told us where; none where the number leaves only one, which need
/// not be looked up.
fn possible(row: &DueTipRow) -> &'static [&'static str] {
    let source = row.time_zone_source.as_deref().unwrap_or_default();
    let address = row.address.as_deref().filter(|_| is_guessed(source) && source != "number");
    let address = address.and_then(|address| Address::parse(address).ok());
    address.map_or(&[], |address| zones_of(&address))
}

fn tip(row: TipRow) -> Option<Tip> {
    let place = match (row.position, row.date) {
        (Some(position), _) => Place::Position(position),
        (None, date) => Place::Date(date?.parse().ok()?),
    };
    Some(Tip { id: row.id, locale: row.locale, place, body: row.body })
}
