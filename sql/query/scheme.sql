-- scheme.sql: schemes, their closing and the reveal of their seeds.

-- Schemes, or one of them, each with the seed in force; never method or block sizes.
-- scheme_list :many
--   trial_id uuid, scheme text?
--   -> scheme text, phase text, phase_state text, unit text, version int4, label text, commitment bytea, retired bool, used bool, allocations int8, closed_at timestamptz?, approvals int8
SELECT s.scheme, s.phase, p.state AS phase_state, s.unit, s.seed_version AS version, e.label, e.commitment, s.retired,
       n.allocations > 0 AS used, n.allocations, c.closed_at,
       (SELECT count(DISTINCT r.role) FROM rctd.seed_reveal r WHERE r.trial_id = s.trial_id AND r.scheme = s.scheme) AS approvals
  FROM rctd.scheme s
  JOIN rctd.phase p ON p.trial_id = s.trial_id AND p.phase = s.phase
  JOIN rctd.scheme_seed e ON e.trial_id = s.trial_id AND e.scheme = s.scheme AND e.version = s.seed_version
  LEFT JOIN rctd.scheme_closing c ON c.trial_id = s.trial_id AND c.scheme = s.scheme
  CROSS JOIN LATERAL (SELECT count(*) AS allocations FROM rctd.allocation l
                       WHERE l.trial_id = s.trial_id AND l.scheme = s.scheme) n
 WHERE s.trial_id = $1 AND ($2 IS NULL OR s.scheme = $2) ORDER BY s.scheme;

-- scheme_closing_insert :exec
--   trial_id uuid, scheme text, closed_by uuid, reason text
INSERT INTO rctd.scheme_closing (trial_id, scheme, closed_at, closed_by, reason) VALUES ($1, $2, rctd.clock(), $3, $4);

-- scheme_closing_get :maybe
--   trial_id uuid, scheme text
--   -> closed_at timestamptz, closed_by text, reason text
SELECT c.closed_at, a.name AS closed_by, c.reason
  FROM rctd.scheme_closing c
  JOIN rctd.account a ON a.account_id = c.closed_by
 WHERE c.trial_id = $1 AND c.scheme = $2;

-- seed_reveal_insert :exec
--   trial_id uuid, scheme text, role text, account_id uuid, seed_version int4, reason text
INSERT INTO rctd.seed_reveal (trial_id, scheme, role, account_id, seed_version, approved_at, reason)
VALUES ($1, $2, $3, $4, $5, rctd.clock(), $6);

-- Until the reveal is whole an approval stands while its giver holds the role.
-- seed_reveal_list :many
--   trial_id uuid, scheme text
--   -> role text, account_id uuid, account text, approved_at timestamptz, reason text, stands bool
SELECT r.role, r.account_id, a.name AS account, r.approved_at, r.reason,
       rctd.holds_role(r.trial_id, r.account_id, r.role)
       OR EXISTS (SELECT FROM rctd.seed_reveal o WHERE o.trial_id = r.trial_id AND o.scheme = r.scheme AND o.role <> r.role) AS stands
  FROM rctd.seed_reveal r
  JOIN rctd.account a ON a.account_id = r.account_id
 WHERE r.trial_id = $1 AND r.scheme = $2 ORDER BY r.approved_at, r.role;

-- seed_read_insert :exec
--   trial_id uuid, read_id uuid, scheme text, seed_version int4, account_id uuid
INSERT INTO rctd.seed_read (trial_id, read_id, scheme, seed_version, account_id, read_at)
VALUES ($1, $2, $3, $4, $5, rctd.clock());

-- The versions of the protocol that a scheme's allocations were made under, and the one of its seed.
-- scheme_versions :many
--   trial_id uuid, scheme text, seed_version int4
--   -> version int4, sha256 bytea, allocations int8
SELECT v.version, v.sha256, count(l.allocation_id) AS allocations
  FROM rctd.protocol_version v
  LEFT JOIN rctd.allocation l ON l.trial_id = v.trial_id AND l.protocol_version = v.version AND l.scheme = $2
 WHERE v.trial_id = $1
 GROUP BY v.version, v.sha256 HAVING count(l.allocation_id) > 0 OR v.version = $3 ORDER BY v.version;
