-- report.sql: pooled counts, which every role may see: nothing here is by arm or by stratum.

-- Workplaces by state within the caller's scope; those that nobody randomised are counted apart.
-- recruitment_states :one
--   trial_id uuid, scope jsonb?
--   -> registered int8, roster_locked int8, allocated int8, not_randomised int8, withdrawn int8
SELECT count(*) AS registered,
       count(*) FILTER (WHERE w.roster_locked_at IS NOT NULL) AS roster_locked,
       count(*) FILTER (WHERE u.state = 'allocated' AND r.randomised) AS allocated,
       count(*) FILTER (WHERE u.state = 'allocated' AND NOT r.randomised) AS not_randomised,
       count(*) FILTER (WHERE u.state = 'withdrawn') AS withdrawn
  FROM rctd.unit u
  JOIN rctd.workplace w ON w.trial_id = u.trial_id AND w.unit_id = u.unit_id
  CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM rctd.allocation l
                       WHERE l.trial_id = u.trial_id AND l.unit_id = u.unit_id AND l.randomised) AS randomised) r
 WHERE u.trial_id = $1 AND u.kind = 'workplace'
   AND rctd.in_scope($2, u.county, u.site);

-- Participants within the caller's scope; who is allocated is counted as the screening flow does, and stays counted;
-- `still_allocated`: whose state says so.
-- recruitment_people :one
--   trial_id uuid, scope jsonb?
--   -> registered int8, allocated int8, still_allocated int8, joined_later int8, withdrawn int8
SELECT count(*) AS registered,
       count(*) FILTER (WHERE c.randomised) AS allocated,
       count(*) FILTER (WHERE c.randomised AND NOT c.withdrawn) AS still_allocated,
       count(*) FILTER (WHERE c.late AND c.state = 'enrolled') AS joined_later,
       count(*) FILTER (WHERE c.withdrawn) AS withdrawn
  FROM rctd.screening_card c
 WHERE c.trial_id = $1 AND c.kind = 'participant' AND c.unit_id IS NOT NULL AND rctd.in_scope($2, c.county, c.site);

-- Allocations of workplaces in each phase by month of the trial's time zone, within the caller's scope; one
-- row with no month for a phase without any. Those that nobody randomised are counted apart. Beside them, how
-- many participants are wanted in the phase, and were randomised, as the screening flow counts them.
-- recruitment_months :many
--   trial_id uuid, scope jsonb?, time_zone text
--   -> phase text, state text, target int4?, month text?, allocated int8, not_randomised int8, people_target int4?, people int8
SELECT p.phase AS phase, p.state AS state, p.target_workplaces AS target, m.month AS month,
       coalesce(m.allocated, 0) AS allocated, coalesce(m.not_randomised, 0) AS not_randomised,
       p.target_participants AS people_target, coalesce(r.people, 0) AS people
  FROM rctd.phase p
  LEFT JOIN (SELECT c.phase, count(*) AS people FROM rctd.screening_card c
              WHERE c.trial_id = $1 AND c.kind = 'participant' AND c.randomised AND rctd.in_scope($2, c.county, c.site)
              GROUP BY 1) r ON r.phase = p.phase
  LEFT JOIN (SELECT l.phase, to_char(l.allocated_at AT TIME ZONE $3, 'YYYY-MM') AS month,
                    count(*) FILTER (WHERE l.randomised) AS allocated,
                    count(*) FILTER (WHERE NOT l.randomised) AS not_randomised
               FROM rctd.allocation l
               JOIN rctd.unit u ON u.trial_id = l.trial_id AND u.unit_id = l.unit_id
              WHERE l.trial_id = $1 AND u.kind = 'workplace'
                AND rctd.in_scope($2, u.county, u.site)
              GROUP BY 1, 2) m ON m.phase = p.phase
 WHERE p.trial_id = $1 ORDER BY p.ordinal, m.month;
