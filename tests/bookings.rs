//! Reminders with the carrier: they leave in the right minute, say what is true then, and never what
//! was true before.

mod harness;

use harness::{OURS, PATIENCE, Scratch, eventually, live_settings, start_carrier};
use jiff::Timestamp;
use serde_json::{Value, json};
use tidings::app::App;
use tidings::carrier::{Carrier, Number, Settings};
use tidings::clock::Clock;
use tidings::config::{Config, Values};
use tokio_util::sync::CancellationToken;

/// Two in New York.
const ADA: &str = "+12125550101";
const BOB: &str = "+12125550102";
/// Somebody in Kathmandu.
const MAYA: &str = "+9779841234567";

/// A server, the carrier it takes for Twilio, and the clock that both follow.
struct Office {
    app: App,
    carrier: Carrier,
    clock: Clock,
    scratch: Scratch,
    token: String,
    http: reqwest::Client,
    over: CancellationToken,
}

impl Office {
    async fn open(scratch: Scratch, now: &str) -> Self {
        let over = CancellationToken::new();
        let clock = Clock::starting_at(now.parse().unwrap());
        let mut settings = Settings::random();
        settings.numbers.push(Number::new(OURS, None));
        let (carrier, base) = start_carrier(settings, clock.clone(), &over).await;
        let mut pairs = live_settings(carrier.settings(), &base, &scratch.url);
        for (name, value) in [
            ("TIDINGS_LISTEN", "127.0.0.1:0"),
            ("TIDINGS_COUNTRIES", "US,NP"),
            ("TIDINGS_DEFAULT_TIME_ZONE", "America/New_York"),
            ("TIDINGS_ORGANISATION", "Lakeside Clinic"),
        ] {
            pairs.push((name.to_owned(), value.to_owned()));
        }
        let values =
            Values::from_pairs(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))).unwrap();
        let app = App::start(Config::from_values(&values).unwrap(), clock.clone()).await.unwrap();
        let webhook = format!("{}/webhooks/twilio/sms", app.public_url);
        carrier.set_number(OURS, |number| number.sms_url = Some(webhook));
        let token = tidings::api::new_token().unwrap();
        let hash = tidings::api::hash_token(&token);
        app.store.add_token(1, "test", &hash, "bookings:read bookings:write", 0).await.unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { app, carrier, clock, scratch, token, http, over }
    }

    async fn call(&self, method: reqwest::Method, path: &str, body: &Value) -> Value {
        let url = format!("{}/api/v1/bookings{path}", self.app.public_url);
        let request = self.http.request(method, url).bearer_auth(&self.token).json(body);
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{status}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// Books and returns the booking's id.
    async fn book(&self, body: Value) -> String {
        let booking = self.call(reqwest::Method::POST, "", &body).await;
        booking["id"].as_str().unwrap().to_owned()
    }

    async fn patch(&self, id: &str, body: Value) -> Value {
        self.call(reqwest::Method::PATCH, &format!("/{id}"), &body).await
    }

    async fn cancel(&self, id: &str) -> Value {
        self.call(reqwest::Method::POST, &format!("/{id}/cancel"), &json!({})).await
    }

    async fn status(&self, id: &str) -> String {
        let booking = self.call(reqwest::Method::GET, &format!("/{id}"), &Value::Null).await;
        booking["status"].as_str().unwrap().to_owned()
    }

    /// Moves the clock on to `time`.
    fn wait_until(&self, time: &str) {
        let time: Timestamp = time.parse().unwrap();
        assert!(self.clock.advance(time.duration_since(self.clock.now())));
    }

    /// What the carrier took for `phone` by REST, with the minute in which it did; waits for `count`.
    async fn got(&self, phone: &str, count: usize) -> Vec<(String, String)> {
        let taken = || {
            let taken = self.carrier.ledger(0).outbound.into_iter();
            let taken = taken.filter(|message| message.to == phone && message.in_reply_to.is_none());
            taken.map(|message| (minute(message.created_at), message.body)).collect::<Vec<_>>()
        };
        eventually(&format!("reminder {count} of {phone}"), PATIENCE, async || taken().len() >= count).await;
        taken()
    }

    /// Waits until a reminder stands in the outbox with this status.
    async fn outbox(&self, status: &str, count: usize) {
        eventually(status, PATIENCE, async || {
            let rows = harness::messages(&self.app.store).await;
            rows.iter().filter(|row| row.outbound && row.status == status).count() == count
        })
        .await;
    }

    async fn texts(&self, phone: &str, body: &str) -> Vec<String> {
        self.carrier.text(phone, OURS, body).await.unwrap().replies
    }

    async fn close(self) {
        self.app.stop().await;
        self.over.cancel();
        self.scratch.close().await;
    }
}

