//! Country calling codes, and what can be said of a number by its code alone: everything else takes dozens of patterns.

use super::Region;
use phonenumber::metadata::{DATABASE, Descriptor};
use std::collections::HashMap;
use std::sync::LazyLock;

/// The code with which numbers of one or several regions begin (ITU-T E.164, list of assigned codes).
pub(super) struct CallingCode {
    /// Its one to three digits.
    pub(super) value: u16,
    /// The region of all its numbers, unless they are of several or of none.
    pub(super) only: Option<Region>,
    /// What premium-rate numbers look like in any of its regions, each pattern once.
    premium_rate: Vec<&'static Descriptor>,
}

impl CallingCode {
    /// The code of a number in E.164 without its plus, and the digits behind it. No code is the beginning of another.
    pub(super) fn of(digits: &str) -> Option<(&'static Self, &str)> {
        let split = |length| {
            let (code, national) = digits.split_at_checked(length)?;
            Some((CODES.get(&code.parse().ok()?)?, national))
        };
        (1..=3).find_map(split)
    }

    /// Whether a number may be at a premium rate: whether any of the patterns is found anywhere in it, so that no prefix
    /// before the number proper can hide one. (Some plans also put digits before a number that is dialled locally; none
    /// of these make it one at a premium rate, which a test tries.)
    pub(super) fn may_be_premium_rate(&self, national: &str) -> bool {
        self.premium_rate.iter().any(|kind| kind.national_number().find(national).is_some())
    }

    fn new(value: u16) -> Option<Self> {
        let plans = DATABASE.by_code(&value).filter(|plans| !plans.is_empty())?;
        let mut premium_rate: Vec<&Descriptor> = Vec::new();
        for kind in plans.iter().filter_map(|plan| plan.descriptors().premium_rate()) {
            let pattern = kind.national_number().as_str();
            if premium_rate.iter().all(|other| other.national_number().as_str() != pattern) {
                premium_rate.push(kind);
            }
        }
        let regions = DATABASE.region(&value).unwrap_or_default();
        let only = match regions[..] {
            [only] => Region::parse(only).ok(),
            _ => None,
        };
        Some(Self { value, only, premium_rate })
    }
}

static CODES: LazyLock<HashMap<u16, CallingCode>> =
    LazyLock::new(|| (1..1000).filter_map(|code| Some((code, CallingCode::new(code)?))).collect());
