//! Password hashes. Each takes memory and a core for a while, so few run at once and few more may wait.

use super::argon::{Memory, hash, is_it, nobodys};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization as _;

/// Hashes computed at once.
const AT_ONCE: usize = 2;
/// Requests that compute or wait; at some 30 ms a hash, the last waits about a second.
const MAX_WAITING: usize = 64;

/// Computes and compares password hashes.
#[derive(Clone)]
pub struct Hasher {
    turns: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    /// What the last hashes were computed in, for the next ones: as many as were computed at once.
    memory: Arc<Mutex<Vec<Memory>>>,
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

/// One form for what looks alike: keyboards write an accent as one character or as two (NIST SP 800-63B
/// revision 4, section 3.1.1.2).
pub(super) fn normal(password: &str) -> String {
    password.nfkc().collect()
}

impl Hasher {
    /// A hasher.
    ///
    /// # Errors
    /// The operating system has no random bytes.
    pub fn new() -> Result<Self, HashError> {
        Ok(Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            waiting: Arc::default(),
            memory: Arc::default(),
            nobody: nobodys()?.into(),
        })
    }

    /// The hash of `password` with a fresh salt, in the PHC format.
    ///
    /// # Errors
    /// Too many wait, or no random bytes.
    pub async fn hash(&self, password: String) -> Result<String, HashError> {
        self.in_turn(move |memory| hash(&normal(&password), memory)).await?
    }

    /// Whether `password` is that of `known`. Where there is none, one is compared all the same, so
    /// that it takes as long.
    ///
    /// # Errors
    /// Too many wait.
    pub async fn verify(&self, password: String, known: Option<String>) -> Result<bool, HashError> {
        let nobody = self.nobody.clone();
        self.in_turn(move |memory| {
            let is_known = known.is_some();
            let hash = known.as_deref().unwrap_or(&nobody);
            let normal = normal(&password);
            // Hashes from before passwords were normalised are of what was typed.
            let right =
                is_it(&normal, hash, memory)? || (normal != password && is_it(&password, hash, memory)?);
            Ok(right && is_known)
        })
        .await?
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T, HashError> {
        let place = Waiting(self.waiting.clone());
        if self.waiting.fetch_add(1, Ordering::AcqRel) >= MAX_WAITING {
            return Err(HashError::Busy);
        }
        let turn = self.turns.clone().acquire_owned().await.map_err(|_| HashError::Failed)?;
        let used = self.memory.clone();
        // Whoever asked may leave; the core is taken all the same until the work is done.
        let done = tokio::task::spawn_blocking(move || {
            let _held = (turn, place);
            let mut memory = used.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
            let done = work(&mut memory);
            used.lock().unwrap_or_else(PoisonError::into_inner).push(memory);
            done
        });
        done.await.map_err(|_| HashError::Failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash_of(password: &str) -> String {
        hash(password, &mut Memory::default()).unwrap()
    }

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
        let (of_one, of_two, before) = (of_one.await.unwrap(), of_two.await.unwrap(), hash_of(two));
        for (password, hash) in [(two, &of_one), (one, &of_two), (one, &of_one), (two, &before)] {
            assert_eq!(verify(password, Some(hash)).await, Ok(true));
        }
        let all = futures_util::future::join_all((0..MAX_WAITING + 5).map(|_| verify("x", None))).await;
        assert_eq!(all.iter().filter(|answer| **answer == Err(HashError::Busy)).count(), 5);
        assert_eq!(hasher.waiting.load(Ordering::Acquire), 0, "everybody has left the queue");
        let shelf = hasher.memory.lock().unwrap();
        assert!((1..=AT_ONCE).contains(&shelf.len()), "{} pieces of memory", shelf.len());
    }
}
