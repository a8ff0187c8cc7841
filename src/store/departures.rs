//! Numbers that leave an account: proven by another, erased, or given up with the account.

use super::engine::on;
use super::{NumberRow, Tx, json, prefix_of, sql};
use crate::ids::Ids;
use jiff::Timestamp;
use std::collections::HashSet;

/// Why what was meant for the earlier holder of a number is off, for staff to read.
const CHANGED_HANDS: &str = "the number changed hands";

impl Tx {
    /// Makes room for a number that `row`'s account has just proven: whoever had proven the same number
    /// loses it and is told; its prefix has used a code. False if the claim is held by another number, which keeps it.
    ///
    /// The contact behind the number must be locked.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn take_over(&mut self, row: &NumberRow, ids: &Ids, now: Timestamp) -> sqlx::Result<bool> {
        let holder = self.holder(&row.claim).await?;
        let mut accounts = vec![row.account_id];
        if let Some(holder) = holder.as_ref().filter(|holder| holder.account_id != row.account_id) {
            if holder.address != row.address {
                return Ok(false);
            }
            accounts.push(holder.account_id);
        }
        self.lock_accounts(accounts).await?;
        if let Some(holder) = holder.filter(|holder| holder.account_id != row.account_id) {
            self.remove_number(&holder).await?;
            self.end_second_factors_at(&[&holder.address]).await?;
            self.notify(holder.account_id, "number_lost", &holder.address, ids, now).await?;
        }
        self.prefix_used(prefix_of(&row.address)).await?;
        for statement in [sql::ADOPT_CONTACT, sql::SET_PROVEN_BY] {
            on!(&mut *self, statement, |c, text| {
                sqlx::query(text).bind(&row.address).bind(row.account_id).execute(&mut **c).await.map(drop)
            })?;
        }
        Ok(true)
    }

    /// Takes these numbers off every account that holds them, proven or not, and tells it so without
    /// the number. Nothing about accounts names them afterwards.
    ///
    /// The contacts behind the numbers must be locked.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn take_off_accounts(
        &mut self,
        addresses: &[&str],
        ids: &Ids,
        now: Timestamp,
    ) -> sqlx::Result<()> {
        let held = self.numbers_at(addresses).await?.iter().map(|number| number.account_id).collect();
        let locked = self.lock_accounts(held).await?;
        // Read again now that the locks are held: a number may have been replaced meanwhile.
        for number in self.numbers_at(addresses).await? {
            if locked.contains(&number.account_id) {
                self.remove_number(&number).await?;
                self.notify(number.account_id, "number_erased", "", ids, now).await?;
            }
        }
        self.end_second_factors_at(addresses).await?;
        let addresses = json(addresses)?;
        on!(self, sql::BLANK_NOTICES, |c, text| {
            sqlx::query(text).bind(&addresses).execute(&mut **c).await.map(drop)
        })
    }

    /// Removes an account with all that is its own. Its row must be locked.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn delete_account(&mut self, account_id: i64) -> sqlx::Result<()> {
        for statement in [
            sql::DELETE_NUMBERS_OF_ACCOUNT,
            sql::DELETE_NOTICES_OF_ACCOUNT,
            sql::DELETE_SECOND_FACTOR,
            sql::DELETE_SESSIONS,
            sql::DELETE_ACCOUNT,
        ] {
            on!(&mut *self, statement, |c, text| {
                sqlx::query(text).bind(account_id).execute(&mut **c).await.map(drop)
            })?;
        }
        Ok(())
    }

    /// Which account proved each of these numbers last, where one did.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn proven_by(&mut self, addresses: &[&str]) -> sqlx::Result<Vec<(String, i64)>> {
        let addresses = json(addresses)?;
        on!(self, sql::PROVEN_BY, |c, text| {
            sqlx::query_as(text).bind(&addresses).fetch_all(&mut **c).await
        })
    }

    /// Ends all that a contact has going, because its number is somebody else's now; the zone is what
    /// the number says. Returns the ids of the messages that are not sent any more.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn pass_on(
        &mut self,
        contact_id: i64,
        (time_zone, source): (&str, &str),
        now: i64,
    ) -> sqlx::Result<Vec<i64>> {
        for statement in
            [sql::ERASE_MEMBERSHIPS, sql::ERASE_TAGS, sql::ERASE_SUBSCRIPTION, sql::PASS_ON_FORMS]
        {
            on!(&mut *self, statement, |c, text| {
                sqlx::query(text).bind(contact_id).execute(&mut **c).await.map(drop)
            })?;
        }
        on!(&mut *self, sql::PASS_ON_BOOKINGS, |c, text| {
            let statement = sqlx::query(text).bind(contact_id).bind(now).bind(CHANGED_HANDS);
            statement.execute(&mut **c).await.map(drop)
        })?;
        let refused = on!(&mut *self, sql::PASS_ON_MESSAGES, |c, text| {
            let statement = sqlx::query_scalar(text).bind(contact_id).bind(now).bind(CHANGED_HANDS);
            statement.fetch_all(&mut **c).await
        })?;
        on!(self, sql::PASS_ON_CONTACT, |c, text| {
            let statement = sqlx::query(text).bind(contact_id).bind(now).bind(time_zone).bind(source);
            statement.execute(&mut **c).await.map(drop)
        })?;
        Ok(refused)
    }

    /// In one order, so that two that change hands can't block each other.
    async fn lock_accounts(&mut self, mut accounts: Vec<i64>) -> sqlx::Result<HashSet<i64>> {
        accounts.sort_unstable();
        accounts.dedup();
        for account in &accounts {
            self.lock_account(*account).await?;
        }
        Ok(accounts.into_iter().collect())
    }

    async fn numbers_at(&mut self, addresses: &[&str]) -> sqlx::Result<Vec<NumberRow>> {
        let addresses = json(addresses)?;
        on!(self, sql::NUMBERS_AT, |c, text| {
            sqlx::query_as(text).bind(&addresses).fetch_all(&mut **c).await
        })
    }

    async fn end_second_factors_at(&mut self, addresses: &[&str]) -> sqlx::Result<()> {
        let addresses = json(addresses)?;
        on!(self, sql::END_SECOND_FACTORS_AT, |c, text| {
            sqlx::query(text).bind(&addresses).execute(&mut **c).await.map(drop)
        })
    }

    async fn notify(
        &mut self,
        account_id: i64,
        kind: &str,
        address: &str,
        ids: &Ids,
        now: Timestamp,
    ) -> sqlx::Result<()> {
        on!(self, sql::INSERT_NOTICE, |c, text| {
            let statement = sqlx::query(text).bind(ids.next(now)).bind(account_id).bind(kind);
            statement.bind(address).bind(now.as_millisecond()).execute(&mut **c).await.map(drop)
        })
    }
}
