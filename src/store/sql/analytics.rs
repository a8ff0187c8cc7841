//! Counts over a span. Ids grow with time, so a span is a range of ids.

use super::super::engine::Sql;

statements! {
    COUNT_MESSAGES =
        "SELECT outbound, purpose, status, error_code, COUNT(*) AS messages, CAST(SUM(segments) AS BIGINT) AS segments \
         FROM message WHERE id >= $1 AND id < $2 GROUP BY outbound, purpose, status, error_code \
         ORDER BY outbound, purpose, status, error_code";
    COUNT_CONSENT =
        "SELECT given, how, COUNT(*) AS people FROM consent_entry WHERE id >= $1 AND id < $2 GROUP BY given, how \
         ORDER BY given, how";
    COUNT_REGISTRATIONS = "SELECT COUNT(*) FROM registration WHERE at >= $1 AND at < $2";
}
