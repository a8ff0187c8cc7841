//! Wordings on the way from a draft to words in force.

use crate::harness::Scratch;
use crate::{Editor, WELCOME, token};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_wording_is_saved_seen_gone_back_to_and_reset() {
    for scratch in Scratch::each().await {
        let editor = Editor::open(scratch).await;
        let list = editor.get("/templates").await;
        let items = list["items"].as_array().unwrap();
        assert!(items.len() > 150, "{}", items.len());
        assert!(items.iter().all(|item| item["source"] == "default" && item["version"] == 0));

        let shown = editor.get("/templates/welcome/en").await;
        assert_eq!((&shown["body"], &shown["versions"]), (&shown["default_body"], &json!(0)));
        assert_eq!(shown["encoding"], "GSM-7");
        let name = &shown["variables"][0];
        assert_eq!(
            (&name["name"], &name["kind"], &name["sample"]),
            (&json!("name"), &json!("text"), &json!("Asha Rai"))
        );
        let shipped = shown["default_body"].as_str().unwrap().to_owned();

        let (status, saved) = editor.put("welcome/en", WELCOME).await;
        assert_eq!(
            (status, &saved["source"], &saved["version"]),
            (200, &json!("edited"), &json!(1)),
            "{saved}"
        );
        assert_eq!((&saved["body"], &saved["author"]), (&json!(WELCOME), &json!("token editor")));
        // The same words again are no new version.
        assert_eq!(editor.put("welcome/en", &format!("{WELCOME}\n")).await.1["version"], 1);
        let (_, second) = editor.put("welcome/en", &WELCOME.replace("Hooray", "Hello")).await;
        assert_eq!(second["version"], 2);

        // Whoever began from an older version is told so.
        let change = json!({ "body": WELCOME.replace("Hooray", "Hey"), "based_on": 1 });
        let (status, problem) = editor.call(Method::PUT, "/templates/welcome/en", Some(change)).await;
        assert_eq!((status, &problem["code"]), (409, &json!("newer_version")));
        // There is no such version, and nobody saved one meanwhile.
        for none in [3, 99, -1] {
            let change = json!({ "body": WELCOME.replace("Hooray", "Hey"), "based_on": none });
            let (status, problem) = editor.call(Method::PUT, "/templates/welcome/en", Some(change)).await;
            let error = &problem["errors"][0];
            assert_eq!((status, &error["field"]), (400, &json!("based_on")), "{problem}");
            let message = error["message"].as_str().unwrap();
            assert!(message.ends_with("the newest version is 2"), "{problem}");
        }

        let (status, back) =
            editor.post("/templates/welcome/en/restore", json!({ "version": 1, "note": "liked it" })).await;
        assert_eq!((status, &back["version"], &back["body"]), (200, &json!(3), &json!(WELCOME)));
        let (status, problem) = editor.post("/templates/welcome/en/restore", json!({ "version": 9 })).await;
        assert_eq!((status, &problem["errors"][0]["field"]), (400, &json!("version")));
        let (status, reset) = editor.post("/templates/welcome/en/reset", json!({})).await;
        assert_eq!((status, &reset["source"], &reset["body"]), (200, &json!("default"), &json!(shipped)));
        editor.put("locked/en", "Wait {{ minutes }} min.").await;
        let (status, bare) = editor.call(Method::POST, "/templates/locked/en/reset", None).await;
        assert_eq!((status, &bare["source"]), (200, &json!("default")), "{bare}");

        let versions = editor.get("/templates/welcome/en/versions?limit=2").await;
        let items = versions["items"].as_array().unwrap();
        assert_eq!((&items[0]["version"], &items[0]["body"]), (&json!(4), &Value::Null));
        assert_eq!((&items[1]["restored_from"], &items[1]["note"]), (&json!(1), &json!("liked it")));
        let next = versions["next_cursor"].as_str().unwrap();
        let older = editor.get(&format!("/templates/welcome/en/versions?limit=2&cursor={next}")).await;
        assert_eq!((&older["items"][1]["version"], &older["next_cursor"]), (&json!(1), &Value::Null));

        // Changes are in the audit log; trying words is not.
        editor.post("/templates/preview", json!({ "name": "help", "locale": "en" })).await;
        let audit = editor.get("/audit").await;
        let acts: Vec<&str> =
            audit["items"].as_array().unwrap().iter().filter_map(|row| row["action"].as_str()).collect();
        assert!(acts.contains(&"PUT /templates/{name}/{locale}"), "{acts:?}");
        assert!(acts.contains(&"POST /templates/{name}/{locale}/reset"), "{acts:?}");
        assert!(!acts.iter().any(|act| act.contains("preview")), "{acts:?}");
        editor.stage.end().await;
    }
}

