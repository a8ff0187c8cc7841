//! Staff's wordings over the shipped texts: saved version by version, gone back to, and in force at once.

use crate::conversation::Inbox;
use crate::store::{NewTemplateVersion, TemplateRow};
use crate::texts::{Draft, Fault};

/// The longest note, in characters.
pub const MAX_NOTE: usize = 200;

/// A template in one locale, as it stands.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Its name.
    pub name: &'static str,
    /// The locale.
    pub locale: String,
    /// The newest version; none if nobody ever changed it.
    pub newest: Option<TemplateRow>,
    /// The shipped words.
    pub shipped: &'static str,
    /// Why the newest wording is not in force.
    pub fault: Option<String>,
}

impl Standing {
    /// The words that staff see and change: theirs, or the shipped ones.
    #[must_use]
    pub fn body(&self) -> &str {
        self.newest.as_ref().and_then(|row| row.body.as_deref()).unwrap_or(self.shipped)
    }

    /// The number of the newest version, 0 before the first.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.newest.as_ref().map_or(0, |row| row.version)
    }

    /// Whether staff's words stand over the shipped ones.
    #[must_use]
    pub fn edited(&self) -> bool {
        self.newest.as_ref().is_some_and(|row| row.body.is_some())
    }

    /// What it says with sample values.
    #[must_use]
    pub fn sample(&self, inbox: &Inbox) -> String {
        inbox.texts.sample(self.name, &self.locale)
    }
}

/// Who changes a template, and why.
#[derive(Clone, Copy, Debug)]
pub struct Edit<'a> {
    /// Who.
    pub author: &'a str,
    /// Why.
    pub note: &'a str,
    /// The version that the change was made from, if the change is to wait for nobody else's.
    pub based_on: Option<i64>,
}

/// Why a template was not changed.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// There is no such template in that locale.
    #[error("there is no such template")]
    Unknown,
    /// There is no such version of it.
    #[error("there is no such version")]
    NoVersion,
    /// There is no such version to have changed.
    #[error("the newest version is {0}")]
    NoBase(i64),
    /// The words are wrong.
    #[error("{}", tell(.0))]
    Faults(Vec<Fault>),
    /// Somebody else was faster.
    #[error("version {0} was saved in the meantime")]
    Newer(i64),
    /// The database did not answer.
    #[error("the database did not answer")]
    Store(#[from] sqlx::Error),
}

fn tell(faults: &[Fault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// Every template in every locale.
///
/// # Errors
/// The database did not answer.
pub async fn list(inbox: &Inbox) -> sqlx::Result<Vec<Standing>> {
    inbox.texts.refresh(&inbox.store).await?;
    let rows = inbox.store.templates_in_force().await?;
    let newest =
        |name: &str, locale: &str| rows.iter().find(|row| row.name == name && row.locale == locale).cloned();
    let mut all = Vec::new();
    for name in inbox.texts.names() {
        for locale in inbox.texts.locales() {
            all.extend(standing(inbox, name, locale, newest(name, locale)));
        }
    }
    Ok(all)
}

/// One template; none if there is no such template.
///
/// # Errors
/// The database did not answer.
pub async fn find(inbox: &Inbox, name: &str, locale: &str) -> sqlx::Result<Option<Standing>> {
    if standing(inbox, name, locale, None).is_none() {
        return Ok(None);
    }
    inbox.texts.refresh(&inbox.store).await?;
    let newest = inbox.store.template_in_force(name, locale).await?;
    Ok(standing(inbox, name, locale, newest))
}

fn standing(inbox: &Inbox, name: &str, locale: &str, newest: Option<TemplateRow>) -> Option<Standing> {
    let name = inbox.texts.names().find(|known| *known == name)?;
    let shipped = inbox.texts.shipped(name, locale)?;
    let fault = inbox.texts.fault(name, locale);
    Some(Standing { name, locale: locale.to_owned(), newest, shipped, fault })
}

/// Puts these words in force, as a new version; nothing changes where they are in force already.
///
/// # Errors
/// See [`EditError`]; then nothing was changed.
pub async fn save(inbox: &Inbox, draft: Draft<'_>, edit: Edit<'_>) -> Result<Standing, EditError> {
    let draft = Draft { body: draft.body.trim_end(), ..draft };
    if inbox.texts.shipped(draft.name, draft.locale).is_none() {
        return Err(EditError::Unknown);
    }
    inbox.texts.check(draft).map_err(EditError::Faults)?;
    write(inbox, draft.name, draft.locale, Some(draft.body), edit, None).await
}

/// Puts an earlier version in force again, as a new one.
///
/// # Errors
/// See [`EditError`]; then nothing was changed.
pub async fn restore(
    inbox: &Inbox,
    name: &str,
    locale: &str,
    version: i64,
    edit: Edit<'_>,
) -> Result<Standing, EditError> {
    if inbox.texts.shipped(name, locale).is_none() {
        return Err(EditError::Unknown);
    }
    let row = inbox.store.template_version(name, locale, version).await?.ok_or(EditError::NoVersion)?;
    if let Some(body) = &row.body {
        // What was right once may not be so for this version of the program.
        inbox.texts.check(Draft { name, locale, body }).map_err(EditError::Faults)?;
    }
    write(inbox, name, locale, row.body.as_deref(), edit, Some(version)).await
}

/// Puts the shipped words in force again; the versions stay.
///
/// # Errors
/// See [`EditError`]; then nothing was changed.
pub async fn reset(inbox: &Inbox, name: &str, locale: &str, edit: Edit<'_>) -> Result<Standing, EditError> {
    if inbox.texts.shipped(name, locale).is_none() {
        return Err(EditError::Unknown);
    }
    write(inbox, name, locale, None, edit, None).await
}

async fn write(
    inbox: &Inbox,
    name: &str,
    locale: &str,
    body: Option<&str>,
    edit: Edit<'_>,
    restored_from: Option<i64>,
) -> Result<Standing, EditError> {
    let mut tx = inbox.store.begin().await?;
    let newest = tx.begin_template_edit(name, locale).await?;
    match edit.based_on {
        Some(version) if !(0..=newest).contains(&version) => return Err(EditError::NoBase(newest)),
        Some(version) if version != newest => return Err(EditError::Newer(newest)),
        _ => {}
    }
    let now = inbox.clock.now().as_millisecond();
    let Edit { author, note, .. } = edit;
    let new = NewTemplateVersion { name, locale, body, author, note, restored_from, now };
    // Whoever saves what is in force changes nothing, and leaves no version for others to puzzle over.
    if tx.template_body(name, locale, newest).await? != body.map(str::to_owned) {
        tx.add_template_version(&new, newest + 1).await?;
        tx.commit().await?;
    }
    find(inbox, name, locale).await?.ok_or(EditError::Unknown)
}
