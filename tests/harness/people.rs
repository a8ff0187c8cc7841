//! People who text: each number lives through a registration and some more, then another number
//! takes its place.

use super::OURS;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;
use tidings::carrier::{Carrier, Direction};
use tokio_util::sync::CancellationToken;

/// Draws that repeat for a seed (`SplitMix64`).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to `sides` − 1.
    pub(crate) fn below(&mut self, sides: u64) -> u64 {
        self.next() % sides
    }

    pub(crate) fn one_of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        let sides = u64::try_from(words.len()).unwrap();
        words[usize::try_from(self.below(sides)).unwrap()]
    }

    pub(crate) fn milliseconds(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from + self.below(to - from))
    }
}

/// All who text, and what they noticed.
pub(crate) struct Crowd {
    pub(crate) carrier: Carrier,
    pub(crate) texts: AtomicUsize,
    pub(crate) registered: AtomicUsize,
    /// Texts whose webhook was given up.
    pub(crate) unheard: AtomicUsize,
    next_number: AtomicU32,
}

impl Crowd {
    pub(crate) fn new(carrier: Carrier) -> Arc<Self> {
        Arc::new(Self {
            carrier,
            texts: AtomicUsize::new(0),
            registered: AtomicUsize::new(0),
            unheard: AtomicUsize::new(0),
            next_number: AtomicU32::new(0),
        })
    }

    /// Texts with one number after the other until `stop`.
    pub(crate) async fn live(self: Arc<Self>, mut dice: Dice, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let number = self.next_number.fetch_add(1, Ordering::Relaxed);
            let life = Life { crowd: &self, phone: format!("+1212{}", 2_000_000 + number), stop: &stop };
            life.run(&mut dice).await;
        }
    }
}

struct Life<'a> {
    crowd: &'a Crowd,
    phone: String,
    stop: &'a CancellationToken,
}

impl Life<'_> {
    async fn run(&self, dice: &mut Dice) {
        self.text(dice, "REGISTER").await;
        if dice.below(3) == 0 {
            self.text(dice, "STATUS").await;
        }
        let name = dice.one_of(&["Maria", "Jean Luc", "Åsa", "O'Neil", "my name is Ada"]);
        self.text(dice, name).await;
        if dice.below(4) == 0 {
            self.text(dice, "000000").await;
        }
        if let Some(code) = self.read_code(dice).await {
            for body in self.text(dice, &code).await {
                if body.starts_with("Welcome") {
                    self.crowd.registered.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
        for _ in 0..dice.below(6) {
            // Equal texts in a row are on purpose: they get equal answers.
            let body = dice.one_of(&["STATUS", "STATUS", "STATUS", "NAME Eva", "HELP", "what?", "REGISTER"]);
            self.text(dice, body).await;
        }
        if dice.below(3) == 0 {
            self.text(dice, "STOP").await;
            self.text(dice, "STATUS").await;
            if dice.below(2) == 0 {
                self.text(dice, "START").await;
                self.text(dice, "STATUS").await;
            }
        }
    }

    /// Types a text and returns the answers that came with it.
    async fn text(&self, dice: &mut Dice, body: &str) -> Vec<String> {
        if self.stop.is_cancelled() {
            return Vec::new();
        }
        let delivery = self.crowd.carrier.text(&self.phone, OURS, body).await.unwrap();
        self.crowd.texts.fetch_add(1, Ordering::Relaxed);
        if delivery.http_status != Some(200) {
            self.crowd.unheard.fetch_add(1, Ordering::Relaxed);
        }
        tokio::time::sleep(dice.milliseconds(20, 400)).await;
        delivery.replies
    }

    /// The code on the handset, once it is there; none when it does not come, as codes may.
    async fn read_code(&self, dice: &mut Dice) -> Option<String> {
        for _ in 0..40 {
            let shown = self.crowd.carrier.conversation(&self.phone);
            let ours = shown.iter().rev().filter(|message| message.direction != Direction::Inbound);
            let code = ours.filter_map(|message| message.body.get(..6)).find(|head| is_code(head));
            if let Some(code) = code {
                return Some(code.to_owned());
            }
            if self.stop.is_cancelled() {
                return None;
            }
            tokio::time::sleep(dice.milliseconds(50, 100)).await;
        }
        None
    }
}

fn is_code(head: &str) -> bool {
    head.bytes().all(|byte| byte.is_ascii_digit())
}
