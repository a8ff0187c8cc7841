//! Bookings in the store, on both engines: reminders are queued once whoever ticks, and end with what
//! they were about.

mod support;

use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use support::start;
use tidings::conversation::{BookingError, BookingPatch, Inbox, NewBooking};
use tidings::outbound::ticks::{Schedule as _, Ticked};
use tidings::outbound::{PastBookings, Reminders};
use tidings::store::{BookingFilter, BookingRow, MessageRow, NextReminder};

/// In New York.
const ADA: &str = "+12125550101";

async fn each(test: impl AsyncFn(Arc<Inbox>, tidings::clock::Clock)) {
    for fresh in support::engines().await {
        let (inbox, clock) = support::inbox(support::open(&fresh).await, true).await;
        test(inbox.clone(), clock).await;
        inbox.store.close().await;
    }
}

fn new_booking(starts_at: Timestamp, minutes: &[i64]) -> NewBooking {
    NewBooking {
        title: "Check-up".to_owned(),
        location: None,
        starts_at,
        time_zone: None,
        remind_before_minutes: minutes.to_vec(),
    }
}

async fn book(inbox: &Inbox, hours: i64, minutes: &[i64]) -> BookingRow {
    inbox.book(ADA, new_booking(start() + SignedDuration::from_hours(hours), minutes)).await.unwrap()
}

fn moved_to(hours: i64) -> BookingPatch {
    let starts_at = Some(start() + SignedDuration::from_hours(hours));
    BookingPatch { starts_at, ..BookingPatch::default() }
}

async fn tick(inbox: &Arc<Inbox>) -> Ticked {
    Reminders(inbox.clone()).tick(inbox.clock.now()).await.unwrap()
}

async fn reminders(inbox: &Inbox) -> Vec<MessageRow> {
    let mut all = inbox.store.messages(i64::MAX, 5000).await.unwrap();
    all.retain(|row| row.purpose.as_deref() == Some("reminder"));
    all.reverse();
    all
}

fn statuses(rows: &[MessageRow]) -> Vec<&str> {
    rows.iter().map(|row| row.status.as_str()).collect()
}

#[tokio::test]
async fn nodes_that_tick_at_once_queue_each_reminder_once() {
    each(async |inbox, clock| {
        for person in 0..450 {
            let address = format!("+1212555{person:04}");
            let new = new_booking(start() + SignedDuration::from_hours(25), &[1440]);
            inbox.book(&address, new).await.unwrap();
        }
        assert_eq!(tick(&inbox).await, Ticked::Idle(Some(start() + SignedDuration::from_hours(1))));
        assert!(reminders(&inbox).await.is_empty());
        assert!(clock.advance(SignedDuration::from_hours(1)));
        for _ in 0..3 {
            tokio::join!(tick(&inbox), tick(&inbox), tick(&inbox));
        }
        assert_eq!(reminders(&inbox).await.len(), 450);
        assert_eq!(tick(&inbox).await, Ticked::Idle(None));

        // Even if a schedule went back, as from a backup, what was queued is not queued again.
        let rows = inbox.store.bookings(&BookingFilter::default(), 0, i64::MAX, 1).await.unwrap();
        let again = NextReminder { id: rows[0].id, next_reminder_at: Some(start().as_millisecond()) };
        let mut tx = inbox.store.begin().await.unwrap();
        tx.schedule_reminders(&[again]).await.unwrap();
        tx.commit().await.unwrap();
        tick(&inbox).await;
        assert_eq!(reminders(&inbox).await.len(), 450);
    })
    .await;
}

