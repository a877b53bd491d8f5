-- account.sql: who may ask. Names of parameters and columns become C; see sql/statements.py.

-- Whose token is this, and which roles does its account hold, on this trial ('' for none) and on the
-- instance? Expiry, revocation and disabling are looked at here, so they hold at once everywhere.
-- account_authenticate :maybe
--   hash bytea, trial text
--   -> token_id uuid, expires_at timestamptz, account_id uuid, name text, display text, organisation text, expired bool, revoked bool, disabled bool, unnoted bool, trial_id uuid?, time_zone text?, trial_state text?, grants jsonb
SELECT k.token_id, k.expires_at, a.account_id, a.name, a.display, a.organisation, k.expires_at <= now() AS expired,
       k.revoked_at IS NOT NULL AS revoked, a.disabled_at IS NOT NULL AS disabled,
       k.last_used_at IS NULL OR k.last_used_at < now() - interval '1 minute' AS unnoted,
       t.trial_id, t.time_zone, t.state AS trial_state,
       coalesce((SELECT jsonb_agg(jsonb_build_object('role', g.role,
                        'instance', g.trial_id = '00000000-0000-0000-0000-000000000000',
                        'county', g.county, 'site', g.site, 'purpose', g.purpose) ORDER BY g.granted_at, g.grant_id)
                   FROM rctd.role_grant g
                  WHERE g.account_id = a.account_id AND g.revoked_at IS NULL
                    AND g.trial_id IN ('00000000-0000-0000-0000-000000000000', t.trial_id)), '[]') AS grants
  FROM rctd.token k
  JOIN rctd.account a ON a.account_id = k.account_id
  LEFT JOIN rctd.trial t ON t.name = $2
 WHERE k.hash = $1;

-- Noted once a minute: a token that is used by many at once is not written by each.
-- token_note_use :exec
--   token_id uuid
UPDATE rctd.token SET last_used_at = now()
 WHERE token_id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute');

-- Every role that an account holds now.
-- account_roles :many
--   account_id uuid
--   -> role text, trial text?, county text?, site text?, purpose text?
SELECT g.role, t.name AS trial, g.county, g.site, g.purpose
  FROM rctd.role_grant g LEFT JOIN rctd.trial t ON t.trial_id = g.trial_id
 WHERE g.account_id = $1 AND g.revoked_at IS NULL
 ORDER BY t.name NULLS FIRST, g.role, g.county, g.site, g.purpose;

-- failed_attempt_add :exec
--   remote text
INSERT INTO rctd.failed_attempt (remote, minute) VALUES ($1, date_trunc('minute', now()))
ON CONFLICT (remote, minute) DO UPDATE SET attempts = failed_attempt.attempts + 1;

-- failed_attempt_count :one
--   remote text
--   -> attempts int8
SELECT coalesce(sum(f.attempts), 0)::int8 AS attempts FROM rctd.failed_attempt f
 WHERE f.remote = $1 AND f.minute > now() - interval '10 minutes';

-- failed_attempt_clean :exec
--   -
DELETE FROM rctd.failed_attempt WHERE minute < now() - interval '1 hour';

-- The lock under which administrators come and go; the trigger administrator_remains takes it too.
-- administrator_lock :one
--   -
--   -> locked bool
SELECT pg_advisory_xact_lock(1633971566) IS NOT NULL AS locked;

-- Administrators who could log in now: enabled, with a token that is neither expired nor revoked.
-- administrator_count :one
--   -
--   -> administrators int8
SELECT count(DISTINCT a.account_id) AS administrators
  FROM rctd.role_grant g
  JOIN rctd.account a ON a.account_id = g.account_id
  JOIN rctd.token k ON k.account_id = a.account_id
 WHERE g.role = 'administrator' AND g.revoked_at IS NULL AND a.disabled_at IS NULL
   AND k.revoked_at IS NULL AND k.expires_at > now();

-- account_insert :exec
--   account_id uuid, name text, display text, organisation text
INSERT INTO rctd.account (account_id, name, display, organisation) VALUES ($1, $2, $3, $4)
ON CONFLICT (name) DO NOTHING;

-- account_get :maybe
--   name text
--   -> account_id uuid, name text, display text, organisation text, disabled_at timestamptz?, version int4, created_at timestamptz, roles jsonb, last_used_at timestamptz?, administrates bool
SELECT a.account_id, a.name, a.display, a.organisation, a.disabled_at, a.version, a.created_at,
       coalesce((SELECT jsonb_agg(jsonb_build_object('role', g.role, 'trial', t.name, 'county', g.county,
                        'site', g.site, 'purpose', g.purpose) ORDER BY t.name NULLS FIRST, g.role, g.county, g.site, g.purpose)
                   FROM rctd.role_grant g LEFT JOIN rctd.trial t ON t.trial_id = g.trial_id
                  WHERE g.account_id = a.account_id AND g.revoked_at IS NULL), '[]') AS roles,
       (SELECT max(k.last_used_at) FROM rctd.token k WHERE k.account_id = a.account_id) AS last_used_at,
       EXISTS (SELECT FROM rctd.role_grant g WHERE g.trial_id = '00000000-0000-0000-0000-000000000000'
                  AND g.account_id = a.account_id AND g.role = 'administrator' AND g.revoked_at IS NULL) AS administrates
  FROM rctd.account a WHERE a.name = $1;

