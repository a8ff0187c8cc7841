//! Bringing the tables to this version.

use super::engine::{Engine, on};
use super::{Store, errors, sql};
use sqlx::Connection as _;
use sqlx::migrate::{MigrateError, Migrator};

static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES_MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

/// What bringing the tables to this version took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// There were none before.
    pub is_new: bool,
    /// How many migrations were applied.
    pub count: i64,
}

impl Store {
    /// Brings the tables to this version. One node at a time does it; the others wait.
    ///
    /// # Errors
    /// The database was made by a newer version, or could not be changed.
    pub async fn migrate(&self) -> Result<Migrated, MigrateError> {
        let before = self.migrations_applied().await?;
        match &self.write {
            Engine::Sqlite(writer) => SQLITE_MIGRATIONS.run(&mut *writer.lend().await?).await?,
            Engine::Postgres(writers) => {
                // Changing large tables may take longer than any statement of ours.
                let mut connection = writers.pool.acquire().await?.detach();
                sqlx::query("SET statement_timeout = 0").execute(&mut connection).await?;
                POSTGRES_MIGRATIONS.run(&mut connection).await?;
                connection.close().await?;
            }
        }
        Ok(Migrated { is_new: before == 0, count: self.migrations_applied().await? - before })
    }

    async fn migrations_applied(&self) -> sqlx::Result<i64> {
        let found = on!(&mut self.writer().await?, sql::COUNT_MIGRATIONS, |c, text| sqlx::query_scalar(text)
            .fetch_one(&mut **c)
            .await);
        match found {
            Err(error) if errors::lacks_table(&error) => Ok(0),
            found => found,
        }
    }
}
