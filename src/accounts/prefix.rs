//! Numbers that begin alike and whose codes nobody uses: somebody is paid for the texts they get.

use crate::store::PrefixRow;

/// After so many codes a prefix is judged …
pub(super) const JUDGED_AFTER: i64 = 50;
/// … and so many of them must have been used.
pub(super) const ENOUGH_USED: i64 = JUDGED_AFTER / 2;

/// What to do before another code goes to a prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Course {
    /// Send it.
    Send,
    /// It is paused: don't.
    Paused,
}

/// Judges `row` when another code is to be sent at `now` (milliseconds since 1970), and counts that.
/// The row is to be saved whatever comes of it.
pub(super) fn before_send(row: &mut PrefixRow, now: i64) -> Course {
    if row.paused_at.is_some() {
        return Course::Paused;
    }
    if row.sent >= JUDGED_AFTER {
        if row.used < ENOUGH_USED {
            row.paused_at = Some(now);
            row.reason = Some(format!(
                "of {} codes sent to these numbers, {} were used; expected at least {ENOUGH_USED}",
                row.sent, row.used
            ));
            return Course::Paused;
        }
        (row.sent, row.used) = (0, 0);
    }
    row.sent += 1;
    Course::Send
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_prefix_pauses_exactly_when_half_of_fifty_were_not_used(used in prop::collection::vec(any::<bool>(), 50)) {
            let mut row = PrefixRow { prefix: "1415555".to_owned(), sent: 0, used: 0, paused_at: None, reason: None };
            for came_back in &used {
                prop_assert_eq!(before_send(&mut row, 1), Course::Send);
                row.used += i64::from(*came_back);
            }
            let enough = used.iter().filter(|came_back| **came_back).count() >= 25;
            prop_assert_eq!(before_send(&mut row, 2) == Course::Send, enough);
            prop_assert_eq!(row.reason.is_some(), !enough);
            prop_assert_eq!(before_send(&mut row, 3) == Course::Send, enough);
        }
    }
}
