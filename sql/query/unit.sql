-- unit.sql: units, what they answered and agreed to.
--
-- `scope` narrows a list to the counties and sites of the caller's roles: NULL for all, else an array
-- of {"county": ..., "site": ...} of which one must fit.

-- How many workplaces were ever registered; its row's lock makes registrations follow one another.
-- unit_counter_take :one
--   trial_id uuid, kind text, count int4
--   -> last int4
INSERT INTO rctd.unit_counter AS c (trial_id, kind, last) VALUES ($1, $2, $3)
ON CONFLICT (trial_id, kind) DO UPDATE SET last = c.last + excluded.last
RETURNING c.last;

-- Registers workplaces: an array of {unit_id, code, name, identity_key, identifiers, attributes}.
-- workplace_insert :exec
--   trial_id uuid, rows jsonb
WITH new AS (
    SELECT r.* FROM jsonb_to_recordset($2) AS r (unit_id uuid, code text, name text, identity_key text,
                                                 identifiers jsonb, attributes jsonb)
), unit AS (
    INSERT INTO rctd.unit (trial_id, unit_id, kind, code, attributes)
    SELECT $1, n.unit_id, 'workplace', n.code, n.attributes FROM new n
    RETURNING trial_id, unit_id
)
INSERT INTO rctd.workplace (trial_id, unit_id, name, identity_key, identifiers)
SELECT u.trial_id, u.unit_id, n.name, n.identity_key, n.identifiers FROM unit u JOIN new n ON n.unit_id = u.unit_id;

-- Which of these identity keys (a JSON array) are there already, and under which code?
-- workplace_known :many
--   trial_id uuid, keys jsonb
--   -> identity_key text, code text
SELECT w.identity_key, u.code
  FROM (SELECT DISTINCT value AS k FROM jsonb_array_elements_text($2)) keys
  JOIN rctd.workplace w ON w.trial_id = $1 AND w.identity_key = keys.k
  JOIN rctd.unit u ON u.trial_id = w.trial_id AND u.unit_id = w.unit_id;

-- workplace_list :many
--   trial_id uuid, scope jsonb?, after text, most int4, state text?, county text?, scheme text?, search text?
--   -> as workplace_get
SELECT c.unit_id, c.code, c.state, c.county, c.site, c.attributes, c.version, c.registered_at, c.changed_at, c.name,
       c.identifiers, c.head_count, c.roster_locked_at, c.answers, c.agreements, c.allocations,
       (SELECT e.how FROM rctd.workplace_ended e WHERE e.trial_id = c.trial_id AND e.unit_id = c.unit_id) AS ended
  FROM rctd.workplace_card c
 WHERE c.trial_id = $1 AND c.code > $3 AND rctd.in_scope($2, c.county, c.site)
   AND ($5 IS NULL OR c.state = $5) AND ($6 IS NULL OR c.county = $6)
   AND ($7 IS NULL OR EXISTS (SELECT FROM rctd.allocation l
        WHERE l.trial_id = c.trial_id AND l.unit_id = c.unit_id AND l.scheme = $7))
   AND ($8 IS NULL OR position(lower($8) IN lower(c.name)) > 0 OR position(lower($8) IN lower(c.code)) > 0)
 ORDER BY c.code LIMIT $4;

-- The same for one workplace.
-- workplace_get :maybe
--   trial_id uuid, scope jsonb?, code text
--   -> unit_id uuid, code text, state text, county text?, site text?, attributes jsonb, version int4, registered_at timestamptz, changed_at timestamptz, name text, identifiers jsonb, head_count int4?, roster_locked_at timestamptz?, answers jsonb, agreements jsonb, allocations jsonb, ended text?
SELECT c.unit_id, c.code, c.state, c.county, c.site, c.attributes, c.version, c.registered_at, c.changed_at, c.name,
       c.identifiers, c.head_count, c.roster_locked_at, c.answers, c.agreements, c.allocations,
       (SELECT e.how FROM rctd.workplace_ended e WHERE e.trial_id = c.trial_id AND e.unit_id = c.unit_id) AS ended
  FROM rctd.workplace_card c
 WHERE c.trial_id = $1 AND c.code = $3 AND rctd.in_scope($2, c.county, c.site);

