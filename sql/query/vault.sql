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

-- Which of these numbers (a JSON array of their hashes in hex) are registered already? Their places, from 1.
-- numbers_taken :many
--   trial_id uuid, hashes jsonb
--   -> place int4
SELECT n.place FROM rctd.numbers_taken($1, $2) AS n (place);

-- What the account that acts was told of registered numbers within the hour.
-- enrolment_told :one
--   trial_id uuid
--   -> told int8
SELECT rctd.enrolment_told($1) AS told;

-- enrolment_refuse :one
--   trial_id uuid, action text, met int4, most int4
--   -> told int4
SELECT rctd.enrolment_refuse($1, $2, $3, $4) AS told;

-- Adds who people are, later than their registration: an array of {unit_id, key_version, box, number_hash}, the last
-- two in hex. rctd_app runs it too.
-- identity_insert :exec
--   trial_id uuid, rows jsonb
INSERT INTO rctd_vault.identity (trial_id, unit_id, key_version, box, number_hash)
SELECT $1, n.unit_id, n.key_version, decode(n.box, 'hex'), decode(n.number_hash, 'hex')
  FROM jsonb_to_recordset($2) AS n (unit_id uuid, key_version integer, box text, number_hash text);

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
--   trial_id uuid, reading_id uuid, unit_id uuid, purpose text, fields jsonb, account_id uuid?, endpoint_id uuid?, reminder_id uuid?, reason text, reference text?
INSERT INTO rctd_vault.reading (trial_id, reading_id, unit_id, purpose, fields, account_id, endpoint_id, reminder_id, reason, reference,
                                read_at)
SELECT $1, $2, $3, $4, ARRAY(SELECT jsonb_array_elements_text($5)), $6, $7, $8, $9, $10, rctd.clock();

-- Who read what, the newest last.
-- identity_readings :many
--   trial_id uuid, after uuid, most int4, code text?, purpose text?
--   -> reading_id uuid, code text, purpose text, fields jsonb, account text?, endpoint_id uuid?, reminder_id uuid?, reason text, reference text?, read_at timestamptz
SELECT r.reading_id, u.code, r.purpose, to_jsonb(r.fields) AS fields, a.name AS account, r.endpoint_id, r.reminder_id,
       r.reason, r.reference::text AS reference, r.read_at
  FROM rctd_vault.reading r
  JOIN rctd.unit u ON u.trial_id = r.trial_id AND u.unit_id = r.unit_id
  LEFT JOIN rctd.account a ON a.account_id = r.account_id
 WHERE r.trial_id = $1 AND r.reading_id > $2 AND ($4 IS NULL OR u.code = $4) AND ($5 IS NULL OR r.purpose = $5)
 ORDER BY r.reading_id LIMIT $3;

-- The newest version of a trial's data keys, held so that one rotation follows another; no row: the vault is empty.
-- rotation_newest :maybe
--   trial_id uuid
--   -> version int4
SELECT d.version FROM rctd_vault.data_key d WHERE d.trial_id = $1 ORDER BY d.version DESC LIMIT 1 FOR NO KEY UPDATE;

-- rotation_insert :exec
--   trial_id uuid, to_version int4, requested_by uuid, reason text
INSERT INTO rctd_vault.rotation (trial_id, to_version, requested_by, reason, started_at)
VALUES ($1, $2, $3, $4, rctd.clock());

-- Rotations with what is left to do, newest first.
-- rotation_list :many
--   trial_id uuid, before int4, most int4
--   -> to_version int4, requested_by text, reason text, started_at timestamptz, finished_at timestamptz?, total int8, remaining int8, destroyed_at timestamptz?, erased_from_disk_at timestamptz?
SELECT r.to_version, a.name AS requested_by, r.reason, r.started_at, r.finished_at,
       (SELECT count(*) FROM rctd_vault.identity i WHERE i.trial_id = r.trial_id) AS total,
       (SELECT count(*) FROM rctd_vault.identity i WHERE i.trial_id = r.trial_id AND i.key_version < r.to_version) AS remaining,
       (SELECT max(k.destroyed_at) FROM rctd_vault.data_key k
         WHERE k.trial_id = r.trial_id AND k.version < r.to_version) AS destroyed_at,
       (SELECT min(s.gone_at) FROM rctd_vault.residue s
         WHERE s.trial_id = r.trial_id AND s.kind = 'rotation' AND s.left_at = r.finished_at) AS erased_from_disk_at
  FROM rctd_vault.rotation r JOIN rctd.account a ON a.account_id = r.requested_by
 WHERE r.trial_id = $1 AND r.to_version < $2 ORDER BY r.to_version DESC LIMIT $3;

-- What the daemons have to do in the vaults: rotations under way, and whether files are to be written anew.
-- vault_rotations :many
-- -
--   -> trial_id uuid, to_version int4
SELECT r.trial_id, r.to_version FROM rctd_vault.rotation r WHERE r.finished_at IS NULL ORDER BY r.started_at, r.trial_id;

-- The keys of a rotation: the newest and the older ones that still open something.
-- rotation_keys :many
--   trial_id uuid
--   -> version int4, master_key_id text, sealed bytea
SELECT k.version, k.master_key_id, k.sealed FROM rctd_vault.data_key k
 WHERE k.trial_id = $1 AND k.sealed IS NOT NULL ORDER BY k.version DESC;

