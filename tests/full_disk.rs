//! The database lets go of a transaction by itself, as SQLite does when the disk is full.

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
