//! `tidings contacts import` and `register-all`, run as a person runs them.

mod harness;
mod support;

use harness::{PATIENCE, Scratch, eventually};
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use tidings::batch::Apply as _;
use tidings::clock::Clock;
use tidings::conversation::{Inbox, SuppressionKey, purge_erased};
use tidings::store::Store;

const SECRET: &str = "a secret of the tests, 32 bytes or more";

fn command(scratch: &Scratch, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
    command.current_dir(scratch.folder.path()).env_clear().env("PATH", "/usr/bin:/bin");
    command.env("DATABASE_URL", &scratch.url).env("TIDINGS_SECRET", SECRET);
    command.arg("contacts").args(args).stdin(Stdio::null());
    command
}

fn tidings(scratch: &Scratch, args: &[&str]) -> Output {
    command(scratch, args).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn write(scratch: &Scratch, name: &str, content: impl AsRef<[u8]>) {
    std::fs::write(scratch.folder.path().join(name), content).unwrap();
}

/// The lines of a results file, without its first.
fn results(folder: &Path, name: &str) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_path(folder.join(name)).unwrap();
    assert_eq!(reader.headers().unwrap(), vec!["line", "phone_number", "result", "reason"]);
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// Line and result of each, such as `2 created`.
fn short(folder: &Path, name: &str) -> Vec<String> {
    results(folder, name).iter().map(|cells| format!("{} {}", cells[0], cells[2])).collect()
}

fn summary(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {} {}", text(&output.stdout), text(&output.stderr)))
}

async fn consent(store: &Store, number: &str) -> String {
    store.contact(number).await.unwrap().unwrap().consent
}

fn counts(output: &Output) -> [u64; 4] {
    let answer = summary(output);
    ["created", "updated", "unchanged", "refused"].map(|name| answer[name].as_u64().unwrap())
}

/// An inbox over the database of `scratch` that keeps the same secrets as the program.
async fn inbox(scratch: &Scratch) -> (Arc<Inbox>, Clock) {
    let store = scratch.open().await;
    store.migrate().await.unwrap();
    let (mut inbox, clock) = support::inbox(store, true).await;
    Arc::get_mut(&mut inbox).unwrap().suppression_key = SuppressionKey::new(SECRET.as_bytes());
    (inbox, clock)
}

async fn hear(inbox: &Inbox, number: &str, body: &str) {
    inbox.apply(&[support::text(number, body)]).await.unwrap();
}

#[tokio::test]
async fn a_list_is_imported_once_and_says_what_came_of_each_line() {
    for scratch in Scratch::each_made().await {
        let folder = scratch.folder.path();
        let mut list = "\u{feff}Phone;Name;Locale;Time_Zone;Consent;Tags\r\n\
            +14155550101;\"Rai, Asha\";en;Asia/Kathmandu;yes;vip\r\n\
            \r\n\
            (415) 555-0102;Bina;;;;\r\n\
            12;Chen;;;yes;\r\n\
            '+14155550104;=HYPERLINK(1);;;;\r\n\
            4155550101;Again;;;yes;\r\n\
            ;;;;;\r\n\
            =cmd|' /C calc'!A0;;;;;\r\n\
            +14155550107;;;Mars/Base;;\r\n\
            +14155550108;;;;given;\r\n\
            +19005550110;;;;yes;\r\n\
            +14155550111;;de;;;\r\n"
            .as_bytes()
            .to_vec();
        list.extend(b"+14155550109;Jos\xe9;;;;\r\n");
        write(&scratch, "people.csv", &list);

        let dry = tidings(&scratch, &["import", "people.csv", "--dry-run", "--json"]);
        assert_eq!(dry.status.code(), Some(1), "{}", text(&dry.stderr));
        assert_eq!(counts(&dry), [3, 0, 0, 8], "on {}", scratch.engine());
        let store = scratch.open().await;
        assert!(store.contact("+14155550101").await.unwrap().is_none(), "a dry run changed something");

        let first = tidings(&scratch, &["import", "people.csv", "--json"]);
        assert_eq!((first.status.code(), counts(&first)), (Some(1), [3, 0, 0, 8]));
        assert_eq!(summary(&first)["ignored_columns"], serde_json::json!(["tags"]));
        assert!(first.stderr.is_empty(), "no bar where nobody looks: {}", text(&first.stderr));
        let rows = results(folder, "people.results.csv");
        let expected = [
            ["2", "'+14155550101", "created", ""],
            ["4", "'+14155550102", "created", ""],
            ["5", "12", "refused", "phone_number: "],
            ["6", "'+14155550104", "refused", "name: "],
            ["7", "4155550101", "refused", "phone_number: stands in line 2 already"],
            ["9", "'=cmd|' /C calc'!A0", "refused", "phone_number: "],
            ["10", "'+14155550107", "refused", "time_zone: "],
            ["11", "'+14155550108", "created", ""],
            ["12", "'+19005550110", "refused", "phone_number: texts are not sent to premium-rate numbers"],
            ["13", "'+14155550111", "refused", "locale: must be one of en, es, fr, ne"],
            ["14", "'+14155550109", "refused", "name: is not UTF-8"],
        ];
        assert_eq!(rows.len(), expected.len(), "{rows:?}");
        for (row, expected) in rows.iter().zip(expected) {
            assert_eq!(row[..3], expected[..3], "{row:?}");
            assert!(
                row[3].starts_with(expected[3]) && row[3].is_empty() == expected[3].is_empty(),
                "{row:?}"
            );
        }
        let asha = store.contact("+14155550101").await.unwrap().unwrap();
        assert_eq!((asha.name.as_deref(), asha.consent.as_str()), (Some("Rai, Asha"), "given"));
        assert_eq!((asha.time_zone.as_str(), asha.time_zone_source.as_str()), ("Asia/Kathmandu", "import"));
        let ledger = store.ledger(asha.id, i64::MAX, 9).await.unwrap();
        let entry = (ledger[0].how.as_str(), ledger[0].actor.as_str(), ledger[0].body.as_deref());
        assert_eq!((ledger.len(), entry), (1, ("import", "import", Some("people.csv"))));
        assert_eq!(consent(&store, "+14155550102").await, "unasked");

        let again = tidings(&scratch, &["import", "people.csv", "--json"]);
        assert_eq!(counts(&again), [0, 0, 3, 8]);
        assert_eq!(store.ledger(asha.id, i64::MAX, 9).await.unwrap().len(), 1);

        write(&scratch, "more.csv", "number,name,consent\n+14155550102,Bina Rai,yes\n+14155550101,,\n");
        let more = tidings(&scratch, &["import", "more.csv", "--json", "--results", "out.csv"]);
        assert_eq!((more.status.code(), counts(&more)), (Some(0), [0, 1, 1, 0]));
        assert_eq!(short(folder, "out.csv"), ["2 updated", "3 unchanged"]);
        assert_eq!(consent(&store, "+14155550102").await, "given");
        store.close().await;
        scratch.close().await;
    }
}

#[tokio::test]
async fn who_opted_out_or_was_erased_stays_so() {
    const OUT: &str = "+14155550121";
    const ERASED: &str = "+14155550122";
    for scratch in Scratch::each_made().await {
        let (inbox, clock) = inbox(&scratch).await;
        for (number, body) in [(OUT, "REGISTER"), (OUT, "STOP"), (ERASED, "REGISTER"), (ERASED, "FORGET ME")]
        {
            hear(&inbox, number, body).await;
        }
        write(&scratch, "a.csv", format!("phone,name,consent\n{OUT},Ada,yes\n{ERASED},Bob,yes\n"));
        write(&scratch, "b.csv", format!("phone,name\n{OUT},Ada\n{ERASED},Bob\n"));
        for purged in [false, true] {
            if purged {
                assert!(clock.advance(jiff::SignedDuration::from_hours(2)));
                let gone = purge_erased(&inbox.store, &inbox.suppression_key, clock.now()).await;
                assert_eq!(gone.unwrap(), 1);
            }
            for (list, expected) in [("a", ["2 refused", "3 refused"]), ("b", ["2 unchanged", "3 refused"])] {
                let done = tidings(&scratch, &["import", &format!("{list}.csv")]);
                assert_eq!(done.status.code(), Some(1), "{}", text(&done.stderr));
                let rows = results(scratch.folder.path(), &format!("{list}.results.csv"));
                assert_eq!(
                    rows.iter().map(|row| format!("{} {}", row[0], row[2])).collect::<Vec<_>>(),
                    expected
                );
                assert!(rows[0][3].contains("opted out") && rows[1][3].contains("erased"), "{rows:?}");
            }
            let register = tidings(&scratch, &["register-all", "--json"]);
            assert_eq!(summary(&register)["registered"], 0);
        }
        let out = inbox.store.contact(OUT).await.unwrap().unwrap();
        assert_eq!((out.consent.as_str(), out.name), ("withdrawn", None));
        assert!(inbox.store.contact(ERASED).await.unwrap().is_none());
        inbox.store.close().await;
        scratch.close().await;
    }
}

#[tokio::test]
async fn killed_half_way_it_goes_on_where_it_was() {
    const PEOPLE: u64 = 4000;
    for scratch in Scratch::each_made().await {
        let mut list = "phone,name,consent\n".to_owned();
        for person in 0..PEOPLE {
            writeln!(list, "+1212{},Asha,yes", 2_000_000 + person).unwrap();
        }
        write(&scratch, "many.csv", list);
        let results_file = scratch.folder.path().join("many.results.csv");
        let mut child = command(&scratch, &["import", "many.csv"]).stdout(Stdio::null()).spawn().unwrap();
        eventually("the first slice", PATIENCE, async || {
            std::fs::read_to_string(&results_file).is_ok_and(|text| text.lines().count() > 1000)
        })
        .await;
        child.kill().unwrap();
        child.wait().unwrap();
        let store = scratch.open().await;
        let (before, _) = store.count_to_register().await.unwrap();
        let before = u64::try_from(before).unwrap();
        assert!(before > 0 && before.is_multiple_of(1000), "slices are whole: {before}");
        let second = tidings(&scratch, &["import", "many.csv", "--json"]);
        assert_eq!(counts(&second), [PEOPLE - before, 0, before, 0], "on {}", scratch.engine());
        println!("{}: killed after {before} of {PEOPLE}", scratch.engine());
        for person in [0, PEOPLE - 1] {
            let number = format!("+1212{}", 2_000_000 + person);
            let contact = store.contact(&number).await.unwrap().unwrap();
            assert_eq!(store.ledger(contact.id, i64::MAX, 9).await.unwrap().len(), 1);
        }
        store.close().await;
        scratch.close().await;
    }
}

#[tokio::test]
async fn everybody_who_agreed_is_registered_and_welcomed_once() {
    const NAMING: &str = "+14155550131";
    const PREMIUM_RATE: &str = "+19005550135";
    for scratch in Scratch::each_made().await {
        let (inbox, _) = inbox(&scratch).await;
        hear(&inbox, NAMING, "REGISTER").await;
        hear(&inbox, PREMIUM_RATE, "START").await;
        let list = "phone,name,consent\n+14155550132,Asha,yes\n+14155550133,,yes\n+14155550134,Chen,no\n";
        write(&scratch, "people.csv", list);
        assert_eq!(tidings(&scratch, &["import", "people.csv"]).status.code(), Some(0));
        let dry = tidings(&scratch, &["register-all", "--dry-run", "--json"]);
        assert_eq!(
            (&summary(&dry)["registered"], &summary(&dry)["registering_by_text"]),
            (&2.into(), &1.into())
        );
        assert_eq!(inbox.store.contact("+14155550132").await.unwrap().unwrap().state, "stranger");
        for expected in [2, 0] {
            let done = tidings(&scratch, &["register-all", "--json"]);
            assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
            assert_eq!(summary(&done)["registered"], expected, "on {}", scratch.engine());
            assert_eq!(summary(&done)["premium_rate"], 1);
        }
        let state = async |number| inbox.store.contact(number).await.unwrap().unwrap().state;
        assert_eq!(state("+14155550132").await, "member");
        assert_eq!(state("+14155550134").await, "stranger");
        assert_eq!(state(PREMIUM_RATE).await, "stranger");
        assert_eq!(state(NAMING).await, "naming");
        let asha = inbox.store.contact("+14155550132").await.unwrap().unwrap();
        assert!(asha.registered_at.is_some());
        let ledger = inbox.store.ledger(asha.id, i64::MAX, 9).await.unwrap();
        let lines: Vec<_> = ledger.iter().map(|line| (line.how.as_str(), line.actor.as_str())).collect();
        assert_eq!(lines, [("import", "register-all"), ("import", "import")]);
        let mut welcomes = harness::messages(&inbox.store).await;
        welcomes.retain(|row| row.outbound && row.purpose.as_deref() == Some("campaign"));
        let bodies: Vec<&str> = welcomes.iter().map(|row| row.body.as_str()).collect();
        assert_eq!(bodies.len(), 2, "{bodies:?}");
        assert!(bodies[0].contains("hello Asha") && !bodies[1].contains("hello"), "{bodies:?}");
        assert!(bodies.iter().all(|body| body.contains("STOP")), "{bodies:?}");
        inbox.store.close().await;
        scratch.close().await;
    }
}

#[tokio::test]
async fn what_is_no_list_is_refused_in_one_line() {
    let scratch = Scratch::sqlite();
    scratch.make().await;
    let fails = |args: &[&str], code: i32, says: &str| {
        let output = tidings(&scratch, args);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.contains(says) && (code == 2 || said.lines().count() == 1), "{said}");
    };
    write(&scratch, "nobody.csv", "name,consent\nAsha,yes\n");
    write(&scratch, "wide.csv", b"\xff\xfep\0h\0o\0n\0e\0");
    write(&scratch, "one.csv", "phone\n+14155550101\n");
    fails(&["import", "missing.csv"], 1, "missing.csv");
    fails(&["import", "nobody.csv"], 1, "phone_number");
    fails(&["import", "wide.csv"], 1, "UTF-16");
    fails(&["import", "one.csv", "--results", "one.csv"], 2, "overwrite");
    fails(&["import"], 2, "FILE");
    // A quotation mark that nobody closed swallows the rest of the file, and that is said.
    let mut open = "phone,note\n+14155550101,fine\n+14155550102,\"open\n".to_owned();
    for person in 0..40 {
        writeln!(open, "+1212{},x", 2_000_000 + person).unwrap();
    }
    write(&scratch, "open.csv", open);
    assert_eq!(counts(&tidings(&scratch, &["import", "open.csv", "--json"])), [1, 0, 0, 1]);
    let rows = results(scratch.folder.path(), "open.results.csv");
    assert!(rows[1][3].starts_with("line: lines 3 to 4"), "{rows:?}");
}
