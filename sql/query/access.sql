-- access.sql: reviews of who may do what.

-- Roles that are held, or were given or taken back since a day, with what a reviewer looks at. Of a trial
-- also the instance's roles, which reach into it; of the nil trial everything, accounts without a role too.
-- access_list :many
--   trial_id uuid, since date?, unused_days int4, after uuid, most int4
--   -> place uuid, account text, display text, organisation text, role text?, trial text?, county text?, site text?, purpose text?, reason text?, granted_at timestamptz?, granted_by text?, revoked_at timestamptz?, revoked_by text?, change text?, disabled_at timestamptz?, last_used_at timestamptz?, live_tokens int8, tokens_expire_at timestamptz?, password_set_at timestamptz?, enrolments_refused int8, look_at jsonb
WITH held AS (
    SELECT coalesce(g.grant_id, a.account_id) AS place, a.account_id, a.name, a.display, a.organisation, a.disabled_at,
           a.created_at, g.grant_id, g.trial_id, g.role, g.county, g.site, g.purpose, g.reason, g.granted_at, g.revoked_at
      FROM rctd.account a
      LEFT JOIN rctd.role_grant g ON g.account_id = a.account_id
           AND ($1 IN ('00000000-0000-0000-0000-000000000000', g.trial_id) OR g.trial_id = '00000000-0000-0000-0000-000000000000')
           AND (g.revoked_at IS NULL OR g.revoked_at >= $2::timestamptz)
     WHERE g.grant_id IS NOT NULL OR $1 = '00000000-0000-0000-0000-000000000000'
)
SELECT h.place, h.name AS account, h.display, h.organisation, h.role, t.name AS trial, h.county, h.site, h.purpose,
       h.reason, h.granted_at, o.granted_by, h.revoked_at, o.revoked_by,
       CASE WHEN h.granted_at >= $2::timestamptz AND h.revoked_at IS NOT NULL THEN 'given and taken back'
            WHEN h.granted_at >= $2::timestamptz THEN 'given'
            WHEN h.revoked_at IS NOT NULL THEN 'taken back' END AS change,
       h.disabled_at, u.last_used_at, u.live_tokens, u.tokens_expire_at, u.password_set_at, e.enrolments_refused,
       CASE WHEN h.revoked_at IS NOT NULL THEN '[]' ELSE to_jsonb(array_remove(ARRAY[
           CASE WHEN u.last_used_at < now() - make_interval(days => $3) THEN 'unused'
                WHEN u.last_used_at IS NULL AND coalesce(h.granted_at, h.created_at) < now() - make_interval(days => $3)
                THEN 'never-used' END,
           CASE WHEN h.disabled_at IS NOT NULL AND h.role IS NOT NULL THEN 'disabled' END,
           CASE WHEN h.disabled_at IS NULL AND h.role IS NOT NULL AND u.live_tokens = 0 THEN 'no-token' END,
           CASE WHEN h.disabled_at IS NULL AND h.role IS NULL AND u.live_tokens > 0 THEN 'no-role' END,
           CASE WHEN e.enrolments_refused > 10 THEN 'many-refused' END,
           CASE WHEN t.state = 'closed' THEN 'trial-closed' END], NULL)) END AS look_at
  FROM held h
  JOIN rctd.account_use u ON u.account_id = h.account_id
  LEFT JOIN rctd.grant_origin o ON o.trial_id = h.trial_id AND o.grant_id = h.grant_id
  LEFT JOIN rctd.trial t ON t.trial_id = h.trial_id
 CROSS JOIN LATERAL (SELECT coalesce(sum(r.met), 0)::int8 AS enrolments_refused FROM rctd.enrolment_refusal r
                      WHERE r.trial_id = h.trial_id AND r.account_id = h.account_id
                        AND r.refused_at > now() - make_interval(days => $3)) e
 WHERE $4 = '00000000-0000-0000-0000-000000000000'
    OR (h.name, h.place) > (SELECT p.name, p.place FROM held p WHERE p.place = $4)
 ORDER BY h.name, h.place LIMIT $5;

-- access_review_insert :exec
--   trial_id uuid, review_id uuid, account_id uuid, role text, unused_days int4, since date?, shown int4, flagged int4
INSERT INTO rctd.access_review (trial_id, review_id, account_id, role, unused_days, since, shown, flagged)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- access_review_list :many
--   trial_id uuid, before uuid?, most int4
--   -> review_id uuid, account text, role text, unused_days int4, since date?, shown int4, flagged int4, reviewed_at timestamptz
SELECT r.review_id, a.name AS account, r.role, r.unused_days, r.since, r.shown, r.flagged, r.reviewed_at
  FROM rctd.access_review r JOIN rctd.account a ON a.account_id = r.account_id
 WHERE r.trial_id = $1 AND ($2 IS NULL OR r.review_id < $2) ORDER BY r.review_id DESC LIMIT $3;
