//! Argon2id with 19 MiB, two passes and one lane (OWASP's first choice), in memory that is used again: given
//! back after each hash, it would stay with whichever thread had computed it, and there are many threads.

use super::hasher::HashError;
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Bytes of a hash, and of its salt.
const LENGTH: usize = 32;
const SALT: usize = 16;

/// What a hash is computed in; nothing, until the first one is.
#[derive(Default)]
pub(super) struct Memory(Vec<Block>);

/// The hash of `password` with a fresh salt, in the PHC format.
pub(super) fn hash(password: &str, memory: &mut Memory) -> Result<String, HashError> {
    let salt = random::<SALT>()?;
    phc(&salt, compute(password, &salt, params()?, LENGTH, memory)?)
}

/// What looks like a hash, and is of no password that anybody could find.
pub(super) fn nobodys() -> Result<String, HashError> {
    phc(&random::<SALT>()?, Output::new(&random::<LENGTH>()?).map_err(failed)?)
}

fn params() -> Result<Params, HashError> {
    Params::new(MEMORY_KIB, PASSES, LANES, Some(LENGTH)).map_err(failed)
}

fn random<const COUNT: usize>() -> Result<[u8; COUNT], HashError> {
    let mut bytes = [0; COUNT];
    getrandom::fill(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

fn phc(salt: &[u8], hash: Output) -> Result<String, HashError> {
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params()?).map_err(failed)?,
        salt: Some(Salt::new(salt).map_err(failed)?),
        hash: Some(hash),
    };
    Ok(hash.to_string())
}

/// Whether `hash` is of `password`. They are compared in the same time wherever they differ.
pub(super) fn is_it(password: &str, hash: &str, memory: &mut Memory) -> Result<bool, HashError> {
    let hash = PasswordHash::new(hash).map_err(failed)?;
    let is_ours =
        hash.algorithm == Algorithm::Argon2id.ident() && hash.version == Some(Version::V0x13.into());
    let (Some(salt), Some(known), true) = (&hash.salt, &hash.hash, is_ours) else {
        return Err(HashError::Failed);
    };
    let params = Params::try_from(&hash).map_err(failed)?;
    Ok(compute(password, salt, params, known.len(), memory)? == *known)
}

fn compute(
    password: &str,
    salt: &[u8],
    params: Params,
    length: usize,
    memory: &mut Memory,
) -> Result<Output, HashError> {
    let blocks = params.block_count();
    if memory.0.len() < blocks {
        memory.0.resize(blocks, Block::new());
    }
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut out = [0; Output::MAX_LENGTH];
    let out = out.get_mut(..length).ok_or(HashError::Failed)?;
    argon2
        .hash_password_into_with_memory(password.as_bytes(), salt, out, &mut memory.0[..blocks])
        .map_err(failed)?;
    Output::new(out).map_err(failed)
}

/// Something that should not happen on a sound machine; there is nothing to tell of it.
fn failed<E>(_: E) -> HashError {
    HashError::Failed
}

#[cfg(test)]
mod tests {
    use super::*;
    use argon2::{PasswordHasher as _, PasswordVerifier as _};

    #[test]
    fn hashes_are_argon2s_own_and_used_memory_changes_nothing() {
        let (mut used, password) = (Memory::default(), "seven otters by the lake");
        for round in 0..3 {
            let ours = hash(password, &mut used).unwrap();
            assert!(ours.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{ours}");
            let parsed = PasswordHash::new(&ours).unwrap();
            let params = Params::new(MEMORY_KIB, PASSES, LANES, None).unwrap();
            let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
            assert!(argon2.verify_password(password.as_bytes(), &parsed).is_ok(), "round {round}");
            let theirs = argon2.hash_password(password.as_bytes()).unwrap().to_string();
            assert_eq!(is_it(password, &theirs, &mut used), Ok(true));
            assert_eq!(is_it("seven otters by the pond", &theirs, &mut used), Ok(false));
        }
        let nobodys = nobodys().unwrap();
        let ours = hash(password, &mut used).unwrap();
        assert_eq!(nobodys.len(), ours.len(), "alike to look at");
        assert_eq!(is_it(password, &nobodys, &mut used), Ok(false), "and as long to compare with");
        let [one, two] = [hash(password, &mut used), hash(password, &mut used)];
        assert_ne!(one, two, "each has a salt of its own");
        for wrong in [
            "",
            "seven",
            "$2b$12$abcdefghijklmnopqrstuv",
            "$argon2i$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g",
        ] {
            assert_eq!(is_it(password, wrong, &mut used), Err(HashError::Failed), "{wrong}");
        }
    }
}
