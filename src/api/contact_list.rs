//! `GET /contacts` and `PATCH /contacts/{phone}`: finding people, and what staff change of them.

use super::Api;
use super::auth::{Allowed, ContactsRead, ContactsWrite};
use super::contacts::{Number, find};
use super::input::Input;
use super::openapi::Routes;
use super::page::{Bounds, Page};
use super::query::Asked;
use super::render::Contact;
use crate::accounts::Change as Keep;
use crate::campaign::Tag;
use crate::dialog::Name;
use crate::phone::{Address, Phone};
use crate::problem::Problem;
use crate::roster::spoken;
use crate::schedule::zone_name;
use crate::store::{ContactFilter, ContactRow, Prefix};
use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

/// Most tags of one contact.
const MOST_TAGS: usize = 50;
pub(super) const STATES: [&str; 4] = ["stranger", "naming", "verifying", "member"];

pub(super) fn routes() -> Routes {
    super::contacts::routes()
        .get("/contacts", list, "List and search contacts")
        .patch("/contacts/{phone}", change, "Change a contact")
        .more("What is left out stays; `null` takes `time_zone` away, and nothing else.")
}

/// A contact with its tags.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Contact")]
pub(super) struct Tagged {
    #[serde(flatten)]
    contact: Contact,
    /// Words that staff put on it.
    #[schemars(example = ["vip"])]
    tags: Vec<String>,
}

/// What is asked of the list, beside its page.
#[derive(Debug, Deserialize, JsonSchema)]
struct ListQuery {
    /// A number, or the beginning of a number or a name.
    #[schemars(example = &"+1415")]
    search: Option<String>,
    /// Only those in this state.
    #[schemars(extend("enum" = STATES))]
    state: Option<String>,
    /// Only those with this tag.
    #[schemars(length(min = 1, max = 40), example = &"vip")]
    tag: Option<String>,
}

/// What is to change; what is left out stays.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    #[schemars(length(min = 1, max = 40))]
    name: Option<String>,
    /// A language that there are texts in, such as `en`; a country behind it is left out.
    #[schemars(length(min = 2, max = 12))]
    locale: Option<String>,
    /// `null`: the one that follows from the number again.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    time_zone: Keep<String>,
    /// All its tags from now on.
    #[schemars(length(max = MOST_TAGS), example = ["vip"])]
    tags: Option<Vec<Tag>>,
}

/// `GET /contacts`.
async fn list(
    _: Allowed<ContactsRead>,
    State(api): State<Arc<Api>>,
    bounds: Bounds,
    Asked(query): Asked<ListQuery>,
) -> Result<Json<Page<Tagged>>, Problem> {
    let filter = query.filter(&api)?;
    let rows = api.inbox.store.find_contacts(&filter, bounds.before, bounds.limit + 1).await?;
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let mut tags: HashMap<i64, Vec<String>> = HashMap::new();
    for (id, tag) in api.inbox.store.tags(&ids).await? {
        tags.entry(id).or_default().push(tag);
    }
    let show = |row: ContactRow| {
        let tags = tags.remove(&row.id).unwrap_or_default();
        Tagged { contact: row.into(), tags }
    };
    Ok(Json(Page::of(rows, bounds, |row| row.id, show)))
}

/// `PATCH /contacts/{phone}`.
async fn change(
    _: Allowed<ContactsWrite>,
    State(api): State<Arc<Api>>,
    phone: Number,
    Input(change): Input<Change>,
) -> Result<Json<Tagged>, Problem> {
    let name = change.name()?;
    change.check()?;
    let locale = change.locale(&api)?;
    let own_zone = change.time_zone()?;
    let contact = find(&api, phone).await?;
    let time_zone = match &own_zone {
        Keep::Keep => None,
        Keep::Remove => Some(api.inbox.zone_of(&contact.address)),
        Keep::Set(zone) => Some((zone.as_str(), "staff")),
    };
    let mut tx = api.inbox.store.begin().await?;
    if let Some(name) = name {
        api.inbox.rename(&mut tx, &contact.address, name).await?;
    }
    if locale.is_some() || time_zone.is_some() {
        tx.change_contact(contact.id, locale.as_deref(), time_zone).await?;
    }
    if let Some(tags) = &change.tags {
        let tags: Vec<&str> = tags.iter().map(Tag::as_str).collect();
        tx.set_tags(contact.id, &tags).await?;
    }
    tx.commit().await?;
    if time_zone.is_some() {
        api.inbox.tips_planned.notify_one();
        // What waited for the night's end there may go now.
        api.wake.notify_one();
    }
    let contact = api.inbox.store.contact(&contact.address).await?;
    let contact = contact.ok_or_else(|| Problem::not_found("no contact has this number"))?;
    Ok(Json(tagged(&api, contact).await?))
}

