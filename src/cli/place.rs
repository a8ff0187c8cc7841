//! The file that a command is given or works on: it is there whole or not at all, and never takes another one's place.

use super::Misuse;
use crate::config::{Database, Flags, Values};
use std::error::Error;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// How a command about a database's file answers, and by which settings.
#[derive(Debug, clap::Args)]
pub struct Common {
    /// Answer in JSON
    #[arg(long)]
    pub(super) json: bool,
    /// The settings.
    #[command(flatten)]
    pub flags: Flags,
}

/// Where the SQLite database belongs. Whoever has PostgreSQL is told of its own tool first, whatever else is missing.
///
/// # Errors
/// The database is PostgreSQL's, and `tool` is for it; or the setting is wrong.
pub(super) fn sqlite_file(values: &Values, tool: &str) -> Result<PathBuf, Box<dyn Error>> {
    match Database::from_values(values)? {
        Database::Sqlite(place) => Ok(place),
        Database::Postgres(_) => Err(format!("DATABASE_URL: is PostgreSQL's: {tool}").into()),
    }
}

/// Other programs take `-` for a pipe; here it would be a file of that name.
///
/// # Errors
/// It is `-`.
pub(super) fn no_pipe(file: &Path) -> Result<(), Misuse> {
    if file == Path::new("-") {
        Err(Misuse::of("-", "a backup is a file and no pipe: name one"))
    } else {
        Ok(())
    }
}

/// A file in the making, beside its place; it goes if it is not kept. For its owner alone.
#[derive(Debug)]
pub(super) struct Draft {
    place: PathBuf,
    file: PathBuf,
}

impl Draft {
    /// An empty file beside `place`, where nothing may be.
    ///
    /// # Errors
    /// Something is there, which is the caller's to mend, or the folder can't be written to.
    pub(super) fn beside(place: &Path) -> Result<Self, Box<dyn Error>> {
        let name = place.display().to_string();
        if place.symlink_metadata().is_ok() {
            let problem = "is there already, and nothing is written over: move it away, or name another";
            return Err(Misuse::of(&name, problem).into());
        }
        let file = with_suffix(place, ".part");
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file);
        made.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => {
                format!("{name}: {} is left from another try: remove it if none is under way", file.display())
            }
            _ => format!("{name}: {error}"),
        })?;
        Ok(Self { place: place.to_owned(), file })
    }

    /// Where it is written.
    pub(super) fn path(&self) -> &Path {
        &self.file
    }

    /// Puts it in its place, on the disk for good; returns how many bytes it has.
    ///
    /// # Errors
    /// Something is there by now, or the disk failed.
    pub(super) fn keep(self) -> io::Result<u64> {
        let file = File::open(&self.file)?;
        file.sync_all()?;
        // Unlike renaming, this fails where there is a file.
        fs::hard_link(&self.file, &self.place)?;
        fs::remove_file(&self.file)?;
        let folder = self.place.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
        Ok(file.metadata()?.len())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            // Nothing is there once it was kept.
            let _ = fs::remove_file(with_suffix(&self.file, suffix));
        }
    }
}

/// The path of what stands beside a file, such as SQLite's log.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}
