//! A database that fails: what is said about it, and that what comes after goes well.

mod support;

use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use tidings::batch::Apply as _;
use tidings::config::Database;

#[tokio::test]
async fn a_transaction_that_sqlite_ended_does_not_block_the_next() {
    let fresh = support::sqlite();
    let store = support::open(&fresh).await;
    let (inbox, _) = support::inbox(store.clone(), true).await;
    let Database::Sqlite(path) = &fresh.database else { unreachable!() };
    let other = SqlitePool::connect_with(SqliteConnectOptions::new().filename(path)).await.unwrap();
    let trigger = "CREATE TRIGGER full BEFORE INSERT ON message BEGIN SELECT RAISE(ROLLBACK, 'full'); END";
    sqlx::query(trigger).execute(&other).await.unwrap();
    let text = support::text("+14155550123", "REGISTER");
    inbox.apply(std::slice::from_ref(&text)).await.unwrap_err();
    sqlx::query("DROP TRIGGER full").execute(&other).await.unwrap();
    let answer = inbox.apply(std::slice::from_ref(&text)).await.unwrap().remove(0);
    assert!(answer.is_some(), "the text is taken as if nothing had been");
    store.close().await;
}

#[tokio::test]
async fn a_database_that_cannot_be_opened_is_told_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notes.txt");
    std::fs::write(&file, "These are my notes, and they are no database at all.\n".repeat(50)).unwrap();
    for (path, words) in [
        (file, "the file is no SQLite database (database error 26)"),
        (folder.path().to_owned(), "the file can't be opened (database error 14)"),
    ] {
        let error = tidings::store::Store::open(&Database::Sqlite(path), 8).await.unwrap_err();
        assert_eq!(tidings::store::explain(&error), words);
    }
}

#[tokio::test]
async fn a_server_that_can_write_nothing_is_not_ready() {
    let fresh = support::sqlite();
    let Database::Sqlite(path) = &fresh.database else { unreachable!() };
    let options = SqliteConnectOptions::new().filename(path);
    let server = support::serve(fresh, &[]).await;
    let other = SqlitePool::connect_with(options).await.unwrap();
    let trigger = "CREATE TRIGGER full BEFORE INSERT ON bookmark BEGIN SELECT RAISE(FAIL, 'full'); END";
    sqlx::query(trigger).execute(&other).await.unwrap();
    let ready = async || {
        let answer = server.http.get(server.url("/readyz")).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let (status, said) = ready().await;
    assert!(status == 503 && said.contains("can't be written"), "{status} {said}");
    sqlx::query("DROP TRIGGER full").execute(&other).await.unwrap();
    let recovered = async {
        while ready().await.0 != 200 {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), recovered).await.expect("it recovers by itself");
    other.close().await;
    server.app.stop().await;
}
