-- unblinding.sql: arms that are asked for, who knows an arm, and notices.

-- The arm of a unit at once, to who acts; written down in the same transaction.
-- unblind :many
--   trial_id uuid, unblinding_id uuid, unit_id uuid, reason text, key text
--   -> unit text, scheme text, arm text, allocated_at timestamptz
SELECT u.unit, u.scheme, u.arm, u.allocated_at FROM rctd.unblind($1, $2, $3, $4, $5) u;

-- The same with another's approval: asked for.
-- unblinding_ask :exec
--   trial_id uuid, unblinding_id uuid, unit_id uuid, reason text, key text
SELECT rctd.unblinding_ask($1, $2, $3, $4, $5);

-- unblinding_decision_insert :exec
--   trial_id uuid, unblinding_id uuid, decision text, role text, account_id uuid, reason text
INSERT INTO rctd.unblinding_decision (trial_id, unblinding_id, decision, role, account_id, decided_at, reason)
VALUES ($1, $2, $3, $4, $5, rctd.clock(), $6);

-- The arm that an unblinding stands for, to who asked for it; each look is written down.
-- unblinding_arm :many
--   trial_id uuid, unblinding_id uuid
--   -> as unblind
SELECT u.unit, u.scheme, u.arm, u.allocated_at FROM rctd.unblinding_arm($1, $2) u;

-- Unblindings of a trial, of an account, of a unit, or one; never the arm. Blinded roles see their own.
-- unblinding_list :many
--   trial_id uuid, scope jsonb?, after uuid, most int4, account text?, unit text?, unblinding_id uuid?
--   -> unblinding_id uuid, unit text, code text, arm_of text, kind text, reason text, account_id uuid, account text, role text, asked_at timestamptz, decision text?, decided_by text?, decided_role text?, decided_at timestamptz?, decided_for text?, known_at timestamptz?, looks int8
SELECT b.unblinding_id, u.kind AS unit, u.code, w.code AS arm_of, b.kind, b.reason, b.account_id, a.name AS account, b.role, b.asked_at,
       d.decision, e.name AS decided_by, d.role AS decided_role, d.decided_at, d.reason AS decided_for, k.since AS known_at,
       (k.since IS NOT NULL)::integer + (SELECT count(*) FROM rctd.unblinding_read r
         WHERE r.trial_id = b.trial_id AND r.unblinding_id = b.unblinding_id) AS looks
  FROM rctd.unblinding b
  JOIN rctd.unit u ON u.trial_id = b.trial_id AND u.unit_id = b.unit_id
  JOIN rctd.unit w ON w.trial_id = b.trial_id AND w.unit_id = b.arm_unit_id
  JOIN rctd.account a ON a.account_id = b.account_id
  LEFT JOIN rctd.unblinding_decision d ON d.trial_id = b.trial_id AND d.unblinding_id = b.unblinding_id
  LEFT JOIN rctd.account e ON e.account_id = d.account_id
  LEFT JOIN rctd.arm_knowledge k ON k.trial_id = b.trial_id AND k.unblinding_id = b.unblinding_id
 WHERE b.trial_id = $1 AND b.unblinding_id > $3 AND rctd.in_scope($2, u.county, u.site)
   AND ($5 IS NULL OR a.name = $5) AND ($6 IS NULL OR $6 IN (u.code, w.code)) AND ($7 IS NULL OR b.unblinding_id = $7)
 ORDER BY b.unblinding_id LIMIT $4;

-- What was told by it, for roles that know arms.
-- unblinding_told :many
--   trial_id uuid, unblinding_id uuid
--   -> scheme text, arm text
SELECT l.scheme, l.arm
  FROM rctd.unblinding b
  JOIN rctd.allocation l ON l.trial_id = b.trial_id AND l.unit_id = b.arm_unit_id
 WHERE b.trial_id = $1 AND b.unblinding_id = $2 ORDER BY l.scheme;

-- How often each account has come to know an arm in a way other than by its roles.
-- unblinding_accounts :many
--   trial_id uuid, after text, most int4
--   -> account text, display text, emergency int8, planned int8, asked int8, refused int8, told int8, last_at timestamptz
SELECT a.name AS account, a.display, count(*) FILTER (WHERE x.what = 'emergency') AS emergency,
       count(*) FILTER (WHERE x.what = 'planned') AS planned, count(*) FILTER (WHERE x.what = 'asked') AS asked,
       count(*) FILTER (WHERE x.what = 'refused') AS refused, count(*) FILTER (WHERE x.what = 'told') AS told, max(x.at) AS last_at
  FROM (SELECT k.account_id, k.how AS what, k.since AS at FROM rctd.arm_knowledge k WHERE k.trial_id = $1
        UNION ALL
        SELECT b.account_id, 'asked', b.asked_at FROM rctd.unblinding b WHERE b.trial_id = $1 AND b.kind = 'planned'
        UNION ALL
        SELECT b.account_id, 'refused', d.decided_at
          FROM rctd.unblinding b JOIN rctd.unblinding_decision d ON d.trial_id = b.trial_id AND d.unblinding_id = b.unblinding_id
         WHERE b.trial_id = $1 AND d.decision = 'refused') x
  JOIN rctd.account a ON a.account_id = x.account_id
 WHERE a.name > $2 GROUP BY a.name, a.display ORDER BY a.name LIMIT $3;