#[tokio::test]
async fn wrong_words_are_refused_with_what_is_wrong_and_where() {
    let editor = Editor::open(Scratch::sqlite()).await;
    let long = "x".repeat(4001);
    for (name, body, expected) in [
        ("welcome/en", "", "is empty"),
        (
            "welcome/en",
            "Hi {{ nmae }}",
            "line 1, character 7: nmae is unknown here; this template knows frequency, messages_a_day, name, organisation, support",
        ),
        ("welcome/en", "Hi {{ name", "{{ has no }}"),
        ("welcome/en", "Hi {{ get_env(name='PATH') }}", "there are no functions"),
        ("welcome/en", "{% include 'en/help' %}", "include can't be used"),
        ("welcome/en", "Welcome, {{ name }}!", "must name STOP"),
        ("welcome/en", "Welcome, {{ name }}!", "must say {{ organisation }}"),
        ("welcome/en", "Welcome, {{ name }}!", "must say how often messages come"),
        ("welcome/en", "Welcome, {{ name }}!", "with the words “data rates”"),
        ("help/en", "{{ organisation }}: STOP to opt out.", "must say {{ support }}"),
        ("stopped/en", "Good bye.", "must say {{ organisation }}"),
        ("code/en", "Your code is on its way.", "must say {{ code }}"),
        ("web_code/en", "{{ code }} is your code.", "must end with a line @{{ host }} #{{ code }}"),
        (
            "reminder/en",
            "{{ title }} {{ when }}. Reply CANCEL to cancel.",
            "line 1, character 31: CANCEL opts people out",
        ),
        ("reminder/en", "{{ title }} {{ when }}. Reply STOP to move it.", "STOP ends all messages"),
        ("form/en", "Please fill in {{ title }}", "must say {{ link }}"),
        ("renamed/en", "{% if name == 'never' %}x{% endif %}", "it says nothing"),
        ("renamed/en", &long, "is longer than 4000 characters"),
        ("renamed/en", &"x".repeat(1601), "says more than 1600 characters"),
    ] {
        let (status, problem) = editor.put(name, body).await;
        let errors = problem["errors"].as_array().unwrap_or_else(|| panic!("{body}: {problem}"));
        let told = errors
            .iter()
            .any(|error| error["field"] == "body" && error["message"].as_str().unwrap().contains(expected));
        assert!(status == 400 && told, "{expected}: {problem}");
    }
    for (method, path, body, code) in [
        (Method::GET, "/templates/none/en", None, 404),
        (Method::GET, "/templates/welcome/xx", None, 404),
        (Method::GET, "/templates/welcome/..%2Fen", None, 404),
        (Method::PUT, "/templates/none/en", Some(json!({ "body": "x" })), 404),
        (Method::POST, "/templates/none/en/reset", Some(json!({})), 404),
        (Method::POST, "/templates/preview", Some(json!({ "name": "none", "locale": "en" })), 404),
        (Method::PUT, "/templates/help/en", Some(json!({ "body": WELCOME, "note": "x".repeat(201) })), 400),
        (Method::DELETE, "/templates/help/en", None, 405),
    ] {
        let (status, problem) = editor.call(method, path, body).await;
        assert_eq!(status, code, "{path}: {problem}");
    }
    let reader = token(&editor.stage, "templates:read").await;
    let body = Some(json!({ "body": WELCOME }));
    assert_eq!(editor.call_with(&reader, Method::PUT, "/templates/welcome/en", body).await.0, 403);
    let stranger = token(&editor.stage, "tips:read").await;
    assert_eq!(editor.call_with(&stranger, Method::GET, "/templates", None).await.0, 403);
    assert_eq!(editor.get("/templates/welcome/en").await["version"], 0);
    editor.stage.end().await;
}

#[tokio::test]
async fn words_can_be_tried_before_they_are_saved() {
    let editor = Editor::open(Scratch::sqlite()).await;
    let trial = json!({
        "name": "renamed", "locale": "en", "body": "We’ll call you {{ name | upper }}…", "variables": { "name": "Zoë" },
        "price_per_segment": 0.01,
    });
    let (status, preview) = editor.post("/templates/preview", trial).await;
    assert_eq!((status, &preview["text"]), (200, &json!("We’ll call you ZOË…")), "{preview}");
    assert_eq!(
        (&preview["encoding"], &preview["segments"], &preview["cost"]),
        (&json!("UCS-2"), &json!(1), &json!(0.01))
    );
    let expensive: Vec<_> = preview["expensive"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["character"].as_str().unwrap(), one["replacement"].as_str()))
        .collect();
    assert!(
        expensive.contains(&("’", Some("'"))) && expensive.contains(&("…", Some("..."))),
        "{expensive:?}"
    );
    assert_eq!(preview["faults"], json!([]));

    // What could not be saved can be seen all the same, with what is wrong.
    let trial = json!({ "name": "help", "locale": "en", "body": "Call us." });
    let (status, preview) = editor.post("/templates/preview", trial).await;
    assert_eq!((status, &preview["text"]), (200, &json!("Call us.")));
    assert!(preview["faults"].as_array().unwrap().len() >= 2, "{preview}");

    for (variables, expected) in [
        (json!({ "nmae": "x" }), ["variables.nmae", "nmae is unknown here"]),
        (json!({ "minutes": "9" }), ["variables.minutes", "minutes must be a number"]),
        (json!({ "minutes": 1e300 }), ["variables.minutes", "minutes must be a number"]),
        (json!({ "organisation": "x".repeat(1601) }), ["variables.organisation", "organisation is too long"]),
    ] {
        let trial = json!({ "name": "locked", "locale": "en", "variables": variables });
        let (status, problem) = editor.post("/templates/preview", trial).await;
        let message = problem["errors"][0]["message"].as_str().unwrap_or_default();
        assert!(status == 400 && message.contains(expected[1]), "{problem}");
        assert_eq!(problem["errors"][0]["field"], expected[0], "{problem}");
    }
    let both = json!({ "name": "locked", "locale": "en", "variables": { "nmae": "x", "minutes": "9" } });
    let (_, problem) = editor.post("/templates/preview", both).await;
    assert_eq!(problem["errors"].as_array().map(Vec::len), Some(2), "{problem}");
    // Script in a value is a text like any other.
    let trial =
        json!({ "name": "renamed", "locale": "en", "variables": { "name": "<script>{{ organisation }}" } });
    let (_, preview) = editor.post("/templates/preview", trial).await;
    assert!(preview["text"].as_str().unwrap().contains("<script>{{ organisation }}"), "{preview}");
    editor.stage.end().await;
}
