//! Lists that staff filter, and what they change by hand.

use super::engine::on;
use super::{ContactRow, MessageRow, Sql, Store, Tx, json, sql};

/// Which messages; what is not given is not asked for.
#[derive(Clone, Debug, Default)]
pub struct MessageFilter {
    /// Of this contact.
    pub contact_id: Option<i64>,
    /// In this status.
    pub status: Option<String>,
    /// For this purpose.
    pub purpose: Option<String>,
    /// To people, or from them.
    pub outbound: Option<bool>,
    /// With a greater id: made later.
    pub after: i64,
}

/// Which contacts; what is not given is not asked for.
#[derive(Clone, Debug, Default)]
pub struct ContactFilter {
    /// In this state.
    pub state: Option<String>,
    /// With this tag.
    pub tag: Option<String>,
    /// Whose number or name begins with this.
    pub prefix: Option<Prefix>,
}

/// What a number or a name begins with.
#[derive(Clone, Debug)]
pub enum Prefix {
    /// A number: `+` and digits, or `whatsapp:+` and digits.
    Number(String),
    /// A name; case does not matter (on SQLite only that of ASCII letters).
    Name(String),
}

/// The statement whose index knows most of what is asked.
fn for_messages(filter: &MessageFilter) -> Sql {
    if filter.contact_id.is_some() {
        return sql::FIND_MESSAGES_OF_CONTACT;
    }
    match (filter.status.as_deref(), filter.purpose.as_deref()) {
        (Some("held" | "failed" | "undelivered" | "refused" | "expired" | "skipped"), _) => {
            sql::FIND_MESSAGES_PUT_ASIDE
        }
        (Some("queued"), _) => sql::FIND_MESSAGES_QUEUED,
        (Some("handed" | "sending" | "uncertain"), _) => sql::FIND_MESSAGES_UNSETTLED,
        (_, Some("reminder" | "form" | "tip" | "campaign" | "alert" | "test" | "stop_confirmation")) => {
            sql::FIND_MESSAGES_UNASKED
        }
        // Of everything else a list is never far from full.
        _ => sql::FIND_MESSAGES,
    }
}

impl Store {
    /// Messages, newest first, older than `before`.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn find_messages(
        &self,
        filter: &MessageFilter,
        before: i64,
        limit: i64,
    ) -> sqlx::Result<Vec<MessageRow>> {
        on!(&self.read, for_messages(filter), |c, text| {
            sqlx::query_as(text)
                .bind(before)
                .bind(limit)
                .bind(filter.after)
                .bind(filter.contact_id)
                .bind(&filter.status)
                .bind(&filter.purpose)
                .bind(filter.outbound)
                .fetch_all(c)
                .await
        })
    }

    /// The message with this id.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn message(&self, id: i64) -> sqlx::Result<Option<MessageRow>> {
        on!(&self.read, sql::MESSAGE, |c, text| sqlx::query_as(text).bind(id).fetch_optional(c).await)
    }

    /// Contacts, newest first, older than `before`; erased ones are left out.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn find_contacts(
        &self,
        filter: &ContactFilter,
        before: i64,
        limit: i64,
    ) -> sqlx::Result<Vec<ContactRow>> {
        let (statement, range) = self.for_contacts(filter).await?;
        on!(&self.read, statement, |c, text| {
            let mut query =
                sqlx::query_as(text).bind(before).bind(limit).bind(&filter.state).bind(&filter.tag);
            if let Some((from, to)) = &range {
                query = query.bind(from).bind(to);
            }
            query.fetch_all(c).await
        })
    }

    /// The tags of these contacts, by contact.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn tags(&self, contact_ids: &[i64]) -> sqlx::Result<Vec<(i64, String)>> {
        let ids = json(contact_ids)?;
        on!(&self.read, sql::CONTACT_TAGS, |c, text| sqlx::query_as(text).bind(&ids).fetch_all(c).await)
    }
}

