//! Connections that stay open and ask for the same address, each with its own draw of what is in it.

use crate::fill::Filled;
use crate::routes::Route;
use crate::{Options, Outcome};
use futures_util::future::try_join_all;
use hdrhistogram::Histogram;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tidings::clock::stopwatch;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Who asks whom.
pub(crate) struct Load<'a> {
    pub(crate) address: SocketAddr,
    pub(crate) options: &'a Options,
    pub(crate) filled: &'a Filled,
}

/// What a round came to.
pub(crate) struct Round {
    pub(crate) seconds: f64,
    pub(crate) bytes: u64,
    /// In microseconds.
    pub(crate) latency: Histogram<u64>,
}

impl Load<'_> {
    /// Asks for `seconds`.
    pub(crate) async fn round(&self, route: &Route, seconds: f64) -> Outcome<Round> {
        let start = stopwatch();
        let connections = (0..self.options.connections).map(|index| self.ask(route, index, start, seconds));
        let mut round = Round { seconds: 0.0, bytes: 0, latency: Histogram::new(3)? };
        for (latency, bytes) in try_join_all(connections).await? {
            round.latency.add(latency)?;
            round.bytes += bytes;
        }
        round.seconds = start.elapsed().as_secs_f64();
        Ok(round)
    }

    async fn ask(
        &self,
        route: &Route,
        index: usize,
        start: Instant,
        seconds: f64,
    ) -> Outcome<(Histogram<u64>, u64)> {
        let mut stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let token = if route.by_person { &self.filled.session } else { &self.filled.token };
        let (mut latency, mut bytes, mut buffer) = (Histogram::new(3)?, 0, Vec::new());
        let mut random = u64::try_from(index)?.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let until = Duration::from_secs_f64(seconds);
        // At a given rate each connection has its turns, and what comes late counts from its turn on.
        let pause = self.pause();
        let mut turn = pause
            .mul_f64(f64::from(u32::try_from(index)?) / f64::from(u32::try_from(self.options.connections)?));
        while start.elapsed() < until {
            let begin = if pause.is_zero() { start.elapsed() } else { turn };
            tokio::time::sleep(begin.saturating_sub(start.elapsed())).await;
            turn += pause;
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let path = route.path(self.filled, random >> 20);
            let request =
                format!("GET /api/v1{path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n");
            stream.write_all(request.as_bytes()).await?;
            bytes += u64::try_from(answer(&mut stream, &mut buffer, &path).await?)?;
            latency.record(u64::try_from(start.elapsed().saturating_sub(begin).as_micros())?)?;
        }
        Ok((latency, bytes))
    }

    fn pause(&self) -> Duration {
        let rate = self.options.rate;
        let connections = u32::try_from(self.options.connections).unwrap_or(u32::MAX);
        if rate > 0.0 { Duration::from_secs_f64(f64::from(connections) / rate) } else { Duration::ZERO }
    }
}

/// Reads one answer to its end; returns its length.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>, path: &str) -> Outcome<usize> {
    buffer.clear();
    let head = loop {
        if stream.read_buf(buffer).await? == 0 {
            return Err(format!("{path}: the connection was closed").into());
        }
        if let Some(at) = buffer.windows(4).position(|end| end == b"\r\n\r\n") {
            break at + 4;
        }
    };
    let text = std::str::from_utf8(&buffer[..head])?;
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    let whole = head + length.ok_or_else(|| format!("{path}: no length in {text}"))?;
    let is_good = text.starts_with("HTTP/1.1 200 ");
    while buffer.len() < whole {
        if stream.read_buf(buffer).await? == 0 {
            return Err(format!("{path}: the answer broke off").into());
        }
    }
    if is_good { Ok(whole) } else { Err(format!("{path}: {}", String::from_utf8_lossy(buffer)).into()) }
}
