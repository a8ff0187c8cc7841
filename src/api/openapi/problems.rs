//! Every problem that the API answers with, and how the document shows them.

use serde_json::{Map, Value, json};

/// Status, code and meaning.
const PROBLEMS: &[(u16, &str, &str)] = &[
    (400, "invalid_request", "something in the request is not what it should be; `errors` names each field"),
    (400, "invalid_code", "the code is wrong or too old"),
    (400, "wrong_code", "the code is wrong"),
    (400, "expired_code", "the code has expired"),
    (400, "no_code_sent", "no code was sent to this number"),
    (400, "country_not_served", "texts can't be sent to this country"),
    (401, "unauthorized", "there is no token, or one that is not known, has ended or was revoked"),
    (401, "wrong_credentials", "the email address or the password is wrong"),
    (403, "missing_scope", "the caller lacks the scope that the operation names"),
    (403, "no_account", "this is for people who are signed in, and the caller is a program"),
    (403, "test_token", "this sends messages later, which a test token can't do"),
    (
        403,
        "no_second_factor",
        "the account has no verified number for its second factor: verify one and make it primary by `set-primary` with `current_password` where a session is left, or have an admin switch the second factor off",
    ),
    (
        403,
        "nothing_sent",
        "the account has a second factor, and there are no Twilio credentials, so no code can be sent: switch it off where a session is left, or have an admin do so",
    ),
    (403, "short_password", "the password is too short without a second factor; sign in with `new_password`"),
    (403, "prefix_paused", "codes to numbers like this one are paused"),
    (403, "locked_for_good", "too many wrong codes for this number; support can help"),
    (404, "not_found", "there is nothing at this address"),
    (409, "answer_not_kept", "it was made, and its secret is told only once"),
    (409, "newer_version", "the template was changed in the meantime"),
    (409, "nothing_to_answer", "the person has not written within 7 days"),
    (409, "opted_out", "the person has opted out"),
    (409, "opted_out_by_person", "the opt-out is the person's own; name the evidence that they agreed anew"),
    (409, "voice_off", "Twilio's voice is not set up here"),
    (409, "already_ended", "the request ended in another way before"),
    (409, "already_verified", "the number is verified already"),
    (409, "booking_cancelled", "the booking was cancelled"),
    (409, "booking_past", "the booking is past"),
    (409, "email_taken", "the email address has an account already"),
    (409, "endpoint_disabled", "the endpoint is switched off"),
    (409, "erased", "the number was erased at its owner's request; only they can come back"),
    (409, "idempotency_key_in_use", "the first request with this key is still being carried out"),
    (409, "is_primary", "the number is the primary one, and stays it until another one is"),
    (409, "last_admin", "it is the last account of an admin that may be used"),
    (409, "library_full", "as many tips are in use as may be"),
    (409, "name_taken", "another one has this name"),
    (409, "number_already_added", "the account has this number already"),
    (409, "number_not_verified", "the number is not verified, so it can't be primary in another's place yet"),
    (409, "number_taken", "a number like it belongs to another account"),
    (409, "own_account", "it is the caller's own account, which only DELETE /users/me erases"),
    (409, "place_taken", "another tip is in use at this place"),
    (409, "second_factor_number", "sign-in codes go to this number; another has to be primary first"),
    (409, "too_many_bookings", "the person has as many open bookings as may be"),
    (409, "too_many_endpoints", "there are as many webhook endpoints as may be"),
    (409, "too_many_numbers", "the account has as many numbers as it may"),
    (409, "wrong_state", "it is in a state that does not allow this"),
    (413, "too_large", "the body holds more than 1 MiB"),
    (415, "unsupported_media_type", "the header Content-Type names none of the media types listed"),
    (422, "idempotency_key_reused", "the key was used for a request with another body"),
    (429, "locked", "too many wrong codes; wait"),
    (429, "locked_today", "too many wrong codes for this number today"),
    (429, "too_many_requests", "too many of these; wait"),
    (429, "too_soon", "another code can't be sent yet; wait"),
    (503, "unavailable", "the server can't answer now; try again"),
];

/// The problem with this code.
///
/// # Panics
/// Where the code is not in the table above; a test makes the document, and tells.
pub(super) fn of(code: &str) -> (u16, &'static str, &'static str) {
    let found = PROBLEMS.iter().find(|(_, known, _)| *known == code);
    *found.unwrap_or_else(|| panic!("add the problem {code} to PROBLEMS in src/api/openapi/problems.rs"))
}

/// The name under which answers with these problems are kept; a name has no spaces.
pub(super) fn name(codes: &[&str]) -> String {
    codes.join(".")
}

/// The answer with these problems, which have one status.
pub(super) fn response(codes: &[&str]) -> Value {
    let problems: Vec<_> = codes.iter().map(|code| of(code)).collect();
    let status = problems[0].0;
    let meanings: Vec<String> =
        problems.iter().map(|(_, code, meaning)| format!("`{code}`: {meaning}.")).collect();
    let examples: Map<String, Value> = problems
        .iter()
        .map(|(_, code, meaning)| {
            ((*code).to_owned(), json!({ "summary": meaning, "value": example(status, code, meaning) }))
        })
        .collect();
    let schema = json!({
        "allOf": [
            { "$ref": "#/components/schemas/Problem" },
            { "properties": { "status": { "const": status }, "code": { "enum": codes } } },
        ]
    });
    let mut response = json!({
        "description": meanings.join(" "),
        "content": { "application/problem+json": { "schema": schema, "examples": examples } },
    });
    if let Some(headers) = headers(status) {
        response["headers"] = headers;
    }
    response
}

fn headers(status: u16) -> Option<Value> {
    let header = |name: &str| json!({ "$ref": format!("#/components/headers/{name}") });
    match status {
        401 => Some(json!({ "WWW-Authenticate": header("WWW-Authenticate") })),
        429 | 503 => Some(json!({ "Retry-After": header("Retry-After") })),
        _ => None,
    }
}

fn example(status: u16, code: &str, meaning: &str) -> Value {
    let title = axum::http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let mut example = json!({
        "type": "about:blank",
        "title": title,
        "status": status,
        "code": code,
        "detail": meaning,
    });
    if code == "invalid_request" {
        let message = "must be a whole number from 1 to 200";
        example["detail"] = format!("limit: {message}").into();
        example["errors"] = json!([{ "field": "limit", "message": message }]);
    }
    example
}
