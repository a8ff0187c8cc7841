//! Answers whose type says their status, for the handler and for the document.

use super::sheet::{Answers, Sheet};
use crate::accounts::{Standing, rate_headers};
use axum::Json;
use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue, LOCATION};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

/// 201: it was made.
#[derive(Debug)]
pub(in crate::api) struct Created<T>(pub(in crate::api) T);

/// 202: it was taken, and will be done.
#[derive(Debug)]
pub(in crate::api) struct Accepted<T>(pub(in crate::api) T);

/// 204: it was done, and there is nothing to say.
#[derive(Debug)]
pub(in crate::api) struct NoContent;

/// An answer with the address of what it is about.
#[derive(Debug)]
pub(in crate::api) struct Located<T>(pub(in crate::api) String, pub(in crate::api) T);

/// An answer that says how a limit stands.
#[derive(Debug)]
pub(in crate::api) struct Limited<T>(pub(in crate::api) Standing, pub(in crate::api) T);

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, Json(self.0)).into_response()
    }
}

impl<T: Serialize> IntoResponse for Accepted<T> {
    fn into_response(self) -> Response {
        (StatusCode::ACCEPTED, Json(self.0)).into_response()
    }
}

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

impl<T: IntoResponse> IntoResponse for Located<T> {
    fn into_response(self) -> Response {
        let mut response = self.1.into_response();
        if let Ok(address) = HeaderValue::try_from(self.0) {
            response.headers_mut().insert(LOCATION, address);
        }
        response
    }
}

impl<T: IntoResponse> IntoResponse for Limited<T> {
    fn into_response(self) -> Response {
        let headers = rate_headers(self.0).map(|(name, value)| (name, HeaderValue::from(value)));
        let mut response = self.1.into_response();
        response.headers_mut().extend(headers);
        response
    }
}

impl<T: JsonSchema> Answers for Created<T> {
    fn answers(sheet: &mut Sheet) {
        sheet.answer::<T>(201);
    }
}

impl<T: JsonSchema> Answers for Accepted<T> {
    fn answers(sheet: &mut Sheet) {
        sheet.answer::<T>(202);
    }
}

impl Answers for NoContent {
    fn answers(sheet: &mut Sheet) {
        sheet.empty_answer(204);
    }
}

impl<T: Answers> Answers for Located<T> {
    fn answers(sheet: &mut Sheet) {
        T::answers(sheet);
        sheet.header("Location");
    }
}

impl<T: Answers> Answers for Limited<T> {
    fn answers(sheet: &mut Sheet) {
        T::answers(sheet);
        for name in ["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"] {
            sheet.header(name);
        }
        sheet.problem("too_many_requests");
    }
}

/// 201 where it was made, 200 where it was there.
#[derive(Debug)]
pub(in crate::api) struct MadeOrThere<T> {
    pub(in crate::api) made: bool,
    pub(in crate::api) body: T,
}

impl<T: Serialize> IntoResponse for MadeOrThere<T> {
    fn into_response(self) -> Response {
        let status = if self.made { StatusCode::CREATED } else { StatusCode::OK };
        (status, Json(self.body)).into_response()
    }
}

impl<T: JsonSchema> Answers for MadeOrThere<T> {
    fn answers(sheet: &mut Sheet) {
        sheet.answer::<T>(200);
        sheet.answer::<T>(201);
    }
}

/// An answer with a secret in it, which nobody on the way may keep.
#[derive(Debug)]
pub(in crate::api) struct NoStore<T>(pub(in crate::api) T);

impl<T: IntoResponse> IntoResponse for NoStore<T> {
    fn into_response(self) -> Response {
        ([(CACHE_CONTROL, "no-store")], self.0).into_response()
    }
}

impl<T: Answers> Answers for NoStore<T> {
    fn answers(sheet: &mut Sheet) {
        T::answers(sheet);
        sheet.header("Cache-Control");
    }
}

/// A CSV file.
#[derive(Debug)]
pub(in crate::api) struct CsvFile {
    pub(in crate::api) name: &'static str,
    pub(in crate::api) body: Body,
}

impl IntoResponse for CsvFile {
    fn into_response(self) -> Response {
        let name = format!("attachment; filename=\"{}\"", self.name);
        let kind = "text/csv; charset=utf-8".to_owned();
        ([(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, name)], self.body).into_response()
    }
}

impl Answers for CsvFile {
    fn answers(sheet: &mut Sheet) {
        sheet.csv_answer(json!({ "type": "string", "examples": ["phone_number\n+14155550101\n"] }));
        sheet.header("Content-Disposition");
    }
}
