//! Parameters in paths, and the headers of requests and answers.

use serde_json::{Value, json};

/// Name, meaning, example and pattern.
type Place = (&'static str, &'static str, &'static str, &'static str);

/// Every parameter that a path has.
const PLACES: &[Place] = &[
    ("action", "What to do with it.", "start", "^(start|pause|resume|stop)$"),
    ("id", "Its id.", "1884072960000001", "^[0-9]{1,18}$"),
    ("locale", "The template's language.", "en", "^[A-Za-z-]{2,12}$"),
    ("name", "The template's name.", "code", "^[a-z_]{1,40}$"),
    ("phone", PHONE, "+14155550101", PHONE_PATTERN),
    ("prefix", "Digits that numbers begin with.", "+97798", r"^\+?[0-9]{1,15}$"),
    ("test_id", "The test's id.", "1884072960000001", "^[0-9]{1,18}$"),
    ("token", "What the link ends with.", "q0h3zYt9R1mWc5uJ8eKxAg", "^[A-Za-z0-9_-]{22}$"),
];

const PHONE: &str = "A number in E.164 (the `+` may be written `%2B`), or as people write it in the server's own \
                     country, with spaces, dashes, dots, strokes or brackets; on WhatsApp `whatsapp:` and E.164 \
                     or a user id.";
const PHONE_PATTERN: &str = r"^(whatsapp:(\+[1-9][0-9]{6,14}|[A-Z]{2}\.[A-Za-z0-9]{1,128})|\+?[0-9(\[][0-9 ()\[\]./\u2010-\u2015\u2212-]{1,58}[0-9])$";

/// The names in the braces of a path.
pub(super) fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

/// The parameter of this name.
///
/// # Panics
/// Where the name is not in the table above; a test makes the document, and tells.
pub(super) fn place(name: &str) -> Value {
    let found = PLACES.iter().find(|(known, ..)| *known == name);
    let Some((name, meaning, example, pattern)) = found else {
        panic!("say what {{{name}}} is in PLACES in src/api/openapi/parameters.rs")
    };
    json!({
        "name": name,
        "in": "path",
        "required": true,
        "description": meaning,
        "schema": { "type": "string", "pattern": pattern },
        "example": example,
    })
}

/// `Idempotency-Key`.
pub(super) fn idempotency_key() -> Value {
    json!({
        "name": "Idempotency-Key",
        "in": "header",
        "required": false,
        "description": "Sent again with the same key within 24 hours, a request gets the answer that it got, \
                        and nothing is done again.",
        "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$" },
        "example": "8e03978e-40d5-43e8-bc93-6894a57f9324",
    })
}

/// Every header that an answer may have.
pub(super) fn headers() -> Value {
    let header = |meaning: &str, schema: Value| json!({ "description": meaning, "schema": schema });
    let number = || json!({ "type": "integer", "minimum": 0 });
    let text = || json!({ "type": "string" });
    json!({
        "Idempotency-Replayed": header("`true` where this is the answer that the first request got.", text()),
        "Cache-Control": header("`no-store`: this holds a secret.", text()),
        "Content-Disposition": header("A name for the file.", text()),
        "Location": header("The address of what was made.", text()),
        "RateLimit-Limit": header("How many there may be in a span.", number()),
        "RateLimit-Remaining": header("How many are left of them.", number()),
        "RateLimit-Reset": header("Seconds until the count begins anew.", number()),
        "Retry-After": header("Seconds to wait.", number()),
        "WWW-Authenticate": header("How to say who you are.", text()),
    })
}