-- account_list :many
--   after text, most int4
--   -> account_id uuid, name text, display text, organisation text, disabled_at timestamptz?, version int4, created_at timestamptz, roles jsonb, last_used_at timestamptz?
WITH page AS (
    SELECT a.* FROM rctd.account a WHERE a.name > $1 ORDER BY a.name LIMIT $2
), held AS (
    SELECT g.account_id, jsonb_agg(jsonb_build_object('role', g.role, 'trial', t.name, 'county', g.county,
           'site', g.site, 'purpose', g.purpose) ORDER BY t.name NULLS FIRST, g.role, g.county, g.site, g.purpose) AS roles
      FROM page p JOIN rctd.role_grant g ON g.account_id = p.account_id
      LEFT JOIN rctd.trial t ON t.trial_id = g.trial_id
     WHERE g.revoked_at IS NULL GROUP BY g.account_id
), used AS (
    SELECT k.account_id, max(k.last_used_at) AS last_used_at
      FROM page p JOIN rctd.token k ON k.account_id = p.account_id GROUP BY k.account_id
)
SELECT p.account_id, p.name, p.display, p.organisation, p.disabled_at, p.version, p.created_at,
       coalesce(h.roles, '[]') AS roles, u.last_used_at
  FROM page p LEFT JOIN held h ON h.account_id = p.account_id LEFT JOIN used u ON u.account_id = p.account_id
 ORDER BY p.name;

-- account_change :exec
--   account_id uuid, version int4, display text, organisation text, disabled bool
UPDATE rctd.account SET display = $3, organisation = $4, version = version + 1,
       disabled_at = CASE WHEN $5 THEN coalesce(disabled_at, now()) END
 WHERE account_id = $1 AND version = $2;

-- token_insert :exec
--   token_id uuid, account_id uuid, name text, hash bytea, expires_at timestamptz
INSERT INTO rctd.token (token_id, account_id, name, hash, expires_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (account_id, name) WHERE revoked_at IS NULL DO NOTHING;

-- token_list :many
--   account_id uuid, after uuid, most int4
--   -> token_id uuid, name text, created_at timestamptz, expires_at timestamptz, last_used_at timestamptz?, revoked_at timestamptz?
SELECT k.token_id, k.name, k.created_at, k.expires_at, k.last_used_at, k.revoked_at
  FROM rctd.token k WHERE k.account_id = $1 AND k.token_id > $2 ORDER BY k.token_id LIMIT $3;

-- token_get :maybe
--   account_id uuid, token_id uuid
--   -> as token_list
SELECT k.token_id, k.name, k.created_at, k.expires_at, k.last_used_at, k.revoked_at
  FROM rctd.token k WHERE k.account_id = $1 AND k.token_id = $2;

-- token_revoke :exec
--   account_id uuid, token_id uuid
UPDATE rctd.token SET revoked_at = now() WHERE account_id = $1 AND token_id = $2 AND revoked_at IS NULL;

-- grant_insert :exec
--   trial_id uuid, grant_id uuid, account_id uuid, role text, county text?, site text?, purpose text?, reason text
INSERT INTO rctd.role_grant (trial_id, grant_id, account_id, role, county, site, purpose, reason)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- grant_list :many
--   account_id uuid, after uuid, most int4
--   -> grant_id uuid, trial text?, role text, county text?, site text?, purpose text?, reason text, granted_at timestamptz, revoked_at timestamptz?
SELECT g.grant_id, t.name AS trial, g.role, g.county, g.site, g.purpose, g.reason, g.granted_at, g.revoked_at
  FROM rctd.role_grant g LEFT JOIN rctd.trial t ON t.trial_id = g.trial_id
 WHERE g.account_id = $1 AND g.grant_id > $2 ORDER BY g.grant_id LIMIT $3;

-- grant_get :maybe
--   account_id uuid, grant_id uuid
--   -> as grant_list
SELECT g.grant_id, t.name AS trial, g.role, g.county, g.site, g.purpose, g.reason, g.granted_at, g.revoked_at
  FROM rctd.role_grant g LEFT JOIN rctd.trial t ON t.trial_id = g.trial_id
 WHERE g.account_id = $1 AND g.grant_id = $2;

-- grant_revoke :exec
--   account_id uuid, grant_id uuid
UPDATE rctd.role_grant SET revoked_at = now() WHERE account_id = $1 AND grant_id = $2 AND revoked_at IS NULL;

-- What an account does or did in a trial: who defines a sequence, or reads method and block sizes, does not
-- enrol. Of the nil trial: in any.
-- account_duties :one
--   trial_id uuid, account_id uuid
--   -> manages bool, knows bool, coordinates bool, locked bool, allocated bool
SELECT EXISTS (SELECT FROM rctd.role_grant g WHERE g.trial_id = $1 AND g.account_id = $2
                  AND g.role = 'trial-manager' AND g.revoked_at IS NULL) AS manages,
       EXISTS (SELECT FROM rctd.role_grant g WHERE g.trial_id IN ($1, '00000000-0000-0000-0000-000000000000')
                  AND g.account_id = $2 AND g.role IN ('statistician', 'auditor') AND g.revoked_at IS NULL) AS knows,
       EXISTS (SELECT FROM rctd.role_grant g
                WHERE (g.trial_id = $1 OR $1 = '00000000-0000-0000-0000-000000000000')
                  AND g.account_id = $2 AND g.role = 'coordinator' AND g.revoked_at IS NULL) AS coordinates,
       EXISTS (SELECT FROM rctd.protocol_version v WHERE v.trial_id = $1 AND v.locked_by = $2) AS locked,
       EXISTS (SELECT FROM rctd.allocation l WHERE l.trial_id = $1 AND l.allocated_by = $2) AS allocated;
