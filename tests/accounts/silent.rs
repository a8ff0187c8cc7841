//! Where nothing is sent, accounts say so, and nobody is locked out by it.

use crate::harness;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use sqlx::Connection as _;
use tidings::app::App;

const PASSWORD: &str = harness::callers::PASSWORD;
const NUMBER: &str = "+14155550101";
const SECRET: &str = "a secret of the tests, 32 bytes or more";
const REASON: &str = "there are no Twilio credentials, so no text leaves";

struct Silent {
    app: App,
    client: Client,
    database: String,
    token: String,
    _folder: tempfile::TempDir,
}

impl Silent {
    async fn start() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let database = format!("sqlite://{}", folder.path().join("tidings.db").display());
        let values = tidings::config::Values::from_pairs([
            ("TIDINGS_LISTEN", "127.0.0.1:0"),
            ("DATABASE_URL", database.as_str()),
            ("TIDINGS_DEMO", "off"),
            ("TIDINGS_SECRET", SECRET),
        ]);
        let config = tidings::config::Config::from_values(&values.unwrap()).unwrap();
        let app = App::start(config, tidings::clock::Clock::system()).await.unwrap();
        let client = Client::builder().no_proxy().build().unwrap();
        Self { app, client, database, token: String::new(), _folder: folder }
    }

    async fn call(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let url = format!("{}/api/v1{path}", self.app.public_url);
        let request = self.client.request(method, url).bearer_auth(&self.token).json(&body);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.call(Method::POST, path, body).await
    }

    /// The code that the person would have got.
    async fn code(&self, account_id: i64) -> String {
        let mut rows = self.app.store.numbers(account_id).await.unwrap().into_iter();
        let row = rows.find(|row| row.address == NUMBER).unwrap();
        let proof: Value = serde_json::from_str(&row.proof).unwrap();
        let nonce = proof["asked"]["issued"][0]["nonce"].as_str().unwrap().parse().unwrap();
        tidings::dialog::CodeKey::new(format!("code:{SECRET}").as_bytes()).code(NUMBER, nonce)
    }
}

#[tokio::test]
async fn where_nothing_is_sent_no_second_factor_locks_its_owner_out() {
    let mut silent = Silent::start().await;
    let asha = json!({
        "email": "asha@example.org", "password": PASSWORD, "full_name": "Asha", "phone_number": NUMBER,
    });
    let (_, user) = silent.post("/auth/register", asha).await;
    assert_eq!(user["verification"], json!({ "status": "skipped", "reason": REASON }));
    for email in ["asha@example.org", "nobody@example.org"] {
        let (status, asked) = silent.post("/auth/resend-sms", json!({ "email": email })).await;
        assert_eq!((status, asked), (202, json!({ "status": "skipped", "message": REASON })), "{email}");
    }
    let login = json!({ "email": "asha@example.org", "password": PASSWORD });
    silent.token = silent.post("/auth/login", login.clone()).await.1["access_token"].as_str().unwrap().into();
    let second = json!({ "phone_number": "+14155550102" });
    assert_eq!(silent.post("/users/me/phone-numbers", second.clone()).await.0, 201);
    // Nothing went out, so there is nothing to wait for.
    for _ in 0..7 {
        let (status, asked) = silent.post("/users/me/phone-numbers/verify", second.clone()).await;
        assert_eq!((status, &asked["status"], &asked["reason"]), (202, &json!("skipped"), &json!(REASON)));
        assert_eq!(asked["resend_after_seconds"], 0, "{asked}");
    }

    let code = silent.code(user["id"].as_str().unwrap().parse().unwrap()).await;
    let proof = json!({ "phone_number": NUMBER, "code": code });
    assert_eq!(silent.post("/users/me/phone-numbers/verify-code", proof).await.0, 200);
    let on = json!({ "second_factor": "sms", "current_password": PASSWORD });
    let (status, refused) = silent.call(Method::PATCH, "/users/me", on).await;
    assert_eq!((status, &refused["errors"][0]["field"]), (400, &json!("second_factor")), "{refused}");
    assert!(refused["detail"].as_str().unwrap().contains("no Twilio credentials"), "{refused}");

    // It was on before the credentials went.
    let mut database = sqlx::SqliteConnection::connect(&silent.database).await.unwrap();
    sqlx::query("UPDATE account SET second_factor = 'sms'").execute(&mut database).await.unwrap();
    sqlx::query("UPDATE account_number SET takes_sign_ins = TRUE WHERE is_primary")
        .execute(&mut database)
        .await
        .unwrap();
    let (status, refused) = silent.post("/auth/login", login.clone()).await;
    assert_eq!((status, &refused["code"]), (403, &json!("nothing_sent")), "{refused}");
    for said in ["no Twilio credentials", "PATCH /users/me", "ask an admin"] {
        assert!(refused["detail"].as_str().unwrap().contains(said), "{refused}");
    }
    let off = json!({ "second_factor": "none", "current_password": PASSWORD });
    assert_eq!(silent.call(Method::PATCH, "/users/me", off).await.0, 200);
    assert_eq!(silent.post("/auth/login", login).await.0, 200);
    silent.app.stop().await;
}
