//! The parameters of a request: the form of a POST, the query of anything else. Unknown ones are ignored.

use super::RestError;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::Method;

/// Names and values in the order they came; a name may be repeated.
pub(super) struct Params(Vec<(String, String)>);

impl Params {
    /// The value of a name, also if it is empty.
    pub(super) fn given(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// The value of a name, unless it is empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.given(name).filter(|value| !value.is_empty())
    }

    /// All values of a repeated name.
    pub(super) fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(other, _)| other == name).map(|(_, value)| value.clone()).collect()
    }

    /// The parameters as a query, without some of them.
    pub(super) fn query_without(&self, names: &[&str]) -> form_urlencoded::Serializer<'static, String> {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.0.iter().filter(|(name, _)| !names.contains(&name.as_str())));
        query
    }
}

impl<S: Send + Sync> FromRequest<S> for Params {
    type Rejection = RestError;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let bytes = if request.method() == Method::POST {
            let unread = |_| RestError::bad(20001, "The request body could not be read");
            Bytes::from_request(request, state).await.map_err(unread)?
        } else {
            Bytes::from(request.uri().query().unwrap_or_default().to_owned())
        };
        Ok(Self(form_urlencoded::parse(&bytes).into_owned().collect()))
    }
}
