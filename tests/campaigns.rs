//! Campaigns, on both engines: whoever is killed, whatever is pressed, the sums agree.

mod harness;
mod support;

use harness::{OURS, PATIENCE, Scratch, Stage, eventually, fresh_sid};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::future::Future as _;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tidings::campaign::Action;
use tidings::carrier::Ending;
use tidings::conversation::Inbox;
use tidings::dialog::{Consent, Person};
use tidings::gate::Rules;
use tidings::outbound::campaigns::{Acted, Campaigns};
use tidings::outbound::ticks::{Schedule as _, Ticked};
use tidings::phone::Region;
use tidings::schedule::QuietHours;
use tidings::store::{CampaignRow, NewContact, Store};

/// Nothing here waits for the morning, nor for the rate of one sender.
const SETTINGS: [(&str, &str); 2] =
    [("TIDINGS_QUIET_HOURS", "00:00-00:00"), ("TIDINGS_SEGMENTS_PER_SECOND", "10000")];
const SCOPES: &str =
    "contacts:read contacts:write messages:read messages:send campaigns:read campaigns:write";

fn number(index: usize) -> String {
    format!("+1415556{index:04}")
}

/// Adds `count` people of whom `consent` says whether they may be written to.
async fn people(store: &Store, count: usize, consent: impl Fn(usize) -> Consent) {
    let numbers: Vec<String> = (0..count).map(number).collect();
    let contacts: Vec<NewContact<'_>> = numbers
        .iter()
        .enumerate()
        .map(|(index, address)| {
            let person = Person { consent: consent(index), ..Person::default() };
            NewContact {
                id: i64::try_from(index).unwrap() + 1,
                address,
                state: person.state.as_str(),
                consent: person.consent.as_str(),
                person: serde_json::to_string(&person).unwrap(),
                locale: "en",
                time_zone: "America/Los_Angeles",
                time_zone_source: "number",
                created_at: 0,
                erased_at: None,
            }
        })
        .collect();
    let mut tx = store.begin().await.unwrap();
    tx.add_contacts(&contacts).await.unwrap();
    tx.commit().await.unwrap();
}

/// A server, its carrier, and somebody who may do everything with campaigns.
struct Desk {
    stage: Stage,
    token: String,
}

impl Desk {
    async fn open(scratch: Scratch, change: impl FnOnce(&mut tidings::carrier::Settings)) -> Self {
        let stage = Stage::with_both(scratch, change, &SETTINGS).await;
        let token = tidings::api::new_token().unwrap();
        let hash = tidings::api::hash_token(&token);
        stage.app.store.add_token(1, "test", &hash, SCOPES, 0).await.unwrap();
        Self { stage, token }
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let url = format!("{}/api/v1{path}", self.stage.app.public_url);
        let mut request = self.stage.client.request(method, url).bearer_auth(&self.token);
        request = request.header("Idempotency-Key", fresh_sid());
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap_or_default())
    }

    async fn get(&self, path: &str) -> Value {
        let (status, value) = self.call(Method::GET, path, None).await;
        assert_eq!(status, 200, "{path}: {value}");
        value
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let (status, value) = self.call(Method::POST, path, Some(body)).await;
        assert!(status < 300, "{path}: {status} {value}");
        value
    }

    /// Makes a campaign and starts it.
    async fn launch(&self, draft: Value) -> String {
        let campaign = self.post("/campaigns", draft).await;
        assert_eq!(campaign["status"], "draft");
        let id = campaign["id"].as_str().unwrap().to_owned();
        let started = self.post(&format!("/campaigns/{id}/start"), json!({})).await;
        assert_eq!(started["status"], "running");
        id
    }

    async fn campaign(&self, id: &str) -> Value {
        let campaign = self.get(&format!("/campaigns/{id}")).await;
        let counts = &campaign["counts"];
        let sum: i64 = ["queued", "sent", "failed", "uncertain", "skipped", "erased"]
            .iter()
            .map(|name| counts[name].as_i64().unwrap())
            .sum();
        assert_eq!(sum, counts["audience"].as_i64().unwrap(), "{counts}");
        campaign
    }

    async fn becomes(&self, id: &str, status: &str) -> Value {
        eventually(status, PATIENCE, async || self.campaign(id).await["status"] == status).await;
        self.campaign(id).await
    }

    /// Whom the carrier took a message for, and how often.
    fn taken(&self) -> HashMap<String, usize> {
        let mut taken = HashMap::new();
        for message in self.stage.taken() {
            *taken.entry(message.to).or_default() += 1;
        }
        taken
    }
}

