-- How far something was read that is read again and again, in milliseconds since 1970.
CREATE TABLE bookmark (
    name TEXT PRIMARY KEY,
    at BIGINT NOT NULL
);
