//! Down for hours: what people texted meanwhile is fetched from Twilio's list and applied.

mod harness;

use harness::{ADA, BOB, OURS, PATIENCE, Scratch, eventually, live_settings, start_carrier};
use jiff::SignedDuration;
use tidings::app::App;
use tidings::carrier::{Carrier, Number, Settings};
use tidings::clock::Clock;
use tidings::config::{Config, Values};
use tokio_util::sync::CancellationToken;

/// The webhook of a server that is down.
const NOBODY: &str = "http://127.0.0.1:9/webhooks/twilio/sms";

async fn start(carrier: &Carrier, base: &str, database_url: &str, clock: &Clock) -> App {
    let mut pairs = live_settings(carrier.settings(), base, database_url);
    pairs.push(("TIDINGS_LISTEN".to_owned(), "127.0.0.1:0".to_owned()));
    let values =
        Values::from_pairs(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))).unwrap();
    let app = App::start(Config::from_values(&values).unwrap(), clock.clone()).await.unwrap();
    let webhook = format!("{}/webhooks/twilio/sms", app.public_url);
    carrier.set_number(OURS, |number| number.sms_url = Some(webhook));
    app
}

async fn stop(app: App, carrier: &Carrier) {
    app.stop().await;
    carrier.set_number(OURS, |number| number.sms_url = Some(NOBODY.to_owned()));
}

/// What a handset got from us, in order.
fn got(carrier: &Carrier, phone: &str) -> Vec<String> {
    let taken = carrier.ledger(0).outbound;
    taken.into_iter().filter(|message| message.to == phone).map(|message| message.body).collect()
}

async fn state(app: &App, phone: &str) -> (String, String) {
    let contact = app.store.contact(phone).await.unwrap();
    contact.map(|contact| (contact.state, contact.consent)).unwrap_or_default()
}

#[tokio::test]
async fn a_text_whose_sender_the_list_spells_otherwise_is_not_taken_twice() {
    for scratch in Scratch::each().await {
        let (over, clock) = (CancellationToken::new(), Clock::shifted_by(SignedDuration::ZERO));
        let (carrier, base) = start_numbered(clock.clone(), &over).await;
        let app = start_and_look(&carrier, &base, &scratch, &clock).await;
        carrier.text(ADA, OURS, "REGISTER").await.unwrap();
        carrier.idle().await;
        stop(app, &carrier).await;

        let rename = format!("UPDATE contact SET address = 'whatsapp:US.1234' WHERE address = '{ADA}'");
        scratch.execute(&rename).await;
        carrier.text(BOB, OURS, "JOIN").await.unwrap();
        // Later, so that nothing in Twilio's list is too young to be fetched.
        assert!(clock.advance(SignedDuration::from_mins(2)));
        let app = start(&carrier, &base, &scratch.url, &clock).await;
        eventually("recovery", PATIENCE, async || app.store.contact(BOB).await.unwrap().is_some()).await;
        carrier.idle().await;
        assert!(app.store.contact(ADA).await.unwrap().is_none());
        assert_eq!(got(&carrier, ADA).len(), 1);
        app.stop().await;
        over.cancel();
        scratch.close().await;
    }
}

/// What keeps a text of these words from being stored, as a mistake of ours would.
fn refusing(engine: &str) -> &'static [&'static str] {
    match engine {
        "SQLite" => &["CREATE TRIGGER bad BEFORE INSERT ON message WHEN NEW.body = 'bad words' \
                       BEGIN SELECT RAISE(ABORT, 'bad'); END"],
        _ => &[
            "CREATE FUNCTION bad() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'bad'; END $$",
            "CREATE TRIGGER bad BEFORE INSERT ON message FOR EACH ROW WHEN (NEW.body = 'bad words') \
             EXECUTE FUNCTION bad()",
        ],
    }
}

