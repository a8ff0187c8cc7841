//! Reads what a request holds. What the readers of JSON and of forms say names our types and their own
//! inner life; here it is said anew, by field and for whoever calls.

use super::Problem;
use super::objects::Objects;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::error::Category;
use std::borrow::Cow;
use std::fmt::Display;

/// Reads a body of JSON.
///
/// # Errors
/// Which field is wrong, and what it must be.
pub fn read_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    // First whether it is JSON at all: behind this, every error is about a field.
    serde_json::from_slice::<IgnoredAny>(body).map_err(|error| no_json(&error))?;
    let mut json = serde_json::Deserializer::from_slice(body);
    serde_path_to_error::deserialize(Objects(&mut json)).map_err(|error| {
        let inner = error.inner();
        let words = inner.to_string();
        match inner.classify() {
            Category::Data => by_field(&error.path().to_string(), without_place(&words)),
            // A name was expected, and something else was there.
            _ if words.starts_with("expected value") => {
                by_field(&error.path().to_string(), "invalid type: it, expected a string")
            }
            _ => no_json(inner),
        }
    })
}

/// Reads a form, or a query, which is written alike.
///
/// # Errors
/// Which field is wrong, and what it must be.
pub fn read_form<T: DeserializeOwned>(form: &[u8]) -> Result<T, Problem> {
    let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(form));
    serde_path_to_error::deserialize(pairs)
        .map_err(|error| by_field(&error.path().to_string(), &error.inner().to_string()))
}

fn no_json(error: &serde_json::Error) -> Problem {
    if error.classify() == Category::Eof {
        return Problem::field("body", "must be JSON, and this ends too early");
    }
    let (line, column) = (error.line(), error.column());
    Problem::field("body", format!("must be JSON, and is not so in line {line}, character {column}"))
}

/// The words without the place that `serde_json` adds to them.
fn without_place(words: &str) -> &str {
    words.rsplit_once(" at line ").map_or(words, |(words, _)| words)
}

/// The problem with the field at `path`, of which the reader said `words`.
fn by_field(path: &str, words: &str) -> Problem {
    let path = if path == "." { "" } else { path };
    if let Some((name, _)) = named(words, "missing field `") {
        return Problem::field(within(path, name), "is missing");
    }
    if let Some((name, _)) = named(words, "duplicate field `") {
        return Problem::field(within(path, name), "may be given only once");
    }
    if let Some((name, rest)) = named(words, "unknown field `") {
        let known =
            expected(rest).map_or_else(|| "there are none".to_owned(), |all| format!("known are {all}"));
        return Problem::field(within(path, name), format!("is not a field that is known here; {known}"));
    }
    let field = if path.is_empty() { "body" } else { path };
    Problem::field(field.to_owned(), message(words).into_owned())
}

/// The name behind `before`, and what follows it.
fn named<'a>(words: &'a str, before: &str) -> Option<(&'a str, &'a str)> {
    words.strip_prefix(before)?.split_once('`')
}

/// The field `name` of what is at `path`, which may name it already.
fn within(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        _ if path == name || path.ends_with(&format!(".{name}")) => path.to_owned(),
        _ => format!("{path}.{name}"),
    }
}

/// The names that would have been right.
fn expected(words: &str) -> Option<String> {
    let (_, names) = words.rsplit_once("expected ")?;
    Some(names.trim_start_matches("one of ").replace('`', ""))
}

/// What the field must be.
fn message(words: &str) -> Cow<'_, str> {
    if words.starts_with("unknown variant `") {
        let one_of = if words.contains("expected one of ") { "one of " } else { "" };
        return expected(words)
            .map_or("is not known here".into(), |names| format!("must be {one_of}{names}").into());
    }
    let wrong_kind = ["invalid type: ", "invalid value: ", "invalid length "];
    if let Some((_, kind)) = words.rsplit_once(", expected ")
        && wrong_kind.iter().any(|start| words.starts_with(start))
    {
        let not_null = if words.starts_with("invalid type: null") { ", and not null" } else { "" };
        return format!("must be {}{not_null}", plain(kind)).into();
    }
    match words {
        "invalid float literal" | "cannot parse float from empty string" => "must be a number".into(),
        _ if words.starts_with("provided string was not `true`") => "must be true or false".into(),
        _ if words.contains("digit found in string")
            || words.contains("cannot parse integer")
            || words.contains("to fit in target type") =>
        {
            "must be a whole number".into()
        }
        _ if words.starts_with("data did not match any variant") => "is not what it must be here".into(),
        // Said by a type of ours.
        _ => words.into(),
    }
}

