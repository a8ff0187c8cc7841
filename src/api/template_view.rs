//! Templates as the API shows them.

use super::moment::{Time, time};
use crate::conversation::Inbox;
use crate::price::USUAL_PRICE;
use crate::segments::{self, Encoding, Expensive, Segments};
use crate::store::TemplateRow;
use crate::templates::Standing;
use crate::texts::{Fault, Variable};
use schemars::JsonSchema;
use serde::Serialize;

/// A template in a list, with what its first sample says and takes.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Item {
    #[schemars(example = &"code")]
    name: &'static str,
    locale: String,
    /// `default`, or `edited` by staff.
    source: &'static str,
    version: i64,
    sample: String,
    segments: usize,
    encoding: Encoding,
    /// Why staff's words are not in force, if they are not.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    updated_at: Option<Time>,
}

impl Item {
    pub(super) fn new(inbox: &Inbox, standing: &Standing) -> Self {
        let sample = standing.sample(inbox);
        let size = segments::count(&sample);
        Self {
            name: standing.name,
            locale: standing.locale.clone(),
            source: source(standing),
            version: standing.version(),
            sample,
            segments: size.segments,
            encoding: size.encoding,
            problem: standing.fault.clone(),
            updated_at: standing.newest.as_ref().and_then(|row| time(row.created_at)),
        }
    }
}

fn source(standing: &Standing) -> &'static str {
    if standing.edited() { "edited" } else { "default" }
}

/// A template with everything about it.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Template {
    #[serde(flatten)]
    item: Item,
    body: String,
    default_body: &'static str,
    /// How many versions there are.
    versions: i64,
    /// Who made the newest.
    author: Option<String>,
    variables: Vec<Variable>,
}

impl Template {
    pub(super) fn new(inbox: &Inbox, standing: Standing) -> Self {
        Self {
            item: Item::new(inbox, &standing),
            body: standing.body().to_owned(),
            default_body: standing.shipped,
            versions: standing.version(),
            variables: inbox.texts.variables(standing.name),
            author: standing.newest.map(|row| row.author),
        }
    }
}

/// A version.
#[derive(Debug, Serialize, JsonSchema)]
#[allow(clippy::struct_field_names, reason = "the API names them")]
pub(super) struct Version {
    #[serde(rename = "version")]
    number: i64,
    /// None where the shipped words were put in force again.
    body: Option<String>,
    author: String,
    note: String,
    restored_from: Option<i64>,
    created_at: Option<Time>,
}

impl From<TemplateRow> for Version {
    fn from(row: TemplateRow) -> Self {
        Self {
            number: row.version,
            body: row.body,
            author: row.author,
            note: row.note,
            restored_from: row.restored_from,
            created_at: time(row.created_at),
        }
    }
}

/// What words say and take.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Preview {
    text: String,
    #[serde(flatten)]
    size: Segments,
    expensive: Vec<Expensive>,
    /// What one message costs.
    cost: f64,
    currency: &'static str,
    /// What keeps these words from being saved.
    faults: Vec<Fault>,
}

impl Preview {
    pub(super) fn new(text: String, faults: Vec<Fault>, price: Option<f64>) -> Self {
        let size = segments::count(&text);
        #[expect(clippy::cast_precision_loss, reason = "a text has a few segments")]
        let cost = (size.segments as f64 * price.unwrap_or(USUAL_PRICE) * 10_000.0).round() / 10_000.0;
        Self { expensive: segments::expensive(&text), size, cost, currency: "USD", faults, text }
    }
}
