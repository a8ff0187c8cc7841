//! The first line of a list: which cell is what.

use crate::table::column_name;

/// The columns we read, each with the names it may have.
const NAMES: [(&str, &[&str]); 5] = [
    ("phone_number", &["phone_number", "phone", "number", "mobile"]),
    ("name", &["name"]),
    ("locale", &["locale"]),
    ("time_zone", &["time_zone"]),
    ("consent", &["consent"]),
];

/// Where each column is, counted from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    at: [Option<usize>; NAMES.len()],
    width: usize,
    ignored: Vec<String>,
}

impl Columns {
    /// Reads the first line. Case and blanks don't matter.
    ///
    /// # Errors
    /// In words: no column has the numbers, or two columns are the same.
    pub fn read<'a>(cells: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, String> {
        let (mut at, mut width, mut ignored) = ([None; NAMES.len()], 0, Vec::new());
        for (place, cell) in cells.into_iter().enumerate() {
            width = place + 1;
            let name = column_name(cell);
            match NAMES.iter().position(|(_, names)| names.contains(&name.as_str())) {
                Some(column) if at[column].is_some() => {
                    return Err(format!("the first line has two columns for {}", NAMES[column].0));
                }
                Some(column) => at[column] = Some(place),
                None if name.is_empty() => {}
                None => ignored.push(name),
            }
        }
        if at[0].is_none() {
            return Err("the file needs a first line with the column phone_number".to_owned());
        }
        Ok(Self { at, width, ignored })
    }

    /// How many cells the first line has.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// The names of columns that are not read.
    #[must_use]
    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// The cell with the number.
    #[must_use]
    pub fn number<'a>(&self, cells: &[&'a [u8]]) -> &'a [u8] {
        self.cell("phone_number", cells)
    }

    /// The cell of the column `name`, without the blanks around it; empty where there is none.
    pub(super) fn cell<'a>(&self, name: &'static str, cells: &[&'a [u8]]) -> &'a [u8] {
        let column = NAMES.iter().position(|(known, _)| *known == name);
        let place = column.and_then(|column| self.at[column]);
        place.and_then(|place| cells.get(place)).copied().unwrap_or_default().trim_ascii()
    }
}