#[tokio::test]
async fn a_text_that_cannot_be_applied_keeps_no_other_from_being_looked_for() {
    for scratch in Scratch::each().await {
        let (over, clock) = (CancellationToken::new(), Clock::shifted_by(SignedDuration::ZERO));
        let (carrier, base) = start_numbered(clock.clone(), &over).await;
        let app = start_and_look(&carrier, &base, &scratch, &clock).await;
        let looked = looked_until(&app).await.unwrap();
        stop(app, &carrier).await;
        for statement in refusing(scratch.engine()) {
            scratch.execute(statement).await;
        }
        carrier.text(ADA, OURS, "bad words").await.unwrap();
        carrier.text(BOB, OURS, "JOIN").await.unwrap();
        assert!(clock.advance(SignedDuration::from_mins(2)));
        let app = start(&carrier, &base, &scratch.url, &clock).await;
        eventually("the next look", PATIENCE, async || looked_until(&app).await.unwrap() > looked).await;
        assert!(app.store.contact(BOB).await.unwrap().is_some());
        assert!(app.store.contact(ADA).await.unwrap().is_none());
        app.stop().await;
        over.cancel();
        scratch.close().await;
    }
}

/// A carrier with our number, whose webhooks reach nobody until we start.
async fn start_numbered(clock: Clock, over: &CancellationToken) -> (Carrier, String) {
    let mut settings = Settings::random();
    settings.numbers.push(Number::new(OURS, Some(NOBODY)));
    start_carrier(settings, clock, over).await
}

/// Starts us, and waits until Twilio's list was read for the first time.
async fn start_and_look(carrier: &Carrier, base: &str, scratch: &Scratch, clock: &Clock) -> App {
    let app = start(carrier, base, &scratch.url, clock).await;
    eventually("the first look", PATIENCE, async || looked_until(&app).await.is_some()).await;
    app
}

async fn looked_until(app: &App) -> Option<i64> {
    app.store.bookmark("texts received").await.unwrap()
}

