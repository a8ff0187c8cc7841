//! Lists of bookings, and the mark that they find what is past by.

use super::bookings::BookingRow;
use super::engine::on;
use super::{Store, sql};

/// Which bookings to list.
#[derive(Clone, Debug, Default)]
pub struct BookingFilter {
    /// Only this person's.
    pub address: Option<String>,
    /// Only those with this status, `past` included.
    pub status: Option<&'static str>,
}

impl Store {
    /// Bookings as `filter` wants them at `now`, newest first, older than `before`.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn bookings(
        &self,
        filter: &BookingFilter,
        now: i64,
        before: i64,
        limit: i64,
    ) -> sqlx::Result<Vec<BookingRow>> {
        if let Some(address) = &filter.address {
            return on!(&self.read, sql::BOOKINGS_OF_CONTACT, |c, text| {
                let query = sqlx::query_as(text).bind(before).bind(filter.status).bind(now).bind(limit);
                query.bind(address).fetch_all(c).await
            });
        }
        match filter.status {
            None => on!(&self.read, sql::BOOKINGS, |c, text| {
                sqlx::query_as(text).bind(before).bind(filter.status).bind(limit).fetch_all(c).await
            }),
            Some("past") => on!(&self.read, sql::BOOKINGS_PAST, |c, text| {
                sqlx::query_as(text).bind(before).bind(now).bind(limit).fetch_all(c).await
            }),
            Some(status) => on!(&self.read, sql::BOOKINGS_BY_STATUS, |c, text| {
                sqlx::query_as(text).bind(before).bind(status).bind(limit).bind(now).fetch_all(c).await
            }),
        }
    }

    /// Notes of up to `limit` bookings that have begun by `now` that they are past; returns how many.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn note_past(&self, now: i64, limit: i64) -> sqlx::Result<u64> {
        // Mostly there is none, and then nothing is written.
        let begun: bool =
            on!(&self.read, sql::BEGUN, |c, text| sqlx::query_scalar(text).bind(now).fetch_one(c).await)?;
        if !begun {
            return Ok(0);
        }
        on!(&mut self.writer().await?, sql::NOTE_PAST, |c, text| {
            let noted = sqlx::query(text).bind(now).bind(limit).execute(&mut **c).await?;
            Ok(noted.rows_affected())
        })
    }
}
