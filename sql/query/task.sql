-- task.sql: planned contacts and their reminders. Civil time is computed here: a window covers whole
-- days of the trial's time zone, a reminder is due at the start of working hours of a working day.

-- Plans what an allocation starts, and its first reminders, in one statement: an array of {task_id, people (is it
-- of the participants of a workplace?), task, occurrence, kind, anchor, at, before, after (days), arm_specific,
-- independent, blinded, sample, group_min, group_max} and, where the task is reminded of, {reminder_id, wait (days
-- after the window opens), begins and ends (of working hours, in minutes of the day), working_days (bit 0 is
-- Monday), paused_weeks (bit n is ISO week n), channel, template, language, shard}.
-- The anchor's day is today, or that of `anchored_at`, or the day on which the phase was opened, in the trial's
-- time zone. A reminder is due on the first working day from then on, within its window, whose working hours are
-- not over; where there is none, no reminder is made. Who is allocated in a second scheme keeps the tasks that are
-- planned already, as they are. Participants are those of the workplace's cluster who are still employed and not
-- excluded, or the ones in `people` (an array of ids), for whom no window is planned that is over.
-- task_plan :exec queued
--   trial_id uuid, unit_id uuid, protocol_version int4, time_zone text, phase text, tasks jsonb, people jsonb?, anchored_at timestamptz?
WITH day AS (
    SELECT p.*, now, p.at + (CASE p.anchor WHEN 'allocation' THEN coalesce($8, now)
                        ELSE (SELECT f.opened_at FROM rctd.phase f WHERE f.trial_id = $1 AND f.phase = $5)
                        END AT TIME ZONE $4)::date AS target_on
      FROM rctd.clock() AS now CROSS JOIN jsonb_to_recordset($6) AS p (task_id uuid, people boolean, task text,
           occurrence integer, kind text, anchor text, at integer, before integer, after integer, arm_specific boolean,
           independent boolean, blinded boolean, sample integer, group_min integer, group_max integer, reminder_id uuid,
           wait integer, begins integer, ends integer, working_days integer, paused_weeks bigint, channel text,
           template text, language text, shard integer)
), plan AS MATERIALIZED (
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
), cluster AS (
    SELECT u.unit_id FROM rctd.unit u
     WHERE $7 IS NULL AND EXISTS (SELECT FROM plan p WHERE p.people)
       AND u.trial_id = $1
       AND u.unit_id = ANY (ARRAY(SELECT m.unit_id FROM rctd.cluster_member m WHERE m.trial_id = $1 AND m.workplace_id = $2))
       AND u.state <> 'withdrawn'
       AND EXISTS (SELECT FROM rctd.employment e WHERE e.trial_id = $1 AND e.unit_id = u.unit_id AND e.to_on IS NULL)
       AND NOT EXISTS (SELECT FROM rctd.screened_out o WHERE o.trial_id = $1 AND o.unit_id = u.unit_id)
     ORDER BY u.unit_id FOR SHARE OF u
), who AS (
    SELECT $2 AS unit_id, false AS people
     UNION ALL
    SELECT c.unit_id, true FROM cluster c
     UNION ALL
    SELECT value::uuid, true FROM jsonb_array_elements_text($7)
), made AS (
    INSERT INTO rctd.task (trial_id, task_id, unit_id, task, occurrence, kind, anchor, target_on, opens_at,
                           closes_at, arm_specific, protocol_version, independent, blinded, sample, group_size)
    SELECT $1, CASE WHEN w.people THEN gen_random_uuid() ELSE p.task_id END, w.unit_id, p.task, p.occurrence, p.kind, p.anchor,
           p.target_on, p.opens_at, p.closes_at, p.arm_specific, $3, p.independent, p.blinded, p.sample,
           CASE WHEN p.group_max IS NOT NULL THEN int4range(p.group_min, p.group_max, '[]') END
      FROM who w JOIN plan p ON p.people = w.people
     WHERE $8 IS NULL OR p.closes_at > p.now
        ON CONFLICT (trial_id, unit_id, task, occurrence) DO NOTHING
    RETURNING task_id, unit_id, task, occurrence
)
INSERT INTO rctd.reminder (trial_id, reminder_id, task_id, unit_id, step, channel, template, language, due_at,
                           next_attempt_at, arm_specific, shard)
