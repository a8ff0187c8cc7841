//! What would come of a campaign if it were sent: the gate is asked about everybody, nothing is written.

use super::{Campaign, Campaigns, query, read};
use crate::dialog::Consent;
use crate::gate::{self, Message, Reason, Recipient, Verdict};
use crate::ids::Ids;
use crate::phone::Address;
use crate::purpose::Purpose;
use crate::schedule::{at_local, local_date};
use crate::segments::{self, Encoding, Expensive};
use crate::store::{AudienceRow, CampaignRow, ReaderQuery, StandingRow};
use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// People asked about at once, …
const PAGE: i64 = 1000;
/// … and how often: a request has its time.
const MOST_PAGES: usize = 200;
/// How many of those left out are named.
const MOST_NAMED: usize = 100;
/// As far back as the gate looks for messages of today.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(24 * 36);

/// What would come of a campaign.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct DryRun {
    /// Whether everybody was asked about: a dry run looks at 200,000 people at most.
    pub complete: bool,
    /// People in the audience.
    pub audience: i64,
    /// Those who would get it.
    pub would_get: i64,
    /// Of these, those who would get it later: after quiet hours, or tomorrow.
    pub later: i64,
    /// Those who would not.
    pub left_out: i64,
    /// Those, by reason.
    pub reasons: BTreeMap<&'static str, i64>,
    /// The first 100 of those who would not.
    pub people: Vec<LeftOut>,
    /// How its texts are written on the air: UCS-2 if one of them is.
    pub encoding: Option<Encoding>,
    /// Segments that would be paid for.
    pub segments: i64,
    /// How many messages have how many segments.
    pub messages_by_segments: BTreeMap<usize, i64>,
    /// Characters that make the first of the UCS-2 texts expensive.
    pub expensive: Vec<Expensive>,
    /// What the first reader would read.
    pub sample: Option<String>,
}

/// Somebody who would not get it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LeftOut {
    /// Their number but for its middle.
    pub phone_number: String,
    /// Why, for programs.
    pub code: Reason,
    /// Why, in words.
    pub reason: &'static str,
}

/// One of the audience, with the words and the time for them.
struct Reader<'a> {
    person: &'a AudienceRow,
    body: String,
    zone: TimeZone,
    at: Timestamp,
}

impl Campaigns {
    /// Asks the gate about everybody in the audience of `row`, as of now or of its time to begin.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn dry_run(&self, row: CampaignRow) -> sqlx::Result<DryRun> {
        let now = self.inbox.clock.now();
        let campaign = read(row)?;
        let start = campaign.row.send_at.and_then(|at| Timestamp::from_millisecond(at).ok());
        let start = start.unwrap_or(now).max(now);
        let query = query(&campaign.audience, campaign.row.until_id.unwrap_or(i64::MAX), start)?;
        let (mut run, mut after) = (DryRun::default(), campaign.row.cursor);
        for _ in 0..MOST_PAGES {
            let page = self.inbox.store.audience(&query, after, PAGE).await?;
            let people = page.iter().filter(|person| campaign.audience.has_country_of(&person.address));
            let readers: sqlx::Result<Vec<Reader<'_>>> =
                people.map(|person| self.reader(&campaign, person, start)).collect();
            self.ask(&mut run, &campaign, &readers?).await?;
            if page.len() < usize::try_from(PAGE).unwrap_or(usize::MAX) {
                run.complete = true;
                break;
            }
            after = page.last().map_or(i64::MAX, |person| person.id);
        }
        Ok(run)
    }

    fn reader<'a>(
        &self,
        campaign: &Campaign,
        person: &'a AudienceRow,
        start: Timestamp,
    ) -> sqlx::Result<Reader<'a>> {
        let zone = TimeZone::get(&person.time_zone).unwrap_or(TimeZone::UTC);
        let at = campaign.plan.open_from(start, &zone);
        Ok(Reader { person, body: self.words(campaign, person)?, zone, at })
    }

    async fn ask(&self, run: &mut DryRun, campaign: &Campaign, readers: &[Reader<'_>]) -> sqlx::Result<()> {
        let queries: Vec<ReaderQuery<'_>> = readers.iter().map(Reader::query).collect();
        let standings = self.inbox.store.audience_standings(&queries).await?;
        let standings: HashMap<i64, StandingRow> = standings.into_iter().map(|row| (row.id, row)).collect();
        for reader in readers {
            let standing = standings.get(&reader.person.id).copied();
            let lifetime = SignedDuration::from_hours(campaign.plan.expires_after_hours);
            let (message, recipient) = reader.for_the_gate(standing, lifetime);
            let verdict = gate::check(&message, &recipient, &self.rules, reader.at);
            run.add(reader, verdict);
        }
        Ok(())
    }
}

