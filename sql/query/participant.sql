-- participant.sql: participants: registered, listed, with what froze at allocation.

-- Registers participants: an array of {unit_id, code, attributes, county, site}; in a trial with workplaces
-- {workplace_id, from_on}; and, sealed, who they are: {key_version, box, number_hash}, the last two in hex.
-- participant_insert :exec queued
--   trial_id uuid, rows jsonb, protocol_version int4, registered_by uuid
WITH new AS (
    SELECT r.* FROM jsonb_to_recordset($2) AS r (unit_id uuid, code text, attributes jsonb, county text, site text,
                                                 workplace_id uuid, from_on date,
                                                 key_version integer, box text, number_hash text)
), unit AS (
    INSERT INTO rctd.unit (trial_id, unit_id, kind, code, attributes, county, site, salt)
    SELECT $1, n.unit_id, 'participant', n.code, n.attributes, n.county, n.site, gen_random_uuid()::text FROM new n
    RETURNING trial_id, unit_id
), participant AS (
    INSERT INTO rctd.participant (trial_id, unit_id, protocol_version, registered_by)
    SELECT u.trial_id, u.unit_id, $3, $4 FROM unit u
    RETURNING trial_id, unit_id
), identity AS (
    INSERT INTO rctd_vault.identity (trial_id, unit_id, key_version, box, number_hash)
    SELECT p.trial_id, p.unit_id, n.key_version, decode(n.box, 'hex'), decode(n.number_hash, 'hex')
      FROM participant p JOIN new n ON n.unit_id = p.unit_id
     WHERE n.box IS NOT NULL
)
INSERT INTO rctd.employment (trial_id, unit_id, from_on, workplace_id)
SELECT p.trial_id, p.unit_id, n.from_on, n.workplace_id
  FROM participant p JOIN new n ON n.unit_id = p.unit_id
 WHERE n.workplace_id IS NOT NULL;

-- Which of these codes (a JSON array) are taken? Without them: those of all participants, which for very many are
-- read faster than asked for.
-- codes_taken :many
--   trial_id uuid, codes jsonb?
--   -> code text
SELECT u.code FROM rctd.unit u
 WHERE u.trial_id = $1 AND u.code = ANY (ARRAY(SELECT jsonb_array_elements_text($2)))
UNION ALL
SELECT u.code FROM rctd.unit u WHERE $2 IS NULL AND u.trial_id = $1 AND u.kind = 'participant';

-- The workplaces of these codes (a JSON array) that the caller covers.
-- employers :many
--   trial_id uuid, scope jsonb?, codes jsonb
--   -> code text, unit_id uuid, state text, county text?, site text?, ended text?
SELECT u.code, u.unit_id, u.state, u.county, u.site,
       (SELECT e.how FROM rctd.workplace_ended e WHERE e.trial_id = u.trial_id AND e.unit_id = u.unit_id) AS ended
  FROM rctd.unit u
 WHERE u.trial_id = $1 AND u.kind = 'workplace' AND rctd.in_scope($2, u.county, u.site)
   AND u.code = ANY (ARRAY(SELECT jsonb_array_elements_text($3)));

-- The day in the trial's time zone.
-- trial_today :one
--   trial_id uuid
--   -> today date
SELECT (rctd.clock() AT TIME ZONE t.time_zone)::date AS today FROM rctd.trial t WHERE t.trial_id = $1;

-- `scheme`: they are allocated in it, or their whole cluster is and they with it.
-- participant_list :many
--   trial_id uuid, scope jsonb?, after text, most int4, state text?, county text?, scheme text?, workplace text?, code text?, joined text?
--   -> unit_id uuid, code text, state text, county text?, site text?, attributes jsonb, version int4, registered_at timestamptz, changed_at timestamptz, workplace text?, employed_from date?, employed_to date?, answers jsonb, consents jsonb, allocations jsonb, flags jsonb?, flags_version int4?, year int4, employer_out text?, stops jsonb, cluster text?, joined text?, screened_out bool
SELECT c.unit_id, c.code, c.state, c.county, c.site, c.attributes, c.version, c.registered_at, c.changed_at,
       c.workplace, c.employed_from, c.employed_to, c.answers, c.consents, c.allocations, c.flags, c.flags_version, c.year,
       (SELECT w.code FROM rctd.employment m
          JOIN rctd.unit w ON w.trial_id = m.trial_id AND w.unit_id = m.workplace_id
         WHERE m.trial_id = c.trial_id AND m.unit_id = c.unit_id AND m.to_on IS NULL
           AND w.state = 'withdrawn') AS employer_out,
       rctd.stops_of(c.trial_id, c.unit_id) AS stops,
       w.code AS cluster, k.joined,
       EXISTS (SELECT FROM rctd.screened_out o WHERE o.trial_id = c.trial_id AND o.unit_id = c.unit_id) AS screened_out
  FROM rctd.participant_card c
  LEFT JOIN rctd.cluster_member k ON k.trial_id = c.trial_id AND k.unit_id = c.unit_id
  LEFT JOIN rctd.unit w ON w.trial_id = k.trial_id AND w.unit_id = k.workplace_id
 WHERE c.trial_id = $1 AND c.code > $3 AND rctd.in_scope($2, c.county, c.site)
   AND ($5 IS NULL OR c.state = $5) AND ($6 IS NULL OR c.county = $6)
   AND ($7 IS NULL OR EXISTS (SELECT FROM rctd.allocation l
        WHERE l.trial_id = c.trial_id AND l.scheme = $7 AND (l.unit_id = c.unit_id
           OR (l.unit_id = k.workplace_id AND (SELECT s.randomised FROM rctd.screening_card s
                WHERE s.trial_id = c.trial_id AND s.unit_id = c.unit_id)))))
   AND ($8 IS NULL OR c.workplace = $8) AND ($9 IS NULL OR c.code = $9)
   AND ($10 IS NULL OR k.joined = $10)
 ORDER BY c.code LIMIT $4;

-- What the flags say now, an array of {flag, raised, rule}, for good: before the unit's first allocation.
-- unit_flags_freeze :exec queued
--   trial_id uuid, unit_id uuid, protocol_version int4, flags jsonb
INSERT INTO rctd.unit_flag (trial_id, unit_id, flag, raised, rule, protocol_version, frozen_at)
SELECT $1, $2, f.flag, f.raised, f.rule, $3, rctd.clock()
  FROM jsonb_to_recordset($4) AS f (flag text, raised boolean, rule text)
 WHERE NOT EXISTS (SELECT FROM rctd.allocation l WHERE l.trial_id = $1 AND l.unit_id = $2);
