//! What waits and is called off by staff is told, too: once for each message, also when the server is killed meanwhile.

use super::{ASHA, Scene};
use jiff::SignedDuration;
use std::future::Future as _;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tidings::campaign::{Action, Plan, Tally};
use tidings::conversation::{NewBooking, Queued};
use tidings::gate::{Budget, Rules};
use tidings::outbound::campaigns::{Acted, Campaigns};
use tidings::phone::Region;
use tidings::purpose::Purpose;
use tidings::schedule::QuietHours;
use tidings::store::CampaignRow;

/// More than a slice of what waits.
const WAITING: i64 = 1200;

fn campaigns(scene: &Scene) -> Campaigns {
    let midnight = jiff::civil::Time::midnight();
    let rules = Rules {
        quiet_hours: QuietHours { from: midnight, to: midnight },
        daily_cap: 5,
        countries: vec![Region::US],
        budget: Budget::unlimited(),
    };
    Campaigns {
        inbox: scene.inbox.clone(),
        rules: Arc::new(rules),
        segments_per_second: 1,
        organisation: "Lakeside Clinic".into(),
        changed: Arc::default(),
    }
}

impl Scene {
    async fn asha(&self) -> i64 {
        self.inbox.store.contact(ASHA).await.unwrap().unwrap().id
    }

    /// Queues `count` messages of this source for Asha.
    async fn wait_in_line(&self, purpose: Purpose, source_id: i64, count: i64) {
        let (now, contact_id) = (self.clock.now(), self.asha().await);
        let queued = Queued {
            content: None,
            contact_id,
            purpose,
            body: "Please call us.",
            what_for: None,
            source_id: Some(source_id),
            due_at: now,
            expires_at: now + SignedDuration::from_hours(1),
        };
        let rows: Vec<_> = (0..count).map(|_| queued.row(self.inbox.ids.next(now), now)).collect();
        let mut tx = self.inbox.store.begin().await.unwrap();
        tx.save_slice(&rows, &[]).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn told(&self, endpoint: i64) -> i64 {
        self.inbox.store.pending_deliveries(endpoint, 1_000_000).await.unwrap()
    }
}

/// Lets a stop run for so many steps, then drops it as a crash would. True if it had ended before.
async fn killed_after(campaigns: &Campaigns, id: i64, steps: usize) -> bool {
    let mut stop = pin!(campaigns.act(id, Action::Stop, "the test", None));
    for _ in 0..steps {
        match stop.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(acted) => return matches!(acted, Ok(Acted::Done(_) | Acted::NotHere(_))),
            Poll::Pending => tokio::time::sleep(Duration::from_millis(1)).await,
        }
    }
    false
}

#[tokio::test]
async fn a_campaign_that_is_stopped_tells_of_each_message_once() {
    for scene in Scene::each().await {
        scene.register().await;
        let endpoint = scene.listen(&scene.receiver.url.clone(), "message.failed").await;
        let campaigns = campaigns(&scene);
        let row = CampaignRow {
            body: Some("Please call us.".to_owned()),
            plan: serde_json::to_string(&Plan::default()).unwrap(),
            baseline: serde_json::to_string(&Tally::default()).unwrap(),
            status: "running".to_owned(),
            ..CampaignRow::draft(9000, "Recall".to_owned(), 0)
        };
        scene.inbox.store.add_campaign(&row).await.unwrap();
        scene.wait_in_line(Purpose::Campaign, 9000, WAITING).await;
        let mut steps = 1;
        while !killed_after(&campaigns, 9000, steps).await {
            let told = scene.told(endpoint).await;
            assert!(told == 0 || told == WAITING, "{}: {told} after {steps} steps", scene.engine);
            steps += 3;
        }
        assert_eq!(scene.told(endpoint).await, WAITING, "{}", scene.engine);
        let last = scene.deliveries(endpoint).await.remove(0);
        assert_eq!(last.kind, "message.failed");
        scene.deliverer.deliver_due().await.unwrap();
        let body = scene.receiver.got().remove(0).json();
        assert_eq!(body["data"]["status"], "refused");
        assert_eq!(body["data"]["status_reason"], "the campaign was stopped");
    }
}

#[tokio::test]
async fn a_booking_that_is_moved_or_cancelled_tells_of_its_reminders() {
    for scene in Scene::each().await {
        scene.register().await;
        let endpoint = scene.listen(&scene.receiver.url.clone(), "message.failed").await;
        let new = NewBooking {
            title: "Check-up".to_owned(),
            location: None,
            starts_at: scene.clock.now() + SignedDuration::from_hours(30),
            time_zone: None,
            remind_before_minutes: vec![60],
        };
        let booking = scene.inbox.book(ASHA, new).await.unwrap().id;
        scene.wait_in_line(Purpose::Reminder, booking, 1).await;
        scene.inbox.cancel_booking(booking).await.unwrap();
        scene.inbox.cancel_booking(booking).await.unwrap();
        assert_eq!(scene.told(endpoint).await, 1, "{}", scene.engine);
        scene.deliver().await;
        let body = scene.receiver.got().remove(0).json();
        assert_eq!(body["data"]["status_reason"], "the booking was cancelled");
        assert_eq!(body["data"]["purpose"], "reminder");
    }
}