#[tokio::test]
async fn paused_and_resumed_it_reaches_everybody_once() {
    for scratch in Scratch::each().await {
        let desk = Desk::open(scratch, |_| {}).await;
        people(
            &desk.stage.app.store,
            500,
            |index| {
                if index % 10 == 0 { Consent::Withdrawn } else { Consent::Given }
            },
        )
        .await;
        desk.stage.faults(|faults| faults.answer_delay_ms = 300);
        let id =
            desk.launch(json!({"name": "Spring", "body": "Hi {{first_name|there}}, we are open."})).await;
        eventually("the first hundred", PATIENCE, async || desk.taken().len() >= 100).await;
        let paused = desk.post(&format!("/campaigns/{id}/pause"), json!({})).await;
        assert_eq!(paused["status"], "paused");
        // What was under way arrives; then nothing does.
        desk.stage.settled().await;
        let before = desk.taken().len();
        assert!(before < 450, "{before} were sent before the pause was felt");
        let held = desk.get("/messages?status=held&limit=200").await["items"].as_array().unwrap().len();
        assert!(held > 0);
        let (status, again) = desk.call(Method::POST, &format!("/campaigns/{id}/pause"), None).await;
        assert_eq!((status, &again["code"]), (409, &json!("wrong_state")));
        desk.stage.settled().await;
        assert_eq!(desk.taken().len(), before);

        desk.post(&format!("/campaigns/{id}/resume"), json!({})).await;
        let done = desk.becomes(&id, "done").await;
        desk.stage.settled().await;
        let taken = desk.taken();
        assert_eq!(taken.len(), 450);
        assert!(taken.values().all(|times| *times == 1));
        assert_eq!(done["counts"]["audience"], 500);
        assert_eq!(done["counts"]["sent"], 450);
        assert_eq!(done["counts"]["refused"], json!({"the person has opted out": 50}));
        assert!(done["ended_at"].is_string());
        assert!(desk.stage.taken().iter().all(|message| message.body == "Hi there, we are open."));
        desk.stage.end().await;
    }
}

#[tokio::test]
async fn stopped_it_says_so_of_everybody_it_did_not_reach() {
    for scratch in Scratch::each().await {
        let desk = Desk::open(scratch, |_| {}).await;
        people(&desk.stage.app.store, 300, |_| Consent::Given).await;
        desk.stage.faults(|faults| faults.answer_delay_ms = 400);
        let id = desk.launch(json!({"name": "Recall", "body": "Please call us."})).await;
        eventually("the first", PATIENCE, async || desk.taken().len() >= 20).await;
        desk.post(&format!("/campaigns/{id}/stop"), json!({})).await;
        desk.stage.settled().await;
        let stopped = desk.campaign(&id).await;
        let counts = &stopped["counts"];
        assert_eq!(stopped["status"], "stopped");
        assert_eq!(counts["sent"], desk.taken().len());
        assert_eq!(counts["refused"]["the campaign was stopped"], 300 - desk.taken().len());
        let (status, _) = desk.call(Method::POST, &format!("/campaigns/{id}/resume"), None).await;
        assert_eq!(status, 409);

        // What people do about it is counted.
        let reader = desk.taken().into_keys().next().unwrap();
        let other = desk.taken().into_keys().find(|number| *number != reader).unwrap();
        desk.stage.carrier.text(&reader, OURS, "when are you open?").await.unwrap();
        desk.stage.carrier.text(&other, OURS, "STOP").await.unwrap();
        let counts = desk.campaign(&id).await["counts"].clone();
        assert_eq!((&counts["replies"], &counts["opt_outs"]), (&json!(1), &json!(1)));
        desk.stage.end().await;
    }
}

