-- One row per campaign: whom it is for, what it says, how far it got.
CREATE TABLE campaign (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    -- What it says: a template of ours, or words of its own; and what both are filled in with, as JSON.
    template TEXT,
    body TEXT,
    variables TEXT NOT NULL,
    -- Whom it is for; its hours, lifetime and limits: JSON.
    audience TEXT NOT NULL,
    plan TEXT NOT NULL,
    status TEXT NOT NULL,
    status_reason TEXT,
    send_at BIGINT,
    -- When it is to be looked at next; nothing while there is no need to.
    next_at BIGINT,
    -- Contacts up to this id have their message; those from until_id on came after its start.
    cursor BIGINT NOT NULL DEFAULT 0,
    until_id BIGINT,
    reached BIGINT NOT NULL DEFAULT 0,
    -- How it fared when staff last let it go on, as JSON.
    baseline TEXT NOT NULL DEFAULT '{"finished":0,"errors":0,"opt_outs":0}',
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    ended_at BIGINT
);
CREATE INDEX campaign_due ON campaign (next_at) WHERE next_at IS NOT NULL;

-- A campaign's messages by status: counted at every look at it.
CREATE INDEX message_of_campaign ON message (source_id, status) WHERE purpose = 'campaign';

-- Words that staff put on contacts.
CREATE TABLE contact_tag (
    contact_id BIGINT NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (contact_id, tag)
);
CREATE INDEX contact_tag_by_tag ON contact_tag (tag, contact_id);
CREATE INDEX contact_by_name ON contact (lower(name)) WHERE name IS NOT NULL;

-- Lists of what is rare. Answers, which are not, are in neither index.
CREATE INDEX message_by_purpose ON message (purpose, id)
    WHERE purpose IN ('reminder', 'form', 'tip', 'campaign', 'alert', 'test');
CREATE INDEX message_put_aside ON message (status, id)
    WHERE status IN ('held', 'failed', 'undelivered', 'refused', 'expired');
