-- deviation.sql: randomisation errors, beside the ledger.

-- An allocation with what it was decided on and what is stored of its unit; `year` is that of its time.
-- deviation_allocation :maybe
--   trial_id uuid, scope jsonb?, allocation_id uuid
--   -> unit_id uuid, kind text, code text, scheme text, stratum text, method text, decision jsonb, protocol_version int4, attributes jsonb, year int4
SELECT l.unit_id, u.kind, u.code, l.scheme, l.stratum, l.method, l.decision, l.protocol_version, u.attributes,
       extract(year FROM l.allocated_at AT TIME ZONE t.time_zone)::integer AS year
  FROM rctd.allocation l
  JOIN rctd.unit u ON u.trial_id = l.trial_id AND u.unit_id = l.unit_id
  JOIN rctd.trial t ON t.trial_id = l.trial_id
 WHERE l.trial_id = $1 AND l.allocation_id = $3 AND rctd.in_scope($2, u.county, u.site);

-- Is it one that the caller may know of?
-- deviation_allocation_there :one
--   trial_id uuid, scope jsonb?, allocation_id uuid
--   -> there bool
SELECT EXISTS (SELECT FROM rctd.allocation l JOIN rctd.unit u ON u.trial_id = l.trial_id AND u.unit_id = l.unit_id
                WHERE l.trial_id = $1 AND l.allocation_id = $3 AND rctd.in_scope($2, u.county, u.site)) AS there;

-- deviation_insert :exec
--   trial_id uuid, deviation_id uuid, allocation_id uuid, unit_id uuid, kind text, reason text, arm_known bool, true_values jsonb?, allocated_levels jsonb?, true_levels jsonb?, allocated_stratum text?, true_stratum text?, rule text?, known_on date?, duplicate_of uuid?, separate_data bool?, supersedes uuid?, kept bool, analysis_stratum text, recorded_by uuid
INSERT INTO rctd.allocation_deviation (trial_id, deviation_id, allocation_id, unit_id, kind, reason, arm_known, true_values,
       allocated_levels, true_levels, allocated_stratum, true_stratum, rule, known_on, duplicate_of, separate_data,
       supersedes, kept, analysis_stratum, recorded_at, recorded_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, rctd.clock(), $20);

-- Deviations of a trial, or of one allocation, or one of them: nothing from which an arm can be told.
-- deviation_list :many
--   trial_id uuid, scope jsonb?, after uuid, most int4, allocation_id uuid?, scheme text?, deviation_id uuid?
--   -> deviation_id uuid, allocation_id uuid, unit text, code text, scheme text, kind text, arm_known bool, rule text?, known_on date?, duplicate_of uuid?, separate_data bool?, supersedes uuid?, superseded_by uuid?, kept bool, analysis_stratum text, recorded_at timestamptz, recorded_by text, primary_set bool?, decided_at timestamptz?, decided_by text?
SELECT d.deviation_id, d.allocation_id, u.kind AS unit, u.code, l.scheme, d.kind, d.arm_known, d.rule, d.known_on,
       d.duplicate_of, d.separate_data, d.supersedes,
       (SELECT s.deviation_id FROM rctd.allocation_deviation s
         WHERE s.trial_id = d.trial_id AND s.supersedes = d.deviation_id) AS superseded_by,
       d.kept, d.analysis_stratum, d.recorded_at, a.name AS recorded_by, c.primary_set, c.decided_at, b.name AS decided_by
  FROM rctd.allocation_deviation d
  JOIN rctd.allocation l ON l.trial_id = d.trial_id AND l.allocation_id = d.allocation_id
  JOIN rctd.unit u ON u.trial_id = d.trial_id AND u.unit_id = d.unit_id
  JOIN rctd.account a ON a.account_id = d.recorded_by
  LEFT JOIN LATERAL (SELECT e.primary_set, e.decided_at, e.decided_by FROM rctd.deviation_decision e
                      WHERE e.trial_id = d.trial_id AND e.deviation_id = d.deviation_id
                      ORDER BY e.ordinal DESC LIMIT 1) c ON true
  LEFT JOIN rctd.account b ON b.account_id = c.decided_by
 WHERE d.trial_id = $1 AND d.deviation_id > $3 AND rctd.in_scope($2, u.county, u.site)
   AND ($5 IS NULL OR d.allocation_id = $5) AND ($6 IS NULL OR l.scheme = $6) AND ($7 IS NULL OR d.deviation_id = $7)
 ORDER BY d.deviation_id LIMIT $4;

-- The rest of a deviation, for roles that know arms.
-- deviation_restricted :one
--   trial_id uuid, deviation_id uuid
--   -> reason text, decided_for text?, true_values jsonb?, allocated_levels jsonb?, true_levels jsonb?, true_stratum text?, arm text, stratum text, position int8
SELECT d.reason, (SELECT e.reason FROM rctd.deviation_decision e
                   WHERE e.trial_id = d.trial_id AND e.deviation_id = d.deviation_id
                   ORDER BY e.ordinal DESC LIMIT 1) AS decided_for,
       d.true_values, d.allocated_levels, d.true_levels, d.true_stratum, l.arm, l.stratum, l.position
  FROM rctd.allocation_deviation d
  JOIN rctd.allocation l ON l.trial_id = d.trial_id AND l.allocation_id = d.allocation_id
 WHERE d.trial_id = $1 AND d.deviation_id = $2;

-- The next decision on a deviation.
-- deviation_decision_insert :exec
--   trial_id uuid, decision_id uuid, deviation_id uuid, primary_set bool, reason text, decided_by uuid
INSERT INTO rctd.deviation_decision (trial_id, decision_id, deviation_id, unit_id, ordinal, primary_set, reason, decided_at, decided_by)
SELECT d.trial_id, $2, d.deviation_id, d.unit_id,
       1 + (SELECT count(*) FROM rctd.deviation_decision e WHERE e.trial_id = d.trial_id AND e.deviation_id = d.deviation_id),
       $4, $5, rctd.clock(), $6
  FROM rctd.allocation_deviation d WHERE d.trial_id = $1 AND d.deviation_id = $3;
