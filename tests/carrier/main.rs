//! The simulated carrier over real HTTP: an application's webhooks on one side, its REST client on the other.

mod control;
mod faults;
mod handset;
mod rest;
mod stage;
