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