#[tokio::test]
async fn texts_sent_during_an_outage_are_applied_after_it() {
    for scratch in Scratch::each().await {
        let (over, clock) = (CancellationToken::new(), Clock::system());
        let earlier = Clock::starting_at(clock.now() - SignedDuration::from_mins(2));
        let (carrier, base) = start_numbered(earlier.clone(), &over).await;

        // What the number received before the first start is not ours to answer.
        carrier.text(BOB, OURS, "hello?").await.unwrap();
        assert!(earlier.advance(SignedDuration::from_mins(2)));
        let app = start(&carrier, &base, &scratch.url, &clock).await;
        carrier.text(ADA, OURS, "REGISTER").await.unwrap();
        carrier.idle().await;
        eventually("the first look", PATIENCE, async || looked_until(&app).await.is_some()).await;
        stop(app, &carrier).await;

        for body in ["Ada Lovelace", "000000", "STATUS"] {
            carrier.text(ADA, OURS, body).await.unwrap();
        }
        for body in ["JOIN", "Bob", "STOP", "are you there?"] {
            carrier.text(BOB, OURS, body).await.unwrap();
        }
        let app = start(&carrier, &base, &scratch.url, &clock).await;
        eventually("recovery", PATIENCE, async || {
            state(&app, BOB).await == ("verifying".to_owned(), "withdrawn".to_owned())
                && harness::open_count(&app.store).await == 0
        })
        .await;
        carrier.idle().await;
        let ada = got(&carrier, ADA);
        assert_eq!(ada.len(), 4, "{ada:?}");
        assert!(
            ada[1].contains("code") && ada[2].contains("4 more tries") && ada[3].contains("waiting"),
            "{ada:?}"
        );
        // He opted out before anything could be answered, so nothing is: Twilio would refuse it as well.
        assert_eq!(got(&carrier, BOB), [""; 0], "{}", scratch.engine());

        // The webhook comes after all: the text is known, and is not answered twice.
        let sent = carrier.ledger(0).inbound;
        let status = sent.iter().find(|text| text.body == "STATUS").unwrap();
        let url = format!("{}/webhooks/twilio/sms", app.public_url);
        let params: Vec<(String, String)> =
            [("MessageSid", status.sid.as_str()), ("From", ADA), ("To", OURS), ("Body", "STATUS")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec();
        let signature = tidings::signature::sign(&carrier.settings().auth_token, &url, &params);
        let post = reqwest::Client::new().post(&url).header("X-Twilio-Signature", signature).form(&params);
        assert!(post.send().await.unwrap().text().await.unwrap().ends_with("<Response/>"));

        let inbound = harness::messages(&app.store).await.into_iter().filter(|row| !row.outbound).count();
        assert_eq!(inbound, 8, "each text once, and not the one from before our time");
        stop(app, &carrier).await;
        over.cancel();
        scratch.close().await;
    }
}

#[tokio::test]
async fn what_was_erased_is_not_fetched_again() {
    for ahead in [0, 3] {
        for scratch in Scratch::each().await {
            erased_and_looked_for(&scratch, SignedDuration::from_hours(ahead)).await;
            scratch.close().await;
        }
    }
}

/// Erases somebody, sets our clock forward, and looks for missed texts.
async fn erased_and_looked_for(scratch: &Scratch, ahead: SignedDuration) {
    let (over, clock) = (CancellationToken::new(), Clock::shifted_by(SignedDuration::ZERO));
    let twilios = Clock::shifted_by(SignedDuration::ZERO);
    let (carrier, base) = start_numbered(twilios.clone(), &over).await;
    let app = start_and_look(&carrier, &base, scratch, &clock).await;
    for body in ["REGISTER Ada", "STOP", "START", "FORGET ME"] {
        carrier.text(ADA, OURS, body).await.unwrap();
        carrier.idle().await;
    }
    let looked = looked_until(&app).await.unwrap();
    stop(app, &carrier).await;
    // Later, so that nothing in Twilio's list is too young to be fetched.
    for clock in [&clock, &twilios] {
        assert!(clock.advance(SignedDuration::from_mins(2)));
    }
    assert!(clock.advance(ahead));
    let app = start(&carrier, &base, &scratch.url, &clock).await;
    eventually("another look", PATIENCE, async || looked_until(&app).await.unwrap() > looked).await;
    assert!(app.store.contact(ADA).await.unwrap().is_none(), "on {}", scratch.engine());
    let fetched = harness::messages(&app.store).await.into_iter().filter(|row| row.body.contains("Ada"));
    assert_eq!(fetched.count(), 0, "on {}", scratch.engine());
    stop(app, &carrier).await;
    over.cancel();
}

#[tokio::test]
async fn a_clock_that_was_ahead_hides_no_missed_texts() {
    for scratch in Scratch::each().await {
        let (over, clock) = (CancellationToken::new(), Clock::shifted_by(SignedDuration::ZERO));
        let (carrier, base) = start_numbered(clock.clone(), &over).await;
        let app = start_and_look(&carrier, &base, &scratch, &clock).await;
        stop(app, &carrier).await;
        let ahead = (clock.now() + SignedDuration::from_hours(24)).as_millisecond();
        scratch.execute(&format!("UPDATE bookmark SET at = {ahead} WHERE name = 'texts received'")).await;
        carrier.text(BOB, OURS, "JOIN").await.unwrap();
        assert!(clock.advance(SignedDuration::from_mins(2)));
        let app = start(&carrier, &base, &scratch.url, &clock).await;
        eventually("recovery", PATIENCE, async || app.store.contact(BOB).await.unwrap().is_some()).await;
        assert!(looked_until(&app).await.unwrap() < ahead);
        app.stop().await;
        over.cancel();
        scratch.close().await;
    }
}

/// Twilio's list tells its own time, by which a text came in before our last look, or after the day that is asked for.
#[tokio::test]
async fn a_clock_a_day_apart_from_twilios_hides_no_missed_texts() {
    for scratch in Scratch::each().await {
        for hours in [-25, 25] {
            let (over, clock) = (CancellationToken::new(), Clock::shifted_by(SignedDuration::ZERO));
            let twilios = Clock::shifted_by(SignedDuration::from_hours(hours));
            let (carrier, base) = start_numbered(twilios.clone(), &over).await;
            let app = start_and_look(&carrier, &base, &scratch, &clock).await;
            stop(app, &carrier).await;
            let phone = format!("+1415555{:04}", 2000 + hours);
            carrier.text(&phone, OURS, "JOIN").await.unwrap();
            for clock in [&clock, &twilios] {
                assert!(clock.advance(SignedDuration::from_mins(2)));
            }
            let app = start(&carrier, &base, &scratch.url, &clock).await;
            eventually("recovery", PATIENCE, async || app.store.contact(&phone).await.unwrap().is_some())
                .await;
            app.stop().await;
            over.cancel();
        }
        scratch.close().await;
    }
}
