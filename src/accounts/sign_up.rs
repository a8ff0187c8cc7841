//! New accounts.

use super::numbers::Entry;
use super::profile::{check_full_name, read_time_zone};
use super::verification::Sent;
use super::{Accounts, Email, Refusal, Role, password};
use crate::phone::{Phone, Region};
use crate::store::{AccountRow, NewAccount};

/// What somebody who signs up tells us.
#[derive(Clone)]
#[expect(missing_docs, missing_debug_implementations, reason = "the API names them; it holds secrets")]
pub struct NewUser {
    pub email: String,
    pub password: String,
    pub full_name: String,
    pub phone_number: Option<String>,
    pub region: Option<String>,
    pub time_zone: Option<String>,
    pub locale: Option<String>,
    pub role: Role,
}

/// The same, checked.
struct Checked {
    email: Email,
    full_name: String,
    phone: Option<Phone>,
    time_zone: Option<String>,
    locale: Option<String>,
}

impl Accounts {
    /// Makes an account, with its first number if one was given. A number costs nothing yet:
    /// [`Accounts::send_code`] sends the code.
    ///
    /// # Errors
    /// All fields that are wrong, or that the email address has an account.
    pub async fn sign_up(&self, new: &NewUser) -> Result<(AccountRow, Option<Phone>), Refusal> {
        let Checked { email, full_name, phone, time_zone, locale } = self.check(new)?;
        let hash = self.hasher.hash(new.password.clone()).await?;
        let now = self.now();
        let id = self.inbox.ids.next(now);
        let mut tx = self.inbox.store.begin().await?;
        let account = NewAccount {
            id,
            email: email.as_str(),
            email_key: &email.key(),
            password_hash: &hash,
            full_name: &full_name,
            role: new.role.as_str(),
            locale: locale.as_deref(),
            time_zone: time_zone.as_deref(),
            now: now.as_millisecond(),
        };
        if !tx.add_account(&account).await? {
            return Err(Refusal::EmailTaken);
        }
        if let Some(phone) = phone {
            self.enter(&mut tx, id, &Entry { phone, is_primary: true }).await?;
        }
        let account = tx.lock_account(id).await?.ok_or(sqlx::Error::RowNotFound)?;
        tx.commit().await?;
        Ok((account, phone))
    }

    /// The same, and the first number gets its code. That it could not be sent is no reason not to
    /// have an account: it is told beside.
    ///
    /// # Errors
    /// As [`Accounts::sign_up`].
    pub async fn register(
        &self,
        new: &NewUser,
        client: &str,
    ) -> Result<(AccountRow, Option<Result<Sent, Refusal>>), Refusal> {
        let (account, phone) = self.sign_up(new).await?;
        let Some(phone) = phone else { return Ok((account, None)) };
        let sent = self.send_code(account.id, phone, Some(client)).await;
        Ok((account, Some(sent)))
    }

    fn check(&self, new: &NewUser) -> Result<Checked, Refusal> {
        let mut wrong: Vec<(&'static str, String)> = Vec::new();
        let email = Email::parse(&new.email).map_err(|error| wrong.push(("email", error.to_string()))).ok();
        if let Err(error) = password::check(&new.password, new.email.trim(), false) {
            wrong.push(("password", error.to_string()));
        }
        let full_name =
            check_full_name(&new.full_name).map_err(|error| wrong.push(("full_name", error))).ok();
        let time_zone = new.time_zone.as_deref().map(read_time_zone).transpose();
        let time_zone = time_zone.map_err(|error| wrong.push(("time_zone", error))).unwrap_or_default();
        let locale = new.locale.as_deref().map(|text| self.read_locale(text)).transpose();
        let locale = locale.map_err(|error| wrong.push(("locale", error))).unwrap_or_default();
        let region = new.region.as_deref().map(Region::parse).transpose();
        let region = region
            .map_err(|_| wrong.push(("region", "must be a country code such as US or NP".to_owned())))
            .unwrap_or_default();
        let phone = new.phone_number.as_deref().map(|text| self.own_phone(text, region)).transpose();
        let phone = phone.map_err(|error| wrong.push(("phone_number", error))).unwrap_or_default();
        match (email, full_name) {
            (Some(email), Some(full_name)) if wrong.is_empty() => {
                Ok(Checked { email, full_name, phone, time_zone, locale })
            }
            _ => Err(Refusal::Fields(wrong)),
        }
    }
}
