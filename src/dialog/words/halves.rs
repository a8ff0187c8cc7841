//! A stop in two halves: that our messages are meant, and that it is enough, wherever each stands and
//! whatever stands between them.

use super::Intent;
use super::decide::{Finding, Wishes};
use super::language::Sense;

/// Whether a sense is one of the two that make a stop together.
pub(super) fn is_half(sense: Sense) -> bool {
    matches!(sense, Sense::OurMessages | Sense::Enough)
}

impl Wishes<'_, '_> {
    /// "Vos sms finissent à la poubelle, coupez": what is meant, and that it is enough, in any order.
    pub(super) fn both_halves(&self) -> Option<String> {
        let enough = self.of(Sense::Enough);
        let about = self.findings.iter().filter(|one| {
            matches!(one.sense, Sense::OurMessages | Sense::PerhapsStop | Sense::Intent(Intent::Stop))
        });
        about.into_iter().find_map(|about| {
            let apart = |one: &&Finding| one.end <= about.start || one.start >= about.end;
            let enough = enough.iter().find(apart)?;
            Some(format!("{}, and {}", self.why(about), self.why(enough)))
        })
    }
}
