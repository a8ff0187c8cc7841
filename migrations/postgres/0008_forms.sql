-- Requests to fill in a form, each with a link of its own.
CREATE TABLE form_request (
    id BIGINT PRIMARY KEY,
    contact_id BIGINT NOT NULL,
    token TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    url TEXT NOT NULL,
    status TEXT NOT NULL,
    remind_after_minutes BIGINT NOT NULL,
    max_reminders BIGINT NOT NULL,
    reminders BIGINT NOT NULL DEFAULT 0,
    -- When it comes up again; none when no reminder is left or it is done.
    next_at BIGINT,
    clicks BIGINT NOT NULL DEFAULT 0,
    first_clicked_at BIGINT,
    last_clicked_at BIGINT,
    completed_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX form_request_by_contact ON form_request (contact_id, id);
CREATE INDEX form_request_due ON form_request (next_at) WHERE next_at IS NOT NULL;

-- Groups of staff, who get alerts.
CREATE TABLE staff_group (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    -- The name in lower case: no two groups differ in case only.
    name_key TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);
CREATE TABLE staff_group_member (
    group_id BIGINT NOT NULL,
    contact_id BIGINT NOT NULL,
    PRIMARY KEY (group_id, contact_id)
);
CREATE INDEX staff_group_member_by_contact ON staff_group_member (contact_id);

-- What was told to a group; its messages have the alert as their source.
CREATE TABLE alert (
    id BIGINT PRIMARY KEY,
    group_id BIGINT NOT NULL,
    group_name TEXT NOT NULL,
    template TEXT,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
