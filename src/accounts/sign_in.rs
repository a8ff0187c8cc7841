//! Sessions: opaque tokens, of which only a hash is kept.

use super::email::folded;
use super::{Accounts, Email, Refusal, Request, SESSION_LIFETIME, password};
use crate::store::{AccountRow, Tx};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

/// A session that has just begun.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "it holds a secret")]
pub struct Session {
    /// The token, told once.
    pub token: String,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Whose it is.
    pub account: AccountRow,
    /// Whether a new password took the place of a short one.
    pub is_password_new: bool,
}

/// What came of a right password.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "it holds a secret")]
pub enum SignedIn {
    /// In.
    Session(Box<Session>),
    /// A code was sent that is asked for, too; this names the sign-in.
    SecondFactor(String),
}

/// Said where a new password is not needed.
const NOT_SHORT: &str = "is only for a password that is too short to stand alone; sign in without it and change it at PATCH /users/me";

/// A fresh token: 256 random bits behind a prefix that secret scanners can look for.
///
/// # Errors
/// The operating system has no random bytes.
pub fn new_token() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(format!("tid_{}", BASE64_URL_SAFE_NO_PAD.encode(bytes)))
}

/// What is stored of a token. A plain hash will do: there is nothing to guess in 256 random bits.
#[must_use]
pub fn hash_token(token: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(token.as_bytes()))
}

impl Accounts {
    /// Signs in with email address and password. `client` is who asks. `new_password` takes the place of one
    /// that is too short now that no second factor stands beside it.
    ///
    /// # Errors
    /// [`Refusal::Credentials`], whether there is such an account or not; [`Refusal::ShortPassword`] where a
    /// new one is needed.
    pub async fn sign_in(
        &self,
        email: &str,
        password: &str,
        new_password: Option<&str>,
        client: &str,
    ) -> Result<SignedIn, Refusal> {
        let key = Email::parse(email).map_or_else(|_| folded(email.trim()), |email| email.key());
        self.allow(Request::SignIn, client).await?;
        self.allow(Request::SignInAs, &key).await?;
        let account = self.active(&key).await?;
        let known = account.as_ref().map(|account| account.password_hash.clone());
        // A password that is too long is nobody's; it must not cost more than others.
        let given: String = password.chars().take(password::LONGEST + 1).collect();
        let right = self.hasher.verify(given, known).await?;
        let account = account.filter(|_| right).ok_or(Refusal::Credentials)?;
        let is_short = account.second_factor == "none" && !password::stands_alone(password);
        let hash = self.replacement(&account, is_short, new_password).await?;
        if account.second_factor == "sms" {
            return self.ask_second_factor(&account, client).await.map(SignedIn::SecondFactor);
        }
        let mut tx = self.inbox.store.begin().await?;
        let mut account = self.still(&mut tx, &account).await?;
        let is_password_new = hash.is_some();
        if let Some(hash) = hash {
            (account.password_hash, account.updated_at) = (hash, self.now().as_millisecond());
            tx.end_sessions(account.id).await?;
            tx.save_account(&account).await?;
        }
        let session = Session { is_password_new, ..self.begin_session(&mut tx, account).await? };
        tx.commit().await?;
        Ok(SignedIn::Session(Box::new(session)))
    }

    /// The hash of the password that takes the place of a short one.
    async fn replacement(
        &self,
        account: &AccountRow,
        is_short: bool,
        new: Option<&str>,
    ) -> Result<Option<String>, Refusal> {
        match (is_short, new) {
            (false, None) => Ok(None),
            (true, None) => Err(Refusal::ShortPassword),
            (false, Some(_)) => Err(Refusal::field("new_password", NOT_SHORT)),
            (true, Some(new)) => {
                password::check(new, &account.email, false)
                    .map_err(|error| Refusal::field("new_password", error))?;
                Ok(Some(self.hasher.hash(new.to_owned()).await?))
            }
        }
    }

    /// The account, locked, if what its password was compared with is still so: hashing takes a while.
    pub(super) async fn still(&self, tx: &mut Tx, known: &AccountRow) -> Result<AccountRow, Refusal> {
        let account = tx.lock_account(known.id).await?.ok_or(Refusal::Credentials)?;
        let is_same = account.password_hash == known.password_hash
            && account.second_factor == known.second_factor
            && account.disabled_at.is_none();
        if is_same { Ok(account) } else { Err(Refusal::Credentials) }
    }

    /// Begins a session of an account that is locked, unless it is disabled.
    pub(super) async fn begin_session(&self, tx: &mut Tx, account: AccountRow) -> Result<Session, Refusal> {
        if account.disabled_at.is_some() {
            return Err(Refusal::Credentials);
        }
        let token = new_token().map_err(std::io::Error::other).map_err(sqlx::Error::Io)?;
        let now = self.now();
        let expires_at = now + SESSION_LIFETIME;
        tx.add_session(&hash_token(&token), account.id, now.as_millisecond(), expires_at.as_millisecond())
            .await?;
        Ok(Session { token, expires_at, account, is_password_new: false })
    }

    /// Signs out: the token is worth nothing from now on.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn sign_out(&self, token: &str) -> Result<(), Refusal> {
        Ok(self.inbox.store.end_session(&hash_token(token)).await?)
    }

    /// The account that is signed in with `token`.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn session(&self, token: &str) -> Result<Option<AccountRow>, Refusal> {
        Ok(self.inbox.store.signed_in(&hash_token(token), self.now().as_millisecond()).await?)
    }
}
