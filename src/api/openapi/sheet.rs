//! What a handler takes and gives, read off its types.

use super::nullable;
use crate::api::Api;
use crate::problem::Problem;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Something that a handler takes from a request.
pub(in crate::api) trait Asks {
    /// Notes what that means for whoever calls.
    fn asks(sheet: &mut Sheet);
}

/// Something that a handler gives.
pub(in crate::api) trait Answers {
    /// Notes what that means for whoever calls.
    fn answers(sheet: &mut Sheet);
}

/// A handler whose arguments and answer say what they mean. `T` is what `axum` knows it by.
pub(in crate::api) trait Described<T> {
    /// Notes all of it.
    fn describe(sheet: &mut Sheet);
}

macro_rules! described {
    ($($argument:ident)*) => {
        impl<F, Work, Answer, Mark, $($argument),*> Described<(Mark, $($argument,)*)> for F
        where
            F: FnOnce($($argument),*) -> Work,
            Work: Future<Output = Answer>,
            Answer: Answers,
            $($argument: Asks),*
        {
            fn describe(sheet: &mut Sheet) {
                $($argument::asks(sheet);)*
                Answer::answers(sheet);
            }
        }
    };
}

described!(A);
described!(A B);
described!(A B C);
described!(A B C D);
described!(A B C D E);
described!(A B C D E G);

/// Who may call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::api) enum Access {
    /// Everybody.
    #[default]
    Anybody,
    /// Whoever is signed in.
    Person,
    /// Whoever has the scope of this name.
    Scope(&'static str),
    /// The same, and whoever is signed in, about what is their own.
    OwnOrScope(&'static str),
}

/// A successful answer.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// Its schema; none without a body.
    pub(super) schema: Option<Value>,
    /// Whether it is a CSV file and not JSON.
    pub(super) csv: bool,
    pub(super) headers: BTreeSet<&'static str>,
}

/// What there is to say about one operation.
#[derive(Debug, Default)]
pub(super) struct Noted {
    pub(super) access: Access,
    pub(super) parameters: Vec<Value>,
    /// Media types and their schemas.
    pub(super) body: Map<String, Value>,
    pub(super) body_is_optional: bool,
    pub(super) answers: BTreeMap<u16, Answer>,
    pub(super) problems: BTreeSet<&'static str>,
}

/// What is noted about one operation after the other.
pub(in crate::api) struct Sheet {
    taken: SchemaGenerator,
    shown: SchemaGenerator,
    pub(super) noted: Noted,
}

impl Sheet {
    pub(super) fn new() -> Self {
        let settings = || {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.meta_schema = None;
                settings.definitions_path = "/components/schemas".into();
            })
        };
        let inline = |settings: &mut SchemaSettings| settings.inline_subschemas = true;
        Self {
            taken: settings().for_deserialize().with(inline).into_generator(),
            shown: settings().for_serialize().into_generator(),
            noted: Noted::default(),
        }
    }

    /// A fresh start, for the next operation.
    pub(super) fn turn(&mut self) -> Noted {
        std::mem::take(&mut self.noted)
    }

    /// Only these may call; others get the problems with these codes.
    pub(in crate::api) fn only(&mut self, access: Access, codes: &[&'static str]) {
        self.noted.access = access;
        self.noted.problems.extend(codes);
    }

    /// It may answer with the problem that has this code.
    pub(in crate::api) fn problem(&mut self, code: &'static str) {
        self.noted.problems.insert(code);
    }

    /// It takes a body of this kind.
    pub(in crate::api) fn body<T: JsonSchema>(&mut self, media_type: &str) {
        let mut schema = self.taken.subschema_for::<T>().to_value();
        nullable::optional_fields(&mut schema);
        self.noted.body.insert(media_type.to_owned(), schema);
        self.noted.problems.extend(["too_large", "unsupported_media_type"]);
    }

    /// The body may be left out.
    pub(in crate::api) fn body_may_be_left_out(&mut self) {
        self.noted.body_is_optional = true;
    }

    /// It takes the fields of `T` from the query.
    pub(in crate::api) fn query<T: JsonSchema>(&mut self) {
        let schema = self.taken.subschema_for::<T>().to_value();
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
            let schema = without_null(schema.clone());
            self.noted.parameters.push(json!({
                "name": name,
                "in": "query",
                "required": required.contains(&name.as_str()),
                "schema": schema,
            }));
        }
    }

    /// It answers so when all is well.
    pub(in crate::api) fn answer<T: JsonSchema>(&mut self, status: u16) {
        let schema = self.shown.subschema_for::<T>().to_value();
        self.noted.answers.entry(status).or_default().schema = Some(schema);
    }

    /// It answers with a CSV file that looks so.
    pub(in crate::api) fn csv_answer(&mut self, schema: Value) {
        self.noted.answers.insert(200, Answer { schema: Some(schema), csv: true, ..Answer::default() });
    }

    /// It answers so, without a body.
    pub(in crate::api) fn empty_answer(&mut self, status: u16) {
        self.noted.answers.entry(status).or_default();
    }

    /// Every answer noted so far has this header.
    pub(in crate::api) fn header(&mut self, name: &'static str) {
        for answer in self.noted.answers.values_mut() {
            answer.headers.insert(name);
        }
    }

    /// The schema of `T`, beside all operations.
    pub(super) fn component<T: JsonSchema>(&mut self) {
        let _ = self.shown.subschema_for::<T>();
    }

    /// Every schema that was referred to.
    pub(super) fn components(&mut self) -> Map<String, Value> {
        self.shown.take_definitions(true)
    }
}

/// In a query a field can be left out, and can't be `null`.
fn without_null(mut schema: Value) -> Value {
    if let Some(types) = schema.get_mut("type").and_then(Value::as_array_mut) {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            schema["type"] = only.clone();
        }
    }
    schema
}

impl Asks for State<Arc<Api>> {
    fn asks(_: &mut Sheet) {}
}

impl Asks for HeaderMap {
    fn asks(_: &mut Sheet) {}
}

impl Asks for Uri {
    fn asks(_: &mut Sheet) {}
}

/// Which parameters there are, the path itself says.
impl<T> Asks for Path<T> {
    fn asks(_: &mut Sheet) {}
}

impl<T> Asks for Result<Path<T>, PathRejection> {
    fn asks(_: &mut Sheet) {}
}

impl<T: JsonSchema> Answers for Json<T> {
    fn answers(sheet: &mut Sheet) {
        sheet.answer::<T>(200);
    }
}

impl<T: Answers> Answers for Result<T, Problem> {
    fn answers(sheet: &mut Sheet) {
        T::answers(sheet);
    }
}
