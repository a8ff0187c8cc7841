//! The server's process: this program again, told to serve one variant.

use crate::memory::Memory;
use crate::script::{ACCOUNT_SID, AUTH_TOKEN, OUR_NUMBER, PUBLIC_URL};
use std::error::Error;
use std::io::Read as _;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tidings::app::{self, App, with_limits};
use tidings::batch::{Apply, Batch, MAX_SLICE};
use tidings::clock::{Clock, stopwatch};
use tidings::config::{Config, Values};
use tidings::conversation::{Handed, InboundText, Inbox, Regulars, Reports, Settings, SuppressionKey};
use tidings::dialog::CodeKey;
use tidings::listen;
use tidings::metrics::Metrics;
use tidings::phone::Region;
use tidings::signature::AuthToken;
use tidings::store::Store;
use tidings::texts::{Program, Texts};
use tidings::voice::House;
use tidings::webhooks::{self, Webhooks};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

type Outcome = Result<(), Box<dyn Error>>;

/// How a server commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Not at all.
    Memory,
    /// The whole product.
    Product,
    /// A transaction for each text.
    Single,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Product => "product",
            Self::Single => "single",
        }
    }
}

/// Serves until standard input ends, which it does when the bench ends, however it ends.
pub(crate) fn run(kind: &str, database: &str, conversations: usize) -> Outcome {
    let watch = stopwatch();
    let runtime = app::runtime()?;
    runtime.block_on(async {
        match kind {
            "memory" => {
                let ready = serve(Memory::new(Clock::system(), conversations), None, MAX_SLICE).await?;
                println!("ready {ready} {}", watch.elapsed().as_micros());
            }
            "single" => {
                let inbox = inbox(database).await?;
                let store = inbox.store.clone();
                let ready = serve(inbox, Some(store), 1).await?;
                println!("ready {ready} {}", watch.elapsed().as_micros());
            }
            _ => {
                let app = App::start(config(database)?, fast_clock(4)).await?;
                println!("ready {} {}", app.address, watch.elapsed().as_micros());
                until_input_ends().await?;
                app.stop().await;
                return Ok(());
            }
        }
        until_input_ends().await
    })
}

async fn until_input_ends() -> Outcome {
    Ok(tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()).map(drop)).await??)
}

/// Runs `times` as fast as the machine's, so that nobody looks like a machine that talks in a loop.
fn fast_clock(times: i64) -> Clock {
    let clock = Clock::starting_at("2026-11-21T12:00:00Z".parse().expect("a time"));
    tokio::spawn({
        let clock = clock.clone();
        async move {
            loop {
                tokio::time::sleep(Duration::from_millis(100)).await;
                let _ = clock.advance(jiff::SignedDuration::from_millis(100 * (times - 1)));
            }
        }
    });
    clock
}

fn config(database: &str) -> Result<Config, Box<dyn Error>> {
    let values = Values::from_pairs([
        ("TIDINGS_LISTEN", "127.0.0.1:0"),
        ("TIDINGS_PUBLIC_URL", PUBLIC_URL),
        ("DATABASE_URL", database),
        ("TIDINGS_SECRET", "a secret of thirty-two bytes or more"),
        ("TWILIO_ACCOUNT_SID", ACCOUNT_SID),
        ("TWILIO_AUTH_TOKEN", AUTH_TOKEN),
        ("TWILIO_PHONE_NUMBER", OUR_NUMBER),
        // Nobody listens there, and nothing is sent before the settle time is over.
        ("TWILIO_API_BASE", "http://127.0.0.1:9"),
        ("TIDINGS_SETTLE_SECONDS", "600"),
    ])?;
    Ok(Config::from_values(&values)?)
}

/// The product's inbox without the rest of the product.
async fn inbox(database: &str) -> Result<Inbox, Box<dyn Error>> {
    let config = config(database)?;
    let store = Store::open(&config.database, config.max_connections).await?;
    store.migrate().await?;
    let checkpoints = store.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let _ = checkpoints.checkpoint().await;
        }
    });
    Ok(Inbox {
        clock: fast_clock(4),
        ids: Arc::new(store.new_ids().await?),
        store,
        texts: Arc::new(Texts::load(&Program::sample())?),
        code_key: CodeKey::new(b"code"),
        suppression_key: SuppressionKey::new(b"suppression"),
        regulars: Regulars::default(),
        taken_anew: AtomicBool::default(),
        listeners: Arc::default(),
        tips_planned: Arc::default(),
        settings: Settings {
            twilio_answers: true,
            default_locale: "en".to_owned(),
            default_time_zone: "America/New_York".to_owned(),
            tip_time: jiff::civil::time(7, 0, 0, 0),
            settle_after: jiff::SignedDuration::from_mins(10),
        },
    })
}

/// Serves the webhooks alone, with texts going to `worker`.
async fn serve<W>(worker: W, store: Option<Store>, max_slice: usize) -> std::io::Result<std::net::SocketAddr>
where
    W: Apply<Job = InboundText, Answer = Option<Handed>>,
{
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let (inbox, _) = Batch::start(worker, max_slice);
    let (reports, _) = Batch::start(Nothing, 1);
    let webhooks = Webhooks {
        tokens: AuthToken::new(AUTH_TOKEN).into_iter().collect(),
        public_url: PUBLIC_URL.to_owned(),
        our_number: Some(OUR_NUMBER.to_owned()),
        inbox,
        reports,
        store,
        house: House { caller_id: None, reception: None, countries: Vec::new(), default_region: region()? },
        metrics: Metrics::new().map_err(std::io::Error::other)?,
    };
    let router = with_limits(webhooks::router(Arc::new(webhooks)));
    tokio::spawn(listen::serve(listener, router, CancellationToken::new(), Duration::ZERO));
    Ok(address)
}

fn region() -> std::io::Result<Region> {
    Region::parse("US").map_err(std::io::Error::other)
}

/// Takes no reports; the bench sends none.
struct Nothing;

impl Apply for Nothing {
    type Job = <Reports as Apply>::Job;
    type Answer = ();
    type Ahead = ();
    type Ready = ();

    async fn carry_out(&self, jobs: &[Self::Job], _ready: Option<()>) -> sqlx::Result<Vec<()>> {
        Ok(vec![(); jobs.len()])
    }
}