#[tokio::test]
async fn a_booking_that_is_moved_takes_its_reminders_along() {
    each(async |inbox, clock| {
        let booking = book(&inbox, 20, &[1440, 60]).await;
        tick(&inbox).await;
        let queued = reminders(&inbox).await;
        assert_eq!(statuses(&queued), ["queued"], "short notice: at once");
        assert!(queued[0].body.contains("tomorrow at 3:00 AM"), "{}", queued[0].body);

        let row = inbox.change_booking(booking.id, moved_to(48)).await.unwrap();
        let due = start() + SignedDuration::from_hours(24);
        assert_eq!(row.next_reminder_at, Some(due.as_millisecond()));
        let queued = reminders(&inbox).await;
        assert_eq!(statuses(&queued), ["refused"]);
        assert_eq!(queued[0].status_reason.as_deref(), Some("the booking was changed"));
        let now = clock.now().as_millisecond();
        assert!(!inbox.store.ask(queued[0].id, now).await.unwrap(), "a sender that is late finds out");

        // Back to where it was: that is a new reminder of the same minute.
        inbox.change_booking(booking.id, moved_to(20)).await.unwrap();
        tick(&inbox).await;
        assert_eq!(statuses(&reminders(&inbox).await), ["refused", "queued"]);
        let last = reminders(&inbox).await.pop().unwrap();
        assert!(inbox.store.ask(last.id, now).await.unwrap());

        // A new title voids nothing, nor does it make up for reminders.
        let title = Some("Long check-up".to_owned());
        inbox.change_booking(booking.id, BookingPatch { title, ..BookingPatch::default() }).await.unwrap();
        let minutes =
            BookingPatch { remind_before_minutes: Some(vec![1440, 120]), ..BookingPatch::default() };
        let row = inbox.change_booking(booking.id, minutes).await.unwrap();
        assert_eq!(row.next_reminder_at, Some((start() + SignedDuration::from_hours(18)).as_millisecond()));
    })
    .await;
}

#[tokio::test]
async fn a_cancelled_booking_is_silent_and_stays_so() {
    each(async |inbox, clock| {
        let booking = book(&inbox, 20, &[1440, 60]).await;
        tick(&inbox).await;
        let row = inbox.cancel_booking(booking.id).await.unwrap();
        assert_eq!((row.status.as_str(), row.next_reminder_at), ("cancelled", None));
        let rows = reminders(&inbox).await;
        assert_eq!(statuses(&rows), ["refused"]);
        assert!(!inbox.store.ask(rows[0].id, clock.now().as_millisecond()).await.unwrap());
        inbox.cancel_booking(booking.id).await.unwrap();
        let refused = inbox.change_booking(booking.id, moved_to(48)).await;
        assert!(matches!(refused, Err(BookingError::Cancelled)));
        assert_eq!(tick(&inbox).await, Ticked::Idle(None));

        let past = book(&inbox, 2, &[]).await;
        assert!(clock.advance(SignedDuration::from_hours(3)));
        assert!(matches!(inbox.cancel_booking(past.id).await, Err(BookingError::Past)));
        let title = BookingPatch { title: Some("x".to_owned()), ..BookingPatch::default() };
        assert!(matches!(inbox.change_booking(past.id, title).await, Err(BookingError::Past)));
        let row = inbox.change_booking(past.id, moved_to(48)).await.unwrap();
        assert_eq!(row.status, "pending", "who missed it may get another");
    })
    .await;
}

#[tokio::test]
async fn after_three_days_down_nobody_hears_of_what_is_over() {
    each(async |inbox, clock| {
        for hours in [30, 80, 90] {
            book(&inbox, hours, &[2880, 1440, 60]).await;
        }
        assert!(clock.advance(SignedDuration::from_hours(72)));
        tick(&inbox).await;
        let rows = reminders(&inbox).await;
        assert_eq!(rows.len(), 2, "one for each that is ahead, none for the one that is over");
        assert!(rows[0].body.contains("today at 3:00 PM"), "{}", rows[0].body);
    })
    .await;
}

