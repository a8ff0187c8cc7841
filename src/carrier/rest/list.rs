//! `GET …/Messages.json`: both directions, newest first, in pages.

use super::RestError;
use super::params::Params;
use crate::carrier::{Carrier, Message, Number, locked};
use axum::Json;
use axum::extract::State;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

pub(super) async fn list(State(carrier): State<Carrier>, params: Params) -> Result<Json<Value>, RestError> {
    if carrier.fires(|faults| &mut faults.list_error) {
        return Err(RestError::internal());
    }
    let size = params.get("PageSize").and_then(|n| n.parse().ok()).unwrap_or(50_usize).clamp(1, 1000);
    let page = params.get("Page").and_then(|n| n.parse().ok()).unwrap_or(0_usize);
    let filter = Filter::read(&params, &carrier);
    let token = params.get("PageToken").and_then(|token| token.strip_prefix("PA"));
    let state = locked(&carrier.0.state);
    // With a token a page begins after a known message, so that newer ones don't shift it.
    let before = token.map_or(u64::MAX, |token| u64::from_str_radix(token, 16).unwrap_or(u64::MAX));
    let skipped = if token.is_some() { 0 } else { page.saturating_mul(size) };
    let mut found: Vec<&Message> = match filter.handset(&state.numbers) {
        Some(phone) => pick(state.book.of_handset(phone).rev(), &filter, before, skipped, size),
        None => pick(state.book.all().rev(), &filter, before, skipped, size),
    };
    let more = found.len() > size;
    found.truncate(size);
    let last = found.last().filter(|_| more).map(|message| message.sequence);
    let account = &carrier.0.settings.account_sid;
    let resources: Vec<Value> = found.iter().map(|message| message.resource(account)).collect();
    drop(state);
    Ok(Json(envelope(account, &params, page, size, last, &resources)))
}

/// One more than a page, to know whether there is a next one.
fn pick<'a>(
    messages: impl Iterator<Item = &'a Message>,
    filter: &Filter,
    before: u64,
    skipped: usize,
    size: usize,
) -> Vec<&'a Message> {
    let wanted = messages.filter(|message| message.sequence < before && filter.takes(message));
    wanted.skip(skipped).take(size + 1).collect()
}

fn envelope(
    account: &str,
    params: &Params,
    page: usize,
    size: usize,
    last: Option<u64>,
    resources: &[Value],
) -> Value {
    let path = format!("/2010-04-01/Accounts/{account}/Messages.json");
    let address = |page: usize, token: Option<u64>| {
        let mut query = params.query_without(&["Page", "PageSize", "PageToken"]);
        query.append_pair("PageSize", &size.to_string()).append_pair("Page", &page.to_string());
        if let Some(token) = token {
            query.append_pair("PageToken", &format!("PA{token:x}"));
        }
        format!("{path}?{}", query.finish())
    };
    json!({
        "messages": resources,
        "page": page,
        "page_size": size,
        "start": page.saturating_mul(size),
        "end": (page.saturating_mul(size) + resources.len()).saturating_sub(1),
        "uri": address(page, None),
        "first_page_uri": address(0, None),
        "next_page_uri": last.map(|last| address(page.saturating_add(1), Some(last))),
        "previous_page_uri": page.checked_sub(1).map(|page| address(page, None)),
    })
}

/// What a list asks for. Days are GMT days of `date_sent`, which a message has only once it is sent.
struct Filter {
    to: Option<String>,
    from: Option<String>,
    day: Option<Date>,
    first_day: Option<Date>,
    last_day: Option<Date>,
    /// Younger messages are not listed yet.
    listed_until: Timestamp,
}

impl Filter {
    fn read(params: &Params, carrier: &Carrier) -> Self {
        // A time of day is taken, as Twilio's libraries send one, and ignored.
        let day = |name: &str| params.get(name).and_then(|text| text.get(..10)?.parse::<Date>().ok());
        let late = i64::try_from(carrier.faults().listing_late_ms).unwrap_or(i64::MAX);
        let now = carrier.0.clock.now();
        Self {
            to: params.get("To").map(str::to_owned),
            from: params.get("From").map(str::to_owned),
            day: day("DateSent"),
            first_day: day("DateSent>"),
            last_day: day("DateSent<"),
            listed_until: now.checked_sub(SignedDuration::from_millis(late)).unwrap_or(Timestamp::MIN),
        }
    }

    /// The handset that the filter names, if it names one: the ledger finds its messages at once.
    fn handset(&self, numbers: &[Number]) -> Option<&str> {
        let named = [self.to.as_deref(), self.from.as_deref()];
        named.into_iter().flatten().find(|phone| !numbers.iter().any(|number| number.phone == *phone))
    }

    fn takes(&self, message: &Message) -> bool {
        let is = |wanted: &Option<String>, value: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| Some(wanted) == value)
        };
        !message.carrier_reply
            && message.created_at <= self.listed_until
            && is(&self.to, Some(&message.to))
            && is(&self.from, message.from.as_deref())
            && self.takes_day(message)
    }

    fn takes_day(&self, message: &Message) -> bool {
        if self.day.is_none() && self.first_day.is_none() && self.last_day.is_none() {
            return true;
        }
        let Some(sent) = message.sent_at.map(|time| time.to_zoned(TimeZone::UTC).date()) else {
            return false;
        };
        self.day.is_none_or(|day| sent == day)
            && self.first_day.is_none_or(|day| sent >= day)
            && self.last_day.is_none_or(|day| sent <= day)
    }
}
