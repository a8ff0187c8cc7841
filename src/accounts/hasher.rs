//! Password hashes: argon2id with 19 MiB, two passes and one lane (OWASP's first choice). Each takes
//! memory and a core for a while, so few run at once and few more may wait.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization as _;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Hashes computed at once.
const AT_ONCE: usize = 2;
/// Requests that compute or wait; at some 30 ms a hash, the last waits about a second.
const MAX_WAITING: usize = 64;

/// Computes and compares password hashes.
#[derive(Clone)]
pub struct Hasher {
    turns: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    /// The hash of a password that nobody has.
    nobody: Arc<str>,
}

impl std::fmt::Debug for Hasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hasher")
    }
}

/// Why there is no hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// Too many wait already.
    #[error("too much is asked of this server at this moment; try again")]
    Busy,
    /// Something that should not happen on a sound machine, such as no random bytes.
    #[error("the password could not be hashed")]
    Failed,
}

/// One of those that wait; leaves the queue when dropped.
struct Waiting(Arc<AtomicUsize>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

fn argon2() -> Result<Argon2<'static>, HashError> {
    let parameters = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| HashError::Failed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters))
}

fn hash(password: &str) -> Result<String, HashError> {
    let hash = argon2()?.hash_password(password.as_bytes()).map_err(|_| HashError::Failed)?;
    Ok(hash.to_string())
}

/// One form for what looks alike: keyboards write an accent as one character or as two (NIST SP 800-63B
/// revision 4, section 3.1.1.2).
pub(super) fn normal(password: &str) -> String {
    password.nfkc().collect()
}

impl Hasher {
    /// A hasher; computes one hash.
    ///
    /// # Errors
    /// The operating system has no random bytes.
    pub fn new() -> Result<Self, HashError> {
        let mut password = [0; 16];
        getrandom::fill(&mut password).map_err(|_| HashError::Failed)?;
        let nobody = hash(&format!("{:032x}", u128::from_be_bytes(password)))?;
        Ok(Self { turns: Arc::new(Semaphore::new(AT_ONCE)), waiting: Arc::default(), nobody: nobody.into() })
    }

    /// The hash of `password` with a fresh salt, in the PHC format.
    ///
    /// # Errors
    /// Too many wait, or no random bytes.
    pub async fn hash(&self, password: String) -> Result<String, HashError> {
        self.in_turn(move || hash(&normal(&password))).await?
    }

    /// Whether `password` is that of `known`. Where there is none, one is compared all the same, so
    /// that it takes as long.
    ///
    /// # Errors
    /// Too many wait.
    pub async fn verify(&self, password: String, known: Option<String>) -> Result<bool, HashError> {
        let nobody = self.nobody.clone();
        self.in_turn(move || {
            let is_known = known.is_some();
            let hash =
                PasswordHash::new(known.as_deref().unwrap_or(&nobody)).map_err(|_| HashError::Failed)?;
            let argon2 = argon2()?;
            let is_it = |password: &str| argon2.verify_password(password.as_bytes(), &hash).is_ok();
            let normal = normal(&password);
            // Hashes from before passwords were normalised are of what was typed.
            let right = is_it(&normal) || (normal != password && is_it(&password));
            Ok(right && is_known)
        })
        .await?
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, HashError> {
        let place = Waiting(self.waiting.clone());
        if self.waiting.fetch_add(1, Ordering::AcqRel) >= MAX_WAITING {
            return Err(HashError::Busy);
        }
        let turn = self.turns.clone().acquire_owned().await.map_err(|_| HashError::Failed)?;
        // Whoever asked may leave; the core is taken all the same until the work is done.
        let done = tokio::task::spawn_blocking(move || {
            let _held = (turn, place);
            work()
        });
        done.await.map_err(|_| HashError::Failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_hash_is_its_passwords_only_and_the_queue_is_bounded() {
        let hasher = Hasher::new().unwrap();
        let hash = hasher.hash("seven otters by the lake".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let verify =
            |password: &str, hash: Option<&str>| hasher.verify(password.to_owned(), hash.map(str::to_owned));
        assert_eq!(verify("seven otters by the lake", Some(&hash)).await, Ok(true));
        assert_eq!(verify("seven otters by the pond", Some(&hash)).await, Ok(false));
        assert_eq!(verify("seven otters by the lake", None).await, Ok(false));
        // However the keyboard writes the accent, and also where the hash was made of that.
        let (one, two) = ("sept loutres au caf\u{e9}", "sept loutres au cafe\u{301}");
        let [of_one, of_two] = [one, two].map(|password| hasher.hash(password.to_owned()));
        let (of_one, of_two, before) =
            (of_one.await.unwrap(), of_two.await.unwrap(), super::hash(two).unwrap());
        for (password, hash) in [(two, &of_one), (one, &of_two), (one, &of_one), (two, &before)] {
            assert_eq!(verify(password, Some(hash)).await, Ok(true));
        }
        let all = futures_util::future::join_all((0..MAX_WAITING + 5).map(|_| verify("x", None))).await;
        assert_eq!(all.iter().filter(|answer| **answer == Err(HashError::Busy)).count(), 5);
        assert_eq!(hasher.waiting.load(Ordering::Acquire), 0, "everybody has left the queue");
    }
}
