//! How the engines carry out our statements: none reads a large table from its first row to its last.

mod harness;
#[path = "queue/mod.rs"]
mod queue;

use harness::Scratch;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _, SqliteConnection};
use std::collections::{BTreeSet, HashMap};
use tidings::store::{Sql, sql};

/// Tables that stay small: one row a sender, a group, a campaign, an endpoint, a wording, a migration, a sign-in under way.
#[rustfmt::skip]
const SMALL: &[&str] = &[
    "audit_head", "bookmark", "code_prefix", "node_counter", "sender_slot", "staff_group", "tip",
    "webhook_endpoint", "webhook_version", "_sqlx_migrations", "alert", "campaign", "api_token", "second_factor",
    "template_version",
];

/// Statements that may read all of a large table, with the reason.
const MAY_READ_ALL: &[(&str, &str)] = &[("COUNT_SUBSCRIPTIONS", "it counts them all, one short row each")];

/// Indexes of a part of a table that grows as the table does.
const GROWING: &[&str] =
    &["message_by_sid", "message_by_what_for", "message_by_source", "message_of_campaign"];

/// What there is to explain, by name.
fn statements() -> impl Iterator<Item = (&'static str, Sql)> {
    sql::all().copied().filter(|(name, _)| !MAY_READ_ALL.iter().any(|(may, _)| may == name))
}

/// Which table a name in a statement stands for: the table itself, or what it is an alias of.
fn tables(text: &str, known: &BTreeSet<String>) -> HashMap<String, String> {
    let words: Vec<&str> = text.split(|one: char| !one.is_alphanumeric() && one != '_').collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let mut tables: HashMap<String, String> =
        known.iter().map(|table| (table.clone(), table.clone())).collect();
    for pair in words.windows(3) {
        let introduced = matches!(pair[0].to_uppercase().as_str(), "FROM" | "JOIN" | "UPDATE" | "INTO");
        let is_alias = pair[2].chars().all(|one| one.is_ascii_lowercase());
        if introduced && known.contains(pair[1]) && is_alias {
            tables.insert(pair[2].to_owned(), pair[1].to_owned());
        }
    }
    tables
}

#[tokio::test]
async fn sqlite_reads_no_large_table_as_a_whole() {
    let scratch = Scratch::sqlite();
    migrate(&scratch).await;
    sqlite_plans(&scratch).await;
    // Counted when a campaign was queued and nothing had left: most indexes of a part were empty.
    queue::fill(&scratch, 2000).await;
    sqlite_plans(&scratch).await;
}

