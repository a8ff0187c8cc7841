//! Lists of people as staff keep them: which columns a CSV file has, what a line says, and what that
//! changes of somebody we know. Nobody is opted in again by a list.

mod columns;
mod decide;
mod entry;

pub use columns::Columns;
pub use decide::{Change, Known, Verdict, decide};
pub use entry::{Entry, Fault, House, read_phone, spoken};

use std::borrow::Cow;

/// A cell as we write it: what a spreadsheet would take for a formula gets an apostrophe before it
/// (OWASP, "CSV Injection").
#[must_use]
pub fn guarded(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

#[cfg(test)]
mod tests;
