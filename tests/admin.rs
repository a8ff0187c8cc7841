//! `tidings admin add`: the password is printed once or read, and opens the door.

mod support;
#[path = "support/typed.rs"]
mod typed;

use std::process::Command;
use typed::typed;

fn add(url: &str, email: &str, password: &str) -> (bool, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
    let output = typed(command.args(["admin", "add", email, "--database-url", url]), password);
    let text = |bytes| String::from_utf8(bytes).unwrap().trim().to_owned();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

fn migrate(url: &str) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
    assert!(command.args(["migrate", "--database-url", url]).output().unwrap().status.success());
}

#[tokio::test]
async fn an_admin_signs_in_with_the_password_that_was_printed_or_given() {
    let fresh = support::sqlite();
    let tidings::config::Database::Sqlite(path) = &fresh.database else { unreachable!("it is SQLite") };
    let url = format!("sqlite://{}", path.display());
    // The server that is started below has its own; with that of the command line it would be refused.
    std::fs::write(path.with_extension("secret"), support::SECRET).unwrap();
    migrate(&url);
    let (done, printed, _) = add(&url, "root@example.org", "");
    assert!(done && printed.len() >= 40, "{printed}");
    let (done, _, error) = add(&url, "root@example.org", "short\n");
    assert!(!done && error.contains("at least 15"), "{error}");
    let (done, nothing, _) = add(&url, "Root@example.org", "seven otters by the lake\n");
    assert!(done && nothing.is_empty(), "a password that was given is not printed: {nothing}");
    let server = support::serve(fresh, &[]).await;
    for (password, expected) in [(printed.as_str(), 401), ("seven otters by the lake", 200)] {
        let body = serde_json::json!({ "email": "root@example.org", "password": password });
        let request = server.http.post(server.url("/api/v1/auth/login")).json(&body);
        let response = request.send().await.unwrap();
        assert_eq!(response.status().as_u16(), expected);
        if expected == 200 {
            let answer: serde_json::Value = response.json().await.unwrap();
            assert_eq!(answer["user"]["role"], "admin");
            let token = answer["access_token"].as_str().unwrap();
            assert_eq!(server.get(token, "/api/v1/messages").await.0, 200);
        }
    }
    server.app.stop().await;
}

#[tokio::test]
async fn another_secret_than_the_databases_is_refused() {
    let fresh = support::sqlite();
    let tidings::config::Database::Sqlite(path) = &fresh.database else { unreachable!("it is SQLite") };
    let url = format!("sqlite://{}", path.display());
    migrate(&url);
    assert!(add(&url, "root@example.org", "seven otters by the lake\n").0);
    std::fs::write(path.with_extension("secret"), support::SECRET).unwrap();
    let (done, _, error) = add(&url, "other@example.org", "seven otters by the lake\n");
    assert!(!done && error.contains("TIDINGS_SECRET: this database was made with another"), "{error}");
}
