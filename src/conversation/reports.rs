//! Status reports from Twilio, applied in slices.

use super::announce::events_of;
use super::{Inbox, change};
use crate::batch::Apply;
use crate::delivery::Status;
use crate::dialog::Event;
use crate::sid::Sid;
use crate::store::{LedgerEntry, Report, SpeakerRow, Tx};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The recipient has opted out at Twilio: <https://www.twilio.com/docs/api/errors/21610>.
pub(super) const OPTED_OUT: u32 = 21610;

/// A status report, already checked.
#[derive(Clone, Debug)]
pub struct Reported {
    /// Our message, from the callback's query.
    pub message_id: i64,
    /// Twilio's name for it.
    pub sid: Sid,
    /// What it means here.
    pub status: Status,
    /// Twilio's word.
    pub twilio_status: String,
    /// Why it failed.
    pub error_code: Option<u32>,
    /// The same in plain words.
    pub reason: Option<String>,
    /// Twilio called and named our message; what was looked up by a SID may have that by a guess.
    pub told: bool,
}

/// Applies slices of reports.
#[derive(Clone, Debug)]
pub struct Reports(pub Arc<Inbox>);

impl Apply for Reports {
    type Job = Reported;
    type Answer = ();
    type Ahead = ();
    type Ready = ();

    async fn carry_out(&self, reports: &[Reported], _ready: Option<()>) -> sqlx::Result<Vec<()>> {
        let inbox = &*self.0;
        let now = inbox.clock.now();
        let rows: Vec<Report> = reports.iter().map(|report| inbox.report_row(report, now)).collect();
        let mut tx = inbox.store.begin().await?;
        let refused = reports.iter().filter(|report| report.error_code == Some(OPTED_OUT));
        let refused: Vec<i64> = refused.map(|report| report.message_id).collect();
        inbox.refused_by_carrier(&mut tx, &refused).await?;
        tx.apply_reports(&rows, (now + inbox.settings.settle_after).as_millisecond()).await?;
        inbox.announce_fates(&mut tx, rows.iter().map(|row| row.id)).await?;
        tx.commit().await?;
        Ok(vec![(); reports.len()])
    }
}

impl Inbox {
    fn report_row(&self, report: &Reported, now: Timestamp) -> Report {
        Report {
            report_id: self.ids.next(now),
            id: report.message_id,
            sid: report.sid.id.simple().to_string(),
            mms: report.sid.mms,
            status: report.status.as_str(),
            rank: report.status.rank(),
            twilio_status: report.twilio_status.clone(),
            error_code: report.error_code.map(i64::from),
            reason: report.reason.clone(),
            told: report.told,
            now: now.as_millisecond(),
        }
    }

    /// Notes in the consent ledger that Twilio says the recipients of these messages have opted out.
    ///
    /// Comes before anything else in its transaction: contacts are locked before messages everywhere, and
    /// all at once in the order of their addresses, so that two nodes never wait for each other.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn refused_by_carrier(&self, tx: &mut Tx, message_ids: &[i64]) -> sqlx::Result<()> {
        if message_ids.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        let found = tx.addresses_of_messages(message_ids).await?;
        let messages: BTreeMap<&str, i64> =
            found.iter().map(|(id, address)| (address.as_str(), *id)).collect();
        let addresses: Vec<&str> = messages.keys().copied().collect();
        for row in tx.contacts(&addresses).await? {
            self.note_refusal(tx, &row, messages.get(row.address.as_str()).copied(), now).await?;
        }
        Ok(())
    }

    async fn note_refusal(
        &self,
        tx: &mut Tx,
        row: &SpeakerRow,
        message_id: Option<i64>,
        now: Timestamp,
    ) -> sqlx::Result<()> {
        let person = serde_json::from_str(&row.person).map_err(|error| sqlx::Error::Decode(error.into()))?;
        let turn = self.moved(row, &person, &Event::RefusedByCarrier, now);
        let Some(consent) = turn.consent else { return Ok(()) };
        tx.save_contacts(&[change(row, &turn.person)?]).await?;
        tx.add_consent(&[LedgerEntry {
            id: self.ids.next(now),
            contact_id: row.id,
            given: consent.given,
            how: consent.how,
            actor: "twilio",
            body: None,
            message_id,
            evidence: None,
            created_at: now.as_millisecond(),
        }])
        .await?;
        self.announce(tx, events_of(&person, &turn, row, &self.suppression_key)).await
    }
}
