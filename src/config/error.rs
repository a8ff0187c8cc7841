//! What is wrong with a setting.

/// A setting that is wrong or missing. Its text is the one line that a failed start prints.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {problem}")]
pub struct ConfigError {
    name: String,
    problem: String,
    is_found_missing: bool,
}

impl ConfigError {
    /// An error that names the setting.
    #[must_use]
    pub fn new(name: &str, problem: impl Into<String>) -> Self {
        Self { name: name.to_owned(), problem: problem.into(), is_found_missing: false }
    }

    /// An error about what a setting names and what is not there; the setting is well written.
    #[must_use]
    pub fn missing(name: &str, problem: impl Into<String>) -> Self {
        Self { is_found_missing: true, ..Self::new(name, problem) }
    }

    /// Whether the setting is well written, and what it names is not there.
    #[must_use]
    pub fn is_found_missing(&self) -> bool {
        self.is_found_missing
    }
}
