//! The demo's pages and endpoints over HTTP, as a browser without scripts, a program and an attacker use them.

#[path = "support/demo.rs"]
mod support;

use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};
use support::{Demo, config, start, start_in};
use tempfile::TempDir;
use tidings::app::App;
use tidings::clock::Clock;
use tidings::config::{Secret, Sender, Twilio};
use tidings::phone::Phone;

const ASHA: &str = "+14155550123";

fn client() -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().redirect(Policy::none()).build().unwrap()
}

impl Demo {
    async fn get(&self, path: &str) -> Response {
        client().get(format!("{}{path}", self.url)).send().await.unwrap()
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Response {
        client().post(format!("{}{path}", self.url)).form(form).send().await.unwrap()
    }

    /// Types on Asha's handset as the page's form does, and waits until everything was delivered.
    async fn text(&self, body: &str) {
        let answer = self.post("/demo", &[("phone", ASHA), ("body", body)]).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        assert_eq!(answer.headers()["location"], "/demo?phone=%2B14155550123");
        self.app.carrier.as_ref().unwrap().idle().await;
    }

    async fn page(&self) -> String {
        self.get("/demo?phone=%2B14155550123").await.text().await.unwrap()
    }

    async fn state(&self) -> Value {
        self.get("/demo/state?phone=%2B14155550123").await.json().await.unwrap()
    }

    async fn register(&self) {
        self.text("REGISTER").await;
        self.text("Asha Rai").await;
        let code = self.state().await["code"].as_str().unwrap().to_owned();
        self.text(&code).await;
    }
}

#[tokio::test]
async fn a_person_registers_stops_and_resumes_by_plain_forms() {
    let demo = start().await;
    assert!(demo.page().await.contains("Nothing here yet"));

    demo.text("REGISTER").await;
    let state = demo.state().await;
    assert_eq!(state["person"]["state"], "naming");
    assert_eq!(state["heard"]["intent"], "register");
    let question = &state["messages"][1];
    assert_eq!((&question["from"], &question["status"]), (&"tidings".into(), &"delivered".into()));
    assert_eq!((&question["purpose"], &question["segments"]), (&"reply".into(), &1.into()));

    demo.text("Asha Rai").await;
    let state = demo.state().await;
    assert_eq!(state["person"]["code"]["tries_left"], 5);
    let code = state["code"].as_str().unwrap();
    assert!(demo.page().await.contains(&format!("<p class=\"text\">{code} is your Lakeside Clinic code.")));
    assert_eq!(state["quick_replies"][0], code);

    demo.text(code).await;
    let state = demo.state().await;
    assert_eq!(state["person"]["state"], "member");
    assert_eq!((&state["person"]["name"], &state["code"]), (&"Asha Rai".into(), &Value::Null));
    assert!(demo.page().await.contains("Welcome to Lakeside Clinic, Asha Rai!"));

    demo.text("STOP").await;
    let before = demo.state().await;
    assert_eq!(before["person"]["consent"], "withdrawn");
    demo.text("Are you still there?").await;
    let after = demo.state().await;
    let count = |state: &Value| state["messages"].as_array().unwrap().len();
    assert_eq!(count(&after), count(&before) + 1, "only their own text came on top");

    demo.text("START").await;
    assert_eq!(demo.state().await["person"]["consent"], "given");
    demo.app.stop().await;
}

#[tokio::test]
async fn a_forgotten_person_is_shown_as_such_until_they_return() {
    let demo = start().await;
    demo.register().await;
    demo.text("FORGET ME").await;
    let person = demo.state().await["person"].clone();
    assert_eq!((&person["forgotten"], &person["consent"]), (&true.into(), &"withdrawn".into()));
    assert_eq!((&person["name"], &person["state"]), (&Value::Null, &"stranger".into()));
    assert!(demo.page().await.contains("keyed hash"));
    demo.text("START").await;
    let person = demo.state().await["person"].clone();
    assert_eq!((&person["forgotten"], &person["consent"]), (&false.into(), &"given".into()));
    demo.app.stop().await;
}

#[tokio::test]
async fn a_page_allows_no_inline_script_and_no_foreign_source() {
    let demo = start().await;
    let answer = demo.get("/demo").await;
    let headers = answer.headers().clone();
    let policy = headers["content-security-policy"].to_str().unwrap();
    for part in [
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.split("; ").any(|directive| directive == part), "{part} in {policy}");
    }
    assert_eq!(headers["x-content-type-options"], "nosniff");
    let page = answer.text().await.unwrap();
    for forbidden in ["<style", " style=", "<script>", " onclick", "javascript:", "src=\"http", "href=\"http"]
    {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    for (asset, kind) in
        [("demo.js", "text/javascript"), ("demo.css", "text/css"), ("tidings.svg", "image/svg")]
    {
        let answer = demo.get(&format!("/assets/{asset}")).await;
        assert!(answer.headers()["content-type"].to_str().unwrap().starts_with(kind));
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        let url = format!("{}/assets/{asset}", demo.url);
        let again =
            client().get(url).header("if-none-match", &answer.headers()["etag"]).send().await.unwrap();
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    }
    for outside in ["/assets/nothing.js", "/assets/..%2fCargo.toml", "/assets/%2e%2e%2fCargo.toml"] {
        assert_eq!(demo.get(outside).await.status(), StatusCode::NOT_FOUND, "{outside}");
    }
    demo.app.stop().await;
}

#[tokio::test]
async fn what_people_type_is_shown_as_text() {
    let demo = start().await;
    let hostile = "<script>alert(1)</script><img src=x onerror=alert(1)> \"' {{ 7*7 }}";
    demo.text(hostile).await;
    demo.text("REGISTER").await;
    demo.text("O'Neil & Sons").await;
    let page = demo.page().await;
    assert!(!page.contains("<script>alert") && !page.contains("<img src=x"));
    assert!(page.contains("&lt;script&gt;alert(1)") && page.contains("{{ 7*7 }}"));
    let answer = demo.get("/demo?phone=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E").await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    assert!(!answer.text().await.unwrap().contains("<script>alert"));
    demo.app.stop().await;
}

#[tokio::test]
async fn other_sites_may_change_nothing_and_read_nothing() {
    let demo = start().await;
    let host = demo.url.trim_start_matches("http://").to_owned();
    let routes = [
        ("/demo", vec![("phone", ASHA), ("body", "STOP")]),
        ("/demo/texts", vec![("from", ASHA), ("body", "STOP")]),
        ("/demo/clock", vec![("phone", ASHA), ("minutes", "60")]),
        ("/demo/faults", vec![("phone", ASHA), ("fault", "callback_lost")]),
    ];
    for (path, form) in &routes {
        for (name, value) in [
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("origin", "http://127.0.0.1:1"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("host", "evil.example"),
        ] {
            let request = client().post(format!("{}{path}", demo.url)).header(name, value).form(form);
            let status = request.send().await.unwrap().status();
            assert_eq!(status, StatusCode::FORBIDDEN, "{path} with {name}: {value}");
        }
    }
    // A name that leads here but belongs to somebody else: its pages would count as ours.
    for path in ["/demo", "/demo/state", "/demo/events"] {
        let request = client().get(format!("{}{path}", demo.url)).header("host", "evil.example");
        assert_eq!(request.send().await.unwrap().status(), StatusCode::FORBIDDEN, "{path}");
    }
    assert!(demo.app.carrier.as_ref().unwrap().conversation(ASHA).is_empty());

    let own = client().post(format!("{}/demo/texts", demo.url)).form(&routes[1].1);
    let own = own.header("origin", format!("http://{host}")).header("sec-fetch-site", "same-origin");
    assert_eq!(own.send().await.unwrap().status(), StatusCode::OK);
    demo.app.stop().await;
}

#[tokio::test]
async fn there_is_no_demo_where_texts_are_real() {
    let folder = TempDir::new().unwrap();
    let twilio = Twilio {
        twiml_app_sid: None,
        account_sid: "AC00000000000000000000000000000000".to_owned(),
        auth_token: Secret::new("00000000000000000000000000000000".to_owned()),
        auth_token_previous: None,
        api_key: None,
        sender: Sender::Number(Phone::from_e164("+14155238886").unwrap()),
        whatsapp: None,
        api_base: "http://127.0.0.1:9".to_owned(),
    };
    let app = App::start(config(folder.path(), Some(twilio)), Clock::system()).await.unwrap();
    for path in ["/demo", "/demo/state", "/demo/events"] {
        let answer = client().get(format!("{}{path}", app.public_url)).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
    }
    for path in ["/demo", "/demo/texts", "/demo/clock", "/demo/faults"] {
        let request = client().post(format!("{}{path}", app.public_url));
        let answer = request.form(&[("from", ASHA), ("body", "REGISTER")]).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
    }
    let output = phone(&app.public_url, "REGISTER\n").await;
    assert!(String::from_utf8_lossy(&output.stderr).contains("runs no demo"));
    app.stop().await;
}

#[tokio::test]
async fn errors_say_what_to_do_and_keep_what_was_typed() {
    let demo = start().await;
    let long = "x".repeat(1601);
    for (form, hint) in [
        ([("phone", ASHA), ("body", "   ")], "type a text first"),
        ([("phone", ASHA), ("body", &long)], "shorten it"),
        ([("phone", "12"), ("body", "REGISTER")], "The number is too short"),
        ([("phone", "+15005550006"), ("body", "REGISTER")], "number that you text to"),
    ] {
        let answer = demo.post("/demo", &form).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{hint}");
        let page = answer.text().await.unwrap();
        assert!(page.contains(hint) && page.contains("aria-invalid=\"true\""), "{hint}");
    }
    let huge = "x".repeat(40_000);
    let answer = demo.post("/demo", &[("phone", ASHA), ("body", &huge)]).await;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert!(demo.app.carrier.as_ref().unwrap().conversation(ASHA).is_empty());
    demo.app.stop().await;
}

#[tokio::test]
async fn the_clock_moves_and_a_code_expires_with_it() {
    let demo = start().await;
    demo.text("REGISTER").await;
    demo.text("Asha Rai").await;
    let before = demo.clock.now();
    let answer = demo.post("/demo/clock", &[("phone", ASHA), ("minutes", "10")]).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert!(demo.clock.now().duration_since(before) >= jiff::SignedDuration::from_mins(10));
    let state = demo.state().await;
    assert_eq!((&state["person"]["code"]["expired"], &state["code"]), (&true.into(), &Value::Null));
    for minutes in ["0", "-5", "999999999999", "soon"] {
        let status = demo.post("/demo/clock", &[("phone", ASHA), ("minutes", minutes)]).await.status();
        assert!(status.is_client_error(), "{minutes}: {status}");
    }
    demo.app.stop().await;
}

#[tokio::test]
async fn a_command_goes_by_the_clock_that_was_moved() {
    let demo = start().await;
    assert_eq!(
        demo.post("/demo/clock", &[("phone", ASHA), ("minutes", "1440")]).await.status(),
        StatusCode::SEE_OTHER
    );
    let database = format!("sqlite://{}", demo.folder.path().join("demo.db").display());
    let run = move || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
        command.args(["send-test", ASHA, "--json", "--wait", "20"]).env("DATABASE_URL", database);
        command.env("TIDINGS_SECRET", "a secret of at least thirty-two bytes").output().unwrap()
    };
    let output = tokio::task::spawn_blocking(run).await.unwrap();
    let said: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    assert_eq!(said["status"], "delivered", "{said}");
    demo.app.stop().await;
}

#[tokio::test]
async fn faults_are_switched_on_and_off_again() {
    let demo = start().await;
    let is_on = async |name: &str| {
        let state = demo.state().await;
        let faults = state["faults"].as_array().unwrap();
        faults.iter().find(|fault| fault["name"] == name).unwrap()["on"] == true
    };
    let names: Vec<String> = demo.state().await["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| fault["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names.len(), 11);
    for name in &names {
        for expected in [true, false] {
            let answer = demo.post("/demo/faults", &[("phone", ASHA), ("fault", name)]).await;
            assert_eq!(answer.status(), StatusCode::SEE_OTHER);
            assert_eq!(is_on(name).await, expected, "{name}");
        }
    }
    let unknown = demo.post("/demo/faults", &[("phone", ASHA), ("fault", "gremlins")]).await;
    assert_eq!(unknown.status(), StatusCode::BAD_REQUEST);

    for (path, form, field) in [
        ("/demo/clock", [("minutes", "10")], "phone"),
        ("/demo/faults", [("phone", ASHA)], "fault"),
        ("/demo/texts", [("from", ASHA)], "body"),
    ] {
        let answer = demo.post(path, &form).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{path}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json", "{path}");
        let problem: Value = answer.json().await.unwrap();
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    let answer = demo.get("/demo/texts").await;
    assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.headers()["allow"], "POST");
    assert_eq!(answer.headers()["content-type"], "application/problem+json");

    demo.post("/demo/faults", &[("phone", ASHA), ("fault", "handset_off")]).await;
    demo.text("REGISTER").await;
    let state = demo.state().await;
    let question = &state["messages"][1];
    assert_eq!((&question["status"], &question["error_code"]), (&"undelivered".into(), &30_003.into()));
    assert!(demo.page().await.contains("not delivered"));
    demo.app.stop().await;
}

#[tokio::test]
async fn a_program_texts_with_one_line_of_curl() {
    let demo = start().await;
    let form = [("from", "(415) 555-0123"), ("body", "REGISTER")];
    let plain = demo.post("/demo/texts", &form).await;
    assert!(plain.headers()["content-type"].to_str().unwrap().starts_with("text/plain"));
    assert_eq!(plain.text().await.unwrap(), "Lakeside Clinic: happy to have you! What is your name?\n");
    let request = client().post(format!("{}/demo/texts", demo.url)).header("accept", "application/json");
    let answer: Value =
        request.form(&[("from", ASHA), ("body", "STOP")]).send().await.unwrap().json().await.unwrap();
    assert_eq!((&answer["from"], &answer["replies"]), (&ASHA.into(), &serde_json::json!([])));
    assert!(answer["carrier_reply"].as_str().unwrap().contains("unsubscribed"));
    let wrong = demo.post("/demo/texts", &[("from", "nobody"), ("body", "REGISTER")]).await;
    assert_eq!(wrong.status(), StatusCode::BAD_REQUEST);
    let problem: Value = wrong.json().await.unwrap();
    assert_eq!(problem["errors"][0]["field"], "from");
    demo.app.stop().await;
}

#[tokio::test]
async fn who_follows_hears_of_each_change_and_holds_up_no_stop() {
    let demo = start().await;
    let mut follower = demo.get("/demo/events?phone=%2B14155550123").await;
    assert_eq!(follower.headers()["content-type"], "text/event-stream");
    let mut heard = String::new();
    demo.post("/demo/texts", &[("from", ASHA), ("body", "REGISTER")]).await;
    while !heard.contains("\"status\":\"delivered\"") {
        heard.push_str(&String::from_utf8_lossy(&follower.chunk().await.unwrap().unwrap()));
    }
    assert!(heard.starts_with("event: state\ndata: {"));
    let stopping = tidings::clock::stopwatch();
    demo.app.stop().await;
    assert!(stopping.elapsed() < std::time::Duration::from_secs(5), "an open stream does not hold up a stop");
    while let Ok(Some(_)) = follower.chunk().await {}
}

#[tokio::test]
async fn a_conversation_outlives_a_restart_without_its_codes() {
    let demo = start().await;
    demo.register().await;
    let bubbles = demo.state().await["messages"].as_array().unwrap().len();
    demo.app.stop().await;
    let demo = start_in(demo.folder).await;
    let state = demo.state().await;
    let messages = state["messages"].as_array().unwrap();
    assert_eq!(messages.len(), bubbles);
    let bodies: Vec<&str> = messages.iter().map(|message| message["body"].as_str().unwrap()).collect();
    assert!(bodies.contains(&"REGISTER") && bodies.contains(&"******"));
    assert!(bodies.iter().all(|body| !body.chars().filter(char::is_ascii_digit).count().ge(&6)));
    assert_eq!(state["person"]["state"], "member");
    demo.app.stop().await;
}

#[tokio::test]
async fn the_phone_on_a_pipe_holds_the_whole_conversation() {
    let demo = start().await;
    let output = phone(&demo.url, "REGISTER\nAsha Rai\n\n{code}\nSTATUS\nSTOP\nhello\nSTART\n").await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let expected = [
        "What is your name?",
        "is your Lakeside Clinic code",
        "Welcome to Lakeside Clinic, Asha Rai!",
        "you are registered as Asha Rai",
        "unsubscribed",
        "re-subscribed",
    ];
    assert_eq!(lines.len(), expected.len(), "{text}");
    for (line, part) in lines.iter().zip(expected) {
        assert!(line.contains(part), "{part} in {line}");
    }
    let url = demo.url.clone();
    demo.app.stop().await;
    let output = phone(&url, "REGISTER\n").await;
    assert_eq!(output.status.code(), Some(1));
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(complaint.contains("start it with: tidings"), "{complaint}");
}

/// Runs `tidings phone` with `input` on its pipe.
async fn phone(url: &str, input: &str) -> Output {
    let (url, input) = (url.to_owned(), input.to_owned());
    let run = move || {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tidings"))
            .args(["phone", "--from", ASHA, "--url", &url])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Gone before it read everything: its output says why.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}
