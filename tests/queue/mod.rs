//! Filling the outbox without a conversation.
#![allow(dead_code, reason = "each test program uses its own part")]

use crate::harness::Scratch;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _, SqliteConnection};
use std::sync::atomic::{AtomicI64, Ordering};
use tidings::conversation::{Content, Queued};
use tidings::purpose::Purpose;
use tidings::store::{NewContact, Store};

/// A message that is wanted.
#[derive(Clone, Copy)]
pub(crate) struct Want<'a> {
    contact_id: i64,
    is_new: bool,
    purpose: Purpose,
    body: &'a str,
    content: Option<Content<'a>>,
}

impl<'a> Want<'a> {
    /// To the person with this number, who is new.
    pub(crate) fn to(person: i64, purpose: Purpose, body: &'a str) -> Self {
        Self { contact_id: 1000 + person, is_new: true, purpose, body, content: None }
    }

    /// To a person who is not new.
    pub(crate) fn again(person: i64, purpose: Purpose, body: &'a str) -> Self {
        Self { is_new: false, ..Self::to(person, purpose, body) }
    }

    /// The same by an approved template.
    pub(crate) fn with(self, content: Content<'a>) -> Self {
        Self { content: Some(content), ..self }
    }

    /// To a contact who is not new.
    pub(crate) fn of(contact_id: i64, purpose: Purpose, body: &'a str) -> Self {
        Self { contact_id, is_new: false, purpose, body, content: None }
    }
}

/// The number of a person.
pub(crate) fn people(person: i64) -> String {
    format!("+1415{:07}", 2_000_000 + person)
}

/// Queues messages to people who opted in, in a zone where it is day.
pub(crate) async fn queue(store: &Store, wants: &[Want<'_>]) {
    static LAST: AtomicI64 = AtomicI64::new(1_000_000);
    let now = tidings::clock::Clock::system().now();
    let zone = daylight(now);
    let new = wants.iter().filter(|want| want.is_new);
    let addresses: Vec<(i64, String)> =
        new.map(|want| (want.contact_id, people(want.contact_id - 1000))).collect();
    let contacts: Vec<NewContact> = addresses
        .iter()
        .map(|(id, address)| NewContact {
            id: *id,
            address,
            state: "member",
            consent: "given",
            person: serde_json::to_string(&tidings::dialog::Person::default()).unwrap(),
            locale: "en",
            time_zone: zone,
            time_zone_source: "person",
            created_at: now.as_millisecond(),
            erased_at: None,
        })
        .collect();
    let queued: Vec<Queued> = wants
        .iter()
        .map(|want| Queued {
            contact_id: want.contact_id,
            purpose: want.purpose,
            body: want.body,
            content: want.content,
            what_for: None,
            source_id: None,
            due_at: now,
            expires_at: now + jiff::SignedDuration::from_hours(48),
        })
        .collect();
    let rows: Vec<_> =
        queued.iter().map(|queued| queued.row(LAST.fetch_add(1, Ordering::Relaxed), now)).collect();
    let mut tx = store.begin().await.unwrap();
    tx.add_contacts(&contacts).await.unwrap();
    tx.save_slice(&rows, &[]).await.unwrap();
    tx.commit().await.unwrap();
}

/// A zone where it is noon or so.
fn daylight(now: jiff::Timestamp) -> &'static str {
    let zones = ["Europe/London", "Asia/Kolkata", "Asia/Tokyo", "Pacific/Honolulu", "America/New_York"];
    let is_day = |zone: &&str| {
        let zone = jiff::tz::TimeZone::get(zone).unwrap();
        (10..17).contains(&now.to_zoned(zone).hour())
    };
    zones.into_iter().find(is_day).unwrap()
}

