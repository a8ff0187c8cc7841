//! What the carrier's ledger and the database say about the promises.

use crate::harness::{message_id, messages, uuid};
use crate::world::World;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, HashMap};
use tidings::carrier::{Ledger, Message, Status};
use tidings::delivery;
use tidings::store::MessageRow;
use uuid::Uuid;

/// Twilio's list is read this far back (promise 4), less the time in which a look may fall short.
const LISTED: SignedDuration = SignedDuration::from_hours(24);
const MARGIN: SignedDuration = SignedDuration::from_mins(30);

/// What was counted and what is wrong.
#[derive(Default)]
pub(crate) struct Audit {
    counts: BTreeMap<String, usize>,
    pub(crate) wrong: Vec<String>,
}

/// Both sides of the month.
pub(crate) struct Books {
    pub(crate) ledger: Ledger,
    pub(crate) rows: Vec<MessageRow>,
    /// Message and status of every report that the server took.
    reports: Vec<(i64, String)>,
}

impl Books {
    pub(crate) fn of(world: &World) -> Self {
        // First: a report and what it does to its row are committed together, and the last may still come in.
        let reports = world.ask("SELECT message_id, status FROM status_report");
        let rows = world.runtime.block_on(async {
            let store = world.scratch.open().await;
            let rows = messages(&store).await;
            store.close().await;
            rows
        });
        Self { ledger: world.carrier.ledger(0), rows, reports }
    }

    fn outgoing(&self) -> impl Iterator<Item = &MessageRow> {
        self.rows.iter().filter(|row| row.outbound)
    }

    pub(crate) fn by_sid(&self) -> HashMap<Uuid, &MessageRow> {
        self.outgoing().filter_map(|row| Some((row.sid?, row))).collect()
    }
}

impl Audit {
    pub(crate) fn count(&mut self, what: impl Into<String>) {
        *self.counts.entry(what.into()).or_default() += 1;
    }

    pub(crate) fn check(&mut self, holds: bool, otherwise: impl FnOnce() -> String) {
        if !holds {
            self.wrong.push(otherwise());
        }
    }

    /// Promises 1 and 4: every text that was brought, or is still listed, is applied exactly once.
    pub(crate) fn inbound(&mut self, books: &Books, outages: &[(Timestamp, Timestamp)]) {
        let mut known: HashMap<Uuid, usize> = HashMap::new();
        for row in books.rows.iter().filter(|row| !row.outbound) {
            *known.entry(row.sid.unwrap()).or_default() += 1;
        }
        for text in &books.ledger.inbound {
            self.count("texts");
            let times = known.remove(&uuid(&text.sid)).unwrap_or(0);
            let gone = outages
                .iter()
                .any(|(from, to)| text.created_at >= *from && text.created_at < *to - LISTED + MARGIN);
            if gone {
                self.count("texts of a long outage");
                self.check(times <= 1, || format!("text {} is {times} times in the database", text.sid));
            } else {
                self.check(times == 1, || {
                    format!("text {} of {} is {times} times in the database", text.sid, text.created_at)
                });
            }
        }
        for sid in known.keys() {
            self.wrong.push(format!("the database has the text {sid}, which nobody typed"));
        }
    }

    /// Promise 2: what the carrier took belongs to one row each, and no row was taken twice.
    pub(crate) fn taken(&mut self, books: &Books) {
        let by_sid = books.by_sid();
        let mut named: HashMap<Option<i64>, &Message> = HashMap::new();
        for message in &books.ledger.outbound {
            let id = message.status_callback.as_deref().and_then(message_id);
            if let Some(first) = named.insert(id, message) {
                self.wrong.push(format!(
                    "message {id:?} was taken twice: {} and {}",
                    describe(first),
                    describe(message)
                ));
            }
            match by_sid.get(&uuid(&message.sid)) {
                None => self.wrong.push(format!("no row knows {}", describe(message))),
                Some(row) => {
                    self.count(format!("taken: {}", row.purpose.as_deref().unwrap_or("?")));
                    self.check(Some(row.id) == id, || format!("row {} has another's SID", row.id));
                }
            }
        }
    }

    /// Promises 2, 3 and 7: every row came to an end, and none went back behind a report.
    pub(crate) fn ends(&mut self, books: &Books) {
        let ranks: HashMap<i64, i64> = books.outgoing().map(|row| (row.id, rank(&row.status))).collect();
        for row in books.outgoing() {
            let purpose = row.purpose.as_deref().unwrap_or("?");
            let reason = row.status_reason.as_deref().unwrap_or("-");
            self.count(format!("ended: {purpose} {} ({reason})", row.status));
            let open = ["queued", "sending", "handed", "uncertain"].contains(&row.status.as_str());
            // A reminder may still wait for the morning when the month is over.
            let open = open && !(row.status == "queued" && reason.starts_with("it waits"));
            self.check(!open, || format!("row {} ({purpose}) is still {} ({reason})", row.id, row.status));
            let told = row.sid.is_some() || row.status_reason.is_some();
            self.check(told, || format!("row {} ended as {} without a reason", row.id, row.status));
        }
        for (message, status) in &books.reports {
            let Some(now) = ranks.get(message) else { continue };
            self.check(*now >= rank(status), || format!("row {message} is behind its report {status}"));
        }
    }

    /// Promise 5: from the answer to STOP until START only the confirmation goes out, and answers to HELP.
    pub(crate) fn silence(&mut self, books: &Books) {
        let by_sid = books.by_sid();
        let asked: HashMap<&str, &str> =
            books.ledger.inbound.iter().map(|text| (text.sid.as_str(), text.body.as_str())).collect();
        for stop in books.ledger.inbound.iter().filter(|text| text.body == "STOP") {
            self.count("STOP");
            let answered = books.ledger.webhooks.iter().find(|call| {
                call.message_sid == stop.sid && call.http_status == Some(200) && call.fault.is_none()
            });
            let Some(answered) = answered else { continue };
            let until = books.ledger.inbound.iter().find(|text| {
                text.from == stop.from
                    && text.created_at >= stop.created_at
                    && is_start(&text.body)
                    && text.sequence > stop.sequence
            });
            let after = books.ledger.outbound.iter().filter(|message| {
                Some(&message.to) == stop.from.as_ref()
                    && message.sequence > answered.sequence
                    && until.is_none_or(|until| message.sequence < until.sequence)
            });
            for message in after {
                let row = by_sid.get(&uuid(&message.sid));
                let fine = row.is_some_and(|row| row.purpose.as_deref() == Some("stop_confirmation"))
                    || message.in_reply_to.as_deref().and_then(|sid| asked.get(sid)) == Some(&"HELP")
                    || row.is_some_and(|row| row.purpose.as_deref() == Some("reply"))
                    || message.status == Status::Failed;
                self.check(fine, || format!("sent after STOP: {}", describe(message)));
            }
        }
    }

    /// The counts, one a line.
    pub(crate) fn table(&self) -> String {
        let lines: Vec<String> =
            self.counts.iter().map(|(what, count)| format!("{count:>8}  {what}")).collect();
        lines.join("\n")
    }
}

fn is_start(body: &str) -> bool {
    ["START", "YES"].contains(&body)
}

fn rank(status: &str) -> i64 {
    delivery::Status::from_name(status).map_or(0, delivery::Status::rank)
}

pub(crate) fn describe(message: &Message) -> String {
    format!(
        "{} at {} for {:?}, {:?} ({})",
        message.sid,
        message.created_at,
        message.status_callback,
        message.body,
        message.status.word()
    )
}
