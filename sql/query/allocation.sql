-- allocation.sql: the ledger.

-- stratum_ensure :exec queued
--   trial_id uuid, scheme text, stratum text
INSERT INTO rctd.stratum (trial_id, scheme, stratum) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING;

-- The stratum's lock; held until the transaction ends.
-- stratum_lock :exec queued
--   trial_id uuid, scheme text, stratum text
SELECT s.stratum FROM rctd.stratum s WHERE s.trial_id = $1 AND s.scheme = $2 AND s.stratum = $3 FOR UPDATE;

-- Under the stratum's lock: the last position used.
-- stratum_last :maybe
--   trial_id uuid, scheme text, stratum text
--   -> position int8
SELECT l.position FROM rctd.allocation l
 WHERE l.trial_id = $1 AND l.scheme = $2 AND l.stratum = $3 ORDER BY l.position DESC LIMIT 1;

-- What the tally of a minimised scheme stands on: the rows at the position that it was counted to, and at the
-- ledger's end.
-- minimisation_marks :one
--   trial_id uuid, scheme text, sure int8, last int8
--   -> sure_id uuid?, last_id uuid?
SELECT (SELECT l.allocation_id FROM rctd.allocation l
         WHERE l.trial_id = $1 AND l.scheme = $2 AND l.stratum = '' AND l.position = $3) AS sure_id,
       (SELECT l.allocation_id FROM rctd.allocation l
         WHERE l.trial_id = $1 AND l.scheme = $2 AND l.stratum = '' AND l.position = $4) AS last_id;

-- How many units were allocated behind a position, by level and arm.
-- minimisation_sums :many
--   trial_id uuid, scheme text, after int8, last int8
--   -> factor text, level text, arm text, units int8
SELECT v.key AS factor, v.value AS level, l.arm, count(*) AS units
  FROM rctd.allocation l, jsonb_each_text(l.decision -> 'levels') v
 WHERE l.trial_id = $1 AND l.scheme = $2 AND l.stratum = '' AND l.position > $3 AND l.position <= $4
 GROUP BY v.key, v.value, l.arm;

-- The end of a scheme that is allocated in batches: its last position, and the number of its last batch.
-- batch_last :maybe
--   trial_id uuid, scheme text
--   -> position int8, batch int8
SELECT l.position, (l.decision ->> 'batch')::bigint AS batch
  FROM rctd.allocation l
 WHERE l.trial_id = $1 AND l.scheme = $2 AND l.stratum = '' ORDER BY l.position DESC LIMIT 1;

-- What the database adds to the allocations of a batch, in the order of their positions.
-- batch_receipts :many
--   trial_id uuid, scheme text, after int8
--   -> allocation_id uuid, allocated_at timestamptz, hash bytea
SELECT l.allocation_id, l.allocated_at, d.hash
  FROM rctd.allocation l
  JOIN rctd.audit d ON d.trial_id = l.trial_id AND d.stream = 'stratum:' || l.stream_key AND d.sequence = l.position
 WHERE l.trial_id = $1 AND l.scheme = $2 AND l.stratum = '' AND l.position > $3 ORDER BY l.position;

-- allocation_insert :exec queued
--   trial_id uuid, allocation_id uuid, scheme text, stratum text, position int8, unit_id uuid, arm text, phase text, protocol_version int4, method text, decision jsonb, allocated_by uuid, idempotency_key text
INSERT INTO rctd.allocation (trial_id, allocation_id, scheme, stratum, position, unit_id, arm, phase,
                             protocol_version, method, decision, allocated_at, allocated_by, idempotency_key)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, rctd.clock(), $12, $13);

-- What the database adds to an allocation: its time, and its receipt, the hash of its row in the trail, by
-- which an auditor finds it.
-- allocation_receipt :one
--   trial_id uuid, allocation_id uuid
--   -> allocated_at timestamptz, hash bytea
SELECT l.allocated_at, d.hash
  FROM rctd.allocation l
  JOIN rctd.audit d ON d.trial_id = l.trial_id AND d.stream = 'stratum:' || l.stream_key AND d.sequence = l.position
 WHERE l.trial_id = $1 AND l.allocation_id = $2;

