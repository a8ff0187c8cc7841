//! Where there is no database, only `serve` and `migrate` make one.

use crate::{run, support, text, tidings};
use tempfile::TempDir;
use tidings::config::Database;

/// Every command that works on a database.
const COMMANDS: [&[&str]; 11] = [
    &["token", "add", "reports", "--scope", "contacts:read"],
    &["admin", "add", "ada@example.org"],
    &["audit", "verify"],
    &["contacts", "import", "people.csv"],
    &["contacts", "register-all"],
    &["opt-outs", "import", "-"],
    &["opt-outs", "export"],
    &["templates", "list"],
    &["templates", "check"],
    &["send-test", "+14155550102", "--wait", "0"],
    &["audit", "verify", "--database-url", "sqlite://./tidings.db"],
];

#[test]
fn a_command_in_a_wrong_folder_makes_nothing_and_says_where_it_looked() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("people.csv"), "phone_number\n+14155550101\n").unwrap();
    // As the program sees it, which may be by another road.
    let here = folder.path().canonicalize().unwrap();
    for args in COMMANDS {
        let output = run(&here, args, "phone_number\n+14155550103\n");
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{args:?}: {said}");
        assert!(output.stdout.is_empty() && said.lines().count() == 1, "{args:?}: {said}");
        let looked_at = format!("there is no database at {};", here.join("tidings.db").display());
        for words in [looked_at.as_str(), "--database-url", "`tidings migrate`"] {
            assert!(said.contains(words), "{args:?} lacks {words}: {said}");
        }
    }
    let doctor = run(&here, &["doctor"], "");
    let said = text(&doctor.stdout);
    assert!(doctor.status.success(), "it may be run before the first start: {said}");
    let finding = format!("WARN  database    there is none yet at {}", here.join("tidings.db").display());
    assert!(said.contains(&finding) && said.contains("--database-url"), "{said}");
    let left: Vec<_> = std::fs::read_dir(&here).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["people.csv"]);

    assert!(run(&here, &["migrate"], "").status.success());
    assert!(run(&here, &["opt-outs", "export"], "").status.success());
    assert!(
        text(&run(&here, &["doctor"], "").stdout).contains("ok    database    SQLite, tidings.db answers")
    );
}

#[tokio::test]
async fn a_database_of_somebody_else_is_left_as_it_is() {
    for fresh in support::engines().await {
        let url = match &fresh.database {
            Database::Sqlite(path) => {
                let options =
                    sqlx::sqlite::SqliteConnectOptions::new().filename(path).create_if_missing(true);
                let theirs = sqlx::SqlitePool::connect_with(options).await.unwrap();
                sqlx::query("CREATE TABLE theirs (id BIGINT)").execute(&theirs).await.unwrap();
                theirs.close().await;
                format!("sqlite://{}", path.display())
            }
            Database::Postgres(url) => url.expose().to_owned(),
        };
        let folder = TempDir::new().unwrap();
        let command = |args: &[&str]| {
            let mut command = tidings(folder.path());
            command.args(args).env("DATABASE_URL", &url).env("TIDINGS_SECRET", support::SECRET);
            command.output().unwrap()
        };
        if let Database::Postgres(_) = &fresh.database {
            let mut command = tidings(folder.path());
            command
                .arg("migrate")
                .env("DATABASE_URL", format!("{url}_none"))
                .env("TIDINGS_SECRET", support::SECRET);
            let said = text(&command.output().unwrap().stderr);
            assert!(
                said.contains("DATABASE_URL: ") && said.contains("has no database of this name"),
                "{said}"
            );
        }
        for _ in 0..2 {
            let refused = command(&["opt-outs", "export"]);
            let said = text(&refused.stderr);
            assert!(!refused.status.success() && said.contains("holds nothing of Tidings"), "{said}");
            let said = text(&command(&["doctor"]).stdout);
            assert!(said.contains("WARN  database") && said.contains("holds nothing of Tidings"), "{said}");
        }
        assert!(command(&["migrate"]).status.success(), "on {}", fresh.name);
        assert!(command(&["opt-outs", "export"]).status.success());
    }
}
