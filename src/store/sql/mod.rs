//! Every statement, once; as a pair only where the engines truly differ. Slices travel as one
//! JSON parameter. A test prepares [`all`] of them on both engines.
//!
//! On SQLite `jsonb_each` takes them apart: with `json_each`, every `->>` would parse its row anew.

macro_rules! statements {
    ($($(#[doc = $doc:literal])* $name:ident = $sqlite:expr $(, $postgres:expr)?;)*) => {
        $($(#[doc = $doc])* pub(in crate::store) const $name: Sql = statements!(@pair $sqlite $(, $postgres)?);)*
        /// All of this file, by name.
        pub(super) const ALL: &[(&str, Sql)] = &[$((stringify!($name), $name)),*];
    };
    (@pair $both:expr) => { Sql { sqlite: $both, postgres: $both } };
    (@pair $sqlite:expr, $postgres:expr) => { Sql { sqlite: $sqlite, postgres: $postgres } };
}

mod accounts;
mod outbox;
mod people;
mod service;
mod texts;

pub(super) use accounts::*;
pub(super) use outbox::*;
pub(super) use people::*;
pub(super) use service::*;
pub(super) use texts::*;

use super::engine::Sql;

/// Every statement there is, by name.
pub fn all() -> impl Iterator<Item = &'static (&'static str, Sql)> {
    [people::ALL, texts::ALL, outbox::ALL, service::ALL, accounts::ALL].into_iter().flatten()
}
