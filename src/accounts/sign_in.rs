//! Sessions: opaque tokens, of which only a hash is kept.

use super::{Accounts, Email, Refusal, Request, SESSION_LIFETIME};
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
    /// Signs in with email address and password. `client` is who asks.
    ///
    /// # Errors
    /// [`Refusal::Credentials`], whether there is such an account or not.
    pub async fn sign_in(&self, email: &str, password: &str, client: &str) -> Result<SignedIn, Refusal> {
        let key = Email::parse(email).map_or_else(|_| email.trim().to_lowercase(), |email| email.key());
        self.allow(Request::SignIn, client).await?;
        self.allow(Request::SignInAs, &key).await?;
        let account = self.active(&key).await?;
        let known = account.as_ref().map(|account| account.password_hash.clone());
        // A password that is too long is nobody's; it must not cost more than others.
        let password: String = password.chars().take(super::password::LONGEST + 1).collect();
        let right = self.hasher.verify(password, known).await?;
        let account = account.filter(|_| right).ok_or(Refusal::Credentials)?;
        if account.second_factor == "sms" {
            return self.ask_second_factor(&account, client).await.map(SignedIn::SecondFactor);
        }
        let mut tx = self.inbox.store.begin().await?;
        let session = self.begin_session(&mut tx, account.id).await?;
        tx.commit().await?;
        Ok(SignedIn::Session(Box::new(session)))
    }

    /// Begins a session, unless the account was disabled meanwhile.
    pub(super) async fn begin_session(&self, tx: &mut Tx, account_id: i64) -> Result<Session, Refusal> {
        let account = tx.lock_account(account_id).await?;
        let account = account.filter(|account| account.disabled_at.is_none()).ok_or(Refusal::Credentials)?;
        let token = new_token().map_err(std::io::Error::other).map_err(sqlx::Error::Io)?;
        let now = self.now();
        let expires_at = now + SESSION_LIFETIME;
        tx.add_session(&hash_token(&token), account_id, now.as_millisecond(), expires_at.as_millisecond())
            .await?;
        Ok(Session { token, expires_at, account })
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
