//! The page: what it lets in, what it shows, and what it says about errors.

use crate::phone::phone;
use crate::support::{config, start};
use crate::{ASHA, client};
use reqwest::{Response, StatusCode};
use serde_json::Value;
use tempfile::TempDir;
use tidings::app::App;
use tidings::clock::Clock;
use tidings::config::{Secret, Sender, Twilio};
use tidings::phone::Phone;

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

/// Asks for `path` of the server at `url` as a browser does.
async fn browse(url: &str, path: &str) -> Response {
    let kinds = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    client().get(format!("{url}{path}")).header("accept", kinds).send().await.unwrap()
}

#[tokio::test]
async fn a_browser_that_comes_to_nowhere_is_told_where_to_go_on() {
    let demo = start().await;
    let shown = demo.get("/demo").await;
    for path in ["/nope", "/demo/%3Cscript%3E", "/f", "/f/a/b", "/api"] {
        let answer = browse(&demo.url, path).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8", "{path}");
        for name in ["content-security-policy", "x-frame-options", "referrer-policy", "cache-control"] {
            assert_eq!(answer.headers()[name], shown.headers()[name], "{path}");
        }
        let page = answer.text().await.unwrap();
        for (way, status) in [("/", StatusCode::SEE_OTHER), ("/api/docs", StatusCode::OK)] {
            assert!(page.contains(&format!("<a href=\"{way}\">")), "{path}: {page}");
            assert_eq!(browse(&demo.url, way).await.status(), status, "{way}");
        }
        assert!(page.contains("/assets/nowhere.css") && !page.contains("script"), "{page}");
    }
    assert_eq!(demo.get("/assets/nowhere.css").await.status(), StatusCode::OK);
    let by_program = [("/nope", "*/*"), ("/nope", "application/json"), ("/api/nope", "text/html")];
    for (path, accept) in by_program.into_iter().chain([("/api/v1/nope", "text/html")]) {
        let request = client().get(format!("{}{path}", demo.url)).header("accept", accept);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json", "{path}, {accept}");
        let problem: Value = answer.json().await.unwrap();
        assert_eq!(problem["detail"], format!("there is no {path}"));
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
    let page = browse(&app.public_url, "/").await.text().await.unwrap();
    assert!(page.contains("href=\"/api/docs\"") && !page.contains("href=\"/\""), "{page}");
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
