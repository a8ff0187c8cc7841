//! Counts over a span. Ids grow with time, so a span is a range of ids.

use super::super::engine::Sql;

statements! {
    COUNT_MESSAGES =
        "SELECT outbound, purpose, status, COUNT(*) AS messages, CAST(SUM(segments) AS BIGINT) AS segments \
         FROM message WHERE id >= $1 AND id < $2 GROUP BY outbound, purpose, status \
         ORDER BY outbound, purpose, status";
    COUNT_ERRORS =
        "SELECT error_code, COUNT(*) FROM message WHERE id >= $1 AND id < $2 AND error_code IS NOT NULL \
         GROUP BY error_code ORDER BY COUNT(*) DESC, error_code LIMIT 50";
    COUNT_CONSENT =
        "SELECT given, how, COUNT(*) AS people FROM consent_entry WHERE id >= $1 AND id < $2 GROUP BY given, how \
         ORDER BY given, how";
    COUNT_REGISTRATIONS = "SELECT COUNT(*) FROM registration WHERE at >= $1 AND at < $2";
}