#[tokio::test]
async fn it_pauses_itself_when_too_many_fail_and_goes_on_when_told() {
    for scratch in Scratch::each().await {
        let desk = Desk::open(scratch, |settings| {
            let failing = (0..600).filter(|index| index % 5 == 0);
            settings.endings =
                failing.map(|at| (number(at), Ending::Undelivered { error_code: 30003 })).collect();
        })
        .await;
        people(&desk.stage.app.store, 600, |_| Consent::Given).await;
        desk.stage.faults(|faults| faults.answer_delay_ms = 500);
        let auto_stop = json!({"after": 40, "max_error_percent": 10});
        let id = desk.launch(json!({"name": "Old list", "body": "Hello", "auto_stop": auto_stop})).await;
        let paused = desk.becomes(&id, "paused").await;
        let reason = paused["status_reason"].as_str().unwrap();
        assert!(reason.starts_with("paused by itself: more than 10 % ("), "{reason}");
        desk.stage.settled().await;
        assert!(desk.taken().len() < 600);
        // Staff have seen it: it goes on, and stops itself again for what fails from then on.
        desk.stage.carrier.set_faults(tidings::carrier::Faults::default());
        let resumed = desk.post(&format!("/campaigns/{id}/resume"), json!({})).await;
        assert_eq!((&resumed["status"], &resumed["status_reason"]), (&json!("running"), &Value::Null));
        for _ in 0..20 {
            let now = desk.campaign(&id).await;
            if now["status"] == "paused" {
                desk.post(&format!("/campaigns/{id}/resume"), json!({})).await;
            }
            if now["status"] == "done" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        desk.becomes(&id, "done").await;
        assert_eq!(desk.taken().len(), 600);
        desk.stage.end().await;
    }
}

#[tokio::test]
async fn a_dry_run_tells_what_then_happens() {
    for scratch in Scratch::each().await {
        let desk = Desk::open(scratch, |_| {}).await;
        let consent =
            |index: usize| [Consent::Given, Consent::Unasked, Consent::Withdrawn, Consent::Given][index % 4];
        people(&desk.stage.app.store, 120, consent).await;
        for index in 0..40 {
            let tags = if index < 30 { json!(["Spring", "list:a"]) } else { json!(["spring", "staff"]) };
            let path = format!("/contacts/{}", number(index));
            let (status, contact) =
                desk.call(Method::PATCH, &path, Some(json!({"tags": tags, "name": "Asha Rai"}))).await;
            assert_eq!((status, &contact["name"]), (200, &json!("Asha Rai")));
        }
        // One of them has these words already.
        let first = json!({"to": number(0), "body": "Hi Asha €", "purpose": "campaign"});
        assert_eq!(desk.post("/messages", first).await["status"], "queued");
        desk.stage.settled().await;

        let audience =
            json!({"state": ["stranger"], "country": ["US"], "tags_any": ["spring"], "tags_none": ["staff"]});
        let draft = json!({"name": "Tags", "body": "Hi {{first_name}} €", "audience": audience});
        let id = desk.post("/campaigns", draft).await["id"].as_str().unwrap().to_owned();
        let price = json!({"price_per_segment": 0.01});
        let run = desk.post(&format!("/campaigns/{id}/dry-run"), price).await;
        assert_eq!(
            (&run["audience"], &run["complete"], &run["encoding"]),
            (&json!(30), &json!(true), &json!("GSM-7"))
        );
        assert_eq!(run["would_get"].as_i64().unwrap() + run["left_out"].as_i64().unwrap(), 30);
        assert_eq!(run["segments"], run["would_get"]);
        assert_eq!(run["cost"], json!(0.14));
        assert_eq!(run["people"].as_array().unwrap().len(), 16);
        assert!(!run["people"].to_string().contains("415556"), "{run}");
        assert_eq!(run["sample"], "Hi Asha €");
        assert!(desk.get(&format!("/campaigns/{id}")).await["counts"]["audience"] == 0);

        desk.post(&format!("/campaigns/{id}/start"), json!({})).await;
        let done = desk.becomes(&id, "done").await;
        assert_eq!(done["counts"]["audience"], run["audience"]);
        assert_eq!(done["counts"]["sent"], run["would_get"]);
        assert_eq!(done["counts"]["refused"], run["reasons"]);
        desk.stage.end().await;
    }
}

#[tokio::test]
async fn drafts_messages_and_lists_say_what_is_wrong_with_them() {
    for scratch in Scratch::each().await {
        let desk = Desk::open(scratch, |_| {}).await;
        people(&desk.stage.app.store, 30, |_| Consent::Given).await;
        let message = |more: Value| {
            let mut all = json!({"to": number(1), "body": "Hi", "purpose": "reminder"});
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            all
        };
        let late = "2030-01-01T00:00:00Z";
        for (path, body, field) in [
            ("/campaigns", json!({"name": "", "body": "Hi"}), "name"),
            ("/campaigns", json!({"name": "x"}), "body"),
            ("/campaigns", json!({"name": "x", "body": "Hi {{surname}}"}), "body"),
            ("/campaigns", json!({"name": "x", "template": "code"}), "template"),
            (
                "/campaigns",
                json!({"name": "x", "template": "registered", "variables": {"name": "y"}}),
                "variables",
            ),
            (
                "/campaigns",
                json!({"name": "x", "body": "Hi", "audience": {"country": ["XX"]}}),
                "audience.country[0]",
            ),
            ("/campaigns", json!({"name": "x", "body": "Hi", "audience": {"sate": []}}), "audience.sate"),
            (
                "/campaigns",
                json!({"name": "x", "body": "Hi", "window": {"from": "9", "to": "17:00"}}),
                "window.from",
            ),
            ("/campaigns", json!({"name": "x", "body": "Hi", "auto_stop": {"after": 0}}), "auto_stop.after"),
            ("/campaigns", json!({"name": "x", "body": "Hi", "send_at": "soon"}), "send_at"),
            ("/messages", message(json!({"purpose": "code"})), "purpose"),
            ("/messages", message(json!({"to": "12"})), "to"),
            ("/messages", message(json!({"body": "{{x}}"})), "body"),
            ("/messages", message(json!({"send_at": late})), "send_at"),
            ("/messages", message(json!({"expires_at": late})), "expires_at"),
        ] {
            let (status, problem) = desk.call(Method::POST, path, Some(body)).await;
            assert_eq!((status, &problem["errors"][0]["field"]), (400, &json!(field)), "{problem}");
        }
        for (path, field) in [
            ("/messages?status=lost", "status"),
            ("/messages?direction=up", "direction"),
            ("/messages?created_after=noon", "created_after"),
            ("/messages?phone_number=12", "phone_number"),
            ("/contacts?state=gone", "state"),
            ("/contacts?tag=a+b", "tag"),
        ] {
            let (status, problem) = desk.call(Method::GET, path, None).await;
            assert_eq!((status, &problem["errors"][0]["field"]), (400, &json!(field)), "{problem}");
        }
        let patch = format!("/contacts/{}", number(1));
        for (body, field) in [
            (json!({"locale": "xx"}), "locale"),
            (json!({"time_zone": "Mars/Olympus"}), "time_zone"),
            (json!({"tags": ["two words"]}), "tags[0]"),
            (json!({"name": "123"}), "name"),
        ] {
            let (status, problem) = desk.call(Method::PATCH, &patch, Some(body)).await;
            assert_eq!((status, &problem["errors"][0]["field"]), (400, &json!(field)), "{problem}");
        }
        assert_eq!(desk.call(Method::GET, "/campaigns/1", None).await.0, 404);
        assert_eq!(desk.call(Method::POST, "/campaigns/1/start", None).await.0, 404);
        assert_eq!(desk.call(Method::POST, "/messages/1/cancel", None).await.0, 404);
        desk.stage.end().await;
    }
}

#[tokio::test]
async fn people_and_messages_are_found_and_changed() {
    for scratch in Scratch::each().await {
        let desk = Desk::open(scratch, |_| {}).await;
        people(&desk.stage.app.store, 30, |_| Consent::Given).await;
        let path = format!("/contacts/{}", number(7));
        let change = json!({"name": "Maya Gurung", "time_zone": "Asia/Kathmandu", "tags": ["VIP"]});
        let (_, contact) = desk.call(Method::PATCH, &path, Some(change)).await;
        assert_eq!((&contact["time_zone_source"], &contact["tags"]), (&json!("staff"), &json!(["vip"])));
        for (query, count) in [
            ("", 30),
            ("search=%2B141555600", 10),
            ("search=415%20556-001", 10),
            ("search=%2B14155560007", 1),
            ("search=maya", 1),
            ("search=gurung", 0),
            ("tag=vip&state=stranger", 1),
            ("tag=vip&state=member", 0),
            ("search=may&tag=vip", 1),
        ] {
            let found = desk.get(&format!("/contacts?{query}")).await;
            assert_eq!(found["items"].as_array().unwrap().len(), count, "{query}");
        }
        let (mut seen, mut cursor) = (HashSet::new(), String::new());
        loop {
            let page = desk.get(&format!("/contacts?search=415556&limit=7{cursor}")).await;
            seen.extend(
                page["items"].as_array().unwrap().iter().map(|item| item["phone_number"].to_string()),
            );
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(seen.len(), 30);

        let send_at =
            (tidings::clock::Clock::system().now() + jiff::SignedDuration::from_hours(48)).to_string();
        let waiting = json!({"to": number(7), "body": "Hi {{name}}", "purpose": "form", "send_at": send_at});
        let waiting = desk.post("/messages", waiting).await;
        assert_eq!((&waiting["body"], &waiting["status"]), (&json!("Hi Maya Gurung"), &json!("queued")));
        let alert = json!({"to": number(8), "template": "registered", "purpose": "alert"});
        let alert = desk.post("/messages", alert).await["id"].as_str().unwrap().to_owned();
        desk.stage.settled().await;
        eventually("delivery", PATIENCE, async || {
            desk.get(&format!("/messages/{alert}")).await["status"] == "delivered"
        })
        .await;
        let phone = number(7).replace('+', "%2B");
        for (query, count) in [
            ("purpose=form", 1),
            ("status=queued", 1),
            ("status=queued&purpose=alert", 0),
            ("status=delivered&direction=outbound", 1),
            ("direction=inbound", 0),
            ("created_after=2020-01-01T00:00:00Z", 2),
            ("created_before=2020-01-01T00:00:00Z", 0),
            (&format!("phone_number={phone}"), 1),
            (&format!("contact={phone}&status=failed"), 0),
            ("phone_number=%2B14155550999", 0),
        ] {
            let found = desk.get(&format!("/messages?{query}")).await;
            assert_eq!(found["items"].as_array().unwrap().len(), count, "{query}");
        }
        let cancel = format!("/messages/{}/cancel", waiting["id"].as_str().unwrap());
        let cancelled = desk.post(&cancel, json!({})).await;
        assert_eq!(
            (&cancelled["status"], &cancelled["status_reason"]),
            (&json!("refused"), &json!("it was cancelled by staff"))
        );
        assert_eq!(desk.call(Method::POST, &cancel, None).await.0, 409);
        assert_eq!(desk.call(Method::POST, &format!("/messages/{alert}/cancel"), None).await.0, 409);
        assert_eq!(desk.taken().len(), 1);
        desk.stage.end().await;
    }
}

/// Campaigns over `inbox`, as one node runs them.
fn node(inbox: &Arc<Inbox>) -> Campaigns {
    let midnight = jiff::civil::Time::midnight();
    let rules = Rules {
        quiet_hours: QuietHours { from: midnight, to: midnight },
        daily_cap: 5,
        countries: vec![Region::US],
    };
    let changed = Arc::default();
    Campaigns {
        inbox: inbox.clone(),
        rules: Arc::new(rules),
        organisation: "Lakeside Clinic".into(),
        changed,
    }
}

async fn draft(inbox: &Inbox, id: i64) {
    let row = CampaignRow {
        id,
        name: "Killed".to_owned(),
        template: None,
        body: Some("Hello".to_owned()),
        variables: "{}".to_owned(),
        audience: "{}".to_owned(),
        plan: serde_json::to_string(&tidings::campaign::Plan::default()).unwrap(),
        status: "draft".to_owned(),
        status_reason: None,
        send_at: None,
        next_at: None,
        cursor: 0,
        until_id: None,
        reached: 0,
        baseline: String::new(),
        created_at: 0,
        started_at: None,
        ended_at: None,
    };
    inbox.store.add_campaign(&row).await.unwrap();
}

/// Lets a tick run for so many steps, then drops it as a crash would. True if it had ended before.
async fn killed_after(campaigns: &Campaigns, steps: usize) -> bool {
    let now = campaigns.inbox.clock.now();
    let mut tick = pin!(campaigns.tick(now));
    for _ in 0..steps {
        if tick.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
            return true;
        }
        // The database works meanwhile, in its own thread or process.
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    matches!(tick.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(_))
}

#[tokio::test]
async fn killed_at_any_step_it_writes_to_everybody_once() {
    for fresh in support::engines().await {
        let store = support::open(&fresh).await;
        let (inbox, clock) = support::inbox(store.clone(), false).await;
        people(&store, 2300, |_| Consent::Given).await;
        draft(&inbox, 9000).await;
        let (one, other) = (node(&inbox), node(&inbox));
        assert!(matches!(one.act(9000, Action::Start).await.unwrap(), Acted::Done(_)));
        let mut kills = 0;
        for steps in 0..60 {
            kills += usize::from(!killed_after(&one, steps).await);
        }
        assert!(kills > 5, "{kills} kills on {}", fresh.name);
        // Another node takes over.
        for _ in 0..20 {
            while other.tick(clock.now()).await.unwrap() == Ticked::More {}
            assert!(clock.advance(jiff::SignedDuration::from_secs(10)));
        }
        let (counts, _, _) = other.counts(9000).await.unwrap();
        assert_eq!((counts.audience, counts.queued, counts.erased), (2300, 2300, 0), "{}", fresh.name);
        let mut times: BTreeMap<i64, usize> = BTreeMap::new();
        for row in harness::messages(&store).await {
            *times.entry(row.contact_id).or_default() += 1;
        }
        assert_eq!(times.len(), 2300);
        assert!(times.values().all(|count| *count == 1));
        store.close().await;
    }
}

#[tokio::test]
async fn no_more_than_five_thousand_wait_and_latecomers_stay_out() {
    for fresh in support::engines().await {
        let store = support::open(&fresh).await;
        let (inbox, clock) = support::inbox(store.clone(), false).await;
        people(&store, 6200, |_| Consent::Given).await;
        draft(&inbox, 9000).await;
        let campaigns = node(&inbox);
        campaigns.act(9000, Action::Start).await.unwrap();
        let queue = async || {
            for _ in 0..12 {
                while campaigns.tick(clock.now()).await.unwrap() == Ticked::More {}
                assert!(clock.advance(jiff::SignedDuration::from_secs(2)));
            }
            campaigns.counts(9000).await.unwrap().0
        };
        assert_eq!(queue().await.queued, 5000);
        let mut tx = store.begin().await.unwrap();
        let late = vec!["+14155550199".to_owned()];
        inbox.contacts(&mut tx, late).await.unwrap();
        tx.refuse_campaign(9000, "for the test", 0).await.unwrap();
        tx.commit().await.unwrap();
        let counts = queue().await;
        assert_eq!((counts.audience, counts.queued, counts.skipped), (6200, 1200, 5000), "{}", fresh.name);
        assert!(matches!(campaigns.tick(clock.now()).await.unwrap(), Ticked::Idle(Some(_))));
        store.close().await;
    }
}
