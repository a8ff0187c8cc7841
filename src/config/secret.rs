//! Secrets: from the environment, from a file named there, or made once and kept.

use super::{ConfigError, Database, Values};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use std::fmt;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// The shortest key taken, in bytes.
const MIN_BYTES: usize = 32;

/// A value that must not be shown. `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    #[must_use]
    pub fn new(value: String) -> Self {
        Self(value)
    }

    /// The secret itself, for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The setting `name`, or the content of the file that the setting `name` + `_FILE` names.
pub(super) fn value_or_file(values: &Values, name: &str) -> Result<Option<Secret>, ConfigError> {
    if let Some(value) = values.get(name) {
        return Ok(Some(Secret::new(value.to_owned())));
    }
    let file_name = format!("{name}_FILE");
    let Some(path) = values.get(&file_name) else { return Ok(None) };
    let text = std::fs::read_to_string(path)
        .map_err(|error| ConfigError::new(&file_name, format!("can't be read: {error}")))?;
    if text.trim().is_empty() {
        return Err(ConfigError::new(&file_name, "names an empty file; it must hold the secret"));
    }
    Ok(Some(Secret::new(text.trim().to_owned())))
}

/// `TIDINGS_SECRET`, or with SQLite the one that is kept beside the file. Where there is neither a database nor
/// its secret, a new one that is kept nowhere yet, with the place for it.
pub(super) fn load(values: &Values, database: &Database) -> Result<(Secret, Option<PathBuf>), ConfigError> {
    let given = value_or_file(values, "TIDINGS_SECRET")?;
    if let Database::Sqlite(path) = database {
        check_place(path)?;
    }
    let (secret, place) = match (given, database) {
        (Some(secret), _) => (secret, None),
        (None, Database::Sqlite(path)) => kept(path)?,
        (None, Database::Postgres(_)) => {
            let problem = "is missing; with PostgreSQL every node needs the same one, at least 32 bytes long";
            return Err(ConfigError::new("TIDINGS_SECRET", problem));
        }
    };
    if secret.expose().len() < MIN_BYTES {
        return Err(ConfigError::new("TIDINGS_SECRET", format!("must be at least {MIN_BYTES} bytes long")));
    }
    Ok((secret, place))
}

/// Neither the database nor its secret can be made in a folder that is not there, or where a folder is.
fn check_place(path: &Path) -> Result<(), ConfigError> {
    if path.is_dir() {
        let example = path.join("tidings.db");
        let problem = format!(
            "must name a file, and {} is a folder; name a file in it, such as sqlite://{}",
            path.display(),
            example.display()
        );
        return Err(ConfigError::new("DATABASE_URL", problem));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let missing = folder.filter(|folder| !folder.is_dir());
    missing.map_or(Ok(()), |folder| {
        let problem = format!("there is no folder {}; make it, or name a file in another", folder.display());
        Err(ConfigError::missing("DATABASE_URL", problem))
    })
}

/// The secret beside `database`; a new one, and where it belongs, if both are missing.
fn kept(database: &Path) -> Result<(Secret, Option<PathBuf>), ConfigError> {
    let path = database.with_extension("secret");
    match read(&path) {
        Ok(secret) => return Ok((secret, None)),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(unusable(&path, &error)),
    }
    if is_database(database) {
        let problem = format!(
            "is not set, and {} is missing: {} goes with it, so put it back (if it is lost, see \"Secrets\" in docs/OPERATING.md)",
            path.display(),
            database.display()
        );
        return Err(ConfigError::new("TIDINGS_SECRET", problem));
    }
    let secret = random().map_err(|error| unusable(&path, &error))?;
    Ok((secret, Some(path)))
}

fn read(path: &Path) -> std::io::Result<Secret> {
    std::fs::read_to_string(path).map(|text| Secret::new(text.trim().to_owned()))
}

fn unusable(path: &Path, error: &std::io::Error) -> ConfigError {
    let problem = format!("is not set, and {} can't be used: {error}", path.display());
    ConfigError::new("TIDINGS_SECRET", problem)
}

/// Whether there is something in the file at `path`: a start that was killed may have left an empty one.
pub(super) fn is_database(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|about| about.len() > 0)
}

fn random() -> std::io::Result<Secret> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
    Ok(Secret::new(BASE64_URL_SAFE_NO_PAD.encode(bytes)))
}

/// Keeps a new secret at `path`, and returns the one that is there then: where another start was first, its
/// secret stays.
pub(super) fn keep(path: &Path, secret: &Secret) -> Result<Secret, ConfigError> {
    put(path, secret).and_then(|()| read(path)).map_err(|error| unusable(path, &error))
}

/// Puts `secret` at `path`, if there is none. It appears there whole or not at all: a start that is killed
/// half-way must not leave a file that stops every later one.
fn put(path: &Path, secret: &Secret) -> std::io::Result<()> {
    let draft = path.with_extension(format!("secret.{}", std::process::id()));
    // What an earlier process with our number left behind is in the way.
    let _ = std::fs::remove_file(&draft);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    let written = file.write_all(secret.expose().as_bytes()).and_then(|()| file.sync_all());
    let linked = written.and_then(|()| std::fs::hard_link(&draft, path));
    std::fs::remove_file(&draft)?;
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::File::open(folder)?.sync_all()?;
    }
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_kept_once_and_whole() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("tidings.db");
        let (first, place) = kept(&database).unwrap();
        let (second, _) = kept(&database).unwrap();
        assert!(first.expose().len() >= MIN_BYTES && first != second);
        let place = place.unwrap();
        assert_eq!(place, folder.path().join("tidings.secret"));
        // Another start that found nothing either loses the race and takes what is there.
        assert!(keep(&place, &first).unwrap() == first);
        assert!(keep(&place, &second).unwrap() == first);
        assert!(kept(&database).unwrap() == (first, None));
        let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap()).collect();
        assert_eq!(names.len(), 1, "{names:?}");
    }

    #[test]
    fn none_is_made_for_a_database_that_has_lost_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("tidings.db");
        std::fs::write(&database, "SQLite").unwrap();
        let error = kept(&database).unwrap_err().to_string();
        assert!(error.contains("tidings.secret is missing"), "{error}");
        assert!(!folder.path().join("tidings.secret").exists());
    }
}
