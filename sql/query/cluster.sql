-- cluster.sql: rosters and clusters, moves, what became of workplaces, shared staff, and consent around the
-- reveal. `scope`: see unit.sql. Statements that name an arm are for roles that know arms; the database refuses
-- them to others.

-- How many people are registered in a workplace today: its roster has as many at least.
-- roster_count :one
--   trial_id uuid, unit_id uuid
--   -> listed int8
SELECT count(e.unit_id) AS listed
  FROM rctd.trial t
  LEFT JOIN rctd.employment e ON e.trial_id = t.trial_id AND e.workplace_id = $2
   AND e.from_on <= (rctd.clock() AT TIME ZONE t.time_zone)::date
   AND (e.to_on IS NULL OR e.to_on >= (rctd.clock() AT TIME ZONE t.time_zone)::date)
 WHERE t.trial_id = $1;

-- roster_get :maybe
--   trial_id uuid, unit_id uuid
--   -> listed int4, digest text, locked_on date, locked_at timestamptz
SELECT r.listed, r.digest, r.locked_on, r.locked_at FROM rctd.roster r WHERE r.trial_id = $1 AND r.unit_id = $2;

-- The list of a locked roster, in the order that its digest was made in.
-- roster_members :many
--   trial_id uuid, unit_id uuid, after text, most int4
--   -> code text, state text, workplace text?, cluster text
SELECT u.code, u.state, now_in.code AS workplace, c.code AS cluster
  FROM rctd.roster_member m
  JOIN rctd.unit u ON u.trial_id = m.trial_id AND u.unit_id = m.unit_id
  JOIN rctd.cluster_member k ON k.trial_id = m.trial_id AND k.unit_id = m.unit_id
  JOIN rctd.unit c ON c.trial_id = k.trial_id AND c.unit_id = k.workplace_id
  LEFT JOIN rctd.employment e ON e.trial_id = m.trial_id AND e.unit_id = m.unit_id AND e.to_on IS NULL
  LEFT JOIN rctd.unit now_in ON now_in.trial_id = e.trial_id AND now_in.unit_id = e.workplace_id
 WHERE m.trial_id = $1 AND m.workplace_id = $2 AND u.code COLLATE "C" > $3
 ORDER BY u.code COLLATE "C" LIMIT $4;

-- Where a participant works and worked, and which of these is the cluster that they are analysed in.
-- employment_list :many
--   trial_id uuid, unit_id uuid
--   -> workplace text, name text, from_on date, to_on date?, cluster bool
SELECT w.code AS workplace, p.name, e.from_on, e.to_on,
       EXISTS (SELECT FROM rctd.cluster_member m WHERE m.trial_id = e.trial_id AND m.unit_id = e.unit_id
                  AND m.workplace_id = e.workplace_id) AS cluster
  FROM rctd.employment e
  JOIN rctd.unit w ON w.trial_id = e.trial_id AND w.unit_id = e.workplace_id
  JOIN rctd.workplace p ON p.trial_id = e.trial_id AND p.unit_id = e.workplace_id
 WHERE e.trial_id = $1 AND e.unit_id = $2 ORDER BY e.from_on;

-- The same, for roles that know arms: is it in another arm than the cluster's? NULL where one of the two
-- workplaces is not the caller's to know of.
-- employment_crossings :many
--   trial_id uuid, scope jsonb?, unit_id uuid
--   -> from_on date, crossed bool?
SELECT e.from_on,
       CASE WHEN rctd.in_scope($2, w.county, w.site) AND (c.unit_id IS NULL OR rctd.in_scope($2, c.county, c.site)) THEN
            EXISTS (SELECT FROM rctd.allocation a
                      JOIN rctd.allocation b ON b.trial_id = a.trial_id AND b.unit_id = e.workplace_id AND b.arm <> a.arm
                     WHERE a.trial_id = c.trial_id AND a.unit_id = c.unit_id) END AS crossed
  FROM rctd.employment e
  JOIN rctd.unit w ON w.trial_id = e.trial_id AND w.unit_id = e.workplace_id
  LEFT JOIN rctd.cluster_member m ON m.trial_id = e.trial_id AND m.unit_id = e.unit_id
  LEFT JOIN rctd.unit c ON c.trial_id = m.trial_id AND c.unit_id = m.workplace_id
 WHERE e.trial_id = $1 AND e.unit_id = $3 ORDER BY e.from_on;