/// From how many on a page is filled sooner by looking at everybody.
const MANY: i64 = 2000;

/// A search for what begins so: its range, and the statements that count and find it.
struct Search {
    from: String,
    to: String,
    count: Sql,
    few: Sql,
    many: Sql,
}

impl Search {
    fn new(prefix: &Prefix) -> Self {
        match prefix {
            Prefix::Number(prefix) => Self {
                from: prefix.clone(),
                to: format!("{prefix}999999999999999"),
                count: sql::COUNT_CONTACTS_BY_NUMBER,
                few: sql::FIND_CONTACTS_BY_NUMBER,
                many: sql::FIND_CONTACTS_WITH_NUMBER,
            },
            Prefix::Name(prefix) => {
                let prefix = prefix.to_lowercase();
                Self {
                    to: format!("{prefix}\u{10ffff}"),
                    from: prefix,
                    count: sql::COUNT_CONTACTS_BY_NAME,
                    few: sql::FIND_CONTACTS_BY_NAME,
                    many: sql::FIND_CONTACTS_WITH_NAME,
                }
            }
        }
    }
}

impl Store {
    /// The statement whose index knows most of what is asked, and the range of its index.
    async fn for_contacts(&self, filter: &ContactFilter) -> sqlx::Result<(Sql, Option<(String, String)>)> {
        let Some(prefix) = &filter.prefix else {
            return Ok(match filter.state.as_deref() {
                _ if filter.tag.is_some() => (sql::FIND_CONTACTS_BY_TAG, None),
                Some("stranger" | "naming" | "verifying") => (sql::FIND_CONTACTS_UNFINISHED, None),
                _ => (sql::FIND_CONTACTS, None),
            });
        };
        let search = Search::new(prefix);
        let found: i64 = on!(&self.read, search.count, |c, text| {
            let count = sqlx::query_scalar(text).bind(&search.from).bind(&search.to).bind(MANY);
            count.fetch_one(c).await?
        });
        let is_common = found >= MANY && filter.tag.is_none();
        Ok((if is_common { search.many } else { search.few }, Some((search.from, search.to))))
    }
}

impl Tx {
    /// Changes what is given of a contact; a zone comes with who told it.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn change_contact(
        &mut self,
        id: i64,
        locale: Option<&str>,
        time_zone: Option<(&str, &str)>,
    ) -> sqlx::Result<()> {
        let (zone, source) = time_zone.unzip();
        on!(self, sql::CHANGE_CONTACT, |c, text| {
            sqlx::query(text).bind(id).bind(locale).bind(zone).bind(source).execute(&mut **c).await.map(drop)
        })
    }

    /// Gives a contact these tags and no others.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn set_tags(&mut self, contact_id: i64, tags: &[&str]) -> sqlx::Result<()> {
        let tags = json(tags)?;
        on!(&mut *self, sql::ERASE_TAGS, |c, text| {
            sqlx::query(text).bind(contact_id).execute(&mut **c).await.map(drop)
        })?;
        on!(self, sql::INSERT_TAGS, |c, text| {
            sqlx::query(text).bind(contact_id).bind(&tags).execute(&mut **c).await.map(drop)
        })
    }
}

impl Tx {
    /// Refuses a message that still waits; false if there is no such message.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn cancel_message(&mut self, id: i64, reason: &str, now: i64) -> sqlx::Result<bool> {
        on!(self, sql::CANCEL_MESSAGE, |c, text| {
            let done = sqlx::query(text).bind(id).bind(reason).bind(now).execute(&mut **c).await?;
            Ok(done.rows_affected() > 0)
        })
    }

    /// Puts messages that were queued aside, never to be sent.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn skip_messages(&mut self, ids: &[i64], reason: &str, now: i64) -> sqlx::Result<()> {
        let ids = json(ids)?;
        on!(self, sql::SKIP_MESSAGES, |c, text| {
            sqlx::query(text).bind(ids).bind(reason).bind(now).execute(&mut **c).await.map(drop)
        })
    }
}
