-- screening.sql: the screening log and its flow.

-- screening_add :one
--   trial_id uuid, kind text, unit_id uuid?, workplace_id uuid?, phase text?, people int4, number int4?, state text, reason text?, correction text?, source text, happened_on date?, linked_id uuid?
--   -> entry_id uuid
SELECT rctd.screening_add($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) AS entry_id;

-- Excludes participants who were registered in this transaction: an array of {unit_id, reason}.
-- screening_exclude :exec queued
--   trial_id uuid, excluded jsonb
SELECT rctd.screening_exclude($1, $2);

-- An entry that is no unit's, by its number.
-- screening_numbered :maybe
--   trial_id uuid, scope jsonb?, number int4
--   -> entry_id uuid, kind text, state text, people int4, workplace text?
SELECT c.entry_id, c.kind, c.state, c.people, w.code AS workplace
  FROM rctd.screening_card c
  LEFT JOIN rctd.unit w ON w.trial_id = c.trial_id AND w.unit_id = c.workplace_id
 WHERE c.trial_id = $1 AND c.number = $3 AND ($2 IS NULL OR rctd.in_scope($2, c.county, c.site));

-- The entries that have events; units that are merely registered are in the flow alone.
-- screening_list :many
--   trial_id uuid, scope jsonb?, kind text?, state text?, workplace text?, after uuid, most int4
--   -> as screening_get
SELECT c.entry_id, c.kind, c.number, c.code, w.code AS workplace, c.phase, c.people, c.state, c.reason,
       (SELECT jsonb_agg(jsonb_build_object('state', v.state, 'reason', v.reason, 'correction', v.correction,
                   'source', v.source, 'happened_on', v.happened_on, 'recorded_by', a.name) ORDER BY v.ordinal)
          FROM rctd.screening_event v LEFT JOIN rctd.account a ON a.account_id = v.recorded_by
         WHERE v.trial_id = c.trial_id AND v.entry_id = c.entry_id) AS events
  FROM rctd.screening_card c
  LEFT JOIN rctd.unit w ON w.trial_id = c.trial_id AND w.unit_id = c.workplace_id
 WHERE c.trial_id = $1 AND ($2 IS NULL OR rctd.in_scope($2, c.county, c.site)) AND ($3 IS NULL OR c.kind = $3)
   AND ($4 IS NULL OR c.state = $4) AND ($5 IS NULL OR w.code = $5 OR c.code = $5) AND c.entry_id > $6
 ORDER BY c.entry_id LIMIT $7;

-- One entry as the list has it.
-- screening_get :one
--   trial_id uuid, entry_id uuid
--   -> entry_id uuid, kind text, number int4?, code text?, workplace text?, phase text?, people int4, state text, reason text?, events jsonb
SELECT c.entry_id, c.kind, c.number, c.code, w.code AS workplace, c.phase, c.people, c.state, c.reason,
       (SELECT jsonb_agg(jsonb_build_object('state', v.state, 'reason', v.reason, 'correction', v.correction,
                   'source', v.source, 'happened_on', v.happened_on, 'recorded_by', a.name) ORDER BY v.ordinal)
          FROM rctd.screening_event v LEFT JOIN rctd.account a ON a.account_id = v.recorded_by
         WHERE v.trial_id = c.trial_id AND v.entry_id = c.entry_id) AS events
  FROM rctd.screening_card c
  LEFT JOIN rctd.unit w ON w.trial_id = c.trial_id AND w.unit_id = c.workplace_id
 WHERE c.trial_id = $1 AND c.entry_id = $2;

-- Everybody in one box each: kind, phase, state, reason; of who is enrolled: randomised, or late (their workplace
-- was randomised already when they came), or neither yet.
-- screening_flow :many
--   trial_id uuid, scope jsonb?
--   -> kind text, phase text?, state text, reason text?, randomised bool, late bool, people int8
SELECT c.kind, c.phase, c.state, c.reason, c.randomised, c.late, sum(c.people)::int8 AS people
  FROM rctd.screening_card c
  LEFT JOIN rctd.phase p ON p.trial_id = c.trial_id AND p.phase = c.phase
 WHERE c.trial_id = $1 AND c.state NOT IN ('void', 'linked') AND ($2 IS NULL OR rctd.in_scope($2, c.county, c.site))
 GROUP BY c.kind, c.phase, p.ordinal, c.state, c.reason, c.randomised, c.late
 ORDER BY p.ordinal NULLS LAST, c.phase, c.kind, c.state, c.reason;

-- Where a registered unit stands: may it still be excluded, was it excluded by what it answered, and does it agree to
-- all that it is asked for?
-- screening_state :maybe
--   trial_id uuid, unit_id uuid
--   -> excludable bool, answered_out bool, agrees bool
SELECT c.state IN ('approached', 'not-approached') OR (c.state = 'enrolled' AND NOT c.in_trial) AS excludable,
       c.state = 'ineligible' AND coalesce((SELECT v.source = 'eligibility' FROM rctd.screening_event v
           WHERE v.trial_id = c.trial_id AND v.entry_id = c.entry_id ORDER BY v.ordinal DESC LIMIT 1), false) AS answered_out,
       CASE WHEN rctd.screening_asks(c.trial_id, c.kind) THEN rctd.may(c.trial_id, c.unit_id, 'allocate') IS NULL ELSE false END AS agrees
  FROM rctd.screening_card c WHERE c.trial_id = $1 AND c.unit_id = $2;
