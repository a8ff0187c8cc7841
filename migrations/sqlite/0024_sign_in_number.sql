-- Which number takes the codes of an account's sign-ins: the one for which the password was given. Without
-- it, the next number that is proven would take them when that one is lost.
ALTER TABLE account_number ADD COLUMN takes_sign_ins BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE account_number SET takes_sign_ins = TRUE WHERE id IN (
    SELECT (SELECT n.id FROM account_number n WHERE n.account_id = a.id AND n.is_verified
            ORDER BY n.is_primary DESC, n.id LIMIT 1)
    FROM account a WHERE a.second_factor = 'sms'
);
