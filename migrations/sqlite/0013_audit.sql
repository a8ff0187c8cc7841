-- What staff and programs did. Each row's hash covers the row before it; the head tells when the end is missing.
CREATE TABLE audit_entry (
    id INTEGER PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE TABLE audit_head (
    id INTEGER PRIMARY KEY,
    last BIGINT NOT NULL,
    entries BIGINT NOT NULL,
    hash TEXT NOT NULL
);
INSERT INTO audit_head (id, last, entries, hash) VALUES (1, 0, 0, '');
