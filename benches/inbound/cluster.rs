//! PostgreSQL: the server that the environment names, or a private one that syncs as it should.

use sqlx::{Connection as _, PgConnection};
use std::error::Error;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A PostgreSQL server and how to reach it.
pub(crate) struct Cluster {
    base: String,
    owned: Option<(Child, PathBuf)>,
}

impl Cluster {
    /// The server of `TIDINGS_TEST_POSTGRES`, or a new one in `folder` with these settings, such as
    /// `shared_buffers=1GB`, and defaults; `None` without PostgreSQL.
    pub(crate) fn find(folder: &Path, settings: &str) -> Result<Option<Self>, Box<dyn Error>> {
        if let Ok(url) = std::env::var("TIDINGS_TEST_POSTGRES") {
            let base = url.rsplit_once('/').ok_or("TIDINGS_TEST_POSTGRES: names no database")?.0.to_owned();
            return Ok(Some(Self { base, owned: None }));
        }
        let Some(programs) = programs() else { return Ok(None) };
        let data = folder.join("postgres");
        std::fs::create_dir(&data)?;
        run(Command::new("chown").arg("postgres").arg(&data))?;
        let mut initdb = as_postgres(&programs.join("initdb"));
        run(initdb
            .args(["--auth=trust", "--username=postgres", "--locale=C", "--encoding=UTF8"])
            .arg(&data))?;
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let child = as_postgres(&programs.join("postgres"))
            .args([
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "unix_socket_directories=",
                "-p",
                &port.to_string(),
                "-D",
            ])
            .arg(&data)
            .args(settings.split_whitespace().flat_map(|setting| ["-c", setting]))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Some(Self { base: format!("postgres://postgres@127.0.0.1:{port}"), owned: Some((child, data)) }))
    }

    /// The private server's process.
    pub(crate) fn id(&self) -> Option<u32> {
        self.owned.as_ref().map(|(child, _)| child.id())
    }

    /// Makes an empty database and returns its URL.
    pub(crate) async fn database(&self, name: &str) -> Result<String, Box<dyn Error>> {
        let mut tries = 0;
        let mut connection = loop {
            match PgConnection::connect(&format!("{}/postgres", self.base)).await {
                Ok(connection) => break connection,
                Err(_) if tries < 100 => tokio::time::sleep(Duration::from_millis(100)).await,
                Err(error) => return Err(error.into()),
            }
            tries += 1;
        };
        for statement in [format!("DROP DATABASE IF EXISTS {name}"), format!("CREATE DATABASE {name}")] {
            sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut connection).await?;
        }
        Ok(format!("{}/{name}", self.base))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some((child, _)) = &mut self.owned {
            // Its fast shutdown.
            let _ = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
            let _ = child.wait();
        }
    }
}

fn programs() -> Option<PathBuf> {
    let versions =
        std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten().map(|entry| entry.path().join("bin"));
    versions.filter(|bin| bin.join("initdb").exists()).max()
}

/// PostgreSQL refuses to run as root, and should end if the bench is killed.
fn as_postgres(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig=INT", "--reuid=postgres", "--regid=postgres", "--init-groups"]).arg(program);
    command.current_dir("/");
    command
}

fn run(command: &mut Command) -> Result<(), Box<dyn Error>> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)).into())
}