SELECT $1, CASE WHEN p.people THEN gen_random_uuid() ELSE p.reminder_id END, m.task_id, m.unit_id, 1, p.channel, p.template, p.language,
       p.due_at, p.due_at, p.arm_specific, CASE WHEN p.people THEN get_byte(uuid_send(m.task_id), 15) ELSE p.shard END
  FROM made m JOIN plan p ON p.task = m.task AND p.occurrence = m.occurrence
 WHERE p.reminder_id IS NOT NULL AND p.due_at IS NOT NULL;

-- The allocations of the clusters that these participants (a JSON array of ids) are in, where they are employed and
-- not excluded.
-- task_arrivals :many
--   trial_id uuid, units jsonb
--   -> workplace_id uuid, phase text, arm text, protocol_version int4, allocated_at timestamptz, time_zone text, units jsonb
SELECT a.unit_id AS workplace_id, a.phase, a.arm, a.protocol_version, a.allocated_at, t.time_zone, jsonb_agg(m.unit_id ORDER BY m.unit_id) AS units
  FROM rctd.cluster_member m
  JOIN rctd.allocation a ON a.trial_id = m.trial_id AND a.unit_id = m.workplace_id
  JOIN rctd.trial t ON t.trial_id = m.trial_id
  JOIN rctd.unit u ON u.trial_id = m.trial_id AND u.unit_id = m.unit_id
 WHERE m.trial_id = $1 AND m.unit_id = ANY (ARRAY(SELECT value::uuid FROM jsonb_array_elements_text($2)))
   AND u.state <> 'withdrawn'
   AND EXISTS (SELECT FROM rctd.employment e WHERE e.trial_id = m.trial_id AND e.unit_id = m.unit_id AND e.to_on IS NULL)
   AND NOT EXISTS (SELECT FROM rctd.screened_out o WHERE o.trial_id = m.trial_id AND o.unit_id = m.unit_id)
 GROUP BY a.unit_id, a.allocation_id, a.phase, a.arm, a.protocol_version, a.allocated_at, t.time_zone
 ORDER BY a.allocated_at, a.unit_id;

-- In the order in which windows open; the cursor is the last row's window and id.
-- task_list :many
--   trial_id uuid, scope jsonb?, after_opens timestamptz, after uuid, most int4, unit text?, state text?
--   -> task_id uuid, task text, occurrence int4, kind text, unit text, code text, target_on date, opens_at timestamptz, closes_at timestamptz, state text, protocol_version int4, claimed_by text?, appointment_at timestamptz?
SELECT t.task_id, t.task, t.occurrence, t.kind, u.kind AS unit, u.code, t.target_on, t.opens_at, t.closes_at, t.state, t.protocol_version,
       (SELECT a.name FROM rctd.task_claim c JOIN rctd.account a ON a.account_id = c.account_id
         WHERE c.trial_id = t.trial_id AND c.task_id = t.task_id AND c.state = 'held') AS claimed_by,
       (SELECT min(b.at) FROM rctd.booking b
         WHERE b.trial_id = t.trial_id AND b.task_id = t.task_id AND b.state = 'planned') AS appointment_at
  FROM rctd.task t
  JOIN rctd.unit u ON u.trial_id = t.trial_id AND u.unit_id = t.unit_id
 WHERE t.trial_id = $1 AND (t.opens_at, t.task_id) > ($3, $4)
   AND rctd.in_scope($2, u.county, u.site)
   AND ($6 IS NULL OR u.code = $6) AND ($7 IS NULL OR t.state = $7)
 ORDER BY t.opens_at, t.task_id LIMIT $5;

