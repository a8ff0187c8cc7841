//! Webhooks that come again, and answers on both sides of an opt-out.

mod harness;

use harness::{ADA, OURS, PATIENCE, Scratch, Stage, eventually, fresh_sid, twiml_body};
use std::collections::HashSet;
use tidings::carrier::Switch;

#[tokio::test]
async fn fifty_copies_of_one_webhook_get_one_answer() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let sid = fresh_sid();
        let copies = (0..50).map(|_| stage.hear(&sid, ADA, "STATUS"));
        let answers: HashSet<(u16, String)> =
            futures_util::future::join_all(copies).await.into_iter().collect();
        assert_eq!(answers.len(), 1, "{answers:?}");
        let (status, document) = answers.iter().next().unwrap();
        assert!(*status == 200 && twiml_body(document).is_some());
        let rows = stage.messages().await;
        assert_eq!(rows.iter().filter(|row| !row.outbound).count(), 1);
        assert_eq!(rows.iter().filter(|row| row.outbound).count(), 1);
        stage.end().await;
    }
}

#[tokio::test]
async fn a_repeat_gets_the_same_reply_and_moves_nothing_that_twilio_confirmed() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let sid = fresh_sid();
        let first = stage.hear(&sid, ADA, "STATUS").await;
        assert_eq!(stage.hear(&sid, ADA, "STATUS").await, first);
        let row = stage.outgoing().await.remove(0);
        stage.report(row.id, &fresh_sid(), "sent").await;
        assert_eq!(stage.hear(&sid, ADA, "STATUS").await, first);
        let rows = stage.outgoing().await;
        assert_eq!((rows.len(), rows[0].status.as_str()), (1, "sent"));
        stage.end().await;
    }
}

#[tokio::test]
async fn a_repeat_after_rest_took_over_is_not_answered() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        let sid = fresh_sid();
        stage.hear(&sid, ADA, "STATUS").await;
        eventually("sending by REST", PATIENCE, async || !stage.taken().is_empty()).await;
        assert_eq!(twiml_body(&stage.hear(&sid, ADA, "STATUS").await.1), None);
        stage.settled().await;
        assert_eq!(stage.taken().len(), 1);
        stage.end().await;
    }
}

/// Twilio took the reply, and nothing came of its callbacks.
#[tokio::test]
async fn a_repeat_after_the_list_told_of_the_reply_is_not_answered() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        stage.faults(|faults| faults.callback_lost = Switch::with_probability(1.0));
        let sid = stage.carrier.text(ADA, OURS, "STATUS").await.unwrap().sid;
        stage.settled().await;
        let rows = stage.outgoing().await;
        assert_eq!((rows.len(), rows[0].status.as_str()), (1, "delivered"));
        assert_eq!(twiml_body(&stage.hear(&sid, ADA, "STATUS").await.1), None);
        assert_eq!(stage.taken().len(), 1);
        stage.end().await;
    }
}

#[tokio::test]
async fn a_code_that_was_given_up_and_is_told_again_is_looked_up_again() {
    for scratch in Scratch::each().await {
        let stage = Stage::new(scratch).await;
        stage.hear(&fresh_sid(), ADA, "REGISTER").await;
        let sid = fresh_sid();
        let first = stage.hear(&sid, ADA, "Ada").await;
        stage.settled().await;
        assert_eq!(stage.outgoing().await[1].status, "failed");
        assert_eq!(stage.hear(&sid, ADA, "Ada").await, first);
        assert_eq!(stage.outgoing().await[1].status, "handed");
        stage.settled().await;
        assert_eq!(stage.outgoing().await[1].status, "failed");
        stage.end().await;
    }
}

/// A stage where we, not Twilio, answer STOP and HELP.
async fn where_we_answer(scratch: Scratch) -> Stage {
    Stage::with_ours(scratch, &[("TIDINGS_OPT_OUT_REPLIES", "tidings")]).await
}

#[tokio::test]
async fn a_repeat_from_before_a_stop_is_not_answered_after_it() {
    for scratch in Scratch::each().await {
        let stage = where_we_answer(scratch).await;
        let (before, stop) = (fresh_sid(), fresh_sid());
        stage.hear(&before, ADA, "STATUS").await;
        let confirmation = stage.hear(&stop, ADA, "STOP").await;
        assert_eq!(twiml_body(&stage.hear(&before, ADA, "STATUS").await.1), None);
        assert_eq!(stage.hear(&stop, ADA, "STOP").await, confirmation);
        stage.end().await;
    }
}

#[tokio::test]
async fn help_reaches_somebody_who_opted_out_also_by_rest() {
    for scratch in Scratch::each().await {
        let stage = where_we_answer(scratch).await;
        stage.hear(&fresh_sid(), ADA, "STOP").await;
        stage.settled().await;
        stage.hear(&fresh_sid(), ADA, "HELP").await;
        stage.settled().await;
        let bodies: Vec<_> = stage.taken().into_iter().map(|message| message.body).collect();
        assert!(bodies.iter().any(|body| body.contains("REGISTER")), "{bodies:?}");
        stage.end().await;
    }
}
