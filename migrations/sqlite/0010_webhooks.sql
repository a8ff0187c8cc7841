-- Where the organisation's own systems hear of what happens. A change raises the version, by which
-- each node sees that its list in memory is old.
CREATE TABLE webhook_endpoint (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL,
    description TEXT NOT NULL,
    events TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    disabled_reason TEXT,
    failing_since BIGINT,
    -- The secrets follow from these and a key outside the database.
    nonce TEXT NOT NULL,
    previous_nonce TEXT,
    previous_until BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE TABLE webhook_version (
    id INTEGER PRIMARY KEY,
    version BIGINT NOT NULL
);
INSERT INTO webhook_version (id, version) VALUES (1, 0);

-- What happened, as it is told: written with the change itself, and only when somebody listens.
CREATE TABLE webhook_event (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    contact_id BIGINT,
    once TEXT,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX webhook_event_by_once ON webhook_event (once) WHERE once IS NOT NULL;
CREATE INDEX webhook_event_by_contact ON webhook_event (contact_id) WHERE contact_id IS NOT NULL;

-- One event for one endpoint, and how the attempts went.
CREATE TABLE webhook_delivery (
    id INTEGER PRIMARY KEY,
    event_id BIGINT NOT NULL,
    endpoint_id BIGINT NOT NULL,
    status TEXT NOT NULL,
    due_at BIGINT,
    attempts BIGINT NOT NULL DEFAULT 0,
    fence BIGINT NOT NULL DEFAULT 0,
    history TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    delivered_at BIGINT
);
CREATE INDEX webhook_delivery_by_endpoint ON webhook_delivery (endpoint_id, id);
CREATE INDEX webhook_delivery_by_event ON webhook_delivery (event_id);
CREATE INDEX webhook_delivery_due ON webhook_delivery (endpoint_id, due_at) WHERE status = 'pending';

-- The history of test messages.
CREATE INDEX message_tests ON message (id) WHERE purpose = 'test';
