-- reminder.sql: reminders as people see them, and as the dispatcher sends them.

-- Reminders with their attempts. A blinded role gets those of tasks that every arm has (row security).
-- reminder_list :many
--   trial_id uuid, scope jsonb?, after uuid, most int4, state text?, only uuid?
--   -> reminder_id uuid, unit text, code text, task text, occurrence int4, kind text, channel text, template text, language text, due_at timestamptz, next_attempt_at timestamptz, closes_at timestamptz, state text, tries jsonb
SELECT r.reminder_id, u.kind AS unit, u.code, t.task, t.occurrence, t.kind, r.channel, r.template, r.language, r.due_at,
       r.next_attempt_at, t.closes_at, r.state, a.tries
  FROM rctd.reminder r
  JOIN rctd.task t ON t.trial_id = r.trial_id AND t.task_id = r.task_id
  JOIN rctd.unit u ON u.trial_id = r.trial_id AND u.unit_id = r.unit_id
 CROSS JOIN LATERAL (
       SELECT coalesce(jsonb_agg(jsonb_build_object('attempt', a.attempt, 'endpoint', a.endpoint_id, 'started_at',
                  to_char(a.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'milliseconds', o.milliseconds,
                  'status', o.status, 'outcome', o.outcome, 'problem', o.problem) ORDER BY a.attempt), '[]') AS tries
         FROM rctd.reminder_attempt a
         LEFT JOIN rctd.reminder_result o
                ON o.trial_id = a.trial_id AND o.reminder_id = a.reminder_id AND o.attempt = a.attempt
        WHERE a.trial_id = r.trial_id AND a.reminder_id = r.reminder_id) a
 WHERE r.trial_id = $1 AND r.reminder_id > $3
   AND rctd.in_scope($2, u.county, u.site)
   AND ($5 IS NULL OR r.state = $5) AND ($6 IS NULL OR r.reminder_id = $6)
 ORDER BY r.reminder_id LIMIT $4;

-- Holds a reminder's unit, so that what may be done stays so: ahead of the reminder, as whoever sends does.
-- reminder_hold_unit :exec queued
--   trial_id uuid, reminder_id uuid
SELECT u.unit_id FROM rctd.unit u
 WHERE u.trial_id = $1 AND u.unit_id = (SELECT r.unit_id FROM rctd.reminder r WHERE r.trial_id = $1 AND r.reminder_id = $2)
   FOR SHARE;

-- One of them, locked for a change.
-- reminder_get :maybe
--   trial_id uuid, scope jsonb?, reminder_id uuid
--   -> code text, state text, unit_state text, objection text?
SELECT u.code, r.state, u.state AS unit_state,
       (SELECT o.objection FROM rctd.reminder_objections($1, ARRAY[r.reminder_id]) o) AS objection
  FROM rctd.reminder r
  JOIN rctd.unit u ON u.trial_id = r.trial_id AND u.unit_id = r.unit_id
 WHERE r.trial_id = $1 AND r.reminder_id = $3
   AND rctd.in_scope($2, u.county, u.site)
   FOR UPDATE OF r;

-- A dead letter is due again, now, and all retries are before it.
-- reminder_replay :exec
--   trial_id uuid, reminder_id uuid
UPDATE rctd.reminder SET state = 'scheduled', failures = 0, next_attempt_at = rctd.clock()
 WHERE trial_id = $1 AND reminder_id = $2 AND state = 'dead';

-- Takes every shard that is free, renews those that this holder has. The database's clock decides; the
-- fence grows when the holder is another one.
-- lease_take :many
--   holder uuid
--   -> shard int4, fence int8
UPDATE rctd.shard_lease
   SET holder = $1, fence = fence + (holder IS DISTINCT FROM $1)::integer,
       expires_at = clock_timestamp() + interval '15 seconds'
 WHERE holder = $1 OR expires_at <= clock_timestamp()
RETURNING shard, fence;

-- lease_release :exec
--   holder uuid
UPDATE rctd.shard_lease SET holder = NULL, expires_at = '-infinity' WHERE holder = $1;

-- Does this holder have the first shard? One daemon has.
-- lease_first :one
--   holder uuid
--   -> held bool
SELECT EXISTS (SELECT FROM rctd.shard_lease l
                WHERE l.shard = 0 AND l.holder = $1 AND l.expires_at > clock_timestamp()) AS held;

-- The trials whose reminders are sent.
-- dispatch_trials :many
-- -
--   -> trial_id uuid, name text
SELECT t.trial_id, t.name FROM rctd.trial t WHERE t.state = 'open' ORDER BY t.trial_id;

-- What is due in these shards (NULL: in all) and has an endpoint that is not among the paused ones; `busy`
-- are reminders under way. All three are JSON objects with shards or ids as keys. Read without a lock.
-- reminder_due :many
--   trial_id uuid, shards jsonb?, paused jsonb, busy jsonb, most int4
--   -> reminder_id uuid, unit_id uuid
SELECT r.reminder_id, r.unit_id
  FROM rctd.reminder r
 CROSS JOIN LATERAL (SELECT e.endpoint_id FROM rctd.endpoint e
                      WHERE e.trial_id = $1 AND e.state = 'active' AND e.channel IN (r.channel, 'any')
                      ORDER BY e.channel = 'any' LIMIT 1) e
 WHERE r.trial_id = $1 AND r.state = 'scheduled' AND r.next_attempt_at <= rctd.clock()
   AND ($2 IS NULL OR jsonb_exists($2, r.shard::text))
   AND NOT jsonb_exists($3, e.endpoint_id::text) AND NOT jsonb_exists($4, r.reminder_id::text)
 ORDER BY r.next_attempt_at LIMIT $5;

-- Due reminders of channels that have no endpoint.
-- reminder_stranded :one
--   trial_id uuid
--   -> stranded int8
SELECT count(*) AS stranded FROM rctd.reminder r
 WHERE r.trial_id = $1 AND r.state = 'scheduled' AND r.next_attempt_at <= rctd.clock()
   AND NOT EXISTS (SELECT FROM rctd.endpoint e
                    WHERE e.trial_id = $1 AND e.state = 'active' AND e.channel IN (r.channel, 'any'));

-- Units whose reminders are about to be sent (a JSON array of ids): nobody withdraws them meanwhile.
-- reminder_hold_units :many
--   trial_id uuid, units jsonb
--   -> unit_id uuid
SELECT u.unit_id FROM rctd.unit u
 WHERE u.trial_id = $1 AND u.unit_id = ANY (ARRAY(SELECT i::uuid FROM jsonb_array_elements_text($2) i))
 ORDER BY u.unit_id FOR SHARE;

-- Everything that decides whether, where and what to send, as it stands once the units are held. A
-- reminder that is no longer due, or whose shard's lease has been lost, is not among the rows. With `ask`
-- each has the objection of rctd.may(), if there is one; the hand-over asks it in any case.
-- reminder_check :many
--   trial_id uuid, holder uuid, reminders jsonb, ask bool
--   -> reminder_id uuid, shard int4, fence int8, attempt int4, failures int4, channel text, template text, language text, due_at timestamptz, code text, unit_kind text, unit_state text, kind text, task_state text, opens_at timestamptz, closes_at timestamptz, closed bool, protocol_version int4, agreements jsonb, objection text?, endpoint_id uuid, url text, sealed_secret bytea, sealed_previous bytea?, unit_id uuid, contact_details bool
SELECT r.reminder_id, r.shard, l.fence,
       1 + coalesce((SELECT max(a.attempt) FROM rctd.reminder_attempt a
                      WHERE a.trial_id = $1 AND a.reminder_id = r.reminder_id), 0) AS attempt,
       r.failures, r.channel, r.template, r.language, r.due_at, u.code, u.kind AS unit_kind, u.state AS unit_state,
       t.kind, t.state AS task_state, t.opens_at, t.closes_at, t.closes_at <= rctd.clock() AS closed,
       t.protocol_version,
       coalesce((SELECT jsonb_object_agg(c.form, jsonb_build_object('version', c.form_version,
                        'decision', c.decision, 'scopes', c.scopes) ORDER BY c.ordinal)
                   FROM rctd.consent c WHERE c.trial_id = $1 AND c.unit_id = r.unit_id AND u.kind = 'workplace'), '{}') AS agreements,
       o.objection,
       e.endpoint_id, e.url, e.sealed_secret,
       CASE WHEN e.previous_until > now() THEN e.sealed_previous END AS sealed_previous,
       r.unit_id, e.contact_details AND u.kind = 'participant' AS contact_details
  FROM rctd.reminder r
  JOIN rctd.task t ON t.trial_id = r.trial_id AND t.task_id = r.task_id
  JOIN rctd.unit u ON u.trial_id = r.trial_id AND u.unit_id = r.unit_id
 CROSS JOIN LATERAL (SELECT l.fence FROM rctd.shard_lease l
                      WHERE l.shard = r.shard AND l.holder = $2 AND l.expires_at > clock_timestamp() LIMIT 1) l
 CROSS JOIN LATERAL (SELECT e.* FROM rctd.endpoint e
                      WHERE e.trial_id = $1 AND e.state = 'active' AND e.channel IN (r.channel, 'any')
                      ORDER BY e.channel = 'any' LIMIT 1) e
  LEFT JOIN rctd.reminder_objections($1, CASE WHEN $4 THEN ARRAY(SELECT i::uuid FROM jsonb_array_elements_text($3) i) END) o
    ON o.reminder_id = r.reminder_id
 WHERE r.trial_id = $1 AND r.reminder_id = ANY (ARRAY(SELECT i::uuid FROM jsonb_array_elements_text($3) i))
   AND r.state = 'scheduled' AND r.next_attempt_at <= rctd.clock();

-- The mark in the ledger, in the transaction that hands reminders over: an array of {reminder_id, attempt,
-- endpoint_id}.
-- reminder_hand_over :exec
--   trial_id uuid, attempts jsonb
INSERT INTO rctd.reminder_attempt (trial_id, reminder_id, attempt, endpoint_id, started_at)
SELECT $1, a.reminder_id, a.attempt, a.endpoint_id, rctd.clock()
  FROM jsonb_to_recordset($2) AS a (reminder_id uuid, attempt integer, endpoint_id uuid);

-- A reminder that waits for a yes: it is looked at again in an hour, or as soon as there is one (rctd.settle).
-- reminder_wait :exec
--   trial_id uuid, reminder_id uuid
UPDATE rctd.reminder SET next_attempt_at = rctd.clock() + interval '1 hour'
 WHERE trial_id = $1 AND reminder_id = $2 AND state = 'scheduled';

-- A reminder that must not be sent any more.
-- reminder_cancel :exec
--   trial_id uuid, reminder_id uuid
UPDATE rctd.reminder SET state = 'cancelled' WHERE trial_id = $1 AND reminder_id = $2 AND state = 'scheduled';

-- What came of attempts: an array of {reminder_id, attempt, shard, fence, endpoint_id, ago (seconds since
-- it started), milliseconds, status, outcome, problem, wait (seconds until the next attempt)}. Results
-- always enter the ledger; the reminder itself follows only under the lease that the attempt was made
-- under, and where nothing newer was recorded. Recording twice changes nothing.
-- reminder_record :exec
--   trial_id uuid, holder uuid, results jsonb
WITH result AS (
    SELECT * FROM jsonb_to_recordset($3) AS r (reminder_id uuid, attempt integer, shard integer, fence bigint,
           endpoint_id uuid, ago double precision, milliseconds integer, status integer, outcome text,
           problem text, wait double precision)
), held AS (
    SELECT l.shard, l.fence FROM rctd.shard_lease l
     WHERE l.holder = $2 AND l.shard = ANY (ARRAY(SELECT r.shard FROM result r)) FOR SHARE
), started AS (
    INSERT INTO rctd.reminder_attempt (trial_id, reminder_id, attempt, endpoint_id, started_at)
    SELECT $1, r.reminder_id, r.attempt, r.endpoint_id, rctd.clock() - make_interval(secs => r.ago) FROM result r
    ON CONFLICT DO NOTHING
), ended AS (
    INSERT INTO rctd.reminder_result (trial_id, reminder_id, attempt, milliseconds, status, outcome, problem)
    SELECT $1, r.reminder_id, r.attempt, r.milliseconds, r.status, r.outcome, r.problem FROM result r
    ON CONFLICT DO NOTHING
)
UPDATE rctd.reminder m
   SET attempts = r.attempt, failures = m.failures + (r.outcome <> 'delivered')::integer,
       state = CASE r.outcome WHEN 'delivered' THEN 'sent' WHEN 'dead' THEN 'dead' ELSE 'scheduled' END,
       next_attempt_at = CASE r.outcome WHEN 'retry' THEN rctd.clock() + make_interval(secs => r.wait)
                                        ELSE m.next_attempt_at END
  FROM result r JOIN held h ON h.shard = r.shard AND h.fence = r.fence
 WHERE m.trial_id = $1 AND m.reminder_id = r.reminder_id AND m.state = 'scheduled' AND m.attempts < r.attempt;
