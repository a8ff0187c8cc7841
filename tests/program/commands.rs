//! What commands do, and what is written down of it.

use crate::{run, text};
use tempfile::TempDir;

#[test]
fn a_wrong_setting_stops_the_start_with_one_line() {
    let folder = TempDir::new().unwrap();
    for (args, name, code) in [
        (vec!["--listen", "nowhere"], "--listen", 2),
        (vec!["serve", "--database-url", "mysql://x"], "--database-url", 2),
        (vec!["migrate", "--database-url", "sqlite:///does/not/exist/x.db"], "--database-url", 1),
        (vec!["opt-outs", "export", "--database-url", "sqlite://none.db"], "--database-url", 1),
        (vec!["serve", "--database-url", "sqlite://.", "--listen", "127.0.0.1:0"], "--database-url", 2),
        (
            vec!["token", "add", "x", "--scope", "contacts:read", "--database-url", "sqlite:./"],
            "--database-url",
            2,
        ),
        (vec!["serve", "--default-locale", "xx", "--listen", "127.0.0.1:0"], "--default-locale", 2),
        (vec!["opt-outs", "export"], "DATABASE_URL", 1),
    ] {
        let output = run(folder.path(), &args, "");
        assert_eq!(output.status.code(), Some(code), "{args:?}");
        let error = text(&output.stderr);
        assert_eq!(error.lines().count(), 1, "{error}");
        assert!(error.starts_with(&format!("tidings: {name}: ")), "{error}");
    }
    let doctor = run(folder.path(), &["doctor", "--listen", "nowhere"], "");
    assert!(text(&doctor.stdout).contains("--listen: must be an address"), "{}", text(&doctor.stdout));
    for command in ["serve", "migrate", "doctor"] {
        let output =
            run(folder.path(), &[command, "--database-url", "sqlite://.", "--listen", "127.0.0.1:0"], "");
        let said = text(&output.stdout) + &text(&output.stderr);
        assert!(said.contains(" is a folder; name a file in it, such as sqlite://"), "{command}: {said}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "a failed start leaves nothing behind");
    std::fs::write(folder.path().join("tidings.toml"), "tidings_listen = \"x\"\n").unwrap();
    assert!(text(&run(folder.path(), &[], "").stderr).contains("TIDINGS_LISTEN"));
    std::fs::write(folder.path().join("tidings.toml"), "tidings_lisen = \"x\"\n").unwrap();
    assert!(text(&run(folder.path(), &[], "").stderr).contains("tidings_lisen, which is not a setting"));
    assert_eq!(run(folder.path(), &["--nonsense"], "").status.code(), Some(2));
}

#[test]
fn commands_do_what_they_say() {
    let folder = TempDir::new().unwrap();
    let here = folder.path();
    let place = here.canonicalize().unwrap().join("tidings.db").display().to_string();
    let elsewhere = ["migrate", "--json", "--database-url", "sqlite://other.db"];
    let read = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).unwrap();
    let first = read(&run(here, &elsewhere, "").stdout);
    assert!(first["made"] == true && first["migrations"].as_u64() > Some(0), "{first}");
    assert_eq!(first["database"], place.replace("tidings.db", "other.db"));
    let again = read(&run(here, &elsewhere, "").stdout);
    assert_eq!((&again["made"], &again["migrations"]), (&false.into(), &0.into()));
    let none = run(here, &["opt-outs", "export", "--json", "--database-url", "sqlite://other.db"], "");
    assert_eq!(text(&none.stdout), "{\"items\":[]}\n");
    for (begin, end) in [("Made", " migrations."), ("Nothing to do:", " is up to date.")] {
        let migrate = run(here, &["migrate"], "");
        let said = text(&migrate.stdout);
        assert_eq!((migrate.status.code(), said.lines().count()), (Some(0), 1), "{said}");
        assert!(said.starts_with(&format!("{begin} {place}")) && said.trim().ends_with(end), "{said}");
    }

    let token = run(here, &["token", "add", "reports", "--scope", "contacts:read,messages:read"], "");
    assert!(text(&token.stdout).starts_with("tid_"), "{}", text(&token.stderr));
    assert_eq!(run(here, &["token", "add", "reports", "--scope", "everything"], "").status.code(), Some(2));
    assert_eq!(run(here, &["token", "add", "reports"], "").status.code(), Some(2));

    let csv = "name,phone_number\nA,+14155550101\nB,415 555 0102\nC,12\nD,+14155550101\n";
    let import = run(here, &["opt-outs", "import", "-", "--dry-run"], csv);
    assert_eq!(text(&import.stdout).trim(), "2 would be opted out, 0 were already, 1 lines refused");
    let import = run(here, &["opt-outs", "import", "-"], csv);
    assert_eq!(text(&import.stdout).trim(), "2 opted out, 0 were already, 1 lines refused");
    assert_eq!(import.status.code(), Some(1));
    assert!(text(&import.stderr).starts_with("line 4: "), "{}", text(&import.stderr));
    let export = run(here, &["opt-outs", "export"], "");
    let exported = text(&export.stdout);
    assert_eq!(exported.lines().count(), 3, "{exported}");
    assert!(exported.contains("'+14155550102,import,"), "{exported}");
    let told = text(&run(here, &["opt-outs", "export", "--json"], "").stdout);
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let (items, second) = (told["items"].as_array().unwrap(), &told["items"][1]);
    assert_eq!((items.len(), &second["phone_number"]), (2, &"+14155550102".into()), "{told}");
    assert!(exported.contains(&format!("import,{}\n", second["opted_out_at"].as_str().unwrap())), "{told}");
    let again = run(here, &["opt-outs", "import", "-", "--json"], &exported);
    assert_eq!(again.status.code(), Some(0), "{}", text(&again.stderr));
    assert!(text(&again.stdout).contains("\"already\":2"), "{}", text(&again.stdout));

    let explain = run(here, &["explain", "Stop.", "--json"], "");
    assert!(text(&explain.stdout).contains("\"intent\":\"stop\""));
    let unknown = run(here, &["explain", "hola", "--locale", "xx"], "");
    assert_eq!(unknown.status.code(), Some(2));
    assert!(text(&unknown.stderr).contains("[possible values: en, es, fr, ne]"), "{}", text(&unknown.stderr));
    assert!(run(here, &["explain", "hola", "--locale", "es"], "").status.success());
    let rows = run(
        here,
        &["explain", "--stdin"],
        "{\"text\":\"join\"}\nnonsense\n{\"text\":\"123 456\",\"context\":\"code_sent\"}\n",
    );
    assert_eq!(rows.status.code(), Some(1), "one row is none");
    let told = text(&rows.stderr);
    assert_eq!(told.trim(), "tidings: 1 of the rows could not be answered, the first on line 2");
    let rows = text(&rows.stdout);
    let rows: Vec<&str> = rows.lines().collect();
    assert!(
        rows[0].contains("register") && rows[1].contains("error") && rows[2].contains("code"),
        "{rows:?}"
    );

    let doctor = run(here, &["doctor", "--json"], "");
    assert_eq!(doctor.status.code(), Some(0));
    assert!(text(&doctor.stdout).contains("no credentials: the demo runs"));
    let doctor = run(here, &["doctor", "--json", "--demo", "off"], "");
    let said = text(&doctor.stdout);
    assert!(said.contains("the demo is off: messages are recorded as skipped"), "{said}");
}

/// Promise 20, on the command line.
#[tokio::test]
async fn each_act_on_the_command_line_leaves_one_entry() {
    let folder = TempDir::new().unwrap();
    let here = folder.path();
    let people = "phone_number,name,consent\n+14155550101,Asha Rai,yes\n";
    std::fs::write(here.join("of +14155550101.csv"), people).unwrap();
    let acts: [(&[&str], &str); 8] = [
        (&["token", "add", "reports", "--scope", "contacts:read"], "tidings token add"),
        (&["admin", "add", "ada@example.org"], "tidings admin add"),
        (&["admin", "add", "ada@example.org"], "tidings admin add"),
        (&["contacts", "import", "of +14155550101.csv"], "tidings contacts import"),
        (&["contacts", "register-all"], "tidings contacts register-all"),
        (&["opt-outs", "import", "-"], "tidings opt-outs import"),
        (&["send-test", "+14155550102", "--wait", "0"], "tidings send-test"),
        (&["backup", "kept.db"], "tidings backup"),
    ];
    let readings: [&[&str]; 4] = [
        &["contacts", "import", "of +14155550101.csv", "--dry-run"],
        &["opt-outs", "import", "-", "--dry-run"],
        &["contacts", "register-all", "--dry-run"],
        &["templates", "list"],
    ];
    let list = "phone_number\n+14155550103\n";
    assert!(run(here, &["migrate"], "").status.success());
    for args in acts.iter().map(|(args, _)| *args).chain(readings) {
        let output = run(here, args, if args[0] == "opt-outs" { list } else { "" });
        assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
    }
    let verified = text(&run(here, &["audit", "verify", "--json"], "").stdout);
    assert!(verified.contains("\"entries\":8") && verified.contains("\"valid\":true"), "{verified}");
    let database = tidings::config::Database::Sqlite(here.join("tidings.db"));
    let store = tidings::store::Store::open(&database, 3).await.unwrap();
    let entries = store.audit(i64::MAX, 100).await.unwrap();
    let actions: Vec<&str> = entries.iter().rev().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, acts.map(|(_, action)| action));
    for entry in &entries {
        assert!(entry.actor.starts_with("command line"), "{entry:?}");
        assert!(!entry.subject.is_empty() && !entry.subject.contains("415555"), "{entry:?}");
    }
    store.close().await;
}
