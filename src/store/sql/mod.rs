//! Every statement, once; as a pair only where the engines truly differ. Slices travel as one
//! JSON parameter, or, where the most is written, as the values of many rows on SQLite (`store/rows.rs`) and an array
//! for each column on PostgreSQL (`store/turns/columns.rs`).
//! A test prepares [`all`] of them on both engines.
//!
//! On SQLite `jsonb_each` takes them apart: with `json_each`, every `->>` would parse its row anew.
//! `CROSS JOIN` keeps SQLite on the order of the tables as written, where counts from a time when an
//! index was empty (`ANALYZE`) would lead it to read that index from end to end.

macro_rules! statements {
    ($($(#[doc = $doc:literal])* $name:ident = $sqlite:expr $(, $postgres:expr)?;)*) => {
        $($(#[doc = $doc])* pub(in crate::store) const $name: Sql = statements!(@pair $sqlite $(, $postgres)?);)*
        /// All of this file, by name.
        pub(super) const ALL: &[(&str, Sql)] = &[$((stringify!($name), $name)),*];
    };
    (@pair $both:expr) => { Sql { sqlite: $both, postgres: $both } };
    (@pair $sqlite:expr, $postgres:expr) => { Sql { sqlite: $sqlite, postgres: $postgres } };
}

/// The purposes that count towards the most that somebody gets in a day (`Purpose::is_capped`), in the words of SQLite's
/// index of them: in others it would not be used.
macro_rules! capped {
    () => {
        "('reminder', 'form', 'tip', 'campaign')"
    };
}

mod accounts;
mod analytics;
mod audit;
mod bookings;
mod campaigns;
mod corrections;
mod departures;
mod export;
mod forms;
mod groups;
mod lists;
mod outbox;
mod people;
mod retention;
mod roster;
mod senders;
mod service;
mod templates;
mod texts;
mod tips;
mod turns;
mod webhooks;

pub(super) use accounts::*;
pub(super) use analytics::*;
pub(super) use audit::*;
pub(super) use bookings::*;
pub(super) use campaigns::*;
pub(super) use corrections::*;
pub(super) use departures::*;
pub(super) use export::*;
pub(super) use forms::*;
pub(super) use groups::*;
pub(super) use lists::*;
pub(super) use outbox::*;
pub(super) use people::*;
pub(super) use retention::*;
pub(super) use roster::*;
pub(super) use senders::*;
pub(super) use service::*;
pub(super) use templates::*;
pub(super) use texts::*;
pub(super) use tips::*;
pub(super) use turns::*;
pub(super) use webhooks::*;

use super::engine::Sql;

/// Every statement there is, by name.
pub fn all() -> impl Iterator<Item = &'static (&'static str, Sql)> {
    // One a line, so that two changes of it seldom meet.
    #[rustfmt::skip]
    let all = [
        people::ALL,
        texts::ALL,
        outbox::ALL,
        service::ALL,
        audit::ALL,
        analytics::ALL,
        webhooks::ALL,
        corrections::ALL,
        departures::ALL,
        export::ALL,
        retention::ALL,
        forms::ALL,
        groups::ALL,
        roster::ALL,
        campaigns::ALL,
        lists::ALL,
        tips::ALL,
        turns::ALL,
        bookings::ALL,
        senders::ALL,
        accounts::ALL,
        templates::ALL,
    ];
    all.into_iter().flatten()
}
