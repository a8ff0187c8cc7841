//! The promises about what nobody's text asked for: tips, bookings, campaigns.

use crate::audit::{Audit, Books, describe};
use crate::harness::uuid;
use crate::world::World;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::collections::{HashMap, HashSet};
use tidings::phone::{Address, zones_of};

/// An outage this close to a reminder's time may have swallowed it.
const NEAR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

impl Audit {
    /// Promise 8: one tip a person and local date, and never the same tip twice.
    pub(crate) fn tips(&mut self, books: &Books, world: &World) {
        let zones: HashMap<&str, &str> =
            world.people.iter().map(|person| (person.phone.as_str(), person.zone)).collect();
        let by_sid = books.by_sid();
        let (mut dates, mut bodies) = (HashSet::new(), HashSet::new());
        for message in &books.ledger.outbound {
            let row = by_sid.get(&uuid(&message.sid));
            if row.is_none_or(|row| row.purpose.as_deref() != Some("tip")) {
                continue;
            }
            let zone = TimeZone::get(zones[message.to.as_str()]).unwrap();
            let date = zone.to_datetime(message.created_at).date();
            self.check(dates.insert((&message.to, date)), || {
                format!("two tips on {date}: {}", describe(message))
            });
            self.check(bodies.insert((&message.to, &message.body)), || {
                format!("twice: {}", describe(message))
            });
            let hour = zone.to_datetime(message.created_at).hour();
            // Nobody told where they live: by day wherever their numbers may belong to, which may be later.
            let others = elsewhere(&message.to, zones[message.to.as_str()]);
            let latest = if others.is_empty() { 10 } else { 14 };
            let by_day = |zone: &TimeZone| (8..21).contains(&zone.to_datetime(message.created_at).hour());
            self.check((7..latest).contains(&hour) && others.iter().all(by_day), || {
                format!("a tip at {hour} o'clock: {}", describe(message))
            });
        }
        self.check(!dates.is_empty(), || "nobody got a tip".to_owned());
    }

    /// Promise 2 of bookings: none that stood is left without a reminder, and none that was cancelled gets one.
    pub(crate) fn bookings(&mut self, books: &Books, world: &World) {
        let rows = world.ask("SELECT source_id, status FROM message WHERE purpose = 'reminder'");
        let mut reminders: HashMap<i64, Vec<&str>> = HashMap::new();
        for (booking, status) in &rows {
            reminders.entry(*booking).or_default().push(status);
        }
        // Who asked for another time, or declined, is not reminded any more.
        let answered = "SELECT id, status FROM booking WHERE status IN ('change_requested', 'declined')";
        let answered: HashSet<i64> = world.ask(answered).into_iter().map(|(id, _)| id).collect();
        let now = world.clock.now();
        for booked in &world.bookings {
            self.count("bookings");
            let due = (booked.starts_at - DAY).max(booked.made_at);
            let away = world.outages.iter().any(|(from, to)| due > *from - NEAR && due < *to + NEAR);
            if booked.untouched && booked.starts_at < now && !away {
                self.count("bookings that stood");
                let lead = booked.starts_at.duration_since(due);
                let had =
                    reminders.contains_key(&booked.id) || lead < NEAR * 2 || answered.contains(&booked.id);
                self.check(had, || format!("booking {} at {} had no reminder", booked.id, booked.starts_at));
            }
        }
        let sources: HashMap<i64, i64> = world
            .ask("SELECT id, CAST(source_id AS TEXT) FROM message WHERE purpose = 'reminder'")
            .into_iter()
            .filter_map(|(id, source)| Some((id, source.parse().ok()?)))
            .collect();
        let cancelled: HashMap<i64, Timestamp> =
            world.bookings.iter().filter_map(|booked| Some((booked.id, booked.cancelled_at?))).collect();
        let by_sid = books.by_sid();
        for message in &books.ledger.outbound {
            let source = by_sid.get(&uuid(&message.sid)).and_then(|row| sources.get(&row.id));
            let late = source.and_then(|id| cancelled.get(id)).is_some_and(|at| message.created_at > *at);
            self.check(!late, || format!("reminded of a cancelled booking: {}", describe(message)));
        }
    }

    /// Promise 9: what became of a campaign's messages adds up to its audience.
    pub(crate) fn campaigns(&mut self, world: &World) {
        for id in &world.campaigns {
            let counts = world.campaign_counts(*id);
            let count = |name: &str| counts["counts"][name].as_i64().unwrap_or(-1);
            let parts = ["queued", "sent", "failed", "uncertain", "skipped", "erased"];
            let sum: i64 = parts.iter().map(|name| count(name)).sum();
            // So much goes wrong at this carrier that it may well be told at the end.
            let ended = counts["status"] == "done"
                || counts["status"] == "stopped" && counts["status_reason"].is_string();
            self.check(ended, || format!("campaign {id} is not over: {counts}"));
            self.check(count("audience") > 0 && sum == count("audience"), || {
                format!("{id} does not add up: {counts}")
            });
            self.check(count("queued") == 0 && count("uncertain") == 0, || {
                format!("{id} is not over: {counts}")
            });
            self.count("campaigns");
        }
    }
}

/// The zones that a number may belong to beside `home`.
fn elsewhere(number: &str, home: &str) -> Vec<TimeZone> {
    let zones = zones_of(&Address::parse(number).unwrap());
    zones.iter().filter(|zone| **zone != home).map(|zone| TimeZone::get(zone).unwrap()).collect()
}
