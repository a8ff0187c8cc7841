//! How long it takes to queue the tips of everybody who is due at one minute, and what memory it takes.
//!
//! `cargo bench --bench tips` measures on a SQLite file; `cargo bench --bench tips -- DATABASE_URL` on
//! an empty database of your choice. `TIDINGS_BENCH_PEOPLE` says how many people, a million by default.

use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use tidings::clock::{Clock, stopwatch};
use tidings::config::{Database, Secret};
use tidings::conversation::{Inbox, Regulars, Settings, SuppressionKey};
use tidings::dialog::CodeKey;
use tidings::metrics::Metrics;
use tidings::outbound::Tips;
use tidings::outbound::ticks::{Schedule as _, Ticked};
use tidings::schedule::QuietHours;
use tidings::store::{NewContact, NewTip, Store, TipChoiceRow};
use tidings::texts::{Program, Texts};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// People added in one transaction.
const SLICE: usize = 5000;
const ZONES: [&str; 4] = ["America/New_York", "America/Detroit", "America/Toronto", "America/Nassau"];

fn main() -> Outcome<()> {
    let people = std::env::var("TIDINGS_BENCH_PEOPLE").ok().and_then(|text| text.parse().ok());
    let url = std::env::args().skip(1).find(|argument| argument.contains("://"));
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let database = match url {
        Some(url) => Database::Postgres(Secret::new(url)),
        None => Database::Sqlite(folder.path().join("tips.db")),
    };
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(run(database, people.unwrap_or(1_000_000)))
}

async fn run(database: Database, people: usize) -> Outcome<()> {
    let store = Store::open(&database, 8).await?;
    store.migrate().await?;
    // Seven in the morning in New York.
    let due: Timestamp = "2026-11-21T12:00:00Z".parse()?;
    let clock = Clock::standing_at(due - SignedDuration::from_hours(1));
    let inbox = Arc::new(inbox(store, clock.clone()).await?);
    let filling = stopwatch();
    fill(&inbox, people, due).await?;
    println!("{people} people added in {:.1} s", filling.elapsed().as_secs_f64());

    let quiet = QuietHours { from: jiff::civil::time(21, 0, 0, 0), to: jiff::civil::time(8, 0, 0, 0) };
    let tips = Tips::new(inbox.clone(), quiet, Metrics::new()?);
    if !clock.advance(SignedDuration::from_hours(1)) {
        return Err("the bench's clock does not move".into());
    }
    let before = resident_megabytes();
    let (mut most, mut slices, mut longest) = (before, 0, 0.0_f64);
    let watch = stopwatch();
    loop {
        let slice = stopwatch();
        let ticked = tips.tick(clock.now()).await?;
        longest = longest.max(slice.elapsed().as_secs_f64());
        most = most.max(resident_megabytes());
        match ticked {
            Ticked::More => slices += 1,
            Ticked::Idle(_) => break,
        }
    }
    let seconds = watch.elapsed().as_secs_f64();
    let queued = inbox.store.open_messages().await?.iter().map(|(_, count)| count).sum::<i64>();
    println!(
        "{queued} tips queued in {seconds:.1} s, {slices} slices, the longest {:.0} ms; memory {before} MB + {} MB",
        longest * 1000.0,
        most - before
    );
    inbox.store.close().await;
    Ok(())
}

/// The memory this process holds, as Linux counts it; nothing elsewhere.
fn resident_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes: Option<u64> = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    kilobytes.unwrap_or(0) / 1024
}

async fn inbox(store: Store, clock: Clock) -> Outcome<Inbox> {
    Ok(Inbox {
        regulars: Regulars::default(),
        taken_anew: AtomicBool::default(),
        listeners: Arc::default(),
        tips_planned: Arc::default(),
        clock,
        ids: Arc::new(store.new_ids().await?),
        store,
        texts: Arc::new(Texts::load(&Program::sample())?),
        code_key: CodeKey::new(b"code"),
        suppression_key: SuppressionKey::new(b"suppression"),
        settings: Settings {
            twilio_answers: true,
            default_locale: "en".to_owned(),
            default_time_zone: "America/New_York".to_owned(),
            tip_time: jiff::civil::time(7, 0, 0, 0),
            settle_after: SignedDuration::from_mins(1),
        },
    })
}

async fn fill(inbox: &Inbox, people: usize, due: Timestamp) -> Outcome<()> {
    let now = inbox.clock.now();
    let tip = |position| NewTip {
        id: inbox.ids.next(now),
        locale: "en".to_owned(),
        position: Some(position),
        date: None,
        body: format!("Tip {position}: drink a glass of water before breakfast, and one with each meal."),
        created_at: now.as_millisecond(),
    };
    inbox.store.add_tips(&(1..=60).map(tip).collect::<Vec<_>>()).await?;
    let all: Vec<usize> = (0..people).collect();
    for slice in all.chunks(SLICE) {
        fill_slice(inbox, slice, now, due).await?;
    }
    inbox.store.checkpoint().await?;
    Ok(())
}

async fn fill_slice(inbox: &Inbox, people: &[usize], now: Timestamp, due: Timestamp) -> Outcome<()> {
    let addresses: Vec<String> = people.iter().map(|person| format!("+1212{person:07}")).collect();
    let contacts: Vec<NewContact> = addresses
        .iter()
        .zip(people)
        .map(|(address, person)| NewContact {
            id: inbox.ids.next(now),
            address,
            state: "member",
            consent: "given",
            person: "{}".to_owned(),
            locale: if person % 3 == 0 { "es" } else { "en" },
            time_zone: ZONES[person % ZONES.len()],
            time_zone_source: "number",
            created_at: now.as_millisecond(),
            erased_at: None,
        })
        .collect();
    let choice = |contact: &NewContact| TipChoiceRow {
        contact_id: contact.id,
        tips_on: true,
        tip_time: None,
        next_tip_at: Some(due.as_millisecond()),
    };
    let choices: Vec<TipChoiceRow> = contacts.iter().map(choice).collect();
    let mut tx = inbox.store.begin().await?;
    tx.add_contacts(&contacts).await?;
    tx.put_tip_choices(&choices).await?;
    tx.commit().await?;
    Ok(())
}
