//! How many signed texts a second are answered durably, and what one costs: `docs/PERFORMANCE.md`.
//!
//! Each variant is a server in a process of its own. All run at once and are loaded in turns, so
//! that what else the machine does hits all of them; medians of the rounds are shown.

mod cluster;
mod fill;
mod load;
mod memory;
mod peer;
mod process;
mod script;
mod server;

use cluster::Cluster;
use load::{People, Round};
use peer::PEERS;
use process::{Server, Usage, to_float};
use server::Kind;
use std::error::Error;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use tidings::clock::stopwatch;
use tokio::net::TcpStream;

type Failure = Box<dyn Error>;

/// Connections of the round before those that count, if these have no more.
const WARM_UP_CONNECTIONS: usize = 64;

/// What to do; each is an environment variable with this name behind `TIDINGS_BENCH_`.
struct Options {
    connections: usize,
    seconds: f64,
    rounds: usize,
    conversations: Vec<usize>,
    only: String,
    idle: usize,
    newcomers: usize,
    postgres: String,
}

impl Options {
    fn from_environment() -> Result<Self, Failure> {
        let text = |name: &str, default: &str| {
            std::env::var(format!("TIDINGS_BENCH_{name}")).unwrap_or_else(|_| default.to_owned())
        };
        let sizes: Result<Vec<usize>, _> =
            text("CONVERSATIONS", "10000").split(',').map(str::parse).collect();
        Ok(Self {
            connections: text("CONNECTIONS", "64").parse()?,
            seconds: text("SECONDS", "3").parse()?,
            rounds: text("ROUNDS", "5").parse()?,
            conversations: sizes?,
            only: text("ONLY", ""),
            idle: text("IDLE", "10000").parse()?,
            newcomers: text("NEWCOMERS", "5").parse()?,
            postgres: text("POSTGRES", ""),
        })
    }
}

/// A server under load.
struct Variant {
    name: String,
    server: Server,
    cluster: Option<u32>,
    people: People,
    rounds: Vec<(Round, Usage)>,
}

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [command, kind, database, conversations] = arguments.as_slice()
        && command == "serve"
    {
        return server::run(kind, database, conversations.parse()?);
    }
    let options = Options::from_environment()?;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(bench(&options))
}

async fn bench(options: &Options) -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    // PostgreSQL's own user has to get through.
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(folder.path(), open)?;
    println!("one sync of this disk: {:.2} ms (median)", sync_milliseconds(folder.path())?);
    let postgres = ["postgres product", "postgres single"].into_iter().any(|name| options.wants(name));
    let cluster = if postgres { Cluster::find(folder.path(), &options.postgres)? } else { None };
    let mut variants = start(options, folder.path(), cluster.as_ref()).await?;
    let ours = variants.len();
    if std::env::var("TIDINGS_PEERS").is_ok_and(|value| value == "1") {
        variants.extend(start_peers(options, folder.path())?);
    }
    for variant in &mut variants {
        // Of few members most have written lately then, however few connections follow.
        let connections = options.connections.max(WARM_UP_CONNECTIONS.min(variant.people.members()));
        variant.round(connections, options.seconds, 200_000).await?;
    }
    for round in 0..=options.rounds {
        for variant in &mut variants {
            let rate = variant.rounds.last().map_or(0.0, |(round, _)| round.rate());
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a bounded count")]
            let texts = (rate * options.seconds * 1.5) as usize;
            variant.round(options.connections, options.seconds, texts).await?;
            if round == 0 {
                // So far only the caches were filled.
                variant.rounds.drain(..1);
            }
        }
    }
    report(&variants);
    let (ours, peers) = variants.split_at(ours);
    compare(ours, peers);
    drop(variants);
    small_figures(options, folder.path()).await
}

impl Options {
    fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.split(',').any(|wanted| name.contains(wanted))
    }
}

impl Variant {
    async fn round(&mut self, connections: usize, seconds: f64, texts: usize) -> Result<(), Failure> {
        let before = process::usage(self.server.id(), self.cluster);
        let round = load::round(self.server.address, &mut self.people, connections, seconds, texts).await?;
        let usage = process::usage(self.server.id(), self.cluster).since(before);
        self.rounds.push((round, usage));
        Ok(())
    }

