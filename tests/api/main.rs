//! The staff API and the server's own pages.

mod reading;
mod refusals;
#[path = "../support/mod.rs"]
mod support;
