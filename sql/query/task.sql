-- task.sql: planned contacts and their reminders. Civil time is computed here: a window covers whole
-- days of the trial's time zone, a reminder is due at the start of working hours.

-- Plans tasks of one anchor: an array of {task_id, task, occurrence, kind, at, before, after (days),
-- arm_specific}. The anchor's day is today in the trial's time zone.
-- task_plan :exec
--   trial_id uuid, unit_id uuid, anchor text, protocol_version int4, time_zone text, tasks jsonb
INSERT INTO rctd.task (trial_id, task_id, unit_id, task, occurrence, kind, anchor, target_on, opens_at,
                       closes_at, arm_specific, protocol_version)
SELECT $1, p.task_id, $2, p.task, p.occurrence, p.kind, $3, d.today + p.at,
       (d.today + p.at + p.before)::timestamp AT TIME ZONE $5,
       (d.today + p.at + p.after + 1)::timestamp AT TIME ZONE $5, p.arm_specific, $4
  FROM jsonb_to_recordset($6) AS p (task_id uuid, task text, occurrence integer, kind text, at integer,
                                    before integer, after integer, arm_specific boolean)
 CROSS JOIN (SELECT (rctd.clock() AT TIME ZONE $5)::date AS today) d;

-- Schedules reminders for tasks of a unit: an array of {reminder_id, task_id, step, after (days after
-- the window opens), minute (of the day), channel, template, language, shard}. A reminder that would
-- be due after its window has closed, or whose window had closed already, is not made.
-- reminder_plan :exec
--   trial_id uuid, unit_id uuid, time_zone text, reminders jsonb
INSERT INTO rctd.reminder (trial_id, reminder_id, task_id, unit_id, step, channel, template, language, due_at,
                           next_attempt_at, arm_specific, shard)
SELECT $1, r.reminder_id, t.task_id, $2, r.step, r.channel, r.template, r.language, d.due, d.due, t.arm_specific, r.shard
  FROM jsonb_to_recordset($4) AS r (reminder_id uuid, task_id uuid, step integer, after integer, minute integer,
                                    channel text, template text, language text, shard integer)
  JOIN rctd.task t ON t.trial_id = $1 AND t.task_id = r.task_id
 CROSS JOIN LATERAL (SELECT ((t.opens_at AT TIME ZONE $3)::date + r.after + make_interval(mins => r.minute)) AT TIME ZONE $3 AS due) d
 WHERE d.due < t.closes_at AND t.closes_at > rctd.clock();

-- task_list :many
--   trial_id uuid, scope jsonb?, after uuid, most int4, unit text?, state text?
--   -> task_id uuid, task text, occurrence int4, kind text, code text, target_on date, opens_at timestamptz, closes_at timestamptz, state text, protocol_version int4
SELECT t.task_id, t.task, t.occurrence, t.kind, u.code, t.target_on, t.opens_at, t.closes_at, t.state, t.protocol_version
  FROM rctd.task t
  JOIN rctd.unit u ON u.trial_id = t.trial_id AND u.unit_id = t.unit_id
 WHERE t.trial_id = $1 AND t.task_id > $3
   AND ($2 IS NULL OR EXISTS (SELECT FROM jsonb_array_elements($2) s
        WHERE (s ->> 'county' IS NULL OR s ->> 'county' = u.county) AND (s ->> 'site' IS NULL OR s ->> 'site' = u.site)))
   AND ($5 IS NULL OR u.code = $5) AND ($6 IS NULL OR t.state = $6)
 ORDER BY t.task_id LIMIT $4;

-- What stops when a unit withdraws: in the same transaction.
-- task_cancel_of_unit :exec
--   trial_id uuid, unit_id uuid
UPDATE rctd.task SET state = 'cancelled' WHERE trial_id = $1 AND unit_id = $2 AND state = 'planned';

-- reminder_cancel_of_unit :exec
--   trial_id uuid, unit_id uuid
UPDATE rctd.reminder SET state = 'cancelled'
 WHERE trial_id = $1 AND unit_id = $2 AND state IN ('scheduled', 'dead');
