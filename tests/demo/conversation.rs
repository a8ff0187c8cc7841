//! A conversation with the demo: by forms, by a program, over a restart.

use crate::support::{start, start_in};
use crate::{ASHA, client};
use reqwest::StatusCode;
use serde_json::Value;
use tidings::app::App;
use tidings::clock::Clock;
use tidings::config::Config;

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

/// Twilio answers HELP; what it says is ours, as an owner has it entered there. Where we answer, it is silent.
#[tokio::test]
async fn help_says_who_we_are_once_whoever_answers() {
    for (answers, stop) in [("twilio", "successfully been unsubscribed"), ("tidings", "from Lakeside Clinic")]
    {
        let folder = tempfile::tempdir().unwrap();
        let twilio_answers = answers == "twilio";
        let config = Config { twilio_answers, ..crate::support::config(folder.path(), None) };
        let app = App::start(config, Clock::system()).await.unwrap();
        for (word, said) in [("HELP", "Lakeside Clinic: text REGISTER to sign up"), ("STOP", stop)] {
            let url = format!("{}/demo/texts", app.public_url);
            let request = client().post(url).header("accept", "application/json");
            let request = request.form(&[("from", ASHA), ("body", word)]);
            let answer: Value = request.send().await.unwrap().json().await.unwrap();
            let carrier = answer["carrier_reply"].as_str();
            let replies = answer["replies"].as_array().unwrap();
            assert_eq!((carrier.is_some(), replies.is_empty()), (twilio_answers, twilio_answers), "{answer}");
            let words = carrier.unwrap_or_else(|| replies[0].as_str().unwrap());
            assert!(words.contains(said), "{answers}: {words}");
        }
        app.stop().await;
    }
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

/// A text and its answer carry the same millisecond, and a reply that waits is known to the server alone.
#[tokio::test]
async fn an_answer_stands_below_what_it_answers() {
    let demo = start().await;
    for body in ["REGISTER", "Asha Rai"] {
        demo.text(body).await;
    }
    demo.post("/demo/faults", &[("phone", ASHA), ("fault", "webhook_answer_lost")]).await;
    for body in ["STATUS", "NAME Asha", "STATUS"] {
        demo.text(body).await;
    }
    let authors = |state: &Value| -> Vec<String> {
        let messages = state["messages"].as_array().unwrap().iter();
        messages.map(|message| message["from"].as_str().unwrap().to_owned()).collect()
    };
    let in_turns: Vec<_> = ["person", "tidings"].repeat(5);
    assert_eq!(authors(&demo.state().await), in_turns);
    demo.app.stop().await;
    let demo = start_in(demo.folder).await;
    for _ in 0..5 {
        assert_eq!(authors(&demo.state().await), in_turns);
    }
    demo.app.stop().await;
}

#[tokio::test]
async fn an_address_in_a_text_leads_there() {
    let demo = start().await;
    demo.text("see https://a.example/x?y=1&z=<b>. Thanks").await;
    let page = demo.page().await;
    let link = "see <a href=\"https://a.example/x?y=1&amp;z=&lt;b&gt;\" target=\"_blank\" rel=\"noopener noreferrer\">";
    assert!(page.contains(link), "{page}");
    assert!(page.contains("</a>. Thanks</p>"));
    demo.app.stop().await;
}
