//! Daily tips, decided purely: whether one is due ([`decide`]), and which ([`Library`]).

mod entry;
mod library;
mod plan;

pub use entry::{Entry, EntryError, MAX_CHARACTERS, Place, check_body};
pub use library::{Library, Picked, Tip};
pub use plan::{Decision, Due, GRACE, PLAN_ANEW, decide, next, time_by_day};