-- The next boxes under an older key, behind the last one in the order of version and unit; those that somebody
-- else holds are passed over.
-- rotation_batch :many
--   trial_id uuid, to_version int4, after_version int4, after_unit uuid, most int4
--   -> unit_id uuid, key_version int4, box bytea
SELECT i.unit_id, i.key_version, i.box FROM rctd_vault.identity i
 WHERE i.trial_id = $1 AND i.key_version < $2 AND (i.key_version, i.unit_id) > ($3, $4)
 ORDER BY i.key_version, i.unit_id LIMIT $5 FOR UPDATE SKIP LOCKED;

-- Puts boxes under the newer key: an array of {unit_id, key_version, box}, the box in hex. Each row is found by an
-- equality in every column of an index, whatever the planner knows of the table.
-- rotation_store :exec
--   trial_id uuid, to_version int4, rows jsonb
UPDATE rctd_vault.identity i SET key_version = $2, box = decode(n.box, 'hex')
  FROM jsonb_to_recordset($3) AS n (unit_id uuid, key_version integer, box text)
 WHERE i.trial_id = $1 AND i.unit_id = n.unit_id AND i.key_version = n.key_version AND n.key_version < $2;

-- Waits for whoever seals under an older key at this moment.
-- rotation_hold_keys :exec
--   trial_id uuid, to_version int4
SELECT k.version FROM rctd_vault.data_key k
 WHERE k.trial_id = $1 AND k.version < $2 AND k.sealed IS NOT NULL FOR NO KEY UPDATE;

-- rotation_remaining :one
--   trial_id uuid, to_version int4
--   -> remaining int8
SELECT count(*) AS remaining FROM rctd_vault.identity i WHERE i.trial_id = $1 AND i.key_version < $2;

-- rotation_destroy :exec
--   trial_id uuid, to_version int4
UPDATE rctd_vault.data_key SET sealed = NULL, destroyed_at = rctd.clock()
 WHERE trial_id = $1 AND version < $2 AND sealed IS NOT NULL;

-- rotation_finish :exec
--   trial_id uuid, to_version int4
UPDATE rctd_vault.rotation SET finished_at = rctd.clock() WHERE trial_id = $1 AND to_version = $2 AND finished_at IS NULL;

-- What the rotation has deleted is to go from the files too.
-- residue_insert :exec
--   trial_id uuid, kind text
INSERT INTO rctd_vault.residue (trial_id, kind, left_at) VALUES ($1, $2, rctd.clock());

-- vault_scrub_due :one
-- -
--   -> due bool
SELECT EXISTS (SELECT FROM rctd_vault.residue r WHERE r.gone_at IS NULL) AS due;

-- vault_scrub :one
-- -
--   -> clean bool?
SELECT rctd_vault.scrub() AS clean;

-- erasure_insert :exec
--   trial_id uuid, unit_id uuid, requested_by text, how text, kept_under text, reason text, reference text?, erased_by uuid
INSERT INTO rctd.erasure (trial_id, unit_id, requested_by, how, kept_under, reason, reference, erased_at, erased_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, rctd.clock(), $8);

-- Erasures in the order of the participants' codes.
-- erasure_list :many
--   trial_id uuid, after text, most int4, code text?
--   -> code text, requested_by text, how text, kept_under text, reason text, reference text?, erased_at timestamptz, erased_by text
SELECT u.code, e.requested_by, e.how, e.kept_under, e.reason, e.reference::text AS reference, e.erased_at, a.name AS erased_by
  FROM rctd.erasure e
  JOIN rctd.unit u ON u.trial_id = e.trial_id AND u.unit_id = e.unit_id
  JOIN rctd.account a ON a.account_id = e.erased_by
 WHERE e.trial_id = $1 AND u.code > $2 AND ($4 IS NULL OR u.code = $4) ORDER BY u.code LIMIT $3;

-- Since when is nothing of an erasure left in the files? One of the erasures of that moment.
-- erasure_off_disk :one
--   trial_id uuid, erased_at timestamptz
--   -> off_disk_at timestamptz?
SELECT CASE WHEN bool_and(r.gone_at IS NOT NULL) THEN max(r.gone_at) END AS off_disk_at FROM rctd_vault.residue r
 WHERE r.trial_id = $1 AND r.kind = 'erasure' AND r.left_at = $2;

-- The master key, sealed to those who keep it; once for each key and those people.
-- key_escrow_insert :exec
--   key_id text, sealed_to text, sealed text
INSERT INTO rctd_vault.key_escrow (key_id, sealed_to, sealed) VALUES ($1, $2, $3) ON CONFLICT (key_id, sealed_to) DO NOTHING;

-- The master keys that something lies under, the one with the most first.
-- master_keys :many
--   -
--   -> key_id text
SELECT u.key_id FROM rctd_vault.key_use u ORDER BY u.sealed DESC, u.key_id;

-- The newest of each master key: those that something lies under first, then the newest.
-- key_escrow_list :many
--   -
--   -> sealed text, in_use bool
SELECT e.sealed, e.in_use
  FROM (SELECT DISTINCT ON (k.key_id) k.sealed, k.made_at, k.key_id,
               EXISTS (SELECT FROM rctd_vault.key_use u WHERE u.key_id = k.key_id) AS in_use
          FROM rctd_vault.key_escrow k ORDER BY k.key_id, k.made_at DESC) e
 ORDER BY e.in_use DESC, e.made_at DESC, e.key_id;
