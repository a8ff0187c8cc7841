//! Things to ask about: without them most answers would be that there is nothing.

use super::harness::Stage;
use serde_json::{Value, json};

/// What is made, and under which paths its id belongs.
fn things(number: usize) -> Vec<(&'static str, Value, &'static str)> {
    let phone = format!("+1415555010{number}");
    vec![
        (
            "/bookings",
            json!({ "phone_number": phone, "title": "Check-up", "starts_at": "2030-01-07T15:30:00Z" }),
            "id",
        ),
        (
            "/forms",
            json!({ "phone_number": phone, "title": "Questions", "url": "https://example.org/" }),
            "id",
        ),
        ("/groups", json!({ "name": format!("Nurses {number}"), "members": [phone] }), "id"),
        ("/tips", json!({ "locale": "en", "body": "Drink water.", "position": number + 1 }), "id"),
        ("/campaigns", json!({ "name": "Flu", "body": "Flu shots are here." }), "id"),
        ("/messages", json!({ "to": phone, "body": "Please call us.", "purpose": "alert" }), "id"),
        ("/webhook-endpoints", json!({ "url": "https://example.org/hooks" }), "id"),
        ("/sms/test", json!({ "phone_number": phone, "message": "A test." }), "test_id"),
    ]
}

/// Makes one of each, and names it in the document that is asked by.
pub(crate) async fn fill(stage: &Stage, token: &str, number: usize, document: &mut Value) {
    for (path, body, name) in things(number) {
        let path = format!("/api/v1{path}");
        let url = format!("{}{path}", stage.app.public_url);
        let made = stage.client.post(url).bearer_auth(token).json(&body).send().await.unwrap();
        let status = made.status();
        let made: Value = made.json().await.unwrap();
        assert!(status.is_success(), "{path}: {made}");
        put(document, &path, name, &made[name]);
    }
    put(document, "/api/v1/contacts", "phone", &json!(format!("+1415555010{number}")));
}

/// Gives the parameter this value beside its own in half of the cases.
fn put(document: &mut Value, under: &str, name: &str, value: &Value) {
    let paths = document["paths"].as_object_mut().unwrap();
    for (_, methods) in paths.iter_mut().filter(|(path, _)| path.starts_with(&format!("{under}/{{{name}}}")))
    {
        for operation in methods.as_object_mut().unwrap().values_mut() {
            for parameter in operation["parameters"].as_array_mut().unwrap() {
                if parameter["name"] == name {
                    let own = parameter["schema"].take();
                    parameter["schema"] = json!({ "anyOf": [{ "const": value }, own] });
                    parameter["example"] = value.clone();
                }
            }
        }
    }
}
