//! The tip library through the API.

mod support;

use serde_json::{Value, json};
use support::{Server, fields};

async fn send(request: reqwest::RequestBuilder, token: &str) -> (u16, Value) {
    let response = request.bearer_auth(token).send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or_default())
}

async fn post(server: &Server, token: &str, path: &str, body: Value) -> (u16, Value) {
    send(server.http.post(server.url(path)).json(&body), token).await
}

/// The fields that a problem names.
fn named(problem: &Value) -> Vec<&str> {
    let errors = problem["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    errors.iter().filter_map(|error| error["field"].as_str()).collect()
}

#[tokio::test]
async fn a_tip_is_added_shown_changed_and_taken_out_of_use() {
    for fresh in support::engines().await {
        let server = support::serve(fresh, &[]).await;
        let reader = server.api_token("tips:read").await;
        let writer = server.api_token("tips:write tips:read").await;
        let tip = json!({"locale": "en", "position": 1, "body": " Drink water. "});
        assert_eq!(post(&server, &reader, "/api/v1/tips", tip.clone()).await.0, 403);
        let (status, made) = post(&server, &writer, "/api/v1/tips", tip.clone()).await;
        assert_eq!((status, &made["body"], &made["segments"]), (201, &json!("Drink water."), &json!(1)));
        let (status, taken) = post(&server, &writer, "/api/v1/tips", tip.clone()).await;
        assert_eq!((status, &taken["code"]), (409, &json!("place_taken")));

        let (status, wrong) =
            post(&server, &writer, "/api/v1/tips", json!({"locale": "e", "position": 0, "body": ""})).await;
        assert_eq!((status, named(&wrong)), (400, vec!["locale", "position", "body"]));
        let (status, wrong) =
            post(&server, &writer, "/api/v1/tips", json!({"locale": "en", "position": "1", "body": "x"}))
                .await;
        assert_eq!((status, named(&wrong)), (400, vec!["position"]));

        let nobodys = json!({"locale": "xx", "position": 1, "body": "x"});
        let (status, wrong) = post(&server, &writer, "/api/v1/tips", nobodys).await;
        assert_eq!((status, named(&wrong)), (400, vec!["locale"]));
        assert!(wrong["errors"][0]["message"].as_str().unwrap().starts_with("must be one of en"), "{wrong}");

        let path = format!("/api/v1/tips/{}", made["id"].as_str().unwrap());
        let change = |body: Value| send(server.http.patch(server.url(&path)).json(&body), &writer);
        let (status, changed) = change(json!({"body": "Drink more water."})).await;
        assert_eq!((status, &changed["body"]), (200, &json!("Drink more water.")));
        assert_eq!(change(json!({"position": 7})).await.0, 400);
        assert_eq!(change(json!({"body": "  "})).await.0, 400);

        let (status, gone) = send(server.http.delete(server.url(&path)), &writer).await;
        assert_eq!((status, &gone["active"]), (200, &json!(false)));
        // Its place is free for another, and then it can't come back.
        assert_eq!(post(&server, &writer, "/api/v1/tips", tip).await.0, 201);
        assert_eq!(change(json!({"active": true})).await.0, 409);

        let (_, page) = server.get(&reader, "/api/v1/tips?limit=1").await;
        assert_eq!(page["items"].as_array().unwrap().len(), 1);
        let rest = format!("/api/v1/tips?cursor={}", page["next_cursor"].as_str().unwrap());
        assert_eq!(server.get(&reader, &rest).await.1["items"][0]["id"], made["id"]);
        for path in ["/api/v1/tips/1", "/api/v1/tips/one"] {
            assert_eq!(server.get(&reader, path).await.0, 404);
        }
        server.app.stop().await;
    }
}

#[tokio::test]
async fn an_import_tells_of_every_row_what_came_of_it() {
    for fresh in support::engines().await {
        let server = support::serve(fresh, &[]).await;
        let token = server.api_token("tips:write tips:read").await;
        let import = |kind: &'static str, body: &str| {
            let request = server.http.post(server.url("/api/v1/tips/import"));
            send(request.header("Content-Type", kind).body(body.to_owned()), &token)
        };
        let csv = "\u{feff}locale,position,date,body\nen,1,,\"Walk, then rest.\"\nen,2,,Sleep\n\
                   ne,,2026-12-25,चाड\nen,2,,Sleep\nen,2,,Other words\nen,x,,Bad number\n,3,,No language\nen,3,,\n";
        let (status, done) = import("text/csv", csv).await;
        assert_eq!(status, 200, "{done}");
        let counts = ["created", "unchanged", "refused"].map(|name| done[name].as_i64().unwrap());
        assert_eq!(counts, [3, 1, 4], "{done}");
        let rows: Vec<i64> =
            done["errors"].as_array().unwrap().iter().map(|error| error["row"].as_i64().unwrap()).collect();
        assert_eq!(rows, [5, 6, 7, 8]);
        let position = &done["errors"][1]["errors"][0];
        assert_eq!(
            (position["field"].as_str(), position["message"].as_str()),
            (Some("position"), Some("line 7: must be a whole number from 1 to 1000000"))
        );
        // Again: nothing is added twice.
        let again = import("text/csv; charset=utf-8", csv).await.1;
        assert_eq!((again["created"].as_i64(), again["unchanged"].as_i64()), (Some(0), Some(4)));

        // As a spreadsheet writes it.
        let done =
            import("text/csv", "Locale;BODY;Position\r\nen;Stretch, a little.;20\r\n;;\r\nxx;x;21\r\n")
                .await
                .1;
        assert_eq!((done["created"].as_i64(), done["refused"].as_i64()), (Some(1), Some(1)), "{done}");
        assert!(
            done["errors"][0]["errors"][0]["message"].as_str().unwrap().starts_with("line 4: must be one of")
        );

        let list = json!([
            {"locale": "en", "position": 9, "body": "Nine"},
            {"locale": "en", "body": "Nowhere"},
            {"locale": "en", "position": 10, "text": "Wrong name"},
            "no tip",
            ["en", "Values without their names", 11, null],
        ]);
        let done = import("application/json", &list.to_string()).await.1;
        assert_eq!((done["created"].as_i64(), done["refused"].as_i64()), (Some(1), Some(4)), "{done}");
        assert_eq!(named(&done["errors"][0]), ["position"]);
        assert_eq!(named(&done["errors"][3]), ["row"]);
        assert_eq!(done["errors"][3]["errors"][0]["message"], "must be a JSON object");

        for (kind, body, expected) in [
            ("application/json", "{}", 400),
            ("text/csv", "position,body\n1,x\n", 400),
            ("text/csv", "locale,body,place\nen,x,1\n", 400),
            ("text/plain", "x", 415),
        ] {
            assert_eq!(import(kind, body).await.0, expected, "{kind} {body}");
        }
        assert_eq!(import("text/csv", &"x".repeat(1024 * 1024 + 1)).await.0, 413);
        let summary = server.get(&token, "/api/v1/tips/subscriptions/summary").await.1;
        assert_eq!((&summary["tips_in_use"], &summary["subscribed"]), (&json!(5), &json!(0)));
        server.app.stop().await;
    }
}

