//! What the gate needs to know of a claimed message, gathered for a slice.

use super::whereabouts::elsewhere;
use crate::dialog::Consent;
use crate::gate::{self, Message, Reason, Recipient, Rules, Spending, Verdict};
use crate::ids::Ids;
use crate::phone::{Address, Region};
use crate::price::micro_dollars;
use crate::purpose::Purpose;
use crate::schedule::{at_local, local_date};
use crate::store::{OutgoingRow, StandingQuery, StandingRow, Tx};
use crate::whatsapp;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// Messages made longer ago than this are not looked for when today's are counted: nothing waits longer.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(24 * 36);

/// What a person got recently.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Standing {
    sent_today: u32,
    had_the_same: bool,
    /// When there is a budget again, if there is none for the message today.
    pub(super) budget_until: Option<Timestamp>,
}

/// The standings of those messages of the slice for which they count, by message.
pub(super) async fn standings(
    tx: &mut Tx,
    rows: &[OutgoingRow],
    now: Timestamp,
) -> sqlx::Result<HashMap<i64, Standing>> {
    let queries: Vec<StandingQuery> =
        rows.iter().filter(|row| purpose(row).is_capped()).map(|row| query(row, now)).collect();
    if queries.is_empty() {
        return Ok(HashMap::new());
    }
    let found = tx.standings(&queries).await?;
    let standing = |row: StandingRow| Standing {
        sent_today: u32::try_from(row.sent_today).unwrap_or(u32::MAX),
        had_the_same: row.had_the_same,
        budget_until: None,
    };
    Ok(found.into_iter().map(|row| (row.id, standing(row))).collect())
}

fn query(row: &OutgoingRow, now: Timestamp) -> StandingQuery {
    let zone = zone(row);
    let midnight = at_local(local_date(now, &zone), Time::midnight(), &zone);
    StandingQuery {
        id: row.id,
        contact_id: row.contact_id,
        from_id: Ids::floor(now - LOOK_BACK),
        midnight: midnight.as_millisecond(),
        day_ago: (now - SignedDuration::from_hours(24)).as_millisecond(),
    }
}

/// Asks the gate about `row`, with the consent that is committed now.
pub(super) fn verdict(
    row: &OutgoingRow,
    consent: &str,
    standing: Standing,
    rules: &Rules,
    now: Timestamp,
) -> Verdict {
    if consent == "doubted" {
        return Verdict::Refuse(Reason::StopInDoubt);
    }
    let address = Address::parse(&row.address).ok();
    let message = Message {
        purpose: purpose(row),
        country: address.as_ref().and_then(Address::country),
        premium_rate: address.as_ref().is_some_and(Address::is_premium_rate),
        expires_at: row.expires_at.and_then(|end| Timestamp::from_millisecond(end).ok()),
        budget_until: standing.budget_until,
    };
    let recipient = Recipient {
        consent: Consent::from_name(consent),
        zone: zone(row),
        elsewhere: other_zones(row, address.as_ref(), message.country),
        sent_today: standing.sent_today,
        had_the_same: standing.had_the_same,
    };
    let heard = row.last_heard_at.and_then(|at| Timestamp::from_millisecond(at).ok());
    let needs_template = address.is_some_and(|address| address.is_whatsapp())
        && row.content_sid.is_none()
        && !whatsapp::may_write_freely(heard, now);
    match gate::check(&message, &recipient, rules, now) {
        Verdict::Send if needs_template => Verdict::Refuse(Reason::WhatsAppWindow),
        verdict => verdict,
    }
}

/// The zones in which the person of `row` may live beside their own; only what keeps quiet hours there asks.
fn other_zones(row: &OutgoingRow, address: Option<&Address>, country: Option<Region>) -> Vec<TimeZone> {
    let address = address.filter(|_| purpose(row).keeps_quiet_hours_elsewhere());
    elsewhere(address, country, (&row.time_zone, &row.time_zone_source))
}

/// Where the person of `row` lives, and where else they may.
pub(super) fn zones(row: &OutgoingRow) -> (TimeZone, Vec<TimeZone>) {
    let address = Address::parse(&row.address).ok();
    let country = address.as_ref().and_then(Address::country);
    (zone(row), other_zones(row, address.as_ref(), country))
}

/// What `row` takes of the day's budget: nothing if it does not promote, or was counted at an earlier attempt.
pub(super) fn cost(row: &OutgoingRow) -> Spending {
    if !purpose(row).is_budgeted() || row.attempts > 1 {
        return Spending::default();
    }
    let country = Address::parse(&row.address).ok().and_then(|address| address.country());
    Spending { messages: 1, micro_dollars: micro_dollars(country).saturating_mul(row.segments) }
}

fn purpose(row: &OutgoingRow) -> Purpose {
    row.purpose.as_deref().and_then(Purpose::from_name).unwrap_or(Purpose::Campaign)
}

fn zone(row: &OutgoingRow) -> TimeZone {
    TimeZone::get(&row.time_zone).unwrap_or(TimeZone::UTC)
}
