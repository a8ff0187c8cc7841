//! Processes that the bench starts, and what the system says they have used.

use std::error::Error;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

/// A server of ours in a process of its own, so that the generator's work is not counted.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) start_milliseconds: f64,
}

impl Server {
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

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The end of its input tells it to stop.
        drop(self.child.stdin.take());
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

/// The usage of a process, and of `cluster` and its children if one is given.
pub(crate) fn usage(process: u32, cluster: Option<u32>) -> Usage {
    let children = cluster.into_iter().flat_map(children);
    let all = std::iter::once(process).chain(cluster).chain(children).map(usage_of);
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

/// Memory that a process has in use, in megabytes.
pub(crate) fn memory_megabytes(process: u32) -> f64 {
    to_float(field(&format!("/proc/{process}/status"), "VmRSS:")) / 1024.0
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

fn children(parent: u32) -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let processes = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let parent = parent.to_string();
    processes.filter(|process| stat(*process).get(1) == Some(&parent)).collect()
}

#[expect(clippy::cast_precision_loss, reason = "these are shown with three digits")]
pub(crate) fn to_float(number: u64) -> f64 {
    number as f64
}
