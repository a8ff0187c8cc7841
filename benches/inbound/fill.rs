//! Conversations that were there before: members with a past.

use crate::script::number;
use jiff::Timestamp;
use tidings::config::{Database, Secret};
use tidings::dialog::{Consent, Name, Person, State};
use tidings::ids::Ids;
use tidings::store::{NewContact, NewMessage, Store, Tx};

/// People in one transaction.
const SLICE: usize = 5000;

/// A member as the conversation knows them.
pub(crate) fn member() -> Person {
    let since = Timestamp::from_second(1_790_000_000).unwrap_or_default();
    Person {
        state: State::Member { since },
        consent: Consent::Given,
        name: Name::parse("Asha Rai"),
        ..Person::default()
    }
}

/// Adds `count` members, each with two earlier exchanges.
pub(crate) async fn fill(database: &str, count: usize) -> Result<(), Box<dyn std::error::Error>> {
    let place = match database.strip_prefix("sqlite://") {
        Some(path) => Database::Sqlite(path.into()),
        None => Database::Postgres(Secret::new(database.to_owned())),
    };
    let store = Store::open(&place, 4).await?;
    store.migrate().await?;
    let ids = Ids::new(0);
    let members: Vec<usize> = (0..count).collect();
    for slice in members.chunks(SLICE) {
        let mut tx = store.begin().await?;
        fill_slice(&mut tx, &ids, slice).await?;
        tx.commit().await?;
    }
    store.checkpoint().await?;
    store.close().await;
    Ok(())
}

async fn fill_slice(tx: &mut Tx, ids: &Ids, slice: &[usize]) -> Result<(), Box<dyn std::error::Error>> {
    let now = Timestamp::from_second(1_790_000_000)?;
    let at = now.as_millisecond();
    let person = member();
    let numbers: Vec<String> = slice.iter().map(|person| number(*person)).collect();
    let contacts: Result<Vec<_>, serde_json::Error> = numbers
        .iter()
        .map(|address| {
            Ok(NewContact {
                id: ids.next(now),
                address,
                state: person.state.as_str(),
                consent: person.consent.as_str(),
                person: serde_json::to_string(&person)?,
                locale: "en",
                time_zone: "America/New_York",
                time_zone_source: "default",
                created_at: at,
                erased_at: None,
            })
        })
        .collect();
    let contacts = contacts?;
    let message = |contact_id, outbound| NewMessage {
        id: ids.next(now),
        contact_id,
        outbound,
        sid: (!outbound).then(random_sid),
        body: "Thanks, see you on Tuesday at the lake!".into(),
        segments: 1,
        created_at: at,
        status: if outbound { "delivered" } else { "received" },
        rank: if outbound { 4 } else { 0 },
        ..NewMessage::default()
    };
    let mut messages = Vec::with_capacity(slice.len() * 4);
    for outbound in [false, true, false, true] {
        messages.extend(contacts.iter().map(|contact| message(contact.id, outbound)));
    }
    tx.add_contacts(&contacts).await?;
    tx.save_slice(&messages, &[]).await?;
    Ok(())
}

fn random_sid() -> uuid::Uuid {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    uuid::Uuid::from_bytes(bytes)
}
