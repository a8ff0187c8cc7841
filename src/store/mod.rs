//! Everything that lasts, on SQLite or PostgreSQL.

mod accounts;
mod analytics;
mod audience;
mod audit;
mod backup;
mod booking_lists;
mod bookings;
mod bookmarks;
mod budgets;
mod campaigns;
mod consent;
mod contacts;
mod corrections;
mod departures;
mod endpoints;
mod engine;
mod erasure;
mod errors;
mod export;
mod forms;
mod groups;
mod guards;
mod idempotency;
mod kept;
mod lists;
mod messages;
mod migrate;
mod numbers;
mod open;
mod outbox;
mod recalls;
mod reports;
mod retention;
mod roster;
mod rows;
mod senders;
mod sessions;
pub mod sql;
mod subscriptions;
mod templates;
mod test_messages;
mod tips;
mod tokens;
mod turns;
mod webhooks;
mod writer;

pub use accounts::{AccountRow, KeysRow, NewAccount, NoticeRow};
pub use analytics::{ConsentCount, MessageCount};
pub use audience::{AudienceQuery, AudienceRow, ReaderQuery};
pub use audit::{AuditHead, AuditRow};
pub use backup::check_file;
pub use booking_lists::BookingFilter;
pub use bookings::{AnswerRow, BookingRow, NextReminder, ReminderRow, Rewording};
pub use budgets::{PrefixRow, Since, Spend, SpentRow, prefix_of};
pub use campaigns::{BrakeRow, CampaignRow};
pub use consent::{ConsentRow, LedgerEntry, OptOutFilter, OptOutRow, OptedOutRow};
pub use contacts::{ContactChange, ContactRow, Look, NewContact, SpeakerRow, Standing, Was};
pub use corrections::CorrectionRow;
pub use endpoints::{EndpointChange, EndpointRow, NewEndpoint};
pub use engine::{Engine, Readers, Sql, Tx, Writers, Writing};
pub use erasure::ErasedRow;
pub use errors::{explain, is_unavailable};
pub use export::{ClaimantRow, ReceivedRow};
pub use forms::{DueFormRow, FormAdvance, FormFilter, FormRow, NewForm};
pub use groups::{AlertRow, GroupMemberRow, GroupRow, SourceMessageRow};
pub use guards::GuardRow;
pub use idempotency::{EarlierRow, Stale};
pub use kept::PgWriters;
pub use lists::{ContactFilter, MessageFilter, Prefix};
pub use messages::{MessageRow, NewMessage, RepeatRow, TextKey};
pub use migrate::Migrated;
pub use numbers::{NumberRow, ProofChange};
pub use outbox::{Claim, Outcome, OutgoingRow, StandingQuery, StandingRow};
pub use reports::Report;
pub use roster::{RosterChange, RosterRow};
pub use senders::{LookAgain, SlotRow, UnfinishedRow};
pub use sessions::SecondFactorRow;
pub use subscriptions::{
    DueTipRow, SubscriptionCounts, SubscriptionRow, TipChoiceRow, TipGroundRow, TipPlan, TipSend,
};
pub use templates::{NewTemplateVersion, TemplateRow};
pub use test_messages::TestRow;
pub use tips::{NewTip, TipRow};
pub use tokens::{TokenEntry, TokenRow};
pub use turns::{NewSpeaker, ReadyTurns, Turns, Unasked, Written};
pub use webhooks::{ClaimedRow, DeliveryRecord, DeliveryRow, FateRow, NewDelivery, NewEvent};
pub use writer::{Lent, Writer};

use crate::config::Database;
use crate::ids::Ids;
use engine::on;
use kept::Kept;
use sqlx::SqlitePool;

/// The database. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Store {
    /// On SQLite its one writer; on PostgreSQL the same pool as `read`, and a connection for slices.
    write: Writers,
    /// What a slice's people are looked up with.
    look: Engine<SqlitePool, Kept>,
    read: Readers,
}

impl Store {
    /// Opens the database; makes the file if there is none.
    ///
    /// # Errors
    /// No such folder, no permission, no server.
    pub async fn open(database: &Database, max_connections: u32) -> sqlx::Result<Self> {
        match database {
            Database::Sqlite(path) => open::sqlite(path).await,
            Database::Postgres(url) => open::postgres(url.expose(), max_connections).await,
        }
    }

