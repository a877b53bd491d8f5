-- vault.sql: keys of the vault and what is sealed under them. All but identity_insert runs as rctd_vault.

-- The trial's newest data key, held against its destruction until the transaction ends, and its lookup key.
-- vault_keys :maybe
--   trial_id uuid
--   -> version int4, data_key_id text, data_key bytea, lookup_key_id text, lookup_key bytea
SELECT d.version, d.master_key_id AS data_key_id, d.sealed AS data_key, l.master_key_id AS lookup_key_id,
       l.sealed AS lookup_key
  FROM rctd_vault.data_key d JOIN rctd_vault.lookup_key l ON l.trial_id = d.trial_id
 WHERE d.trial_id = $1 AND d.sealed IS NOT NULL ORDER BY d.version DESC LIMIT 1 FOR SHARE OF d;

-- vault_data_key_insert :exec
--   trial_id uuid, version int4, master_key_id text, sealed bytea
INSERT INTO rctd_vault.data_key (trial_id, version, master_key_id, sealed, made_at)
VALUES ($1, $2, $3, $4, rctd.clock()) ON CONFLICT (trial_id, version) DO NOTHING;

-- vault_lookup_key_insert :exec
--   trial_id uuid, master_key_id text, sealed bytea
INSERT INTO rctd_vault.lookup_key (trial_id, master_key_id, sealed, made_at)
VALUES ($1, $2, $3, rctd.clock()) ON CONFLICT (trial_id) DO NOTHING;

-- Adds who people are: an array of {unit_id, key_version, box, number_hash}, the last two in hex. The one
-- statement of the vault that rctd_app runs.
-- identity_insert :exec
--   trial_id uuid, rows jsonb
INSERT INTO rctd_vault.identity (trial_id, unit_id, key_version, box, number_hash)
SELECT $1, n.unit_id, n.key_version, decode(n.box, 'hex'), decode(n.number_hash, 'hex')
  FROM jsonb_to_recordset($2) AS n (unit_id uuid, key_version integer, box text, number_hash text);

-- The unit that has just been registered under a code.
-- identity_unit :one
--   trial_id uuid, code text
--   -> unit_id uuid
SELECT u.unit_id FROM rctd.unit u WHERE u.trial_id = $1 AND u.code = $2;

-- A person's box with the key that opens it. What a rotation is doing at the same moment does not matter: both
-- are of one moment.
-- identity_box :maybe
--   trial_id uuid, unit_id uuid
--   -> key_version int4, box bytea, revision int4, master_key_id text, data_key bytea
SELECT i.key_version, i.box, i.revision, d.master_key_id, d.sealed AS data_key
  FROM rctd_vault.identity i
  JOIN rctd_vault.data_key d ON d.trial_id = i.trial_id AND d.version = i.key_version
 WHERE i.trial_id = $1 AND i.unit_id = $2;

-- The row is held before its box is read, so that a rotation does not come between.
-- identity_lock :exec
--   trial_id uuid, unit_id uuid
SELECT i.revision FROM rctd_vault.identity i WHERE i.trial_id = $1 AND i.unit_id = $2 FOR UPDATE;

-- identity_change :exec
--   trial_id uuid, unit_id uuid, key_version int4, box bytea
UPDATE rctd_vault.identity SET key_version = $3, box = $4, revision = revision + 1 WHERE trial_id = $1 AND unit_id = $2;

-- The same with another number, or none.
-- identity_change_number :exec
--   trial_id uuid, unit_id uuid, key_version int4, box bytea, number_hash bytea?
UPDATE rctd_vault.identity SET key_version = $3, box = $4, number_hash = $5, revision = revision + 1
 WHERE trial_id = $1 AND unit_id = $2;

-- Somebody, or an endpoint, is about to read these fields (a JSON array). The row comes before the box is opened.
-- identity_reading_insert :exec
--   trial_id uuid, reading_id uuid, unit_id uuid, purpose text, fields jsonb, account_id uuid?, endpoint_id uuid?, reason text
INSERT INTO rctd_vault.reading (trial_id, reading_id, unit_id, purpose, fields, account_id, endpoint_id, reason, read_at)
SELECT $1, $2, $3, $4, ARRAY(SELECT jsonb_array_elements_text($5)), $6, $7, $8, rctd.clock();

-- Who read what, the newest last.
-- identity_readings :many
--   trial_id uuid, after uuid, most int4, code text?, purpose text?
--   -> reading_id uuid, code text, purpose text, fields jsonb, account text?, endpoint_id uuid?, reason text, read_at timestamptz
SELECT r.reading_id, u.code, r.purpose, to_jsonb(r.fields) AS fields, a.name AS account, r.endpoint_id, r.reason, r.read_at
  FROM rctd_vault.reading r
  JOIN rctd.unit u ON u.trial_id = r.trial_id AND u.unit_id = r.unit_id
  LEFT JOIN rctd.account a ON a.account_id = r.account_id
 WHERE r.trial_id = $1 AND r.reading_id > $2 AND ($4 IS NULL OR u.code = $4) AND ($5 IS NULL OR r.purpose = $5)
 ORDER BY r.reading_id LIMIT $3;
