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
    /// Asks to fill in a form.
    Form {
        /// What the form is called.
        title: String,
        /// Where it is.
        link: String,
    },
    /// Asks again.
    FormReminder {
        /// What the form is called.
        title: String,
        /// Where it is.
        link: String,
    },
    /// Tells staff.
    Alert {
        /// What.
        text: String,
    },
}

impl Notice {
    /// What a message that says this is for.
    #[must_use]
    pub fn purpose(&self) -> Purpose {
        match self {
            Self::Registered { .. } => Purpose::Campaign,
            Self::Form { .. } | Self::FormReminder { .. } => Purpose::Form,
            Self::Alert { .. } => Purpose::Alert,
        }
    }

    /// The template that says this.
    #[must_use]
    pub fn template(&self) -> &'static str {
        match self {
            Self::Registered { .. } => "registered",
            Self::Form { .. } => "form",
            Self::FormReminder { .. } => "form_reminder",
            Self::Alert { .. } => "alert",
        }
    }

    /// One of each, with values such as a person may have; the templates are checked with these.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let (title, link) = (
            "Health questionnaire".to_owned(),
            "https://sms.example.org/f/AAAAAAAAAAAAAAAAAAAAAA".to_owned(),
        );
        vec![
            Self::Registered { name: "Asha Rai".to_owned() },
            Self::Registered { name: String::new() },
            Self::Form { title: title.clone(), link: link.clone() },
            Self::FormReminder { title, link },
            Self::Alert { text: "Only 12 boxes of gloves are left in Ward 3.".to_owned() },
        ]
    }
}
