//! Compares the carrier's ledger with the database: nothing lost, nothing doubled.

use super::{Scratch, message_id, messages, uuid};
use jiff::SignedDuration;
use std::collections::{BTreeMap, HashMap, HashSet};
use tidings::carrier::{Ledger, Message, Status};
use tidings::store::MessageRow;
use uuid::Uuid;

/// After a STOP was answered, this long may pass until a call that had begun before has arrived.
const ARRIVING: SignedDuration = SignedDuration::from_millis(500);

/// What was counted and what is wrong.
#[derive(Default)]
pub(crate) struct Audit {
    pub(crate) counts: BTreeMap<String, usize>,
    pub(crate) wrong: Vec<String>,
}

impl Audit {
    /// Looks at everything. `carrier_stops` says whether the carrier obeys STOP by itself.
    pub(crate) async fn of(ledger: &Ledger, scratch: &Scratch, carrier_stops: bool) -> Self {
        let store = scratch.open().await;
        let rows = messages(&store).await;
        store.close().await;
        let replies: HashMap<Uuid, Option<i64>> = scratch.replies().await.into_iter().collect();
        let mut audit = Self::default();
        audit.inbound(ledger, &rows);
        audit.taken(ledger, &rows, &replies);
        audit.promised(ledger, &rows);
        if !carrier_stops {
            audit.silence_after_stop(ledger, &rows);
        }
        if let Some(verdict) = scratch.integrity().await {
            audit.check(verdict == "ok", || format!("integrity_check: {verdict}"));
        }
        audit
    }

    fn count(&mut self, what: impl Into<String>) {
        *self.counts.entry(what.into()).or_default() += 1;
    }

    fn check(&mut self, holds: bool, otherwise: impl FnOnce() -> String) {
        if !holds {
            self.wrong.push(otherwise());
        }
    }

    /// Every text is in the database once, and nothing else is.
    fn inbound(&mut self, ledger: &Ledger, rows: &[MessageRow]) {
        let mut known: HashMap<Uuid, usize> = HashMap::new();
        for row in rows.iter().filter(|row| !row.outbound) {
            *known.entry(row.sid.unwrap()).or_default() += 1;
            self.count("db: inbound");
        }
        for message in &ledger.inbound {
            self.count("carrier: inbound");
            let times = known.remove(&uuid(&message.sid)).unwrap_or(0);
            self.check(times == 1, || format!("text {} is {times} times in the database", message.sid));
        }
        for sid in known.keys() {
            self.wrong.push(format!("the database has the text {sid}, which nobody typed"));
        }
    }

    /// Every message the carrier took is that of one row, and of one only.
    fn taken(&mut self, ledger: &Ledger, rows: &[MessageRow], replies: &HashMap<Uuid, Option<i64>>) {
        let by_sid: HashMap<Uuid, &MessageRow> =
            rows.iter().filter(|row| row.outbound).filter_map(|row| Some((row.sid?, row))).collect();
        let told: HashSet<&str> = ledger
            .callbacks
            .iter()
            .filter(|call| call.http_status.is_some_and(|status| status < 300))
            .map(|call| call.message_sid.as_str())
            .collect();
        let outgoing: HashMap<i64, &MessageRow> =
            rows.iter().filter(|row| row.outbound).map(|row| (row.id, row)).collect();
        let mut takings: HashMap<i64, Vec<i64>> = HashMap::new();
        let mut answered = HashSet::new();
        for message in &ledger.outbound {
            self.count(format!("carrier: {}", serde_json::to_string(&message.direction).unwrap()));
            let id = message.status_callback.as_deref().and_then(message_id);
            match id {
                Some(id) => takings.entry(id).or_default().push(message.created_at.as_millisecond()),
                None => self.wrong.push(format!("it is nobody's: {}", describe(message))),
            }
            match by_sid.get(&uuid(&message.sid)) {
                None => self.wrong.push(format!("no row knows {}", describe(message))),
                // Twilio's list does not name ours: two equal texts to one person of which no callback ever
                // told can't be told apart, and it is the same to everybody.
                Some(row) if Some(row.id) != id && !told.contains(message.sid.as_str()) => {
                    let own = id.and_then(|id| outgoing.get(&id));
                    let is_equal = own.is_some_and(|own| own.sid.is_some() && kind(own) == kind(row));
                    self.count("db: equal text of which nothing told");
                    self.check(is_equal, || format!("row {} has the SID of {}", row.id, describe(message)));
                }
                Some(row) => {
                    self.check(Some(row.id) == id, || {
                        format!("row {} has the SID of message {id:?}: {}", row.id, describe(message))
                    });
                    let coded = row.purpose.as_deref() == Some("code");
                    self.check(coded || row.body == message.body, || format!("row {}: other words", row.id));
                }
            }
            if let Some(text) = &message.in_reply_to {
                self.check(answered.insert(text), || format!("the text {text} was answered twice"));
                let reply = replies.get(&uuid(text)).copied().flatten();
                self.check(reply == id, || format!("the text {text} was answered with another's reply"));
            }
        }
        self.doubled(&outgoing, &takings);
    }

