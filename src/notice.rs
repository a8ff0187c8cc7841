//! What we may say without having been written to. Each variant has a template of the same name.

use crate::purpose::Purpose;
use serde::Serialize;

/// One thing to say unasked. The fields are the template's variables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "notice", rename_all = "snake_case")]
pub enum Notice {
    /// Greets somebody who was registered by staff, or by proving their number in an account.
    Registered {
        /// The person's name, empty when not known.
        name: String,
    },
    /// Carries a code that was asked for on a page or through the API.
    WebCode {
        /// The host of our pages, to which phones bind the code.
        host: String,
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
            Self::WebCode { .. } => Purpose::Code,
            Self::Form { .. } | Self::FormReminder { .. } => Purpose::Form,
            Self::Alert { .. } => Purpose::Alert,
            Self::Reminder { .. } => Purpose::Reminder,
        }
    }

    /// The template that says this.
    #[must_use]
    pub fn template(&self) -> &'static str {
        match self {
            Self::Registered { .. } => "registered",
            Self::WebCode { .. } => "web_code",
            Self::Form { .. } => "form",
            Self::FormReminder { .. } => "form_reminder",
            Self::Alert { .. } => "alert",
            Self::Reminder { .. } => "reminder",
        }
    }

    /// Whether staff may say it to many people at once, who asked for nothing. What carries a code is said to
    /// whoever asked for that code, and a reminder to whoever has that booking.
    #[must_use]
    pub fn is_for_many(&self) -> bool {
        match self {
            Self::Registered { .. } | Self::Form { .. } | Self::FormReminder { .. } | Self::Alert { .. } => {
                true
            }
            Self::WebCode { .. } | Self::Reminder { .. } => false,
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
            reminder("12 Lake Street", true),
            reminder("", false),
            Self::WebCode { host: "sms.example.org".to_owned() },
        ]
    }
}
