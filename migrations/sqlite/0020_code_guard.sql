-- How many wrong codes an account has sent for a number, and when it may have the next one. It outlives
-- the number in the account, so that removing and adding it gives nobody more guesses; of the number only
-- a keyed hash is kept. Account 0 holds the pauses that all accounts share that have yet to prove it.
CREATE TABLE code_guard (
    number TEXT NOT NULL,
    account_id BIGINT NOT NULL,
    guard TEXT NOT NULL,
    wrong_in_a_row BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (number, account_id)
);
CREATE INDEX code_guard_by_time ON code_guard (updated_at);

-- With a second factor, the codes of a sign-in go to the primary number, which is a proven one.
UPDATE account_number SET is_primary = FALSE
WHERE is_primary AND NOT is_verified
    AND account_id IN (SELECT id FROM account WHERE second_factor = 'sms')
    AND EXISTS (SELECT 1 FROM account_number v WHERE v.account_id = account_number.account_id AND v.is_verified);
UPDATE account_number SET is_primary = TRUE
WHERE id IN (
    SELECT MIN(n.id) FROM account_number n
    WHERE n.is_verified AND n.account_id IN (SELECT id FROM account WHERE second_factor = 'sms')
        AND NOT EXISTS (SELECT 1 FROM account_number p WHERE p.account_id = n.account_id AND p.is_primary)
    GROUP BY n.account_id
);
