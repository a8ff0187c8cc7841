//! Whether somebody asks to be forgotten, or only speaks of forgetting: what is erased can't be brought back.

use super::decide::{Finding, Wishes, is_all};

impl Wishes<'_, '_> {
    /// Whether a text begins with what was found, and then comes a comma, or little more.
    pub(super) fn is_plain(&self, finding: &Finding) -> bool {
        let span = [(finding.start, finding.end)];
        is_all(self.hearing, finding)
            || self.hearing.nothing_before(finding.start)
                && (self.hearing.closes(finding.end) || self.hearing.unexplained(&span) <= 2)
    }
}
