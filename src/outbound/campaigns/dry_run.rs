//! What would come of a campaign if it were sent: the gate is asked about everybody, nothing is written.

use super::estimate::DryRun;
use super::forecast::{Forecast, Places, Purse};
use super::{Campaign, Campaigns, query, read};
use crate::dialog::Consent;
use crate::gate::Recipient;
use crate::ids::Ids;
use crate::outbound::budget;
use crate::outbound::whereabouts::elsewhere;
use crate::phone::Address;
use crate::problem::FieldError;
use crate::schedule::{at_local, local_date};
use crate::segments;
use crate::store::{AudienceRow, CampaignRow, ReaderQuery, StandingRow};
use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// People asked about at once, …
const PAGE: i64 = 1000;
/// … and how often: a request has its time.
const MOST_PAGES: usize = 200;
/// As far back as the gate looks for messages of today.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(24 * 36);

/// What came of a dry run.
#[derive(Debug)]
pub enum Tried {
    /// Everybody was asked about.
    Done(Box<DryRun>),
    /// The campaign can't be sent as it is, for what is wrong with these fields.
    Vain(Vec<FieldError>),
}

/// One of the audience, with the words and the time for them.
struct Reader<'a> {
    person: &'a AudienceRow,
    body: String,
    zone: TimeZone,
    at: Timestamp,
}

impl Campaigns {
    /// Asks the gate about everybody in the audience of `row`, from now or from its time to begin on, at
    /// `price` dollars for a segment, or what the budget counts for one in each country.
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn dry_run(&self, row: CampaignRow, price: Option<f64>) -> sqlx::Result<Tried> {
        let now = self.inbox.clock.now();
        let campaign = read(row)?;
        let faults = self.faults(&campaign);
        if !faults.is_empty() {
            return Ok(Tried::Vain(faults));
        }
        let start = campaign.row.send_at.and_then(|at| Timestamp::from_millisecond(at).ok());
        let start = start.unwrap_or(now).max(now);
        let budget = &self.rules.budget;
        let spent = budget::spent(&self.inbox.store, budget.day(now).0).await?;
        let mut forecast = Forecast {
            start,
            plan: &campaign.plan,
            rules: &self.rules,
            purse: Purse { budget: budget.clone(), spent },
            places: Places::default(),
        };
        let query = query(&campaign.audience, campaign.row.until_id.unwrap_or(i64::MAX), start)?;
        let (mut run, mut after) = (DryRun::starting(start, price), campaign.row.cursor);
        for _ in 0..MOST_PAGES {
            let page = self.inbox.store.audience(&query, after, PAGE).await?;
            let people = page.iter().filter(|person| campaign.audience.has_country_of(&person.address));
            let readers: sqlx::Result<Vec<Reader<'_>>> =
                people.map(|person| self.reader(&campaign, person, start)).collect();
            self.ask(&mut run, &mut forecast, &readers?).await?;
            if budget.is_unlimited() {
                // Nobody's turn depends on the others'.
                run.settle(&mut forecast);
            }
            if page.len() < usize::try_from(PAGE).unwrap_or(usize::MAX) {
                run.complete = true;
                break;
            }
            after = page.last().map_or(i64::MAX, |person| person.id);
        }
        run.settle(&mut forecast);
        Ok(Tried::Done(Box::new(run.paced(self.segments_per_second))))
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

    async fn ask(
        &self,
        run: &mut DryRun,
        forecast: &mut Forecast<'_>,
        readers: &[Reader<'_>],
    ) -> sqlx::Result<()> {
        let queries: Vec<ReaderQuery<'_>> = readers.iter().map(Reader::query).collect();
        let standings = self.inbox.store.audience_standings(&queries).await?;
        let standings: HashMap<i64, StandingRow> = standings.into_iter().map(|row| (row.id, row)).collect();
        for reader in readers {
            let address = Address::parse(&reader.person.address).ok();
            let country = address.as_ref().and_then(Address::country);
            let told = (reader.person.time_zone.as_str(), reader.person.time_zone_source.as_str());
            let elsewhere = elsewhere(address.as_ref(), country, told);
            let recipient = reader.recipient(standings.get(&reader.person.id).copied(), elsewhere);
            let size = segments::count(&reader.body);
            let segments = i64::try_from(size.segments).unwrap_or(i64::MAX);
            let premium_rate = address.as_ref().is_some_and(Address::is_premium_rate);
            let letter = forecast.letter(recipient, (country, premium_rate), segments);
            run.add(&reader.person.address, country, &reader.body, size, letter);
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

    fn recipient(&self, standing: Option<StandingRow>, elsewhere: Vec<TimeZone>) -> Recipient {
        let sent_today = standing.map_or(0, |standing| standing.sent_today);
        Recipient {
            consent: Consent::from_name(&self.person.consent),
            zone: self.zone.clone(),
            elsewhere,
            sent_today: u32::try_from(sent_today).unwrap_or(u32::MAX),
            had_the_same: standing.is_some_and(|standing| standing.had_the_same),
        }
    }
}
