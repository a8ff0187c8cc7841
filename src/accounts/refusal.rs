//! Why something about an account was not done.

use super::budget::Standing;
use super::hasher::HashError;
use super::password::SHORTEST;
use crate::dialog::Judgement;
use crate::problem::{FieldError, Problem};
use axum::http::StatusCode;
use axum::http::header::{HeaderName, RETRY_AFTER};

/// Why a code goes nowhere.
pub const NOBODY_SENDS: &str = "there are no Twilio credentials, so no text leaves";

/// Why not; callers branch on it, people read its words.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Fields are not what they should be: field and what was expected.
    #[error("some fields are not right")]
    Fields(Vec<(&'static str, String)>),
    /// The email address has an account already.
    #[error("this email address has an account already")]
    EmailTaken,
    /// Another number with the same national digits is somebody's, and those are to be unique.
    #[error("this number can't be added: one like it belongs to another account")]
    NumberTaken,
    /// The account has the number already.
    #[error("you have added this number already")]
    NumberThere,
    /// The number is not proven, so it can't take the place of one that is.
    #[error("this number is not verified: verify it first, then make it primary")]
    NumberNotVerified,
    /// Codes of sign-ins go to this number.
    #[error(
        "sign-in codes go to this number: verify another and make that primary first, or switch the second factor off"
    )]
    SecondFactorNumber,
    /// The account has as many numbers as it may.
    #[error("an account has {0} numbers at most; remove one first")]
    TooManyNumbers(u32),
    /// Texts have to go somewhere: another number takes the place of the primary one.
    #[error("this is the primary number; to change that, make another number primary")]
    StaysPrimary,
    /// There is no such number in the account, or no account.
    #[error("{0}")]
    NotFound(&'static str),
    /// An admin's own account asks for their password where it goes.
    #[error("this is your own account: erase it by DELETE /users/me, with your password")]
    OwnAccount,
    /// Without this account nobody could change accounts, roles and tokens any more.
    #[error("this is the last account of an admin that may be used: make another account an admin first")]
    LastAdmin,
    /// The password was long enough beside a second factor, and there is none any more.
    #[error(
        "your password is too short without a second factor: sign in with new_password as well, of at least {SHORTEST} characters"
    )]
    ShortPassword,
    /// Email address and password don't belong together.
    #[error("the email address or the password is wrong")]
    Credentials,
    /// The password was right, but there is no number left that a code could go to.
    #[error(
        "no verified number is left that a code could go to: where you are still signed in, verify a number and make it \
         primary by POST /users/me/phone-numbers/{{id}}/set-primary with current_password; else ask an admin to switch \
         your second factor off"
    )]
    NoSecondFactor,
    /// The password was right, but no code can leave: nothing is sent here.
    #[error(
        "{NOBODY_SENDS}, so no code can reach your phone: where you are still signed in, switch the second factor off by \
         PATCH /users/me with current_password; else ask an admin to switch it off, or to set the credentials"
    )]
    NothingSent,
    /// The code proves nothing. Said to somebody who may not know more.
    #[error("the code is wrong or too old")]
    Code,
    /// The code was judged, and whoever sent it may know how.
    #[error("{}", words(*.0))]
    Judged(Judgement),
    /// Texts don't go to the number's country.
    #[error("texts can't be sent to this country")]
    Country,
    /// The numbers that begin like this one get no codes for now.
    #[error("codes to numbers like this one are paused; write to support")]
    PrefixPaused,
    /// Too many of something.
    #[error("too many {0}; try again later")]
    TooMany(&'static str, Standing),
    /// Too many people sign in.
    #[error("{0}")]
    Busy(HashError),
    /// The database did not answer.
    #[error("the database did not answer; try again")]
    Database(#[from] sqlx::Error),
}

impl Refusal {
    /// One field is not what it should be.
    pub fn field(field: &'static str, message: impl std::fmt::Display) -> Self {
        Self::Fields(vec![(field, message.to_string())])
    }
}

impl From<HashError> for Refusal {
    fn from(error: HashError) -> Self {
        Self::Busy(error)
    }
}

/// A judgement in words for the owner of the account.
fn words(judgement: Judgement) -> String {
    let minutes = |seconds: i64| (seconds + 59) / 60;
    match judgement {
        Judgement::Send(_) => "a code was sent".to_owned(),
        Judgement::Right | Judgement::Proven => "this number is verified already".to_owned(),
        Judgement::Wrong { tries_left: 1 } => "the code is wrong; one more try".to_owned(),
        Judgement::Wrong { tries_left } => format!("the code is wrong; {tries_left} more tries"),
        Judgement::Expired => "the code has expired; ask for another".to_owned(),
        Judgement::NotAsked => "no code was sent to this number; ask for one".to_owned(),
        Judgement::TooSoon(seconds) => format!("another code can be sent in {seconds} seconds"),
        Judgement::Locked(seconds) => {
            format!("too many wrong codes; ask for another in {} minutes", minutes(seconds))
        }
        Judgement::LockedToday => "too many wrong codes for this number today; try again tomorrow".to_owned(),
        Judgement::LockedForGood => "too many wrong codes for this number; write to support".to_owned(),
    }
}

/// The code of a judgement in the API, and how long to wait.
fn judged(judgement: Judgement) -> (StatusCode, &'static str, Option<i64>) {
    match judgement {
        Judgement::Send(_) | Judgement::Right | Judgement::Proven => {
            (StatusCode::CONFLICT, "already_verified", None)
        }
        Judgement::Wrong { .. } => (StatusCode::BAD_REQUEST, "wrong_code", None),
        Judgement::Expired => (StatusCode::BAD_REQUEST, "expired_code", None),
        Judgement::NotAsked => (StatusCode::BAD_REQUEST, "no_code_sent", None),
        Judgement::TooSoon(seconds) => (StatusCode::TOO_MANY_REQUESTS, "too_soon", Some(seconds)),
        Judgement::Locked(seconds) => (StatusCode::TOO_MANY_REQUESTS, "locked", Some(seconds)),
        Judgement::LockedToday => (StatusCode::TOO_MANY_REQUESTS, "locked_today", Some(24 * 60 * 60)),
        Judgement::LockedForGood => (StatusCode::FORBIDDEN, "locked_for_good", None),
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let words = refusal.to_string();
        let new = |status, code| Self::new(status, code, words.clone());
        match refusal {
            Refusal::Fields(fields) => {
                let error = |(field, message): (&'static str, String)| FieldError {
                    field: field.into(),
                    message: message.into(),
                };
                Self::fields(fields.into_iter().map(error))
            }
            Refusal::EmailTaken => new(StatusCode::CONFLICT, "email_taken").about("email"),
            Refusal::NumberTaken => new(StatusCode::CONFLICT, "number_taken").about("phone_number"),
            Refusal::NumberThere => new(StatusCode::CONFLICT, "number_already_added").about("phone_number"),
            Refusal::NumberNotVerified => new(StatusCode::CONFLICT, "number_not_verified"),
            Refusal::SecondFactorNumber => new(StatusCode::CONFLICT, "second_factor_number"),
            Refusal::TooManyNumbers(_) => new(StatusCode::CONFLICT, "too_many_numbers"),
            Refusal::StaysPrimary => new(StatusCode::CONFLICT, "is_primary").about("is_primary"),
            Refusal::OwnAccount => new(StatusCode::CONFLICT, "own_account"),
            Refusal::LastAdmin => new(StatusCode::CONFLICT, "last_admin"),
            Refusal::NotFound(_) => new(StatusCode::NOT_FOUND, "not_found"),
            Refusal::ShortPassword => new(StatusCode::FORBIDDEN, "short_password").about("new_password"),
            Refusal::Credentials => new(StatusCode::UNAUTHORIZED, "wrong_credentials"),
            Refusal::NoSecondFactor => new(StatusCode::FORBIDDEN, "no_second_factor"),
            Refusal::NothingSent => new(StatusCode::FORBIDDEN, "nothing_sent"),
            Refusal::Code => new(StatusCode::BAD_REQUEST, "invalid_code").about("code"),
            Refusal::Judged(judgement) => {
                let (status, code, wait) = judged(judgement);
                let problem = new(status, code);
                match wait {
                    Some(seconds) => problem.with_header(RETRY_AFTER, seconds),
                    None => problem,
                }
            }
            Refusal::Country => new(StatusCode::BAD_REQUEST, "country_not_served").about("phone_number"),
            Refusal::PrefixPaused => new(StatusCode::FORBIDDEN, "prefix_paused").about("phone_number"),
            Refusal::TooMany(_, standing) => rate_headers(standing).into_iter().fold(
                new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests")
                    .with_header(RETRY_AFTER, standing.reset),
                |problem, (name, value)| problem.with_header(name, value),
            ),
            Refusal::Busy(_) => Self::unavailable(words).with_header(RETRY_AFTER, 1_i64),
            Refusal::Database(error) => error.into(),
        }
    }
}

/// The headers that say how a limit stands (draft-ietf-httpapi-ratelimit-headers, version 6, as most
/// programs know them).
#[must_use]
pub fn rate_headers(standing: Standing) -> [(HeaderName, i64); 3] {
    [
        (HeaderName::from_static("ratelimit-limit"), standing.most),
        (HeaderName::from_static("ratelimit-remaining"), standing.remaining),
        (HeaderName::from_static("ratelimit-reset"), standing.reset),
    ]
}
