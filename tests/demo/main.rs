//! The demo's pages and endpoints over HTTP, as a browser without scripts, a program and an attacker use them.

mod clock_and_faults;
mod conversation;
mod page;
mod phone;
#[path = "../support/demo.rs"]
mod support;
#[path = "../support/typed.rs"]
mod typed;

use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;
use support::Demo;

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
