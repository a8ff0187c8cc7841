//! A slice's values get into their own columns, on both engines and in both ways it is written.

use crate::{NOW, contact, each, new_contact};
use tidings::store::{ContactChange, NewMessage, NewSpeaker, Turns, Tx, Was, Written};
use uuid::Uuid;

/// Every column, with values that differ from all others of the row.
fn full(id: i64, outbound: bool) -> NewMessage<'static> {
    let both =
        NewMessage { id, contact_id: 1, outbound, body: "said".into(), segments: 3, ..NewMessage::default() };
    if !outbound {
        return NewMessage {
            sid: Some(Uuid::from_u128(u128::from(id.unsigned_abs()))),
            mms: true,
            created_at: 4,
            intent: Some("intent".into()),
            why: Some("why".to_owned()),
            reply_id: Some(5),
            extra: Some("extra".to_owned()),
            status: "received",
            ..both
        };
    }
    NewMessage {
        created_at: 4,
        purpose: Some("tip"),
        nonce: Some("nonce".to_owned()),
        status: "held",
        rank: 6,
        priority: 7,
        due_at: Some(8),
        expires_at: Some(9),
        by_rest: true,
        attempts: 10,
        sent_at: Some(11),
        what_for: Some(format!("what for {id}")),
        source_id: Some(12),
        content_sid: Some("content"),
        content_variables: Some("variables"),
        ..both
    }
}

/// No column that need not have a value.
fn sparse(id: i64, outbound: bool) -> NewMessage<'static> {
    let (status, body) = if outbound { ("held", "") } else { ("received", "") };
    NewMessage { id, contact_id: 1, outbound, body: body.into(), status, ..NewMessage::default() }
}

const FULL_IN: &str = "said|3|4|yes|-|intent|why|5|extra|received|-|-|0|0|-|-|no|0|-|-|-|-|-";
const FULL_OUT: &str = "said|3|4|no|-|-|-|-|-|held|tip|nonce|6|7|8|9|yes|10|11|what for|12|content|variables";
const SPARSE_IN: &str = "|0|0|no|-|-|-|-|-|received|-|-|0|0|-|-|no|0|-|-|-|-|-";
const SPARSE_OUT: &str = "|0|0|no|-|-|-|-|-|held|-|-|0|0|-|-|no|0|-|-|-|-|-";

/// What is stored of the messages, by id; of a SID only whether it is the message's own.
async fn stored(tx: &mut Tx) -> Vec<String> {
    const SQLITE: &str = "SELECT body || '|' || segments || '|' || created_at || '|' || iif(mms, 'yes', 'no') || '|' \
        || '-' || '|' || COALESCE(intent, '-') || '|' || COALESCE(why, '-') || '|' || COALESCE(reply_id, '-') || '|' \
        || COALESCE(extra, '-') || '|' || status || '|' || COALESCE(purpose, '-') || '|' || COALESCE(nonce, '-') || '|' \
        || rank || '|' || priority || '|' || COALESCE(due_at, '-') || '|' || COALESCE(expires_at, '-') || '|' \
        || iif(by_rest, 'yes', 'no') || '|' || attempts || '|' || COALESCE(sent_at, '-') || '|' \
        || COALESCE(substr(what_for, 1, 8), '-') || '|' || COALESCE(source_id, '-') || '|' \
        || COALESCE(content_sid, '-') || '|' || COALESCE(content_variables, '-') \
        || iif(sid IS NULL OR sid = unhex(printf('%032x', id)), '', ' a strange SID') FROM message ORDER BY id";
    const POSTGRES: &str = "SELECT concat_ws('|', body, segments, created_at, CASE WHEN mms THEN 'yes' ELSE 'no' END, \
        '-', COALESCE(intent, '-'), COALESCE(why, '-'), COALESCE(reply_id::text, '-'), COALESCE(extra, '-'), status, \
        COALESCE(purpose, '-'), COALESCE(nonce, '-'), rank, priority, COALESCE(due_at::text, '-'), \
        COALESCE(expires_at::text, '-'), CASE WHEN by_rest THEN 'yes' ELSE 'no' END, attempts, \
        COALESCE(sent_at::text, '-'), COALESCE(substr(what_for, 1, 8), '-'), COALESCE(source_id::text, '-'), \
        COALESCE(content_sid, '-'), COALESCE(content_variables, '-')) \
        || CASE WHEN sid IS NULL OR sid = lpad(to_hex(id), 32, '0')::uuid THEN '' ELSE ' a strange SID' END \
        FROM message ORDER BY id";
    match tx {
        Tx::Sqlite(c) => sqlx::query_scalar(SQLITE).fetch_all(&mut **c).await.unwrap(),
        Tx::Postgres(c) => sqlx::query_scalar(POSTGRES).fetch_all(&mut **c).await.unwrap(),
    }
}

