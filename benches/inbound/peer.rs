//! Peers: the same webhook as a developer of another stack would write it, in `benches/peers`.

use crate::process::Server;
use crate::script::{AUTH_TOKEN, PUBLIC_URL, number};
use std::error::Error;
use std::fs::File;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};

/// A program that answers the same texts, and how its folder is used.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    /// What is there once its dependencies are.
    installed: &'static str,
    install: &'static str,
    fill: [&'static str; 2],
    serve: [&'static str; 2],
}

pub(crate) const PEERS: [Peer; 2] = [
    Peer {
        name: "express",
        installed: "node_modules/better-sqlite3",
        install: "npm install",
        fill: ["node", "fill.js"],
        serve: ["node", "server.js"],
    },
    Peer {
        name: "fastapi",
        installed: ".venv/bin/uvicorn",
        install: "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt",
        fill: [".venv/bin/python", "fill.py"],
        serve: [".venv/bin/python", "serve.py"],
    },
];

impl Peer {
    /// Starts the peer with `count` members; one that isn't installed says how to.
    pub(crate) fn start(&self, folder: &Path, count: usize) -> Result<Option<Server>, Box<dyn Error>> {
        let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers").join(self.name);
        if !home.join(self.installed).exists() {
            println!("{0} is not installed: (cd benches/peers/{0} && {1})", self.name, self.install);
            return Ok(None);
        }
        let database = folder.join(format!("bench_{}.db", self.name));
        self.fill(&home, &database, count)?;
        let address = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
        let mut command = command(self.serve, &home, &database);
        command.env("PORT", address.port().to_string()).stdin(Stdio::null()).stdout(Stdio::null());
        Ok(Some(Server::start_peer(&mut command, address)?))
    }

    fn fill(&self, home: &Path, database: &Path, count: usize) -> Result<(), Box<dyn Error>> {
        let mut numbers = String::new();
        for person in 0..count {
            numbers.push_str(&number(person));
            numbers.push('\n');
        }
        let list = database.with_extension("numbers");
        std::fs::write(&list, numbers)?;
        let status = command(self.fill, home, database).stdin(File::open(&list)?).status()?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("{}: could not be filled: {status}", self.name).into())
        }
    }
}

/// A program of a peer, which ends if the bench is killed.
fn command(words: [&str; 2], home: &Path, database: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command
        .arg("--pdeathsig=TERM")
        .args(words)
        .current_dir(home)
        .env("DATABASE", database)
        .env("NODE_ENV", "production")
        .env("PUBLIC_URL", PUBLIC_URL)
        .env("TWILIO_AUTH_TOKEN", AUTH_TOKEN);
    command
}
