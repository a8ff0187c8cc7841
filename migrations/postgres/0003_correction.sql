-- What a person on our side says that a text asks for: one line a text, kept as a labelled example.
CREATE TABLE correction (
    message_id BIGINT PRIMARY KEY,
    contact_id BIGINT NOT NULL,
    body TEXT NOT NULL,
    intent TEXT NOT NULL,
    language TEXT,
    note TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX correction_by_contact ON correction (contact_id);
