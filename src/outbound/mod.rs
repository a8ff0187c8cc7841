//! Everything we send: who gets it, when, and what became of it.

pub mod failure;
