//! Accounts over the API: sign-up, numbers and the codes that prove them, against a simulated carrier on
//! both engines.

#[path = "../harness/mod.rs"]
mod harness;
mod numbers;
mod proving;
mod silent;
mod welcome;
