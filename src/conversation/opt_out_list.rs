//! Lists of numbers that are opted out, as CSV: what the command line and the API read and write.

use super::{Inbox, Note};
use crate::phone::{Phone, Region};
use crate::store::OptedOutRow;
use jiff::Timestamp;
use std::io::{Read, Write};

/// Numbers in one transaction.
const SLICE: usize = 500;

/// A list, read.
#[derive(Clone, Debug, Default)]
pub struct OptOutList {
    /// Its numbers, each once.
    pub phones: Vec<Phone>,
    /// Lines that hold no number, with what is wrong; the header is line 1.
    pub refused: Vec<(u64, String)>,
}

/// Why a list could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// There is no column with numbers.
    #[error("the first line must name the column phone_number")]
    NoColumn,
    /// It is no CSV.
    #[error(transparent)]
    Csv(#[from] csv::Error),
}

impl OptOutList {
    /// Reads a CSV; its column `phone_number` counts, others are ignored.
    ///
    /// # Errors
    /// No such column, or no CSV.
    pub fn read(source: impl Read, region: Region) -> Result<Self, ListError> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(source);
        let mut names = reader.headers()?.iter();
        let column = names.position(|name| name.trim_start_matches('\u{feff}') == "phone_number");
        let column = column.ok_or(ListError::NoColumn)?;
        let mut list = Self::default();
        for record in reader.records() {
            let record = record?;
            let line = record.position().map_or(0, csv::Position::line);
            // Exports guard a leading + with an apostrophe, so that spreadsheets take it for text.
            let text = record.get(column).unwrap_or_default().trim_start_matches('\'');
            match Phone::parse(text, region) {
                Ok(phone) => list.phones.push(phone),
                Err(error) => list.refused.push((line, error.to_string())),
            }
        }
        list.phones.sort_unstable();
        list.phones.dedup();
        Ok(list)
    }
}

impl Inbox {
    /// Opts the numbers of a list out, a slice in each transaction; returns how many were not yet.
    ///
    /// # Errors
    /// The database did not answer; slices before that are done, and doing them again changes nothing.
    pub async fn import_opt_outs(
        &self,
        phones: &[Phone],
        note: Note<'_>,
        dry_run: bool,
    ) -> sqlx::Result<usize> {
        let mut count = 0;
        for slice in phones.chunks(SLICE) {
            let addresses: Vec<String> = slice.iter().map(Phone::to_string).collect();
            count += self.opt_out(&addresses, true, note, dry_run).await?;
        }
        Ok(count)
    }
}

/// Writes who is opted out as CSV, its first line included if `first`.
///
/// # Errors
/// It could not be written.
pub fn write_opt_outs(output: impl Write, rows: &[OptedOutRow], first: bool) -> csv::Result<()> {
    let mut writer = csv::Writer::from_writer(output);
    if first {
        writer.write_record(["phone_number", "how", "opted_out_at"])?;
    }
    for row in rows {
        let at = row.created_at.and_then(|at| Timestamp::from_millisecond(at).ok());
        let at = at.map(|at| at.to_string()).unwrap_or_default();
        let number = format!("'{}", row.address);
        writer.write_record([number.as_str(), row.how.as_deref().unwrap_or_default(), &at])?;
    }
    Ok(writer.flush()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_and_what_is_wrong_is_named() {
        let us = Region::parse("US").unwrap();
        let row = |id, address: &str| OptedOutRow {
            id,
            address: address.to_owned(),
            how: Some("keyword".to_owned()),
            created_at: Some(0),
        };
        let mut file = Vec::new();
        write_opt_outs(&mut file, &[row(1, "+14155550101")], true).unwrap();
        write_opt_outs(&mut file, &[row(2, "+14155550102")], false).unwrap();
        file.extend_from_slice(b"12,x,\n(415) 555-0101,,\n");
        let list = OptOutList::read(file.as_slice(), us).unwrap();
        let phones: Vec<String> = list.phones.iter().map(Phone::to_string).collect();
        assert_eq!(phones, ["+14155550101", "+14155550102"]);
        assert_eq!(list.refused.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [4]);
        assert!(matches!(OptOutList::read(&b"number\n1\n"[..], us), Err(ListError::NoColumn)));
    }
}
