//! Answers and their time tell nobody whether an account exists. Alone in its program, and `./test` runs nothing
//! beside it, because others would be measured, too.

mod harness;

use harness::callers::{anybody, codes, forget_counts, member};
use harness::{Scratch, Stage};
use serde_json::json;
use std::collections::HashSet;
use tidings::clock::stopwatch;

/// How many are timed of each kind at each address; `TIDINGS_TEST_TIMINGS` says another number.
const TIMINGS: usize = 75;

/// Half of the askers name an account that waits for a code, half name nobody.
#[tokio::test]
async fn answers_and_their_time_do_not_tell_whether_there_is_an_account() {
    let stage = Stage::new(Scratch::sqlite()).await;
    member(&stage, "asha@example.org", Some("+14155550101")).await;
    codes(&stage, "+14155550101", 1).await;
    let asked = std::env::var("TIDINGS_TEST_TIMINGS").ok();
    let rounds = asked.map_or(TIMINGS, |text| text.parse().unwrap());
    // Few timings say less.
    let tolerance = if rounds < 1000 { 0.1 } else { 0.05 };
    for (path, extra, expected) in [
        ("/auth/verify-sms", json!({ "code": "000000" }), 400),
        ("/auth/resend-sms", json!({}), 202),
        ("/auth/login", json!({ "password": "not the password of anybody" }), 401),
    ] {
        let (mut times, mut bodies) = ([Vec::new(), Vec::new()], HashSet::new());
        for round in 0..rounds * 2 {
            if round % 25 == 0 {
                forget_counts(&stage).await;
            }
            // In pairs, now one first and now the other, so that neither always follows the other's work.
            let side = (round + round / 2) % 2;
            let mut body = extra.clone();
            body["email"] = ["asha@example.org", "nobody@example.org"][side].into();
            let watch = stopwatch();
            let (status, answer) = anybody(&stage).post(path, body).await;
            times[side].push(watch.elapsed());
            assert_eq!(status, expected, "{answer}");
            bodies.insert(answer.to_string());
        }
        assert_eq!(bodies.len(), 1, "{path}: {bodies:?}");
        let [known, unknown] = times.map(|mut times| {
            times.sort_unstable();
            times[times.len() / 2].as_secs_f64()
        });
        let ratio = known / unknown;
        println!("{path}: 2 × {rounds} timings, medians {known:.5} s and {unknown:.5} s, ratio {ratio:.3}");
        assert!((ratio - 1.0).abs() < tolerance, "{path}: {ratio}");
    }
    stage.end().await;
}
