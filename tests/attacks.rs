//! What somebody tries who wants in: fifty at once, another's code, a token of their own choice, the
//! database in their hands. Each test counts its tries.

mod harness;

use futures_util::future::{join, join_all};
use harness::callers::{
    Caller, PASSWORD, anybody, codes, forget_counts, member, other_than, second_factor_on, sign_in,
};
use harness::{Scratch, Stage};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};
use tidings::clock::Clock;

const PHONE: &str = "+14155550101";
const VERIFY: &str = "/users/me/phone-numbers/verify-code";

/// How many answers there are of each kind: status and code.
fn tally(answers: &[(u16, Value)]) -> BTreeMap<(u16, String), usize> {
    let mut tally = BTreeMap::new();
    for (status, answer) in answers {
        let code = answer["code"].as_str().unwrap_or_default().to_owned();
        *tally.entry((*status, code)).or_default() += 1;
    }
    tally
}

/// Fifty right codes at once prove the number once; fifty more find nothing to prove.
#[tokio::test]
async fn a_code_is_good_once_also_fifty_times_at_once() {
    for scratch in Scratch::each().await {
        let engine = scratch.engine();
        let stage = Stage::new(scratch).await;
        let asha = member(&stage, "asha@example.org", Some(PHONE)).await;
        let code = codes(&stage, PHONE, 1).await.remove(0);
        let body = json!({ "phone_number": PHONE, "code": code });
        let mut all = join_all((0..50).map(|_| asha.post(VERIFY, body.clone()))).await;
        println!("{engine}: 50 right codes at once: {:?}", tally(&all));
        assert_eq!(all.iter().filter(|(status, _)| *status == 200).count(), 1);
        all = join_all((0..50).map(|_| asha.post(VERIFY, body.clone()))).await;
        println!("{engine}: 50 used codes at once: {:?}", tally(&all));
        assert!(all.iter().all(|(status, _)| (400..500).contains(status)), "{all:?}");
        let (_, numbers) = asha.get("/users/me/phone-numbers").await;
        assert_eq!(numbers["items"][0]["is_verified"], true);
        stage.end().await;
    }
}

/// However many guess at once, five are judged.
#[tokio::test]
async fn fifty_guesses_at_once_are_five() {
    for scratch in Scratch::each().await {
        let engine = scratch.engine();
        let stage = Stage::new(scratch).await;
        let asha = member(&stage, "asha@example.org", Some(PHONE)).await;
        let code = codes(&stage, PHONE, 1).await.remove(0);
        let guesses = (1..=50).map(|step| {
            let body = json!({ "phone_number": PHONE, "code": other_than(&code, step) });
            asha.post(VERIFY, body)
        });
        let answers = join_all(guesses).await;
        println!("{engine}: 50 guesses at once: {:?}", tally(&answers));
        let judged = answers.iter().filter(|(_, answer)| answer["code"] != "locked").count();
        assert!(judged <= 5, "{judged} guesses were judged: {:?}", tally(&answers));
        let (status, answer) = asha.post(VERIFY, json!({ "phone_number": PHONE, "code": code })).await;
        assert_eq!((status, answer["code"].as_str()), (429, Some("locked")), "{answer}");
        stage.end().await;
    }
}

/// Every code to somebody else is a wrong one: another account's of the same number, another number's.
#[tokio::test]
async fn a_code_is_bound_to_its_account_and_number() {
    for scratch in Scratch::each().await {
        let clock = Clock::starting_at("2026-11-21T12:00:00Z".parse().unwrap());
        let stage = Stage::at(scratch, clock.clone()).await;
        let other_phone = "+14155550102";
        let asha = member(&stage, "asha@example.org", Some(PHONE)).await;
        let code = codes(&stage, PHONE, 1).await.remove(0);
        // A number gets its next code after a pause.
        assert!(clock.advance(SignedDuration::from_mins(1)));
        // Whoever has the same number under way, and whoever has another.
        let rival = member(&stage, "rival@example.org", Some(PHONE)).await;
        let second = codes(&stage, PHONE, 2).await.remove(1);
        let other = member(&stage, "other@example.org", Some(other_phone)).await;
        codes(&stage, other_phone, 1).await;
        for (thief, phone, stolen) in [
            (&rival, PHONE, &code),
            (&asha, PHONE, &second),
            (&other, other_phone, &code),
            (&other, PHONE, &code),
        ] {
            let (status, answer) = thief.post(VERIFY, json!({ "phone_number": phone, "code": stolen })).await;
            assert!((400..500).contains(&status), "{phone}: {status} {answer}");
            let (_, numbers) = thief.get("/users/me/phone-numbers").await;
            assert_eq!(numbers["items"][0]["is_verified"], false, "{numbers}");
        }
        let by_email = json!({ "email": "other@example.org", "code": code });
        assert_eq!(anybody(&stage).post("/auth/verify-sms", by_email).await.0, 400);
        let (status, answer) = asha.post(VERIFY, json!({ "phone_number": PHONE, "code": code })).await;
        assert_eq!(status, 200, "{answer}");
        stage.end().await;
    }
}

