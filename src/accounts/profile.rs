//! What an account says about its owner, and who may change which of it.

use super::erase::wrong_password;
use super::role::Role;
use super::second_factor::sign_in_number;
use super::{Accounts, Refusal, password};
use crate::store::{AccountRow, Tx};
use crate::visible::{is_all_visible, is_plain};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer};

/// The longest name, and the longest id of another system, in characters.
const LONGEST_NAME: usize = 100;

/// What becomes of a field that may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// It stays.
    #[default]
    Keep,
    /// It is emptied: `null` in JSON.
    Remove,
    /// It is this from now on.
    Set(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Change<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Remove, Self::Set))
    }
}

impl<T: Clone> Change<T> {
    fn apply(&self, field: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Remove => *field = None,
            Self::Set(value) => *field = Some(value.clone()),
        }
    }
}

/// What the owner changes. `None` leaves it.
#[derive(Clone, Default)]
#[expect(missing_docs, missing_debug_implementations, reason = "the API names them; it holds secrets")]
pub struct Changes {
    pub full_name: Option<String>,
    pub locale: Change<String>,
    pub time_zone: Change<String>,
    pub second_factor: Option<String>,
    pub phone_prompt_dismissed: Option<bool>,
    pub current_password: Option<String>,
    pub new_password: Option<String>,
}

/// What an admin changes.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the API names them")]
pub struct StaffChanges {
    pub external_id: Change<String>,
    pub role: Option<String>,
    /// Only to switch it off, for people who have lost their number.
    pub second_factor: Option<String>,
    pub disabled: Option<bool>,
}

impl Accounts {
    /// Changes an account as its owner wishes. A new password ends every session.
    ///
    /// # Errors
    /// All fields that are wrong, or that the current password is.
    pub async fn change(&self, account_id: i64, changes: &Changes) -> Result<AccountRow, Refusal> {
        // Hashing takes a while, so it comes before the transaction.
        let known =
            self.inbox.store.account(account_id).await?.ok_or(Refusal::NotFound("no such account"))?;
        let hash = self.new_hash(&known, changes).await?;
        let mut tx = self.inbox.store.begin().await?;
        let mut row = tx.lock_account(account_id).await?.ok_or(Refusal::NotFound("no such account"))?;
        let mut wrong = Vec::new();
        if let Some(name) = &changes.full_name {
            match check_full_name(name) {
                Ok(name) => row.full_name = name,
                Err(error) => wrong.push(("full_name", error)),
            }
        }
        put(&mut row.locale, &changes.locale, check_locale, "locale", &mut wrong);
        put(&mut row.time_zone, &changes.time_zone, check_time_zone, "time_zone", &mut wrong);
        if let Some(factor) = &changes.second_factor {
            match second_factor(&mut tx, &row, factor, self.now()).await? {
                Ok(()) => row.second_factor.clone_from(factor),
                Err(error) => wrong.push(("second_factor", error.to_owned())),
            }
        }
        if !wrong.is_empty() {
            return Err(Refusal::Fields(wrong));
        }
        row.phone_prompt_dismissed = changes.phone_prompt_dismissed.unwrap_or(row.phone_prompt_dismissed);
        if let Some(hash) = hash {
            row.password_hash = hash;
            tx.end_sessions(account_id).await?;
        }
        self.save(tx, row).await
    }

    /// The hash of the new password, once the current one is proven.
    async fn new_hash(&self, row: &AccountRow, changes: &Changes) -> Result<Option<String>, Refusal> {
        let factor = changes.second_factor.as_deref();
        let weakens = factor == Some("none") && row.second_factor == "sms";
        if changes.new_password.is_none() && !weakens {
            return Ok(None);
        }
        if !self.is_password(row, changes.current_password.clone()).await? {
            return Err(wrong_password());
        }
        // A short password is only good enough beside a second factor.
        let has_second_factor = factor.unwrap_or(&row.second_factor) == "sms";
        let (password, field) = match (&changes.new_password, &changes.current_password) {
            (Some(new), _) => (new, "new_password"),
            (None, Some(current)) => (current, "current_password"),
            (None, None) => return Ok(None),
        };
        password::check(password, &row.email, has_second_factor)
            .map_err(|error| Refusal::field(field, error))?;
        match &changes.new_password {
            Some(new) => Ok(Some(self.hasher.hash(new.clone()).await?)),
            None => Ok(None),
        }
    }

