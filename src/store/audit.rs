//! The audit log: rows are only ever added, one behind the other.

use super::engine::on;
use super::{Store, Tx, sql};
use crate::audit::{AuditKey, Entry};

/// An entry as stored.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "see audit::Entry")]
pub struct AuditRow {
    pub id: i64,
    pub at: i64,
    pub actor: String,
    pub action: String,
    pub subject: String,
    pub hash: String,
}

/// Where the chain ends.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct AuditHead {
    /// The id of the last entry.
    pub last: i64,
    /// How many there are.
    pub entries: i64,
    /// The last one's hash.
    pub hash: String,
    /// Made of these with the key; empty in a log from before seals.
    pub seal: String,
}

impl AuditHead {
    /// Whether the seal is the one that goes with the rest.
    #[must_use]
    pub fn is_sealed(&self, key: &AuditKey) -> bool {
        self.seal == key.seal(self.last, self.entries, &self.hash)
    }
}

impl AuditRow {
    /// What the hash covers, beside the hash before it.
    #[must_use]
    pub fn entry(&self) -> Entry {
        Entry {
            id: self.id,
            at: self.at,
            actor: self.actor.clone(),
            action: self.action.clone(),
            subject: self.subject.clone(),
        }
    }
}

impl Store {
    /// Adds an entry at the end of the chain. Its id is made greater than the last one's.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn add_audit(&self, key: &AuditKey, entry: Entry) -> sqlx::Result<()> {
        let mut tx = self.begin().await?;
        tx.add_audit(key, entry).await?;
        tx.commit().await
    }

    /// Seals a log from before seals; how many entries it has, or none if there is nothing to seal.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn seal_audit(&self, key: &AuditKey) -> sqlx::Result<Option<i64>> {
        let mut tx = self.begin().await?;
        let head: Option<AuditHead> = on!(&mut tx, sql::AUDIT_HEAD_FOR_UPDATE, |c, text| {
            sqlx::query_as(text).fetch_optional(&mut **c).await?
        });
        let Some(head) = head.filter(|head| head.seal.is_empty()) else { return Ok(None) };
        let seal = key.seal(head.last, head.entries, &head.hash);
        on!(&mut tx, sql::SEAL_AUDIT_HEAD, |c, text| {
            sqlx::query(text).bind(&seal).execute(&mut **c).await?;
        });
        tx.commit().await?;
        Ok(Some(head.entries))
    }

    /// Entries newest first, older than `before`.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn audit(&self, before: i64, limit: i64) -> sqlx::Result<Vec<AuditRow>> {
        on!(&self.read, sql::AUDIT, |c, text| {
            sqlx::query_as(text).bind(before).bind(limit).fetch_all(c).await
        })
    }

    /// Entries along the chain, behind `after`.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn audit_chain(&self, after: i64, limit: i64) -> sqlx::Result<Vec<AuditRow>> {
        on!(&self.read, sql::AUDIT_CHAIN, |c, text| {
            sqlx::query_as(text).bind(after).bind(limit).fetch_all(c).await
        })
    }

    /// Where the chain ends; none if somebody removed that row.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn audit_head(&self) -> sqlx::Result<Option<AuditHead>> {
        on!(&self.read, sql::AUDIT_HEAD, |c, text| sqlx::query_as(text).fetch_optional(c).await)
    }
}

impl Tx {
    /// Seals the end of a log that has no entry yet, so that it holds before a server's first start.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn begin_audit(&mut self, key: &AuditKey) -> sqlx::Result<()> {
        on!(&mut *self, sql::SEAL_EMPTY_AUDIT_HEAD, |c, text| {
            sqlx::query(text).bind(key.seal(0, 0, "")).execute(&mut **c).await.map(drop)
        })
    }

    /// Adds an entry at the end of the chain, which is this transaction's until it ends.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn add_audit(&mut self, key: &AuditKey, mut entry: Entry) -> sqlx::Result<()> {
        // Whoever adds holds the head until the commit, so that the chain has one end.
        let head: AuditHead = on!(&mut *self, sql::AUDIT_HEAD_FOR_UPDATE, |c, text| sqlx::query_as(text)
            .fetch_one(&mut **c)
            .await?);
        entry.id = entry.id.max(head.last + 1);
        let hash = key.hash(&head.hash, &entry);
        // What is added must not make good what was done to the head.
        let seal = if head.is_sealed(key) { key.seal(entry.id, head.entries + 1, &hash) } else { head.seal };
        on!(&mut *self, sql::INSERT_AUDIT, |c, text| {
            let statement = sqlx::query(text).bind(entry.id).bind(entry.at).bind(&entry.actor);
            statement.bind(&entry.action).bind(&entry.subject).bind(&hash).execute(&mut **c).await?;
        });
        on!(&mut *self, sql::MOVE_AUDIT_HEAD, |c, text| {
            sqlx::query(text).bind(entry.id).bind(&hash).bind(&seal).execute(&mut **c).await.map(drop)
        })
    }
}
