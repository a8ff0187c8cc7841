//! The real program as a process that can be killed.

use super::{OURS, PATIENCE, Scratch, eventually, live_settings, start_carrier};
use std::fs::{File, OpenOptions};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;
use tidings::carrier::{Carrier, Faults, Number, Settings};
use tidings::clock::{Clock, stopwatch};
use tokio_util::sync::CancellationToken;

/// `tidings serve`, again and again; `TIDINGS_TEST_PROGRAM` names another build of it.
pub(crate) struct Server {
    pub(crate) url: String,
    settings: Vec<(String, String)>,
    folder: PathBuf,
    child: Option<Child>,
    client: reqwest::Client,
}

/// A server with these settings beside the usual, and the carrier that it sends through, with these faults,
/// until the token is cancelled.
pub(crate) async fn beside_a_carrier(
    scratch: &Scratch,
    faults: Faults,
    more: &[(&str, &str)],
) -> (Server, Carrier, CancellationToken) {
    let over = CancellationToken::new();
    let mut settings = Settings::random();
    settings.numbers.push(Number::new(OURS, None));
    let (carrier, base) = start_carrier(settings, Clock::system(), &over).await;
    carrier.set_faults(faults);
    let mut pairs = live_settings(carrier.settings(), &base, &scratch.url);
    pairs.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let mut server = Server::new(pairs, scratch.folder.path().to_owned());
    server.start();
    server.ready().await;
    (server, carrier, over)
}

impl Server {
    /// A server with these settings on a port that is free now; not started yet.
    pub(crate) fn new(mut settings: Vec<(String, String)>, folder: PathBuf) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let url = format!("http://127.0.0.1:{port}");
        settings.push(("TIDINGS_LISTEN".to_owned(), format!("127.0.0.1:{port}")));
        settings.push(("TIDINGS_PUBLIC_URL".to_owned(), url.clone()));
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(2)).build().unwrap();
        Self { url, settings, folder, child: None, client }
    }

    pub(crate) fn start(&mut self) {
        assert!(self.child.is_none(), "it runs already");
        let inherited = std::env::vars().map(|(name, _)| name);
        let ours = |name: &String| {
            name.starts_with("TIDINGS_") || name.starts_with("TWILIO_") || name == "DATABASE_URL"
        };
        let program = std::env::var_os("TIDINGS_TEST_PROGRAM");
        let mut command = Command::new(program.unwrap_or_else(|| env!("CARGO_BIN_EXE_tidings").into()));
        for name in inherited.filter(ours) {
            command.env_remove(name);
        }
        command.arg("serve").envs(self.settings.iter().cloned()).current_dir(&self.folder);
        command.stdin(Stdio::null()).stdout(self.log()).stderr(self.log());
        self.child = Some(command.spawn().unwrap());
    }

    fn log(&self) -> File {
        OpenOptions::new().create(true).append(true).open(self.folder.join("server.log")).unwrap()
    }

    /// Returns once it answers.
    pub(crate) async fn ready(&mut self) {
        let url = format!("{}/readyz", self.url);
        eventually("the server's start", PATIENCE, async || {
            if let Some(status) = self.child.as_mut().unwrap().try_wait().unwrap() {
                panic!("the server ended by itself with {status}:\n{}", self.last_words());
            }
            self.client.get(&url).send().await.is_ok_and(|answer| answer.status().is_success())
        })
        .await;
    }

    /// The end of its log.
    pub(crate) fn last_words(&self) -> String {
        let text = std::fs::read(self.folder.join("server.log")).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }

    /// Stops it where it stands (`STOP`) or lets it go on (`CONT`).
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    }

    /// SIGKILL: it does not get to do anything more.
    pub(crate) fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// SIGTERM: returns how it ended and after how long.
    pub(crate) async fn terminate(&mut self) -> (ExitStatus, Duration) {
        let mut child = self.child.take().unwrap();
        let watch = stopwatch();
        let sent = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
        assert!(sent.success(), "SIGTERM could not be sent");
        let mut ended = None;
        eventually("the server's end", PATIENCE, async || {
            ended = child.try_wait().unwrap();
            ended.is_some()
        })
        .await;
        (ended.unwrap(), watch.elapsed())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.child.is_some() {
            self.kill();
        }
    }
}