    /// No message was taken twice. Of equal texts of which nothing told one may have been, once the other was made, where
    /// that one never was: the person got as many as they were.
    fn doubled(&mut self, outgoing: &HashMap<i64, &MessageRow>, takings: &HashMap<i64, Vec<i64>>) {
        let mut never: Vec<&MessageRow> = outgoing.values().copied().collect();
        never.retain(|row| row.sid.is_some() && !takings.contains_key(&row.id));
        for (id, times) in takings {
            for again in &times[1..] {
                let instead = never.iter().position(|row| {
                    row.created_at <= *again && outgoing.get(id).is_some_and(|own| kind(own) == kind(row))
                });
                self.check(instead.is_some(), || format!("message {id} was taken {} times", times.len()));
                instead.map(|at| never.swap_remove(at));
            }
        }
    }

    /// Every row that says it was sent was taken; every other has a reason.
    fn promised(&mut self, ledger: &Ledger, rows: &[MessageRow]) {
        let taken: HashSet<Uuid> = ledger.outbound.iter().map(|message| uuid(&message.sid)).collect();
        for row in rows.iter().filter(|row| row.outbound) {
            let reason = row.status_reason.as_deref().unwrap_or("no reason");
            match (row.status.as_str(), row.sid) {
                ("accepted" | "sent" | "delivered" | "undelivered" | "failed", Some(sid)) => {
                    self.count(format!("db: outbound {}", row.status));
                    self.check(taken.contains(&sid), || format!("row {}: nobody took {sid}", row.id));
                }
                ("failed", None) if row.purpose.as_deref() == Some("code") => {
                    self.count(format!("db: outbound failed, {reason}"));
                    self.check(reason.starts_with("it never reached"), || {
                        format!("row {}: {reason}", row.id)
                    });
                }
                ("failed", None) if row.error_code == Some(21610) => {
                    self.count("db: outbound failed, opted out at the carrier");
                }
                ("refused", None) => {
                    self.count(format!("db: outbound refused, {reason}"));
                    self.check(reason == "the person has opted out", || format!("row {}: {reason}", row.id));
                }
                (status, sid) => {
                    self.wrong.push(format!("row {} ended as {status} ({reason}), SID {sid:?}", row.id));
                }
            }
            if row.attempts > 1 {
                self.count("db: outbound sent again");
            }
        }
    }

    /// From the answer to STOP until START, only the confirmation is sent.
    fn silence_after_stop(&mut self, ledger: &Ledger, rows: &[MessageRow]) {
        let confirmations: HashSet<Uuid> = rows
            .iter()
            .filter(|row| row.purpose.as_deref() == Some("stop_confirmation"))
            .filter_map(|row| row.sid)
            .collect();
        for stop in ledger.inbound.iter().filter(|text| text.body == "STOP") {
            self.count("carrier: STOP");
            let answered = ledger.webhooks.iter().find(|call| {
                call.message_sid == stop.sid && call.http_status == Some(200) && call.fault.is_none()
            });
            let Some(answered) = answered else { continue };
            let until = ledger
                .inbound
                .iter()
                .filter(|text| text.body == "START" && text.from == stop.from)
                .map(|text| text.created_at)
                .find(|at| *at > stop.created_at);
            let late = ledger.outbound.iter().filter(|message| {
                Some(&message.to) == stop.from.as_ref()
                    && message.created_at > answered.at + ARRIVING
                    && until.is_none_or(|until| message.created_at < until)
                    && message.status != Status::Failed
                    && !confirmations.contains(&uuid(&message.sid))
            });
            let late: Vec<String> = late.map(describe).collect();
            self.check(late.is_empty(), || format!("sent after STOP: {late:?}"));
        }
    }

    /// The counts, one a line.
    pub(crate) fn table(&self) -> String {
        let lines: Vec<String> =
            self.counts.iter().map(|(what, count)| format!("{count:>8}  {what}")).collect();
        lines.join("\n")
    }
}

/// What makes two texts equal: who gets them, and their words. No code is like another.
fn kind(row: &MessageRow) -> (i64, &str, Option<i64>) {
    let code = (row.purpose.as_deref() == Some("code")).then_some(row.id);
    (row.contact_id, &row.body, code)
}

fn describe(message: &Message) -> String {
    format!(
        "{} at {} for {:?}, {:?} ({})",
        message.sid,
        message.created_at,
        message.status_callback,
        message.body,
        message.status.word()
    )
}
