//! Texts that no webhook brought and Twilio's list still has: what came since counts more than they do.

mod support;

use jiff::SignedDuration;
use tidings::batch::Apply as _;
use tidings::conversation::{AnswerBy, InboundText, Inbox};

const ADA: &str = "+14155550101";

/// Says it as a batch would, and returns her consent.
async fn says(inbox: &Inbox, text: InboundText) -> String {
    let texts = [text];
    let ahead = inbox.look_ahead(None, &texts).await;
    assert!(ahead.is_none() || texts[0].taken_at.is_none(), "only who is locked can say what came since");
    let ready = ahead.and_then(|taken| inbox.make_ready(taken));
    inbox.carry_out(&texts, ready).await.unwrap();
    inbox.store.contact(ADA).await.unwrap().unwrap().consent
}

#[tokio::test]
async fn a_start_that_comes_late_ends_no_later_opt_out() {
    for fresh in support::engines().await {
        let (inbox, clock) = support::inbox(support::open(&fresh).await, false).await;
        let late = |body: &str, minutes| InboundText {
            taken_at: Some(clock.now() - SignedDuration::from_mins(minutes)),
            answer_by: AnswerBy::Rest,
            ..support::text(ADA, body)
        };
        assert_eq!(says(&inbox, support::text(ADA, "REGISTER")).await, "given");
        assert_eq!(says(&inbox, support::text(ADA, "STOP")).await, "withdrawn");
        assert!(clock.advance(SignedDuration::from_mins(1)));
        assert_eq!(says(&inbox, late("START", 2)).await, "withdrawn", "on {}", fresh.name);
        assert_eq!(says(&inbox, late("STATUS", 2)).await, "withdrawn", "on {}", fresh.name);
        // What came after it still counts, also where the opt-out was late itself.
        assert!(clock.advance(SignedDuration::from_mins(9)));
        assert_eq!(says(&inbox, late("START", 3)).await, "given", "on {}", fresh.name);
        assert_eq!(says(&inbox, late("STOP", 2)).await, "withdrawn", "on {}", fresh.name);
        assert_eq!(says(&inbox, late("START", 1)).await, "given", "on {}", fresh.name);
    }
}