fn minute(at: Timestamp) -> String {
    at.strftime("%FT%H:%M").to_string()
}

fn took(minute: &str, body: &str) -> (String, String) {
    (minute.to_owned(), format!("Lakeside Clinic: {body} Reply C or YES to confirm, CHANGE to move it."))
}

#[tokio::test]
async fn reminders_leave_in_the_right_minute_and_are_answered() {
    for scratch in Scratch::each().await {
        // The clocks in New York go back between the reminder and the booking.
        let office = Office::open(scratch, "2026-10-29T12:00:00Z").await;
        let ada = json!({"phone_number": ADA, "title": "Check-up", "starts_at": "2026-11-01T14:00:00-05:00",
            "location": "12 Lake Street", "remind_before_minutes": [1440]});
        let ada = office.book(ada).await;
        let maya = json!({"phone_number": MAYA, "title": "Check-up", "starts_at": "2026-11-01T08:15:00Z"});
        office.book(maya).await;
        let abroad = json!({"phone_number": MAYA, "title": "Video call", "starts_at": "2026-11-02T03:00:00Z",
            "time_zone": "America/New_York"});
        office.book(abroad).await;

        office.wait_until("2026-10-31T08:14:58Z");
        let first = office.got(MAYA, 1).await;
        assert_eq!(first, [took("2026-10-31T08:15", "Check-up tomorrow at 2:00 PM.")]);
        office.wait_until("2026-10-31T18:59:58Z");
        let said = "Check-up tomorrow at 2:00 PM, 12 Lake Street.";
        assert_eq!(office.got(ADA, 1).await, [took("2026-10-31T19:00", said)]);
        assert_eq!(
            office.texts(ADA, "C").await,
            ["Thank you! Check-up tomorrow at 2:00 PM is confirmed. Text CHANGE if you need to move it."]
        );
        assert_eq!(office.status(&ada).await, "confirmed");
        // In Kathmandu it is Sunday morning when it is Saturday evening in New York.
        office.wait_until("2026-11-01T02:59:58Z");
        let second = office.got(MAYA, 2).await.pop().unwrap();
        let said = "Video call on Sunday, November 1 at 10:00 PM (New York time).";
        assert_eq!(second, took("2026-11-01T03:00", said));
        office.close().await;
    }
}

#[tokio::test]
async fn of_a_moved_booking_only_the_new_time_is_told_and_of_a_cancelled_one_nothing() {
    for scratch in Scratch::each().await {
        // 03:00 in New York: what is due waits for eight o'clock.
        let office = Office::open(scratch, "2026-11-23T08:00:00Z").await;
        let book = async |phone: &str, title: &str| {
            let body = json!({"phone_number": phone, "title": title, "starts_at": "2026-11-24T08:00:30Z"});
            office.book(body).await
        };
        let moved = book(ADA, "Moved").await;
        let cancelled = book(ADA, "Cancelled").await;
        let stays = book(BOB, "Stays").await;
        office.wait_until("2026-11-23T08:00:31Z");
        office.outbox("queued", 3).await;

        let row = office.patch(&moved, json!({"starts_at": "2026-11-25T19:00:00Z"})).await;
        assert_eq!(row["next_reminder_at"], "2026-11-24T19:00:00Z");
        assert_eq!(office.cancel(&cancelled).await["status"], "cancelled");
        // The words are those of the morning, when it leaves, not of the night, when it was queued.
        office.patch(&stays, json!({"title": "Flu shot"})).await;
        office.wait_until("2026-11-23T13:00:00Z");
        let stays = took("2026-11-23T13:00", "Flu shot tomorrow at 3:00 AM.");
        assert_eq!(office.got(BOB, 1).await, [stays]);
        office.wait_until("2026-11-24T18:59:58Z");
        let only = took("2026-11-24T19:00", "Moved tomorrow at 2:00 PM.");
        assert_eq!(office.got(ADA, 1).await, [only], "{}", office.scratch.engine());
        office.outbox("refused", 2).await;

        // Who answers is told of the new time; who is asked again answers that.
        office.texts(ADA, "YES").await;
        assert_eq!(office.status(&moved).await, "confirmed");
        assert_eq!(
            office.patch(&moved, json!({"starts_at": "2026-11-25T18:30:00Z"})).await["status"],
            "pending"
        );
        let again = office.got(ADA, 2).await.pop().unwrap();
        assert_eq!(again.1, took("", "Moved tomorrow at 1:30 PM.").1, "a day's notice is short: at once");
        office.close().await;
    }
}

