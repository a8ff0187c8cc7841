-- Wordings by staff, over the texts that are shipped; the newest of a name and locale is in force. What was
-- said stays: going back adds a version, and one without a body puts the shipped text in force again.
CREATE TABLE template_version (
    name TEXT NOT NULL,
    locale TEXT NOT NULL,
    version BIGINT NOT NULL,
    body TEXT,
    author TEXT NOT NULL,
    note TEXT NOT NULL,
    restored_from BIGINT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (name, locale, version)
);
-- By it each node sees that its wordings in memory are old.
CREATE TABLE template_edit (
    id BIGINT PRIMARY KEY,
    count BIGINT NOT NULL
);
INSERT INTO template_edit (id, count) VALUES (1, 0);
