//! Who calls, and what they may do: a program with an API token and its scopes, or a person who is
//! signed in and has a role.

use super::Api;
use super::openapi::{Access, Asks, Sheet};
use super::record::{Actor, account_name};
use crate::accounts::is_account;
use crate::accounts::{Role, hash_token};
use crate::conversation::Reach;
use crate::problem::Problem;
use crate::store::{AccountRow, Store, TokenRow};
use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use std::marker::PhantomData;
use std::sync::Arc;

/// A permission, as a type: a handler that takes [`Allowed`] of it can't be reached without it.
pub(super) trait Scope: Send {
    /// Its name.
    const NAME: &'static str;
}

macro_rules! scopes {
    ($($scope:ident $name:literal $meaning:literal;)*) => {
        /// The scopes a token may have, with what they allow.
        pub const SCOPES: &[(&str, &str)] = &[$(($name, $meaning)),*];
        $(
            #[doc = $meaning]
            #[derive(Debug)]
            #[allow(dead_code, reason = "/metrics asks by name")]
            pub(super) enum $scope {}

            impl Scope for $scope {
                const NAME: &'static str = $name;
            }
        )*
    };
}

scopes! {
    AccountsRead "accounts:read" "read accounts and paused prefixes";
    AccountsWrite "accounts:write" "change and erase accounts, give roles, lift paused prefixes and the locks of wrong codes";
    BookingsRead "bookings:read" "read bookings";
    BookingsWrite "bookings:write" "make, change and cancel bookings";
    ContactsRead "contacts:read" "read contacts and their consent";
    ContactsWrite "contacts:write" "change contacts and their consent, and correct what we understood";
    ContactsExport "contacts:export" "export everything about one person";
    AnalyticsRead "analytics:read" "read counts of what happened";
    AuditRead "audit:read" "read the audit log";
    MessagesRead "messages:read" "read messages of both directions";
    TestsRead "tests:read" "read test messages and the templates for them";
    TestsSend "tests:send" "send test messages";
    WebhooksRead "webhooks:read" "read webhook endpoints and their deliveries";
    WebhooksWrite "webhooks:write" "change webhook endpoints, with their secrets, and replay deliveries";
    FormsRead "forms:read" "read form requests";
    FormsWrite "forms:write" "send and end form requests";
    GroupsRead "groups:read" "read staff groups and alerts";
    GroupsWrite "groups:write" "change staff groups";
    AlertsSend "alerts:send" "alert staff groups";
    TemplatesRead "templates:read" "read templates and their versions, and try wordings";
    TemplatesWrite "templates:write" "change templates";
    TipsRead "tips:read" "read the tip library and who gets tips, in numbers";
    TipsWrite "tips:write" "change the tip library";
    MessagesWrite "messages:write" "answer people in their conversation";
    MessagesSend "messages:send" "send messages, and cancel those that wait";
    CampaignsRead "campaigns:read" "read campaigns and try them dry";
    CampaignsWrite "campaigns:write" "make campaigns, start, pause and stop them";
    TokensRead "tokens:read" "read which API tokens there are";
    TokensWrite "tokens:write" "make API tokens that may do no more than their maker, and revoke any";
    MetricsRead "metrics:read" "read /metrics";
}

/// Who calls.
#[derive(Debug)]
pub(super) enum Caller {
    /// A program.
    Token(TokenRow),
    /// A person who is signed in.
    Person(Box<AccountRow>),
}

impl Caller {
    /// Who sent this request.
    pub(super) async fn of(headers: &HeaderMap, api: &Api) -> Result<Self, Problem> {
        let hash = hash_token(bearer(headers)?);
        let store = &api.inbox.store;
        if let Some(token) = store.token(&hash).await? {
            return Ok(Self::Token(token));
        }
        let account = store.signed_in(&hash, api.inbox.clock.now().as_millisecond()).await?;
        account.map(|account| Self::Person(Box::new(account))).ok_or_else(unknown_token)
    }

    fn may(&self, scope: &str) -> bool {
        match self {
            Self::Token(token) => holds(token, scope),
            Self::Person(account) => Role::from_name(&account.role).is_some_and(|role| role.includes(scope)),
        }
    }

    fn reach(&self) -> Reach {
        match self {
            Self::Token(token) if token.kind == "test" => Reach::Nobody,
            Self::Token(_) | Self::Person(_) => Reach::Person,
        }
    }

    /// Who acts, as the audit log and the consent ledger name them.
    fn name(&self) -> String {
        match self {
            Self::Token(token) => format!("token {}", token.name),
            Self::Person(account) => account_name(account.id),
        }
    }

    /// Whose account acts, unless it is a program.
    fn account_id(&self) -> Option<i64> {
        match self {
            Self::Person(account) => Some(account.id),
            Self::Token(_) => None,
        }
    }

    /// Tells the audit log who acts.
    fn acts(&self, parts: &Parts) {
        if let Some(actor) = parts.extensions.get::<Actor>() {
            actor.is(&self.name());
        }
    }
}

fn holds(token: &TokenRow, scope: &str) -> bool {
    token.scopes.split(' ').any(|had| had == scope)
}

