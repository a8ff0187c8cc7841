//! Status reports from Twilio, applied in slices.

use super::{Inbox, desk};
use crate::batch::Apply;
use crate::delivery::Status;
use crate::dialog::{Event, Ground, Nonce, step};
use crate::sid::Sid;
use crate::store::{LedgerEntry, Report, Tx};
use jiff::Timestamp;
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
}

/// Applies slices of reports.
#[derive(Clone, Debug)]
pub struct Reports(pub Arc<Inbox>);

impl Apply for Reports {
    type Job = Reported;
    type Answer = ();

    async fn apply(&self, reports: &[Reported]) -> sqlx::Result<Vec<()>> {
        let inbox = &*self.0;
        let now = inbox.clock.now();
        let rows: Vec<Report> = reports.iter().map(|report| inbox.report_row(report, now)).collect();
        let mut tx = inbox.store.begin().await?;
        tx.apply_reports(&rows, (now + inbox.settings.settle_after).as_millisecond()).await?;
        for report in reports.iter().filter(|report| report.error_code == Some(OPTED_OUT)) {
            if let Some(address) = tx.address_of_message(report.message_id).await? {
                inbox.refused_by_carrier(&mut tx, &address, report.message_id).await?;
            }
        }
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
            now: now.as_millisecond(),
        }
    }

    /// Notes in the consent ledger that Twilio says this person has opted out.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn refused_by_carrier(&self, tx: &mut Tx, address: &str, message_id: i64) -> sqlx::Result<()> {
        let now = self.clock.now();
        let Some(row) = tx.contacts(&[address]).await?.pop() else { return Ok(()) };
        let person = serde_json::from_str(&row.person).map_err(|error| sqlx::Error::Decode(error.into()))?;
        let ground = Ground {
            now,
            nonce: Nonce([0; 16]),
            key: &self.code_key,
            subject: address,
            twilio_answers: self.settings.twilio_answers,
            bookings: &[],
        };
        let turn = step(&person, &Event::RefusedByCarrier, &ground);
        let Some(consent) = turn.consent else { return Ok(()) };
        tx.save_contacts(&[desk::change(&row, &turn.person)?]).await?;
        tx.add_consent(&[LedgerEntry {
            id: self.ids.next(now),
            contact_id: row.id,
            given: consent.given,
            how: consent.how,
            actor: "twilio",
            body: None,
            message_id: Some(message_id),
            created_at: now.as_millisecond(),
        }])
        .await
    }
}
