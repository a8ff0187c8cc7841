//! What came in, and what is left of it.

use crate::{contact, each, message, support};
use tidings::batch::Apply as _;
use tidings::delivery::Status;
use tidings::store::TextKey;

#[tokio::test]
async fn fifty_copies_at_once_are_one_text() {
    each(async |_, store| {
        let (inbox, _) = support::inbox(store.clone(), true).await;
        let text = support::text("+14155550123", "REGISTER");
        let slice = vec![text.clone(); 50];
        let first = inbox.apply(&slice).await.unwrap();
        let again = inbox.apply(&slice).await.unwrap();
        assert!(first[0].is_some());
        assert!(first.iter().chain(&again).all(|answer| *answer == first[0]));
        let contact = store.contact("+14155550123").await.unwrap().unwrap();
        assert_eq!(store.conversation(contact.id, i64::MAX, 100).await.unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_text_is_known_by_its_sender_and_of_late_whoever_is_said_to_have_sent_it() {
    each(async |_, store| {
        let (inbox, _) = support::inbox(store.clone(), true).await;
        let text = support::text("+14155550123", "REGISTER");
        inbox.apply(std::slice::from_ref(&text)).await.unwrap();
        let key = |sid, from: &str| TextKey::new(sid, from.to_owned());
        let (sid, other) = (text.sid.id, uuid::Uuid::from_u128(1));
        let listed = [key(sid, "+14155550123"), key(other, "+14155550123")];
        assert_eq!(store.known_texts(&listed).await.unwrap(), [sid]);
        let spelled_otherwise = [key(sid, "whatsapp:US.1234"), key(other, "+14155550123")];
        assert_eq!(store.known_texts_since(0, &spelled_otherwise).await.unwrap(), [sid]);
        assert!(store.known_texts_since(i64::MAX, &spelled_otherwise).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_code_is_given_again_to_a_repeat_but_never_stored() {
    each(async |_, store| {
        let (inbox, _) = support::inbox(store.clone(), true).await;
        inbox.apply(&[support::text("+14155550123", "REGISTER")]).await.unwrap();
        let name = support::text("+14155550123", "Asha");
        let first = inbox.apply(std::slice::from_ref(&name)).await.unwrap().remove(0).unwrap();
        let again = inbox.apply(std::slice::from_ref(&name)).await.unwrap().remove(0).unwrap();
        assert_eq!(first, again);
        let code = first.body.get(..6).unwrap().to_owned();
        assert!(code.bytes().all(|b| b.is_ascii_digit()));
        for body in [format!("my code is {code}"), format!(" {code} ")] {
            inbox.apply(&[support::text("+14155550123", &body)]).await.unwrap();
        }
        let contact = store.contact("+14155550123").await.unwrap().unwrap();
        assert_eq!(contact.state, "member");
        assert!(!contact.person.contains(&code));
        for row in store.conversation(contact.id, i64::MAX, 100).await.unwrap() {
            assert!(!row.body.contains(&code), "stored: {}", row.body);
        }
    })
    .await;
}

#[tokio::test]
async fn a_conversation_is_listed_in_pages_newest_first() {
    each(async |_, store| {
        contact(store, 1).await;
        for id in 10..20 {
            message(store, id, 1, Status::Delivered, 0).await;
        }
        let page = store.conversation(1, i64::MAX, 4).await.unwrap();
        assert_eq!(page.iter().map(|row| row.id).collect::<Vec<_>>(), [19, 18, 17, 16]);
        let next = store.conversation(1, 16, 4).await.unwrap();
        assert_eq!(next.iter().map(|row| row.id).collect::<Vec<_>>(), [15, 14, 13, 12]);
    })
    .await;
}

#[tokio::test]
async fn an_erased_person_leaves_a_hash_and_the_limits() {
    each(async |_, store| {
        let (inbox, clock) = support::inbox(store.clone(), true).await;
        for body in ["REGISTER", "Asha", "FORGET ME"] {
            inbox.apply(&[support::text("+14155550123", body)]).await.unwrap();
        }
        assert!(store.contact("+14155550123").await.unwrap().is_none());
        let key = &inbox.suppression_key;
        assert_eq!(tidings::conversation::purge_erased(store, key, clock.now()).await.unwrap(), 0);
        assert!(clock.advance(jiff::SignedDuration::from_hours(2)));
        assert_eq!(tidings::conversation::purge_erased(store, key, clock.now()).await.unwrap(), 1);
        assert!(store.messages(i64::MAX, 100).await.unwrap().is_empty());
        // The number comes back: still opted out, still counted.
        let answer = inbox.apply(&[support::text("+14155550123", "REGISTER")]).await.unwrap().remove(0);
        assert_eq!(answer, None);
        inbox.apply(&[support::text("+14155550123", "START")]).await.unwrap();
        let contact = store.contact("+14155550123").await.unwrap().unwrap();
        assert!(contact.person.contains("sends"), "the guard is gone: {}", contact.person);
    })
    .await;
}
