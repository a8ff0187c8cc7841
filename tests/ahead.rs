//! Slices that were looked at before their turn came, while somebody else changed whom they are about.

mod support;

use jiff::SignedDuration;
use std::sync::Arc;
use support::start;
use tidings::batch::Apply as _;
use tidings::conversation::{Handed, InboundText, Inbox, NewBooking, Ready};
use tidings::store::Tx;

const ADA: &str = "+12125550101";
const BEN: &str = "+12125550102";

/// The same database at two nodes.
async fn each(test: impl AsyncFn(Arc<Inbox>, Arc<Inbox>)) {
    for fresh in support::engines().await {
        let (one, _) = support::inbox(support::open(&fresh).await, true).await;
        let (other, _) = support::inbox(support::open(&fresh).await, true).await;
        test(one.clone(), other.clone()).await;
        one.store.close().await;
        other.store.close().await;
    }
}

/// A slice that is ready before its turn comes.
async fn look(inbox: &Inbox, texts: &[InboundText]) -> Option<Ready> {
    inbox.make_ready(inbox.look_ahead(None, texts).await?)
}

/// Carries out two slices of which the second is ready before the first is written; returns the second's answers.
async fn one_behind_the_other(
    inbox: &Inbox,
    before: &[InboundText],
    behind: &[InboundText],
) -> Vec<Option<Handed>> {
    let (first, second) = (look(inbox, before).await, look(inbox, behind).await);
    inbox.carry_out(before, first).await.unwrap();
    let second = second.filter(|ready| inbox.still_holds(ready, before));
    inbox.carry_out(behind, second).await.unwrap()
}

async fn say(inbox: &Inbox, from: &str, body: &str) -> String {
    let answer = inbox.apply(&[support::text(from, body)]).await.unwrap().remove(0);
    answer.map_or_else(String::new, |handed| handed.body)
}

/// How many texts came from `address` and how many answers were given.
async fn counts(inbox: &Inbox, address: &str) -> (usize, usize) {
    let contact = inbox.store.contact(address).await.unwrap().unwrap();
    let rows = inbox.store.conversation(contact.id, i64::MAX, 100).await.unwrap();
    (rows.iter().filter(|row| !row.outbound).count(), rows.iter().filter(|row| row.outbound).count())
}

#[tokio::test]
async fn whoever_left_after_the_look_stays_away() {
    each(async |one, other| {
        for (from, times) in [(ADA, 1), (BEN, 2)] {
            for _ in 0..times {
                say(&one, from, "hello").await;
            }
            let texts = [support::text(from, "STATUS"), support::text("+12125550177", "hello")];
            let ready = look(&one, &texts).await;
            assert!(ready.is_some(), "nothing speaks against it");
            say(&other, from, "please stop texting me").await;
            let answers = one.carry_out(&texts, ready).await.unwrap();
            assert!(answers[1].is_some(), "the neighbour is answered");
            let contact = one.store.contact(from).await.unwrap().unwrap();
            assert_eq!(contact.consent, "withdrawn", "nothing of what was looked at is written");
            assert_eq!(counts(&one, from).await.0, times + 2);
        }
    })
    .await;
}

#[tokio::test]
async fn whoever_came_after_the_look_is_there_once() {
    each(async |one, other| {
        let texts = [support::text(ADA, "REGISTER")];
        let ready = look(&one, &texts).await;
        say(&other, ADA, "hello").await;
        one.carry_out(&texts, ready).await.unwrap();
        assert_eq!(counts(&one, ADA).await.0, 2);
        assert!(say(&other, ADA, "Ada").await.contains("code"), "both nodes know that the name was asked");
    })
    .await;
}

