//! How long every list and every read of the API takes over a large database: `docs/PERFORMANCE.md`.
//!
//! The server is a process of its own; 64 connections that stay open ask for one address after the
//! other, each for `TIDINGS_BENCH_SECONDS`.

#[path = "../inbound/cluster.rs"]
#[allow(dead_code, reason = "the other bench also asks for its process")]
mod cluster;
mod fill;
mod load;
#[path = "../inbound/process.rs"]
#[allow(dead_code, reason = "the other bench also starts peers")]
mod process;
mod routes;

use cluster::Cluster;
use load::Load;
use process::{Server, to_float, usage};
use std::error::Error;
use std::io::Read as _;
use std::path::Path;
use tidings::app::{self, App};
use tidings::clock::{Clock, stopwatch};
use tidings::config::{Config, Values};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// What to do; each is an environment variable with this name behind `TIDINGS_BENCH_`.
pub(crate) struct Options {
    pub(crate) connections: usize,
    pub(crate) seconds: f64,
    pub(crate) contacts: i64,
    pub(crate) messages: i64,
    /// Requests a second of all connections together; 0 is as many as there can be.
    pub(crate) rate: f64,
    only: String,
}

fn option<T: std::str::FromStr>(name: &str, usual: T) -> T {
    let text = std::env::var(format!("TIDINGS_BENCH_{name}")).ok();
    text.and_then(|text| text.parse().ok()).unwrap_or(usual)
}

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|text| text != "--bench").collect();
    if let [serve, database] = arguments.as_slice()
        && serve == "serve"
    {
        return serve_until_input_ends(database);
    }
    let options = Options {
        connections: option("CONNECTIONS", 64),
        seconds: option("SECONDS", 2.0),
        contacts: option("CONTACTS", 100_000),
        messages: option("MESSAGES", 1_000_000),
        rate: option("RATE", 0.0),
        only: option("ONLY", String::new()),
    };
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(run(&options, folder.path()))
}

async fn run(options: &Options, folder: &Path) -> Outcome<()> {
    if options.only.is_empty() || options.only.contains("sqlite") {
        let url = format!("sqlite://{}", folder.join("reads.db").display());
        measure("SQLite", &url, options, None).await?;
    }
    if options.only.is_empty() || options.only.contains("postgres") {
        match Cluster::find(folder, "")? {
            Some(cluster) => {
                let url = cluster.database("reads").await?;
                measure("PostgreSQL", &url, options, Some(&cluster)).await?;
            }
            None => println!("PostgreSQL was left out: it is not installed"),
        }
    }
    Ok(())
}

async fn measure(engine: &str, url: &str, options: &Options, cluster: Option<&Cluster>) -> Outcome<()> {
    let watch = stopwatch();
    let filled = fill::fill(url, options).await?;
    println!("{engine}: filled in {:.0} s\n", watch.elapsed().as_secs_f64());
    let server = Server::start(&[url])?;
    let load = Load { address: server.address, options, filled: &filled };
    println!(
        "| {engine} | requests/s | p50 ms | p99 ms | most ms | CPU µs | kB |\n|---|---|---|---|---|---|---|"
    );
    for route in routes::ROUTES {
        // Once to get it warm, as it is in a server that runs.
        load.round(route, 0.2).await?;
        let before = usage(server.id(), cluster.and_then(Cluster::id));
        let round = load.round(route, options.seconds).await?;
        let after = usage(server.id(), cluster.and_then(Cluster::id));
        let count = to_float(round.latency.len());
        let milliseconds = |at: u64| to_float(at) / 1000.0;
        println!(
            "| `{}` | {:.0} | {:.1} | {:.1} | {:.0} | {:.0} | {:.1} |",
            route.name,
            count / round.seconds,
            milliseconds(round.latency.value_at_quantile(0.5)),
            milliseconds(round.latency.value_at_quantile(0.99)),
            milliseconds(round.latency.max()),
            to_float(after.since(before).cpu_microseconds) / count,
            to_float(round.bytes) / count / 1000.0,
        );
    }
    println!();
    Ok(())
}

/// The server's process: this program again.
fn serve_until_input_ends(database: &str) -> Outcome<()> {
    let watch = stopwatch();
    let runtime = app::runtime()?;
    runtime.block_on(async {
        let values = Values::from_pairs([
            ("TIDINGS_LISTEN", "127.0.0.1:0"),
            ("DATABASE_URL", database),
            ("TIDINGS_SECRET", "a secret of thirty-two bytes or more"),
            ("TWILIO_ACCOUNT_SID", "AC00000000000000000000000000000000"),
            ("TWILIO_AUTH_TOKEN", "00000000000000000000000000000000"),
            ("TWILIO_PHONE_NUMBER", "+14155550000"),
            // Nobody listens there, and nothing waits to be sent.
            ("TWILIO_API_BASE", "http://127.0.0.1:9"),
        ])?;
        let app = App::start(Config::from_values(&values)?, Clock::system()).await?;
        println!("ready {} {}", app.address, watch.elapsed().as_micros());
        tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
        app.stop().await;
        Ok(())
    })
}