    /// Changes an account as an admin wishes. Disabling it ends every session, and so do another role and
    /// the end of its second factor.
    ///
    /// # Errors
    /// A field that is wrong, or no such account, or there would be no admin any more.
    pub async fn change_as_staff(&self, id: i64, changes: &StaffChanges) -> Result<AccountRow, Refusal> {
        let mut tx = self.inbox.store.begin().await?;
        let found = tx.lock_account_and_admins(id).await?;
        let (before, other_admins) = found.ok_or(Refusal::NotFound("no such account"))?;
        let row = changed_by_staff(&before, changes, self.now())?;
        if before.is_admin() && !row.is_admin() && !other_admins {
            return Err(Refusal::LastAdmin);
        }
        let may_less = (&before.role, &before.second_factor) != (&row.role, &row.second_factor);
        if may_less || row.disabled_at.is_some() {
            tx.end_sessions(id).await?;
        }
        match self.save(tx, row).await {
            Err(Refusal::Database(sqlx::Error::Database(error))) if error.is_unique_violation() => {
                Err(Refusal::field("external_id", "another account has this"))
            }
            other => other,
        }
    }

    async fn save(&self, mut tx: Tx, mut row: AccountRow) -> Result<AccountRow, Refusal> {
        row.updated_at = self.now().as_millisecond();
        tx.save_account(&row).await?;
        tx.commit().await?;
        Ok(row)
    }
}

/// An account after an admin's changes.
fn changed_by_staff(
    before: &AccountRow,
    changes: &StaffChanges,
    now: Timestamp,
) -> Result<AccountRow, Refusal> {
    let (mut row, mut wrong) = (before.clone(), Vec::new());
    match changes.role.as_deref().map(Role::from_name) {
        Some(Some(role)) => role.as_str().clone_into(&mut row.role),
        Some(None) => wrong.push(("role", "must be user, operator or admin".to_owned())),
        None => {}
    }
    put(&mut row.external_id, &changes.external_id, check_external_id, "external_id", &mut wrong);
    match changes.second_factor.as_deref() {
        Some("none") => "none".clone_into(&mut row.second_factor),
        Some(_) => wrong.push(("second_factor", "can only be switched off: none".to_owned())),
        None => {}
    }
    match changes.disabled {
        Some(true) => row.disabled_at = row.disabled_at.or(Some(now.as_millisecond())),
        Some(false) => row.disabled_at = None,
        None => {}
    }
    if wrong.is_empty() { Ok(row) } else { Err(Refusal::Fields(wrong)) }
}

/// Whether the account may have this second factor; the words are for its owner. Its codes go to the
/// primary number, so that is a proven one from now on.
async fn second_factor(
    tx: &mut Tx,
    row: &AccountRow,
    factor: &str,
    now: Timestamp,
) -> sqlx::Result<Result<(), &'static str>> {
    match factor {
        // The password was asked for and is long enough to stand alone; see `new_hash`.
        "none" => return Ok(Ok(())),
        "sms" => {}
        _ => return Ok(Err("must be none or sms")),
    }
    let numbers = tx.numbers(row.id).await?;
    let Some(number) = sign_in_number(&numbers) else { return Ok(Err("verify a number first")) };
    if !number.is_primary {
        tx.set_primary(number, now.as_millisecond()).await?;
    }
    Ok(Ok(()))
}

fn put(
    field: &mut Option<String>,
    change: &Change<String>,
    check: impl Fn(&str) -> Result<(), String>,
    name: &'static str,
    wrong: &mut Vec<(&'static str, String)>,
) {
    if let Change::Set(value) = change
        && let Err(error) = check(value)
    {
        wrong.push((name, error));
    } else {
        change.apply(field);
    }
}

/// A person's name, with single spaces.
///
/// # Errors
/// What it must be.
pub fn check_full_name(text: &str) -> Result<String, String> {
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let fits = is_plain(&name) && name.chars().count() <= LONGEST_NAME;
    if fits { Ok(name) } else { Err(format!("must have 1 to {LONGEST_NAME} characters that can be read")) }
}

/// The id that another system has for an account: what looks alike must be alike.
fn check_external_id(text: &str) -> Result<(), String> {
    let fits = is_all_visible(text) && text.chars().count() <= LONGEST_NAME && text.trim() == text;
    let must = "must have 1 to 100 characters that can be seen, and no space at either end";
    if fits { Ok(()) } else { Err(must.to_owned()) }
}

pub(super) fn check_locale(text: &str) -> Result<(), String> {
    let fits = (2..=12).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if fits { Ok(()) } else { Err("must be a language code such as en".to_owned()) }
}

pub(super) fn check_time_zone(text: &str) -> Result<(), String> {
    match TimeZone::get(text) {
        Ok(_) => Ok(()),
        Err(_) => Err("must be an IANA time zone such as America/New_York".to_owned()),
    }
}
