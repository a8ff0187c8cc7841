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

/// Runs statements beside the server, as its database's owner would.
async fn run(database: &Database, statements: [&'static str; 2]) {
    for statement in statements {
        match database {
            Database::Sqlite(path) => {
                let other =
                    SqlitePool::connect_with(SqliteConnectOptions::new().filename(path)).await.unwrap();
                sqlx::query(statement).execute(&other).await.unwrap();
                other.close().await;
            }
            Database::Postgres(url) => {
                let other = sqlx::PgPool::connect(url.expose()).await.unwrap();
                sqlx::query(statement).execute(&other).await.unwrap();
                other.close().await;
            }
        }
    }
}

/// Statements after which the probe and every text are refused, as on a full disk, and those that end it.
fn full_and_room(database: &Database) -> [[&'static str; 2]; 2] {
    match database {
        Database::Sqlite(_) => [
            [
                "CREATE TRIGGER no_text BEFORE INSERT ON message BEGIN SELECT RAISE(FAIL, 'full'); END",
                "CREATE TRIGGER full BEFORE INSERT ON bookmark BEGIN SELECT RAISE(FAIL, 'full'); END",
            ],
            ["DROP TRIGGER no_text", "DROP TRIGGER full"],
        ],
        Database::Postgres(_) => [
            [
                "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE disk_full; END $$",
                "DO $$ BEGIN EXECUTE 'CREATE TRIGGER full_disk BEFORE INSERT ON bookmark EXECUTE FUNCTION no()'; \
                 EXECUTE 'CREATE TRIGGER full_disk BEFORE INSERT ON message EXECUTE FUNCTION no()'; END $$",
            ],
            ["DROP FUNCTION no() CASCADE", "SELECT 1"],
        ],
    }
}

#[tokio::test]
async fn a_text_that_is_not_taken_makes_the_server_not_ready_at_once() {
    for fresh in support::engines().await {
        let database = fresh.database.clone();
        let server = support::serve(fresh, &[]).await;
        let ready = async || server.http.get(server.url("/readyz")).send().await.unwrap().status().as_u16();
        assert_eq!(ready().await, 200);
        let [full, _] = full_and_room(&database);
        run(&database, full).await;
        // What was found before the disk was full still counts, until something is found out.
        assert_eq!(ready().await, 200);
        let refused = server.sms(&support::fields("+14155550123", "REGISTER")).await.status().as_u16();
        assert!(refused >= 500, "{refused}");
        assert_eq!(ready().await, 503);
        server.app.stop().await;
    }
}

#[tokio::test]
async fn a_server_that_can_write_nothing_is_not_ready() {
    for fresh in support::engines().await {
        let database = fresh.database.clone();
        let server = support::serve(fresh, &[]).await;
        let get = async |path: &str| {
            let answer = server.http.get(server.url(path)).send().await.unwrap();
            (answer.status().as_u16(), answer.text().await.unwrap())
        };
        let [full, room] = full_and_room(&database);
        run(&database, full).await;
        let (status, said) = get("/readyz").await;
        assert!(status == 503 && said.contains("can't be written"), "{status} {said}");
        assert_eq!(get("/healthz").await.0, 200);
        run(&database, room).await;
        let recovered = async {
            while get("/readyz").await.0 != 200 {
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(10), recovered).await.expect("it recovers");
        let store = tidings::store::Store::open(&database, 3).await.unwrap();
        for _ in 0..50 {
            assert_eq!(get("/readyz").await.0, 200);
        }
        let writes = store.bookmark("writes tried").await.unwrap().unwrap();
        store.close().await;
        assert!(writes <= 3, "one probe writes for many: {writes}");
        server.app.stop().await;
    }
}
