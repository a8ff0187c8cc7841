//! The machine's own clock is moved, under the real program: on the days on which clocks change, people in
//! three zones get one tip each, at seven in the morning where they live.
//!
//! `TIDINGS_TEST_PROGRAM` names another build of the program, such as the release one. libfaketime, of the
//! Debian package `faketime`, lies about the time to the program and to the carrier, which run as processes.

mod harness;

use harness::server::Server;
use harness::{OURS, PATIENCE, eventually};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use reqwest::Client;
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;
use tidings::clock::Clock;

const ACCOUNT: &str = "AC00000000000000000000000000000001";
const AUTH_TOKEN: &str = "a-token-of-the-tests";
const PEOPLE: [(&str, &str); 3] = [
    ("+9779841234567", "Asia/Kathmandu"),
    ("+16025550101", "America/Phoenix"),
    ("+12125550102", "America/New_York"),
];
/// How late a tip may be: a schedule may sleep for half a minute, and the machine may be busy.
const LATE: SignedDuration = SignedDuration::from_mins(2);

#[tokio::test(flavor = "multi_thread")]
async fn one_tip_at_seven_on_the_day_new_yorks_clocks_go_back() {
    one_tip_at_seven("2026-11-01").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_tip_at_seven_on_the_day_new_yorks_clocks_go_forward() {
    one_tip_at_seven("2027-03-14").await;
}

async fn one_tip_at_seven(day: &str) {
    let Some(library) = libfaketime() else {
        println!("libfaketime was left out: install Debian's package faketime (./test does)");
        return;
    };
    let day: Date = day.parse().unwrap();
    let mut town = Town::start(&library, at(day, 0, "UTC") - SignedDuration::from_hours(4)).await;
    for date in [day, day.tomorrow().unwrap()] {
        let mut mornings = PEOPLE.map(|(phone, zone)| (at(date, 7, zone), phone, zone));
        mornings.sort_unstable();
        for (seven, phone, zone) in mornings {
            // New York's clocks change at six or seven o'clock UTC: half an hour after each, somebody asks.
            for hour in [1, 2, 6, 7] {
                let passing = at(date, hour, "UTC") + SignedDuration::from_mins(30);
                if passing > town.time() && passing < seven {
                    town.set(passing);
                    town.text(phone, "STATUS").await;
                }
            }
            town.set(seven - SignedDuration::from_secs(2));
            eventually("the tip", PATIENCE * 2, async || town.tips(phone, zone, date).await.len() == 1).await;
        }
    }
    for (phone, zone) in PEOPLE {
        for date in [day, day.tomorrow().unwrap()] {
            let tips = town.tips(phone, zone, date).await;
            let [taken] = tips[..] else { panic!("{zone} got {} tips on {date}", tips.len()) };
            let seven = at(date, 7, zone);
            println!("{zone}: {} ({taken})", taken.to_zoned(TimeZone::get(zone).unwrap()).datetime());
            assert!(
                taken >= seven && taken < seven + LATE,
                "{zone}'s tip left at {taken}, seven was {seven}"
            );
        }
    }
    let all = town.outbound().await.iter().filter(|message| is_tip(message)).count();
    assert_eq!(all, 2 * PEOPLE.len(), "a tip on another day");
    town.end().await;
}

/// A full hour where clocks show `zone`'s time.
fn at(date: Date, hour: i8, zone: &str) -> Timestamp {
    date.at(hour, 0, 0, 0).in_tz(zone).unwrap().timestamp()
}

/// The library that the package installs, for programs with threads.
fn libfaketime() -> Option<PathBuf> {
    let folders = fs::read_dir("/usr/lib").ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    folders.map(|folder| folder.join("faketime/libfaketimeMT.so.1")).find(|path| path.exists())
}

fn is_tip(message: &Value) -> bool {
    message["body"].as_str().unwrap().starts_with("Tip ")
}

/// The program and the carrier as processes that believe what a file says about the time.
struct Town {
    folder: TempDir,
    environment: Vec<(String, String)>,
    carrier: Child,
    carrier_url: String,
    server: Server,
    client: Client,
}

impl Town {
    /// Members who want tips, at `begin`.
    async fn start(library: &std::path::Path, begin: Timestamp) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = TempDir::new().unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let carrier_url = format!("http://127.0.0.1:{port}");
        let database = format!("sqlite://{}", folder.path().join("tidings.db").display());
        let offset = folder.path().join("offset");
        set_offset(&folder, begin);
        let environment = [
            ("LD_PRELOAD", library.to_str().unwrap()),
            ("FAKETIME_TIMESTAMP_FILE", offset.to_str().unwrap()),
            ("FAKETIME_NO_CACHE", "1"),
            ("DATABASE_URL", &database),
            ("TWILIO_ACCOUNT_SID", ACCOUNT),
            ("TWILIO_AUTH_TOKEN", AUTH_TOKEN),
            ("TWILIO_PHONE_NUMBER", OURS),
            ("TWILIO_API_BASE", &carrier_url),
            ("TIDINGS_COUNTRIES", "US,NP"),
            ("TIDINGS_SEGMENTS_PER_SECOND", "100"),
        ];
        let environment: Vec<(String, String)> =
            environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut server = Server::new(environment.clone(), folder.path().to_owned());
        let webhook = format!("{}/webhooks/twilio/sms#rc=5&rp=all", server.url);
        let listen = format!("127.0.0.1:{port}");
        let arguments = ["carrier", "--listen", &listen, "--number", OURS, "--webhook", &webhook];
        let account = ["--account-sid", ACCOUNT, "--auth-token", AUTH_TOKEN];
        let carrier = program(&environment).args(arguments).args(account).stdout(Stdio::null()).spawn();
        server.start();
        let mut town = Self {
            folder,
            environment,
            carrier: carrier.unwrap(),
            carrier_url,
            server,
            // A connection that was open while the clock was moved looks idle for too long.
            client: Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap(),
        };
        town.server.ready().await;
        town.settle_in().await;
        town
    }

    /// People come from a list, tips from the API; everybody asks for tips.
    async fn settle_in(&self) {
        let lines = PEOPLE.map(|(phone, zone)| format!("{phone},Maria,{zone},yes\n"));
        let list = self.folder.path().join("people.csv");
        fs::write(&list, format!("phone_number,name,time_zone,consent\n{}", lines.concat())).unwrap();
        self.command(&["contacts", "import", list.to_str().unwrap()]);
        self.command(&["contacts", "register-all"]);
        let token = self.command(&["token", "add", "tips", "--scope", "tips:write"]);
        for position in 1..=5 {
            let tip =
                json!({ "locale": "en", "position": position, "body": format!("Tip {position}: rest.") });
            let request = self.client.post(format!("{}/api/v1/tips", self.server.url)).json(&tip);
            assert_eq!(request.bearer_auth(token.trim()).send().await.unwrap().status(), 201);
        }
        for (phone, _) in PEOPLE {
            self.text(phone, "TIPS ON").await;
        }
    }

    /// What a command of the program prints.
    fn command(&self, arguments: &[&str]) -> String {
        let output = program(&self.environment).args(arguments).current_dir(self.folder.path()).output();
        let output = output.unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Texts us; returns when it was answered.
    async fn text(&self, phone: &str, body: &str) {
        let text = json!({ "from": phone, "body": body });
        let answer = self.client.post(format!("{}/carrier/texts", self.carrier_url)).json(&text);
        let delivery: Value = answer.send().await.unwrap().json().await.unwrap();
        assert_eq!(delivery["replies"].as_array().map(Vec::len), Some(1), "{body}: {delivery}");
    }

    async fn outbound(&self) -> Vec<Value> {
        let ledger = self.client.get(format!("{}/carrier/ledger?after=0", self.carrier_url));
        let mut ledger: Value = ledger.send().await.unwrap().json().await.unwrap();
        serde_json::from_value(ledger["outbound"].take()).unwrap()
    }

    /// When the carrier took tips for `phone` on this date in their zone.
    async fn tips(&self, phone: &str, zone: &str, date: Date) -> Vec<Timestamp> {
        let zone = TimeZone::get(zone).unwrap();
        let all = self.outbound().await;
        let theirs = all.iter().filter(|message| message["to"] == phone && is_tip(message));
        let taken = theirs.map(|message| message["created_at"].as_str().unwrap().parse().unwrap());
        taken.filter(|taken| zone.to_datetime(*taken).date() == date).collect()
    }

    /// The time that the program is told.
    fn time(&self) -> Timestamp {
        let offset = fs::read_to_string(self.folder.path().join("offset")).unwrap();
        Clock::system().now() + SignedDuration::from_secs(offset.trim().parse().unwrap())
    }

    fn set(&mut self, time: Timestamp) {
        set_offset(&self.folder, time);
    }

    async fn end(mut self) {
        assert!(self.server.terminate().await.0.success());
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        self.carrier.kill().unwrap();
        self.carrier.wait().unwrap();
    }
}

/// Lets `time` be now, for whoever reads the file. It is whole at every moment.
fn set_offset(folder: &TempDir, time: Timestamp) {
    let seconds = time.duration_since(Clock::system().now()).as_secs();
    let (new, offset) = (folder.path().join("offset.new"), folder.path().join("offset"));
    fs::write(&new, format!("{seconds:+}\n")).unwrap();
    fs::rename(new, offset).unwrap();
}

/// The program, with nothing of our own environment.
fn program(environment: &[(String, String)]) -> Command {
    let program = std::env::var_os("TIDINGS_TEST_PROGRAM");
    let mut command = Command::new(program.unwrap_or_else(|| env!("CARGO_BIN_EXE_tidings").into()));
    command.env_clear().envs(environment.iter().cloned());
    command
}