-- The employment that goes on.
-- employment_open :maybe
--   trial_id uuid, unit_id uuid
--   -> from_on date, workplace text
SELECT e.from_on, w.code AS workplace
  FROM rctd.employment e JOIN rctd.unit w ON w.trial_id = e.trial_id AND w.unit_id = e.workplace_id
 WHERE e.trial_id = $1 AND e.unit_id = $2 AND e.to_on IS NULL;

-- Ends it on the day before.
-- employment_end :exec
--   trial_id uuid, unit_id uuid, before date
UPDATE rctd.employment SET to_on = $3::date - 1 WHERE trial_id = $1 AND unit_id = $2 AND to_on IS NULL;

-- Why somebody may not be put into another workplace, as if registered there; NULL where they may.
-- correction_objection :one
--   trial_id uuid, unit_id uuid, workplace_id uuid
--   -> objection text?
SELECT rctd.correction_objection($1, $2, $3) AS objection;

-- employment_correct :exec queued
--   trial_id uuid, unit_id uuid, workplace_id uuid
UPDATE rctd.employment SET workplace_id = $3 WHERE trial_id = $1 AND unit_id = $2 AND to_on IS NULL;

-- employment_begin :exec
--   trial_id uuid, unit_id uuid, from_on date, workplace_id uuid
INSERT INTO rctd.employment (trial_id, unit_id, from_on, workplace_id) VALUES ($1, $2, $3, $4);

-- workplace_change_insert :exec
--   trial_id uuid, unit_id uuid, change_id uuid, kind text, other_id uuid?, on_day date, name text?, reason text, recorded_by uuid
INSERT INTO rctd.workplace_change (trial_id, unit_id, ordinal, change_id, kind, other_id, on_day, name, former_name, reason,
                                 recorded_at, recorded_by)
SELECT $1, $2, 1 + coalesce((SELECT max(l.ordinal) FROM rctd.workplace_change l WHERE l.trial_id = $1 AND l.unit_id = $2), 0),
       $3, $4, $5, $6, $7, CASE WHEN $7 IS NOT NULL THEN (SELECT w.name FROM rctd.workplace w WHERE w.trial_id = $1 AND w.unit_id = $2) END,
       $8, rctd.clock(), $9;

-- What became of workplaces: of all, of one (whichever side it is on), or one change.
-- workplace_change_list :many
--   trial_id uuid, scope jsonb?, after uuid, most int4, unit_id uuid?, change_id uuid?
--   -> change_id uuid, workplace text, kind text, other text?, on_day date, name text?, former_name text?, recorded_at timestamptz, recorded_by text
SELECT l.change_id, u.code AS workplace, l.kind, o.code AS other, l.on_day, l.name, l.former_name, l.recorded_at, a.name AS recorded_by
  FROM rctd.workplace_change l
  JOIN rctd.unit u ON u.trial_id = l.trial_id AND u.unit_id = l.unit_id
  LEFT JOIN rctd.unit o ON o.trial_id = l.trial_id AND o.unit_id = l.other_id
  JOIN rctd.account a ON a.account_id = l.recorded_by
 WHERE l.trial_id = $1 AND l.change_id > $3
   AND (rctd.in_scope($2, u.county, u.site) OR rctd.in_scope($2, o.county, o.site))
   AND ($5 IS NULL OR l.unit_id = $5 OR l.other_id = $5) AND ($6 IS NULL OR l.change_id = $6)
 ORDER BY l.change_id LIMIT $4;

