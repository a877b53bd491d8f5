-- task.sql: planned contacts and their reminders. Civil time is computed here: a window covers whole
-- days of the trial's time zone, a reminder is due at the start of working hours of a working day.

-- Plans a unit's tasks and their first reminders, in one statement: an array of {task_id, task, occurrence,
-- kind, anchor, at, before, after (days), arm_specific} and, where the task is reminded of, {reminder_id,
-- wait (days after the window opens), begins and ends (of working hours, in minutes of the day),
-- working_days (bit 0 is Monday), paused_weeks (bit n is ISO week n), channel, template, language, shard}.
-- The anchor's day is today, or the day on which the phase was opened, in the trial's time zone. A reminder
-- is due on the first working day from then on, within its window, whose working hours are not over; where
-- there is none, no reminder is made. Who is allocated in a second scheme keeps the tasks that are planned
-- already, as they are.
-- task_plan :exec queued
--   trial_id uuid, unit_id uuid, protocol_version int4, time_zone text, phase text, tasks jsonb
WITH day AS (
    SELECT p.*, now, p.at + (CASE p.anchor WHEN 'allocation' THEN now
                        ELSE (SELECT f.opened_at FROM rctd.phase f WHERE f.trial_id = $1 AND f.phase = $5)
                        END AT TIME ZONE $4)::date AS target_on
      FROM rctd.clock() AS now CROSS JOIN jsonb_to_recordset($6) AS p (task_id uuid, task text,
           occurrence integer, kind text, anchor text, at integer, before integer, after integer, arm_specific boolean, reminder_id uuid, wait integer,
           begins integer, ends integer, working_days integer, paused_weeks bigint, channel text, template text,
           language text, shard integer)
), plan AS (
    SELECT d.*, (d.target_on + d.before)::timestamp AT TIME ZONE $4 AS opens_at,
           (d.target_on + d.after + 1)::timestamp AT TIME ZONE $4 AS closes_at,
           (SELECT (f.day + make_interval(mins => d.begins)) AT TIME ZONE $4
              FROM (SELECT d.target_on + d.before + d.wait + n AS day
                      FROM generate_series(0, least(d.after - d.before - d.wait, 400)) AS n) f
             WHERE ((d.working_days >> (extract(isodow FROM f.day)::integer - 1)) & 1) = 1
               AND ((d.paused_weeks >> extract(week FROM f.day)::integer) & 1) = 0
               AND (f.day + make_interval(mins => d.ends)) AT TIME ZONE $4 > d.now
             ORDER BY f.day LIMIT 1) AS due_at
      FROM day d
), made AS (
    INSERT INTO rctd.task (trial_id, task_id, unit_id, task, occurrence, kind, anchor, target_on, opens_at,
                           closes_at, arm_specific, protocol_version)
    SELECT $1, p.task_id, $2, p.task, p.occurrence, p.kind, p.anchor, p.target_on, p.opens_at, p.closes_at,
           p.arm_specific, $3
      FROM plan p
        ON CONFLICT (trial_id, unit_id, task, occurrence) DO NOTHING
    RETURNING task_id
)
INSERT INTO rctd.reminder (trial_id, reminder_id, task_id, unit_id, step, channel, template, language, due_at,
                           next_attempt_at, arm_specific, shard)
SELECT $1, p.reminder_id, p.task_id, $2, 1, p.channel, p.template, p.language, p.due_at, p.due_at, p.arm_specific, p.shard
  FROM plan p JOIN made m ON m.task_id = p.task_id
 WHERE p.reminder_id IS NOT NULL AND p.due_at IS NOT NULL;

-- In the order in which windows open; the cursor is the last row's window and id.
-- task_list :many
--   trial_id uuid, scope jsonb?, after_opens timestamptz, after uuid, most int4, unit text?, state text?
--   -> task_id uuid, task text, occurrence int4, kind text, unit text, code text, target_on date, opens_at timestamptz, closes_at timestamptz, state text, protocol_version int4
SELECT t.task_id, t.task, t.occurrence, t.kind, u.kind AS unit, u.code, t.target_on, t.opens_at, t.closes_at, t.state, t.protocol_version
  FROM rctd.task t
  JOIN rctd.unit u ON u.trial_id = t.trial_id AND u.unit_id = t.unit_id
 WHERE t.trial_id = $1 AND (t.opens_at, t.task_id) > ($3, $4)
   AND rctd.in_scope($2, u.county, u.site)
   AND ($6 IS NULL OR u.code = $6) AND ($7 IS NULL OR t.state = $7)
 ORDER BY t.opens_at, t.task_id LIMIT $5;

-- What stops when a unit withdraws: in the same transaction.
-- task_cancel_of_unit :exec
--   trial_id uuid, unit_id uuid
UPDATE rctd.task SET state = 'cancelled' WHERE trial_id = $1 AND unit_id = $2 AND state = 'planned';

-- reminder_cancel_of_unit :exec
--   trial_id uuid, unit_id uuid
UPDATE rctd.reminder SET state = 'cancelled'
 WHERE trial_id = $1 AND unit_id = $2 AND state IN ('scheduled', 'dead');
