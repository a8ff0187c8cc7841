//! One line of a list, checked cell by cell.

use super::Columns;
use crate::dialog::Name;
use crate::gate::PREMIUM_RATE;
use crate::phone::{Phone, Region};
use crate::schedule::zone_name;

/// What a line says about a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Their number.
    pub phone: Phone,
    /// Their name, if the line has one.
    pub name: Option<Name>,
    /// Their language, if the line has one.
    pub locale: Option<String>,
    /// An IANA name that we know, if the line has one.
    pub time_zone: Option<String>,
    /// Whether whoever wrote the list says that the person agreed to be written to.
    pub consented: bool,
}

/// What lines are read by.
#[derive(Clone, Copy, Debug)]
pub struct House<'a> {
    /// Where numbers without a country code belong.
    pub default_region: Region,
    /// The languages that we speak.
    pub languages: &'a [String],
}

/// Why a line is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The column.
    pub field: &'static str,
    /// What is wrong with it, in words; never a number in full.
    pub message: String,
}

impl Fault {
    pub(super) fn new(field: &'static str, message: impl Into<String>) -> Self {
        Self { field, message: message.into() }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.field, self.message)
    }
}

impl Entry {
    /// Reads the cells of a line; `None` if all are empty.
    ///
    /// # Errors
    /// The first cell that can't be used.
    pub fn read(columns: &Columns, cells: &[&[u8]], house: House) -> Result<Option<Self>, Fault> {
        if cells.iter().all(|cell| cell.trim_ascii().is_empty()) {
            return Ok(None);
        }
        let extra = cells.iter().skip(columns.width()).any(|cell| !cell.trim_ascii().is_empty());
        if extra {
            let message = format!(
                "the line has {} cells, the first line {}: a cell with a separator in it needs quotes",
                cells.len(),
                columns.width()
            );
            return Err(Fault::new("line", message));
        }
        let text = |name| text(name, columns.cell(name, cells));
        Ok(Some(Self {
            phone: textable(phone(text("phone_number")?, house.default_region)?)?,
            name: name(text("name")?)?,
            locale: locale(text("locale")?, house.languages)?,
            time_zone: time_zone(text("time_zone")?)?,
            consented: consent(text("consent")?)?,
        }))
    }
}

/// The number of a line, of which nothing else is asked.
///
/// # Errors
/// There is none that can be used.
pub fn read_phone(columns: &Columns, cells: &[&[u8]], default_region: Region) -> Result<Phone, Fault> {
    phone(text("phone_number", columns.number(cells))?, default_region)
}

fn text<'a>(field: &'static str, cell: &'a [u8]) -> Result<&'a str, Fault> {
    let text = std::str::from_utf8(cell)
        .map_err(|_| Fault::new(field, "is not UTF-8 text: save the file as “CSV UTF-8”"))?;
    if text.contains(['\n', '\r']) {
        return Err(Fault::new(field, "has a line break in it: is a quotation mark missing?"));
    }
    // Our own exports guard a leading + with an apostrophe, as people do in spreadsheets.
    Ok(text.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@'])).unwrap_or(text))
}

fn phone(text: &str, default_region: Region) -> Result<Phone, Fault> {
    if text.is_empty() {
        return Err(Fault::new("phone_number", "is empty"));
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if digits > 0 && (text.contains("E+") || text.contains("e+")) {
        let message = "a spreadsheet has shortened it: format the column as text and save again";
        return Err(Fault::new("phone_number", message));
    }
    Phone::parse(text, default_region).map_err(|error| Fault::new("phone_number", error.to_string()))
}

/// A number that texts are sent to. Those who opted out of it may still be listed.
fn textable(phone: Phone) -> Result<Phone, Fault> {
    if phone.is_premium_rate() {
        return Err(Fault::new("phone_number", PREMIUM_RATE));
    }
    Ok(phone)
}

fn name(text: &str) -> Result<Option<Name>, Fault> {
    if text.is_empty() {
        return Ok(None);
    }
    let message = "can't be used: at most 40 letters, no digits, links or signs";
    Name::parse(text).map(Some).ok_or_else(|| Fault::new("name", message))
}

fn locale(text: &str, languages: &[String]) -> Result<Option<String>, Fault> {
    if text.is_empty() {
        return Ok(None);
    }
    spoken(text, languages).map(Some).map_err(|message| Fault::new("locale", message))
}

/// The one of `languages`, those that there are texts in, that a code such as `es` stands for. A country behind it is
/// left out where there are no texts of its own: `es-MX` is `es`.
///
/// # Errors
/// What the code must be.
pub fn spoken(text: &str, languages: &[String]) -> Result<String, String> {
    let code = language_code(text).unwrap_or_default();
    let language = code.split('-').next().unwrap_or_default();
    let found = languages.iter().find(|known| **known == code);
    let found = found.or_else(|| languages.iter().find(|known| *known == language));
    found.cloned().ok_or_else(|| {
        format!("must be one of {}, alone or with a country as in es-MX", languages.join(", "))
    })
}

/// A language code as BCP 47 writes it, lower case but for what the text has in capitals behind the language.
fn language_code(text: &str) -> Option<String> {
    let text = text.replace('_', "-");
    let mut parts = text.split('-');
    let language = parts.next().unwrap_or_default();
    let fits = (2..=3).contains(&language.len())
        && language.bytes().all(|byte| byte.is_ascii_alphabetic())
        && text.len() <= 12
        && parts.all(|part| {
            (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        });
    fits.then(|| text.replacen(language, &language.to_ascii_lowercase(), 1))
}

fn time_zone(text: &str) -> Result<Option<String>, Fault> {
    if text.is_empty() {
        return Ok(None);
    }
    let message = "must be a zone's name such as Asia/Kathmandu";
    zone_name(text).map(Some).ok_or_else(|| Fault::new("time_zone", message))
}

fn consent(text: &str) -> Result<bool, Fault> {
    match text.to_lowercase().as_str() {
        "yes" | "given" | "y" | "true" | "1" => Ok(true),
        "" | "no" | "unasked" | "n" | "false" | "0" => Ok(false),
        "withdrawn" | "opted out" | "opted_out" | "stop" => {
            let message = "opting out is done with `tidings opt-outs import`; here it is yes or no";
            Err(Fault::new("consent", message))
        }
        _ => Err(Fault::new("consent", "must be yes or no")),
    }
}
