//! Messages of both directions.

use super::engine::on;
use super::rows::{MOST, Script, Values};
use super::{ContactChange, Lent, Store, Tx, json, sql};
use serde::Serialize;
use uuid::Uuid;

/// A message as the API shows it. Times are milliseconds since 1970.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns' names say it; the migration explains them")]
pub struct MessageRow {
    pub id: i64,
    pub contact_id: i64,
    pub outbound: bool,
    pub sid: Option<Uuid>,
    pub mms: bool,
    pub body: String,
    pub segments: i64,
    pub created_at: i64,
    pub intent: Option<String>,
    pub why: Option<String>,
    pub purpose: Option<String>,
    pub status: String,
    pub status_reason: Option<String>,
    pub error_code: Option<i64>,
    pub attempts: i64,
    pub sent_at: Option<i64>,
    pub extra: Option<String>,
}

/// A message to add. What it does not have is not written: a slice holds hundreds of these.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "see MessageRow and the migration")]
pub struct NewMessage<'a> {
    pub id: i64,
    pub contact_id: i64,
    pub outbound: bool,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "in_hex")]
    pub sid: Option<Uuid>,
    pub mms: bool,
    pub body: std::borrow::Cow<'a, str>,
    pub segments: i64,
    pub created_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intent: Option<std::borrow::Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extra: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    pub status: &'a str,
    pub rank: i64,
    pub priority: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
    pub by_rest: bool,
    pub attempts: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<i64>,
    /// What it is sent for; a second message for the same is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub what_for: Option<String>,
    /// The booking, form or campaign behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_id: Option<i64>,
    /// The approved template to send, and its variables as JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_sid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_variables: Option<&'a str>,
}

#[expect(clippy::ref_option, reason = "serde calls it so")]
fn in_hex<S: serde::Serializer>(sid: &Option<Uuid>, serializer: S) -> Result<S::Ok, S::Error> {
    match sid {
        Some(sid) => serializer.collect_str(&sid.simple()),
        None => serializer.serialize_none(),
    }
}

/// The answer that an inbound text was given before.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "see MessageRow and the migration")]
pub struct RepeatRow {
    pub sid: Uuid,
    pub mms: bool,
    pub id: Option<i64>,
    pub body: Option<String>,
    pub nonce: Option<String>,
    pub attempts: Option<i64>,
}

impl Store {
    /// A contact's messages, newest first, older than `before`.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn conversation(
        &self,
        contact_id: i64,
        before: i64,
        limit: i64,
    ) -> sqlx::Result<Vec<MessageRow>> {
        on!(&self.read, sql::CONVERSATION, |c, text| {
            sqlx::query_as(text).bind(contact_id).bind(before).bind(limit).fetch_all(c).await
        })
    }

    /// Everybody's messages, newest first, older than `before`.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn messages(&self, before: i64, limit: i64) -> sqlx::Result<Vec<MessageRow>> {
        on!(&self.read, sql::MESSAGES, |c, text| {
            sqlx::query_as(text).bind(before).bind(limit).fetch_all(c).await
        })
    }

    /// How many outgoing messages are open, by status.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn open_messages(&self) -> sqlx::Result<Vec<(String, i64)>> {
        on!(&self.read, sql::COUNT_BY_STATUS, |c, text| sqlx::query_as(text).fetch_all(c).await)
    }
}

