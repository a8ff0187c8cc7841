//! People with an account: sign-up, sign-in, their numbers and the codes that prove them.
//!
//! Rows are locked in one order everywhere: contact, account, number, prefix, budget.

mod argon;
pub mod budget;
pub mod current_password;
mod email;
mod erase;
mod hasher;
mod keys;
mod limits;
mod numbers;
pub mod password;
mod prefix;
mod profile;
mod refusal;
mod resend;
mod role;
mod second_factor;
mod send_test;
mod sign_in;
mod sign_up;
mod staff;
mod tokens;
mod tries;
mod verification;

pub use budget::{Request, Standing};
pub use email::Email;
pub use hasher::{HashError, Hasher};
pub use keys::renew_keys;
pub use numbers::{Availability, Entry, NumberChange};
pub use profile::{Change, Changes, check_full_name};
pub use refusal::{NOBODY_SENDS, Refusal, rate_headers};
pub use role::Role;
pub use sign_in::{Session, SignedIn, hash_token, new_token};
pub use sign_up::NewUser;
pub use staff::StaffChanges;
pub use tokens::{Witness, account_name, is_account};
pub use verification::Sent;

use crate::config::{AccountSettings, UniqueBy};
use crate::conversation::Inbox;
use crate::outbound::Wake;
use crate::phone::{Phone, Region};
use crate::store::AccountRow;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

/// Resends that wait or are under way; beyond that, askers are told to come back.
const MAX_RESENDS: usize = 1024;
/// Resends at once, so that they leave connections to others.
const RESENDS_AT_ONCE: usize = 4;

/// The use cases of accounts. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Accounts {
    /// Store, clock, ids, words and keys.
    pub inbox: Arc<Inbox>,
    /// Wakes the sender when a code was queued.
    pub wake: Wake,
    /// Limits.
    pub settings: Arc<Settings>,
    hasher: Hasher,
    background: TaskTracker,
    resends: Arc<Semaphore>,
    resending: Arc<Semaphore>,
}

/// What accounts need to know beside the rows.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Limits of accounts and their codes.
    pub limits: AccountSettings,
    /// Country of numbers written without a country code.
    pub default_region: Region,
    /// Countries that texts go to.
    pub countries: Vec<Region>,
    /// The host of our public URL, to which phones bind codes.
    pub host: String,
    /// Whether there is anybody to send by; without, codes are recorded as skipped.
    pub sends: bool,
}

impl Accounts {
    /// The use cases; work that nobody waits for goes to `background`.
    ///
    /// # Errors
    /// The operating system has no random bytes.
    pub fn new(
        inbox: Arc<Inbox>,
        wake: Wake,
        settings: Settings,
        background: TaskTracker,
    ) -> Result<Self, HashError> {
        Ok(Self {
            inbox,
            wake,
            settings: Arc::new(settings),
            hasher: Hasher::new()?,
            background,
            resends: Arc::new(Semaphore::new(MAX_RESENDS)),
            resending: Arc::new(Semaphore::new(RESENDS_AT_ONCE)),
        })
    }

    /// Removes what is over: sessions, sign-ins, old counts.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn sweep(inbox: &Inbox) -> sqlx::Result<()> {
        let now = inbox.clock.now().as_millisecond();
        inbox.store.sweep_accounts(now, now - budget::MEMORY).await
    }

    fn now(&self) -> Timestamp {
        self.inbox.clock.now()
    }

    fn hash(&self, text: &str) -> String {
        self.inbox.suppression_key.hash(text)
    }

    /// What the owner of `account` agrees to by entering a code, in their language.
    #[must_use]
    pub fn agreement(&self, account: &AccountRow) -> String {
        self.inbox.texts.agreement(account.locale.as_deref().unwrap_or(&self.inbox.settings.default_locale))
    }

    /// Reads a number as its owner wrote it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn phone(&self, text: &str, region: Option<Region>) -> Result<Phone, Refusal> {
        self.own_phone(text, region).map_err(|error| Refusal::field("phone_number", error))
    }

    /// The same, with what is wrong alone.
    fn own_phone(&self, text: &str, region: Option<Region>) -> Result<Phone, String> {
        let phone = Phone::parse(text, region.unwrap_or(self.settings.default_region));
        match phone.map_err(|error| error.to_string())? {
            phone if phone.is_premium_rate() => Err(PREMIUM_RATE.to_owned()),
            phone => Ok(phone),
        }
    }

    /// What must be unique among proven numbers.
    fn claim(&self, phone: Phone) -> String {
        match self.settings.limits.unique_by {
            UniqueBy::E164 => phone.to_string(),
            UniqueBy::National => phone.national_digits(),
        }
    }
}

/// Somebody would be paid for the texts, and nobody reads them.
const PREMIUM_RATE: &str = "texts are not sent to premium-rate numbers: enter your own phone's number";

/// How long a session lasts.
const SESSION_LIFETIME: SignedDuration = SignedDuration::from_hours(14 * 24);
