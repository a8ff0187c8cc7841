//! What else is kept about one person, for a copy of all of it.

use super::engine::on;
use super::{CorrectionRow, Store, sql};

/// A campaign that wrote to somebody.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "see CampaignRow and MessageRow")]
pub struct ReceivedRow {
    pub id: i64,
    pub name: String,
    pub message_id: i64,
    pub status: String,
}

/// An account that has proven somebody's number.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "see AccountRow and NumberRow")]
pub struct ClaimantRow {
    pub id: i64,
    pub email: String,
    pub full_name: String,
    pub external_id: Option<String>,
    pub is_verified: bool,
}

impl Store {
    /// The names of the staff groups that a contact is in.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn groups_of(&self, contact_id: i64) -> sqlx::Result<Vec<String>> {
        on!(&self.read, sql::GROUPS_OF_CONTACT, |c, text| {
            sqlx::query_scalar(text).bind(contact_id).fetch_all(c).await
        })
    }

    /// The campaigns that wrote to a contact, newest first.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn campaigns_of(&self, contact_id: i64, limit: i64) -> sqlx::Result<Vec<ReceivedRow>> {
        on!(&self.read, sql::CAMPAIGNS_OF_CONTACT, |c, text| {
            sqlx::query_as(text).bind(contact_id).bind(limit).fetch_all(c).await
        })
    }

    /// What a contact's texts really asked for, newest first.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn corrections_of(&self, contact_id: i64, limit: i64) -> sqlx::Result<Vec<CorrectionRow>> {
        on!(&self.read, sql::CORRECTIONS_OF_CONTACT, |c, text| {
            sqlx::query_as(text).bind(contact_id).bind(limit).fetch_all(c).await
        })
    }

    /// The accounts that have proven this number.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn accounts_of(&self, address: &str) -> sqlx::Result<Vec<ClaimantRow>> {
        on!(&self.read, sql::ACCOUNTS_OF_ADDRESS, |c, text| {
            sqlx::query_as(text).bind(address).fetch_all(c).await
        })
    }
}