#[tokio::test]
async fn answers_are_written_with_the_turn_and_erasure_takes_bookings() {
    each(async |inbox, _| {
        use tidings::batch::Apply as _;
        let booking = book(&inbox, 20, &[1440, 60]).await;
        let other = book(&inbox, 40, &[]).await;
        tick(&inbox).await;
        let reminder = reminders(&inbox).await.pop().unwrap();
        assert!(inbox.store.ask(reminder.id, inbox.clock.now().as_millisecond()).await.unwrap());
        // Three texts of one slice, each on what the one before left.
        let texts = ["C", "CHANGE", "no"].map(|body| support::text(ADA, body));
        let said = inbox.apply(&texts).await.unwrap();
        assert!(said.iter().all(Option::is_some));
        let row = inbox.store.booking(booking.id).await.unwrap().unwrap();
        assert_eq!((row.status.as_str(), row.next_reminder_at), ("declined", None));
        assert_eq!(statuses(&reminders(&inbox).await), ["refused"]);
        assert_eq!(inbox.store.booking(other.id).await.unwrap().unwrap().status, "pending");
        let declined = BookingFilter { address: Some(ADA.to_owned()), status: Some("declined") };
        let now = inbox.clock.now().as_millisecond();
        assert_eq!(inbox.store.bookings(&declined, now, i64::MAX, 9).await.unwrap().len(), 1);

        inbox.apply(&[support::text(ADA, "FORGET ME")]).await.unwrap();
        assert!(inbox.store.booking(booking.id).await.unwrap().is_none());
        let refused = inbox.book(ADA, new_booking(start() + SignedDuration::from_hours(9), &[])).await;
        assert!(matches!(refused, Err(BookingError::Erased)));
    })
    .await;
}

#[tokio::test]
async fn lists_by_status_are_right_before_while_and_after_it_is_noted_what_is_past() {
    each(async |inbox, clock| {
        let open = ["pending", "confirmed", "change_requested"];
        let statuses = [&open[..], &["declined", "cancelled"]].concat();
        for number in 0..60_usize {
            // One begins each hour; whether it is later than others has nothing to do with its id.
            let hours = i64::try_from(number * 37 % 60).unwrap() + 1;
            let address = format!("+1212555{number:04}");
            let starts_at = start() + SignedDuration::from_hours(hours);
            let mut row = inbox.book(&address, new_booking(starts_at, &[])).await.unwrap();
            statuses[number % 5].clone_into(&mut row.status);
            let mut tx = inbox.store.begin().await.unwrap();
            tx.save_booking(&row).await.unwrap();
            tx.commit().await.unwrap();
        }
        let all = inbox.store.bookings(&BookingFilter::default(), 0, i64::MAX, 100).await.unwrap();
        assert_eq!(all.len(), 60);
        let look = async || {
            let now = clock.now().as_millisecond();
            for wanted in statuses.iter().copied().chain(["past"]) {
                let is_past = |row: &BookingRow| row.starts_at <= now && open.contains(&row.status.as_str());
                let right = all.iter().filter(|row| match wanted {
                    "past" => is_past(row),
                    _ => row.status == wanted && !is_past(row),
                });
                let right: Vec<i64> = right.map(|row| row.id).collect();
                let filter = BookingFilter { address: None, status: Some(wanted) };
                let (mut found, mut before) = (Vec::new(), i64::MAX);
                loop {
                    let page = inbox.store.bookings(&filter, now, before, 7).await.unwrap();
                    found.extend(page.iter().map(|row| row.id));
                    let Some(last) = page.last().filter(|_| page.len() == 7) else { break };
                    before = last.id;
                }
                assert_eq!(found, right, "{wanted} at {}", clock.now());
            }
        };
        let note = async |limit| inbox.store.note_past(clock.now().as_millisecond(), limit).await.unwrap();
        look().await;
        assert_eq!(note(100).await, 0);
        assert!(clock.advance(SignedDuration::from_hours(30)));
        look().await;
        assert_eq!(note(5).await, 5);
        look().await;
        let tick = PastBookings(inbox.clone()).tick(clock.now()).await.unwrap();
        assert_eq!((tick, note(100).await), (Ticked::Idle(None), 0));
        look().await;
        assert!(clock.advance(SignedDuration::from_hours(31)));
        look().await;
        assert_eq!(note(100).await, 18);
        look().await;
    })
    .await;
}
