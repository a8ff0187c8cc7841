//! Lists of numbers that are opted out, as CSV: what the command line and the API read and write.

use super::{Inbox, Note};
use crate::phone::{Phone, Region};
use crate::roster::{Columns, read_phone};
use crate::store::OptedOutRow;
use crate::table::{Table, TableError};
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
    /// There is no column with numbers, or there are two.
    #[error("{0}")]
    Columns(String),
    /// It can't be read.
    #[error(transparent)]
    Table(#[from] TableError),
}

impl OptOutList {
    /// Reads a table; its column `phone_number` counts, others are ignored.
    ///
    /// # Errors
    /// No such column, or no table.
    pub fn read(source: impl Read, region: Region) -> Result<Self, ListError> {
        let mut table = Table::open(source)?;
        let columns = Columns::read(table.header()?).map_err(ListError::Columns)?;
        let mut list = Self::default();
        while let Some(record) = table.next_record()? {
            if record.is_blank() {
                continue;
            }
            match read_phone(&columns, &record.cells, region) {
                Ok(phone) => list.phones.push(phone),
                Err(fault) => list.refused.push((*record.lines.start(), fault.message)),
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
        let at = at.map(|at| format!("{at:.0}")).unwrap_or_default();
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
            created_at: Some(1_763_726_400_987),
        };
        let mut file = Vec::new();
        write_opt_outs(&mut file, &[row(1, "+14155550101")], true).unwrap();
        write_opt_outs(&mut file, &[row(2, "+14155550102")], false).unwrap();
        let written = String::from_utf8(file.clone()).unwrap();
        assert!(written.contains("keyword,2025-11-21T12:00:00Z\n"), "whole seconds: {written}");
        file.extend_from_slice(b"12,x,\n(415) 555-0101,,\n");
        let list = OptOutList::read(file.as_slice(), us).unwrap();
        let phones: Vec<String> = list.phones.iter().map(Phone::to_string).collect();
        assert_eq!(phones, ["+14155550101", "+14155550102"]);
        assert_eq!(list.refused.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [4]);
        assert!(matches!(OptOutList::read(&b"name\n1\n"[..], us), Err(ListError::Columns(_))));
    }

    #[test]
    fn a_list_is_read_however_a_spreadsheet_writes_it() {
        let us = Region::parse("US").unwrap();
        for file in [
            "phone_number;x\n+14155550101;1\n",
            "Phone_Number,x\n+14155550101,1\n",
            "x\tPHONE\r\n1\t+14155550101\r\n",
            "\u{feff}phone number;x\r+14155550101;1\r;\r",
        ] {
            let list = OptOutList::read(file.as_bytes(), us).unwrap();
            assert_eq!((list.phones.len(), list.refused.len()), (1, 0), "{file:?}: {list:?}");
        }
        assert!(OptOutList::read(&b"\xff\xfep\0"[..], us).is_err());
    }
}
