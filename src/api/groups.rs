//! `/groups`: groups of staff.

use super::Api;
use super::auth::{Allowed, GroupsRead, GroupsWrite};
use super::input::Input;
use super::moment::{Time, time};
use super::openapi::{Created, NoContent, Routes};
use super::page::{Bounds, Page};
use crate::gate::PREMIUM_RATE;
use crate::left_out;
use crate::phone::{Address, Phone};
use crate::problem::Problem;
use crate::store::{GroupMemberRow, GroupRow, Tx};
use crate::visible;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The most members of a group: every one of them gets a message at once.
pub(super) const MAX_MEMBERS: usize = 500;
pub(super) const MAX_NAME: usize = 60;

pub(super) fn routes() -> Routes {
    Routes::about("Groups", "Groups of staff, to be alerted together.")
        .get("/groups", list, "List groups")
        .post("/groups", create, "Make a group")
        .or("name_taken")
        .or("erased")
        .get("/groups/{id}", show, "Read a group and its members")
        .patch("/groups/{id}", change, "Change a group")
        .more("What is left out stays; a list of members takes the place of all.")
        .or("name_taken")
        .or("erased")
        .delete("/groups/{id}", remove, "Delete a group")
        .post("/groups/{id}/members", join, "Add a member")
        .or("erased")
        .delete("/groups/{id}/members/{phone}", leave, "Remove a member")
}

/// A group.
#[derive(Debug, Serialize, JsonSchema)]
struct Group {
    id: String,
    #[schemars(example = &"Nurses")]
    name: String,
    /// How many are in it.
    #[schemars(example = 12)]
    member_count: i64,
    /// Who is in it; lists leave this out.
    #[serde(skip_serializing_if = "Option::is_none")]
    members: Option<Vec<Member>>,
    created_at: Option<Time>,
}

/// A member of it.
#[derive(Debug, Serialize, JsonSchema)]
struct Member {
    phone_number: String,
    name: Option<String>,
    /// Whether nothing may be sent to them.
    #[schemars(example = false)]
    opted_out: bool,
}

impl From<GroupMemberRow> for Member {
    fn from(row: GroupMemberRow) -> Self {
        Self { phone_number: row.address, name: row.name, opted_out: row.consent == "withdrawn" }
    }
}

