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
    /// Reminds of a booking.
    Reminder {
        /// What it is.
        title: String,
        /// Where; empty when not known.
        place: String,
        /// When, as people say it.
        when: String,
        /// Whether the person is still to say that they come.
        asks: bool,
    },
}

impl Notice {
    /// What a message that says this is for.
    #[must_use]
    pub fn purpose(&self) -> Purpose {
        match self {
            Self::Registered { .. } => Purpose::Campaign,
            Self::Reminder { .. } => Purpose::Reminder,
        }
    }

    /// The template that says this.
    #[must_use]
    pub fn template(&self) -> &'static str {
        match self {
            Self::Registered { .. } => "registered",
            Self::Reminder { .. } => "reminder",
        }
    }

    /// One of each, with values such as a person may have; the templates are checked with these.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let reminder = |place: &str, asks| Self::Reminder {
            title: "Check-up".to_owned(),
            place: place.to_owned(),
            when: "on Wednesday, September 30 at 12:30 PM".to_owned(),
            asks,
        };
        vec![
            Self::Registered { name: "Asha Rai".to_owned() },
            Self::Registered { name: String::new() },
            reminder("12 Lake Street", true),
            reminder("", false),
        ]
    }
}
