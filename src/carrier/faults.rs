//! Faults on demand: everything a network and a carrier do to an application on a bad day.

use super::chance::{self, Chance};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Which faults happen, and how often. Nothing happens until it is switched on.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Faults {
    /// The seed of the draws; setting it, even to the same value, begins the series again.
    pub seed: u64,
    /// Every REST answer waits this long, after the work is done (milliseconds).
    pub answer_delay_ms: u64,
    /// A send is turned away with 429 and code 20429; nothing is accepted.
    pub too_many_requests: Switch,
    /// What a 429 asks for in `Retry-After` (seconds); 0 is without that header.
    pub retry_after_seconds: u64,
    /// Sends are refused with this code: 20003 with HTTP 401, all others with 400; 0 refuses none.
    pub refusal_code: u32,
    /// The list of messages is answered 500.
    pub list_error: Switch,
    /// A send is answered 500, and nothing is accepted.
    pub error_before_accept: Switch,
    /// A send is answered 500 although the message is accepted and goes out.
    pub error_after_accept: Switch,
    /// A send is accepted and goes out, and the connection closes without an answer.
    pub answer_lost: Switch,
    /// A status callback is posted twice.
    pub callback_doubled: Switch,
    /// A status callback waits for `callback_late_ms`, while later ones may overtake it.
    pub callback_late: Switch,
    /// How late a late callback is (milliseconds).
    pub callback_late_ms: u64,
    /// A callback that is not the last one is posted after the last one.
    pub callback_reordered: Switch,
    /// A status callback is never posted.
    pub callback_lost: Switch,
    /// Messages younger than this are missing from lists (milliseconds); by SID they are found.
    pub listing_late_ms: u64,
    /// The webhook's answer is thrown away, as if the connection broke while reading it (policy `rt`).
    pub webhook_answer_lost: Switch,
}

/// One fault: the next few times for certain, and otherwise with some probability.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Switch {
    /// From 0 (never) to 1 (always).
    pub probability: f64,
    /// How many more times it happens for certain; it counts down.
    pub next: u32,
}

impl Switch {
    /// Happens with this probability, from 0 to 1.
    #[must_use]
    pub fn with_probability(probability: f64) -> Self {
        Self { probability, next: 0 }
    }

    /// Happens the next `times` times.
    #[must_use]
    pub fn next(times: u32) -> Self {
        Self { probability: 0.0, next: times }
    }

    pub(super) fn fires(&mut self, chance: &mut Chance) -> bool {
        if self.next > 0 {
            self.next -= 1;
            return true;
        }
        self.probability > 0.0 && chance.unit() < self.probability
    }
}

impl Default for Faults {
    /// No faults, and a seed from the operating system.
    fn default() -> Self {
        Self {
            seed: chance::random_seed(),
            answer_delay_ms: 0,
            too_many_requests: Switch::default(),
            retry_after_seconds: 0,
            refusal_code: 0,
            list_error: Switch::default(),
            error_before_accept: Switch::default(),
            error_after_accept: Switch::default(),
            answer_lost: Switch::default(),
            callback_doubled: Switch::default(),
            callback_late: Switch::default(),
            callback_late_ms: 5_000,
            callback_reordered: Switch::default(),
            callback_lost: Switch::default(),
            listing_late_ms: 0,
            webhook_answer_lost: Switch::default(),
        }
    }
}

impl Faults {
    /// These faults with the fields of a JSON object laid over them; inside a switch, too, what the
    /// object leaves out stays as it is.
    ///
    /// # Errors
    /// The name of the field that is unknown or has a wrong value, and what is wrong with it.
    pub fn merged(&self, changes: &serde_json::Map<String, Value>) -> Result<Self, (String, String)> {
        let mut merged = self.clone();
        for (name, change) in changes {
            let wrong = |error: String| (name.clone(), error);
            let mut fields = serde_json::to_value(&merged).map_err(|e| wrong(e.to_string()))?;
            match (fields.get_mut(name), change) {
                (Some(Value::Object(switch)), Value::Object(given)) => switch.extend(given.clone()),
                (Some(field), _) => *field = change.clone(),
                (None, _) => return Err(wrong("there is no fault of this name".to_owned())),
            }
            if let Some(p) = fields[name].get("probability").and_then(Value::as_f64)
                && !(0.0..=1.0).contains(&p)
            {
                return Err(wrong("a probability is from 0 to 1".to_owned()));
            }
            merged = serde_json::from_value(fields).map_err(|e| wrong(e.to_string()))?;
        }
        Ok(merged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn partial_changes_are_merged_and_wrong_ones_name_their_field() {
        let faults = Faults { answer_lost: Switch::next(3), ..Faults::default() };
        let merge = |value: Value| faults.merged(value.as_object().unwrap());
        let merged = merge(json!({"answer_lost": {"probability": 0.5}, "answer_delay_ms": 9})).unwrap();
        assert_eq!(merged.answer_lost, Switch { probability: 0.5, next: 3 });
        assert_eq!(merged.answer_delay_ms, 9);
        for (wrong, field) in [
            (json!({"answer_lots": {}}), "answer_lots"),
            (json!({"answer_lost": {"probability": 1.5}}), "answer_lost"),
            (json!({"answer_lost": {"nxt": 1}}), "answer_lost"),
            (json!({"seed": -1}), "seed"),
        ] {
            assert_eq!(merge(wrong).unwrap_err().0, field);
        }
    }
}
