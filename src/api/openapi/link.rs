//! The one address of the document that is not the API's: the short link in a text that asks for a form. It
//! is for people, so what goes wrong is told on a page and not as a problem.

use super::parameters;
use serde_json::{Value, json};

/// The path; the handler is in `web::links`.
pub(super) const PATH: &str = "/f/{token}";

const ABOUT: &str = "The `link` of a form request: it counts the click, unless a program asks that makes a \
preview, and leads to the form. It is for people, so other answers are pages and not problems. For everybody.";

/// What the document says about it.
pub(super) fn operation() -> Value {
    let page = |text: &str| json!({ "schema": { "type": "string" }, "example": text });
    json!({
        "operationId": "get_f_token",
        "tags": ["Forms"],
        "summary": "Follow the link of a form request",
        "description": ABOUT,
        "parameters": [parameters::place("token")],
        "responses": {
            "302": {
                "description": "Found",
                "headers": { "Location": {
                    "description": "The address of the form.",
                    "schema": { "type": "string", "format": "uri" },
                } },
            },
            "404": {
                "description": "The link is not known, or not any more.",
                "content": { "text/html; charset=utf-8": page("<h1>This link is not known</h1>") },
            },
            "503": {
                "description": "The server can't answer now; try again.",
                "content": { "text/plain; charset=utf-8": page("This link can't be opened just now.") },
            },
        },
        "security": [],
    })
}
