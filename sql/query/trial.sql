-- trial.sql: trials, protocol versions, phases, schemes and sealed seeds.

-- The lock that makes changes to one trial follow one another.
-- trial_lock :exec
--   trial_id uuid
SELECT pg_advisory_xact_lock(hashtextextended('trial/' || $1::text, 0));

-- The same lock, shared: while allocations hold it no protocol is locked and no phase is moved.
-- trial_share :exec queued
--   trial_id uuid
SELECT pg_advisory_xact_lock_shared(hashtextextended('trial/' || $1::text, 0));

-- trial_insert :exec
--   trial_id uuid, name text, title text, organisation text
INSERT INTO rctd.trial (trial_id, name, title, organisation) VALUES ($1, $2, $3, $4)
ON CONFLICT (name) DO NOTHING;

-- trial_get :one
--   trial_id uuid
--   -> name text, title text, organisation text, state text, time_zone text, created_at timestamptz, locked_version int4?, workplaces int8, allocated int8
SELECT t.name, t.title, t.organisation, t.state, t.time_zone, t.created_at,
       (SELECT max(v.version) FROM rctd.protocol_version v WHERE v.trial_id = t.trial_id AND v.state = 'locked') AS locked_version,
       (SELECT count(*) FROM rctd.unit u WHERE u.trial_id = t.trial_id AND u.kind = 'workplace') AS workplaces,
       (SELECT count(DISTINCT l.unit_id) FROM rctd.allocation l WHERE l.trial_id = t.trial_id AND l.randomised) AS allocated
  FROM rctd.trial t WHERE t.trial_id = $1;

-- The trials on which an account has a role; an administrator's are all.
-- trial_list :many
--   account_id uuid, everything bool, after text, most int4
--   -> name text, title text, organisation text, state text, time_zone text, created_at timestamptz
SELECT t.name, t.title, t.organisation, t.state, t.time_zone, t.created_at
  FROM rctd.trial t
 WHERE ($2 OR EXISTS (SELECT FROM rctd.role_grant g
                       WHERE g.trial_id = t.trial_id AND g.account_id = $1 AND g.revoked_at IS NULL))
   AND t.name > $3 ORDER BY t.name LIMIT $4;

-- trial_id_by_name :maybe
--   name text
--   -> trial_id uuid
SELECT t.trial_id FROM rctd.trial t WHERE t.name = $1;

-- time_zone_list :many
--   -
--   -> name text
SELECT z.name FROM pg_catalog.pg_timezone_names z ORDER BY z.name;

-- trial_open :exec
--   trial_id uuid, title text, time_zone text
UPDATE rctd.trial SET state = 'open', title = $2, time_zone = $3 WHERE trial_id = $1;

-- protocol_list :many
--   trial_id uuid
--   -> version int4, state text, sha256 bytea, reason text?, created_at timestamptz, created_by text, locked_at timestamptz?, seeds jsonb
SELECT v.version, v.state, v.sha256, v.reason, v.created_at, v.created_by, v.locked_at,
       coalesce((SELECT jsonb_agg(jsonb_build_object('scheme', s.scheme, 'label', s.label,
                        'commitment', encode(s.commitment, 'hex')) ORDER BY s.scheme)
                   FROM rctd.scheme_seed s WHERE s.trial_id = v.trial_id AND s.version = v.version), '[]') AS seeds
  FROM rctd.protocol_version v WHERE v.trial_id = $1 ORDER BY v.version;

-- protocol_get :maybe
--   trial_id uuid, version int4
--   -> version int4, state text, document text, sha256 bytea, reason text?, created_at timestamptz, created_by text, locked_at timestamptz?
SELECT v.version, v.state, v.document, v.sha256, v.reason, v.created_at, v.created_by, v.locked_at
  FROM rctd.protocol_version v WHERE v.trial_id = $1 AND v.version = $2;

-- protocol_locked_version :maybe
--   trial_id uuid
--   -> version int4, sha256 bytea
SELECT v.version, v.sha256 FROM rctd.protocol_version v
 WHERE v.trial_id = $1 AND v.state = 'locked' ORDER BY v.version DESC LIMIT 1;

-- The document of a locked version, for the rules that are applied with it.
-- protocol_document :one
--   trial_id uuid, version int4
--   -> document text
SELECT v.document FROM rctd.protocol_version v WHERE v.trial_id = $1 AND v.version = $2 AND v.state = 'locked';

-- protocol_draft_put :one
--   trial_id uuid, document text, reason text?, created_by text, signatures jsonb
--   -> version int4
INSERT INTO rctd.protocol_version AS p (trial_id, version, document, sha256, reason, created_by, signatures)
SELECT $1, 1 + coalesce((SELECT max(v.version) FROM rctd.protocol_version v
                          WHERE v.trial_id = $1 AND v.state = 'locked'), 0),
       $2, sha256(convert_to($2, 'UTF8')), $3, $4, $5
ON CONFLICT (trial_id, version) DO UPDATE
   SET document = excluded.document, sha256 = excluded.sha256, reason = excluded.reason,
       created_by = excluded.created_by, created_at = now(), signatures = excluded.signatures
RETURNING p.version;