-- The ledger for roles that know arms.
-- ledger_list :many
--   trial_id uuid, scope jsonb?, after uuid, most int4, scheme text?, unit text?
--   -> allocation_id uuid, scheme text, phase text, kind text, code text, name text?, protocol_version int4, allocated_at timestamptz, allocated_by text, stratum text, position int8, arm text, method text, decision jsonb, key text, receipt bytea
SELECT l.allocation_id, l.scheme, l.phase, u.kind, u.code, w.name, l.protocol_version, l.allocated_at, a.name AS allocated_by, l.stratum,
       l.position, l.arm, l.method, l.decision, l.idempotency_key AS key,
       (SELECT d.hash FROM rctd.audit d WHERE d.trial_id = l.trial_id
           AND d.stream = 'stratum:' || l.scheme || '/' || l.stratum AND d.sequence = l.position) AS receipt
  FROM rctd.allocation l
  JOIN rctd.unit u ON u.trial_id = l.trial_id AND u.unit_id = l.unit_id
  LEFT JOIN rctd.workplace w ON w.trial_id = u.trial_id AND w.unit_id = u.unit_id
  JOIN rctd.account a ON a.account_id = l.allocated_by
 WHERE l.trial_id = $1 AND l.allocation_id > $3
   AND rctd.in_scope($2, u.county, u.site)
   AND ($5 IS NULL OR l.scheme = $5) AND ($6 IS NULL OR u.code = $6)
 ORDER BY l.allocation_id LIMIT $4;

-- The same rows by stratum and position, for exports: a stratum's rows come one behind another, so that a row
-- which is added meanwhile leaves no gap before it. The order of the strata is the database's own.
-- ledger_by_position :many
--   trial_id uuid, scope jsonb?, after_scheme text, after_stratum text, after_position int8, most int4, scheme text?, unit text?
--   -> as ledger_list
SELECT l.allocation_id, l.scheme, l.phase, u.kind, u.code, w.name, l.protocol_version, l.allocated_at, a.name AS allocated_by, l.stratum,
       l.position, l.arm, l.method, l.decision, l.idempotency_key AS key,
       (SELECT d.hash FROM rctd.audit d WHERE d.trial_id = l.trial_id
           AND d.stream = 'stratum:' || l.scheme || '/' || l.stratum AND d.sequence = l.position) AS receipt
  FROM rctd.allocation l
  JOIN rctd.unit u ON u.trial_id = l.trial_id AND u.unit_id = l.unit_id
  LEFT JOIN rctd.workplace w ON w.trial_id = u.trial_id AND w.unit_id = u.unit_id
  JOIN rctd.account a ON a.account_id = l.allocated_by
 WHERE l.trial_id = $1 AND (l.scheme, l.stratum, l.position) > ($3, $4, $5)
   AND rctd.in_scope($2, u.county, u.site)
   AND ($7 IS NULL OR l.scheme = $7) AND ($8 IS NULL OR u.code = $8)
 ORDER BY l.scheme, l.stratum, l.position LIMIT $6;

-- The same ledger for everyone else: that a unit was allocated and when, not to what.
-- ledger_list_blinded :many
--   trial_id uuid, scope jsonb?, after uuid, most int4, scheme text?, unit text?
--   -> allocation_id uuid, scheme text, phase text, kind text, code text, name text?, protocol_version int4, allocated_at timestamptz, allocated_by text
SELECT l.allocation_id, l.scheme, l.phase, u.kind, u.code, w.name, l.protocol_version, l.allocated_at, a.name AS allocated_by
  FROM rctd.allocation l
  JOIN rctd.unit u ON u.trial_id = l.trial_id AND u.unit_id = l.unit_id
  LEFT JOIN rctd.workplace w ON w.trial_id = u.trial_id AND w.unit_id = u.unit_id
  JOIN rctd.account a ON a.account_id = l.allocated_by
 WHERE l.trial_id = $1 AND l.allocation_id > $3
   AND rctd.in_scope($2, u.county, u.site)
   AND ($5 IS NULL OR l.scheme = $5) AND ($6 IS NULL OR u.code = $6)
 ORDER BY l.allocation_id LIMIT $4;

-- attempt_insert :exec queued
--   trial_id uuid, attempt_id uuid, scheme text, unit_id uuid, kind text, stratum text?, missing jsonb, account_id uuid, request_id text
INSERT INTO rctd.allocation_attempt (trial_id, attempt_id, scheme, unit_id, kind, stratum, missing, at, account_id, request_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, rctd.clock(), $8, $9);

-- Dry runs and refusals; `followed` says whether the unit was allocated in the scheme afterwards.
-- attempt_list :many
--   trial_id uuid, after uuid, most int4
--   -> attempt_id uuid, kind text, scheme text, unit text, code text, stratum text?, missing jsonb, at timestamptz, account text, followed bool
SELECT t.attempt_id, t.kind, t.scheme, u.kind AS unit, u.code, t.stratum, t.missing, t.at, a.name AS account,
       EXISTS (SELECT FROM rctd.allocation l WHERE l.trial_id = t.trial_id AND l.unit_id = t.unit_id
                  AND l.scheme = t.scheme AND l.allocated_at >= t.at) AS followed
  FROM rctd.allocation_attempt t
  JOIN rctd.unit u ON u.trial_id = t.trial_id AND u.unit_id = t.unit_id
  JOIN rctd.account a ON a.account_id = t.account_id
 WHERE t.trial_id = $1 AND t.attempt_id > $2 ORDER BY t.attempt_id LIMIT $3;
