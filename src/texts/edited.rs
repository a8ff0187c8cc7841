//! Staff's wordings, kept in memory beside a count that every change of them raises: rendering asks no
//! database, and another node's change is seen when the count is looked at again.

use super::bounded::{self, Failure};
use super::{Program, known, sandbox};
use crate::store::{Store, TemplateRow};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use tera::{Context, Tera};

/// What is over the shipped texts now.
#[derive(Debug, Default)]
pub(super) struct Edits {
    in_force: RwLock<Arc<Edition>>,
    failures: AtomicU64,
}

/// The wordings in force as of a count of changes. A fresh database has count 0 and no wordings.
#[derive(Debug, Default)]
struct Edition {
    count: i64,
    tera: Tera,
    /// What is wrong with those that can't be used.
    faults: BTreeMap<String, String>,
}

impl Edition {
    fn new(count: i64, rows: &[TemplateRow], program: &Program) -> Self {
        let mut edition = Self { count, tera: super::engine(program), faults: BTreeMap::new() };
        for row in rows {
            if let Some(body) = &row.body
                && let Err(fault) = add(&mut edition.tera, row, body)
            {
                // An older version of this program took it, or somebody wrote to the database.
                tracing::warn!(template = row.name, locale = row.locale, %fault, "an edited template can't be used; the shipped one is");
                edition.faults.insert(super::path(&row.locale, &row.name), fault);
            }
        }
        edition
    }
}

fn add(tera: &mut Tera, row: &TemplateRow, body: &str) -> Result<(), String> {
    let known = known::templates().get(row.name.as_str()).ok_or("there is no such template any more")?;
    sandbox::check(body, &known.kinds).map_err(|faults| faults[0].to_string())?;
    let added = tera.add_raw_template(&super::path(&row.locale, &row.name), body);
    added.map_err(|_| "it could not be read".to_owned())
}

impl Edits {
    /// Reads the wordings again if they have changed.
    pub(super) async fn refresh(&self, store: &Store, program: &Program) -> sqlx::Result<()> {
        let count = store.template_edits().await?;
        if count <= self.in_force().count {
            return Ok(());
        }
        // The rows may be newer than the count; then the next look reads them once more.
        let edition = Edition::new(count, &store.templates_in_force().await?, program);
        let mut in_force = self.in_force.write().unwrap_or_else(PoisonError::into_inner);
        if count > in_force.count {
            *in_force = Arc::new(edition);
        }
        Ok(())
    }

    fn in_force(&self) -> Arc<Edition> {
        Arc::clone(&self.in_force.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What the edited template makes of `context`; none if there is none, or if it fails.
    pub(super) fn render(&self, path: &str, context: &Context) -> Option<String> {
        let edition = self.in_force();
        if !edition.tera.contains_template(path) {
            return None;
        }
        let rendered = bounded::render(&edition.tera, path, context);
        rendered.map_err(|failure| self.failed(path, &failure)).ok()
    }

    fn failed(&self, template: &str, failure: &Failure) {
        self.failures.fetch_add(1, Ordering::Relaxed);
        tracing::warn!(template, %failure, "an edited template failed; the shipped one was said");
    }

    /// How often an edited template failed.
    pub(super) fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// Why the newest wording of this template is not in force.
    pub(super) fn fault(&self, path: &str) -> Option<String> {
        self.in_force().faults.get(path).cloned()
    }
}