-- A unit of either kind with all that decides about it. `year` is that of the trial's clock; `employer_out` the
-- workplace that a participant is in, where it has withdrawn; `ended`: how a workplace came to be no more;
-- `staffed`: who of the staff serves it is known.
-- unit_get :maybe
--   trial_id uuid, scope jsonb?, kind text, code text
--   -> unit_id uuid, kind text, code text, state text, county text?, site text?, attributes jsonb, version int4, registered_at timestamptz, changed_at timestamptz, name text?, head_count int4?, roster_locked_at timestamptz?, answers jsonb, consents jsonb, allocations jsonb, year int4, employer_out text?, stops jsonb, ended text?, staffed bool
SELECT u.unit_id, u.kind, u.code, u.state, u.county, u.site, u.attributes, u.version, u.registered_at, u.changed_at,
       w.name, w.head_count, w.roster_locked_at,
       coalesce((SELECT jsonb_object_agg(a.question, a.answer ORDER BY a.ordinal)
                   FROM rctd.eligibility_answer a
                  WHERE a.trial_id = u.trial_id AND a.unit_id = u.unit_id), '{}') AS answers,
       coalesce((SELECT jsonb_object_agg(c.form, jsonb_build_object('version', c.form_version,
                        'decision', c.decision, 'scopes', c.scopes) ORDER BY c.ordinal)
                   FROM rctd.consent c
                  WHERE c.trial_id = u.trial_id AND c.unit_id = u.unit_id), '{}') AS consents,
       coalesce((SELECT jsonb_agg(jsonb_build_object('scheme', l.scheme, 'phase', l.phase,
                        'allocated_at', l.allocated_at) ORDER BY l.scheme)
                   FROM rctd.allocation l
                  WHERE l.trial_id = u.trial_id AND l.unit_id = u.unit_id), '[]') AS allocations,
       extract(year FROM rctd.clock() AT TIME ZONE t.time_zone)::integer AS year,
       (SELECT w.code FROM rctd.employment m
          JOIN rctd.unit w ON w.trial_id = m.trial_id AND w.unit_id = m.workplace_id
         WHERE m.trial_id = u.trial_id AND m.unit_id = u.unit_id AND m.to_on IS NULL
           AND w.state = 'withdrawn') AS employer_out,
       rctd.stops_of(u.trial_id, u.unit_id) AS stops,
       (SELECT e.how FROM rctd.workplace_ended e WHERE e.trial_id = u.trial_id AND e.unit_id = u.unit_id) AS ended,
       EXISTS (SELECT FROM rctd.staff_link k WHERE k.trial_id = u.trial_id AND k.unit_id = u.unit_id) AS staffed
  FROM rctd.unit u
  JOIN rctd.trial t ON t.trial_id = u.trial_id
  LEFT JOIN rctd.workplace w ON w.trial_id = u.trial_id AND w.unit_id = u.unit_id
 WHERE u.trial_id = $1 AND u.kind = $3 AND u.code = $4 AND rctd.in_scope($2, u.county, u.site);

-- What the strata of these units (a JSON array of codes) follow from.
-- unit_attributes :many
--   trial_id uuid, kind text, codes jsonb
--   -> code text, attributes jsonb, year int4
SELECT u.code, u.attributes, extract(year FROM rctd.clock() AT TIME ZONE t.time_zone)::integer AS year
  FROM rctd.unit u
  JOIN rctd.trial t ON t.trial_id = u.trial_id
 WHERE u.trial_id = $1 AND u.kind = $2 AND u.code = ANY (ARRAY(SELECT jsonb_array_elements_text($3)));

-- A unit's lock, by its id or its code; held until the transaction ends. What is read after it is as it
-- stands under the lock.
-- unit_lock :exec queued
--   trial_id uuid, unit_id uuid
SELECT u.state FROM rctd.unit u WHERE u.trial_id = $1 AND u.unit_id = $2 FOR UPDATE;

-- unit_lock_code :exec queued
--   trial_id uuid, code text
SELECT u.state FROM rctd.unit u WHERE u.trial_id = $1 AND u.code = $2 FOR UPDATE;

-- Locks a unit for a change and counts the change.
-- unit_touch :exec queued
--   trial_id uuid, unit_id uuid
UPDATE rctd.unit SET version = version + 1, changed_at = rctd.clock() WHERE trial_id = $1 AND unit_id = $2;

-- unit_set_state :exec queued
--   trial_id uuid, unit_id uuid, state text
UPDATE rctd.unit SET state = $3, version = version + 1, changed_at = rctd.clock()
 WHERE trial_id = $1 AND unit_id = $2;

-- answer_insert :exec queued
--   trial_id uuid, unit_id uuid, question text, answer bool, protocol_version int4, answered_by text?, recorded_by uuid
INSERT INTO rctd.eligibility_answer (trial_id, unit_id, ordinal, question, answer, protocol_version,
                                     answered_by, recorded_at, recorded_by)
SELECT $1, $2, 1 + coalesce((SELECT max(a.ordinal) FROM rctd.eligibility_answer a WHERE a.trial_id = $1 AND a.unit_id = $2), 0),
       $3, $4, $5, $6, rctd.clock(), $7;

-- roster_lock :exec queued
--   trial_id uuid, unit_id uuid, head_count int4
UPDATE rctd.workplace SET head_count = $3, roster_locked_at = rctd.clock()
 WHERE trial_id = $1 AND unit_id = $2 AND roster_locked_at IS NULL;
