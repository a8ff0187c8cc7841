//! How often a number may be guessed at, by however many accounts, and how staff lift a lock.

use super::budget::Standing;
use super::verification::read;
use super::{Accounts, Refusal};
use crate::conversation::{Guards, change};
use crate::dialog::{CODE_LIFETIME, MAX_WRONG_A_DAY, MAX_WRONG_CODES, Person, Proof};
use crate::phone::Address;
use crate::store::{NumberRow, Tx};

const DAY: i64 = 24 * 60 * 60;

impl Accounts {
    /// Whether `row`'s account may begin another challenge: all accounts that have yet to prove a number
    /// share its wrong codes of a day, and a challenge that is open may still use up its own. So what
    /// strangers try keeps other strangers out, never one whose challenge is open or who has proven it.
    pub(super) async fn check_tries(
        &self,
        tx: &mut Tx,
        guards: &Guards,
        row: &NumberRow,
    ) -> Result<(), Refusal> {
        let now = self.now();
        let holder = tx.holder(&row.claim).await?.filter(|holder| holder.address == row.address);
        let tried = guards.wrong_lately(&row.address, now, holder.map(|holder| holder.account_id));
        let mut open = 0;
        for other in tx.asked(&[&row.address], now.as_millisecond()).await? {
            if other.account_id != row.account_id {
                open += i64::from(read::<Proof>(&other.proof)?.tries_left(now));
            }
        }
        let (most, wanted) = (i64::from(MAX_WRONG_A_DAY), i64::from(MAX_WRONG_CODES));
        if tried + open + wanted <= most {
            return Ok(());
        }
        // What is only open ends with its code.
        let reset = if tried + wanted > most { DAY } else { CODE_LIFETIME.as_secs() };
        let remaining = (most - tried - open).max(0);
        let standing = Standing { most, seconds: DAY, remaining, reset, exceeded: true };
        Err(Refusal::TooMany("tries to prove this number", standing))
    }

    /// Forgets the wrong codes that came for a number, from accounts and by text, and so lifts what they
    /// locked. False if there is nothing to lift.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn lift_locks(&self, address: &Address) -> Result<bool, Refusal> {
        let address = address.to_string();
        let mut tx = self.inbox.store.begin().await?;
        let rows = tx.contacts(&[&address]).await?;
        let mut lifted = tx.lift_code_guards(&self.hash(&address)).await?;
        for contact in &rows {
            let mut person: Person = read(&contact.person)?;
            if person.guard.lift() {
                tx.save_contacts(&[change(contact, &person)?]).await?;
                lifted = true;
            }
        }
        tx.commit().await?;
        Ok(lifted)
    }
}