    /// Takes the next node number, for ids that nobody has given out, greater than all there are.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn new_ids(&self) -> sqlx::Result<Ids> {
        let node = on!(&mut self.writer().await?, sql::NEXT_NODE, |c, text| sqlx::query_scalar(text)
            .fetch_one(&mut **c)
            .await?);
        let last: Option<i64> =
            on!(&mut self.writer().await?, sql::LAST_ID, |c, text| sqlx::query_scalar(text)
                .fetch_one(&mut **c)
                .await?);
        Ok(Ids::after(last.unwrap_or(0), node))
    }

    /// The mark of the secret that this database goes with: `mark`, if it had none.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn secret_mark(&self, mark: &str) -> sqlx::Result<String> {
        on!(&mut self.writer().await?, sql::PUT_SECRET_MARK, |c, text| sqlx::query(text)
            .bind(mark)
            .execute(&mut **c)
            .await
            .map(drop)?);
        on!(&mut self.writer().await?, sql::SECRET_MARK, |c, text| sqlx::query_scalar(text)
            .fetch_one(&mut **c)
            .await)
    }

    /// The mark of the secret that this database goes with; `None` if it was never started with one.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn kept_secret_mark(&self) -> sqlx::Result<Option<String>> {
        let found =
            on!(&self.read, sql::SECRET_MARK, |c, text| sqlx::query_scalar(text).fetch_optional(c).await);
        match found {
            Err(error) if errors::lacks_table(&error) => Ok(None),
            found => found,
        }
    }

    /// Whether there are tables of ours, of whatever version.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn is_made(&self) -> sqlx::Result<bool> {
        let found = on!(&self.read, sql::LAST_NODE, |c, text| {
            sqlx::query_scalar::<_, i64>(text).fetch_optional(c).await
        });
        match found {
            Err(error) if errors::lacks_table(&error) => Ok(false),
            found => found.map(|last| last.is_some()),
        }
    }

    /// Begins a transaction that may write.
    ///
    /// # Errors
    /// No connection to be had in time.
    pub async fn begin(&self) -> sqlx::Result<Tx> {
        self.write.begin().await
    }

    /// A connection that may write, for one statement.
    async fn writer(&self) -> sqlx::Result<Writing> {
        self.write.acquire().await
    }

    /// Moves the write-ahead log into the SQLite file, off the path of commits. Does nothing on
    /// PostgreSQL, which has a process for it.
    ///
    /// # Errors
    /// The disk could not be written.
    pub async fn checkpoint(&self) -> sqlx::Result<()> {
        if let Engine::Sqlite(pool) = &self.read {
            sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(pool).await?;
        }
        Ok(())
    }

    /// Empties SQLite's write-ahead log, in which what was erased is still to be read; false if
    /// somebody is reading it. What PostgreSQL keeps of its log is its operator's affair.
    ///
    /// # Errors
    /// The disk could not be written.
    pub async fn empty_log(&self) -> sqlx::Result<bool> {
        let Engine::Sqlite(pool) = &self.read else { return Ok(true) };
        let busy: i64 = sqlx::query_scalar("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(pool).await?;
        Ok(busy == 0)
    }

    /// Prepares every statement; a test calls this on both engines.
    ///
    /// # Errors
    /// The first statement the engine does not accept, by name.
    pub async fn prepare_all(&self) -> Result<usize, (&'static str, sqlx::Error)> {
        use sqlx::{Executor as _, SqlSafeStr as _};
        let mut writer = self.writer().await.map_err(|error| ("", error))?;
        for (name, statement) in sql::all() {
            let prepared = on!(&mut writer, statement, |c, text| {
                (&mut **c).prepare(text.into_sql_str()).await.map(drop)
            });
            prepared.map_err(|error| (*name, error))?;
        }
        Ok(sql::all().count())
    }

    /// Whether other nodes may write to it as well: PostgreSQL.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        matches!(self.write, Writers::Postgres(_))
    }

    /// Closes every connection; on SQLite this also empties the write-ahead log.
    pub async fn close(&self) {
        self.read.close().await;
        if let Engine::Postgres(kept) = &self.look {
            kept.close().await;
        }
        self.write.close().await;
    }
}

/// A slice as the one JSON parameter it travels in.
fn json<T: serde::Serialize + ?Sized>(slice: &T) -> sqlx::Result<String> {
    serde_json::to_string(slice).map_err(|error| sqlx::Error::Encode(error.into()))
}
