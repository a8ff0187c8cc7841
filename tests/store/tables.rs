//! The tables themselves: statements, migrations, the file, and how the server is asked.

use crate::{contact, each, support};
use jiff::SignedDuration;
use tidings::batch::Apply as _;
use tidings::store::Tx;

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
