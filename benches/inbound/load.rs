//! The load: connections that stay open, each with its own people, who text at random, and with somebody new.

use crate::process::to_float;
use crate::script::{self, CODE, CODE_SENT, EVERY_DAY, WAY_IN};
use hdrhistogram::Histogram;
use std::cell::RefCell;
use std::collections::HashMap;
use std::error::Error;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tidings::clock::stopwatch;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// One answer in this many of a connection is read, not only its status.
const SAMPLE: usize = 16;

/// What a round came to.
pub(crate) struct Round {
    pub(crate) turns: u64,
    pub(crate) seconds: f64,
    pub(crate) latency: Histogram<u64>,
}

impl Round {
    pub(crate) fn rate(&self) -> f64 {
        to_float(self.turns) / self.seconds
    }

    /// Milliseconds within which this share of the answers came.
    pub(crate) fn within(&self, share: f64) -> f64 {
        to_float(self.latency.value_at_quantile(share)) / 1000.0
    }
}

/// A text that is ready to be sent: all but its code is signed before the round begins.
struct Planned {
    person: usize,
    turn: usize,
    sid: String,
    signature: String,
}

/// The people of one server.
pub(crate) struct People {
    /// How many texts each member has sent, their way in included.
    turns: Vec<usize>,
    /// One text in this many is of somebody on their way in, whatever the number of members: a load of other texts
    /// would be another load. None is where it is 0.
    newcomer_in: usize,
    /// How many have come since.
    newcomers: usize,
    codes: HashMap<usize, String>,
    random: u64,
}

impl People {
    /// So many members, and others in one text of `newcomer_in`.
    pub(crate) fn new(members: usize, newcomer_in: usize) -> Self {
        let mut seed = [0; 8];
        getrandom::fill(&mut seed).expect("the system gives random bytes");
        let mut people = Self {
            turns: Vec::new(),
            newcomer_in,
            newcomers: 0,
            codes: HashMap::new(),
            random: u64::from_le_bytes(seed),
        };
        // Each anywhere in what members text, or a million would all begin with the same.
        people.turns = (0..members).map(|_| WAY_IN.len() + people.pick(EVERY_DAY.len())).collect();
        people
    }

    /// How many members there are.
    pub(crate) fn members(&self) -> usize {
        self.turns.len()
    }

