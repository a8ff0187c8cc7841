//! A database such as an organisation has after some years, filled in bulk.

use crate::{Options, Outcome};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use tidings::api::{SCOPES, hash_token, new_token};
use tidings::campaign::Plan;
use tidings::clock::Clock;
use tidings::config::{Database, Secret};
use tidings::dialog::{Consent, Name, Person, State};
use tidings::ids::Ids;
use tidings::store::Store;

/// Rows of each table that is neither large nor small.
const ROWS: i64 = 20_000;
/// Rows of each small table; so many campaigns share the messages.
pub(crate) const SMALL: i64 = 20;

/// What there is, and who may ask for it.
pub(crate) struct Filled {
    pub(crate) contacts: i64,
    pub(crate) messages: i64,
    pub(crate) rows: i64,
    /// Messages have the ids from here on, this far apart.
    pub(crate) base: i64,
    pub(crate) step: i64,
    /// How many messages there are from one campaign to the next.
    pub(crate) each: i64,
    pub(crate) token: String,
    pub(crate) session: String,
}

impl Filled {
    /// The number of a contact; as [`ADDRESS`] has it.
    #[expect(clippy::unused_self, reason = "it reads better at its caller")]
    pub(crate) fn number(&self, contact: i64) -> String {
        format!("+1{}", 2_000_000_000 + (contact * 5_700_000_007) % 7_999_999_993)
    }
}

const ADDRESS: &str = "'+1' || (2000000000 + (n * 5700000007) % 7999999993)";

/// Statements that fill the tables: `{count}` rows with the numbers `n`, as in `INTO table (columns) SELECT values`.
const TABLES: &[(&str, &str)] = &[
    (
        "contacts",
        "INTO contact (id, address, state, consent, name, person, locale, time_zone, time_zone_source, \
         registered_at, created_at) SELECT n, {address}, \
         CASE WHEN n % 1000 = 1 THEN 'naming' WHEN n % 50 = 2 THEN 'stranger' ELSE 'member' END, 'given', \
         'Asha ' || n, '{person}', 'en', 'America/New_York', 'number', {since} + n * 1000, {since} + n * 900 FROM s",
    ),
    (
        "messages",
        "INTO message (id, contact_id, outbound, body, segments, created_at, intent, why, purpose, status, rank, \
         error_code, sent_at, updated_at, attempts, by_rest, source_id, what_for) SELECT {base} + n * {step}, 1 + (n * 7919) % {people}, \
         n % 2 = 0, 'Your appointment for Check-up is on Monday, 7 December at 14:30. Reply CONFIRM or CHANGE.', 1, \
         {since} + n * {gap}, CASE WHEN n % 2 = 1 THEN 'other' END, CASE WHEN n % 2 = 1 THEN 'no rule' END, \
         CASE WHEN n % 2 = 1 THEN NULL WHEN n % 20000 = 0 THEN 'stop_confirmation' WHEN n % 20 = 0 THEN 'code' \
         WHEN n % 20 = 2 THEN 'reminder' WHEN n % 20 = 4 THEN 'campaign' WHEN n % 20 = 6 THEN 'tip' \
         WHEN n % 2000 = 8 THEN 'test' ELSE 'reply' END, \
         CASE WHEN n % 2 = 1 THEN 'received' WHEN n % 500 = 4 THEN 'failed' WHEN n % 50000 = 6 THEN 'skipped' \
         ELSE 'delivered' END, 4, CASE WHEN n % 500 = 4 THEN 30005 END, {since} + n * {gap}, {since} + n * {gap}, \
         1, n % 2 = 0, CASE WHEN n % 20 = 4 AND n >= {each} THEN {base} + n / {each} * {each} * {step} END, \
         CASE WHEN n % 20 = 4 AND n >= {each} THEN 'campaign:' || ({base} + n / {each} * {each} * {step}) || ':' \
         || (1 + (n * 7919) % {people}) END FROM s",
    ),
    (
        "contacts",
        "INTO consent_entry (id, contact_id, given, how, actor, created_at) \
         SELECT {base} + n * {step} * 10, n, n % 100 <> 0, 'word', 'person', {since} FROM s",
    ),
    (
        "contacts",
        "INTO contact_tag (contact_id, tag) SELECT n, CASE WHEN n % 1000 = 0 THEN 'few' ELSE 'many' END FROM s",
    ),
    (
        "contacts",
        "INTO tip_subscription (contact_id, tips_on, next_tip_at, position) \
         SELECT n, n % 2 = 0, CASE WHEN n % 2 = 0 THEN {future} + n END, n % 300 FROM s",
    ),
    (
        "contacts",
        "INTO audit_entry (id, at, actor, action, subject, hash) \
         SELECT n, {since} + n * 1000, 'account 7', 'POST /bookings/{id}/cancel', 'id ' || n, \
         'd2a84f4b8b650937ec8f73cd8be2c74add5a911ba64df27458ed8229da804a26' FROM s",
    ),
    (
        "rows",
        "INTO booking (id, contact_id, title, starts_at, status, remind_before_minutes, created_at, updated_at) \
         SELECT n, 1 + (n * 7919) % {people}, 'Check-up', CASE WHEN n % 2 = 0 THEN {since} ELSE {future} END + n, \
         CASE WHEN n % 1000 = 3 THEN 'declined' WHEN n % 2 = 0 OR n % 1000 = 5 THEN 'confirmed' ELSE 'pending' END, '[1440]', {since}, {since} FROM s",
    ),
    (
        "rows",
        "INTO form_request (id, contact_id, token, title, url, status, remind_after_minutes, max_reminders, created_at) \
         SELECT n, 1 + (n * 7919) % {people}, 'token' || n, 'Intake', 'https://example.org/', \
         CASE WHEN n % 1000 = 3 THEN 'open' ELSE 'completed' END, 60, 2, \
         {since} FROM s",
    ),
    (
        "rows",
        "INTO correction (message_id, contact_id, body, intent, created_at) \
         SELECT {base} + n * {step}, 1 + (n * 7919) % {people}, 'see you', 'confirm', {since} FROM s",
    ),
    (
        "rows",
        "INTO account (id, email, email_key, password_hash, full_name, role, created_at, updated_at) \
         SELECT n, 'p' || n || '@example.org', 'p' || n || '@example.org', '-', 'Asha Rai', 'user', {since}, {since} FROM s",
    ),
    (
        "rows",
        "INTO account_number (id, account_id, address, claim, is_primary, is_verified, proof, created_at, updated_at) \
         SELECT n, n, {address}, {address}, TRUE, TRUE, '{}', {since}, {since} FROM s",
    ),
    (
        "small",
        "INTO tip (id, locale, position, body, created_at) SELECT n, 'en', n, 'Drink water.', {since} FROM s",
    ),
    (
        "small",
        "INTO staff_group (id, name, name_key, created_at) SELECT n, 'Group ' || n, 'group ' || n, {since} FROM s",
    ),
    ("small", "INTO staff_group_member (group_id, contact_id) SELECT n, n FROM s"),
    (
        "small",
        "INTO alert (id, group_id, group_name, body, created_at) SELECT n, n, 'Group ' || n, 'Come.', {since} FROM s",
    ),
    (
        "small",
        "INTO campaign (id, name, body, variables, audience, plan, status, reached, created_at, started_at, ended_at) \
         SELECT {base} + n * {each} * {step}, 'Campaign ' || n, 'Hi', '{}', '{}', '{plan}', 'done', {each} / 20, \
         {since} + n * {each} * {gap}, {since} + n * {each} * {gap}, {since} + (n + 1) * {each} * {gap} FROM s",
    ),
    (
        "small",
        "INTO webhook_endpoint (id, url, description, events, enabled, nonce, created_at, updated_at) \
         SELECT n, 'https://example.org/', '', '*', FALSE, 'nonce', {since}, {since} FROM s",
    ),
    (
        "rows",
        "INTO webhook_event (id, kind, body, created_at) SELECT n, 'message.received', '{}', {since} FROM s",
    ),
    (
        "rows",
        "INTO webhook_delivery (id, event_id, endpoint_id, status, history, created_at) \
         SELECT n, n, 1 + n % 20, 'delivered', '[]', {since} FROM s",
    ),
];

