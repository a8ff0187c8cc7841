//! The program itself: its commands, its logs, and how it stops.

mod support;

use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use support::fields;
use tempfile::TempDir;

const TIDINGS: &str = env!("CARGO_BIN_EXE_tidings");

fn tidings(folder: &Path) -> Command {
    let mut command = Command::new(TIDINGS);
    command.current_dir(folder).env_clear().env("PATH", "/usr/bin:/bin");
    command
}

fn run(folder: &Path, args: &[&str], input: &str) -> Output {
    let mut child = tidings(folder)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A server of its own process, in live mode, with everything it logs.
struct Process {
    child: Child,
    url: String,
    http: reqwest::Client,
    folder: TempDir,
}

impl Process {
    async fn start(log: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let url = format!("http://127.0.0.1:{port}");
        let child = tidings(folder.path())
            .envs([
                ("TIDINGS_LISTEN", url.trim_start_matches("http://")),
                ("TWILIO_ACCOUNT_SID", "AC00000000000000000000000000000001"),
                ("TWILIO_AUTH_TOKEN", support::AUTH_TOKEN),
                ("TWILIO_PHONE_NUMBER", "+15005550006"),
                ("TWILIO_API_BASE", "http://127.0.0.1:9"),
                ("TIDINGS_SETTLE_SECONDS", "1"),
                ("TIDINGS_LOG", log),
            ])
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(folder.path().join("log")).unwrap())
            .spawn()
            .unwrap();
        let _ = rustls::crypto::ring::default_provider().install_default();
        let process = Self { child, url, http: reqwest::Client::new(), folder };
        process.until_ready().await;
        process
    }

    async fn until_ready(&self) {
        let ready = async {
            while self.http.get(format!("{}/readyz", self.url)).send().await.is_err() {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(30), ready)
            .await
            .expect("the server did not start");
    }

    async fn sms(&self, from: &str, body: &str) -> String {
        let url = format!("{}/webhooks/twilio/sms", self.url);
        let fields = fields(from, body);
        let signature = tidings::signature::sign(support::AUTH_TOKEN, &url, &fields);
        let request = self.http.post(&url).header("X-Twilio-Signature", signature);
        request.form(&fields).send().await.unwrap().text().await.unwrap()
    }

    /// SIGTERM; returns the exit code and how many seconds it took.
    fn stop(&mut self) -> (Option<i32>, u64) {
        let watch = tidings::clock::stopwatch();
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        let status = self.child.wait().unwrap();
        (status.code(), watch.elapsed().as_secs())
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }
}

/// Promise 16: a canary number, name, text and code, grepped in the log at its most talkative.
#[tokio::test]
async fn no_number_code_or_text_is_logged() {
    let mut process = Process::start("trace").await;
    let number = "+14155550137";
    process.sms(number, "REGISTER").await;
    let asked = process.sms(number, "Canaria Birdsong").await;
    let code =
        asked.split('>').find_map(|part| part.get(..6).filter(|six| six.bytes().all(|b| b.is_ascii_digit())));
    let code = code.expect("no code came").to_owned();
    process.sms(number, "000000").await;
    process.sms(number, &code).await;
    process.sms(number, "a secret canary text").await;
    process.sms("not a number +14155550137", "x").await;
    // Twilio can't be reached, so what was handed over is looked up in vain, and told in the log.
    let vain = async {
        while !process.log().contains("message list could not be read") {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), vain).await.expect("nothing was looked up");
    assert_eq!(process.stop().0, Some(0));
    let log = process.log();
    assert!(log.contains("webhook") || log.len() > 500, "the log is empty");
    for canary in [number, "4155550137", "Birdsong", "canary text", &code, support::AUTH_TOKEN] {
        assert!(!log.contains(canary), "the log holds {canary}:\n{}", line_with(&log, canary));
    }
}

fn line_with<'a>(log: &'a str, part: &str) -> &'a str {
    log.lines().find(|line| line.contains(part)).unwrap_or_default()
}

#[tokio::test]
async fn sigterm_does_not_wait_for_half_sent_requests() {
    use tokio::io::AsyncWriteExt as _;
    let mut process = Process::start("info").await;
    let address = process.url.trim_start_matches("http://").to_owned();
    let mut open = Vec::new();
    for shape in [
        "POST /webhooks/twilio/sms HTTP/1.1\r\nHost: x\r\n",
        "POST /webhooks/twilio/sms HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nBody=",
        "",
    ] {
        for _ in 0..20 {
            let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
            stream.write_all(shape.as_bytes()).await.unwrap();
            open.push(stream);
        }
    }
    // Others are served meanwhile.
    assert!(process.sms("+14155550123", "hello").await.contains("REGISTER"));
    let (code, seconds) = process.stop();
    assert_eq!(code, Some(0));
    assert!(seconds < 20, "it took {seconds} s");
    assert!(process.log().contains("stopped"));
}

