//! Whether what a page shows is what came. `…` stands for anything.

use crate::page::Answer;
use serde_json::{Deserializer, Value};

impl Answer {
    /// What is wrong with `printed`, if this is what it should hold.
    pub(crate) fn differs(&self, printed: &str) -> Option<String> {
        match self {
            Self::Json(shown) => {
                let shown: Value = match serde_json::from_str(shown) {
                    Ok(shown) => shown,
                    Err(error) => return Some(format!("the answer shown is no JSON: {error}")),
                };
                match Deserializer::from_str(printed).into_iter().last() {
                    Some(Ok(came)) => json_differs("", &shown, &came),
                    other => Some(format!("no JSON came but {other:?}")),
                }
            }
            Self::Text(shown) => {
                let mut missing =
                    shown.lines().filter(|shown| !printed.lines().any(|line| alike(shown, line)));
                missing.next().map(|line| format!("the line `{line}` is missing"))
            }
        }
    }
}

fn json_differs(at: &str, shown: &Value, came: &Value) -> Option<String> {
    match (shown, came) {
        (Value::Object(shown), Value::Object(came)) => shown.iter().find_map(|(name, value)| {
            let at = format!("{at}.{name}");
            match came.get(name) {
                Some(came) => json_differs(&at, value, came),
                None => Some(format!("{at} is missing")),
            }
        }),
        (Value::Array(shown), Value::Array(came)) => shown.iter().enumerate().find_map(|(index, value)| {
            let at = format!("{at}[{index}]");
            let found = came.iter().any(|came| json_differs(&at, value, came).is_none());
            (!found).then(|| format!("{at} is not among {came:?}"))
        }),
        (Value::String(shown), Value::String(came)) if alike(shown, came) => None,
        _ if shown == came => None,
        _ => Some(format!("{at} is {came}, not {shown}")),
    }
}

/// Whether `came` is `shown`, in which `…` stands for anything.
fn alike(shown: &str, came: &str) -> bool {
    let Some((head, rest)) = shown.split_once('…') else { return shown == came };
    let Some(mut came) = came.strip_prefix(head) else { return false };
    let mut parts: Vec<&str> = rest.split('…').collect();
    let tail = parts.pop().unwrap_or_default();
    for part in parts {
        let Some((_, after)) = came.split_once(part) else { return false };
        came = after;
    }
    came.ends_with(tail)
}

#[test]
fn answers_are_compared() {
    assert!(alike("a…c…e", "abcde") && alike("…", "") && alike("a", "a"));
    assert!(!alike("a…c…e", "abde") && !alike("…a", "b") && !alike("a", "ab"));
    let json = |text: &str| Answer::Json(text.to_owned());
    assert_eq!(json(r#"{"a": "…", "b": [2]}"#).differs(r#"{"x":0}{"a":"q","b":[1,2],"c":3}"#), None);
    assert!(json(r#"{"a": 1}"#).differs(r#"{"b":1}"#).unwrap().contains(".a is missing"));
    assert!(json(r#"{"a": 1}"#).differs(r#"{"a":2}"#).unwrap().contains(".a is 2"));
    assert!(json(r#"{"a": [1]}"#).differs(r#"{"a":[]}"#).is_some());
    assert!(json(r#"{"a": 1}"#).differs("not found").is_some());
    assert_eq!(Answer::Text("yes\n…done\n".to_owned()).differs("well\nall done\nyes\n"), None);
    assert!(Answer::Text("yes\n".to_owned()).differs("no\n").is_some());
}