    /// The next number of the splitmix64 sequence.
    fn random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.random ^ (self.random >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `count`.
    fn pick(&mut self, count: usize) -> usize {
        usize::try_from(self.random() >> 32).unwrap_or(0) % count
    }

    /// Texts for each of `connections`, whose people differ, so that everybody awaits an answer.
    fn plan(&mut self, connections: usize, each: usize) -> Vec<Vec<Planned>> {
        let mut turns = self.turns.clone();
        let share = self.turns.len() / connections;
        let mut plan = |connection: usize| -> Vec<Planned> {
            // Nobody is on their way in yet.
            let mut newcomer = (0, WAY_IN.len());
            let planned = |_| {
                let (person, turn) = if self.newcomer_in > 0 && self.pick(self.newcomer_in) == 0 {
                    self.next_of(&mut newcomer)
                } else {
                    let person = self.pick(share) * connections + connection;
                    turns[person] += 1;
                    (person, turns[person] - 1)
                };
                let sid = format!("SM{:016x}{:016x}", self.random(), self.random());
                let signature = match script::line(turn) {
                    (CODE, _) => String::new(),
                    (body, _) => script::signature(&script::number(person), body, &sid),
                };
                Planned { person, turn, sid, signature }
            };
            (0..each).map(planned).collect()
        };
        (0..connections).map(&mut plan).collect()
    }

    /// Whoever is on their way in, and how far; somebody else comes where that one is there.
    fn next_of(&mut self, newcomer: &mut (usize, usize)) -> (usize, usize) {
        if newcomer.1 == WAY_IN.len() {
            *newcomer = (self.turns.len() + self.newcomers, 0);
            self.newcomers += 1;
        }
        newcomer.1 += 1;
        (newcomer.0, newcomer.1 - 1)
    }
}

type Shared = Rc<RefCell<(People, Histogram<u64>)>>;

/// One round of at most `seconds` and about `texts` texts.
pub(crate) async fn round(
    address: SocketAddr,
    people: &mut People,
    connections: usize,
    seconds: f64,
    texts: usize,
) -> Result<Round, Box<dyn Error>> {
    let plans = people.plan(connections, texts.div_ceil(connections));
    let mut streams = Vec::with_capacity(connections);
    for _ in 0..connections {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        streams.push(stream);
    }
    let owned = std::mem::replace(people, People::new(0, 0));
    let shared: Shared = Rc::new(RefCell::new((owned, Histogram::new_with_bounds(1, 60_000_000, 3)?)));
    let watch = stopwatch();
    let end = watch + Duration::from_secs_f64(seconds);
    let local = tokio::task::LocalSet::new();
    let talks: Vec<_> = streams
        .into_iter()
        .zip(plans)
        .map(|(stream, plan)| local.spawn_local(talk(stream, plan, shared.clone(), end)))
        .collect();
    local.await;
    let seconds = watch.elapsed().as_secs_f64();
    for talk in talks {
        talk.await??;
    }
    let (owned, latency) = Rc::try_unwrap(shared).map_err(|_| "a connection is still open")?.into_inner();
    *people = owned;
    Ok(Round { turns: latency.len(), seconds, latency })
}

async fn talk(mut stream: TcpStream, plan: Vec<Planned>, shared: Shared, end: Instant) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("a connection broke: {error}");
    let (mut request, mut form, mut answer) = (Vec::new(), String::new(), Vec::new());
    for (count, Planned { person, turn, sid, signature }) in plan.into_iter().enumerate() {
        let number = script::number(person);
        let (mut body, expected) = script::line(turn);
        let (mut code, mut signed) = (String::new(), signature);
        if body == CODE {
            code = shared.borrow_mut().0.codes.remove(&person).ok_or("no code was sent")?;
            body = &code;
        }
        if signed.is_empty() {
            signed = script::signature(&number, body, &sid);
        }
        script::write_request(&mut request, &mut form, &number, body, &sid, &signed);
        let watch = stopwatch();
        stream.write_all(&request).await.map_err(failed)?;
        let twiml = read_answer(&mut stream, &mut answer).await?;
        let took = watch.elapsed();
        let mut shared = shared.borrow_mut();
        shared.1.saturating_record(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
        if turn == CODE_SENT {
            shared.0.codes.insert(person, words(twiml).get(..6).unwrap_or_default().to_owned());
        }
        if (turn < WAY_IN.len() || count.is_multiple_of(SAMPLE)) && !twiml.contains(expected) {
            return Err(format!("after {turn} texts, to {body:?} the answer was {twiml}"));
        }
        if let Some(turns) = shared.0.turns.get_mut(person) {
            *turns += 1;
        }
        drop(code);
        if watch >= end {
            break;
        }
    }
    Ok(())
}

/// The words of an answer that is one message.
fn words(twiml: &str) -> &str {
    let message = twiml.split_once("<Message").map_or("", |(_, message)| message);
    message.split_once('>').map_or("", |(_, words)| words)
}

/// Asks whether the server lives, and waits until it says so.
pub(crate) async fn ask_health(stream: &mut TcpStream) -> Result<(), String> {
    let asked = stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    asked.map_err(|error| format!("a connection broke: {error}"))?;
    read_answer(stream, &mut Vec::new()).await.map(drop)
}

/// Reads one answer of status 200 and returns its body.
async fn read_answer<'a>(stream: &mut TcpStream, answer: &'a mut Vec<u8>) -> Result<&'a str, String> {
    answer.clear();
    let (start, end) = loop {
        let read = stream.read_buf(answer).await.map_err(|error| format!("a connection broke: {error}"))?;
        if read == 0 {
            return Err("the server closed a connection".to_owned());
        }
        if let Some(head) = answer.windows(4).position(|four| four == b"\r\n\r\n") {
            let text = String::from_utf8_lossy(&answer[..head]);
            if !text.starts_with("HTTP/1.1 200") {
                return Err(format!("the server answered {text}"));
            }
            let mut fields = text.lines().filter_map(|line| line.split_once(": "));
            let length = fields.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
            let length: usize =
                length.and_then(|(_, value)| value.parse().ok()).ok_or("an answer without a length")?;
            if answer.len() >= head + 4 + length {
                break (head + 4, head + 4 + length);
            }
        }
    };
    std::str::from_utf8(&answer[start..end]).map_err(|_| "an answer was not UTF-8".to_owned())
}