/// A kind of value as the caller knows it.
fn plain(kind: &str) -> Cow<'_, str> {
    match kind {
        "a string" | "a borrowed string" | "a character" | "string or map" | "unit"
        | "variant identifier" => "text".into(),
        "a boolean" => "true or false".into(),
        "f32" | "f64" => "a number".into(),
        "i8" => whole(i8::MIN, i8::MAX),
        "i16" => whole(i16::MIN, i16::MAX),
        "i32" => whole(i32::MIN, i32::MAX),
        "u8" => whole(u8::MIN, u8::MAX),
        "u16" => whole(u16::MIN, u16::MAX),
        "u32" => whole(u32::MIN, u32::MAX),
        "u64" | "usize" => "a whole number, 0 or more".into(),
        "i64" | "isize" => "a whole number".into(),
        "a sequence" => "a list".into(),
        "a map" => "a JSON object".into(),
        _ if kind.starts_with("struct ") || kind.starts_with("internally tagged ") => "a JSON object".into(),
        _ => kind.into(),
    }
}

fn whole(least: impl Display, most: impl Display) -> Cow<'static, str> {
    format!("a whole number from {least} to {most}").into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use std::collections::BTreeMap;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Live,
        Test,
    }

    #[derive(Debug, Deserialize)]
    struct Inner {
        #[expect(dead_code, reason = "only read")]
        days: u8,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Outer {
        name: String,
        kind: Option<Kind>,
        inner: Option<Inner>,
        list: Option<Vec<bool>>,
        all: Option<Vec<Inner>>,
        by_name: Option<BTreeMap<String, Inner>>,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read")]
    struct Asked {
        name: String,
        price: Option<f64>,
        dry: Option<bool>,
        many: Option<i64>,
    }

    fn told(problem: &Problem) -> String {
        let all: Vec<String> =
            problem.errors.iter().map(|one| format!("{}: {}", one.field, one.message)).collect();
        all.join("; ")
    }

    #[test]
    fn a_body_that_is_wrong_is_told_by_field() {
        for (body, expected) in [
            ("null", "body: must be a JSON object, and not null"),
            ("\"x\"", "body: must be a JSON object"),
            ("7", "body: must be a JSON object"),
            ("", "body: must be JSON, and this ends too early"),
            ("{", "body: must be JSON, and this ends too early"),
            ("{\"name\": nope}", "body: must be JSON, and is not so in line 1, character 11"),
            ("{} {}", "body: must be JSON, and is not so in line 1, character 4"),
            ("{}", "name: is missing"),
            (r#"{"name": 5}"#, "name: must be text"),
            (r#"{"name": null}"#, "name: must be text, and not null"),
            (r#"{"name": "a", "name": "b"}"#, "name: may be given only once"),
            (
                r#"{"nam": "a"}"#,
                "nam: is not a field that is known here; known are name, kind, inner, list, all, by_name",
            ),
            (r#"{"name": "a", "kind": 5}"#, "kind: must be text"),
            (r#"{"name": "a", "kind": "x, expected one"}"#, "kind: must be live or test"),
            (r#"{"name": "a", "inner": {}}"#, "inner.days: is missing"),
            (r#"{"name": "a", "inner": {"days": 256}}"#, "inner.days: must be a whole number from 0 to 255"),
            (r#"{"name": "a", "inner": "at line 3"}"#, "inner: must be a JSON object"),
            // Readers of structs would take the values of an array for the fields.
            ("[]", "body: must be a JSON object"),
            (r#"["a", "live", null, []]"#, "body: must be a JSON object"),
            (r#"{"name": "a", "inner": []}"#, "inner: must be a JSON object"),
            (r#"{"name": "a", "inner": [7]}"#, "inner: must be a JSON object"),
            (r#"{"name": "a", "all": [{"days": 1}, [7]]}"#, "all[1]: must be a JSON object"),
            (r#"{"name": "a", "by_name": {"x": [7]}}"#, "by_name.x: must be a JSON object"),
            (r#"{"name": "a", "by_name": []}"#, "by_name: must be a JSON object"),
            (r#"{"name": "a", "list": [true, 1]}"#, "list[1]: must be true or false"),
            (r#"{"name": "a", "list": 1}"#, "list: must be a list"),
        ] {
            assert_eq!(told(&read_json::<Outer>(body.as_bytes()).unwrap_err()), expected, "{body}");
        }
        let right = br#"{"name": "a", "kind": "live", "list": [true], "all": [{"days": 1}], "by_name": {"x": {"days": 1}}}"#;
        assert!(read_json::<Outer>(right).is_ok());
    }

    #[test]
    fn a_form_that_is_wrong_is_told_by_field() {
        for (form, expected) in [
            ("", "name: is missing"),
            ("name=a&name=b", "name: may be given only once"),
            ("name=a&price=b", "price: must be a number"),
            ("name=a&dry=b", "dry: must be true or false"),
            ("name=a&many=b", "many: must be a whole number"),
            ("name=a&many=99999999999999999999", "many: must be a whole number"),
        ] {
            assert_eq!(told(&read_form::<Asked>(form.as_bytes()).unwrap_err()), expected, "{form}");
        }
        assert!(read_form::<Asked>(b"name=a&price=0.5&dry=true&many=5").is_ok());
    }
}