/// A half-sent request is closed by the server: 10 s for the head.
#[tokio::test]
async fn a_half_sent_head_is_given_up() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut process = Process::start("info").await;
    let mut stream = tokio::net::TcpStream::connect(process.url.trim_start_matches("http://")).await.unwrap();
    stream.write_all(b"POST /webhooks/twilio/sms HTTP/1.1\r\nHost: x\r\n").await.unwrap();
    let mut answer = Vec::new();
    let closed =
        tokio::time::timeout(std::time::Duration::from_secs(20), stream.read_to_end(&mut answer)).await;
    assert!(closed.is_ok(), "the connection stayed open");
    process.stop();
}

#[test]
fn a_wrong_setting_stops_the_start_with_one_line() {
    let folder = TempDir::new().unwrap();
    for (args, name) in [
        (vec!["--listen", "nowhere"], "TIDINGS_LISTEN"),
        (vec!["serve", "--database-url", "mysql://x"], "DATABASE_URL"),
        (vec!["serve", "--database-url", "sqlite:///does/not/exist/x.db"], "DATABASE_URL"),
    ] {
        let output = run(folder.path(), &args, "");
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        let error = text(&output.stderr);
        assert_eq!(error.lines().count(), 1, "{error}");
        assert!(error.starts_with(&format!("tidings: {name}: ")), "{error}");
    }
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
    let migrate = run(here, &["migrate"], "");
    assert_eq!(
        (migrate.status.code(), text(&migrate.stdout).trim()),
        (Some(0), "The database is up to date.")
    );

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
    let again = run(here, &["opt-outs", "import", "-", "--json"], &exported);
    assert_eq!(again.status.code(), Some(0), "{}", text(&again.stderr));
    assert!(text(&again.stdout).contains("\"already\":2"), "{}", text(&again.stdout));

    let explain = run(here, &["explain", "Stop.", "--json"], "");
    assert!(text(&explain.stdout).contains("\"intent\":\"stop\""));
    let rows = run(
        here,
        &["explain", "--stdin"],
        "{\"text\":\"join\"}\nnonsense\n{\"text\":\"123 456\",\"context\":\"code_sent\"}\n",
    );
    let rows = text(&rows.stdout);
    let rows: Vec<&str> = rows.lines().collect();
    assert!(
        rows[0].contains("register") && rows[1].contains("error") && rows[2].contains("code"),
        "{rows:?}"
    );

    let doctor = run(here, &["doctor", "--json"], "");
    assert_eq!(doctor.status.code(), Some(0));
    assert!(text(&doctor.stdout).contains("no credentials: the demo runs"));
}

/// What doctor says with these settings, as JSON, and whether it is content.
fn doctor(folder: &Path, settings: &[(&str, &str)], args: &[&str]) -> (bool, String) {
    let mut command = tidings(folder);
    command.args(["doctor", "--json"]).args(args).envs(settings.iter().copied());
    let output = command.output().unwrap();
    (output.status.success(), text(&output.stdout))
}

#[test]
fn doctor_says_what_serve_would() {
    let folder = TempDir::new().unwrap();
    let here = folder.path();
    let (well, said) = doctor(here, &[("TIDINGS_LISTEN", "127.0.0.1:18102")], &[]);
    assert!(well && said.contains("http://127.0.0.1:18102/webhooks"), "{said}");
    let (_, said) = doctor(here, &[], &["--listen", "127.0.0.1:18103"]);
    assert!(said.contains("http://127.0.0.1:18103/webhooks"), "{said}");
    let (well, said) = doctor(here, &[("TIDINGS_DEFAULT_LOCALE", "xx")], &[]);
    assert!(!well && said.contains("must be one of en"), "{said}");

    assert!(run(here, &["migrate"], "").status.success());
    assert!(doctor(here, &[], &[]).0);
    let (well, said) = doctor(here, &[("TIDINGS_SECRET", "another secret of the tests, long enough")], &[]);
    assert!(!well && said.contains("made with another secret") && said.contains("OPERATING.md"), "{said}");

    let mut live = vec![
        ("TWILIO_ACCOUNT_SID", "AC00000000000000000000000000000001"),
        ("TWILIO_AUTH_TOKEN", support::AUTH_TOKEN),
        ("TWILIO_PHONE_NUMBER", "+15005550006"),
        ("TWILIO_API_BASE", "http://127.0.0.1:9"),
    ];
    let warning = "TIDINGS_ORGANISATION is not set";
    assert!(doctor(here, &live, &[]).1.contains(warning));
    live.push(("TIDINGS_ORGANISATION", "Lakeside Clinic"));
    assert!(!doctor(here, &live, &[]).1.contains(warning));
    assert!(!doctor(here, &[], &[]).1.contains(warning), "a demo may be nameless");
}

