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