/// Adds `count` people, each with a campaign message waiting.
pub(crate) async fn fill(scratch: &Scratch, count: i64) {
    let now = tidings::clock::Clock::system().now();
    let (at, zone) = (now.as_millisecond(), daylight(now));
    let person = serde_json::to_string(&tidings::dialog::Person::default()).unwrap();
    let numbers = if scratch.url.starts_with("sqlite") {
        format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})")
    } else {
        format!("WITH n AS (SELECT i FROM generate_series(1, {count}) AS i)")
    };
    let contacts = format!(
        "{numbers} INSERT INTO contact (id, address, state, consent, person, locale, time_zone, time_zone_source, \
         created_at) SELECT 5000000 + i, '+1415' || (3000000 + i), 'member', 'given', '{person}', 'en', '{zone}', \
         'person', {at} FROM n"
    );
    let messages = format!(
        "{numbers} INSERT INTO message (id, contact_id, outbound, body, segments, created_at, purpose, status, \
         priority, due_at, expires_at, by_rest) SELECT 6000000 + i, 5000000 + i, TRUE, 'offer', 1, {at}, \
         'campaign', 'queued', 4, {at}, {at} + 36000000, TRUE FROM n"
    );
    run(scratch, &[contacts, messages, "ANALYZE".to_owned()]).await;
}

async fn run(scratch: &Scratch, statements: &[String]) {
    if scratch.url.starts_with("sqlite") {
        let mut connection = SqliteConnection::connect(&scratch.url).await.unwrap();
        sqlx::raw_sql("PRAGMA busy_timeout = 30000").execute(&mut connection).await.unwrap();
        for statement in statements {
            sqlx::raw_sql(AssertSqlSafe(statement.clone())).execute(&mut connection).await.unwrap();
        }
    } else {
        let mut connection = PgConnection::connect(&scratch.url).await.unwrap();
        for statement in statements {
            sqlx::raw_sql(AssertSqlSafe(statement.clone())).execute(&mut connection).await.unwrap();
        }
    }
}

/// How the engine carries out a claim: as it is asked, and with the plan it keeps for every value.
pub(crate) async fn plans(scratch: &Scratch) -> Vec<String> {
    let (_, claim) = tidings::store::sql::all().find(|(name, _)| *name == "CLAIM_QUEUED").unwrap();
    let now = tidings::clock::Clock::system().now().as_millisecond();
    if scratch.url.starts_with("sqlite") {
        let mut connection = SqliteConnection::connect(&scratch.url).await.unwrap();
        let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", claim.sqlite));
        let query = sqlx::query(explain).bind(now).bind(now).bind(1_i64).bind(48_i64).bind(false).bind(4_i64);
        let rows = query.fetch_all(&mut connection).await.unwrap();
        return vec![rows.iter().map(|row| row.get::<String, _>("detail") + "\n").collect()];
    }
    let mut connection = PgConnection::connect(&scratch.url).await.unwrap();
    let mut plans = Vec::new();
    for mode in ["force_custom_plan", "force_generic_plan"] {
        let prepare = format!(
            "SET plan_cache_mode = {mode}; PREPARE claim(bigint, bigint, bigint, bigint, boolean, bigint) AS {}",
            claim.postgres
        );
        sqlx::raw_sql(AssertSqlSafe(prepare)).execute(&mut connection).await.unwrap();
        let explain = format!("EXPLAIN EXECUTE claim({now}, {now}, 1, 48, false, 4)");
        let rows = sqlx::raw_sql(AssertSqlSafe(explain)).fetch_all(&mut connection).await.unwrap();
        plans.push(rows.iter().map(|row| row.get::<String, _>(0) + "\n").collect());
        sqlx::raw_sql("DEALLOCATE claim").execute(&mut connection).await.unwrap();
    }
    plans
}

/// Sets when a contact last wrote, in hours from now.
pub(crate) async fn last_heard(scratch: &Scratch, contact_id: i64, hours: i64) {
    let at = tidings::clock::Clock::system().now() + jiff::SignedDuration::from_hours(hours);
    let at = at.as_millisecond();
    run(scratch, &[format!("UPDATE contact SET last_heard_at = {at} WHERE id = {contact_id}")]).await;
}
