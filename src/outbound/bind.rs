//! Which listed message is which attempt's: Twilio's list does not name ours, so equal texts to one
//! person are told apart by kind and time.

use super::Listed;
use super::twilio::CLOCK_SKEW;
use crate::store::OutgoingRow;
use jiff::Timestamp;
use std::collections::HashMap;

/// For each row, by its id, the listed message that is its own.
///
/// Both `rows` (each with its words) and `listed` come oldest first. Among equal words as many rows as
/// can be get a message, neither overtakes the other, and the times lie as close as they can.
pub(super) fn bind<'a>(rows: &[(&OutgoingRow, String)], listed: &[&'a Listed]) -> HashMap<i64, &'a Listed> {
    let mut by_words: HashMap<&str, (Vec<&OutgoingRow>, Vec<&'a Listed>)> = HashMap::new();
    for (row, words) in rows {
        by_words.entry(words).or_default().0.push(row);
    }
    for message in listed {
        if let Some((_, messages)) = by_words.get_mut(message.body.as_str()) {
            messages.push(message);
        }
    }
    by_words.values().flat_map(|(rows, messages)| align(rows, messages)).collect()
}

/// A row with fewer messages to go round costs more than any distance in time.
type Cost = (usize, i64);

fn align<'a>(rows: &[&OutgoingRow], messages: &[&'a Listed]) -> Vec<(i64, &'a Listed)> {
    // best[i][j]: the least cost of the first i rows with the first j messages.
    let mut best: Vec<Vec<Cost>> = vec![vec![(0, 0); messages.len() + 1]; rows.len() + 1];
    for i in 1..=rows.len() {
        best[i][0] = (i, 0);
        for j in 1..=messages.len() {
            best[i][j] = step(&best, rows, messages, i, j).0;
        }
    }
    let (mut i, mut j) = (rows.len(), messages.len());
    let mut bound = Vec::with_capacity(i.min(j));
    while i > 0 && j > 0 {
        match step(&best, rows, messages, i, j).1 {
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

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Bind,
    LeaveMessage,
    LeaveRow,
}

fn step(best: &[Vec<Cost>], rows: &[&OutgoingRow], messages: &[&Listed], i: usize, j: usize) -> (Cost, Step) {
    let (left, distance) = best[i - 1][j];
    let mut choices = vec![((left + 1, distance), Step::LeaveRow), (best[i][j - 1], Step::LeaveMessage)];
    if let Some(apart) = apart(rows[i - 1], messages[j - 1]) {
        let (left, distance) = best[i - 1][j - 1];
        choices.push(((left, distance.saturating_add(apart)), Step::Bind));
    }
    choices.into_iter().min().unwrap_or(((left, distance), Step::LeaveRow))
}

/// Added where an attempt by REST would have to be listed as the answer to a webhook: it may have
/// been taken as one before REST took over, but any row that is still an answer comes first.
const OTHER_KIND: i64 = 86_400_000;

/// How far apart the two are in milliseconds; none if they can't be the same.
fn apart(row: &OutgoingRow, message: &Listed) -> Option<i64> {
    let made = Timestamp::from_millisecond(row.created_at).unwrap_or(Timestamp::UNIX_EPOCH);
    // What never left by REST can only be listed as the answer to a webhook.
    if message.created_at < made - CLOCK_SKEW || !row.by_rest && !message.is_reply {
        return None;
    }
    // Twilio's dates have no fractions: ours must not make an earlier row seem nearer.
    let sent_at = row.sent_at.unwrap_or(row.created_at).div_euclid(1000) * 1000;
    let distance = (message.created_at.as_millisecond() - sent_at).abs();
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
            last_heard_at: None,
        }
    }

    fn message(number: u128, created_at: i64, is_reply: bool) -> Listed {
        Listed {
            sid: Sid { mms: false, id: Uuid::from_u128(number) },
            status: Status::Sent,
            body: "words".to_owned(),
            created_at: Timestamp::from_millisecond(created_at).unwrap(),
            error_code: None,
            is_reply,
        }
    }

    fn pairs(rows: &[OutgoingRow], listed: &[Listed]) -> Vec<(i64, u128)> {
        let rows: Vec<_> = rows.iter().map(|row| (row, "words".to_owned())).collect();
        let bound = bind(&rows, &listed.iter().collect::<Vec<_>>());
        let mut pairs: Vec<_> = bound.iter().map(|(id, listed)| (*id, listed.sid.id.as_u128())).collect();
        pairs.sort_unstable();
        pairs
    }

    #[test]
    fn of_equal_texts_each_gets_the_nearest_in_order() {
        let rows = [row(1, 100_000, false), row(2, 105_000, false), row(3, 110_000, false)];
        assert_eq!(pairs(&rows, &[message(7, 105_000, true)]), [(2, 7)]);
        assert_eq!(pairs(&rows, &[message(7, 100_000, true), message(9, 111_000, true)]), [(1, 7), (3, 9)]);
        // All were taken, and Twilio's clock is ahead: order tells.
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
