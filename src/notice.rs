//! What we may say without having been written to. Each variant has a template of the same name.

use crate::purpose::Purpose;
use serde::Serialize;

/// One thing to say unasked. The fields are the template's variables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "notice", rename_all = "snake_case")]
pub enum Notice {
    /// Greets somebody who was registered by staff.
    Registered {
        /// The person's name, empty when not known.
        name: String,
    },
    /// Carries a code that was asked for on a page or through the API.
    WebCode {
        /// The host of our pages, to which phones bind the code.
        host: String,
    },
}

impl Notice {
    /// What a message that says this is for.
    #[must_use]
    pub fn purpose(&self) -> Purpose {
        match self {
            Self::Registered { .. } => Purpose::Campaign,
            Self::WebCode { .. } => Purpose::Code,
        }
    }

    /// The template that says this.
    #[must_use]
    pub fn template(&self) -> &'static str {
        match self {
            Self::Registered { .. } => "registered",
            Self::WebCode { .. } => "web_code",
        }
    }

    /// One of each, with values such as a person may have; the templates are checked with these.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        vec![
            Self::Registered { name: "Asha Rai".to_owned() },
            Self::Registered { name: String::new() },
            Self::WebCode { host: "sms.example.org".to_owned() },
        ]
    }
}
