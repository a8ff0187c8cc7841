-- That a booking is past follows from its start; here it is noted soon after, so that a list by status is
-- found in the order of its index, however many bookings are past.
ALTER TABLE booking ADD COLUMN is_past BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX booking_by_status ON booking (status, id) WHERE NOT is_past;
CREATE INDEX booking_past ON booking (id) WHERE is_past;
-- What is to be noted next. What was declined or called off stays so.
CREATE INDEX booking_beginning ON booking (starts_at)
    WHERE NOT is_past AND status IN ('pending', 'confirmed', 'change_requested');

CREATE INDEX form_request_by_status ON form_request (status, id);

-- Opt-outs are few: whoever counts those after a campaign need not read the whole ledger.
CREATE INDEX consent_entry_withdrawn ON consent_entry (id, contact_id, created_at) WHERE NOT given;
