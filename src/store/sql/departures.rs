//! Numbers that leave an account, and what goes with them.

use super::super::engine::Sql;
use super::accounts::number_columns;

statements! {
    /// Whoever has one of these numbers, proven or not.
    NUMBERS_AT =
        concat!("SELECT ", number_columns!(), " FROM account_number n \
         WHERE n.address IN (SELECT value FROM jsonb_each($1)) ORDER BY n.account_id, n.id"),
        concat!("SELECT ", number_columns!(), " FROM account_number n WHERE n.address = ANY \
         (ARRAY(SELECT json_array_elements_text($1::json))) ORDER BY n.account_id, n.id");
    /// Sign-ins that wait for a code at one of these numbers have nothing to wait for.
    END_SECOND_FACTORS_AT =
        "DELETE FROM second_factor WHERE address IN (SELECT value FROM jsonb_each($1))",
        "DELETE FROM second_factor WHERE address = ANY (ARRAY(SELECT json_array_elements_text($1::json)))";
    /// What accounts were told stays, without the numbers.
    BLANK_NOTICES =
        "UPDATE account_notice SET address = '' WHERE address IN (SELECT value FROM jsonb_each($1))",
        "UPDATE account_notice SET address = '' WHERE address = ANY (ARRAY(SELECT json_array_elements_text($1::json)))";

    DELETE_NUMBERS_OF_ACCOUNT = "DELETE FROM account_number WHERE account_id = $1";
    DELETE_NOTICES_OF_ACCOUNT = "DELETE FROM account_notice WHERE account_id = $1";
    DELETE_ACCOUNT = "DELETE FROM account WHERE id = $1";

    /// Which account proved each of these numbers last.
    PROVEN_BY =
        "SELECT address, proven_by FROM contact \
         WHERE address IN (SELECT value FROM jsonb_each($1)) AND proven_by IS NOT NULL",
        "SELECT address, proven_by FROM contact WHERE address = ANY \
         (ARRAY(SELECT json_array_elements_text($1::json))) AND proven_by IS NOT NULL";
    SET_PROVEN_BY = "UPDATE contact SET proven_by = $2 WHERE address = $1";
    /// Nothing of what was known of the earlier holder is taken for the new one's.
    PASS_ON_CONTACT =
        "UPDATE contact SET changed_hands_at = $2, time_zone = $3, time_zone_source = $4, booked_until = NULL \
         WHERE id = $1";
    /// What staff made for the earlier holder is off, and no text of the new one is about it.
    PASS_ON_BOOKINGS =
        "UPDATE booking SET status = CASE WHEN starts_at > $2 THEN 'cancelled' ELSE status END, \
         status_reason = $3, next_reminder_at = NULL, revision = revision + 1, updated_at = $2 \
         WHERE contact_id = $1 AND status_reason IS NULL";
    PASS_ON_FORMS =
        "UPDATE form_request SET status = 'cancelled', next_at = NULL WHERE contact_id = $1 AND status = 'open'";
    /// What waits for its turn is for the earlier holder; only codes are for whoever has the phone.
    PASS_ON_MESSAGES =
        "UPDATE message SET status = 'refused', rank = 4, due_at = NULL, status_reason = $3, updated_at = $2, \
         fence = fence + 1 WHERE contact_id = $1 AND outbound AND status IN ('queued', 'held') \
         AND purpose <> 'code' AND created_at < $2 RETURNING id";
}
