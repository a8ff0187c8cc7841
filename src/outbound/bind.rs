//! Which listed message is which attempt's: Twilio's list does not name ours, so equal texts to one
//! person are told apart by kind and time.

use super::Listed;
use super::settle::LOOKS;
use super::steps::Sight;
use super::twilio::CLOCK_SKEW;
use crate::store::OutgoingRow;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::fmt;

/// How long ago a row may have been made whose own time is still to come.
const LOST_SIGHT: SignedDuration = SignedDuration::from_mins(15);

/// What the list says about a row that it says something about.
#[derive(Clone, Copy)]
pub(super) enum Match<'a> {
    /// This message is its own.
    Found(&'a Listed),
    /// It or an equal one is listed; which it is shows when the list has caught up.
    Unclear,
}

/// In a log, without the words.
impl fmt::Debug for Match<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Found(message) => write!(f, "{} of {}", message.sid, message.created_at),
            Self::Unclear => f.write_str("unclear"),
        }
    }
}

/// For each row, by its id, the listed message that is its own; none where it is not listed.
///
/// Both `rows` (each with its words) and `listed` come oldest first. Among equal words as many rows as
/// can be get a message, neither overtakes the other, and the times lie as close as they can. Where there
/// are fewer messages than rows and one of these has not waited [`LOOKS`] times, that would be a guess: more may be
/// listed yet. Nobody waits for that more than twice as often.
pub(super) fn bind<'a>(
    rows: &[(&OutgoingRow, String)],
    listed: &[&'a Listed],
    sight: &Sight,
) -> HashMap<i64, Match<'a>> {
    let mut by_words: HashMap<&str, (Vec<&OutgoingRow>, Vec<&'a Listed>)> = HashMap::new();
    for (row, words) in rows {
        by_words.entry(words).or_default().0.push(row);
    }
    for message in listed {
        if let Some((_, messages)) = by_words.get_mut(message.body.as_str()) {
            messages.push(message);
        }
    }
    let mut matches = HashMap::new();
    for (rows, messages) in by_words.values() {
        let bound = align(rows, messages, sight);
        if !bound.is_empty() && bound.len() < rows.len() && may_clear(rows) {
            matches.extend(rows.iter().map(|row| (row.id, Match::Unclear)));
        } else {
            matches.extend(bound.into_iter().map(|(id, message)| (id, Match::Found(message))));
        }
    }
    matches
}

/// Whether the list may not have caught up with one of the rows, and none of them has waited too long.
fn may_clear(rows: &[&OutgoingRow]) -> bool {
    rows.iter().any(|row| row.looks < LOOKS) && rows.iter().all(|row| row.looks < 2 * LOOKS)
}

/// When a row was made, at the earliest by a clock that may have been set back since; if nobody saw by how much, its
/// looks tell how long ago that may be.
pub(super) fn made_at(row: &OutgoingRow, sight: &Sight) -> Timestamp {
    let made = Timestamp::from_millisecond(row.created_at).unwrap_or(Timestamp::UNIX_EPOCH);
    let made = made - sight.back;
    if made <= sight.now + CLOCK_SKEW {
        return made;
    }
    let looks = i32::try_from(row.looks.clamp(0, 1000)).unwrap_or(1000);
    sight.now - LOST_SIGHT * (looks + 1)
}

/// A row with fewer messages to go round costs more than any distance in time.
type Cost = (usize, i64);

fn align<'a>(rows: &[&OutgoingRow], messages: &[&'a Listed], sight: &Sight) -> Vec<(i64, &'a Listed)> {
    // best[i][j]: the least cost of the first i rows with the first j messages.
    let mut best: Vec<Vec<Cost>> = vec![vec![(0, 0); messages.len() + 1]; rows.len() + 1];
    for i in 1..=rows.len() {
        best[i][0] = (i, 0);
        for j in 1..=messages.len() {
            best[i][j] = step(&best, rows, messages, i, j, sight).0;
        }
    }
    let (mut i, mut j) = (rows.len(), messages.len());
    let mut bound = Vec::with_capacity(i.min(j));
    while i > 0 && j > 0 {
        match step(&best, rows, messages, i, j, sight).1 {
            Step::Bind => {
                bound.push((rows[i - 1].id, messages[j - 1]));
                (i, j) = (i - 1, j - 1);
            }
            Step::LeaveRow => i -= 1,
            Step::LeaveMessage => j -= 1,
        }
    }
    bound
}

