//! Erasing people: what goes, what stays, and who has come back meanwhile.

mod support;

use jiff::SignedDuration;
use tidings::batch::Apply as _;

const NUMBER: &str = "+14155550123";

#[tokio::test]
async fn who_came_back_just_before_the_last_rows_go_stays() {
    for fresh in support::engines().await {
        let store = support::open(&fresh).await;
        let (inbox, clock) = support::inbox(store.clone(), true).await;
        inbox.apply(&[support::text(NUMBER, "FORGET ME")]).await.unwrap();
        assert!(clock.advance(SignedDuration::from_hours(2)));
        let now = clock.now().as_millisecond();
        let erased = store.erased_contacts(now).await.unwrap().remove(0);
        inbox.apply(&[support::text(NUMBER, "START")]).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.purge(erased.id, now).await.unwrap(), None);
        tx.commit().await.unwrap();
        let contact = store.contact(NUMBER).await.unwrap().expect("they came back");
        assert_eq!(contact.consent, "given");
        assert_eq!(store.ledger(contact.id, i64::MAX, 9).await.unwrap().len(), 1);
        store.close().await;
    }
}

/// Twilio tries again where it had no answer, also after the person asked to be forgotten.
#[tokio::test]
async fn a_text_from_before_that_is_brought_again_is_not_taken() {
    for fresh in support::engines().await {
        let store = support::open(&fresh).await;
        let (inbox, clock) = support::inbox(store.clone(), true).await;
        let before = support::text(NUMBER, "START");
        let ask = support::text(NUMBER, "FORGET ME");
        inbox.apply(std::slice::from_ref(&before)).await.unwrap();
        let asked = inbox.apply(std::slice::from_ref(&ask)).await.unwrap();
        for purged in [false, true] {
            if purged {
                assert!(clock.advance(SignedDuration::from_hours(2)));
                let key = &inbox.suppression_key;
                let count = tidings::conversation::purge_erased(&store, key, clock.now()).await.unwrap();
                assert_eq!(count, 1);
            }
            // Beside it comes what a stranger says.
            let stranger = support::text("+14155550177", "STATUS");
            let answers = inbox.apply(&[before.clone(), stranger]).await.unwrap();
            assert!(answers[0].is_none() && answers[1].is_some(), "on {}: {answers:?}", fresh.name);
            assert!(store.contact(NUMBER).await.unwrap().is_none(), "on {}: they are back", fresh.name);
            if !purged {
                assert_eq!(inbox.apply(std::slice::from_ref(&ask)).await.unwrap(), asked);
            }
        }
        // A new text of theirs is one.
        inbox.apply(&[support::text(NUMBER, "START")]).await.unwrap();
        assert_eq!(store.contact(NUMBER).await.unwrap().unwrap().consent, "given");
        store.close().await;
    }
}

#[tokio::test]
async fn a_start_in_the_same_slice_as_the_erasure_is_in_the_ledger() {
    for fresh in support::engines().await {
        let store = support::open(&fresh).await;
        let (inbox, _) = support::inbox(store.clone(), true).await;
        let slice = ["REGISTER", "FORGET ME", "START"].map(|body| support::text(NUMBER, body));
        inbox.apply(&slice).await.unwrap();
        let contact = store.contact(NUMBER).await.unwrap().unwrap();
        assert_eq!(contact.consent, "given");
        let ledger = store.ledger(contact.id, i64::MAX, 9).await.unwrap();
        let given: Vec<_> = ledger.iter().map(|entry| (entry.given, entry.body.as_deref())).collect();
        assert_eq!(given, [(true, Some("START"))], "on {}", fresh.name);
        store.close().await;
    }
}

#[tokio::test]
async fn an_erasure_reaches_what_a_fast_clock_wrote() {
    for fresh in support::engines().await {
        let store = support::open(&fresh).await;
        let (ahead, clock) = support::inbox(store.clone(), true).await;
        assert!(clock.advance(SignedDuration::from_hours(1)));
        for body in ["REGISTER", "Asha"] {
            ahead.apply(&[support::text(NUMBER, body)]).await.unwrap();
        }
        let (inbox, _) = support::inbox(store.clone(), true).await;
        for body in ["FORGET ME", "START"] {
            inbox.apply(&[support::text(NUMBER, body)]).await.unwrap();
        }
        let contact = store.contact(NUMBER).await.unwrap().unwrap();
        let rows = store.conversation(contact.id, i64::MAX, 9).await.unwrap();
        let inbound: Vec<&str> =
            rows.iter().filter(|row| !row.outbound).map(|row| row.body.as_str()).collect();
        assert_eq!(inbound, ["START", "FORGET ME"], "on {}", fresh.name);
        assert_eq!(store.ledger(contact.id, i64::MAX, 9).await.unwrap().len(), 1);
        store.close().await;
    }
}

#[tokio::test]
async fn what_was_erased_is_nowhere_in_the_file() {
    let fresh = support::sqlite();
    let store = support::open(&fresh).await;
    let (inbox, clock) = support::inbox(store.clone(), true).await;
    for body in ["REGISTER", "Zebediah", "NAME Zebediah Longfellow", "FORGET ME"] {
        inbox.apply(&[support::text("+14155550188", body)]).await.unwrap();
        inbox.apply(&[support::text(NUMBER, body.strip_suffix(" ME").unwrap_or("STATUS"))]).await.unwrap();
    }
    assert!(clock.advance(SignedDuration::from_hours(2)));
    let purged = tidings::conversation::purge_erased(&store, &inbox.suppression_key, clock.now()).await;
    assert_eq!(purged.unwrap(), 1);
    assert!(store.empty_log().await.unwrap());
    let tidings::config::Database::Sqlite(path) = &fresh.database else { unreachable!() };
    for file in std::fs::read_dir(path.parent().unwrap()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("Zebediah") && !text.contains("14155550188"));
    }
    assert!(store.contact(NUMBER).await.unwrap().is_some());
    store.close().await;
}
