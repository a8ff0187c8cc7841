-- Requests with an Idempotency-Key and their answers, for 24 hours. `key` is a hash of caller, address and key.
CREATE TABLE idempotency (
    key TEXT PRIMARY KEY,
    request TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    status BIGINT,
    headers TEXT,
    body TEXT
);
CREATE INDEX idempotency_by_age ON idempotency (started_at);
