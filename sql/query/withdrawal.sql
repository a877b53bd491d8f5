-- withdrawal.sql: what a person stops, or lets go on. The database does what follows from it (0015).

-- What is planned for a unit now.
-- unit_planned :one
--   trial_id uuid, unit_id uuid
--   -> tasks int8, reminders int8
SELECT (SELECT count(*) FROM rctd.task t WHERE t.trial_id = $1 AND t.unit_id = $2 AND t.state = 'planned') AS tasks,
       (SELECT count(*) FROM rctd.reminder r
         WHERE r.trial_id = $1 AND r.unit_id = $2 AND r.state IN ('scheduled', 'dead')) AS reminders;

-- A row for each stop (a JSON array of their names), in the order of their names' table.
-- stop_insert :exec
--   trial_id uuid, unit_id uuid, stops jsonb, decision text, decided_by text, how text, reason text?, decided_at timestamptz?, recorded_by uuid, decided_on date?
INSERT INTO rctd.stop (trial_id, unit_id, ordinal, stop, decision, decided_by, how, reason, decided_at, recorded_at, recorded_by, decided_on)
SELECT $1, $2, coalesce((SELECT max(l.ordinal) FROM rctd.stop l WHERE l.trial_id = $1 AND l.unit_id = $2), 0)
       + row_number() OVER (ORDER BY k.ordinal)::integer, k.stop, $4, $5, $6, $7, coalesce($8, rctd.clock()), rctd.clock(), $9, $10
  FROM rctd.consent_stop k WHERE jsonb_exists($3, k.stop);

-- What the person has stopped, and not let go on since.
-- stop_in_force :many
--   trial_id uuid, unit_id uuid
--   -> stop text
SELECT k.stop FROM rctd.consent_stop k
 WHERE (SELECT s.decision FROM rctd.stop s WHERE s.trial_id = $1 AND s.unit_id = $2 AND s.stop = k.stop
         ORDER BY s.ordinal DESC LIMIT 1) = 'stop'
 ORDER BY k.ordinal;

-- stop_list :many
--   trial_id uuid, unit_id uuid
--   -> ordinal int4, stop text, decision text, decided_by text, how text, reason text?, decided_at timestamptz, decided_on date?, recorded_at timestamptz, recorded_by text
SELECT s.ordinal, s.stop, s.decision, s.decided_by, s.how, s.reason, s.decided_at, s.decided_on, s.recorded_at, a.name AS recorded_by
  FROM rctd.stop s JOIN rctd.account a ON a.account_id = s.recorded_by
 WHERE s.trial_id = $1 AND s.unit_id = $2 ORDER BY s.ordinal;
