//! `/bookings` as programs see it.

mod support;

use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};
use support::Server;

struct Client {
    server: Server,
    token: String,
}

impl Client {
    async fn call(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let url = self.server.url(&format!("/api/v1/bookings{path}"));
        let request = self.server.http.request(method, url).bearer_auth(&self.token);
        let request = if body.is_null() { request } else { request.json(&body) };
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    async fn book(&self, body: Value) -> (u16, Value) {
        self.call(Method::POST, "", body).await
    }

    async fn list(&self, query: &str) -> Vec<String> {
        let (status, page) = self.call(Method::GET, query, Value::Null).await;
        assert_eq!(status, 200, "{query}: {page}");
        let items = page["items"].as_array().unwrap().iter();
        items.map(|booking| booking["title"].as_str().unwrap().to_owned()).collect()
    }
}

async fn each(test: impl AsyncFn(&Client)) {
    for fresh in support::engines().await {
        let server = support::serve(fresh, &[("TIDINGS_DEFAULT_TIME_ZONE", "America/New_York")]).await;
        let token = server.api_token("bookings:read bookings:write").await;
        let client = Client { server, token };
        test(&client).await;
        client.server.app.stop().await;
    }
}

/// Days from now, to the second.
fn ahead(days: i64) -> String {
    let at = tidings::clock::Clock::system().now() + SignedDuration::from_hours(24 * days);
    Timestamp::from_second(at.as_second()).unwrap().to_string()
}

#[tokio::test]
async fn a_booking_is_made_changed_and_cancelled() {
    each(async |client| {
        let (starts_at, later) = (ahead(10), ahead(12));
        let body = json!({"phone_number": "(415) 555-0123", "title": " Check-up ", "starts_at": starts_at});
        let (status, made) = client.book(body).await;
        assert_eq!(status, 201, "{made}");
        let id = made["id"].as_str().unwrap().to_owned();
        for (field, value) in [
            ("phone_number", json!("+14155550123")),
            ("title", json!("Check-up")),
            ("location", json!(null)),
            ("starts_at", json!(starts_at)),
            ("time_zone", json!("America/Los_Angeles")),
            ("status", json!("pending")),
            ("answer", json!(null)),
            ("remind_before_minutes", json!([1440])),
            ("next_reminder_at", json!(ahead_of(&starts_at, 1440))),
        ] {
            assert_eq!(made[field], value, "{field}");
        }
        let path = format!("/{id}");
        assert_eq!(client.call(Method::GET, &path, Value::Null).await, (200, made));

        let changes = json!({"starts_at": later, "location": "Room 5", "time_zone": "asia/kathmandu",
            "remind_before_minutes": [60, 2880, 60]});
        let (status, moved) = client.call(Method::PATCH, &path, changes).await;
        assert_eq!((status, &moved["time_zone"]), (200, &json!("Asia/Kathmandu")), "{moved}");
        assert_eq!(moved["remind_before_minutes"], json!([2880, 60]));
        assert_eq!(moved["next_reminder_at"], json!(ahead_of(&later, 2880)));
        let away = json!({"location": null, "time_zone": null});
        let (_, away) = client.call(Method::PATCH, &path, away).await;
        assert_eq!((&away["location"], &away["time_zone"]), (&json!(null), &json!("America/Los_Angeles")));
        assert_eq!(away["starts_at"], json!(later));

        let cancel = format!("/{id}/cancel");
        for _ in 0..2 {
            let (status, cancelled) = client.call(Method::POST, &cancel, Value::Null).await;
            assert_eq!((status, &cancelled["status"]), (200, &json!("cancelled")));
            assert_eq!(cancelled["next_reminder_at"], json!(null));
        }
        let (status, problem) = client.call(Method::PATCH, &path, json!({"title": "x"})).await;
        assert_eq!((status, &problem["code"]), (409, &json!("booking_cancelled")));
    })
    .await;
}

fn ahead_of(starts_at: &str, minutes: i64) -> String {
    let at: Timestamp = starts_at.parse().unwrap();
    (at - SignedDuration::from_mins(minutes)).to_string()
}

#[tokio::test]
async fn bookings_are_listed_by_number_and_status_in_pages() {
    each(async |client| {
        for (phone, title) in [("+14155550123", "A"), ("+14155550124", "B"), ("+14155550123", "C")] {
            let (status, made) =
                client.book(json!({"phone_number": phone, "title": title, "starts_at": ahead(3)})).await;
            assert_eq!(status, 201, "{made}");
            if title == "A" {
                let path = format!("/{}/cancel", made["id"].as_str().unwrap());
                client.call(Method::POST, &path, Value::Null).await;
            }
        }
        assert_eq!(client.list("").await, ["C", "B", "A"]);
        assert_eq!(client.list("?phone_number=%2B14155550123").await, ["C", "A"]);
        assert_eq!(client.list("?status=cancelled").await, ["A"]);
        assert_eq!(client.list("?status=pending&phone_number=415-555-0123").await, ["C"]);
        assert_eq!(client.list("?status=past").await, [""; 0]);
        assert_eq!(client.list("?phone_number=%2B14155550199").await, [""; 0]);
        let (_, page) = client.call(Method::GET, "?limit=2", Value::Null).await;
        let cursor = page["next_cursor"].as_str().unwrap();
        assert_eq!(client.list(&format!("?limit=2&cursor={cursor}")).await, ["A"]);
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_is_named_by_its_field() {
    each(async |client| {
        let right = json!({"phone_number": "+14155550123", "title": "Check-up", "starts_at": ahead(3)});
        for (field, value) in [
            ("phone_number", json!("12")),
            ("phone_number", json!("ACME")),
            ("title", json!("")),
            ("title", json!("two\nlines")),
            ("title", json!("x".repeat(81))),
            ("location", json!(" ")),
            ("starts_at", json!("tomorrow")),
            ("starts_at", json!("2020-01-01T00:00:00Z")),
            ("starts_at", json!("2099-01-01T00:00:00Z")),
            ("time_zone", json!("Mars/Olympus")),
            ("remind_before_minutes", json!([4])),
            ("remind_before_minutes", json!([1, 2, 3, 4, 5, 6, 7, 8, 9])),
            ("colour", json!("red")),
        ] {
            let mut body = right.clone();
            body[field] = value.clone();
            let (status, problem) = client.book(body).await;
            assert_eq!((status, &problem["code"]), (400, &json!("invalid_request")), "{field} {value}");
            assert_eq!(problem["errors"][0]["field"], json!(field), "{value}: {problem}");
        }
        for wrong in
            [json!("tomorrow"), json!("2030-01-07T15:30:00"), json!("07/01/2030"), json!(5), json!(null)]
        {
            let mut body = right.clone();
            body["starts_at"] = wrong.clone();
            let said = client.book(body).await.1["errors"][0]["message"].as_str().unwrap().to_owned();
            assert!(said.starts_with("must be a date and time with its offset"), "{wrong}: {said}");
            assert!(said.contains("such as 2030-01-07T15:30:00Z or 2030-01-07T10:30:00-05:00"), "{said}");
        }
        let mut body = right.clone();
        body["starts_at"] = json!("2030-01-07T10:30:00+25:00");
        let (status, problem) = client.book(body).await;
        let said = json!({"field": "starts_at", "message": "must have an offset from UTC that is from -23:59 to +23:59"});
        assert_eq!((status, &problem["errors"]), (400, &json!([said])));
        let (status, made) = client.book(right).await;
        assert_eq!(status, 201);
        let path = format!("/{}", made["id"].as_str().unwrap());
        let (status, problem) =
            client.call(Method::PATCH, &path, json!({"starts_at": "2020-01-01T00:00:00Z"})).await;
        assert_eq!((status, &problem["errors"][0]["field"]), (400, &json!("starts_at")));
        let (status, problem) = client.call(Method::PATCH, &path, json!({"starts_at": "soon"})).await;
        assert!(status == 400 && problem["detail"].as_str().unwrap().contains("2030-01-07T15:30:00Z"));
        for (method, path) in [(Method::GET, "/1"), (Method::GET, "/x"), (Method::POST, "/1/cancel")] {
            assert_eq!(client.call(method, path, Value::Null).await.0, 404, "{path}");
        }
        assert_eq!(client.call(Method::GET, "?status=lost", Value::Null).await.0, 400);
        assert_eq!(client.call(Method::GET, "?status=past&status=pending", Value::Null).await.0, 400);
    })
    .await;
}

#[tokio::test]
async fn only_who_may_write_writes() {
    for fresh in support::engines().await {
        let server = support::serve(fresh, &[]).await;
        let token = server.api_token("bookings:read").await;
        let client = Client { server, token };
        assert_eq!(client.list("").await, [""; 0]);
        let body = json!({"phone_number": "+14155550123", "title": "Check-up", "starts_at": ahead(3)});
        assert_eq!(client.book(body).await.0, 403);
        assert_eq!(client.call(Method::PATCH, "/1", json!({})).await.0, 403);
        assert_eq!(client.call(Method::POST, "/1/cancel", Value::Null).await.0, 403);
        client.server.app.stop().await;
    }
}