#[tokio::test]
async fn every_column_is_stored_where_it_belongs() {
    each(async |fresh, store| {
        contact(store, 1).await;
        let slice = [full(10, false), full(11, true), sparse(12, false), sparse(13, true)];
        let mut tx = store.begin().await.unwrap();
        tx.save_slice(&slice, &[]).await.unwrap();
        assert_eq!(stored(&mut tx).await, [FULL_IN, FULL_OUT, SPARSE_IN, SPARSE_OUT], "{}", fresh.name);
        tx.commit().await.unwrap();

        let was = Was { was_person: "{}", was_locale: "en", was_booked: None };
        let change = ContactChange {
            id: 1,
            locale: "es",
            person: "{\"new\":1}".to_owned(),
            last_heard_at: Some(NOW),
            standing: None,
            was: Some(was),
        };
        let slice = [sparse(20, false), full(21, false), sparse(22, true), full(23, true)];
        let changes = [change];
        let turns = Turns { messages: &slice, changes: &changes, ..Turns::default() };
        let ready = store.make_ready(&turns, true).unwrap();
        assert!(matches!(store.write_ready(ready).await.unwrap(), Written::Done));
        // Who they were is no longer true.
        let again = store.make_ready(&turns, true).unwrap();
        assert!(matches!(store.write_ready(again).await.unwrap(), Written::Stale));
        let mut tx = store.begin().await.unwrap();
        assert_eq!(stored(&mut tx).await[4..], [SPARSE_IN, FULL_IN, SPARSE_OUT, FULL_OUT], "{}", fresh.name);
        let row = store.contact("+14155550001").await.unwrap().unwrap();
        assert_eq!((&*row.locale, &*row.person), ("es", "{\"new\":1}"));
    })
    .await;
}

/// The first answer to somebody new may have to be sent by REST, on the line of their channel.
#[tokio::test]
async fn the_channel_of_somebody_new_is_noted_with_their_first_answer() {
    each(async |fresh, store| {
        for (id, address) in [(1, "+14155550001"), (2, "whatsapp:+14155550002")] {
            let new = NewSpeaker {
                contact: new_contact(id, address),
                name: None,
                promotion_paused: false,
                last_heard_at: NOW,
            };
            let heard = NewMessage { contact_id: id, ..sparse(id * 10, false) };
            let queued = NewMessage { contact_id: id, status: "queued", ..sparse(id * 10 + 1, true) };
            let (new, messages) = ([new], [heard, queued]);
            let turns = Turns { new: &new, messages: &messages, ..Turns::default() };
            let ready = store.make_ready(&turns, true).unwrap();
            assert!(matches!(store.write_ready(ready).await.unwrap(), Written::Done));
        }
        let queued = "SELECT whatsapp FROM message WHERE status = 'queued' ORDER BY id";
        let noted: Vec<bool> = match &mut store.begin().await.unwrap() {
            Tx::Sqlite(c) => sqlx::query_scalar(queued).fetch_all(&mut **c).await.unwrap(),
            Tx::Postgres(c) => sqlx::query_scalar(queued).fetch_all(&mut **c).await.unwrap(),
        };
        assert_eq!(noted, [false, true], "{}", fresh.name);
    })
    .await;
}
