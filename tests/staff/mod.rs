//! What staff and the schedule of reminders do in a scenario.

use tidings::booking::DEFAULT_REMINDERS;
use tidings::conversation::{BookingPatch, Inbox, NewBooking, status_of};
use tidings::delivery::Status;
use tidings::outbound::Reminders;
use tidings::outbound::ticks::Schedule as _;
use tidings::store::{BookingFilter, BookingRow, Outcome};

/// `book TITLE at TIME`, perhaps with ` in PLACE`, `move TITLE to TIME`, `cancel TITLE`.
pub(crate) async fn carry_out(inbox: &std::sync::Arc<Inbox>, person: &str, order: &str) {
    match order.split_once(' ').unwrap() {
        ("book", rest) => {
            let (title, at) = rest.split_once(" at ").unwrap();
            let (at, place) = at.split_once(" in ").map_or((at, None), |(at, place)| (at, Some(place)));
            let new = NewBooking {
                title: title.to_owned(),
                location: place.map(str::to_owned),
                starts_at: at.parse().unwrap(),
                time_zone: None,
                remind_before_minutes: DEFAULT_REMINDERS.to_vec(),
            };
            inbox.book(person, new).await.unwrap();
        }
        ("move", rest) => {
            let (title, to) = rest.split_once(" to ").unwrap();
            let starts_at = Some(to.parse().unwrap());
            let id = find(inbox, title).await.id;
            inbox.change_booking(id, BookingPatch { starts_at, ..BookingPatch::default() }).await.unwrap();
        }
        ("cancel", title) => drop(inbox.cancel_booking(find(inbox, title).await.id).await.unwrap()),
        (order, _) => panic!("nobody knows how to {order}"),
    }
}

/// Does what the schedule and the sender do for the next reminder, and returns its words.
pub(crate) async fn remind(inbox: &std::sync::Arc<Inbox>) -> Option<String> {
    let now = inbox.clock.now();
    Reminders(inbox.clone()).tick(now).await.unwrap();
    let now = now.as_millisecond();
    let fence = inbox.ids.next(inbox.clock.now());
    let mut tx = inbox.store.begin().await.unwrap();
    let claimed = tx
        .claim_queued(&tidings::store::Claim {
            now,
            lease_until: now + 60_000,
            fence,
            whatsapp: false,
            priority: 2,
            limit: 1,
        })
        .await
        .unwrap();
    let row = tx.outgoing(&claimed).await.unwrap().pop();
    if let Some(row) = &row {
        let accepted = Outcome::new(row.id, fence, Status::Accepted, now);
        tx.record(&[accepted]).await.unwrap();
    }
    tx.commit().await.unwrap();
    let row = row?;
    inbox.store.ask(row.id, now).await.unwrap().then_some(row.body)
}

/// `= TITLE STATUS`, as it is.
pub(crate) async fn status(inbox: &Inbox, said: &str) -> String {
    let (title, _) = said.rsplit_once(' ').unwrap();
    let row = find(inbox, title).await;
    format!("= {title} {}", status_of(&row, inbox.clock.now()).as_str())
}

async fn find(inbox: &Inbox, title: &str) -> BookingRow {
    let rows = inbox.store.bookings(&BookingFilter::default(), 0, i64::MAX, 100).await.unwrap();
    rows.into_iter().find(|row| row.title == title).unwrap_or_else(|| panic!("no booking is called {title}"))
}
