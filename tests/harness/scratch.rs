//! A database of a test's own.

use super::random;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use tempfile::TempDir;
use tidings::config::{Database, Secret};
use tidings::store::Store;
use uuid::Uuid;

/// A database of a test's own, gone when it is dropped or closed.
pub(crate) struct Scratch {
    /// As `DATABASE_URL` wants it.
    pub(crate) url: String,
    /// Where the SQLite file and logs are.
    pub(crate) folder: TempDir,
    /// PostgreSQL's maintenance database and the name of ours.
    postgres: Option<(String, String)>,
}

impl Scratch {
    /// A SQLite file in a folder of its own.
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("tidings.db").display());
        Self { url, folder, postgres: None }
    }

    /// A new database on the server that `TIDINGS_TEST_POSTGRES` names; none if it names none.
    pub(crate) async fn postgres() -> Option<Self> {
        let Ok(server) = std::env::var("TIDINGS_TEST_POSTGRES") else {
            println!("PostgreSQL was left out: TIDINGS_TEST_POSTGRES is not set (./test sets it)");
            return None;
        };
        let name = format!("tidings_{}", Uuid::from_u128(random()).simple());
        let mut connection = PgConnection::connect(&server).await.unwrap();
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::raw_sql(create).execute(&mut connection).await.unwrap();
        let mut url = url::Url::parse(&server).unwrap();
        url.set_path(&name);
        let folder = tempfile::tempdir().unwrap();
        Some(Self { url: url.into(), folder, postgres: Some((server, name)) })
    }

    /// A database on each engine there is.
    pub(crate) async fn each() -> Vec<Self> {
        std::iter::once(Self::sqlite()).chain(Self::postgres().await).collect()
    }

    /// The same, with our tables in them.
    pub(crate) async fn each_made() -> Vec<Self> {
        let all = Self::each().await;
        for scratch in &all {
            scratch.make().await;
        }
        all
    }

    /// Puts our tables in.
    pub(crate) async fn make(&self) {
        let store = self.open().await;
        store.migrate().await.unwrap();
        store.close().await;
    }

    pub(crate) fn engine(&self) -> &'static str {
        if self.postgres.is_some() { "PostgreSQL" } else { "SQLite" }
    }

    pub(crate) fn database(&self) -> Database {
        match self.url.strip_prefix("sqlite://") {
            Some(path) => Database::Sqlite(path.into()),
            None => Database::Postgres(Secret::new(self.url.clone())),
        }
    }

    /// A look from outside at the database.
    pub(crate) async fn open(&self) -> Store {
        Store::open(&self.database(), 3).await.unwrap()
    }

    /// Inbound SIDs and the ids of their replies.
    pub(crate) async fn replies(&self) -> Vec<(Uuid, Option<i64>)> {
        let question = "SELECT sid, reply_id FROM message WHERE NOT outbound AND sid IS NOT NULL";
        if self.postgres.is_some() {
            let mut connection = PgConnection::connect(&self.url).await.unwrap();
            sqlx::query_as(question).fetch_all(&mut connection).await.unwrap()
        } else {
            let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
            sqlx::query_as(question).fetch_all(&mut connection).await.unwrap()
        }
    }

    /// What SQLite says about its file; PostgreSQL has no such question.
    pub(crate) async fn integrity(&self) -> Option<String> {
        if self.postgres.is_some() {
            return None;
        }
        let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
        Some(sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut connection).await.unwrap())
    }

    /// Does something to the rows from outside; returns how many it was done to.
    pub(crate) async fn execute(&self, statement: &str) -> u64 {
        let statement = AssertSqlSafe(statement.to_owned());
        if self.postgres.is_some() {
            let mut connection = PgConnection::connect(&self.url).await.unwrap();
            sqlx::query(statement).execute(&mut connection).await.unwrap().rows_affected()
        } else {
            let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
            sqlx::query(statement).execute(&mut connection).await.unwrap().rows_affected()
        }
    }

    /// Removes the database from its server.
    pub(crate) async fn close(self) {
        if let Some((server, name)) = &self.postgres {
            let mut connection = PgConnection::connect(server).await.unwrap();
            let drop = AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"));
            sqlx::raw_sql(drop).execute(&mut connection).await.unwrap();
        }
    }
}