/// Fills the database at `url`.
pub(crate) async fn fill(url: &str, options: &Options) -> Outcome<Filled> {
    let place = match url.strip_prefix("sqlite://") {
        Some(path) => Database::Sqlite(path.into()),
        None => Database::Postgres(Secret::new(url.to_owned())),
    };
    let store = Store::open(&place, 2).await?;
    store.migrate().await?;
    let now = Clock::system().now();
    let since = now - jiff::SignedDuration::from_hours(24 * 365);
    let (first, last) = (Ids::floor(since), Ids::floor(now));
    let (token, session) = (new_token()?, new_token()?);
    let scopes: Vec<&str> = SCOPES.iter().map(|(name, _)| *name).collect();
    store.add_token(1, "bench", &hash_token(&token), &scopes.join(" "), 0).await?;
    let mut tx = store.begin().await?;
    tx.add_session(&hash_token(&session), 7, 0, i64::MAX).await?;
    tx.commit().await?;
    let filled = Filled {
        contacts: options.contacts,
        messages: options.messages,
        rows: ROWS,
        base: first,
        step: (last - first) / (options.messages + 1),
        each: options.messages / SMALL,
        token,
        session,
    };
    let gap = (now.as_millisecond() - since.as_millisecond()) / options.messages;
    for (size, statement) in TABLES {
        let count = match *size {
            "contacts" => options.contacts,
            "messages" => options.messages,
            "rows" => ROWS,
            _ => SMALL,
        };
        let text = statement
            .replace("{address}", ADDRESS)
            .replace("{person}", &serde_json::to_string(&member(since))?)
            .replace("{plan}", &serde_json::to_string(&Plan::default())?)
            .replace("{people}", &options.contacts.to_string())
            .replace("{base}", &filled.base.to_string())
            .replace("{step}", &filled.step.to_string())
            .replace("{each}", &filled.each.to_string())
            .replace("{gap}", &gap.to_string())
            .replace("{since}", &since.as_millisecond().to_string())
            .replace("{future}", &(now.as_millisecond() + 10_000_000_000).to_string());
        let numbers = format!(
            "WITH RECURSIVE s(n) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT n + 1 FROM s WHERE n < {count}) "
        );
        execute(url, format!("{numbers}INSERT {text}")).await.map_err(|error| format!("{text}: {error}"))?;
    }
    // What the server itself does in the course of time.
    execute(url, "ANALYZE".to_owned()).await?;
    store.checkpoint().await?;
    store.close().await;
    Ok(filled)
}

fn member(since: jiff::Timestamp) -> Person {
    Person {
        state: State::Member { since },
        consent: Consent::Given,
        name: Name::parse("Asha Rai"),
        ..Person::default()
    }
}

async fn execute(url: &str, text: String) -> Outcome<()> {
    if url.starts_with("sqlite://") {
        // SQLite is not told what its tables hold: the server doesn't, either.
        if text != "ANALYZE" {
            let mut connection = SqliteConnection::connect(url).await?;
            sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut connection).await?;
            connection.close().await?;
        }
    } else {
        let mut connection = PgConnection::connect(url).await?;
        sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut connection).await?;
        connection.close().await?;
    }
    Ok(())
}
