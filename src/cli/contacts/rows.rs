//! Reading a list: line by line, at flat memory however long it is.

use crate::phone::Phone;
use crate::roster::{Columns, Entry, Fault, House};
use crate::table::{Record, Table, TableError};
use std::collections::HashMap;
use std::error::Error;
use std::fs::File;
use std::ops::RangeInclusive;
use std::path::Path;

/// The longest list. Every number in it is kept in memory to find those that stand in it twice.
const MAX_BYTES: u64 = 1 << 30;
/// The most lines that the cells of one person fill, where a column we don't read has line breaks.
const MAX_LINES: u64 = 20;

/// A line of the list.
pub(super) struct Row {
    pub(super) line: u64,
    /// The cell with the number, as it is.
    pub(super) cell: String,
    pub(super) entry: Result<Entry, Fault>,
}

/// A list that is open.
pub(super) struct Rows {
    table: Table<File>,
    pub(super) columns: Columns,
    pub(super) bytes: u64,
    seen: HashMap<Phone, u64>,
}

impl Rows {
    pub(super) fn open(path: &Path) -> Result<Self, Box<dyn Error>> {
        let failed = |error: std::io::Error| format!("{}: {error}", path.display());
        let file = File::open(path).map_err(failed)?;
        let bytes = file.metadata().map_err(failed)?.len();
        if bytes > MAX_BYTES {
            return Err("the file is larger than 1 GiB: split it".into());
        }
        let mut table = Table::open(file)?;
        let columns = Columns::read(table.header()?)?;
        Ok(Self { table, columns, bytes, seen: HashMap::new() })
    }

    /// How far the file was read, in bytes.
    pub(super) fn position(&self) -> u64 {
        self.table.position()
    }

    /// The next line that says something.
    pub(super) fn next(&mut self, house: House) -> Result<Option<Row>, TableError> {
        while let Some(Record { cells, lines }) = self.table.next_record()? {
            let cell = String::from_utf8_lossy(self.columns.number(&cells)).into_owned();
            let read = Entry::read(&self.columns, &cells, house);
            let line = *lines.start();
            let entry = match one_line(lines, read) {
                Ok(None) => continue,
                Ok(Some(entry)) => once(&mut self.seen, entry, line),
                Err(fault) => Err(fault),
            };
            return Ok(Some(Row { line, cell, entry }));
        }
        Ok(None)
    }
}

/// Where a quotation mark is not closed, all up to the next one is read as one cell.
fn one_line(lines: RangeInclusive<u64>, read: Result<Option<Entry>, Fault>) -> Result<Option<Entry>, Fault> {
    let (first, last) = (*lines.start(), *lines.end());
    if last > first && read.is_err() || last > first + MAX_LINES {
        let message = format!("lines {first} to {last} were read as one: is a quotation mark missing?");
        return Err(Fault { field: "line", message });
    }
    read
}

/// The entry, unless its number stood in an earlier line.
fn once(seen: &mut HashMap<Phone, u64>, entry: Entry, line: u64) -> Result<Entry, Fault> {
    let first = *seen.entry(entry.phone).or_insert(line);
    if first == line {
        return Ok(entry);
    }
    Err(Fault { field: "phone_number", message: format!("stands in line {first} already") })
}