/// A token that the attacker chose is never adopted, and what is stored opens nothing.
#[tokio::test]
async fn sessions_are_fresh_and_their_tokens_are_nowhere_in_the_database() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        member(&stage, "asha@example.org", None).await;
        let chosen = tidings::api::new_token().unwrap();
        let fixed = Caller { stage: &stage, token: chosen.clone() };
        let login = json!({ "email": "asha@example.org", "password": PASSWORD });
        let mut tokens = HashSet::new();
        for _ in 0..20 {
            let (status, session) = fixed.post("/auth/login", login.clone()).await;
            assert_eq!(status, 200, "{session}");
            tokens.insert(session["access_token"].as_str().unwrap().to_owned());
        }
        assert!(tokens.len() == 20 && !tokens.contains(&chosen), "each sign-in has a token of its own");
        assert_eq!(fixed.get("/users/me").await.0, 401);
        for token in &tokens {
            // 256 bits in base64 behind the prefix.
            assert!(token.strip_prefix("tid_").is_some_and(|bits| bits.len() == 43), "a short token");
            let steal = format!("UPDATE session SET hash = hash WHERE hash LIKE '%{}%'", &token[4..]);
            assert_eq!(stage.scratch.execute(&steal).await, 0);
        }
        // Whoever reads the database has hashes; a hash is no token.
        let asha = sign_in(&stage, "asha@example.org", PASSWORD).await;
        let hash = tidings::api::hash_token(&asha.token);
        let known = format!("UPDATE session SET hash = hash WHERE hash = '{hash}'");
        assert_eq!(stage.scratch.execute(&known).await, 1, "the session is known by this hash");
        assert_eq!(Caller { stage: &stage, token: hash }.get("/users/me").await.0, 401);
        let file = stage.scratch.url.strip_prefix("sqlite://").map(str::to_owned);
        if let Some(file) = file {
            let mut bytes = std::fs::read(&file).unwrap();
            bytes.extend(std::fs::read(format!("{file}-wal")).unwrap_or_default());
            let has = |secret: &str| bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(has("asha@example.org"), "the search finds what is there");
            assert!(
                !has(PASSWORD) && !tokens.iter().any(|token| has(&token[4..])),
                "a secret is in the file"
            );
        }
        stage.end().await;
    }
}

/// Fifty second factors at once open one session, and the challenge is good for no other account.
/// Whoever knows the password of before must not undo the change that was made because they know it.
#[tokio::test]
async fn of_two_changes_with_one_password_one_is_done() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        member(&stage, "asha@example.org", None).await;
        let mut current = PASSWORD.to_owned();
        for round in 0..10 {
            forget_counts(&stage).await;
            let owner = sign_in(&stage, "asha@example.org", &current).await;
            let thief = sign_in(&stage, "asha@example.org", &current).await;
            let news = [format!("{round} otters by the lake"), format!("{round} thieves by the lake")];
            let change = |new: &str| json!({ "current_password": current, "new_password": new });
            let (one, two) =
                join(owner.patch("/users/me", change(&news[0])), thief.patch("/users/me", change(&news[1])))
                    .await;
            let done = [one.0, two.0].iter().filter(|status| **status == 200).count();
            assert_eq!(done, 1, "round {round}: {one:?} {two:?}");
            current = if one.0 == 200 { news[0].clone() } else { news[1].clone() };
        }
        sign_in(&stage, "asha@example.org", &current).await;
        stage.end().await;
    }
}

#[tokio::test]
async fn a_second_factor_opens_one_session() {
    for scratch in Scratch::each().await {
        let engine = scratch.engine();
        let stage = Stage::new(scratch).await;
        let asha = member(&stage, "asha@example.org", Some(PHONE)).await;
        let code = codes(&stage, PHONE, 1).await.remove(0);
        assert_eq!(asha.post(VERIFY, json!({ "phone_number": PHONE, "code": code })).await.0, 200);
        assert_eq!(asha.patch("/users/me", second_factor_on()).await.0, 200);
        forget_counts(&stage).await;
        let login = json!({ "email": "asha@example.org", "password": PASSWORD });
        let (_, asked) = anybody(&stage).post("/auth/login", login).await;
        let code = codes(&stage, PHONE, 2).await.remove(1);
        let (stranger, path) = (anybody(&stage), "/auth/login/second-factor");
        let unknown = json!({ "challenge_id": tidings::api::new_token().unwrap(), "code": code });
        assert_eq!(stranger.post(path, unknown).await.0, 400);
        let body = json!({ "challenge_id": asked["challenge_id"], "code": code });
        let answers = join_all((0..50).map(|_| stranger.post(path, body.clone()))).await;
        println!("{engine}: 50 second factors at once: {:?}", tally(&answers));
        assert_eq!(answers.iter().filter(|(status, _)| *status == 200).count(), 1);
        stage.end().await;
    }
}