#[tokio::test]
async fn a_copy_that_both_nodes_looked_at_is_answered_alike_and_written_once() {
    each(async |one, other| {
        for body in ["hello", "REGISTER"] {
            let texts = [support::text(ADA, body)];
            let (here, there) = (look(&one, &texts).await, look(&other, &texts).await);
            let answers = one.carry_out(&texts, here).await.unwrap();
            assert_eq!(other.carry_out(&texts, there).await.unwrap(), answers);
            // As often as Twilio likes.
            assert_eq!(one.apply(&texts).await.unwrap(), answers);
        }
        assert_eq!(counts(&one, ADA).await, (2, 2));
    })
    .await;
}

#[tokio::test]
async fn a_booking_made_after_the_last_text_is_what_the_next_is_about() {
    each(async |one, other| {
        say(&one, ADA, "hello").await;
        let booking = NewBooking {
            title: "Check-up".to_owned(),
            location: None,
            starts_at: start() + SignedDuration::from_hours(20),
            time_zone: None,
            remind_before_minutes: vec![],
        };
        other.book(ADA, booking).await.unwrap();
        let said = say(&one, ADA, "CONFIRM").await;
        assert!(said.contains("Check-up"), "{said}");
    })
    .await;
}

#[tokio::test]
async fn an_erased_person_is_remembered_by_no_node() {
    each(async |one, other| {
        say(&one, ADA, "REGISTER").await;
        say(&one, ADA, "Ada").await;
        say(&other, ADA, "FORGET ME").await;
        let answer = say(&one, ADA, "STATUS").await;
        assert!(!answer.contains("Ada"), "{answer}");
        assert!(one.store.contact(ADA).await.unwrap().is_none_or(|contact| contact.name.is_none()));
    })
    .await;
}

#[tokio::test]
async fn a_slice_of_many_people_is_written_whole_in_all_its_parts() {
    each(async |one, _| {
        let number = |index: usize| format!("+1212555{index:04}");
        for body in ["hello", "REGISTER", "Ada"] {
            let texts: Vec<_> = (0..200).map(|index| support::text(&number(index), body)).collect();
            let ready = look(&one, &texts).await;
            assert!(ready.is_some());
            let answers = one.carry_out(&texts, ready).await.unwrap();
            assert!(answers.iter().all(Option::is_some), "{body}");
        }
        assert_eq!(counts(&one, &number(0)).await, (3, 3));
        assert_eq!(counts(&one, &number(199)).await, (3, 3));
        assert_eq!(one.store.contact(&number(150)).await.unwrap().unwrap().state, "verifying");
    })
    .await;
}

#[tokio::test]
async fn who_wrote_to_another_node_since_is_who_they_are_there() {
    each(async |one, other| {
        say(&one, ADA, "REGISTER").await;
        say(&one, ADA, "Ada").await;
        say(&other, ADA, "NAME Bea").await;
        say(&one, ADA, "STATUS").await;
        let contact = one.store.contact(ADA).await.unwrap().unwrap();
        assert_eq!((contact.name.as_deref(), counts(&one, ADA).await), (Some("Bea"), (4, 4)));
        say(&one, ADA, "STOP").await;
        say(&other, ADA, "START").await;
        assert!(!say(&one, ADA, "STATUS").await.is_empty(), "she is back");
    })
    .await;
}

#[tokio::test]
async fn a_slice_that_is_taken_anew_does_not_come_after_the_one_behind_it() {
    each(async |one, _| {
        say(&one, ADA, "hello").await;
        let repeated = support::text(BEN, "hello");
        one.apply(std::slice::from_ref(&repeated)).await.unwrap();
        let before = [support::text(ADA, "STATUS"), repeated];
        let behind = [support::text(ADA, "STOP")];
        one_behind_the_other(&one, &before, &behind).await;
        let contact = one.store.contact(ADA).await.unwrap().unwrap();
        let rows = one.store.conversation(contact.id, i64::MAX, 100).await.unwrap();
        let said: Vec<&str> = rows.iter().filter(|row| !row.outbound).map(|row| &*row.body).collect();
        assert_eq!(said, ["STOP", "STATUS", "hello"], "the newest first");
        assert_eq!(contact.consent, "withdrawn");
        let newest = one.store.ledger(contact.id, i64::MAX, 10).await.unwrap().remove(0);
        assert!(rows.iter().all(|row| !row.outbound || row.id < newest.id), "nothing was said after it");
    })
    .await;
}

