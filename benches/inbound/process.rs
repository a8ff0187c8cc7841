//! Processes that the bench starts, and what the system says they have used.

use std::error::Error;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tidings::clock::stopwatch;

/// How long a peer may take to listen.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server in a process of its own, so that the generator's work is not counted.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) start_milliseconds: f64,
}

impl Server {
    /// Starts this program again as a server of ours, and waits until it says that it is ready.
    pub(crate) fn start(arguments: &[&str]) -> Result<Self, Box<dyn Error>> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("serve")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut line)?;
        let mut words = line.split_whitespace().skip(1);
        let (Some(address), Some(took)) = (words.next(), words.next()) else {
            return Err(format!("the server did not start: {line:?}").into());
        };
        let (address, took) = (address.parse()?, took.parse::<f64>()? / 1000.0);
        Ok(Self { child, address, start_milliseconds: took })
    }

    /// Starts a server that is not ours and has no input, and waits until it listens at `address`.
    pub(crate) fn start_peer(command: &mut Command, address: SocketAddr) -> Result<Self, Box<dyn Error>> {
        let watch = stopwatch();
        let child = command.spawn()?;
        let mut server = Self { child, address, start_milliseconds: 0.0 };
        while TcpStream::connect(address).is_err() {
            if let Some(status) = server.child.try_wait()? {
                return Err(format!("{command:?} ended: {status}").into());
            }
            if watch.elapsed() > PATIENCE {
                return Err(format!("{command:?} does not listen at {address}").into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        server.start_milliseconds = watch.elapsed().as_secs_f64() * 1000.0;
        Ok(server)
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(input) = self.child.stdin.take() {
            // Its end tells a server of ours to stop.
            drop(input);
        } else if let Ok(None) = self.child.try_wait() {
            let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        }
        let _ = self.child.wait();
    }
}

/// What processes have used since they started.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    pub(crate) cpu_microseconds: u64,
    pub(crate) bytes_written: u64,
}

impl Usage {
    pub(crate) fn since(self, earlier: Self) -> Self {
        Self {
            cpu_microseconds: self.cpu_microseconds.saturating_sub(earlier.cpu_microseconds),
            bytes_written: self.bytes_written.saturating_sub(earlier.bytes_written),
        }
    }
}

/// The usage of a server, and of `cluster` if one is given, each with its children.
pub(crate) fn usage(server: u32, cluster: Option<u32>) -> Usage {
    let all = std::iter::once(server).chain(cluster).flat_map(family).map(usage_of);
    all.fold(Usage::default(), |sum, one| Usage {
        cpu_microseconds: sum.cpu_microseconds + one.cpu_microseconds,
        bytes_written: sum.bytes_written + one.bytes_written,
    })
}

fn usage_of(process: u32) -> Usage {
    // Linux counts CPU time in hundredths of a second.
    const TICK_MICROSECONDS: u64 = 10_000;
    let number = |index: usize| stat(process).get(index).and_then(|field| field.parse::<u64>().ok());
    let ticks = number(11).unwrap_or(0) + number(12).unwrap_or(0);
    let written = field(&format!("/proc/{process}/io"), "write_bytes:");
    Usage { cpu_microseconds: ticks * TICK_MICROSECONDS, bytes_written: written }
}

/// Memory that a server and its children have in use, in megabytes.
pub(crate) fn memory_megabytes(server: u32) -> f64 {
    let kilobytes = |process| field(&format!("/proc/{process}/status"), "VmRSS:");
    to_float(family(server).into_iter().map(kilobytes).sum()) / 1024.0
}

fn field(path: &str, name: &str) -> u64 {
    let text = fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.split_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or(0)
}

/// The fields of `/proc/PID/stat` behind the name: state, parent and so on.
fn stat(process: u32) -> Vec<String> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after = text.rsplit_once(')').map_or("", |(_, after)| after);
    after.split_whitespace().map(str::to_owned).collect()
}

/// A process and its children.
fn family(parent: u32) -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let processes = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let name = parent.to_string();
    let children = processes.filter(|process| stat(*process).get(1) == Some(&name));
    std::iter::once(parent).chain(children).collect()
}

#[expect(clippy::cast_precision_loss, reason = "these are shown with three digits")]
pub(crate) fn to_float(number: u64) -> f64 {
    number as f64
}
