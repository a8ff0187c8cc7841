//! Routes that are in the document because there is no other way to add one.

use super::sheet::{Described, Sheet};
use crate::api::Api;
use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodFilter, on};
use serde_json::Value;
use std::sync::Arc;

/// Routes of one kind, each with what the document says about it.
pub(in crate::api) struct Routes {
    tag: &'static str,
    router: Router<Arc<Api>>,
    pub(super) tags: Vec<(&'static str, &'static str)>,
    pub(super) operations: Vec<Entry>,
}

/// One operation as it was added.
pub(super) struct Entry {
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) tag: &'static str,
    pub(super) summary: &'static str,
    /// What the summary leaves open.
    pub(super) more: &'static str,
    /// Codes of problems that neither what it takes nor what it gives tells.
    pub(super) problems: Vec<&'static str>,
    /// What the example of the answer says other than its schema does.
    pub(super) shows: Option<Value>,
    pub(super) describe: fn(&mut Sheet),
}

impl Routes {
    /// Routes about `tag`.
    pub(in crate::api) fn about(tag: &'static str, meaning: &'static str) -> Self {
        Self { tag, router: Router::new(), tags: vec![(tag, meaning)], operations: Vec::new() }
    }

    /// Adds a `GET`.
    pub(in crate::api) fn get<H, T>(self, path: &'static str, handler: H, summary: &'static str) -> Self
    where
        H: Handler<T, Arc<Api>> + Described<T>,
        T: 'static,
    {
        self.add(Method::GET, path, handler, summary)
    }

    /// Adds a `POST`.
    pub(in crate::api) fn post<H, T>(self, path: &'static str, handler: H, summary: &'static str) -> Self
    where
        H: Handler<T, Arc<Api>> + Described<T>,
        T: 'static,
    {
        self.add(Method::POST, path, handler, summary)
    }

    /// Adds a `PUT`.
    pub(in crate::api) fn put<H, T>(self, path: &'static str, handler: H, summary: &'static str) -> Self
    where
        H: Handler<T, Arc<Api>> + Described<T>,
        T: 'static,
    {
        self.add(Method::PUT, path, handler, summary)
    }

    /// Adds a `PATCH`.
    pub(in crate::api) fn patch<H, T>(self, path: &'static str, handler: H, summary: &'static str) -> Self
    where
        H: Handler<T, Arc<Api>> + Described<T>,
        T: 'static,
    {
        self.add(Method::PATCH, path, handler, summary)
    }

    /// Adds a `DELETE`.
    pub(in crate::api) fn delete<H, T>(self, path: &'static str, handler: H, summary: &'static str) -> Self
    where
        H: Handler<T, Arc<Api>> + Described<T>,
        T: 'static,
    {
        self.add(Method::DELETE, path, handler, summary)
    }

    fn add<H, T>(mut self, method: Method, path: &'static str, handler: H, summary: &'static str) -> Self
    where
        H: Handler<T, Arc<Api>> + Described<T>,
        T: 'static,
    {
        let describe = <H as Described<T>>::describe;
        let filter = MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::GET);
        self.router = self.router.route(path, on(filter, handler));
        let (tag, problems) = (self.tag, Vec::new());
        self.operations.push(Entry { method, path, tag, summary, more: "", problems, shows: None, describe });
        self
    }

    /// The operation that was added last may also answer with the problem that has this code.
    pub(in crate::api) fn or(mut self, code: &'static str) -> Self {
        if let Some(last) = self.operations.last_mut() {
            last.problems.push(code);
        }
        self
    }

    /// Says more about the operation that was added last.
    pub(in crate::api) fn more(mut self, more: &'static str) -> Self {
        if let Some(last) = self.operations.last_mut() {
            last.more = more;
        }
        self
    }

    /// The example of the answer of the operation that was added last has these fields so.
    pub(in crate::api) fn shows(mut self, fields: Value) -> Self {
        if let Some(last) = self.operations.last_mut() {
            last.shows = Some(fields);
        }
        self
    }

    /// With the routes of another kind.
    pub(in crate::api) fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.operations.extend(other.operations);
        for tag in other.tags {
            if !self.tags.iter().any(|(name, _)| *name == tag.0) {
                self.tags.push(tag);
            }
        }
        self
    }

    /// What serves them.
    pub(in crate::api) fn into_router(self) -> Router<Arc<Api>> {
        self.router
    }
}
