//! Tidings: SMS conversations on an organisation's own Twilio number.
//!
//! The map is in `docs/ARCHITECTURE.md`; `tests/architecture.rs` holds the direction of imports.

pub mod accounts;
pub mod api;
pub mod app;
pub mod batch;
pub mod carrier;
pub mod cli;
pub mod clock;
pub mod config;
pub mod conversation;
pub mod delivery;
pub mod dialog;
pub mod gate;
pub mod ids;
pub mod listen;
pub mod metrics;
pub mod notice;
pub mod outbound;
pub mod phone;
pub mod problem;
pub mod purpose;
pub mod schedule;
pub mod segments;
pub mod sid;
pub mod signature;
pub mod store;
pub mod texts;
pub mod web;
pub mod webhooks;
