//! Somebody who looks at a page and types: a Chromium of its own, driven through chromedriver.

use fantoccini::elements::Element;
use fantoccini::key::Key;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// How long anybody waits for something to appear; the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(30);

/// Whether pages may run scripts.
#[derive(Clone, Copy)]
pub(crate) enum Scripts {
    On,
    Off,
}

pub(crate) struct Person {
    client: Client,
    _driver: Driver,
}

/// A chromedriver and the profile of its browser. Both are gone with this value.
struct Driver {
    child: Child,
    url: String,
    profile: TempDir,
}

impl Driver {
    fn start() -> Self {
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("chromedriver; ./test installs it");
        // It chooses a free port and says which.
        let said = BufReader::new(child.stdout.take().unwrap());
        let port = said.lines().map_while(Result::ok).find_map(|line| {
            let rest = line.split_once("started successfully on port ")?.1;
            Some(rest.trim_end_matches('.').to_owned())
        });
        let url = format!("http://127.0.0.1:{}", port.expect("chromedriver names its port"));
        Self { child, url, profile: TempDir::new().unwrap() }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // The browser does not end with its driver; both are in one group, also when a test has failed.
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.child.wait();
    }
}

impl Person {
    /// Opens the demo's page.
    pub(crate) async fn open(url: &str, scripts: Scripts) -> Self {
        let driver = Driver::start();
        let profile = format!("--user-data-dir={}", driver.profile.path().display());
        let mut options = json!({ "args": [
            "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--no-proxy-server",
            "--window-size=1280,900", profile,
        ]});
        if matches!(scripts, Scripts::Off) {
            options["prefs"] = json!({ "profile.managed_default_content_settings.javascript": 2 });
        }
        let capabilities = json!({ "browserName": "chrome", "goog:chromeOptions": options });
        let capabilities = capabilities.as_object().unwrap().clone();
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let client = builder.capabilities(capabilities).connect(&driver.url).await.unwrap();
        client.goto(&format!("{url}/demo")).await.unwrap();
        Self { client, _driver: driver }
    }

    /// Follows a link from elsewhere.
    pub(crate) async fn goes_to(&self, url: &str) {
        self.client.goto(url).await.unwrap();
    }

    /// Types a text and presses Enter.
    pub(crate) async fn types(&self, text: &str) {
        let field = self.finds("#body").await;
        field.send_keys(text).await.unwrap();
        field.send_keys(&char::from(Key::Enter).to_string()).await.unwrap();
    }

    /// What is in the field.
    pub(crate) async fn typed(&self) -> String {
        self.finds("#body").await.prop("value").await.unwrap().unwrap_or_default()
    }

    pub(crate) async fn clicks(&self, css: &str) {
        self.finds(css).await.click().await.unwrap();
    }

    async fn finds(&self, css: &str) -> Element {
        let wait = self.client.wait().at_most(PATIENCE);
        wait.for_element(Locator::Css(css)).await.unwrap_or_else(|error| panic!("{css}: {error}"))
    }

    /// Waits until something that `css` matches shows `text`.
    pub(crate) async fn sees(&self, css: &str, text: &str) {
        let seen = tokio::time::timeout(PATIENCE, async {
            while !self.shows(css, text).await {
                tokio::task::yield_now().await;
            }
        });
        if seen.await.is_err() {
            let page = self.client.source().await.unwrap_or_default();
            panic!("never saw “{text}” in {css}:\n{page}");
        }
    }

    async fn shows(&self, css: &str, text: &str) -> bool {
        let Ok(found) = self.client.find_all(Locator::Css(css)).await else { return false };
        for element in found {
            // Replaced meanwhile: the next look finds what took its place.
            if element.text().await.is_ok_and(|shown| shown.contains(text)) {
                return true;
            }
        }
        false
    }

    /// How many elements `css` matches.
    pub(crate) async fn counts(&self, css: &str) -> usize {
        self.client.find_all(Locator::Css(css)).await.unwrap().len()
    }

    /// The six digits in the last bubble that says it is a code.
    pub(crate) async fn reads_the_code(&self) -> String {
        self.sees(".bubble.tidings .text", "is your Lakeside Clinic code").await;
        let bubbles = self.client.find_all(Locator::Css(".bubble.tidings .text")).await.unwrap();
        let text = bubbles.last().unwrap().text().await.unwrap();
        let code: String = text.chars().take_while(char::is_ascii_digit).collect();
        assert_eq!(code.len(), 6, "{text}");
        code
    }

    /// Closes the browser.
    pub(crate) async fn leaves(self) {
        self.client.clone().close().await.unwrap();
    }
}
