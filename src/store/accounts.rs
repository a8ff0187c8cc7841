//! Accounts: people who sign in.

use super::engine::on;
use super::{Store, Tx, sql};

/// An account as stored. Times are milliseconds since 1970.
#[derive(Clone, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns' names say it; the migration explains them")]
pub struct AccountRow {
    pub id: i64,
    pub email: String,
    pub password_hash: String,
    pub full_name: String,
    pub external_id: Option<String>,
    pub role: String,
    pub locale: Option<String>,
    pub time_zone: Option<String>,
    pub second_factor: String,
    pub phone_prompt_dismissed: bool,
    pub created_at: i64,
    pub updated_at: i64,
    pub disabled_at: Option<i64>,
}

impl std::fmt::Debug for AccountRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountRow").field("id", &self.id).field("role", &self.role).finish_non_exhaustive()
    }
}

impl AccountRow {
    /// Whether it is an admin's and may be used.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.role == "admin" && self.disabled_at.is_none()
    }
}

/// An account to add.
#[expect(missing_docs, missing_debug_implementations, reason = "see AccountRow; it holds secrets")]
pub struct NewAccount<'a> {
    pub id: i64,
    pub email: &'a str,
    pub email_key: &'a str,
    pub password_hash: &'a str,
    pub full_name: &'a str,
    pub role: &'a str,
    pub locale: Option<&'a str>,
    pub time_zone: Option<&'a str>,
    pub now: i64,
}

/// What must be unique of an account, and what that was made of.
#[derive(Clone, sqlx::FromRow)]
#[expect(missing_docs, missing_debug_implementations, reason = "see AccountRow")]
pub struct KeysRow {
    pub id: i64,
    pub email: String,
    pub email_key: String,
    pub external_id: Option<String>,
}

/// Something an account's owner is to be told.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "see the migration")]
pub struct NoticeRow {
    pub id: i64,
    pub kind: String,
    pub address: String,
    pub created_at: i64,
}

impl Store {
    /// The account with this email address, in lower case.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn account_by_email(&self, email_key: &str) -> sqlx::Result<Option<AccountRow>> {
        on!(&self.read, sql::ACCOUNT_BY_EMAIL, |c, text| {
            sqlx::query_as(text).bind(email_key).fetch_optional(c).await
        })
    }

    /// The account with this id.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn account(&self, id: i64) -> sqlx::Result<Option<AccountRow>> {
        on!(&self.read, sql::ACCOUNT, |c, text| sqlx::query_as(text).bind(id).fetch_optional(c).await)
    }

    /// Some of the accounts after `id` whose keys are not all ASCII, in the order of ids.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn keys_after(&self, id: i64) -> sqlx::Result<Vec<KeysRow>> {
        on!(&self.read, sql::KEYS, |c, text| sqlx::query_as(text).bind(id).fetch_all(c).await)
    }

    /// Saves an account's keys.
    ///
    /// # Errors
    /// The database did not answer, or another account has one of these.
    pub async fn put_keys(&self, row: &KeysRow) -> sqlx::Result<()> {
        on!(&mut self.writer().await?, sql::PUT_KEYS, |c, text| {
            let statement = sqlx::query(text).bind(row.id).bind(&row.email_key).bind(&row.external_id);
            statement.execute(&mut **c).await.map(drop)
        })
    }

    /// Accounts, newest first, older than `before`.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn accounts(&self, before: i64, limit: i64) -> sqlx::Result<Vec<AccountRow>> {
        on!(&self.read, sql::ACCOUNTS, |c, text| {
            sqlx::query_as(text).bind(before).bind(limit).fetch_all(c).await
        })
    }

    /// What an account's owner is to be told, newest first, 50 at most.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn notices(&self, account_id: i64) -> sqlx::Result<Vec<NoticeRow>> {
        on!(&self.read, sql::NOTICES, |c, text| sqlx::query_as(text).bind(account_id).fetch_all(c).await)
    }
}

impl Tx {
    /// Adds an account; false if its email address has one already.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn add_account(&mut self, new: &NewAccount<'_>) -> sqlx::Result<bool> {
        on!(self, sql::INSERT_ACCOUNT, |c, text| {
            let statement = sqlx::query(text).bind(new.id).bind(new.email).bind(new.email_key);
            let statement = statement.bind(new.password_hash).bind(new.full_name).bind(new.role);
            let statement = statement.bind(new.locale).bind(new.time_zone).bind(new.now);
            Ok(statement.execute(&mut **c).await?.rows_affected() == 1)
        })
    }

    /// Loads and locks an account.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn lock_account(&mut self, id: i64) -> sqlx::Result<Option<AccountRow>> {
        on!(self, sql::LOCK_ACCOUNT, |c, text| {
            sqlx::query_as(text).bind(id).fetch_optional(&mut **c).await
        })
    }

    /// Loads and locks an account, and with it every admin's that may be used; whether one of these is another's
    /// comes second.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn lock_account_and_admins(&mut self, id: i64) -> sqlx::Result<Option<(AccountRow, bool)>> {
        let rows: Vec<AccountRow> = on!(self, sql::LOCK_ADMINS, |c, text| {
            sqlx::query_as(text).bind(id).fetch_all(&mut **c).await
        })?;
        let others = rows.iter().any(|row| row.id != id && row.is_admin());
        Ok(rows.into_iter().find(|row| row.id == id).map(|row| (row, others)))
    }

    /// Saves all of an account that may change.
    ///
    /// # Errors
    /// The database did not answer, or another account has this `external_id`.
    pub async fn save_account(&mut self, row: &AccountRow) -> sqlx::Result<()> {
        on!(self, sql::UPDATE_ACCOUNT, |c, text| {
            let statement = sqlx::query(text).bind(row.id).bind(&row.password_hash).bind(&row.full_name);
            let statement = statement.bind(&row.external_id).bind(&row.role).bind(&row.locale);
            let statement = statement.bind(&row.time_zone).bind(&row.second_factor);
            let statement = statement.bind(row.phone_prompt_dismissed).bind(row.disabled_at);
            statement.bind(row.updated_at).execute(&mut **c).await.map(drop)
        })
    }
}