/// The first lines that a server prints with these settings.
fn banner(settings: &[(&str, &str)], lines: usize) -> String {
    use std::io::{BufRead as _, BufReader};
    let folder = TempDir::new().unwrap();
    let mut command = tidings(folder.path());
    command.args(["--listen", "127.0.0.1:0"]).envs(settings.iter().copied());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let said: Vec<String> = output.lines().take(lines).map(Result::unwrap).collect();
    child.kill().unwrap();
    child.wait().unwrap();
    said.join("\n")
}

#[test]
fn a_server_says_what_it_will_not_do_and_how_to_reach_it() {
    let said = banner(&[("TIDINGS_DEMO", "off")], 2);
    assert!(said.contains("recorded as skipped") && !said.contains("webhook"), "{said}");
    let said = banner(&[], 4);
    let port = said.split("http://127.0.0.1:").nth(1).unwrap().split('/').next().unwrap();
    assert!(said.contains(&format!("tidings phone --url http://127.0.0.1:{port})")), "{said}");
    let live = [
        ("TWILIO_ACCOUNT_SID", "AC00000000000000000000000000000001"),
        ("TWILIO_AUTH_TOKEN", support::AUTH_TOKEN),
        ("TWILIO_PHONE_NUMBER", "+15005550006"),
        ("TWILIO_API_BASE", "http://127.0.0.1:9"),
    ];
    assert!(banner(&live, 3).contains("set TIDINGS_ORGANISATION"));
}

#[test]
fn the_phone_looks_where_the_settings_say() {
    let folder = TempDir::new().unwrap();
    for (listen, url) in [
        ("127.0.0.1:9", "http://127.0.0.1:9;"),
        ("0.0.0.0:9", "http://127.0.0.1:9;"),
        ("[::]:9", "http://[::1]:9;"),
    ] {
        let output = tidings(folder.path()).arg("phone").env("TIDINGS_LISTEN", listen).output().unwrap();
        assert!(
            text(&output.stderr).contains(&format!("no demo answers at {url}")),
            "{}",
            text(&output.stderr)
        );
    }
    let args = ["phone", "--url", "http://127.0.0.1:9"];
    let output = tidings(folder.path()).args(args).env("TIDINGS_LISTEN", "nonsense").output().unwrap();
    assert!(text(&output.stderr).contains("no demo answers"), "{}", text(&output.stderr));
}

#[test]
fn the_carrier_takes_no_number_and_no_address_that_is_none() {
    let folder = TempDir::new().unwrap();
    for args in [["--number", "123"], ["--webhook", "nonsense"], ["--fallback", "ftp://x/"]] {
        let mut child = tidings(folder.path())
            .args(["carrier", "--listen", "127.0.0.1:0"])
            .args(args)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        std::io::Read::read_to_string(child.stderr.as_mut().unwrap(), &mut said).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(2), "{args:?}");
        assert!(said.contains("must be"), "{said}");
    }
}

/// Promise 20, on the command line.
#[tokio::test]
async fn each_act_on_the_command_line_leaves_one_entry() {
    let folder = TempDir::new().unwrap();
    let here = folder.path();
    let people = "phone_number,name,consent\n+14155550101,Asha Rai,yes\n";
    std::fs::write(here.join("of +14155550101.csv"), people).unwrap();
    let acts: [(&[&str], &str); 7] = [
        (&["token", "add", "reports", "--scope", "contacts:read"], "tidings token add"),
        (&["admin", "add", "ada@example.org"], "tidings admin add"),
        (&["admin", "add", "ada@example.org"], "tidings admin add"),
        (&["contacts", "import", "of +14155550101.csv"], "tidings contacts import"),
        (&["contacts", "register-all"], "tidings contacts register-all"),
        (&["opt-outs", "import", "-"], "tidings opt-outs import"),
        (&["send-test", "+14155550102", "--wait", "0"], "tidings send-test"),
    ];
    let readings: [&[&str]; 4] = [
        &["contacts", "import", "of +14155550101.csv", "--dry-run"],
        &["opt-outs", "import", "-", "--dry-run"],
        &["contacts", "register-all", "--dry-run"],
        &["templates", "list"],
    ];
    let list = "phone_number\n+14155550103\n";
    for args in acts.iter().map(|(args, _)| *args).chain(readings) {
        let output = run(here, args, if args[0] == "opt-outs" { list } else { "" });
        assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
    }
    let verified = text(&run(here, &["audit", "verify", "--json"], "").stdout);
    assert!(verified.contains("\"entries\":7") && verified.contains("\"valid\":true"), "{verified}");
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