-- The rest of a change, for roles that know arms; `crossed` is NULL where one of the two workplaces is not the
-- caller's to know of.
-- workplace_change_restricted :one
--   trial_id uuid, scope jsonb?, change_id uuid
--   -> reason text, crossed bool?
SELECT l.reason,
       CASE WHEN rctd.in_scope($2, u.county, u.site) AND (o.unit_id IS NULL OR rctd.in_scope($2, o.county, o.site)) THEN
            EXISTS (SELECT FROM rctd.allocation a
                      JOIN rctd.allocation b ON b.trial_id = a.trial_id AND b.unit_id = l.other_id AND b.arm <> a.arm
                     WHERE a.trial_id = l.trial_id AND a.unit_id = l.unit_id) END AS crossed
  FROM rctd.workplace_change l
  JOIN rctd.unit u ON u.trial_id = l.trial_id AND u.unit_id = l.unit_id
  LEFT JOIN rctd.unit o ON o.trial_id = l.trial_id AND o.unit_id = l.other_id
 WHERE l.trial_id = $1 AND l.change_id = $3;

-- staff_insert :exec
--   trial_id uuid, unit_id uuid, service_id uuid, staff text, kind text, from_on date, recorded_by uuid
INSERT INTO rctd.staff_link (trial_id, unit_id, service_id, staff, kind, from_on, recorded_at, recorded_by)
VALUES ($1, $2, $3, $4, $5, $6, rctd.clock(), $7);

-- staff_end :exec
--   trial_id uuid, unit_id uuid, staff text, kind text, to_on date
UPDATE rctd.staff_link SET to_on = $5 WHERE trial_id = $1 AND unit_id = $2 AND staff = $3 AND kind = $4 AND to_on IS NULL;

-- Who serves where: all, at one workplace, or one of the staff. `place` is where a page goes on.
-- staff_list :many
--   trial_id uuid, scope jsonb?, after text, most int4, workplace text?, staff text?
--   -> place text, workplace text, staff text, kind text, from_on date, to_on date?, recorded_at timestamptz, recorded_by text
SELECT r.place, r.workplace, r.staff, r.kind, r.from_on, r.to_on, r.recorded_at, r.recorded_by
  FROM (SELECT (u.code || ' ' || k.staff || ' ' || k.kind || ' ' || k.from_on) COLLATE "C" AS place, u.code AS workplace, k.staff,
               k.kind, k.from_on, k.to_on, k.recorded_at, a.name AS recorded_by
          FROM rctd.staff_link k
          JOIN rctd.unit u ON u.trial_id = k.trial_id AND u.unit_id = k.unit_id
          JOIN rctd.account a ON a.account_id = k.recorded_by
         WHERE k.trial_id = $1 AND rctd.in_scope($2, u.county, u.site)
           AND ($5 IS NULL OR u.code = $5) AND ($6 IS NULL OR k.staff = $6)) r
 WHERE r.place > $3 ORDER BY r.place LIMIT $4;

-- Whom a workplace shares, from today on, with workplaces that are allocated or that stand in a list of units
-- which are allocated together with it.
-- staff_shared :many
--   trial_id uuid, unit_id uuid, together jsonb
--   -> staff text, kind text, other text, other_kind text, allocated bool
SELECT DISTINCT s.staff, s.kind, o.code AS other, s.other_kind, l.there AS allocated
  FROM rctd.shared_staff s
  JOIN rctd.trial t ON t.trial_id = s.trial_id
  JOIN rctd.unit o ON o.trial_id = s.trial_id AND o.unit_id = s.other_id
  CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM rctd.allocation a
                                      WHERE a.trial_id = s.trial_id AND a.unit_id = s.other_id) AS there) l
 WHERE s.trial_id = $1 AND s.unit_id = $2
   AND (s.to_on IS NULL OR s.to_on >= (rctd.clock() AT TIME ZONE t.time_zone)::date)
   AND (l.there OR o.code = ANY (ARRAY(SELECT jsonb_array_elements_text($3))))
 ORDER BY s.staff, o.code, s.kind, s.other_kind;

