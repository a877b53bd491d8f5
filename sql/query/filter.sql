-- filter.sql: names by which lists are narrowed.

-- Every name of that kind that the trial has, within `scope` (see unit.sql) where it goes by units.
-- filter_names :many
--   trial_id uuid, scope jsonb?, kind text
--   -> name text
SELECT s.scheme AS name FROM rctd.scheme s WHERE $3 = 'scheme' AND s.trial_id = $1
UNION
SELECT f.form FROM rctd.consent_form f WHERE $3 = 'form' AND f.trial_id = $1
UNION
SELECT a.name FROM rctd.role_grant g JOIN rctd.account a ON a.account_id = g.account_id WHERE $3 = 'account' AND g.trial_id = $1
UNION
SELECT u.county FROM rctd.unit u
 WHERE $3 = 'county' AND u.trial_id = $1 AND u.county IS NOT NULL AND rctd.in_scope($2, u.county, u.site)
UNION
SELECT k.staff FROM rctd.staff_link k JOIN rctd.unit u ON u.trial_id = k.trial_id AND u.unit_id = k.unit_id
 WHERE $3 = 'staff' AND k.trial_id = $1 AND rctd.in_scope($2, u.county, u.site);
