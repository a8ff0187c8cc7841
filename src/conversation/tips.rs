//! What people chose about daily tips, as rows with the next one planned.

use super::Inbox;
use crate::dialog::TipChoice;
use crate::phone::{Address, is_guessed, zones_of};
use crate::store::{TipChoiceRow, TipGroundRow, Tx};
use crate::tips;
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use std::collections::HashMap;

impl Inbox {
    /// Saves choices; of several by one contact the last counts.
    pub(super) async fn save_tip_choices(
        &self,
        tx: &mut Tx,
        choices: impl IntoIterator<Item = (i64, TipChoice)>,
        now: Timestamp,
    ) -> sqlx::Result<()> {
        let choices: HashMap<i64, TipChoice> = choices.into_iter().collect();
        if choices.is_empty() {
            return Ok(());
        }
        let contacts: Vec<i64> = choices.keys().copied().collect();
        let grounds = tx.tip_grounds(&contacts).await?;
        let rows: Vec<TipChoiceRow> = grounds
            .iter()
            .filter_map(|ground| Some((ground, choices.get(&ground.contact_id)?)))
            .map(|(ground, choice)| self.planned(ground, *choice, now))
            .collect();
        tx.put_tip_choices(&rows).await
    }

    fn planned(&self, ground: &TipGroundRow, choice: TipChoice, now: Timestamp) -> TipChoiceRow {
        let minutes = choice.minutes.map(i64::from);
        let time = tip_time(minutes, self.settings.tip_time);
        let zone = TimeZone::get(&ground.time_zone).unwrap_or(TimeZone::UTC);
        let last: Option<Date> = ground.last_tip_date.as_deref().and_then(|date| date.parse().ok());
        let next = if is_one_of_several(ground) {
            tips::PLAN_ANEW
        } else {
            tips::next(now, last, time, &zone).as_millisecond()
        };
        TipChoiceRow {
            contact_id: ground.contact_id,
            tips_on: choice.on,
            tip_time: minutes,
            next_tip_at: choice.on.then_some(next),
        }
    }
}

/// Whether nobody told where the person lives, and the number leaves other zones than the one we took. When their
/// tips come is for the schedule to say, which knows when it is by day in all of them.
fn is_one_of_several(ground: &TipGroundRow) -> bool {
    is_guessed(&ground.time_zone_source)
        && Address::parse(&ground.address)
            .is_ok_and(|address| zones_of(&address).iter().any(|zone| *zone != ground.time_zone))
}

/// The local time that is `minutes` into the day, or the usual one.
#[must_use]
pub fn tip_time(minutes: Option<i64>, usual: Time) -> Time {
    let part = |value: i64| i8::try_from(value).ok();
    let time = |minutes: i64| Time::new(part(minutes / 60)?, part(minutes % 60)?, 0, 0).ok();
    minutes.and_then(time).unwrap_or(usual)
}
