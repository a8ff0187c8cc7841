//! `GET /demo`: the page.

use super::events::Which;
use super::filled::Filled;
use super::handset::Handset;
use super::view::View;
use super::{Demo, FIRST_HANDSET, Shared};
use crate::problem::Problem;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use std::sync::Arc;

/// What a visitor typed and what is wrong with it.
#[derive(Debug, Default, Serialize)]
pub(super) struct Typed {
    pub(super) phone: Option<String>,
    pub(super) phone_error: Option<String>,
    pub(super) body: Option<String>,
    pub(super) body_error: Option<String>,
    pub(super) clock_error: Option<String>,
}

#[derive(Serialize)]
struct Model {
    #[serde(flatten)]
    view: View,
    typed: Typed,
    public_url: String,
}

/// Shows a handset.
pub(super) async fn show(State(shared): State<Arc<Shared>>, Filled(which): Filled<Which>) -> Response {
    let text = which.phone.unwrap_or_else(|| FIRST_HANDSET.to_owned());
    match shared.demo.handset(&text) {
        Ok(phone) => shared.demo.page(StatusCode::OK, phone, Typed::default()).await,
        Err(error) => shared.demo.page_without_phone(text, error, Typed::default()).await,
    }
}

impl Demo {
    /// The page of `phone`.
    pub(super) async fn page(&self, status: StatusCode, phone: Handset, typed: Typed) -> Response {
        match self.view(phone).await {
            Ok(view) => {
                let model = Model { view, typed, public_url: self.public_url.clone() };
                self.pages.render(status, "demo.html", &model)
            }
            Err(error) => Problem::from(error).into_response(),
        }
    }

    /// The first handset's page, with what is wrong with the number that was asked for.
    pub(super) async fn page_without_phone(&self, text: String, error: String, typed: Typed) -> Response {
        let typed = Typed { phone: Some(text), phone_error: Some(error), ..typed };
        match self.handset(FIRST_HANDSET) {
            Ok(phone) => self.page(StatusCode::BAD_REQUEST, phone, typed).await,
            Err(error) => Problem::field("phone", error).into_response(),
        }
    }
}