-- contamination_accept :exec queued
--   trial_id uuid, scheme text, unit_id uuid, shared jsonb, accepted_by uuid
INSERT INTO rctd.contamination_accepted (trial_id, scheme, unit_id, shared, accepted_at, accepted_by)
VALUES ($1, $2, $3, $4, rctd.clock(), $5);

-- Ways by which one arm reaches people of another: staff who serve workplaces in different arms (each pair
-- once), participants who work in another arm than their cluster's, workplaces that became part of one in
-- another arm. Days are those after both were allocated. Both workplaces lie within the scope.
-- contamination_list :many
--   trial_id uuid, scope jsonb?, after text, most int4, kind text?
--   -> place text, kind text, who text?, workplace text, arm text, other text, other_arm text, from_on date, to_on date?
WITH arm AS (
    SELECT DISTINCT u.unit_id, u.code, l.arm, (l.allocated_at AT TIME ZONE t.time_zone)::date AS on_day
      FROM rctd.allocation l
      JOIN rctd.unit u ON u.trial_id = l.trial_id AND u.unit_id = l.unit_id AND u.kind = 'workplace'
      JOIN rctd.trial t ON t.trial_id = l.trial_id
     WHERE l.trial_id = $1 AND rctd.in_scope($2, u.county, u.site)
), way AS (
    SELECT 'staff' AS kind, s.staff || ' ' || s.kind || CASE WHEN s.other_kind <> s.kind THEN '/' || s.other_kind ELSE '' END AS who,
           s.unit_id, s.other_id, s.from_on, s.to_on
      FROM rctd.shared_staff s WHERE s.trial_id = $1
     UNION ALL
    SELECT 'move', p.code, m.workplace_id, e.workplace_id, e.from_on, e.to_on
      FROM rctd.cluster_member m
      JOIN rctd.unit p ON p.trial_id = m.trial_id AND p.unit_id = m.unit_id
      JOIN rctd.employment e ON e.trial_id = m.trial_id AND e.unit_id = m.unit_id AND e.workplace_id <> m.workplace_id
     WHERE m.trial_id = $1
     UNION ALL
    SELECT l.kind, NULL, l.unit_id, l.other_id, l.on_day, NULL
      FROM rctd.workplace_change l WHERE l.trial_id = $1 AND l.other_id IS NOT NULL
), met AS (
    SELECT w.kind, w.who, a.code AS workplace, a.arm, b.code AS other, b.arm AS other_arm,
           greatest(w.from_on, a.on_day, b.on_day) AS from_on, w.to_on
      FROM way w
      JOIN arm a ON a.unit_id = w.unit_id
      JOIN arm b ON b.unit_id = w.other_id AND b.arm <> a.arm
     WHERE w.kind <> 'staff' OR a.code < b.code
)
SELECT r.place, r.kind, r.who, r.workplace, r.arm, r.other, r.other_arm, r.from_on, r.to_on
  FROM (SELECT (m.kind || ' ' || m.workplace || ' ' || m.other || ' ' || coalesce(m.who, '') || ' ' || m.from_on || ' '
                || m.arm || ' ' || m.other_arm) COLLATE "C" AS place, m.*
          FROM met m WHERE (m.to_on IS NULL OR m.to_on >= m.from_on) AND ($5 IS NULL OR m.kind = $5)) r
 WHERE r.place > $3 ORDER BY r.place LIMIT $4;

