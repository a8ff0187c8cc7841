//! Schemas of types that have no schema of their own, and a few that several types share.

use super::document;
use crate::problem::Problem;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::Value;
use std::borrow::Cow;

impl JsonSchema for Problem {
    fn schema_name() -> Cow<'static, str> {
        "Problem".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "What went wrong (RFC 9457).",
            "type": "object",
            "properties": {
                "type": { "type": "string", "description": "Always `about:blank`." },
                "title": { "type": "string", "description": "The name of the status." },
                "status": { "type": "integer", "description": "The HTTP status." },
                "code": { "type": "string", "description": "What went wrong, for programs to branch on." },
                "detail": { "type": "string", "description": "What went wrong, for people." },
                "errors": {
                    "type": "array",
                    "description": "What is wrong with each field.",
                    "items": {
                        "type": "object",
                        "properties": {
                            "field": { "type": "string", "description": "The field, as the caller named it." },
                            "message": { "type": "string", "description": "What was expected." },
                        },
                        "required": ["field", "message"],
                        "additionalProperties": false,
                    },
                },
            },
            "required": ["type", "title", "status", "code", "detail"],
        })
    }
}

/// The document itself, as an answer.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(in crate::api) struct Document(&'static Value);

impl Document {
    pub(in crate::api) fn whole() -> Self {
        Self(document())
    }
}

impl JsonSchema for Document {
    fn schema_name() -> Cow<'static, str> {
        "Document".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "An OpenAPI document.",
            "type": "object",
            "examples": [{
                "openapi": "3.1.0",
                "info": { "title": "Tidings", "version": env!("CARGO_PKG_VERSION") },
                "paths": { "/api/v1/openapi.json": { "get": { "summary": "Read this document" } } },
            }],
        })
    }
}
