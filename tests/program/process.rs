//! A server of its own process: what it logs, and how it stops.

use crate::support::{self, fields};
use crate::tidings;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A server of its own process, in live mode, with everything it logs.
pub(crate) struct Process {
    child: Child,
    url: String,
    http: reqwest::Client,
    pub(crate) folder: TempDir,
}

impl Process {
    pub(crate) async fn start(log: &str) -> Self {
        Self::start_in(TempDir::new().unwrap(), log).await
    }

    /// On what is in `folder`.
    pub(crate) async fn start_in(folder: TempDir, log: &str) -> Self {
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

    pub(crate) async fn sms(&self, from: &str, body: &str) -> String {
        let url = format!("{}/webhooks/twilio/sms", self.url);
        let fields = fields(from, body);
        let signature = tidings::signature::sign(support::AUTH_TOKEN, &url, &fields);
        let request = self.http.post(&url).header("X-Twilio-Signature", signature);
        request.form(&fields).send().await.unwrap().text().await.unwrap()
    }

    /// SIGTERM; returns the exit code and how many seconds it took.
    pub(crate) fn stop(&mut self) -> (Option<i32>, u64) {
        let watch = tidings::clock::stopwatch();
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        let status = self.child.wait().unwrap();
        (status.code(), watch.elapsed().as_secs())
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }
}

/// A test that fails leaves no server behind.
impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
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
