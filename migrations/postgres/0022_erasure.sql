-- When a number was erased, for some days and by its keyed hash alone: Twilio's list still has the texts from
-- before, and they are not to be taken for ones that were missed.
CREATE TABLE erasure (
    hash TEXT PRIMARY KEY,
    at BIGINT NOT NULL
);
CREATE INDEX erasure_by_time ON erasure (at);