-- Tasks whose window is over and that nobody holds are missed: the first of each trial, so many at most. Who holds
-- one says how it ended. A unit that somebody works on at this moment is left to the next round.
-- task_miss :exec
--   most int4
WITH over AS MATERIALIZED (
    SELECT o.trial_id, o.task_id
      FROM rctd.trial r
     CROSS JOIN LATERAL (
           SELECT t.trial_id, t.task_id
             FROM rctd.task t
             JOIN rctd.unit u ON u.trial_id = t.trial_id AND u.unit_id = t.unit_id
            WHERE t.trial_id = r.trial_id AND t.state = 'planned' AND t.closes_at <= rctd.clock()
              AND NOT EXISTS (SELECT FROM rctd.task_claim c
                               WHERE c.trial_id = t.trial_id AND c.task_id = t.task_id AND c.state = 'held')
            ORDER BY t.closes_at, t.task_id LIMIT $1
              FOR NO KEY UPDATE OF u, t SKIP LOCKED) o
)
UPDATE rctd.task t SET state = 'missed'
  FROM over o WHERE t.trial_id = o.trial_id AND t.task_id = o.task_id AND t.state = 'planned';

-- What stops when a unit withdraws: in the same transaction.
-- task_cancel_of_unit :exec
--   trial_id uuid, unit_id uuid
UPDATE rctd.task SET state = 'cancelled' WHERE trial_id = $1 AND unit_id = $2 AND state = 'planned';

-- reminder_cancel_of_unit :exec
--   trial_id uuid, unit_id uuid
UPDATE rctd.reminder SET state = 'cancelled'
 WHERE trial_id = $1 AND unit_id = $2 AND state IN ('scheduled', 'dead');

-- A task that somebody works on, as far as the caller covers it.
-- task_work_find :maybe
--   trial_id uuid, scope jsonb?, task_id uuid
--   -> task_id uuid, unit_id uuid, task text, occurrence int4, kind text, unit text, code text, language text?, preferred_times text?, opens_at timestamptz, closes_at timestamptz, state text, claimed_by text?, claimed_by_id uuid?, claimed_at timestamptz?, appointment_at timestamptz?, booked int4, attempts int4, last_attempt_at timestamptz?, asks_guess bool
SELECT w.task_id, w.unit_id, w.task, w.occurrence, w.kind, w.unit, w.code, w.language, w.preferred_times, w.opens_at, w.closes_at, w.state,
       a.name AS claimed_by, w.claimed_by AS claimed_by_id, w.claimed_at, w.appointment_at, w.booked, w.attempts, w.last_attempt_at, w.asks_guess
  FROM rctd.task_work w LEFT JOIN rctd.account a ON a.account_id = w.claimed_by
 WHERE w.trial_id = $1 AND w.task_id = $3 AND rctd.in_scope($2, w.county, w.site);

-- What an account has claimed, and what it may claim: planned, windows that open within so many days, nobody's
-- yet, with people who may be contacted for it, and for an assessor such as this one.
-- task_queue :many
--   trial_id uuid, scope jsonb?, after_opens timestamptz, after uuid, most int4, account_id uuid, claimed bool?, days int4
--   -> as task_work_find
SELECT w.task_id, w.unit_id, w.task, w.occurrence, w.kind, w.unit, w.code, w.language, w.preferred_times, w.opens_at, w.closes_at, w.state,
       a.name AS claimed_by, w.claimed_by AS claimed_by_id, w.claimed_at, w.appointment_at, w.booked, w.attempts, w.last_attempt_at, w.asks_guess
  FROM rctd.task_work w LEFT JOIN rctd.account a ON a.account_id = w.claimed_by
 WHERE w.trial_id = $1 AND w.state = 'planned' AND (w.opens_at, w.task_id) > ($3, $4) AND rctd.in_scope($2, w.county, w.site)
   AND CASE WHEN w.claimed_by IS NULL
            THEN $7 IS NOT TRUE AND w.closes_at > rctd.clock() AND w.opens_at <= rctd.clock() + make_interval(days => $8)
                 AND rctd.task_open_to(w.trial_id, w.task_id, $6)
            ELSE $7 IS NOT FALSE AND w.claimed_by = $6 END
 ORDER BY w.opens_at, w.task_id LIMIT $5;

