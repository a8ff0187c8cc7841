//! Staff's wordings of templates, version by version.

use super::engine::on;
use super::{Store, Tx, sql};

/// A version of a template in one locale. Times are milliseconds since 1970.
#[derive(Clone, Debug, sqlx::FromRow)]
#[expect(missing_docs, reason = "the columns' names say it; the migration explains them")]
pub struct TemplateRow {
    pub name: String,
    pub locale: String,
    pub version: i64,
    /// None where the shipped text was put in force again.
    pub body: Option<String>,
    pub author: String,
    pub note: String,
    pub restored_from: Option<i64>,
    pub created_at: i64,
}

/// A version to add; its number follows from those there are.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "see TemplateRow")]
pub struct NewTemplateVersion<'a> {
    pub name: &'a str,
    pub locale: &'a str,
    pub body: Option<&'a str>,
    pub author: &'a str,
    pub note: &'a str,
    pub restored_from: Option<i64>,
    pub now: i64,
}

impl Store {
    /// How often templates have been changed.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn template_edits(&self) -> sqlx::Result<i64> {
        on!(&self.read, sql::TEMPLATE_EDITS, |c, text| sqlx::query_scalar(text).fetch_one(c).await)
    }

    /// The newest version of every template that was ever changed: there are few.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn templates_in_force(&self) -> sqlx::Result<Vec<TemplateRow>> {
        on!(&self.read, sql::TEMPLATES_IN_FORCE, |c, text| sqlx::query_as(text).fetch_all(c).await)
    }

    /// The newest version of one template; none if it was never changed.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn template_in_force(&self, name: &str, locale: &str) -> sqlx::Result<Option<TemplateRow>> {
        on!(&self.read, sql::TEMPLATE_IN_FORCE, |c, text| {
            sqlx::query_as(text).bind(name).bind(locale).fetch_optional(c).await
        })
    }

    /// One version of a template.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn template_version(
        &self,
        name: &str,
        locale: &str,
        version: i64,
    ) -> sqlx::Result<Option<TemplateRow>> {
        on!(&self.read, sql::TEMPLATE_VERSION, |c, text| {
            sqlx::query_as(text).bind(name).bind(locale).bind(version).fetch_optional(c).await
        })
    }

    /// At most `limit` versions of a template, the newest before `before` first.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn template_versions(
        &self,
        name: &str,
        locale: &str,
        before: i64,
        limit: i64,
    ) -> sqlx::Result<Vec<TemplateRow>> {
        on!(&self.read, sql::TEMPLATE_VERSIONS, |c, text| {
            sqlx::query_as(text).bind(name).bind(locale).bind(before).bind(limit).fetch_all(c).await
        })
    }
}

impl Tx {
    /// Says that a template changes, keeps other such changes waiting, and returns the number of this
    /// one's newest version, 0 if it has none. Comes before the change.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn begin_template_edit(&mut self, name: &str, locale: &str) -> sqlx::Result<i64> {
        on!(&mut *self, sql::COUNT_TEMPLATE_EDIT, |c, text| {
            sqlx::query(text).execute(&mut **c).await?;
        });
        let newest: Option<i64> = on!(self, sql::NEWEST_TEMPLATE_VERSION, |c, text| {
            sqlx::query_scalar(text).bind(name).bind(locale).fetch_one(&mut **c).await?
        });
        Ok(newest.unwrap_or(0))
    }

    /// The words of a version; none where the shipped ones are in force, as before the first.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn template_body(
        &mut self,
        name: &str,
        locale: &str,
        version: i64,
    ) -> sqlx::Result<Option<String>> {
        let body: Option<Option<String>> = on!(self, sql::TEMPLATE_BODY, |c, text| {
            let query = sqlx::query_scalar(text).bind(name).bind(locale).bind(version);
            query.fetch_optional(&mut **c).await?
        });
        Ok(body.flatten())
    }

    /// Adds a version under this number, the one after the newest.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn add_template_version(
        &mut self,
        new: &NewTemplateVersion<'_>,
        version: i64,
    ) -> sqlx::Result<()> {
        on!(self, sql::INSERT_TEMPLATE_VERSION, |c, text| {
            let query = sqlx::query(text).bind(new.name).bind(new.locale).bind(version).bind(new.body);
            let query = query.bind(new.author).bind(new.note).bind(new.restored_from).bind(new.now);
            query.execute(&mut **c).await.map(drop)
        })
    }
}
