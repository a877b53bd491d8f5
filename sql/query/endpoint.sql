-- endpoint.sql: where reminders are sent to. The signing secrets are read by the dispatcher only
-- (reminder.sql); what a person gets of them is the text that is shown once.

-- endpoint_list :many
--   trial_id uuid, after uuid, most int4
--   -> as endpoint_get
SELECT e.endpoint_id, e.url, e.channel, e.description, e.state, e.previous_until, e.disabled_reason, e.version, e.created_at,
       e.contact_details
  FROM rctd.endpoint e WHERE e.trial_id = $1 AND e.endpoint_id > $2 ORDER BY e.endpoint_id LIMIT $3;

-- endpoint_get :maybe
--   trial_id uuid, endpoint_id uuid
--   -> endpoint_id uuid, url text, channel text, description text, state text, previous_until timestamptz?, disabled_reason text?, version int4, created_at timestamptz, contact_details bool
SELECT e.endpoint_id, e.url, e.channel, e.description, e.state, e.previous_until, e.disabled_reason, e.version, e.created_at,
       e.contact_details
  FROM rctd.endpoint e WHERE e.trial_id = $1 AND e.endpoint_id = $2;

-- endpoint_insert :exec
--   trial_id uuid, endpoint_id uuid, url text, channel text, description text, sealed_secret bytea, key_id text, contact_details bool
INSERT INTO rctd.endpoint (trial_id, endpoint_id, url, channel, description, sealed_secret, key_id, contact_details)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- Disables or enables an endpoint that still has this version.
-- endpoint_set_state :exec
--   trial_id uuid, endpoint_id uuid, version int4, state text, disabled_reason text?
UPDATE rctd.endpoint SET state = $4, disabled_reason = $5, version = version + 1
 WHERE trial_id = $1 AND endpoint_id = $2 AND version = $3;

-- A new secret; the trigger keeps the one before for 24 hours.
-- endpoint_rotate :exec
--   trial_id uuid, endpoint_id uuid, sealed_secret bytea, key_id text
UPDATE rctd.endpoint SET sealed_secret = $3, key_id = $4, version = version + 1
 WHERE trial_id = $1 AND endpoint_id = $2;

-- The receiver said that it is gone for good (410).
-- endpoint_gone :exec
--   trial_id uuid, endpoint_id uuid, disabled_reason text
UPDATE rctd.endpoint SET state = 'disabled', disabled_reason = $3, version = version + 1
 WHERE trial_id = $1 AND endpoint_id = $2 AND state = 'active';