-- task_claim_insert :exec
--   trial_id uuid, claim_id uuid, task_id uuid, unit_id uuid, account_id uuid
INSERT INTO rctd.task_claim (trial_id, claim_id, task_id, unit_id, account_id, claimed_at)
VALUES ($1, $2, $3, $4, $5, rctd.clock());

-- task_claim_release :exec
--   trial_id uuid, task_id uuid
UPDATE rctd.task_claim SET state = 'released', ended_at = rctd.clock(), ended_for = 'released'
 WHERE trial_id = $1 AND task_id = $2 AND state = 'held';

-- When people are met by a version of the protocol; `holidays`: {day: name}.
-- calendar_put :exec
--   trial_id uuid, version int4, hours text, working_days int4, start_minute int4, end_minute int4, paused_weeks int8, holidays jsonb
INSERT INTO rctd.calendar (trial_id, version, hours, working_days, start_minute, end_minute, paused_weeks, holidays)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- An appointment with each of these units (a JSON array of ids), at one time.
-- booking_insert :exec
--   trial_id uuid, task_id uuid, units jsonb, account_id uuid, at timestamptz, booked_by uuid, outside_hours bool
INSERT INTO rctd.booking (trial_id, booking_id, task_id, unit_id, account_id, at, booked_at, booked_by, outside_hours)
SELECT $1, gen_random_uuid(), $2, m.unit_id, $4, $5, rctd.clock(), $6, $7
  FROM (SELECT value::uuid AS unit_id FROM jsonb_array_elements_text($3) ORDER BY 1) m;

-- The appointments of a task, or that of one unit.
-- booking_cancel :exec
--   trial_id uuid, task_id uuid, unit_id uuid?
UPDATE rctd.booking SET state = 'cancelled', ended_at = rctd.clock(), ended_for = 'cancelled'
 WHERE trial_id = $1 AND task_id = $2 AND state = 'planned' AND ($3 IS NULL OR unit_id = $3);

-- contact_insert :exec
--   trial_id uuid, task_id uuid, contact_id uuid, unit_id uuid, account_id uuid, outcome text, guess text?, revealed bool?
INSERT INTO rctd.contact (trial_id, task_id, contact_id, unit_id, account_id, outcome, guess, revealed, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, rctd.clock());

-- The participants of these codes (a JSON array) that the caller covers.
-- booking_members :many
--   trial_id uuid, scope jsonb?, codes jsonb
--   -> code text, unit_id uuid
SELECT u.code, u.unit_id FROM rctd.unit u
 WHERE u.trial_id = $1 AND u.kind = 'participant' AND rctd.in_scope($2, u.county, u.site)
   AND u.code = ANY (ARRAY(SELECT jsonb_array_elements_text($3)));

-- Each attempt and outcome of a task, never what an assessor guessed.
-- contact_list :many
--   trial_id uuid, task_id uuid
--   -> ordinal int4, outcome text, at timestamptz, by text
SELECT c.ordinal, c.outcome, c.at, a.name AS by
  FROM rctd.contact c JOIN rctd.account a ON a.account_id = c.account_id
 WHERE c.trial_id = $1 AND c.task_id = $2 ORDER BY c.ordinal;

-- What an assessor guessed, and whether the allocation was revealed: for roles that know arms.
-- contact_guesses :many
--   trial_id uuid, task_id uuid
--   -> ordinal int4, guess text?, revealed bool?
SELECT c.ordinal, c.guess, c.revealed FROM rctd.contact c WHERE c.trial_id = $1 AND c.task_id = $2 ORDER BY c.ordinal;
