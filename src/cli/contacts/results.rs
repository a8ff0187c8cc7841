//! The file that says what came of each line.

use crate::cli::Misuse;
use crate::conversation::Outcome;
use crate::roster::{Fault, guarded};
use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::path::{Path, PathBuf};

/// The longest cell that is repeated from the list.
const MAX_CELL: usize = 40;

/// Writes results, and counts them.
pub(super) struct Results {
    writer: csv::Writer<File>,
    /// How many of each there are.
    pub(super) counts: BTreeMap<Outcome, u64>,
}

/// What came of one line.
pub(super) struct Answer {
    pub(super) line: u64,
    /// The number in E.164; where it could not be read, the cell as it was.
    pub(super) number: String,
    pub(super) outcome: Outcome,
    pub(super) reason: Option<Fault>,
}

impl Results {
    /// A new file at `path`, unless that is the list itself.
    pub(super) fn create(path: &Path, list: &Path) -> Result<Self, Box<dyn Error>> {
        let same = path.canonicalize().is_ok_and(|path| list.canonicalize().is_ok_and(|list| list == path));
        if same {
            return Err(Misuse::of("--results", "this would overwrite the list itself").into());
        }
        let file = File::create(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let mut writer = csv::Writer::from_writer(file);
        writer.write_record(["line", "phone_number", "result", "reason"])?;
        Ok(Self { writer, counts: BTreeMap::new() })
    }

    /// Adds a line.
    pub(super) fn add(&mut self, answer: &Answer) -> csv::Result<()> {
        *self.counts.entry(answer.outcome).or_default() += 1;
        let number: String = answer.number.chars().take(MAX_CELL).collect();
        let reason = answer.reason.as_ref().map(Fault::to_string).unwrap_or_default();
        let cells = [&answer.line.to_string(), &number, answer.outcome.as_str(), &reason];
        self.writer.write_record(cells.map(|cell| guarded(cell).into_owned()))
    }

    /// Hands what was written to the system, so that it is there if we are killed.
    pub(super) fn flush(&mut self) -> std::io::Result<()> {
        self.writer.flush()
    }

    /// How many lines came out like that.
    pub(super) fn count(&self, outcome: Outcome) -> u64 {
        self.counts.get(&outcome).copied().unwrap_or(0)
    }
}

/// Where the results of `list` go if nobody says: `people.csv` has them in `people.results.csv`.
pub(super) fn beside(list: &Path) -> PathBuf {
    list.with_extension("results.csv")
}