    fn median(&self, figure: impl Fn(&Round, &Usage) -> f64) -> f64 {
        median(self.rounds.iter().map(|(round, usage)| figure(round, usage)).collect())
    }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

async fn start(options: &Options, folder: &Path, cluster: Option<&Cluster>) -> Result<Vec<Variant>, Failure> {
    let mut variants = Vec::new();
    for (index, &count) in options.conversations.iter().enumerate() {
        let mut wanted = vec![("sqlite", Kind::Product), ("postgres", Kind::Product)];
        if index == 0 {
            wanted = vec![
                ("memory", Kind::Memory),
                ("sqlite", Kind::Product),
                ("postgres", Kind::Product),
                ("sqlite", Kind::Single),
                ("postgres", Kind::Single),
            ];
        }
        for (engine, kind) in wanted {
            let name = format!("{engine} {} {count}", kind.name());
            if kind != Kind::Memory && !options.wants(&name) {
                continue;
            }
            let label = format!("bench_{engine}_{}_{count}", kind.name());
            let database = match (engine, cluster) {
                ("sqlite", _) => format!("sqlite://{}", folder.join(format!("{label}.db")).display()),
                ("postgres", Some(cluster)) => cluster.database(&label).await?,
                ("postgres", None) => continue,
                _ => "none".to_owned(),
            };
            if kind != Kind::Memory {
                fill::fill(&database, count).await?;
            }
            let server = Server::start(&[kind.name(), &database, &count.to_string()])?;
            let cluster = cluster.filter(|_| engine == "postgres").and_then(Cluster::id);
            let people = People::new(count, options.newcomers);
            variants.push(Variant { name, server, cluster, people, rounds: Vec::new() });
        }
    }
    Ok(variants)
}

/// The peers that are installed; they commit to SQLite, with the first number of conversations.
fn start_peers(options: &Options, folder: &Path) -> Result<Vec<Variant>, Failure> {
    let count = options.conversations.first().copied().unwrap_or_default();
    let mut variants = Vec::new();
    for peer in PEERS {
        if let Some(server) = peer.start(folder, count)? {
            let name = format!("{} {count}", peer.name);
            let people = People::new(count, options.newcomers);
            variants.push(Variant { name, server, cluster: None, people, rounds: Vec::new() });
        }
    }
    Ok(variants)
}

fn report(variants: &[Variant]) {
    let ceiling = variants.first().map_or(1.0, |variant| variant.median(|round, _| round.rate()));
    println!(
        "{:<26}{:>9}{:>9}{:>9}{:>9}{:>9}{:>11}{:>9}{:>8}",
        "variant", "turns/s", "ratio", "p50 ms", "p99 ms", "max ms", "CPU µs", "kB", "MB"
    );
    for variant in variants {
        let rate = variant.median(|round, _| round.rate());
        let per_turn = |round: &Round, count: u64| to_float(count) / to_float(round.turns);
        println!(
            "{:<26}{:>9.0}{:>9.3}{:>9.2}{:>9.2}{:>9.1}{:>11.1}{:>9.1}{:>8.0}",
            variant.name,
            rate,
            rate / ceiling,
            variant.median(|round, _| round.within(0.5)),
            variant.median(|round, _| round.within(0.99)),
            variant.median(|round, _| round.within(1.0)),
            variant.median(|round, usage| per_turn(round, usage.cpu_microseconds)),
            variant.median(|round, usage| per_turn(round, usage.bytes_written) / 1000.0),
            process::memory_megabytes(variant.server.id()),
        );
    }
}

/// Figures of ours as multiples of each peer's; the ceiling, which commits nothing, stands apart.
fn compare(ours: &[Variant], peers: &[Variant]) {
    if peers.is_empty() {
        return;
    }
    println!("{:<26}{:<18}{:>9}{:>9}{:>9}", "variant", "in multiples of", "turns/s", "p50", "p99");
    for (variant, peer) in
        ours.iter().skip(1).flat_map(|variant| peers.iter().map(move |peer| (variant, peer)))
    {
        let multiple = |figure: fn(&Round) -> f64| {
            variant.median(|round, _| figure(round)) / peer.median(|round, _| figure(round))
        };
        println!(
            "{:<26}{:<18}{:>9.1}{:>9.3}{:>9.3}",
            variant.name,
            peer.name,
            multiple(Round::rate),
            multiple(|round| round.within(0.5)),
            multiple(|round| round.within(0.99)),
        );
    }
}

/// Start to ready, memory at rest, and memory with many connections that asked once and stay open.
async fn small_figures(options: &Options, folder: &Path) -> Result<(), Failure> {
    if !options.wants("start") {
        return Ok(());
    }
    let mut starts = Vec::new();
    for run in 0..5 {
        let database = format!("sqlite://{}", folder.join(format!("start_{run}.db")).display());
        drop(Server::start(&["product", &database, "0"])?);
        starts.push(Server::start(&["product", &database, "0"])?.start_milliseconds);
    }
    let database = format!("sqlite://{}", folder.join("idle.db").display());
    let server = Server::start(&["product", &database, "0"])?;
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    println!(
        "start to ready {:.0} ms, memory at rest {:.0} MB",
        median(starts),
        process::memory_megabytes(server.id())
    );
    let mut open = Vec::with_capacity(options.idle);
    while open.len() < options.idle {
        let mut stream = TcpStream::connect(server.address).await?;
        load::ask_health(&mut stream).await?;
        open.push(stream);
    }
    println!("with {} idle connections {:.0} MB", open.len(), process::memory_megabytes(server.id()));
    Ok(())
}

/// How long this disk takes to make 4 kB durable.
fn sync_milliseconds(folder: &Path) -> Result<f64, Failure> {
    let mut file = File::create(folder.join("sync"))?;
    let mut times = Vec::new();
    for _ in 0..100 {
        let watch = stopwatch();
        file.write_all(&[0; 4096])?;
        file.sync_data()?;
        times.push(watch.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(median(times))
}