-- How people came to their clusters, and whether they first consented before or after it was revealed to what
-- arm their workplace belongs; `waiting`: it was not revealed yet.
-- uptake_totals :one
--   trial_id uuid, scope jsonb?
--   -> participants int8, on_roster int8, after_roster int8, post_allocation int8, unsettled int8, before int8, after int8, waiting int8
SELECT count(*) AS participants,
       count(*) FILTER (WHERE r.joined = 'on-roster') AS on_roster,
       count(*) FILTER (WHERE r.joined = 'after-roster') AS after_roster,
       count(*) FILTER (WHERE r.joined = 'post_allocation') AS post_allocation,
       count(*) FILTER (WHERE r.joined IS NULL) AS unsettled,
       count(*) FILTER (WHERE c.first < r.revealed_at) AS before,
       count(*) FILTER (WHERE c.first >= r.revealed_at) AS after,
       count(*) FILTER (WHERE c.first IS NOT NULL AND r.revealed_at IS NULL) AS waiting
  FROM rctd.unit u
  LEFT JOIN rctd.revealed r ON r.trial_id = u.trial_id AND r.unit_id = u.unit_id
  LEFT JOIN rctd.first_consent c ON c.trial_id = u.trial_id AND c.unit_id = u.unit_id
 WHERE u.trial_id = $1 AND u.kind = 'participant' AND rctd.in_scope($2, u.county, u.site);

-- The same for each workplace that has a cluster, for roles that know arms. `people`: on the roster, or, where
-- none was locked, in the cluster without those who came after the allocation.
-- uptake_workplaces :many
--   trial_id uuid, scope jsonb?
--   -> workplace text, people int8, registered int8, late int8, before int8, after int8, waiting int8
SELECT u.code AS workplace, coalesce(w.head_count, k.registered)::bigint AS people, k.registered, k.late, k.before, k.after, k.waiting
  FROM rctd.unit u
  JOIN rctd.workplace w ON w.trial_id = u.trial_id AND w.unit_id = u.unit_id
  CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE r.joined <> 'post_allocation') AS registered,
              count(*) FILTER (WHERE r.joined = 'post_allocation') AS late,
              count(*) FILTER (WHERE c.first < r.revealed_at) AS before,
              count(*) FILTER (WHERE c.first >= r.revealed_at) AS after,
              count(*) FILTER (WHERE c.first IS NOT NULL AND r.revealed_at IS NULL) AS waiting
         FROM rctd.revealed r
         LEFT JOIN rctd.first_consent c ON c.trial_id = r.trial_id AND c.unit_id = r.unit_id
        WHERE r.trial_id = u.trial_id AND r.workplace_id = u.unit_id) k
 WHERE u.trial_id = $1 AND rctd.in_scope($2, u.county, u.site)
   AND (w.roster_locked_at IS NOT NULL OR k.registered + k.late > 0)
 ORDER BY u.code;

-- The same by arm of each scheme that allocates workplaces. `consented`: of those in the primary set, who ever
-- said yes to taking part; `after`: of them, first after the reveal.
-- uptake_arms :many
--   trial_id uuid, scope jsonb?
--   -> scheme text, arm text, workplaces int8, people int8, registered int8, late int8, consented int8, after int8
SELECT l.scheme, l.arm, count(*) AS workplaces, sum(coalesce(w.head_count, k.registered))::bigint AS people,
       sum(k.registered)::bigint AS registered, sum(k.late)::bigint AS late, sum(k.consented)::bigint AS consented,
       sum(k.after)::bigint AS after
  FROM rctd.allocation l
  JOIN rctd.unit u ON u.trial_id = l.trial_id AND u.unit_id = l.unit_id
  JOIN rctd.workplace w ON w.trial_id = l.trial_id AND w.unit_id = l.unit_id
  CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE r.joined <> 'post_allocation') AS registered,
              count(*) FILTER (WHERE r.joined = 'post_allocation') AS late,
              count(c.first) FILTER (WHERE r.joined <> 'post_allocation') AS consented,
              count(*) FILTER (WHERE r.joined <> 'post_allocation' AND c.first >= r.revealed_at) AS after
         FROM rctd.revealed r
         LEFT JOIN rctd.first_consent c ON c.trial_id = r.trial_id AND c.unit_id = r.unit_id
        WHERE r.trial_id = l.trial_id AND r.workplace_id = l.unit_id) k
 WHERE l.trial_id = $1 AND rctd.in_scope($2, u.county, u.site)
 GROUP BY l.scheme, l.arm ORDER BY l.scheme, l.arm;