impl From<GroupRow> for Group {
    fn from(row: GroupRow) -> Self {
        Self {
            id: row.id.to_string(),
            name: row.name,
            member_count: row.size,
            members: None,
            created_at: time(row.created_at),
        }
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewGroup {
    /// One line.
    #[schemars(length(min = 1, max = MAX_NAME), example = &"Nurses")]
    name: String,
    /// Numbers.
    #[serde(default, deserialize_with = "left_out::or_default")]
    #[schemars(length(max = MAX_MEMBERS), example = ["+14155550101"])]
    members: Vec<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct GroupChange {
    /// One line.
    #[schemars(length(min = 1, max = MAX_NAME), example = &"Nurses")]
    name: Option<String>,
    /// Numbers.
    #[schemars(length(max = MAX_MEMBERS), example = ["+14155550101"])]
    members: Option<Vec<String>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewMember {
    phone_number: String,
}

/// `POST /groups`.
async fn create(
    _: Allowed<GroupsWrite>,
    State(api): State<Arc<Api>>,
    Input(new): Input<NewGroup>,
) -> Result<Created<Group>, Problem> {
    let (name, members) = (name(&new.name)?, numbers(&api, &new.members)?);
    let now = api.inbox.clock.now();
    let id = api.inbox.ids.next(now);
    let mut tx = api.inbox.store.begin().await?;
    // Contacts come first in every transaction, so that none waits for another in a circle.
    let ids = contacts(&api, &mut tx, members).await?;
    if !tx.add_group(id, &name, now.as_millisecond()).await? {
        return Err(taken());
    }
    tx.add_members(id, &ids).await?;
    tx.commit().await?;
    Ok(Created(whole(&api, id).await?))
}

/// `GET /groups`.
async fn list(
    _: Allowed<GroupsRead>,
    State(api): State<Arc<Api>>,
    bounds: Bounds,
) -> Result<Json<Page<Group>>, Problem> {
    let rows = api.inbox.store.groups(bounds.before, bounds.limit + 1).await?;
    Ok(Json(Page::of(rows, bounds, |row| row.id, Group::from)))
}

/// `GET /groups/{id}`.
async fn show(
    _: Allowed<GroupsRead>,
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
) -> Result<Json<Group>, Problem> {
    Ok(Json(whole(&api, id_of(&id)?).await?))
}

/// `PATCH /groups/{id}`: another name, or other members in the place of all.
async fn change(
    _: Allowed<GroupsWrite>,
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    Input(change): Input<GroupChange>,
) -> Result<Json<Group>, Problem> {
    let id = find(&api, &id).await?.id;
    let members = change.members.map(|members| numbers(&api, &members)).transpose()?;
    let mut tx = api.inbox.store.begin().await?;
    if let Some(members) = members {
        let ids = contacts(&api, &mut tx, members).await?;
        tx.clear_group(id).await?;
        tx.add_members(id, &ids).await?;
    }
    if let Some(text) = &change.name
        && !tx.rename_group(id, &name(text)?).await?
    {
        return Err(taken());
    }
    tx.commit().await?;
    Ok(Json(whole(&api, id).await?))
}

/// `DELETE /groups/{id}`.
async fn remove(
    _: Allowed<GroupsWrite>,
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
) -> Result<NoContent, Problem> {
    let group = find(&api, &id).await?;
    let mut tx = api.inbox.store.begin().await?;
    tx.remove_group(group.id).await?;
    tx.commit().await?;
    Ok(NoContent)
}

/// `POST /groups/{id}/members`.
async fn join(
    _: Allowed<GroupsWrite>,
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    Input(new): Input<NewMember>,
) -> Result<Created<Group>, Problem> {
    let group = find(&api, &id).await?;
    let phone = textable(&api, "phone_number", &new.phone_number)?;
    if usize::try_from(group.size).unwrap_or(usize::MAX) >= MAX_MEMBERS {
        return Err(Problem::field("phone_number", format!("a group has {MAX_MEMBERS} members at most")));
    }
    let mut tx = api.inbox.store.begin().await?;
    let ids = contacts(&api, &mut tx, vec![Address::Phone(phone).to_string()]).await?;
    tx.add_members(group.id, &ids).await?;
    tx.commit().await?;
    Ok(Created(whole(&api, group.id).await?))
}

/// `DELETE /groups/{id}/members/{phone}`.
async fn leave(
    _: Allowed<GroupsWrite>,
    State(api): State<Arc<Api>>,
    Path((id, phone)): Path<(String, String)>,
) -> Result<NoContent, Problem> {
    let group = find(&api, &id).await?;
    let phone = number(&api, "phone", &phone)?;
    let mut tx = api.inbox.store.begin().await?;
    if !tx.remove_member(group.id, &Address::Phone(phone).to_string()).await? {
        return Err(Problem::not_found("this number is not in the group"));
    }
    tx.commit().await?;
    Ok(NoContent)
}

async fn find(api: &Api, id: &str) -> Result<GroupRow, Problem> {
    api.inbox.store.group(id_of(id)?).await?.ok_or_else(|| Problem::not_found("no group has this id"))
}

async fn whole(api: &Api, id: i64) -> Result<Group, Problem> {
    let group = api.inbox.store.group(id).await?;
    let group = group.ok_or_else(|| Problem::not_found("no group has this id"))?;
    let members = api.inbox.store.group_members(id).await?;
    Ok(Group { members: Some(members.into_iter().map(Member::from).collect()), ..group.into() })
}

/// The contacts with these addresses, locked, and added where they are new.
async fn contacts(api: &Api, tx: &mut Tx, addresses: Vec<String>) -> Result<Vec<i64>, Problem> {
    if addresses.is_empty() {
        return Ok(Vec::new());
    }
    let rows = api.inbox.contacts(tx, addresses).await?;
    if rows.iter().any(|row| row.erased_at.is_some()) {
        return Err(Problem::erased().about("members"));
    }
    Ok(rows.iter().map(|row| row.id).collect())
}

fn numbers(api: &Api, members: &[String]) -> Result<Vec<String>, Problem> {
    if members.len() > MAX_MEMBERS {
        return Err(Problem::field("members", format!("a group has {MAX_MEMBERS} members at most")));
    }
    let read = |(at, text): (usize, &String)| {
        textable(api, format!("members[{at}]"), text).map(|phone| Address::Phone(phone).to_string())
    };
    members.iter().enumerate().map(read).collect()
}

/// A number as people write it.
pub(super) fn number(
    api: &Api,
    field: impl Into<std::borrow::Cow<'static, str>>,
    text: &str,
) -> Result<Phone, Problem> {
    Phone::parse(text, api.default_region).map_err(|error| Problem::field(field, error.to_string()))
}

/// The same, of somebody who is to be written to.
pub(super) fn textable(
    api: &Api,
    field: impl Into<std::borrow::Cow<'static, str>> + Clone,
    text: &str,
) -> Result<Phone, Problem> {
    match number(api, field.clone(), text)? {
        phone if phone.is_premium_rate() => Err(Problem::field(field, PREMIUM_RATE)),
        phone => Ok(phone),
    }
}

/// The id in a path.
pub(super) fn id_of(text: &str) -> Result<i64, Problem> {
    text.parse().map_err(|_| Problem::not_found("nothing has this id"))
}

fn name(text: &str) -> Result<String, Problem> {
    visible::name(text, MAX_NAME).map_err(|error| Problem::field("name", error.to_string()))
}

fn taken() -> Problem {
    Problem::new(StatusCode::CONFLICT, "name_taken", "another group has this name")
}