-- Somebody was told the arm of a unit.
-- arm_told :one
--   trial_id uuid, account_id uuid, unit_id uuid, source text
--   -> knowledge_id uuid
SELECT rctd.arm_told($1, $2, $3, $4) AS knowledge_id;

-- Who knows the arm of which unit: as it came about, and by roles that see the arms of all units they cover.
-- Of one account, of one unit and the workplaces that a participant has been in, one row, or all.
-- arm_knowledge_list :many
--   trial_id uuid, scope jsonb?, after uuid, most int4, account text?, unit_id uuid?, knowledge_id uuid?
--   -> knowledge_id uuid, account text, unit text?, code text?, arm_of text?, how text, role text?, county text?, site text?, since timestamptz, until timestamptz?, unblinding_id uuid?, source text?, recorded_by text?
SELECT x.knowledge_id, x.account, x.unit, x.code, x.arm_of, x.how, x.role, x.county, x.site, x.since, x.until, x.unblinding_id,
       x.source, x.recorded_by
  FROM (SELECT k.knowledge_id, a.name AS account, u.kind AS unit, u.code, w.code AS arm_of, k.how, NULL::text AS role,
               NULL::text AS county, NULL::text AS site, k.since, NULL::timestamptz AS until, k.unblinding_id, k.source,
               r.name AS recorded_by
          FROM rctd.arm_knowledge k
          JOIN rctd.account a ON a.account_id = k.account_id
          JOIN rctd.account r ON r.account_id = k.recorded_by
          JOIN rctd.unit u ON u.trial_id = k.trial_id AND u.unit_id = k.unit_id
          JOIN rctd.unit w ON w.trial_id = k.trial_id AND w.unit_id = k.arm_unit_id
         WHERE k.trial_id = $1 AND rctd.in_scope($2, u.county, u.site)
           AND ($6 IS NULL OR $6 IN (k.unit_id, k.arm_unit_id)
                OR k.arm_unit_id IN (SELECT m.workplace_id FROM rctd.employment m WHERE m.trial_id = $1 AND m.unit_id = $6))
        UNION ALL
        SELECT g.grant_id, a.name, NULL, NULL, NULL, 'role', g.role, g.county, g.site, g.granted_at, g.revoked_at, NULL, NULL, NULL
          FROM rctd.role_grant g
          JOIN rctd.account a ON a.account_id = g.account_id
         WHERE g.trial_id IN ($1, '00000000-0000-0000-0000-000000000000') AND g.role IN ('coordinator', 'statistician', 'auditor')
           AND ($6 IS NULL OR EXISTS (SELECT FROM rctd.unit u
                  WHERE u.trial_id = $1 AND u.unit_id = $6 AND (g.county IS NULL OR g.county = u.county)
                    AND (g.site IS NULL OR g.site = u.site)))) x
 WHERE x.knowledge_id > $3 AND ($5 IS NULL OR x.account = $5) AND ($7 IS NULL OR x.knowledge_id = $7)
 ORDER BY x.knowledge_id LIMIT $4;

-- Notices of who acts, on trials on which they still have a role; the newest first.
-- notice_list :many
--   after uuid, most int4, unread bool?, notice_id uuid?
--   -> notice_id uuid, trial text, kind text, unit text?, code text?, about uuid?, actor text, at timestamptz, read_at timestamptz?
SELECT n.notice_id, t.name AS trial, n.kind, u.kind AS unit, u.code, n.about, a.name AS actor, n.at, n.read_at
  FROM rctd.trial t
  JOIN rctd.notice n ON n.trial_id = t.trial_id AND n.account_id = rctd.acting_account()
  JOIN rctd.account a ON a.account_id = n.actor_id
  LEFT JOIN rctd.unit u ON u.trial_id = n.trial_id AND u.unit_id = n.unit_id
 WHERE ($1 = '00000000-0000-0000-0000-000000000000' OR n.notice_id < $1) AND ($3 IS NOT TRUE OR n.read_at IS NULL)
   AND ($4 IS NULL OR n.notice_id = $4)
   AND EXISTS (SELECT FROM rctd.role_grant g WHERE g.trial_id IN (t.trial_id, '00000000-0000-0000-0000-000000000000')
                AND g.account_id = n.account_id AND g.revoked_at IS NULL AND g.role <> 'administrator')
 ORDER BY n.notice_id DESC LIMIT $2;

-- How many of them wait to be read.
-- notice_unread :one
--   -
--   -> unread int8
SELECT count(*) AS unread
  FROM rctd.trial t
  JOIN rctd.notice n ON n.trial_id = t.trial_id AND n.account_id = rctd.acting_account()
 WHERE n.read_at IS NULL
   AND EXISTS (SELECT FROM rctd.role_grant g WHERE g.trial_id IN (t.trial_id, '00000000-0000-0000-0000-000000000000')
                AND g.account_id = n.account_id AND g.revoked_at IS NULL AND g.role <> 'administrator');

-- notice_read :exec
--   trial text, notice_id uuid
UPDATE rctd.notice n SET read_at = rctd.clock()
 WHERE n.trial_id = (SELECT t.trial_id FROM rctd.trial t WHERE t.name = $1) AND n.notice_id = $2
   AND n.account_id = rctd.acting_account() AND n.read_at IS NULL;
