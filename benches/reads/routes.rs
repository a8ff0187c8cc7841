//! What is asked for.

use crate::fill::{Filled, SMALL};

/// An address, and what its `{…}` are filled with.
pub(crate) struct Route {
    pub(crate) name: &'static str,
    /// Whether a person asks, not a program.
    pub(crate) by_person: bool,
}

const fn staff(name: &'static str) -> Route {
    Route { name, by_person: false }
}

const fn person(name: &'static str) -> Route {
    Route { name, by_person: true }
}

pub(crate) const ROUTES: &[Route] = &[
    staff("/contacts"),
    staff("/contacts?state=naming"),
    staff("/contacts?tag=few"),
    staff("/contacts?tag=many"),
    staff("/contacts?search=%2B1"),
    staff("/contacts?search={phone}"),
    staff("/contacts?search=asha"),
    staff("/contacts?search=asha%20{contact}"),
    staff("/contacts/{phone}"),
    staff("/contacts/{phone}/messages"),
    staff("/contacts/{phone}/consent"),
    staff("/contacts/{phone}/tips"),
    staff("/messages"),
    staff("/messages?cursor={message}"),
    staff("/messages?direction=inbound"),
    staff("/messages?status=failed"),
    staff("/messages?status=skipped"),
    staff("/messages?purpose=campaign"),
    staff("/messages?purpose=stop_confirmation"),
    staff("/messages?phone_number={phone}"),
    staff("/messages?created_before=2026-08-01T00:00:00Z"),
    staff("/messages/{message}"),
    staff("/bookings"),
    staff("/bookings?status=declined"),
    staff("/bookings?status=confirmed"),
    staff("/bookings?status=past"),
    staff("/bookings?phone_number={phone}"),
    staff("/bookings/{row}"),
    staff("/forms"),
    staff("/forms?status=open"),
    staff("/forms/{row}"),
    staff("/corrections"),
    staff("/audit"),
    staff("/audit?cursor={contact}"),
    staff("/analytics/summary"),
    staff("/tips"),
    staff("/tips/{small}"),
    staff("/tips/subscriptions/summary"),
    staff("/groups"),
    staff("/groups/{small}"),
    staff("/alerts"),
    staff("/alerts/{small}"),
    staff("/campaigns"),
    staff("/campaigns/{campaign}"),
    staff("/sms/test/history"),
    staff("/sms/test/templates"),
    staff("/webhook-endpoints"),
    staff("/webhook-endpoints/{small}"),
    staff("/webhook-endpoints/{small}/deliveries"),
    staff("/accounts"),
    staff("/accounts/{row}"),
    staff("/verification/paused-prefixes"),
    person("/users/me"),
    person("/users/me/phone-numbers"),
];

impl Route {
    /// The address for the draw `random`.
    pub(crate) fn path(&self, filled: &Filled, random: u64) -> String {
        let draw = |most: i64| 1 + i64::try_from(random % most.unsigned_abs()).unwrap_or(0);
        let contact = draw(filled.contacts);
        let message = filled.base + draw(filled.messages) * filled.step;
        self.name
            .replace("{phone}", &filled.number(contact).replace('+', "%2B"))
            .replace("{contact}", &contact.to_string())
            .replace("{message}", &message.to_string())
            .replace("{row}", &draw(filled.rows).to_string())
            .replace("{campaign}", &(filled.base + draw(SMALL - 1) * filled.each * filled.step).to_string())
            .replace("{small}", &draw(SMALL).to_string())
    }
}
