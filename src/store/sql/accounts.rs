//! Accounts, their numbers and sessions, and the limits on codes.

use super::super::engine::Sql;

macro_rules! account_columns {
    () => {
        "a.id, a.email, a.password_hash, a.full_name, a.external_id, a.role, a.locale, a.time_zone, \
         a.second_factor, a.phone_prompt_dismissed, a.created_at, a.updated_at, a.disabled_at"
    };
}

macro_rules! number_columns {
    () => {
        "n.id, n.account_id, n.address, n.claim, n.is_primary, n.is_verified, n.takes_sign_ins, \
         n.verification_method, n.proof, n.expires_at, n.created_at, n.updated_at"
    };
}
pub(super) use number_columns;

macro_rules! and_admins {
    () => {
        concat!(
            "SELECT ",
            account_columns!(),
            " FROM account a WHERE a.id IN (SELECT CAST($1 AS BIGINT) UNION SELECT b.id FROM account b \
             WHERE b.role = 'admin' AND b.disabled_at IS NULL) ORDER BY a.id"
        )
    };
}

statements! {
    INSERT_ACCOUNT =
        "INSERT INTO account (id, email, email_key, password_hash, full_name, role, locale, time_zone, \
         created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) ON CONFLICT (email_key) DO NOTHING";
    ACCOUNT = concat!("SELECT ", account_columns!(), " FROM account a WHERE a.id = $1");
    ACCOUNT_BY_EMAIL = concat!("SELECT ", account_columns!(), " FROM account a WHERE a.email_key = $1");
    ACCOUNT_BY_SESSION =
        concat!("SELECT ", account_columns!(), " FROM session s JOIN account a ON a.id = s.account_id \
         WHERE s.hash = $1 AND s.expires_at > $2 AND a.disabled_at IS NULL");
    ACCOUNTS =
        concat!("SELECT ", account_columns!(), " FROM account a WHERE a.id < $1 ORDER BY a.id DESC LIMIT $2");
    /// Locked before any of its numbers changes, so that limits on their count hold.
    LOCK_ACCOUNT =
        concat!("SELECT ", account_columns!(), " FROM account a WHERE a.id = $1"),
        concat!("SELECT ", account_columns!(), " FROM account a WHERE a.id = $1 FOR UPDATE");
    /// An account, and every admin's that may be used: whoever takes one away holds them all, so that no two
    /// can take the last two away. In the order of ids, as wherever accounts are locked.
    LOCK_ADMINS = and_admins!(), concat!(and_admins!(), " FOR UPDATE OF a");
    /// Accounts whose keys may have been made in another form than today's: those that are not all ASCII.
    KEYS = "SELECT id, email, email_key, external_id FROM account WHERE id > $1 \
         AND (octet_length(email_key) <> length(email_key) OR octet_length(external_id) <> length(external_id)) \
         ORDER BY id LIMIT 500";
    PUT_KEYS = "UPDATE account SET email_key = $2, external_id = $3 WHERE id = $1";
    UPDATE_ACCOUNT =
        "UPDATE account SET password_hash = $2, full_name = $3, external_id = $4, role = $5, locale = $6, \
         time_zone = $7, second_factor = $8, phone_prompt_dismissed = $9, disabled_at = $10, updated_at = $11 \
         WHERE id = $1";

    INSERT_SESSION = "INSERT INTO session (hash, account_id, created_at, expires_at) VALUES ($1, $2, $3, $4)";
    DELETE_SESSION = "DELETE FROM session WHERE hash = $1";
    DELETE_SESSIONS = "DELETE FROM session WHERE account_id = $1";
    SWEEP_SESSIONS = "DELETE FROM session WHERE expires_at <= $1";
    SWEEP_SECOND_FACTORS = "DELETE FROM second_factor WHERE expires_at <= $1";
    SWEEP_BUDGETS = "DELETE FROM budget WHERE since <= $1";
    /// A run of wrong codes is remembered for good.
    SWEEP_CODE_GUARDS = "DELETE FROM code_guard WHERE updated_at <= $1 AND wrong_in_a_row = 0";

    PUT_SECOND_FACTOR =
        "INSERT INTO second_factor (account_id, hash, address, proof, expires_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (account_id) DO UPDATE SET hash = excluded.hash, address = excluded.address, \
         proof = excluded.proof, expires_at = excluded.expires_at";
    SECOND_FACTOR = "SELECT account_id, hash, address, proof, expires_at FROM second_factor WHERE account_id = $1";
    SECOND_FACTOR_BY_HASH =
        "SELECT account_id, hash, address, proof, expires_at FROM second_factor WHERE hash = $1";
    DELETE_SECOND_FACTOR = "DELETE FROM second_factor WHERE account_id = $1";

    INSERT_NUMBER =
        "INSERT INTO account_number (id, account_id, address, claim, is_primary, proof, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7)";
    NUMBERS = concat!("SELECT ", number_columns!(), " FROM account_number n WHERE n.account_id = $1 ORDER BY n.id");
    NUMBER = concat!("SELECT ", number_columns!(), " FROM account_number n WHERE n.account_id = $1 AND n.address = $2");
    /// Who has proven this claim. At most one, by an index.
    HOLDER = concat!("SELECT ", number_columns!(), " FROM account_number n WHERE n.claim = $1 AND n.is_verified");
    PRIMARY_NUMBERS =
        concat!("SELECT ", number_columns!(), " FROM account_number n WHERE n.is_primary \
         AND n.account_id IN (SELECT value FROM jsonb_each($1))"),
        concat!("SELECT ", number_columns!(), " FROM account_number n WHERE n.is_primary \
         AND n.account_id = ANY (ARRAY(SELECT json_array_elements_text($1::json)::bigint))");
    OWNER =
        concat!("SELECT ", account_columns!(), " FROM account_number n JOIN account a ON a.id = n.account_id \
         WHERE n.address = $1 AND n.is_verified AND a.disabled_at IS NULL LIMIT 1");
    /// Challenges that a text with six digits may answer, also those that have just expired.
    ASKED =
        concat!("SELECT ", number_columns!(), " FROM account_number n WHERE n.expires_at > $2 \
         AND n.address IN (SELECT value FROM jsonb_each($1)) AND EXISTS (SELECT 1 FROM account a \
         WHERE a.id = n.account_id AND a.disabled_at IS NULL) ORDER BY n.id"),
        concat!("SELECT ", number_columns!(), " FROM account_number n WHERE n.expires_at > $2 \
         AND n.address = ANY (ARRAY(SELECT json_array_elements_text($1::json))) AND EXISTS (SELECT 1 \
         FROM account a WHERE a.id = n.account_id AND a.disabled_at IS NULL) ORDER BY n.id");
    SAVE_PROOF =
        "UPDATE account_number SET proof = $2, is_verified = $3, verification_method = $4, expires_at = $5, \
         updated_at = $6 WHERE id = $1 AND address = $7";
    RENUMBER =
        "UPDATE account_number SET address = $2, claim = $3, proof = $4, is_verified = FALSE, \
         takes_sign_ins = FALSE, verification_method = NULL, expires_at = NULL, updated_at = $5 WHERE id = $1";
    TAKE_SIGN_INS = "UPDATE account_number SET takes_sign_ins = (id = $2) WHERE account_id = $1";
    DELETE_NUMBER = "DELETE FROM account_number WHERE id = $1";
    CLEAR_PRIMARY = "UPDATE account_number SET is_primary = FALSE WHERE account_id = $1 AND is_primary AND id <> $2";
    SET_PRIMARY = "UPDATE account_number SET is_primary = TRUE, updated_at = $2 WHERE id = $1";
    /// The next primary number when one is gone: a proven one first, then the oldest.
    PROMOTE =
        "UPDATE account_number SET is_primary = TRUE WHERE id = (SELECT n.id FROM account_number n \
         WHERE n.account_id = $1 ORDER BY n.is_verified DESC, n.id LIMIT 1) \
         AND NOT EXISTS (SELECT 1 FROM account_number p WHERE p.account_id = $1 AND p.is_primary)";
    /// Of a contact we know language and zone better than from its number, unless it told us itself.
    ADOPT_CONTACT =
        "UPDATE contact SET locale = COALESCE((SELECT a.locale FROM account a WHERE a.id = $2), locale), \
         time_zone_source = CASE WHEN (SELECT a.time_zone FROM account a WHERE a.id = $2) IS NULL \
         THEN time_zone_source ELSE 'browser' END, \
         time_zone = COALESCE((SELECT a.time_zone FROM account a WHERE a.id = $2), time_zone) \
         WHERE address = $1 AND time_zone_source IN ('default', 'number', 'country')";

    INSERT_NOTICE =
        "INSERT INTO account_notice (id, account_id, kind, address, created_at) VALUES ($1, $2, $3, $4, $5)";
    NOTICES =
        "SELECT id, kind, address, created_at FROM account_notice WHERE account_id = $1 ORDER BY id DESC LIMIT 50";

    /// In the order of keys, so that two nodes can't block each other. The row lock makes whoever comes
    /// next see what was counted here.
    SPEND =
        "INSERT INTO budget (key, since, count) SELECT value->>'key', value->>'since', value->>'count' \
         FROM jsonb_each($1) WHERE TRUE ON CONFLICT (key, since) DO UPDATE SET count = budget.count + excluded.count \
         RETURNING key, since, count",
        "INSERT INTO budget (key, since, count) SELECT key, since, count \
         FROM json_to_recordset($1::json) AS r(key TEXT, since BIGINT, count BIGINT) ORDER BY key \
         ON CONFLICT (key, since) DO UPDATE SET count = budget.count + excluded.count RETURNING key, since, count";
    SPENT =
        "SELECT b.key, b.since, b.count FROM budget b \
         JOIN (SELECT value->>'key' AS key, value->>'after' AS after FROM jsonb_each($1)) AS r \
         ON b.key = r.key AND b.since > r.after",
        "SELECT b.key, b.since, b.count FROM budget b \
         JOIN json_to_recordset($1::json) AS r(key TEXT, after BIGINT) ON b.key = r.key AND b.since > r.after";

    CODE_GUARDS =
        "SELECT g.number, g.account_id, g.guard, g.wrong_in_a_row FROM code_guard g \
         WHERE g.number IN (SELECT value FROM jsonb_each($1))",
        "SELECT g.number, g.account_id, g.guard, g.wrong_in_a_row FROM code_guard g \
         WHERE g.number = ANY (ARRAY(SELECT json_array_elements_text($1::json)))";
    PUT_CODE_GUARD =
        "INSERT INTO code_guard (number, account_id, guard, wrong_in_a_row, updated_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (number, account_id) DO UPDATE SET guard = excluded.guard, \
         wrong_in_a_row = excluded.wrong_in_a_row, updated_at = excluded.updated_at";
    LIFT_CODE_GUARDS = "DELETE FROM code_guard WHERE number = $1";

    LOCK_PREFIX =
        "INSERT INTO code_prefix (prefix, sent, used) VALUES ($1, 0, 0) \
         ON CONFLICT (prefix) DO UPDATE SET prefix = excluded.prefix RETURNING prefix, sent, used, paused_at, reason";
    SAVE_PREFIX = "UPDATE code_prefix SET sent = $2, used = $3, paused_at = $4, reason = $5 WHERE prefix = $1";
    PREFIX_USED = "UPDATE code_prefix SET used = used + 1 WHERE prefix = $1";
    PAUSED_PREFIXES =
        "SELECT prefix, sent, used, paused_at, reason FROM code_prefix WHERE paused_at IS NOT NULL \
         ORDER BY prefix LIMIT 1000";
    LIFT_PREFIX = "DELETE FROM code_prefix WHERE prefix = $1 AND paused_at IS NOT NULL";
}