-- protocol_lock :exec
--   trial_id uuid, version int4, locked_by uuid, signatures jsonb
UPDATE rctd.protocol_version SET state = 'locked', locked_at = now(), locked_by = $3
 WHERE trial_id = $1 AND version = $2 AND state = 'draft' AND signatures = $4;

-- phase_put :exec
--   trial_id uuid, phase text, ordinal int4, workplaces int4?, participants int4?
INSERT INTO rctd.phase (trial_id, phase, ordinal, target_workplaces, target_participants)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (trial_id, phase) DO UPDATE
   SET ordinal = excluded.ordinal, target_workplaces = excluded.target_workplaces,
       target_participants = excluded.target_participants;

-- phase_exclusion_clear :exec
--   trial_id uuid
DELETE FROM rctd.phase_exclusion WHERE trial_id = $1;

-- phase_exclusion_add :exec
--   trial_id uuid, phase text, excluded text
INSERT INTO rctd.phase_exclusion (trial_id, phase, excluded) VALUES ($1, $2, $3);

-- phase_list :many
--   trial_id uuid
--   -> phase text, state text, target_workplaces int4?, target_participants int4?, allocated int8, allocated_participants int8, opened_at timestamptz?, closed_at timestamptz?
SELECT p.phase, p.state, p.target_workplaces, p.target_participants, n.workplaces AS allocated,
       coalesce(r.people, 0) AS allocated_participants, p.opened_at, p.closed_at
  FROM rctd.phase p
 CROSS JOIN LATERAL (
       SELECT count(DISTINCT l.unit_id) AS workplaces
         FROM rctd.allocation l JOIN rctd.unit u ON u.trial_id = l.trial_id AND u.unit_id = l.unit_id
        WHERE l.trial_id = p.trial_id AND l.phase = p.phase AND l.randomised AND u.kind = 'workplace') n
  LEFT JOIN (SELECT c.phase, count(*) AS people FROM rctd.screening_card c
              WHERE c.trial_id = $1 AND c.kind = 'participant' AND c.randomised GROUP BY 1) r ON r.phase = p.phase
 WHERE p.trial_id = $1 ORDER BY p.ordinal;

-- phase_get :maybe
--   trial_id uuid, phase text
--   -> state text
SELECT p.state FROM rctd.phase p WHERE p.trial_id = $1 AND p.phase = $2 FOR UPDATE;

-- phase_set_state :exec
--   trial_id uuid, phase text, state text
UPDATE rctd.phase SET state = $3,
       opened_at = CASE WHEN $3 = 'open' THEN rctd.clock() ELSE opened_at END,
       closed_at = CASE WHEN $3 = 'closed' THEN rctd.clock() END
 WHERE trial_id = $1 AND phase = $2;

-- scheme_seed_insert :exec
--   trial_id uuid, scheme text, version int4, label text, commitment bytea, sealed bytea, key_id text
INSERT INTO rctd.scheme_seed (trial_id, scheme, version, label, commitment, sealed, key_id)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- scheme_put :exec
--   trial_id uuid, scheme text, phase text, unit text, seed_version int4
INSERT INTO rctd.scheme (trial_id, scheme, phase, unit, seed_version) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (trial_id, scheme) DO UPDATE
   SET phase = excluded.phase, unit = excluded.unit, seed_version = excluded.seed_version, retired = false;

-- scheme_retire :exec
--   trial_id uuid, scheme text
UPDATE rctd.scheme SET retired = true WHERE trial_id = $1 AND scheme = $2;

-- scheme_arm_put :exec
--   trial_id uuid, scheme text, arm text
INSERT INTO rctd.scheme_arm (trial_id, scheme, arm) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING;

-- scheme_arm_clear :exec
--   trial_id uuid, scheme text
DELETE FROM rctd.scheme_arm WHERE trial_id = $1 AND scheme = $2;

-- scheme_seed_get :maybe
--   trial_id uuid, scheme text
--   -> phase text, phase_state text, closed bool, version int4, label text, commitment bytea, sealed bytea, key_id text, sha256 bytea
SELECT s.phase, p.state AS phase_state,
       EXISTS (SELECT FROM rctd.scheme_closing c WHERE c.trial_id = s.trial_id AND c.scheme = s.scheme) AS closed,
       e.version, e.label, e.commitment, e.sealed, e.key_id, v.sha256
  FROM rctd.scheme s
  JOIN rctd.phase p ON p.trial_id = s.trial_id AND p.phase = s.phase
  JOIN rctd.scheme_seed e ON e.trial_id = s.trial_id AND e.scheme = s.scheme AND e.version = s.seed_version
  JOIN rctd.protocol_version v ON v.trial_id = e.trial_id AND v.version = e.version
 WHERE s.trial_id = $1 AND s.scheme = $2 AND NOT s.retired;

-- rehearsal_get :one
--   -
--   -> moved bool, now timestamptz
SELECT i.ahead <> '0' AS moved, rctd.clock() AS now FROM rctd.instance i;

-- rehearsal_advance :exec
--   days int4
UPDATE rctd.instance SET ahead = ahead + make_interval(days => $1);

-- instance_purpose :one
--   -
--   -> purpose text?
SELECT i.purpose FROM rctd.instance i;

-- instance_claim :exec
--   purpose text
UPDATE rctd.instance SET purpose = $1 WHERE purpose IS NULL;
