//! A database is backed up while it is in use, and restored where there is none.

use crate::process::Process;
use crate::{run, text};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

fn failed(here: &Path, args: &[&str], code: i32, said: &str) {
    let output = run(here, args, "");
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{args:?}: {told}");
    assert!(told.lines().count() == 1 && told.contains(said), "{args:?}: {told}");
}

fn names(here: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(here).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A server takes texts while it is backed up; what it had said yes to before is in the backup.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_in_use_is_backed_up_and_restored() {
    let mut server = Process::start("error").await;
    let folder = server.folder.path().to_owned();
    for at in 0..20 {
        server.sms(&format!("+141555501{at:02}"), "REGISTER").await;
    }
    let texting = async {
        for at in 20..60 {
            server.sms(&format!("+141555501{at:02}"), "REGISTER").await;
        }
    };
    let backing_up = tokio::task::spawn_blocking({
        let folder = folder.clone();
        move || run(&folder, &["backup", "kept.db", "--json"], "")
    });
    let ((), done) = tokio::join!(texting, backing_up);
    let done = done.unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    let told: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(told["checked"], true);
    failed(&folder, &["backup", "-"], 2, "-: a backup is a file and no pipe");
    assert!(!folder.join("-").exists());
    // What can't be done, though the call is right.
    failed(&folder, &["backup", "none/kept.db"], 1, "none/kept.db: ");
    fs::write(folder.join("half.db.part"), "").unwrap();
    failed(&folder, &["backup", "half.db"], 1, "half.db.part is left from another try");
    fs::remove_file(folder.join("half.db.part")).unwrap();
    // It is there, and a server has it.
    failed(&folder, &["backup", "kept.db"], 2, "kept.db: is there already");
    failed(&folder, &["restore", "kept.db"], 1, "a server has it");
    failed(&folder, &["restore", "tidings.db", "--database-url", "sqlite://new/x.db"], 1, "--database-url");
    assert_eq!(server.stop().0, Some(0));
    failed(&folder, &["restore", "kept.db"], 1, "tidings.db: is there already, and nothing is written over");

    let new = TempDir::new().unwrap();
    let here = new.path();
    fs::copy(folder.join("kept.db"), here.join("kept.db")).unwrap();
    failed(here, &["restore", "kept.db"], 1, "tidings.secret");
    failed(here, &["restore", "none.db"], 1, "none.db: there is no such file");
    fs::create_dir(here.join("backups")).unwrap();
    failed(here, &["restore", "backups"], 1, "backups: is a folder and no backup");
    fs::remove_dir(here.join("backups")).unwrap();
    failed(here, &["restore", "-"], 2, "-: a backup is a file and no pipe");
    let other = ["restore", "kept.db"];
    fs::write(here.join("tidings.secret"), "another secret of the tests, long enough\n").unwrap();
    failed(here, &other, 1, "another secret");
    fs::copy(folder.join("tidings.secret"), here.join("tidings.secret")).unwrap();
    failed(here, &["restore", "none.db"], 1, "there is no such file");
    damaged(here);
    assert_eq!(names(here), ["damaged.db", "kept.db", "tidings.secret"], "nothing is left of a failed try");

    let done = run(here, &["restore", "kept.db"], "");
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    assert!(text(&done.stdout).contains("checked"), "{}", text(&done.stdout));
    assert_eq!(names(here), ["damaged.db", "kept.db", "tidings.db", "tidings.secret"]);
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &fs::metadata(here.join("tidings.db")).unwrap().permissions(),
    );
    assert_eq!(mode & 0o777, 0o600, "its owner's alone");
    let audit = run(here, &["audit", "verify", "--json"], "");
    assert_eq!(audit.status.code(), Some(0), "{}", text(&audit.stdout));
    let restored = Process::start_in(new, "error").await;
    let status = restored.sms("+14155550105", "STATUS").await;
    assert!(
        status.contains("name"),
        "the one who registered before the backup is asked for a name still: {status}"
    );
}

/// One page in the middle is another's.
fn damaged(here: &Path) {
    let mut bytes = fs::read(here.join("kept.db")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8192].fill(0x5a);
    fs::write(here.join("damaged.db"), &bytes).unwrap();
    failed(here, &["restore", "damaged.db"], 1, "damaged.db: ");
    let empty = here.join("empty.db");
    fs::write(&empty, "").unwrap();
    failed(
        here,
        &["restore", "empty.db"],
        1,
        "empty.db: is no sound backup: there is nothing of Tidings in it",
    );
    fs::remove_file(empty).unwrap();
}

#[test]
fn postgres_has_its_own_tools() {
    let folder = TempDir::new().unwrap();
    let here = folder.path();
    let url = ["--database-url", "postgres://tidings@127.0.0.1:1/tidings"];
    // Whether there is a secret, they don't ask.
    for (command, tool) in [("backup", "pg_dump"), ("restore", "pg_restore")] {
        failed(here, &[command, "x.db", url[0], url[1]], 1, tool);
    }
}
