//! What an account may do.

/// What an account may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Their own affairs.
    User,
    /// Conversations, messages, bookings and the like.
    Operator,
    /// Everything.
    Admin,
}

impl Role {
    /// The name in the API and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }

    /// Reads what [`Self::as_str`] wrote.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::User, Self::Operator, Self::Admin].into_iter().find(|role| role.as_str() == name)
    }

    /// Whether it includes the API scope of this name. Who may do what is an admin's affair.
    #[must_use]
    pub fn includes(self, scope: &str) -> bool {
        let (area, action) = scope.split_once(':').unwrap_or((scope, ""));
        match self {
            Self::User => false,
            Self::Operator => {
                // What everybody is told is an admin's affair, too.
                matches!(action, "read" | "write" | "export")
                    && !matches!(area, "accounts" | "tokens" | "audit")
                    && scope != "templates:write"
            }
            Self::Admin => true,
        }
    }
}
