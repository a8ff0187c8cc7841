//! The carrier faults that a visitor can switch on, and how each is switched.

use super::Demo;
use crate::carrier::{Ending, Faults, Switch};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// How long a listing lags when that fault is on (milliseconds).
const LISTING_LATE_MS: u64 = 60_000;
/// Twilio's code for a handset that is off or out of reach.
const UNREACHABLE: u32 = 30_003;
/// The fault that is one handset's own.
const HANDSET_OFF: &str = "handset_off";

/// Whether one fault is on. The page has the words for its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct FaultSwitch {
    pub(super) name: &'static str,
    pub(super) on: bool,
}

type Reader = fn(&Faults) -> bool;

const SWITCHES: [(&str, Reader); 10] = [
    ("callback_late", |faults| is_on(faults.callback_late)),
    ("callback_doubled", |faults| is_on(faults.callback_doubled)),
    ("callback_reordered", |faults| is_on(faults.callback_reordered)),
    ("callback_lost", |faults| is_on(faults.callback_lost)),
    ("webhook_answer_lost", |faults| is_on(faults.webhook_answer_lost)),
    ("answer_lost", |faults| is_on(faults.answer_lost)),
    ("error_after_accept", |faults| is_on(faults.error_after_accept)),
    ("error_before_accept", |faults| is_on(faults.error_before_accept)),
    ("too_many_requests", |faults| is_on(faults.too_many_requests)),
    ("listing_late_ms", |faults| faults.listing_late_ms > 0),
];

fn is_on(switch: Switch) -> bool {
    switch.probability > 0.0 || switch.next > 0
}

impl Demo {
    /// Every switch as it stands, as far as `handset` is concerned.
    pub(super) fn faults(&self, handset: &str) -> Vec<FaultSwitch> {
        let faults = self.carrier.faults();
        let off = FaultSwitch { name: HANDSET_OFF, on: self.carrier.ending(handset) != Ending::Delivered };
        let others = SWITCHES.iter().map(|(name, read)| FaultSwitch { name, on: read(&faults) });
        std::iter::once(off).chain(others).collect()
    }

    /// Turns the fault `name` on if it is off, and off if it is on. Returns whether there is such a fault.
    pub(super) fn switch(&self, name: &str, handset: &str) -> bool {
        if name == HANDSET_OFF {
            let ending = match self.carrier.ending(handset) {
                Ending::Delivered => Ending::Undelivered { error_code: UNREACHABLE },
                _ => Ending::Delivered,
            };
            self.carrier.set_ending(handset, ending);
            return true;
        }
        let Some((name, read)) = SWITCHES.iter().find(|(known, _)| *known == name) else { return false };
        let on = !read(&self.carrier.faults());
        let value = match (*name, on) {
            ("listing_late_ms", true) => json!(LISTING_LATE_MS),
            ("listing_late_ms", false) => json!(0),
            (_, on) => json!({ "probability": if on { 1.0 } else { 0.0 }, "next": 0 }),
        };
        let changes: Map<String, Value> = [((*name).to_owned(), value)].into_iter().collect();
        self.carrier.merge_faults(&changes).is_ok()
    }
}
