//! Staff's wordings of templates.

use super::super::engine::Sql;

macro_rules! version_columns {
    () => {
        "t.name, t.locale, t.version, t.body, t.author, t.note, t.restored_from, t.created_at"
    };
}

statements! {
    TEMPLATE_EDITS = "SELECT count FROM template_edit WHERE id = 1";
    /// Comes first in every change of a template: it also makes such changes follow one another.
    COUNT_TEMPLATE_EDIT = "UPDATE template_edit SET count = count + 1 WHERE id = 1";
    NEWEST_TEMPLATE_VERSION = "SELECT MAX(version) FROM template_version WHERE name = $1 AND locale = $2";
    TEMPLATE_BODY = "SELECT body FROM template_version WHERE name = $1 AND locale = $2 AND version = $3";
    INSERT_TEMPLATE_VERSION =
        "INSERT INTO template_version (name, locale, version, body, author, note, restored_from, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    TEMPLATES_IN_FORCE =
        concat!("SELECT ", version_columns!(), " FROM template_version t WHERE t.version = \
                 (SELECT MAX(o.version) FROM template_version o WHERE o.name = t.name AND o.locale = t.locale)");
    TEMPLATE_IN_FORCE =
        concat!("SELECT ", version_columns!(), " FROM template_version t WHERE t.name = $1 AND t.locale = $2 \
                 ORDER BY t.version DESC LIMIT 1");
    TEMPLATE_VERSION =
        concat!("SELECT ", version_columns!(), " FROM template_version t \
                 WHERE t.name = $1 AND t.locale = $2 AND t.version = $3");
    TEMPLATE_VERSIONS =
        concat!("SELECT ", version_columns!(), " FROM template_version t \
                 WHERE t.name = $1 AND t.locale = $2 AND t.version < $3 ORDER BY t.version DESC LIMIT $4");
}