async fn sqlite_plans(scratch: &Scratch) {
    let mut connection = SqliteConnection::connect(&scratch.url).await.unwrap();
    let known: Vec<String> = sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'table'")
        .fetch_all(&mut connection)
        .await
        .unwrap();
    let known: BTreeSet<String> = known.into_iter().collect();
    let partial: Vec<String> =
        sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'")
            .fetch_all(&mut connection)
            .await
            .unwrap();
    let partial: Vec<String> =
        partial.into_iter().filter(|index| !GROWING.contains(&index.as_str())).collect();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for (name, statement) in statements() {
        count += 1;
        let tables = tables(statement.sqlite, &known);
        let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", statement.sqlite));
        for row in sqlx::query(explain).fetch_all(&mut connection).await.unwrap() {
            let step: String = row.get("detail");
            let Some(scanned) = step.strip_prefix("SCAN ") else { continue };
            let mut words = scanned.split(' ');
            let Some(table) = words.next().and_then(|word| tables.get(word)) else { continue };
            let by_partial_index = words.any(|word| partial.iter().any(|index| index == word));
            if !by_partial_index && !SMALL.contains(&table.as_str()) {
                wrong.push(format!("{name}: {step} ({table})"));
            }
        }
    }
    println!("SQLite: {count} statements");
    assert!(count > 150 && wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a list finds its rows by, in the order of ids but for those that are [`SORTED`].
#[rustfmt::skip]
const LISTS: &[(&str, &str)] = &[
    ("FIND_MESSAGES", "PRIMARY KEY"),
    ("FIND_MESSAGES_OF_CONTACT", "message_by_contact"),
    ("FIND_MESSAGES_UNASKED", "message_by_purpose"),
    ("FIND_MESSAGES_PUT_ASIDE", "message_put_aside"),
    ("FIND_CONTACTS", "PRIMARY KEY"),
    ("FIND_CONTACTS_UNFINISHED", "contact_unfinished"),
    ("FIND_CONTACTS_BY_TAG", "contact_tag_by_tag"),
    ("FIND_CONTACTS_WITH_NUMBER", "PRIMARY KEY"),
    ("FIND_CONTACTS_WITH_NAME", "PRIMARY KEY"),
    ("CONVERSATION", "COVERING INDEX message_by_contact"),
    ("LEDGER", "consent_entry_by_contact"),
    ("CORRECTIONS", "PRIMARY KEY"),
    ("BOOKINGS", "PRIMARY KEY"),
    ("BOOKINGS_BY_STATUS", "booking_by_status"),
    ("BOOKINGS_OF_CONTACT", "booking_by_contact"),
    ("FORMS", "PRIMARY KEY"),
    ("FORMS_BY_STATUS", "form_request_by_status"),
    ("FORMS_OF_CONTACT", "form_request_by_contact"),
    ("GROUPS", "PRIMARY KEY"),
    ("ALERTS", "PRIMARY KEY"),
    ("TIPS", "PRIMARY KEY"),
    ("CAMPAIGNS", "sqlite_autoindex_campaign_1"),
    ("TEST_MESSAGES", "message_tests"),
    ("TEST_MESSAGES_OF", "message_by_source"),
    ("DELIVERIES", "webhook_delivery_by_endpoint"),
    ("ACCOUNTS", "PRIMARY KEY"),
    ("NUMBERS", "account_number"),
    ("NOTICES", "account_notice_by_account"),
    ("AUDIT", "PRIMARY KEY"),
    ("AUDIT_CHAIN", "PRIMARY KEY"),
];

/// Lists that are sorted, because few rows are of one account or person.
const SORTED: &[&str] = &["NUMBERS", "CONVERSATION", "FIND_MESSAGES_OF_CONTACT"];

#[tokio::test]
async fn a_page_of_a_list_is_read_in_the_order_of_its_index() {
    let scratch = Scratch::sqlite();
    migrate(&scratch).await;
    let mut connection = SqliteConnection::connect(&scratch.url).await.unwrap();
    for (list, index) in LISTS {
        let (_, statement) = sql::all().find(|(name, _)| name == list).unwrap();
        let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", statement.sqlite));
        let steps = sqlx::query(explain).fetch_all(&mut connection).await.unwrap();
        let steps: Vec<String> = steps.iter().map(|row| row.get("detail")).collect();
        let is_found = steps.iter().any(|step| step.starts_with("SEARCH") && step.contains(index));
        assert!(is_found, "{list}: {steps:?}");
        let sorts = steps.iter().any(|step| step.contains("TEMP B-TREE"));
        assert!(!sorts || SORTED.contains(list), "{list}: {steps:?}");
    }
}

/// Of what counts towards the daily cap only what is late enough is read, on SQLite by an index that no answer changes.
#[tokio::test]
async fn what_somebody_got_lately_is_read_by_time() {
    let scratch = Scratch::sqlite();
    migrate(&scratch).await;
    let mut connection = SqliteConnection::connect(&scratch.url).await.unwrap();
    for (statement, times) in [("STANDINGS", 2), ("AUDIENCE_STANDINGS", 2), ("AUDIENCE", 1)] {
        let (_, statement) = sql::all().find(|(name, _)| *name == statement).unwrap();
        let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", statement.sqlite));
        let steps = sqlx::query(explain).fetch_all(&mut connection).await.unwrap();
        let steps: Vec<String> = steps.iter().map(|row| row.get("detail")).collect();
        let by_time = |step: &&String| step.contains("message_capped (contact_id=? AND id>?)");
        assert_eq!(steps.iter().filter(by_time).count(), times, "{steps:?}");
    }
}

#[tokio::test]
async fn postgresql_reads_no_large_table_as_a_whole() {
    let Some(scratch) = Scratch::postgres().await else { return };
    migrate(&scratch).await;
    let mut connection = PgConnection::connect(&scratch.url).await.unwrap();
    // The tables are empty, so without this it would read all there is: nothing.
    let settings = "SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan";
    sqlx::raw_sql(settings).execute(&mut connection).await.unwrap();
    let partial: Vec<String> =
        sqlx::query_scalar("SELECT indexrelid::regclass::text FROM pg_index WHERE indpred IS NOT NULL")
            .fetch_all(&mut connection)
            .await
            .unwrap();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for (name, statement) in statements() {
        count += 1;
        let parameters = (1..100).take_while(|at| statement.postgres.contains(&format!("${at}"))).count();
        let values =
            if parameters == 0 { String::new() } else { format!("({})", vec!["NULL"; parameters].join(",")) };
        let prepare = AssertSqlSafe(format!("PREPARE p AS {}", statement.postgres));
        let explain = AssertSqlSafe(format!("EXPLAIN (FORMAT JSON) EXECUTE p{values}"));
        sqlx::raw_sql(prepare)
            .execute(&mut connection)
            .await
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let row = sqlx::query(explain).persistent(false).fetch_one(&mut connection).await;
        let plan: Value = row.unwrap_or_else(|error| panic!("{name}: {error}")).get(0);
        sqlx::raw_sql("DEALLOCATE p").execute(&mut connection).await.unwrap();
        // Of a JSON slice it expects a hundred rows, and merges so many with an empty table.
        let by_slice = statement.postgres.contains("json_to_recordset");
        look_at(&plan[0]["Plan"], &partial, &mut |step| {
            if !(by_slice && step.starts_with("Index")) {
                wrong.push(format!("{name}: {step}"));
            }
        });
    }
    println!("PostgreSQL: {count} statements");
    assert!(count > 150 && wrong.is_empty(), "{}", wrong.join("\n"));
    connection.close().await.unwrap();
    scratch.close().await;
}

/// Many that are done with, and a few of each status that is seldom.
const SKEWED: &str = "
    INSERT INTO contact (id, address, state, consent, person, locale, time_zone, time_zone_source, created_at)
    SELECT n, '+1' || (2000000000 + n), 'member', 'given', '{}', 'en', 'UTC', 'number', n FROM generate_series(1, 5000) n;
    INSERT INTO form_request (id, contact_id, token, title, url, status, remind_after_minutes, max_reminders, created_at)
    SELECT n, n, 'token' || n, 'Intake', 'https://example.org/',
    CASE WHEN n % 1000 = 3 THEN 'open' ELSE 'completed' END, 60, 2, n FROM generate_series(1, 5000) n;
    INSERT INTO booking (id, contact_id, title, starts_at, status, remind_before_minutes, is_past, created_at, updated_at)
    SELECT n, n, 'Check-up', n, CASE WHEN n % 2 = 0 OR n % 1000 = 3 THEN 'confirmed' ELSE 'pending' END, '[]',
    n % 2 = 0, n, n FROM generate_series(1, 5000) n;
    ANALYZE; SET plan_cache_mode = force_generic_plan";

/// PostgreSQL plans without the values after a while; then it must not take a seldom status for a usual one.
#[tokio::test]
async fn postgresql_finds_a_seldom_status_by_its_index() {
    let Some(scratch) = Scratch::postgres().await else { return };
    migrate(&scratch).await;
    let mut connection = PgConnection::connect(&scratch.url).await.unwrap();
    sqlx::raw_sql(SKEWED).execute(&mut connection).await.unwrap();
    for (list, index) in
        [("FORMS_BY_STATUS", "form_request_by_status"), ("BOOKINGS_BY_STATUS", "booking_by_status")]
    {
        let (_, statement) = sql::all().find(|(name, _)| *name == list).unwrap();
        let prepare = AssertSqlSafe(format!("PREPARE {list} AS {}", statement.postgres));
        sqlx::raw_sql(prepare).execute(&mut connection).await.unwrap();
        let explain = AssertSqlSafe(format!("EXPLAIN (FORMAT JSON) EXECUTE {list}(NULL, NULL, NULL, NULL)"));
        let row = sqlx::query(explain).persistent(false).fetch_one(&mut connection).await.unwrap();
        let plan = row.get::<Value, _>(0).to_string();
        assert!(plan.contains(index) && !plan.contains("\"Sort\""), "{list}: {plan}");
    }
    connection.close().await.unwrap();
    scratch.close().await;
}

/// Tells what in a plan reads all of a large table.
fn look_at(node: &Value, partial: &[String], tell: &mut impl FnMut(String)) {
    let text = |name: &str| node[name].as_str().unwrap_or_default();
    let (kind, table, index) = (text("Node Type"), text("Relation Name"), text("Index Name"));
    let is_whole = kind == "Seq Scan"
        || kind.starts_with("Index")
            && node["Index Cond"].is_null()
            && !partial.iter().any(|name| name == index);
    if is_whole && !table.is_empty() && !SMALL.contains(&table) {
        tell(format!("{kind} {index} on {table}"));
    }
    for child in node["Plans"].as_array().into_iter().flatten() {
        look_at(child, partial, tell);
    }
}

async fn migrate(scratch: &Scratch) {
    let store = scratch.open().await;
    store.migrate().await.unwrap();
    store.close().await;
}

/// The test itself: a table read as a whole is seen, under an alias, too.
#[test]
fn names_in_statements_stand_for_tables() {
    let known = ["message", "contact"].map(str::to_owned).into_iter().collect();
    let tables = tables("SELECT 1 FROM message m JOIN contact c ON c.id = m.contact_id", &known);
    assert_eq!((tables["m"].as_str(), tables["c"].as_str()), ("message", "contact"));
}