#[tokio::test]
async fn two_slices_of_one_person_are_made_ready_in_order() {
    each(async |one, _| {
        say(&one, ADA, "hello").await;
        let (register, name) = ([support::text(ADA, "REGISTER")], [support::text(ADA, "Ada")]);
        let answer = one_behind_the_other(&one, &register, &name).await.remove(0).unwrap();
        assert!(answer.body.contains("code"), "{}", answer.body);
        assert_eq!(one.store.contact(ADA).await.unwrap().unwrap().state, "verifying");
    })
    .await;
}

#[tokio::test]
async fn whoever_is_erased_while_their_slice_is_ready_is_remembered_by_nobody() {
    each(async |one, _| {
        say(&one, ADA, "hello").await;
        let (farewell, after) = ([support::text(ADA, "FORGET ME")], [support::text(ADA, "STATUS")]);
        one_behind_the_other(&one, &farewell, &after).await;
        assert_eq!(format!("{:?}", one.regulars), "Regulars(0)");
    })
    .await;
}

#[tokio::test]
async fn where_people_write_to_two_nodes_in_turn_nobody_is_remembered_for_a_while() {
    each(async |one, other| {
        let remembered = |many: usize| assert_eq!(format!("{:?}", one.regulars), format!("Regulars({many})"));
        say(&one, ADA, "hello").await;
        remembered(1);
        say(&other, ADA, "hello").await;
        // A slice that was looked at before the pause began is made ready in it.
        let behind = [support::text(BEN, "hello")];
        let looked = one.look_ahead(None, &behind).await.unwrap();
        assert!(one.clock.advance(SignedDuration::from_secs(1)));
        say(&one, ADA, "hello").await;
        assert_eq!(counts(&one, ADA).await.0, 3);
        remembered(0);
        let ready = one.make_ready(looked);
        one.carry_out(&behind, ready).await.unwrap();
        remembered(usize::from(!one.store.is_shared()));
        assert!(one.clock.advance(SignedDuration::from_secs(10)));
        say(&one, BEN, "hello").await;
        remembered(1);
    })
    .await;
}

#[tokio::test]
async fn a_repeat_makes_nobody_forgotten_but_who_sent_it() {
    each(async |one, _| {
        say(&one, ADA, "hello").await;
        let text = [support::text(BEN, "hello")];
        let answers = one.apply(&text).await.unwrap();
        assert_eq!(one.apply(&text).await.unwrap(), answers);
        assert_eq!(format!("{:?}", one.regulars), "Regulars(1)");
    })
    .await;
}

/// Tries again while a connection is found dead: those that were just in use are not asked whether they live.
async fn until_it_lives<T>(mut trial: impl AsyncFnMut() -> sqlx::Result<T>) {
    for _ in 0..10 {
        match trial().await {
            Ok(_) => return,
            Err(error) => assert!(tidings::store::is_unavailable(&error), "{error}"),
        }
    }
    panic!("ten connections were dead");
}

#[tokio::test]
async fn slices_go_on_when_postgres_has_cut_their_connection() {
    each(async |one, _| {
        say(&one, ADA, "hello").await;
        if let Tx::Postgres(mut c) = one.store.begin().await.unwrap() {
            let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                       WHERE datname = current_database() AND application_name = 'tidings' AND pid <> pg_backend_pid()";
            sqlx::query(cut).execute(&mut *c).await.unwrap();
        }
        let text = [support::text(ADA, "STATUS")];
        until_it_lives(async || one.apply(&text).await).await;
        until_it_lives(async || one.store.contact(ADA).await).await;
        assert_eq!(counts(&one, ADA).await, (2, 2));
    })
    .await;
}
