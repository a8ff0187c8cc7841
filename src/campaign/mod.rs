//! Campaigns, decided purely: whom one is for, what it says, what may be done with it, when it has
//! to stop itself. No I/O, no clock, no chance.

mod audience;
mod counts;
mod health;
mod plan;
mod status;
mod tag;
mod words;

pub use audience::{Audience, Locale, MemberState, Received};
pub use counts::Counts;
pub use health::{AutoStop, Tally, Trouble};
pub use plan::{LocalTime, Plan, Window};
pub use status::{Action, Status};
pub use tag::{Tag, TagError};
pub use words::{LONGEST_NAME, MAX_CHARACTERS, Reader, Words, WordsError};
