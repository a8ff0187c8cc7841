//! WhatsApp's rule: within 24 hours of a person's last message anything may be sent, after that only
//! templates that WhatsApp has approved (Twilio's error 63016).

use jiff::{SignedDuration, Timestamp};

/// How long after their last message a person may be written to freely. WhatsApp's is 24 hours; a message
/// that leaves in its last minute may come too late.
const WINDOW: SignedDuration = SignedDuration::from_mins(24 * 60 - 1);

/// Whether whoever wrote last at `last_heard_at` may be sent what is no template at `now`.
#[must_use]
pub fn may_write_freely(last_heard_at: Option<Timestamp>, now: Timestamp) -> bool {
    last_heard_at.is_some_and(|heard| now.duration_since(heard) < WINDOW)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_closes_a_day_after_the_last_text() {
        let heard: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let after = |minutes| may_write_freely(Some(heard), heard + SignedDuration::from_mins(minutes));
        assert!(after(0) && after(24 * 60 - 2));
        assert!(!after(24 * 60 - 1) && !after(24 * 60 * 7));
        assert!(!may_write_freely(None, heard));
        // The clock was set back since: they have only just written.
        assert!(after(-60));
    }
}