impl Tx {
    /// Which of these inbound SIDs (32 hex digits each) we have had, with the answers given.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn repeats(&mut self, sids: &[String]) -> sqlx::Result<Vec<RepeatRow>> {
        let sids = json(sids)?;
        on!(self, sql::REPEATS, |c, text| sqlx::query_as(text).bind(&sids).fetch_all(&mut **c).await)
    }

    /// Hands replies over again and starts the wait for their callbacks anew; returns those that may
    /// be, because neither Twilio nor REST has them.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn hand_again(&mut self, ids: &[i64], due_at: i64, now: i64) -> sqlx::Result<Vec<i64>> {
        let ids = json(ids)?;
        on!(self, sql::HAND_AGAIN, |c, text| {
            sqlx::query_scalar(text).bind(&ids).bind(due_at).bind(now).fetch_all(&mut **c).await
        })
    }

    /// Adds messages that go out and saves what turns changed. Those whose purpose was served before, by
    /// `what_for`, are left out.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn save_slice(
        &mut self,
        messages: &[NewMessage<'_>],
        changes: &[ContactChange<'_>],
    ) -> sqlx::Result<()> {
        self.save_turns(messages, changes, false).await.map(drop)
    }

    /// Adds messages of both directions and saves what turns changed; false if one of the inbound ones had
    /// come before: then the transaction must not be committed. Nothing but [`Tx::commit`] may follow what
    /// is `last`; on SQLite it is done in the same trip.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn save_turns(
        &mut self,
        messages: &[NewMessage<'_>],
        changes: &[ContactChange<'_>],
        last: bool,
    ) -> sqlx::Result<bool> {
        let (outbound, inbound): (Vec<_>, Vec<_>) = messages.iter().partition(|message| message.outbound);
        let (moved, speakers): (Vec<_>, Vec<_>) =
            changes.iter().partition(|change| change.standing.is_some());
        match self {
            Self::Postgres(c) => {
                let statement = sqlx::query_scalar(sql::SAVE_SLICE.postgres);
                let statement = statement.bind(json(&inbound)?).bind(json(&outbound)?);
                let statement = statement.bind(json(&moved)?).bind(json(&speakers)?);
                let added: i64 = statement.fetch_one(&mut **c).await?;
                Ok(usize::try_from(added).is_ok_and(|added| added == inbound.len()))
            }
            Self::Sqlite(lent) => {
                let moved = if moved.is_empty() { None } else { Some(json(&moved)?) };
                match save_rows(lent, (&inbound, &outbound, &speakers), moved, last).await {
                    Err(error) if is_repeat(&error) => Ok(false),
                    saved => saved.map(|()| true),
                }
            }
        }
    }
}

/// Whether a SID was there already.
fn is_repeat(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(|error| error.is_unique_violation() && error.message().ends_with("message.sid"))
}

/// Inbound messages, outbound ones, and what became of those who spoke.
type Rows<'r, 'a> = (&'r [&'r NewMessage<'a>], &'r [&'r NewMessage<'a>], &'r [&'r ContactChange<'a>]);

/// Writes the slice in as few trips as its size allows.
async fn save_rows(
    lent: &mut Lent,
    (inbound, outbound, speakers): Rows<'_, '_>,
    mut moved: Option<String>,
    last: bool,
) -> sqlx::Result<()> {
    let most = inbound.len().max(outbound.len()).max(speakers.len()).max(1);
    for from in (0..most).step_by(MOST) {
        let mut script = Script::for_rows((most - from).min(MOST));
        script.rows(sql::INSERT_INBOUND, chunk(inbound, from), bind_inbound);
        script.rows(sql::INSERT_OUTBOUND, chunk(outbound, from), bind_outbound);
        script.rows(sql::UPDATE_SPEAKERS, chunk(speakers, from), bind_speaker);
        if let Some(moved) = moved.take() {
            script.json(sql::UPDATE_CONTACTS, moved);
        }
        script.run(lent, last && from + MOST >= most).await?;
    }
    Ok(())
}

/// Those of `rows` that go with the script that begins at `from`.
fn chunk<T>(rows: &[T], from: usize) -> &[T] {
    &rows[from.min(rows.len())..(from + MOST).min(rows.len())]
}

fn bind_inbound(row: &mut Values, message: &NewMessage<'_>) {
    row.bind(message.id)
        .bind(message.contact_id)
        .bind(message.sid)
        .bind(message.mms)
        .bind(&*message.body)
        .bind(message.segments)
        .bind(message.created_at)
        .bind(message.intent.as_deref())
        .bind(message.why.as_deref())
        .bind(message.reply_id)
        .bind(message.extra.as_deref())
        .bind(message.status);
}

fn bind_outbound(row: &mut Values, message: &NewMessage<'_>) {
    row.bind(message.id)
        .bind(message.contact_id)
        .bind(&*message.body)
        .bind(message.segments)
        .bind(message.created_at)
        .bind(message.purpose)
        .bind(message.nonce.as_deref())
        .bind(message.status)
        .bind(message.rank)
        .bind(message.priority)
        .bind(message.due_at)
        .bind(message.expires_at)
        .bind(message.attempts)
        .bind(message.sent_at)
        .bind(message.by_rest)
        .bind(message.what_for.as_deref())
        .bind(message.source_id)
        .bind(message.content_sid)
        .bind(message.content_variables);
}

fn bind_speaker(row: &mut Values, change: &ContactChange<'_>) {
    row.bind(change.id).bind(change.locale).bind(&*change.person).bind(change.last_heard_at);
}
