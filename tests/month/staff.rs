//! What staff do through the API: bookings made, moved and cancelled, a tip library, campaigns.

use crate::world::World;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// A booking as the town knows it.
pub(crate) struct Booked {
    pub(crate) id: i64,
    pub(crate) made_at: Timestamp,
    pub(crate) starts_at: Timestamp,
    /// Nobody moved or cancelled it since it was made.
    pub(crate) untouched: bool,
    pub(crate) cancelled_at: Option<Timestamp>,
}

impl World {
    /// Calls the API; none while no server runs, or when it was cut off.
    fn call(&self, method: reqwest::Method, path: &str, body: &Value) -> Option<(u16, Value)> {
        let request = self.client.request(method, format!("{}/api/v1{path}", self.url()?));
        let request = request.bearer_auth(&self.token).json(body);
        self.runtime.block_on(async {
            let answer = request.send().await.ok()?;
            let status = answer.status().as_u16();
            Some((status, answer.json().await.ok()?))
        })
    }

    fn post(&self, path: &str, body: &Value) -> Option<(u16, Value)> {
        self.call(reqwest::Method::POST, path, body)
    }

    /// Writes forty tips.
    pub(crate) fn write_tips(&self) {
        for position in 1..=40 {
            let tip = json!({ "locale": "en", "body": format!("Tip {position}: drink water."), "position": position });
            let (status, answer) = self.post("/tips", &tip).unwrap();
            assert_eq!(status, 201, "{answer}");
        }
    }

    /// Books somebody in, two hours to five days ahead.
    pub(crate) fn book(&mut self) {
        let person = usize::try_from(self.dice.below(self.people.len() as u64)).unwrap();
        let minutes = i64::try_from(120 + self.dice.below(5 * 24 * 60)).unwrap();
        let now = self.clock.now();
        let starts_at = now + SignedDuration::from_mins(minutes);
        let phone = &self.people[person].phone;
        let booking = json!({ "phone_number": phone, "title": "Check-up", "starts_at": starts_at });
        let Some((status, answer)) = self.post("/bookings", &booking) else { return };
        assert_eq!(status, 201, "{answer}");
        let id = answer["id"].as_str().unwrap().parse().unwrap();
        self.bookings.push(Booked { id, made_at: now, starts_at, untouched: true, cancelled_at: None });
    }

    /// Moves or cancels one that is still to come.
    pub(crate) fn change_a_booking(&mut self) {
        let now = self.clock.now();
        if self.bookings.is_empty() {
            return;
        }
        let at = usize::try_from(self.dice.below(self.bookings.len() as u64)).unwrap();
        let cancels = self.dice.below(2) == 0;
        let booked = &self.bookings[at];
        if booked.cancelled_at.is_some() || booked.starts_at < now + SignedDuration::from_hours(3) {
            return;
        }
        let id = booked.id;
        let starts_at = booked.starts_at + SignedDuration::from_hours(25);
        let answer = if cancels {
            self.post(&format!("/bookings/{id}/cancel"), &json!({}))
        } else {
            self.call(reqwest::Method::PATCH, &format!("/bookings/{id}"), &json!({ "starts_at": starts_at }))
        };
        // Cut off in the middle, it may have been done or not.
        let booked = &mut self.bookings[at];
        booked.untouched = false;
        if let Some((200, _)) = answer {
            if cancels {
                booked.cancelled_at = Some(now);
            } else {
                booked.starts_at = starts_at;
            }
        }
    }

    /// Writes to every member.
    pub(crate) fn campaign(&mut self) {
        let campaign = json!({
            "name": "News",
            "body": "{{organisation}}: the clinic is open on Saturday. Reply STOP to opt out.",
            "audience": { "state": ["member"] },
            // Whether faults stop a campaign is another test's question.
            "auto_stop": { "after": 100_000, "max_error_percent": 100, "max_opt_out_percent": 100 },
        });
        let (status, answer) = self.post("/campaigns", &campaign).expect("a server runs");
        assert_eq!(status, 201, "{answer}");
        let id: i64 = answer["id"].as_str().unwrap().parse().unwrap();
        let (status, answer) =
            self.post(&format!("/campaigns/{id}/start"), &json!({})).expect("a server runs");
        assert_eq!(status, 200, "{answer}");
        self.campaigns.push(id);
    }

    /// What the API says of a campaign.
    pub(crate) fn campaign_counts(&self, id: i64) -> Value {
        self.call(reqwest::Method::GET, &format!("/campaigns/{id}"), &json!({})).expect("a server runs").1
    }
}
