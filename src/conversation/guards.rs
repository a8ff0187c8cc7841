//! The wrong codes that accounts have sent for numbers, and their pauses.

use super::SuppressionKey;
use crate::dialog::Guard;
use crate::store::{GuardRow, Tx};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// In the place of an account: the pauses between codes to a number that nobody has proven yet.
const SHARED: i64 = 0;

/// The guards of some numbers. Their contacts must be locked as long as this is kept.
#[derive(Debug)]
pub struct Guards {
    key: SuppressionKey,
    /// By the number's hash and the account; whether it is to be saved.
    known: BTreeMap<(String, i64), (Guard, bool)>,
}

impl Guards {
    /// Loads what is counted for these numbers.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn load(tx: &mut Tx, key: &SuppressionKey, addresses: &[&str]) -> sqlx::Result<Self> {
        let numbers: Vec<String> = addresses.iter().map(|address| key.hash(address)).collect();
        let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
        let mut known = BTreeMap::new();
        for row in tx.code_guards(&numbers).await? {
            let guard =
                serde_json::from_str(&row.guard).map_err(|error| sqlx::Error::Decode(error.into()))?;
            known.insert((row.number, row.account_id), (guard, false));
        }
        Ok(Self { key: key.clone(), known })
    }

    /// The account's own guard for a number: that of its sign-ins, once the number is proven.
    #[must_use]
    pub fn own(&self, address: &str, account_id: i64) -> Guard {
        self.get(address, account_id)
    }

    /// The guard of an account that asks for codes to a number it has not proven: its own wrong codes,
    /// the pauses of all such accounts.
    #[must_use]
    pub fn claimed(&self, address: &str, account_id: i64) -> Guard {
        self.get(address, account_id).with_pauses_of(&self.get(address, SHARED))
    }

    /// Keeps what became of [`Self::own`].
    pub fn put_own(&mut self, address: &str, account_id: i64, guard: Guard) {
        self.put(address, account_id, guard);
    }

    /// Keeps what became of the pauses of [`Self::claimed`].
    pub fn put_pauses(&mut self, address: &str, guard: &Guard) {
        self.put(address, SHARED, Guard::default().with_pauses_of(guard));
    }

    /// A number was proven: the next code to it may come soon.
    pub fn proven(&mut self, address: &str) {
        self.put(address, SHARED, Guard::default());
    }

    /// The wrong codes that came lately for a number from all accounts but these.
    #[must_use]
    pub fn wrong_lately(&self, address: &str, now: Timestamp, but: Option<i64>) -> i64 {
        let number = self.key.hash(address);
        let tried = self.known.iter().filter(|((of, by), _)| *of == number && Some(*by) != but);
        tried.map(|(_, (guard, _))| i64::from(guard.wrong_lately(now))).sum()
    }

    /// Writes what changed.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn save(&self, tx: &mut Tx, now: Timestamp) -> sqlx::Result<()> {
        for ((number, account_id), (guard, _)) in self.known.iter().filter(|(_, (_, changed))| *changed) {
            let row = GuardRow {
                number: number.clone(),
                account_id: *account_id,
                guard: serde_json::to_string(guard).map_err(|error| sqlx::Error::Encode(error.into()))?,
                wrong_in_a_row: guard.wrong_in_a_row().into(),
            };
            tx.put_code_guard(&row, now.as_millisecond()).await?;
        }
        Ok(())
    }

    fn get(&self, address: &str, account_id: i64) -> Guard {
        let known = self.known.get(&(self.key.hash(address), account_id));
        known.map(|(guard, _)| guard.clone()).unwrap_or_default()
    }

    fn put(&mut self, address: &str, account_id: i64, guard: Guard) {
        if self.get(address, account_id) != guard {
            self.known.insert((self.key.hash(address), account_id), (guard, true));
        }
    }
}