#[tokio::test]
async fn a_choice_made_by_text_shows_in_the_api() {
    for fresh in support::engines().await {
        let server = support::serve(fresh, &[("TIDINGS_OPT_OUT_REPLIES", "tidings")]).await;
        let token = server.api_token("tips:read contacts:read").await;
        let person = "+14155550123";
        let path = format!("/api/v1/contacts/{person}/tips");
        server.sms(&fields(person, "REGISTER")).await;
        assert_eq!(server.get(&token, &path).await.1["on"], json!(false));
        let answer = server.sms(&fields(person, "Asha")).await.text().await.unwrap();
        let digits = answer.split("<Message").nth(1).and_then(|rest| rest.split_once('>')).unwrap().1;
        server.sms(&fields(person, &digits[..6])).await;
        server.sms(&fields(person, "TIPS 19:30")).await;
        let (_, shown) = server.get(&token, &path).await;
        assert_eq!((&shown["on"], &shown["time"]), (&json!(true), &json!("19:30")));
        assert!(shown["next_tip_at"].as_str().is_some_and(|at| at.ends_with(":30:00Z")), "{shown}");
        assert_eq!(server.get(&token, "/api/v1/tips/subscriptions/summary").await.1["subscribed"], json!(1));
        server.sms(&fields(person, "TIPS OFF")).await;
        let (_, shown) = server.get(&token, &path).await;
        assert_eq!((&shown["on"], &shown["next_tip_at"]), (&json!(false), &Value::Null));
        server.app.stop().await;
    }
}
