//! The `OpenAPI` document. It is read off the handlers: what they take and give says what it means
//! ([`sheet::Asks`], [`sheet::Answers`]), so that the document can't tell other than the code does.

mod answers;
mod check;
mod document;
mod examples;
mod known;
mod link;
mod nullable;
mod parameters;
mod problems;
mod routes;
mod schemas;
mod sheet;
mod words;

pub(super) use answers::{Accepted, Created, CsvFile, Limited, Located, MadeOrThere, NoContent, NoStore};
pub(super) use check::documented;
pub use document::document;
pub(super) use known::only_known;
pub(super) use routes::Routes;
pub(super) use schemas::Document;
pub(super) use sheet::{Access, Asks, Sheet};
