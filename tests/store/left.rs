//! Transactions that nobody ended.

use super::{new_contact, support};
use tidings::store::{NewContact, Store};

/// Whoever leaves a transaction leaves nothing of it, and keeps nobody from writing, however far they had come.
#[tokio::test]
async fn a_transaction_that_was_left_is_rolled_back_at_once() {
    for fresh in support::engines().await {
        let store = support::open(&fresh).await;
        let mut tx = store.begin().await.unwrap();
        tx.add_contacts(&[contact(1)]).await.unwrap();
        drop(tx);
        // Another program, which knows nothing of our turns.
        let other = Store::open(&fresh.database, 2).await.unwrap();
        let mut tx = other.begin().await.unwrap();
        tx.add_contacts(&[contact(2)]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.addresses(&[1, 2]).await.unwrap().len(), 1, "{}", fresh.name);

        // Left while the database was at it: after so many looks, whatever it had done by then.
        for looks in 0..6 {
            let mut work = Box::pin(async {
                let (mut tx, _) = store.begin_with_contacts(&["+14155550001"]).await.unwrap();
                tx.add_contacts(&[contact(3)]).await.unwrap();
                tx.contacts(&["+14155550001"]).await.unwrap();
                std::future::pending::<()>().await;
            });
            for _ in 0..looks {
                assert!(futures_util::poll!(work.as_mut()).is_pending());
                tokio::task::yield_now().await;
            }
            drop(work);
            let (tx, rows) = store.begin_with_contacts(&["+14155550002", "+14155550003"]).await.unwrap();
            assert_eq!(rows.len(), 1, "{} after {looks} looks", fresh.name);
            tx.commit().await.unwrap();
        }
        store.close().await;
        let closed = store.begin().await.map(drop);
        assert!(matches!(closed, Err(sqlx::Error::PoolClosed)), "{closed:?}");
        other.close().await;
    }
}

fn contact(id: i64) -> NewContact<'static> {
    new_contact(id, ["", "+14155550001", "+14155550002", "+14155550003"][usize::try_from(id).unwrap()])
}