/// Proof that the caller has the scope `S`, by token or by role.
#[derive(Debug)]
pub(super) struct Allowed<S> {
    /// Whom what they send may reach.
    pub(super) reach: Reach,
    caller: Caller,
    scope: PhantomData<S>,
}

impl<S> Allowed<S> {
    /// Who acts, as the audit log and the consent ledger name them.
    pub(super) fn actor(&self) -> String {
        self.caller.name()
    }

    /// Who makes what they make: the account behind a token that an account has made, or the caller. What
    /// was made so goes with the account.
    pub(super) fn maker(&self) -> String {
        let owner = match &self.caller {
            Caller::Token(token) => token.created_by.clone().filter(|maker| is_account(maker)),
            Caller::Person(_) => None,
        };
        owner.unwrap_or_else(|| self.actor())
    }

    /// Whose account acts, unless it is a program.
    pub(super) fn account_id(&self) -> Option<i64> {
        self.caller.account_id()
    }

    /// Checks that the caller has another scope as well.
    ///
    /// # Errors
    /// 403 if not.
    pub(super) fn also(&self, scope: &str) -> Result<(), Problem> {
        if self.caller.may(scope) { Ok(()) } else { Err(missing_scope(scope)) }
    }

    /// Turns test tokens away where what they set off can't be told from the rest later.
    ///
    /// # Errors
    /// 403 for a test token.
    pub(super) fn live(&self) -> Result<(), Problem> {
        match self.reach {
            Reach::Person => Ok(()),
            Reach::Nobody => {
                let detail =
                    "this sends messages later; a test token, whose messages reach no phone, can't do it";
                Err(Problem::new(StatusCode::FORBIDDEN, "test_token", detail))
            }
        }
    }
}

impl<S: Scope> FromRequestParts<Arc<Api>> for Allowed<S> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Problem> {
        let caller = Caller::of(&parts.headers, api).await?;
        if !caller.may(S::NAME) {
            return Err(missing_scope(S::NAME));
        }
        caller.acts(parts);
        Ok(Self { reach: caller.reach(), caller, scope: PhantomData })
    }
}

impl<S: Scope> Asks for Allowed<S> {
    fn asks(sheet: &mut Sheet) {
        sheet.only(Access::Scope(S::NAME), &["unauthorized", "missing_scope"]);
    }
}

/// Whoever has the scope `S`, and whoever is signed in, who then deals with what is their own.
#[derive(Debug)]
pub(super) struct OwnOr<S> {
    /// Whom what they send may reach.
    pub(super) reach: Reach,
    /// Whose account acts, unless it is a program.
    pub(super) account_id: Option<i64>,
    /// The account that they are kept to, unless they have the scope.
    pub(super) own: Option<i64>,
    scope: PhantomData<S>,
}

impl<S: Scope> FromRequestParts<Arc<Api>> for OwnOr<S> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Problem> {
        let caller = Caller::of(&parts.headers, api).await?;
        let account_id = caller.account_id();
        let own = match account_id {
            _ if caller.may(S::NAME) => None,
            None => return Err(missing_scope(S::NAME)),
            own => own,
        };
        caller.acts(parts);
        Ok(Self { reach: caller.reach(), account_id, own, scope: PhantomData })
    }
}

impl<S: Scope> Asks for OwnOr<S> {
    fn asks(sheet: &mut Sheet) {
        sheet.only(Access::OwnOrScope(S::NAME), &["unauthorized", "missing_scope"]);
    }
}

/// The account of the person who is signed in.
#[derive(Debug)]
pub(super) struct User(pub(super) AccountRow);

impl FromRequestParts<Arc<Api>> for User {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Problem> {
        let caller = Caller::of(&parts.headers, api).await?;
        caller.acts(parts);
        match caller {
            Caller::Person(account) => Ok(Self(*account)),
            Caller::Token(_) => {
                let detail = "this is for people who are signed in; an API token has no account";
                Err(Problem::new(StatusCode::FORBIDDEN, "no_account", detail))
            }
        }
    }
}

impl Asks for User {
    fn asks(sheet: &mut Sheet) {
        sheet.only(Access::Person, &["unauthorized", "no_account"]);
    }
}

/// The bearer token in `headers`.
pub(super) fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token =
        header.and_then(|text| text.split_once(' ')).filter(|(kind, _)| kind.eq_ignore_ascii_case("bearer"));
    token.map(|(_, token)| token.trim()).ok_or_else(|| {
        let detail = "expected the header Authorization: Bearer and a token";
        Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", detail)
    })
}

fn unknown_token() -> Problem {
    let detail = "this token is not known, has ended or was revoked";
    Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", detail)
}

pub(super) fn missing_scope(scope: &str) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "missing_scope", format!("you lack the scope {scope}"))
}

/// Checks that the API token in `headers` has `scope`, and returns it.
///
/// # Errors
/// 401 without a token that we know, 403 when it lacks the scope.
pub async fn require_scope(headers: &HeaderMap, store: &Store, scope: &str) -> Result<TokenRow, Problem> {
    let token = store.token(&hash_token(bearer(headers)?)).await?.ok_or_else(unknown_token)?;
    if holds(&token, scope) { Ok(token) } else { Err(missing_scope(scope)) }
}