/// In the order in which they are chosen where the costs are the same: the later of two rows waits for longer
/// until it counts as missing, and its answer may still be under way.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    LeaveRow,
    Bind,
    LeaveMessage,
}

fn step(
    best: &[Vec<Cost>],
    rows: &[&OutgoingRow],
    messages: &[&Listed],
    i: usize,
    j: usize,
    sight: &Sight,
) -> (Cost, Step) {
    let (left, distance) = best[i - 1][j];
    let mut choices = vec![((left + 1, distance), Step::LeaveRow), (best[i][j - 1], Step::LeaveMessage)];
    if let Some(apart) = apart(rows[i - 1], messages[j - 1], sight) {
        let (left, distance) = best[i - 1][j - 1];
        choices.push(((left, distance.saturating_add(apart)), Step::Bind));
    }
    choices.into_iter().min().unwrap_or(((left, distance), Step::LeaveRow))
}

/// Added where an attempt by REST would have to be listed as the answer to a webhook: it may have
/// been taken as one before REST took over, but any row that is still an answer comes first.
const OTHER_KIND: i64 = 86_400_000;

/// How far apart the two are in milliseconds; none if they can't be the same.
fn apart(row: &OutgoingRow, message: &Listed, sight: &Sight) -> Option<i64> {
    // What never left by REST can only be listed as the answer to a webhook.
    if message.latest() < made_at(row, sight) - CLOCK_SKEW || !row.by_rest && !message.is_reply {
        return None;
    }
    // Twilio's dates have no fractions: ours must not make an earlier row seem nearer.
    let sent_at = row.sent_at.unwrap_or(row.created_at).div_euclid(1000) * 1000;
    let distance = |taken: Timestamp| (taken.as_millisecond() - sent_at).abs();
    let distance = distance(message.created_at).min(distance(message.by_our_clock));
    Some(if row.by_rest && message.is_reply { distance.saturating_add(OTHER_KIND) } else { distance })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::Status;
    use crate::sid::Sid;
    use uuid::Uuid;

    fn row(id: i64, sent_at: i64, by_rest: bool) -> OutgoingRow {
        OutgoingRow {
            id,
            contact_id: 1,
            address: "+14155550101".to_owned(),
            consent: "given".to_owned(),
            time_zone: "UTC".to_owned(),
            time_zone_source: "person".to_owned(),
            body: String::new(),
            nonce: None,
            purpose: Some("reply".to_owned()),
            status: "uncertain".to_owned(),
            due_at: None,
            expires_at: None,
            attempts: 1,
            fence: 0,
            sent_at: Some(sent_at),
            created_at: sent_at,
            by_rest,
            source_id: None,
            segments: 1,
            content_sid: None,
            content_variables: None,
            looks: LOOKS,
            last_heard_at: None,
        }
    }

    fn message(number: u128, created_at: i64, is_reply: bool) -> Listed {
        Listed {
            sid: Sid { mms: false, id: Uuid::from_u128(number) },
            status: Status::Sent,
            body: "words".to_owned(),
            created_at: Timestamp::from_millisecond(created_at).unwrap(),
            by_our_clock: Timestamp::from_millisecond(created_at).unwrap(),
            error_code: None,
            is_reply,
        }
    }

    /// Row and SID; 0 for what is unclear.
    fn pairs_at(now: i64, rows: &[OutgoingRow], listed: &[Listed]) -> Vec<(i64, u128)> {
        let rows: Vec<_> = rows.iter().map(|row| (row, "words".to_owned())).collect();
        let now = Timestamp::from_millisecond(now).unwrap();
        let sight = Sight { now, back: SignedDuration::ZERO, forward: false };
        let listed: Vec<_> = listed.iter().collect();
        let sid = |found: &Match<'_>| match found {
            Match::Found(listed) => listed.sid.id.as_u128(),
            Match::Unclear => 0,
        };
        let bound = bind(&rows, &listed, &sight);
        let mut pairs: Vec<_> = bound.iter().map(|(id, found)| (*id, sid(found))).collect();
        pairs.sort_unstable();
        pairs
    }

    fn pairs(rows: &[OutgoingRow], listed: &[Listed]) -> Vec<(i64, u128)> {
        pairs_at(1_000_000, rows, listed)
    }

    #[test]
    fn equal_texts_wait_for_a_list_that_may_lag() {
        let looked = |id, sent_at, looks| OutgoingRow { looks, ..row(id, sent_at, true) };
        let rows = [looked(1, 100_000, 2), looked(2, 150_000, 1)];
        let first = [message(7, 150_000, false)];
        assert_eq!(pairs(&rows, &first), [(1, 0), (2, 0)]);
        // A message that is not listed at all is not unclear, and one alone is told at once.
        assert_eq!(pairs(&rows, &[]), []);
        assert_eq!(pairs(&rows[1..], &first), [(2, 7)]);
        let both = [message(7, 101_000, false), message(8, 150_000, false)];
        assert_eq!(pairs(&rows, &both), [(1, 7), (2, 8)]);
        // Twilio's list has had its time, or there is always a newer one.
        assert_eq!(pairs(&[looked(1, 100_000, 4), looked(2, 150_000, 3)], &first), [(2, 7)]);
        assert_eq!(pairs(&[looked(1, 100_000, 6), looked(2, 450_000, 1)], &first), [(1, 7)]);
    }

    /// The clock was an hour ahead when they were made, and is not any more.
    #[test]
    fn a_row_from_a_time_to_come_gets_what_was_listed_lately() {
        let hour = 3_600_000;
        let rows = [row(1, hour, true), row(2, hour + 60_000, true)];
        let listed = [message(7, 10_000, false), message(8, 70_000, false)];
        assert_eq!(pairs_at(100_000, &rows, &listed), [(1, 7), (2, 8)]);
        assert_eq!(pairs_at(100_000 + 2 * hour, &rows, &listed), [], "by then it is another one");
    }

    #[test]
    fn of_equal_texts_each_gets_the_nearest_in_order() {
        let rows = [row(1, 100_000, false), row(2, 105_000, false), row(3, 110_000, false)];
        assert_eq!(pairs(&rows, &[message(7, 105_000, true)]), [(2, 7)]);
        assert_eq!(pairs(&rows, &[message(7, 100_000, true), message(9, 111_000, true)]), [(1, 7), (3, 9)]);
        // Of two that are as near the earlier gets it, and the later may still come.
        let rows = [row(1, 100_100, false), row(2, 100_600, false)];
        assert_eq!(pairs(&rows, &[message(7, 100_000, true)]), [(1, 7)]);
        // All were taken, and Twilio's clock is ahead: order tells.
        let rows = [row(1, 100_000, false), row(2, 105_000, false), row(3, 110_000, false)];
        let ahead = [message(7, 110_000, true), message(8, 115_000, true), message(9, 120_000, true)];
        assert_eq!(pairs(&rows, &ahead), [(1, 7), (2, 8), (3, 9)]);
    }

    #[test]
    fn as_many_as_can_be_get_a_message_and_none_of_another_kind() {
        let rows = [row(1, 100_000, false), row(2, 101_000, true)];
        assert_eq!(pairs(&rows, &[message(7, 100_000, false)]), [(2, 7)]);
        assert_eq!(pairs(&rows, &[message(7, 100_000, true), message(8, 101_000, false)]), [(1, 7), (2, 8)]);
        assert_eq!(pairs(&rows[..1], &[message(7, 100_000, false)]), []);
        // Killed before its call, the first had left as an answer long before; the second is one.
        let rows = [row(1, 139_861, true), row(2, 140_626, false)];
        assert_eq!(pairs(&rows, &[message(7, 140_000, true)]), [(2, 7)]);
        assert_eq!(pairs(&rows[..1], &[message(7, 140_000, true)]), [(1, 7)]);
        let rows = [row(1, 139_900, false), row(2, 140_900, false)];
        assert_eq!(pairs(&rows, &[message(7, 140_000, true)]), [(2, 7)]);
        let rows = [row(1, 100_000, false), row(2, 101_000, true)];
        assert_eq!(pairs(&rows, &[message(7, 60_000, true)]), []);
    }
}