#[tokio::test]
async fn a_reminder_of_yesterdays_status_asks_nothing_and_quiet_hours_hold_short_notice() {
    for scratch in Scratch::each().await {
        // 20:59 in New York.
        let office = Office::open(scratch, "2026-11-24T01:59:00Z").await;
        let early = json!({"phone_number": ADA, "title": "Blood test", "starts_at": "2026-11-24T12:00:00Z"});
        office.book(early).await;
        let at_once = office.got(ADA, 1).await;
        assert!(at_once[0].1.contains("Blood test tomorrow at 7:00 AM."), "{at_once:?}");
        office.wait_until("2026-11-24T02:01:00Z");
        // By eight o'clock it would be over: it is refused, and says why.
        let late = json!({"phone_number": BOB, "title": "Blood test", "starts_at": "2026-11-24T12:00:00Z"});
        office.book(late).await;
        office.outbox("refused", 1).await;
        let rows = harness::messages(&office.app.store).await;
        let reason = rows.iter().find(|row| row.status == "refused").unwrap().status_reason.clone();
        assert!(reason.unwrap().contains("quiet hours"));

        let twice = json!({"phone_number": BOB, "title": "Massage", "starts_at": "2026-11-25T20:00:00Z",
            "remind_before_minutes": [1440, 120]});
        let twice = office.book(twice).await;
        office.wait_until("2026-11-24T20:00:00Z");
        office.got(BOB, 1).await;
        office.texts(BOB, "yes").await;
        assert_eq!(office.status(&twice).await, "confirmed");
        office.wait_until("2026-11-25T17:59:59Z");
        let last = office.got(BOB, 2).await.pop().unwrap();
        assert_eq!(last.1, "Lakeside Clinic: Massage today at 3:00 PM. Reply CHANGE to move it.");
        office.close().await;
    }
}

#[tokio::test]
async fn a_number_that_names_no_place_is_reminded_by_day_wherever_it_may_be() {
    const ANYWHERE: &str = "+18005550103";
    for scratch in Scratch::each().await {
        // Eight in New York is three in Honolulu.
        let office = Office::open(scratch, "2026-11-19T13:00:00Z").await;
        let booking =
            json!({"phone_number": ANYWHERE, "title": "Check-up", "starts_at": "2026-11-20T14:00:00Z"});
        office.book(booking).await;
        office.wait_until("2026-11-19T14:00:00Z");
        let waits = async || {
            let rows = harness::messages(&office.app.store).await;
            let reason = rows.iter().find_map(|row| row.status_reason.clone());
            reason.is_some_and(|reason| reason.contains("all time zones that the number may belong to"))
        };
        eventually("the reminder to wait", PATIENCE, waits).await;
        office.wait_until("2026-11-19T17:59:59Z");
        let said = took("2026-11-19T18:00", "Check-up tomorrow at 9:00 AM.");
        assert_eq!(office.got(ANYWHERE, 1).await, [said], "{}", office.scratch.engine());
        let contact = office.app.store.contact(ANYWHERE).await.unwrap().unwrap();
        let zone = (contact.time_zone.as_str(), contact.time_zone_source.as_str());
        assert_eq!(zone, ("America/New_York", "default"));
        office.close().await;
    }
}
