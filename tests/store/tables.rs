//! The tables themselves: statements, migrations, the file, and how the server is asked.

use crate::{contact, each, support};
use jiff::SignedDuration;
use tidings::batch::Apply as _;
use tidings::store::{Store, Tx};

#[tokio::test]
async fn every_statement_is_understood() {
    each(async |fresh, store| {
        let count = store
            .prepare_all()
            .await
            .unwrap_or_else(|(name, error)| panic!("{name} on {}: {error}", fresh.name));
        assert!(count > 30);
    })
    .await;
}

#[tokio::test]
async fn migrations_run_once_and_nodes_are_numbered() {
    each(async |_, store| {
        store.migrate().await.unwrap();
        let now: jiff::Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let one = store.new_ids().await.unwrap().next(now);
        assert_ne!(store.new_ids().await.unwrap().next(now), one);
        // Whoever starts next goes on behind what there is, also with a clock that is late.
        contact(store, one).await;
        let late = store.new_ids().await.unwrap().next(now - SignedDuration::from_hours(1));
        assert!(late > one);
    })
    .await;
}

/// The version that shortens locales to languages.
const LANGUAGES: &str = "DELETE FROM _sqlx_migrations WHERE version = 26";

async fn write(store: &Store, statements: &[&'static str]) {
    let mut tx = store.begin().await.unwrap();
    for statement in statements {
        match &mut tx {
            Tx::Sqlite(tx) => drop(sqlx::raw_sql(*statement).execute(&mut **tx).await.unwrap()),
            Tx::Postgres(tx) => drop(sqlx::raw_sql(*statement).execute(&mut **tx).await.unwrap()),
        }
    }
    tx.commit().await.unwrap();
}

/// An earlier import kept the country behind a language.
#[tokio::test]
async fn whoever_came_with_a_country_behind_the_language_has_the_language() {
    each(async |fresh, store| {
        for id in 1..=4 {
            contact(store, id).await;
        }
        let old = [
            "UPDATE contact SET locale = 'es-MX' WHERE id = 1",
            "UPDATE contact SET locale = 'NE_np' WHERE id = 2",
            "UPDATE contact SET locale = 'de-AT' WHERE id = 3",
        ];
        write(store, &[&old[..], &[LANGUAGES]].concat()).await;
        store.migrate().await.unwrap();
        let addresses: Vec<String> = (1..=4).map(|id| format!("+1415555{id:04}")).collect();
        let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
        let mut tx = store.begin().await.unwrap();
        let mut rows = tx.contacts(&addresses).await.unwrap();
        rows.sort_by_key(|row| row.id);
        let locales: Vec<&str> = rows.iter().map(|row| row.locale.as_str()).collect();
        assert_eq!(locales, ["es", "ne", "de-AT", "en"], "{}", fresh.name);
        tx.commit().await.unwrap();
    })
    .await;
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_reads_the_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let fresh = support::sqlite();
    let store = support::open(&fresh).await;
    let (inbox, _) = support::inbox(store.clone(), true).await;
    inbox.apply(&[support::text("+14155550123", "REGISTER")]).await.unwrap();
    let tidings::config::Database::Sqlite(path) = &fresh.database else { unreachable!() };
    let mut names = Vec::new();
    for file in std::fs::read_dir(path.parent().unwrap()).unwrap() {
        let file = file.unwrap();
        names.push(file.file_name().into_string().unwrap());
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{names:?}");
    }
    assert!(
        names.iter().any(|name| name.ends_with("-wal")) && names.iter().any(|name| name.ends_with("-shm"))
    );
    store.close().await;
}

/// The server itself ends what hangs on a connection of ours.
#[tokio::test]
async fn postgresql_is_told_how_long_we_may_take() {
    let engines = support::engines().await;
    let Some(fresh) = engines.iter().find(|fresh| fresh.name == "postgres") else { return };
    let store = support::open(fresh).await;
    let Tx::Postgres(mut tx) = store.begin().await.unwrap() else { unreachable!("it is PostgreSQL") };
    for (setting, expected) in [("idle_in_transaction_session_timeout", "15s"), ("statement_timeout", "30s")]
    {
        let asked = sqlx::query_scalar("SELECT current_setting($1)").bind(setting);
        let found: String = asked.fetch_one(&mut *tx).await.unwrap();
        assert_eq!(found, expected, "{setting}");
    }
    tx.rollback().await.unwrap();
    store.close().await;
}
