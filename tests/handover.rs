//! Two accounts with a code each for one number: whoever comes last has it, and nobody twice.

mod support;

use jiff::SignedDuration;
use std::sync::Arc;
use tidings::accounts::{Accounts, NewUser, Refusal, Role, Settings};
use tidings::clock::Clock;
use tidings::config::{AccountSettings, UniqueBy};
use tidings::conversation::Inbox;
use tidings::dialog::{Nonce, Proof};
use tidings::outbound::Wake;
use tidings::phone::{Phone, Region};
use tokio_util::task::TaskTracker;

const NUMBER: &str = "+14155550101";

fn accounts(inbox: Arc<Inbox>) -> Accounts {
    let us = Region::parse("US").unwrap();
    let limits = AccountSettings {
        max_numbers: 5,
        unique_by: UniqueBy::E164,
        codes_per_country: 1000,
        code_spend: 50,
        trusted_proxies: Vec::new(),
    };
    let settings =
        Settings { limits, default_region: us, countries: vec![us], host: "x.org".to_owned(), sends: true };
    Accounts::new(inbox, Wake::default(), settings, TaskTracker::new()).unwrap()
}

async fn claimant(accounts: &Accounts, email: &str, locale: Option<&str>) -> i64 {
    let new = NewUser {
        email: email.to_owned(),
        password: "seven otters by the lake".to_owned(),
        full_name: "Somebody".to_owned(),
        phone_number: Some(NUMBER.to_owned()),
        region: None,
        time_zone: Some("Asia/Kathmandu".to_owned()),
        locale: locale.map(str::to_owned),
        role: Role::User,
    };
    accounts.sign_up(&new).await.unwrap().0.id
}

/// Asks for a code and reads it as the handset would.
async fn code(accounts: &Accounts, account: i64, clock: &Clock) -> String {
    let phone = Phone::from_e164(NUMBER).unwrap();
    accounts.send_code(account, phone, None).await.unwrap();
    assert!(clock.advance(SignedDuration::from_secs(61)), "the pause of the number");
    let row = accounts.inbox.store.numbers(account).await.unwrap().remove(0);
    assert!(matches!(serde_json::from_str(&row.proof).unwrap(), Proof::Asked(_)));
    let proof: serde_json::Value = serde_json::from_str(&row.proof).unwrap();
    let nonce: Nonce = proof["asked"]["issued"][0]["nonce"].as_str().unwrap().parse().unwrap();
    accounts.inbox.code_key.code(NUMBER, nonce)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_that_prove_a_number_at_once_one_has_it_and_the_other_is_told() {
    for fresh in support::engines().await {
        let store = support::open(&fresh).await;
        let (inbox, clock) = support::inbox(store.clone(), true).await;
        let accounts = accounts(inbox);
        let both = [
            claimant(&accounts, "a@example.org", None).await,
            claimant(&accounts, "b@example.org", None).await,
        ];
        let codes = [code(&accounts, both[0], &clock).await, code(&accounts, both[1], &clock).await];
        let phone = Phone::from_e164(NUMBER).unwrap();
        let crossed = accounts.verify(both[0], phone, &codes[1]).await;
        assert!(matches!(crossed, Err(Refusal::Judged(_))), "a code for B is worth nothing to A");
        let tries = (0..40).map(|at| {
            let (accounts, account, code) = (accounts.clone(), both[at % 2], codes[at % 2].clone());
            tokio::spawn(async move { accounts.verify(account, phone, &code).await })
        });
        let answers = futures_util::future::join_all(tries).await;
        let mut right = [0, 0];
        for (at, answer) in answers.into_iter().enumerate() {
            match answer.unwrap() {
                Ok(row) => {
                    assert_eq!(row.account_id, both[at % 2]);
                    right[at % 2] += 1;
                }
                Err(Refusal::Judged(_) | Refusal::NotFound(_)) => {}
                Err(error) => panic!("{error} on {}", fresh.name),
            }
        }
        assert_eq!(right, [1, 1], "each code is good once");
        let holder = store.owner(NUMBER).await.unwrap().unwrap().id;
        let loser = if holder == both[0] { both[1] } else { both[0] };
        assert!(store.numbers(loser).await.unwrap().is_empty());
        let notices = store.notices(loser).await.unwrap();
        assert_eq!((notices.len(), notices[0].kind.as_str()), (1, "number_lost"));
        assert!(store.notices(holder).await.unwrap().is_empty());
        let contact = store.contact(NUMBER).await.unwrap().unwrap();
        assert_eq!(
            (contact.time_zone.as_str(), contact.time_zone_source.as_str()),
            ("Asia/Kathmandu", "browser")
        );
        store.close().await;
    }
}

/// The earlier holder's language says nothing about whoever claims the number now.
#[tokio::test]
async fn a_code_comes_in_the_language_of_whoever_claims_the_number() {
    for fresh in support::engines().await {
        let store = support::open(&fresh).await;
        let (inbox, clock) = support::inbox(store.clone(), true).await;
        let accounts = accounts(inbox);
        let first = claimant(&accounts, "a@example.org", Some("fr")).await;
        let right = code(&accounts, first, &clock).await;
        accounts.verify(first, Phone::from_e164(NUMBER).unwrap(), &right).await.unwrap();
        let contact = store.contact(NUMBER).await.unwrap().unwrap();
        assert_eq!(contact.locale, "fr");
        for (email, locale, said) in
            [("b@example.org", Some("es"), "codigo"), ("c@example.org", None, "is your")]
        {
            let claimant = claimant(&accounts, email, locale).await;
            code(&accounts, claimant, &clock).await;
            let all = store.conversation(contact.id, i64::MAX, 1).await.unwrap();
            assert!(all[0].body.contains(said), "{email}: {}", all[0].body);
        }
        store.close().await;
    }
}
