-- measure.sql: data of participants: taken in, listed, released from quarantine.

-- What becomes of data of this unit that was collected then: NULL, in use; before-consent, never-asked,
-- old-version: quarantine; every other word: nothing is stored. The unit is held from here on.
-- measure_standing :one
--   trial_id uuid, unit_id uuid, collected_at timestamptz, task_id uuid?
--   -> standing text?
SELECT rctd.measure_standing($1, $2, $3, $4) AS standing;

-- measure_insert :exec
--   trial_id uuid, measure_id uuid, unit_id uuid, instrument text, task_id uuid?, collected_at timestamptz, measured jsonb, quarantine text?, arm_specific bool, protocol_version int4, recorded_by uuid
INSERT INTO rctd.measure (trial_id, measure_id, unit_id, instrument, task_id, collected_at, measured, quarantine, arm_specific,
                          protocol_version, recorded_at, recorded_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, rctd.clock(), $11);

-- measure_task :maybe
--   trial_id uuid, unit_id uuid, task_id uuid
--   -> task text
SELECT t.task FROM rctd.task t WHERE t.trial_id = $1 AND t.unit_id = $2 AND t.task_id = $3;

-- A questionnaire is done with the last of its instruments, also where its window is over: nobody is reminded of
-- what they have answered. What people meet or call for ends with an outcome.
-- measure_ends_task :exec
--   trial_id uuid, task_id uuid, instruments int4
UPDATE rctd.task t SET state = 'done'
 WHERE t.trial_id = $1 AND t.task_id = $2 AND t.state IN ('planned', 'missed') AND t.kind IN ('questionnaire', 'message', 'register')
   AND (SELECT count(DISTINCT m.instrument) FROM rctd.measure m WHERE m.trial_id = $1 AND m.task_id = $2) >= $3;

-- Never the values: those are asked for beside it, by who may read them. A blinded role, or a trial manager, gets
-- what every arm has (row security). Without a `state` all but what was stopped; the one that is named (`only`) in
-- every state. What a state is looked for by comes before what it is of each row: few are held or stopped, of many.
-- measure_list :many
--   trial_id uuid, scope jsonb?, after uuid, most int4, code text?, instrument text?, state text?, only uuid?
--   -> measure_id uuid, unit_id uuid, code text, instrument text, task text?, occurrence int4?, collected_at timestamptz, state text, quarantine text?, released_at timestamptz?, released_by text?, released_for text?, protocol_version int4, recorded_at timestamptz, recorded_by text
SELECT m.measure_id, m.unit_id, u.code, m.instrument, t.task, t.occurrence, m.collected_at, s.state, m.quarantine, r.released_at, b.name AS released_by,
       r.reason AS released_for, m.protocol_version, m.recorded_at, a.name AS recorded_by
  FROM rctd.measure m
  JOIN rctd.unit u ON u.trial_id = m.trial_id AND u.unit_id = m.unit_id
  JOIN rctd.account a ON a.account_id = m.recorded_by
  CROSS JOIN LATERAL (SELECT rctd.measure_state(m.trial_id, m.unit_id, m.measure_id, m.quarantine) AS state OFFSET 0) s
  LEFT JOIN rctd.task t ON t.trial_id = m.trial_id AND t.task_id = m.task_id
  LEFT JOIN rctd.measure_release r ON r.trial_id = m.trial_id AND r.measure_id = m.measure_id
  LEFT JOIN rctd.account b ON b.account_id = r.released_by
 WHERE m.trial_id = $1 AND m.measure_id > $3 AND rctd.in_scope($2, u.county, u.site)
   AND ($5 IS NULL OR u.code = $5) AND ($6 IS NULL OR m.instrument = $6)
   AND ($7 IS DISTINCT FROM 'quarantined' OR m.quarantine IS NOT NULL)
   AND ($7 IS DISTINCT FROM 'stopped' OR m.unit_id IN (
        SELECT o.unit_id
          FROM (SELECT array_agg(p.unit_id) AS units, array_agg('export'::text) AS actions
                  FROM rctd.participant p WHERE p.trial_id = $1) a
         CROSS JOIN LATERAL rctd.objections($1, a.units, a.actions) o
         WHERE o.objection IS NOT NULL))
   AND ($8 IS NOT NULL OR CASE WHEN $7 IS NULL THEN s.state <> 'stopped' ELSE s.state = $7 END)
   AND ($8 IS NULL OR m.measure_id = $8)
 ORDER BY m.measure_id LIMIT $4;

-- What was measured, of these (a JSON array of ids).
-- measure_values :many
--   trial_id uuid, measures jsonb
--   -> measure_id uuid, measured jsonb
SELECT m.measure_id, m.measured FROM rctd.measure m
 WHERE m.trial_id = $1 AND m.measure_id = ANY (ARRAY(SELECT i::uuid FROM jsonb_array_elements_text($2) i));

-- May data of the unit be taken, and be in use, now?
-- measure_objection :one
--   trial_id uuid, unit_id uuid
--   -> objection text?
SELECT coalesce(rctd.may($1, $2, 'data'), rctd.may($1, $2, 'export')) AS objection;

-- measure_release :exec
--   trial_id uuid, measure_id uuid, unit_id uuid, reason text, released_by uuid
INSERT INTO rctd.measure_release (trial_id, measure_id, unit_id, reason, released_at, released_by)
VALUES ($1, $2, $3, $4, rctd.clock(), $5);
