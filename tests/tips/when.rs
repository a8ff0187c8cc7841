//! When a tip comes, and when there is none.

use crate::harness::{ADA, BOB, PATIENCE, eventually};
use crate::{bodies, course, each, guessed, member, schedule, set, skipped, texts, tick, tips_of};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use tidings::config::Database;
use tidings::outbound::{Wake, ticks};
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn one_at_seven_on_the_days_the_clocks_change() {
    let zones = ["Asia/Kathmandu", "America/Phoenix", "America/New_York"];
    each(async |_, inbox, clock| {
        course(&inbox, "en", 1..=20).await;
        let tips = schedule(&inbox);
        for (round, begin) in ["2026-03-07T18:00:00Z", "2026-10-31T18:00:00Z"].into_iter().enumerate() {
            set(&clock, begin);
            let mut people = Vec::new();
            for (at, zone) in zones.iter().enumerate() {
                let address = format!("+1415555{round}{at:03}");
                people.push((member(&inbox, &address, zone, "en").await, *zone));
                texts(&inbox, &address, "TIPS ON").await;
            }
            for _ in 0..3 * 24 * 4 {
                tick(&tips, &clock).await;
                assert!(clock.advance(SignedDuration::from_mins(15)));
            }
            for (contact, zone) in people {
                let rows = tips_of(&inbox.store, contact).await;
                let zone = TimeZone::get(zone).unwrap();
                let times = rows
                    .iter()
                    .map(|row| zone.to_datetime(Timestamp::from_millisecond(row.created_at).unwrap()));
                let dates: Vec<_> = times
                    .inspect(|time| assert_eq!(time.hour(), 7, "{time}"))
                    .inspect(|time| assert_eq!(time.minute(), 0, "{time}"))
                    .map(jiff::civil::DateTime::date)
                    .collect();
                assert_eq!(dates.len(), 3);
                assert!(dates.windows(2).all(|pair| pair[0].tomorrow().unwrap() == pair[1]), "{dates:?}");
                assert_eq!(bodies(&inbox.store, contact).await, ["en 1", "en 2", "en 3"]);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn late_within_the_grace_comes_and_later_is_skipped_and_counted() {
    each(async |_, inbox, clock| {
        course(&inbox, "en", 1..=9).await;
        let tips = schedule(&inbox);
        let ada = member(&inbox, ADA, "UTC", "en").await;
        texts(&inbox, ADA, "TIPS 13:00").await;
        let next = tick(&tips, &clock).await.unwrap();
        assert_eq!(next.to_string(), "2026-11-21T13:00:00Z");
        set(&clock, "2026-11-21T14:59:00Z");
        tick(&tips, &clock).await;
        assert_eq!(bodies(&inbox.store, ada).await, ["en 1"]);
        set(&clock, "2026-11-22T15:00:00Z");
        let next = tick(&tips, &clock).await.unwrap();
        assert_eq!(next.to_string(), "2026-11-23T13:00:00Z");
        assert_eq!((bodies(&inbox.store, ada).await.len(), skipped(&inbox.store, ada).await), (1, 1));
        // Down for days: what was missed is counted, the course goes on where it was.
        set(&clock, "2026-11-26T13:30:00Z");
        tick(&tips, &clock).await;
        assert_eq!(bodies(&inbox.store, ada).await, ["en 1", "en 2"]);
        assert_eq!(skipped(&inbox.store, ada).await, 4);
    })
    .await;
}

#[tokio::test]
async fn clocks_set_back_or_forward_and_new_times_bring_no_second_one() {
    each(async |_, inbox, clock| {
        course(&inbox, "en", 1..=9).await;
        let tips = schedule(&inbox);
        let ada = member(&inbox, ADA, "UTC", "en").await;
        texts(&inbox, ADA, "TIPS 12:30").await;
        for to in ["12:20", "13:20", "12:20", "12:30", "13:30", "14:30"] {
            set(&clock, &format!("2026-11-21T{to}:00Z"));
            tick(&tips, &clock).await;
        }
        assert_eq!(bodies(&inbox.store, ada).await, ["en 1"]);
        for words in ["TIPS 15:00", "TIPS OFF", "TIPS ON", "TIPS 3 pm"] {
            texts(&inbox, ADA, words).await;
        }
        set(&clock, "2026-11-21T15:00:00Z");
        let next = tick(&tips, &clock).await.unwrap();
        assert_eq!(next.to_string(), "2026-11-22T15:00:00Z");
        assert_eq!(bodies(&inbox.store, ada).await, ["en 1"]);
    })
    .await;
}

#[tokio::test]
async fn the_course_ends_without_a_word_and_goes_on_when_there_is_more() {
    each(async |_, inbox, clock| {
        course(&inbox, "en", 1..=3).await;
        course(&inbox, "ne", 2..=2).await;
        let (ada, bob) = (member(&inbox, ADA, "UTC", "ne").await, member(&inbox, BOB, "UTC", "en").await);
        for number in [ADA, BOB] {
            texts(&inbox, number, "TIPS 13:00").await;
        }
        let tips = schedule(&inbox);
        for day in 21..27 {
            set(&clock, &format!("2026-11-{day}T13:00:00Z"));
            assert!(tick(&tips, &clock).await.unwrap() > clock.now());
        }
        assert_eq!(bodies(&inbox.store, ada).await, ["en 1", "ne 2", "en 3"]);
        assert_eq!(bodies(&inbox.store, bob).await, ["en 1", "en 2", "en 3"]);
        course(&inbox, "en", 4..=4).await;
        set(&clock, "2026-11-27T13:00:00Z");
        tick(&tips, &clock).await;
        assert_eq!(bodies(&inbox.store, bob).await, ["en 1", "en 2", "en 3", "en 4"]);
    })
    .await;
}

#[tokio::test]
async fn whoever_opted_out_or_was_erased_gets_none() {
    each(async |_, inbox, clock| {
        course(&inbox, "en", 1..=9).await;
        let (ada, bob) = (member(&inbox, ADA, "UTC", "en").await, member(&inbox, BOB, "UTC", "en").await);
        for (number, words) in [(ADA, "TIPS 13:00"), (BOB, "TIPS 13:00"), (ADA, "STOP"), (BOB, "FORGET ME")] {
            texts(&inbox, number, words).await;
        }
        let tips = schedule(&inbox);
        set(&clock, "2026-11-21T13:00:00Z");
        tick(&tips, &clock).await;
        assert!(inbox.store.subscription(bob).await.unwrap().is_none());
        assert_eq!(bodies(&inbox.store, ada).await.len() + bodies(&inbox.store, bob).await.len(), 0);
        texts(&inbox, ADA, "START").await;
        set(&clock, "2026-11-22T13:00:00Z");
        tick(&tips, &clock).await;
        assert_eq!(bodies(&inbox.store, ada).await, ["en 1"]);
    })
    .await;
}

#[tokio::test]
async fn a_move_to_another_zone_is_planned_for() {
    each(async |fresh, inbox, clock| {
        course(&inbox, "en", 1..=9).await;
        let tips = schedule(&inbox);
        let ada = member(&inbox, ADA, "America/Phoenix", "en").await;
        texts(&inbox, ADA, "TIPS ON").await;
        let next = tick(&tips, &clock).await.unwrap();
        assert_eq!(next.to_string(), "2026-11-21T14:00:00Z");
        let moved = "UPDATE contact SET time_zone = 'Asia/Kathmandu'";
        match &fresh.database {
            Database::Sqlite(path) => {
                let pool = sqlx::SqlitePool::connect(&path.display().to_string()).await.unwrap();
                sqlx::query(moved).execute(&pool).await.unwrap();
                pool.close().await;
            }
            Database::Postgres(url) => {
                let pool = sqlx::PgPool::connect(url.expose()).await.unwrap();
                sqlx::query(moved).execute(&pool).await.unwrap();
                pool.close().await;
            }
        }
        let next = tick(&tips, &clock).await.unwrap();
        assert_eq!(next.to_string(), "2026-11-22T01:15:00Z");
        set(&clock, "2026-11-22T01:15:00Z");
        tick(&tips, &clock).await;
        assert_eq!((bodies(&inbox.store, ada).await.len(), skipped(&inbox.store, ada).await), (1, 0));
    })
    .await;
}

/// A mobile of Australia: seven in Sydney is four in Perth.
#[tokio::test]
async fn a_zone_that_nobody_told_waits_for_the_day_in_all_it_may_be() {
    each(async |_, inbox, clock| {
        course(&inbox, "en", 1..=9).await;
        let tips = schedule(&inbox);
        let number = "+61412345678";
        let kim = guessed(&inbox, number, ("Australia/Sydney", "country")).await;
        texts(&inbox, number, "TIPS ON").await;
        // The hour in Sydney is none that is promised.
        let planned = inbox.store.subscription(kim).await.unwrap().unwrap().next_tip_at;
        assert_eq!(planned, Some(tidings::tips::PLAN_ANEW));
        let next = tick(&tips, &clock).await.unwrap().to_string();
        let planned = inbox.store.subscription(kim).await.unwrap().unwrap().next_tip_at.unwrap();
        assert_eq!(jiff::Timestamp::from_millisecond(planned).unwrap().to_string(), next);
        assert_eq!(next, "2026-11-22T00:00:00Z");
        for expected in ["2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z"] {
            let mut next = tick(&tips, &clock).await.unwrap();
            if next.to_string() != expected {
                set(&clock, &next.to_string());
                next = tick(&tips, &clock).await.unwrap();
            }
            assert_eq!(next.to_string(), expected);
            set(&clock, expected);
        }
        assert_eq!((bodies(&inbox.store, kim).await.len(), skipped(&inbox.store, kim).await), (1, 0));
        // Told that it is Sydney, it is seven there.
        let mut tx = inbox.store.begin().await.unwrap();
        tx.change_contact(kim, None, Some(("Australia/Sydney", "staff"))).await.unwrap();
        tx.commit().await.unwrap();
        let next = tick(&tips, &clock).await.unwrap();
        assert_eq!(next.to_string(), "2026-11-23T20:00:00Z");
    })
    .await;
}

/// Without being told, the schedule would sleep for half a minute.
#[tokio::test]
async fn a_choice_by_text_wakes_the_schedule() {
    each(async |_, inbox, clock| {
        set(&clock, "2026-11-21T11:59:50Z");
        course(&inbox, "en", 1..=1).await;
        let contact = member(&inbox, ADA, "America/New_York", "en").await;
        let (sender, stop) = (Wake::default(), CancellationToken::new());
        let planned = inbox.tips_planned.clone();
        let running = ticks::run(schedule(&inbox), clock.clone(), planned, sender.clone(), stop.clone());
        let running = tokio::spawn(running);
        // It has looked, and found nothing.
        sender.notified().await;
        texts(&inbox, ADA, "TIPS 7:00").await;
        assert!(clock.advance(SignedDuration::from_secs(10)));
        eventually("the tip", PATIENCE, async || tips_of(&inbox.store, contact).await.len() == 1).await;
        stop.cancel();
        running.await.unwrap();
    })
    .await;
}