impl Reader<'_> {
    fn query(&self) -> ReaderQuery<'_> {
        let midnight = at_local(local_date(self.at, &self.zone), Time::midnight(), &self.zone);
        ReaderQuery {
            contact_id: self.person.id,
            from_id: Ids::floor(self.at - LOOK_BACK),
            midnight: midnight.as_millisecond(),
            day_ago: (self.at - SignedDuration::from_hours(24)).as_millisecond(),
            body: &self.body,
        }
    }

    fn for_the_gate(&self, standing: Option<StandingRow>, lifetime: SignedDuration) -> (Message, Recipient) {
        let phone = Address::parse(&self.person.address).ok().and_then(|address| address.phone());
        let message = Message {
            purpose: Purpose::Campaign,
            country: phone.and_then(crate::phone::Phone::country),
            expires_at: Some(self.at + lifetime),
            // What others will have spent by then, nobody knows.
            budget_until: None,
        };
        let sent_today = standing.map_or(0, |standing| standing.sent_today);
        let recipient = Recipient {
            consent: Consent::from_name(&self.person.consent),
            zone: self.zone.clone(),
            sent_today: u32::try_from(sent_today).unwrap_or(u32::MAX),
            had_the_same: standing.is_some_and(|standing| standing.had_the_same),
        };
        (message, recipient)
    }
}

impl DryRun {
    fn add(&mut self, reader: &Reader<'_>, verdict: Verdict) {
        self.audience += 1;
        match verdict {
            Verdict::Refuse(reason) => self.leave_out(&reader.person.address, reason),
            Verdict::Wait(..) => {
                self.later += 1;
                self.count(&reader.body);
            }
            Verdict::Send => self.count(&reader.body),
        }
    }

    fn leave_out(&mut self, address: &str, reason: Reason) {
        self.left_out += 1;
        *self.reasons.entry(reason.words()).or_default() += 1;
        if self.people.len() < MOST_NAMED {
            let phone_number = mask(address);
            self.people.push(LeftOut { phone_number, code: reason, reason: reason.words() });
        }
    }

    fn count(&mut self, body: &str) {
        let size = segments::count(body);
        self.would_get += 1;
        self.segments += i64::try_from(size.segments).unwrap_or(0);
        *self.messages_by_segments.entry(size.segments).or_default() += 1;
        if self.encoding != Some(Encoding::Ucs2) {
            self.encoding = Some(size.encoding);
            self.expensive = segments::expensive(body);
        }
        self.sample.get_or_insert_with(|| body.to_owned());
    }
}

/// A number but for its middle.
fn mask(address: &str) -> String {
    match Address::parse(address) {
        Ok(Address::Phone(phone)) => format!("{phone:?}"),
        Ok(Address::WhatsApp(phone)) => format!("whatsapp:{phone:?}"),
        _ => "…".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_left_out_are_named_without_their_numbers() {
        let mut run = DryRun::default();
        for _ in 0..150 {
            run.leave_out("+14155550123", Reason::OptedOut);
        }
        assert_eq!((run.left_out, run.people.len()), (150, 100));
        assert_eq!(run.people[0].phone_number, "+14…23");
        assert_eq!(run.reasons["the person has opted out"], 150);
        assert_eq!(mask("whatsapp:+14155550123"), "whatsapp:+14…23");
    }

    #[test]
    fn one_expensive_text_makes_the_campaign_so() {
        let mut run = DryRun::default();
        for body in ["Hi Asha", "Hi आशा", "Hi Ben"] {
            run.count(body);
        }
        assert_eq!((run.encoding, run.segments, run.would_get), (Some(Encoding::Ucs2), 3, 3));
        assert_eq!(run.expensive[0].character, 'आ');
        assert_eq!(run.sample.as_deref(), Some("Hi Asha"));
    }
}
