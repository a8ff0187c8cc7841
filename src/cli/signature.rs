//! `tidings signature check`: whether Twilio signed a request, and if not, why.

use super::{Outcome, answer_rows};
use crate::signature::{self, AuthToken, Rejection};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};

/// The arguments of `tidings signature check`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The account's auth token, with which Twilio signs
    #[arg(long, required_unless_present = "stdin", value_parser = auth_token)]
    token: Option<AuthToken>,
    /// The URL that Twilio called, with its query
    #[arg(long, required_unless_present = "stdin")]
    url: Option<String>,
    /// A decoded form field; repeat it for each field
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = field)]
    params: Vec<(String, String)>,
    /// A file with the body of a JSON request, whose URL has bodySHA256
    #[arg(long, value_name = "FILE")]
    body: Option<PathBuf>,
    /// The X-Twilio-Signature header; left out, the expected one is printed
    #[arg(conflicts_with = "stdin")]
    signature: Option<String>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
    /// Read JSON objects with `token`, `url`, `params` (pairs of name and value), `body` and `signature`,
    /// one a line, and answer each with one line
    #[arg(long, conflicts_with_all = ["token", "url", "params", "body"])]
    stdin: bool,
}

#[derive(Deserialize)]
struct Row {
    token: String,
    url: String,
    #[serde(default)]
    params: Option<Vec<(String, String)>>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    signature: Option<String>,
}

#[derive(Debug, Serialize)]
struct Answer {
    valid: bool,
    /// The right signature, when none was given to check.
    #[serde(skip_serializing_if = "Option::is_none")]
    signature: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.signature, &self.reason) {
            (Some(signature), _) => f.write_str(signature),
            (None, Some(reason)) => write!(f, "not valid: {reason}"),
            (None, None) => f.write_str("valid"),
        }
    }
}

/// A request and the signature it came with.
struct Request<'a> {
    token: &'a AuthToken,
    url: &'a str,
    params: &'a [(String, String)],
    body: Option<&'a [u8]>,
}

impl Request<'_> {
    fn check(&self, signature: &str) -> Result<(), Rejection> {
        let tokens = std::slice::from_ref(self.token);
        let borrowed = |(name, value): &(String, String)| (Cow::from(name.clone()), Cow::from(value.clone()));
        let params: Vec<_> = self.params.iter().map(borrowed).collect();
        signature::verify(tokens, self.url, &params, self.body, signature)
    }

    /// The right signature, unless no signature could cover the body.
    fn expected(&self) -> Result<String, Rejection> {
        let expected = signature::sign(self.token.expose(), self.url, self.params);
        self.check(&expected).map(|()| expected)
    }
}

/// Checks the request of `args`, or every row of `input`, and writes the answer to `output`. The
/// outcome is `Failed` when the signature of `args` is not valid, or when a row can't be read.
///
/// # Errors
/// When a file or `input` can't be read or `output` can't be written.
pub fn run(args: &Args, input: &mut dyn BufRead, output: &mut dyn Write) -> io::Result<Outcome> {
    if args.stdin {
        return answer_rows(input, output, |row: Row| check_row(&row));
    }
    let (Some(token), Some(url)) = (&args.token, &args.url) else { return Ok(Outcome::Usage) };
    let body = args.body.as_deref().map(read).transpose()?;
    let request = Request { token, url, params: &args.params, body: body.as_deref() };
    let result = match &args.signature {
        Some(signature) => request.check(signature).map(|()| None),
        None => request.expected().map(Some),
    };
    let answer = match &result {
        Ok(expected) => Answer { valid: true, signature: expected.clone(), reason: None },
        Err(rejection) => Answer { valid: false, signature: None, reason: Some(rejection.to_string()) },
    };
    if args.json {
        serde_json::to_writer(&mut *output, &answer)?;
        writeln!(output)?;
    } else {
        writeln!(output, "{answer}")?;
    }
    Ok(if answer.valid { Outcome::Done } else { Outcome::Failed })
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}

fn check_row(row: &Row) -> Result<Answer, String> {
    let token = auth_token(&row.token)?;
    let params = row.params.as_deref().unwrap_or_default();
    // A form's body is in its parameters: an empty one beside them is no JSON.
    let body = row.body.as_deref().filter(|body| !body.is_empty() || row.url.contains("bodySHA256="));
    let request = Request { token: &token, url: &row.url, params, body: body.map(str::as_bytes) };
    let reason = request.check(row.signature.as_deref().unwrap_or_default()).err();
    Ok(Answer { valid: reason.is_none(), signature: None, reason: reason.map(|reason| reason.to_string()) })
}

fn auth_token(text: &str) -> Result<AuthToken, String> {
    AuthToken::new(text).ok_or_else(|| "the token must not be empty and has no spaces".to_owned())
}

fn field(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("a field is written NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        args: Args,
    }

    const URL: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";
    const EMPTY: &str = "zYQTYrRWXE7LtzbG4PfP7/bkkGo=";

    fn answer(arguments: &[&str], input: &str) -> (Outcome, String) {
        let command = Command::try_parse_from([&["check"], arguments].concat()).unwrap();
        let mut output = Vec::new();
        let outcome = run(&command.args, &mut input.as_bytes(), &mut output).unwrap();
        (outcome, String::from_utf8(output).unwrap())
    }

    #[test]
    fn a_signature_is_checked_or_made() {
        let request = ["--token", "12345", "--url", URL];
        let (outcome, text) = answer(&[&request[..], &[EMPTY]].concat(), "");
        assert_eq!((outcome, text.as_str()), (Outcome::Done, "valid\n"));
        let (outcome, text) = answer(&request, "");
        assert_eq!((outcome, text.trim_end()), (Outcome::Done, EMPTY));
        let (outcome, text) = answer(&[&request[..], &["--param", "A=b=c", EMPTY, "--json"]].concat(), "");
        assert_eq!(outcome, Outcome::Failed);
        assert!(text.starts_with("{\"valid\":false,\"reason\":") && !text.contains(EMPTY));
    }

    #[test]
    fn every_row_gets_its_line() {
        let row =
            |params: &str| format!(r#"{{"token":"12345","url":"{URL}",{params}"signature":"{EMPTY}"}}"#);
        let rows = [
            row(""),
            row(r#""params":[],"body":null,"#),
            row(r#""params":[["A","b"]],"#),
            row(r#""params":7,"#),
        ];
        let (outcome, text) = answer(&["--stdin"], &rows.join("\n"));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!((outcome, lines.len()), (Outcome::Failed, 4), "the last can't be read");
        assert_eq!(lines[..2], ["{\"valid\":true}"; 2]);
        assert!(lines[2].starts_with("{\"valid\":false,") && lines[3].starts_with("{\"error\":"));
    }

    #[test]
    fn wrong_calls_are_refused() {
        for arguments in [&["--url", URL][..], &["--token", "", "--url", URL], &["--stdin", EMPTY]] {
            assert!(Command::try_parse_from([&["check"], arguments].concat()).is_err(), "{arguments:?}");
        }
    }
}