/// A contact with its tags.
pub(super) async fn tagged(api: &Api, row: ContactRow) -> Result<Tagged, Problem> {
    let tags = api.inbox.store.tags(&[row.id]).await?.into_iter().map(|(_, tag)| tag).collect();
    Ok(Tagged { contact: row.into(), tags })
}

impl ListQuery {
    fn filter(self, api: &Api) -> Result<ContactFilter, Problem> {
        if self.state.as_deref().is_some_and(|state| !STATES.contains(&state)) {
            return Err(Problem::field("state", format!("must be one of {}", STATES.join(", "))));
        }
        let tag = self.tag.map(Tag::try_from).transpose();
        let tag = tag.map_err(|error| Problem::field("tag", error.to_string()))?;
        let prefix = self.search.as_deref().map(str::trim).filter(|search| !search.is_empty());
        Ok(ContactFilter {
            state: self.state,
            tag: tag.map(|tag| tag.as_str().to_owned()),
            prefix: prefix.map(|search| prefix_of(search, api)),
        })
    }
}

/// What somebody searches for: a number or its beginning, as people write it, else a name's.
pub(super) fn prefix_of(search: &str, api: &Api) -> Prefix {
    if let Ok(phone) = Phone::parse(search, api.default_region) {
        return Prefix::Number(phone.to_string());
    }
    if let Ok(Address::WhatsApp(phone)) = Address::parse(search) {
        return Prefix::Number(format!("whatsapp:{phone}"));
    }
    let digits: String = search.chars().filter(char::is_ascii_digit).collect();
    let rest = search.trim_start_matches("whatsapp:");
    let is_number =
        !digits.is_empty() && rest.chars().all(|one| one.is_ascii_digit() || "+ ()-./".contains(one));
    let channel = if rest.len() < search.len() { "whatsapp:" } else { "" };
    match is_number {
        false => Prefix::Name(search.to_owned()),
        true if rest.starts_with('+') => Prefix::Number(format!("{channel}+{digits}")),
        true => {
            let national = digits.trim_start_matches('0');
            Prefix::Number(format!("{channel}+{}{national}", api.default_region.calling_code()))
        }
    }
}

impl Change {
    fn name(&self) -> Result<Option<Name>, Problem> {
        let Some(text) = &self.name else { return Ok(None) };
        let name = Name::parse(text);
        name.map(Some)
            .ok_or_else(|| Problem::field("name", "must be a name of 1 to 40 characters, without digits"))
    }

    fn locale(&self, api: &Api) -> Result<Option<String>, Problem> {
        let locale = self.locale.as_deref().map(|text| spoken(text, api.inbox.texts.locales()));
        locale.transpose().map_err(|error| Problem::field("locale", error))
    }

    /// The zone's name, as the database spells it.
    fn time_zone(&self) -> Result<Keep<String>, Problem> {
        let Keep::Set(text) = &self.time_zone else { return Ok(self.time_zone.clone()) };
        let wrong = || Problem::field("time_zone", "must be the name of a zone, such as Asia/Kathmandu");
        zone_name(text).map(Keep::Set).ok_or_else(wrong)
    }

    fn check(&self) -> Result<(), Problem> {
        if self.tags.as_ref().is_some_and(|tags| tags.len() > MOST_TAGS) {
            return Err(Problem::field("tags", format!("holds {MOST_TAGS} entries at most")));
        }
        Ok(())
    }
}
