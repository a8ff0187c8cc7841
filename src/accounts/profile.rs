//! What an account says about its owner, and who may change which of it.

use super::current_password::Given;
use super::second_factor::{best_number, sign_in_number};
use super::{Accounts, Refusal, password};
use crate::roster::spoken;
use crate::schedule::zone_name;
use crate::store::{AccountRow, Tx};
use crate::visible;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer};

/// The longest name, and the longest id of another system, in characters.
pub(super) const LONGEST_NAME: usize = 100;

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

impl Accounts {
    /// Changes an account as its owner wishes. A new password ends every session.
    ///
    /// # Errors
    /// All fields that are wrong, or that the current password is.
    pub async fn change(&self, account_id: i64, changes: &Changes) -> Result<AccountRow, Refusal> {
        if changes.change_nothing() {
            return Err(Refusal::field("new_password", NOTHING_TO_CHANGE));
        }
        // Hashing takes a while, so it comes before the transaction.
        let known =
            self.inbox.store.account(account_id).await?.ok_or(Refusal::NotFound("no such account"))?;
        let given = self.password(&known, changes.current_password.clone()).await?;
        let hash = self.new_hash(&known, changes, given).await?;
        let mut tx = self.inbox.store.begin().await?;
        let mut row = tx.lock_account(account_id).await?.ok_or(Refusal::NotFound("no such account"))?;
        let given = given.since(&known, &row);
        if hash.is_some() || weakens(changes, &row) {
            given.require()?;
        }
        let mut wrong = Vec::new();
        if let Some(name) = &changes.full_name {
            match check_full_name(name) {
                Ok(name) => row.full_name = name,
                Err(error) => wrong.push(("full_name", error)),
            }
        }
        put(&mut row.locale, &changes.locale, |text| self.read_locale(text), "locale", &mut wrong);
        put(&mut row.time_zone, &changes.time_zone, read_time_zone, "time_zone", &mut wrong);
        let nothing_sent = !self.settings.sends && row.second_factor != "sms";
        if changes.second_factor.as_deref() == Some("sms") && nothing_sent {
            wrong.push(("second_factor", NO_CODE_LEAVES.to_owned()));
        } else if let Some(factor) = &changes.second_factor {
            match second_factor(&mut tx, &row, factor, given, self.now()).await? {
                Ok(()) => row.second_factor.clone_from(factor),
                Err((field, error)) => wrong.push((field, error.to_owned())),
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
    async fn new_hash(
        &self,
        row: &AccountRow,
        changes: &Changes,
        given: Given,
    ) -> Result<Option<String>, Refusal> {
        let factor = changes.second_factor.as_deref();
        if changes.new_password.is_none() && !weakens(changes, row) {
            return Ok(None);
        }
        given.require()?;
        // A short password is only good enough beside a second factor.
        let has_second_factor = factor.unwrap_or(&row.second_factor) == "sms";
        let Some(new) = &changes.new_password else {
            let current = changes.current_password.as_deref().unwrap_or_default();
            let stands = password::stands_alone(current);
            return if stands { Ok(None) } else { Err(Refusal::field("new_password", NEW_PASSWORD_MISSING)) };
        };
        password::check(new, &row.email, has_second_factor)
            .map_err(|error| Refusal::field("new_password", error))?;
        Ok(Some(self.hasher.hash(new.clone()).await?))
    }

    /// The language that a code such as `es` or `es-MX` stands for, if there are texts in it.
    pub(super) fn read_locale(&self, text: &str) -> Result<String, String> {
        spoken(text, self.inbox.texts.locales())
    }

    pub(super) async fn save(&self, mut tx: Tx, mut row: AccountRow) -> Result<AccountRow, Refusal> {
        row.updated_at = self.now().as_millisecond();
        tx.save_account(&row).await?;
        tx.commit().await?;
        Ok(row)
    }
}

impl Changes {
    /// Whether there is a password and nothing to use it for.
    fn change_nothing(&self) -> bool {
        let is_left_out = self.full_name.is_none()
            && (&self.locale, &self.time_zone) == (&Change::Keep, &Change::Keep)
            && self.second_factor.is_none()
            && self.phone_prompt_dismissed.is_none()
            && self.new_password.is_none();
        self.current_password.is_some() && is_left_out
    }
}

/// Whether less guards the account afterwards.
fn weakens(changes: &Changes, row: &AccountRow) -> bool {
    changes.second_factor.as_deref() == Some("none") && row.second_factor == "sms"
}

/// Said to whoever sends the current password alone.
const NOTHING_TO_CHANGE: &str =
    "is missing: current_password alone changes nothing; send new_password, or what else is to be changed";

/// Said to whoever would lock themselves out.
const NO_CODE_LEAVES: &str =
    "can't be switched on: there are no Twilio credentials, so no code could reach you at sign-in";

/// Said where a second factor goes and a password stays that leaned on it.
const NEW_PASSWORD_MISSING: &str =
    "is needed: your password is too short to stand alone, so choose another along with this";

/// Whether the account may have this second factor, which field is wrong if not, and why, in words for its owner.
/// Its codes go to the primary number, so that is a proven one from now on.
async fn second_factor(
    tx: &mut Tx,
    row: &AccountRow,
    factor: &str,
    given: Given,
    now: Timestamp,
) -> sqlx::Result<Result<(), (&'static str, &'static str)>> {
    match factor {
        // The password was asked for and is long enough to stand alone; see `new_hash`.
        "none" => return Ok(Ok(())),
        "sms" => {}
        _ => return Ok(Err(("second_factor", "must be none or sms"))),
    }
    let numbers = tx.numbers(row.id).await?;
    if row.second_factor == "sms" && sign_in_number(&numbers).is_some() {
        return Ok(Ok(()));
    }
    // Whoever holds no more than a session would have the codes sent to themselves, and lock the owner out.
    if let Some(error) = given.fault() {
        return Ok(Err(error));
    }
    let Some(number) = best_number(&numbers) else {
        return Ok(Err(("second_factor", "verify a number first")));
    };
    tx.take_sign_ins(number).await?;
    if !number.is_primary {
        tx.set_primary(number, now.as_millisecond()).await?;
    }
    Ok(Ok(()))
}

/// Changes a field to what `read` makes of the text, or says what is wrong with it.
pub(super) fn put(
    field: &mut Option<String>,
    change: &Change<String>,
    read: impl Fn(&str) -> Result<String, String>,
    name: &'static str,
    wrong: &mut Vec<(&'static str, String)>,
) {
    match change {
        Change::Keep => {}
        Change::Remove => *field = None,
        Change::Set(text) => match read(text) {
            Ok(value) => *field = Some(value),
            Err(error) => wrong.push((name, error)),
        },
    }
}

/// A person's name, with single spaces.
///
/// # Errors
/// What it must be.
pub fn check_full_name(text: &str) -> Result<String, String> {
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    visible::name(&name, LONGEST_NAME).map_err(|error| error.to_string())
}

/// The name of a time zone as it is kept.
pub(super) fn read_time_zone(text: &str) -> Result<String, String> {
    zone_name(text).ok_or_else(|| "must be an IANA time zone such as America/New_York".to_owned())
}
