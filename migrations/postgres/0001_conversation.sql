-- One row per number: all that the next turn of its conversation needs.
CREATE TABLE contact (
    id BIGINT PRIMARY KEY,
    address TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    consent TEXT NOT NULL,
    name TEXT,
    person TEXT NOT NULL,
    locale TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    time_zone_source TEXT NOT NULL,
    registered_at BIGINT,
    created_at BIGINT NOT NULL,
    erased_at BIGINT
)
-- Room on each page, so that a turn rewrites its row there and touches no index.
WITH (fillfactor = 75);

-- Both directions in one table, so that a conversation is one index range.
CREATE TABLE message (
    id BIGINT PRIMARY KEY,
    contact_id BIGINT NOT NULL,
    outbound BOOLEAN NOT NULL,
    sid UUID,
    mms BOOLEAN NOT NULL DEFAULT FALSE,
    body TEXT NOT NULL,
    segments BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    -- Inbound: what it asked for and why we think so, its answer, and media, place and buttons.
    intent TEXT,
    why TEXT,
    reply_id BIGINT,
    extra TEXT,
    -- Outbound: what it is for and how far it got.
    purpose TEXT,
    nonce TEXT,
    status TEXT NOT NULL,
    status_reason TEXT,
    rank BIGINT NOT NULL DEFAULT 0,
    error_code BIGINT,
    by_rest BOOLEAN NOT NULL DEFAULT FALSE,
    priority BIGINT NOT NULL DEFAULT 0,
    due_at BIGINT,
    expires_at BIGINT,
    attempts BIGINT NOT NULL DEFAULT 0,
    fence BIGINT NOT NULL DEFAULT 0,
    sent_at BIGINT,
    updated_at BIGINT
);
CREATE INDEX message_by_contact ON message (contact_id, id);
CREATE UNIQUE INDEX message_by_sid ON message (sid) WHERE sid IS NOT NULL;
CREATE INDEX message_queued ON message (priority, due_at) WHERE status = 'queued';
CREATE INDEX message_active ON message (contact_id) WHERE status IN ('queued', 'sending');
CREATE INDEX message_unsettled ON message (due_at) WHERE status IN ('handed', 'sending', 'uncertain');

-- Every status report, also those that moved nothing.
CREATE TABLE status_report (
    id BIGINT PRIMARY KEY,
    message_id BIGINT NOT NULL,
    status TEXT NOT NULL,
    error_code BIGINT,
    received_at BIGINT NOT NULL
);
CREATE INDEX status_report_by_message ON status_report (message_id);

-- Who opted in or out, when, how, and with which words. Rows are only added.
CREATE TABLE consent_entry (
    id BIGINT PRIMARY KEY,
    contact_id BIGINT NOT NULL,
    given BOOLEAN NOT NULL,
    how TEXT NOT NULL,
    actor TEXT NOT NULL,
    body TEXT,
    message_id BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX consent_entry_by_contact ON consent_entry (contact_id, id);

-- What is left of an erased person: a keyed hash of the number, and the limits on its codes.
CREATE TABLE suppression (
    hash TEXT PRIMARY KEY,
    guard TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE api_token (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);

-- Each start of a node takes the next number; ids carry it.
CREATE TABLE node_counter (
    id BIGINT PRIMARY KEY,
    last BIGINT NOT NULL
);
INSERT INTO node_counter (id, last) VALUES (1, 0);
