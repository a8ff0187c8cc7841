-- People who sign in. The key of an email address is its lower case: that is what must be unique.
CREATE TABLE account (
    id INTEGER PRIMARY KEY,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    full_name TEXT NOT NULL,
    external_id TEXT UNIQUE,
    role TEXT NOT NULL,
    locale TEXT,
    time_zone TEXT,
    second_factor TEXT NOT NULL DEFAULT 'none',
    phone_prompt_dismissed BOOLEAN NOT NULL DEFAULT FALSE,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    disabled_at BIGINT
);

-- Numbers that accounts have or claim to have. `proof` is the truth about that (JSON), the columns
-- beside it are copies for queries, written by the same statement. `claim` is what must be unique
-- among proven numbers: the address, or its national digits (TIDINGS_UNIQUE_BY).
CREATE TABLE account_number (
    id INTEGER PRIMARY KEY,
    account_id BIGINT NOT NULL,
    address TEXT NOT NULL,
    claim TEXT NOT NULL,
    is_primary BOOLEAN NOT NULL DEFAULT FALSE,
    is_verified BOOLEAN NOT NULL DEFAULT FALSE,
    verification_method TEXT,
    proof TEXT NOT NULL,
    expires_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX account_number_once ON account_number (account_id, address);
CREATE UNIQUE INDEX account_number_primary ON account_number (account_id) WHERE is_primary;
CREATE UNIQUE INDEX account_number_proven ON account_number (claim) WHERE is_verified;
CREATE INDEX account_number_by_address ON account_number (address);

-- What an account is told when its owner next looks.
CREATE TABLE account_notice (
    id INTEGER PRIMARY KEY,
    account_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    address TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX account_notice_by_account ON account_notice (account_id, id);

-- Who is signed in. Of a token only its hash is kept.
CREATE TABLE session (
    hash TEXT PRIMARY KEY,
    account_id BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX session_by_account ON session (account_id);
CREATE INDEX session_by_end ON session (expires_at);

-- The password was right, the code is awaited: one for each account, so that signing in again gives
-- nobody more guesses.
CREATE TABLE second_factor (
    account_id BIGINT PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    address TEXT NOT NULL,
    proof TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- How much of a limit was used: a count for each slice of time. Keys hold hashes, not numbers.
CREATE TABLE budget (
    key TEXT NOT NULL,
    since BIGINT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (key, since)
);
CREATE INDEX budget_by_time ON budget (since);

-- Codes sent to and used by the numbers that begin alike, since they were last judged.
CREATE TABLE code_prefix (
    prefix TEXT PRIMARY KEY,
    sent BIGINT NOT NULL,
    used BIGINT NOT NULL,
    paused_at BIGINT,
    reason TEXT
);

-- A `test` token never reaches a phone.
ALTER TABLE api_token ADD COLUMN kind TEXT NOT NULL DEFAULT 'live';
