//! Tables as people keep them, which is CSV of many kinds: one reader for all that we take.

mod lines;

use lines::Lines;
use std::io::{BufRead as _, BufReader, Chain, Cursor, Read};
use std::ops::RangeInclusive;

/// How much is looked at to find out what separates the cells.
const HEAD: u64 = 1 << 16;
const BOM: &[u8] = b"\xef\xbb\xbf";

/// Why a table can't be read.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// It is written in another way than we read.
    #[error("the file is UTF-16 text: save it as “CSV UTF-8”")]
    Utf16,
    /// It could not be read any further.
    #[error("the file can't be read: {0}")]
    Broken(#[from] std::io::Error),
}

/// What stands between cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separator {
    /// As RFC 4180 has it.
    Comma,
    /// As spreadsheets write where the comma is a decimal sign.
    Semicolon,
    /// As copied from a spreadsheet.
    Tab,
}

impl Separator {
    /// The one that stands most often in the first line of `text`; the comma where none does.
    #[must_use]
    pub fn of(text: &[u8]) -> Self {
        let line = text.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
        let count = |separator: Self| line.split(|byte| *byte == separator.byte()).count();
        // The last of the greatest is taken, so the comma comes last.
        [Self::Tab, Self::Semicolon, Self::Comma]
            .into_iter()
            .max_by_key(|one| count(*one))
            .unwrap_or(Self::Comma)
    }

    /// The character.
    #[must_use]
    pub fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
        }
    }
}

/// The name of a column as we know it, whatever its case, its blanks and its hyphens.
#[must_use]
pub fn column_name(cell: &[u8]) -> String {
    let text = String::from_utf8_lossy(cell);
    text.trim_start_matches('\u{feff}').trim().to_lowercase().replace([' ', '-'], "_")
}

/// What was looked at already, and then the rest.
type Whole<R> = Chain<Cursor<Vec<u8>>, BufReader<R>>;

/// A table that is open.
#[derive(Debug)]
pub struct Table<R> {
    reader: csv::Reader<Lines<Whole<R>>>,
    record: csv::ByteRecord,
}

/// Some lines of it that make up one record: mostly one.
#[derive(Clone, Debug)]
pub struct Record<'a> {
    /// The cells as they are.
    pub cells: Vec<&'a [u8]>,
    /// The first line and the last one; the header is line 1.
    pub lines: RangeInclusive<u64>,
}

impl Record<'_> {
    /// Whether it says nothing.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.trim_ascii().is_empty())
    }
}

impl<R: Read> Table<R> {
    /// Opens a table: commas, semicolons or tabs, any line ends, with a byte order mark or without.
    ///
    /// # Errors
    /// It is UTF-16, or can't be read.
    pub fn open(source: R) -> Result<Self, TableError> {
        let mut source = BufReader::with_capacity(1 << 16, source);
        let mut head = Vec::new();
        (&mut source).take(HEAD).read_until(b'\n', &mut head)?;
        if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
            return Err(TableError::Utf16);
        }
        let separator = Separator::of(&head);
        let begin = if head.starts_with(BOM) { BOM.len() } else { 0 };
        let lines = Lines::new(Cursor::new(head.split_off(begin)).chain(source));
        let reader = csv::ReaderBuilder::new().delimiter(separator.byte()).flexible(true).from_reader(lines);
        Ok(Self { reader, record: csv::ByteRecord::new() })
    }

    /// The cells of the first line.
    ///
    /// # Errors
    /// It can't be read.
    pub fn header(&mut self) -> Result<Vec<&[u8]>, TableError> {
        Ok(self.reader.byte_headers().map_err(broken)?.iter().collect())
    }

    /// The next record; `None` at the end.
    ///
    /// # Errors
    /// It can't be read.
    pub fn next_record(&mut self) -> Result<Option<Record<'_>>, TableError> {
        if !self.reader.read_byte_record(&mut self.record).map_err(broken)? {
            return Ok(None);
        }
        let lines = lines_of(&self.reader, &self.record);
        Ok(Some(Record { cells: self.record.iter().collect(), lines }))
    }

    /// How far it was read, in bytes.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.reader.position().byte()
    }
}

/// Of bytes in records of any length, only reading them can fail.
fn broken(error: csv::Error) -> TableError {
    TableError::Broken(error.into())
}

/// The first and the last line of the record that was just read. The reader itself says where it began
/// to look for it, which may be some empty lines before.
fn lines_of<R: Read>(reader: &csv::Reader<R>, record: &csv::ByteRecord) -> RangeInclusive<u64> {
    let ends = record.iter().flatten().filter(|byte| **byte == b'\n').count();
    let last = reader.position().line().saturating_sub(1);
    // A record that an open quotation mark keeps from ending has one line end more than lines.
    let first = last.saturating_sub(u64::try_from(ends).unwrap_or(0));
    first.max(record.position().map_or(0, csv::Position::line))..=last
}
