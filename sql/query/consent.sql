-- consent.sql: who agreed to what, and what may be done with whom.

-- consent_insert :exec
--   trial_id uuid, unit_id uuid, consent_id uuid, form text, form_version int4, language text, decision text, scopes jsonb, shown_at timestamptz?, decided_at timestamptz, decided_by text, how text, protocol_version int4, recorded_by uuid, text_sha256 bytea?, decided_on date?
INSERT INTO rctd.consent (trial_id, unit_id, ordinal, consent_id, form, form_version, language, decision, scopes,
                          shown_at, decided_at, decided_by, how, protocol_version, recorded_at, recorded_by, text_sha256, decided_on)
SELECT $1, $2, 1 + coalesce((SELECT max(c.ordinal) FROM rctd.consent c WHERE c.trial_id = $1 AND c.unit_id = $2), 0),
       $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, rctd.clock(), $14, $15, $16;

-- `after_reveal`: of a participant's events, whether it was recorded when the arm of their workplace was known.
-- consent_list :many
--   trial_id uuid, unit_id uuid
--   -> consent_id uuid, form text, form_version int4, language text, text_sha256 bytea?, legal_basis text?, decision text, scopes jsonb, shown_at timestamptz?, decided_at timestamptz, decided_on date?, decided_by text, how text, link_id uuid?, recorded_at timestamptz, recorded_by text?, after_reveal bool?
SELECT c.consent_id, c.form, c.form_version, c.language, c.text_sha256, c.legal_basis, c.decision, c.scopes, c.shown_at,
       c.decided_at, c.decided_on, c.decided_by, c.how, c.link_id, c.recorded_at, a.name AS recorded_by,
       (SELECT t.after_reveal FROM rctd.consent_timing t WHERE t.trial_id = c.trial_id AND t.unit_id = c.unit_id
           AND t.consent_id = c.consent_id) AS after_reveal
  FROM rctd.consent c LEFT JOIN rctd.account a ON a.account_id = c.recorded_by
 WHERE c.trial_id = $1 AND c.unit_id = $2 ORDER BY c.ordinal;

-- What a version of a form asks for, as the last protocol that has that version says.
-- consent_form_get :maybe
--   trial_id uuid, form text, form_version int4
--   -> scopes jsonb, languages jsonb
SELECT f.scopes, f.languages FROM rctd.consent_form f
 WHERE f.trial_id = $1 AND f.form = $2 AND f.form_version = $3 ORDER BY f.version DESC LIMIT 1;

-- What somebody typed as a day, or as the time of a clock where the trial is. Of a time that the clocks skipped
-- `is_skipped`; one that they showed twice is the second, and `is_twice`.
-- civil_moment :one
--   trial_id uuid, typed text, is_day bool
--   -> first_at timestamptz, last_at timestamptz, is_skipped bool, is_twice bool
SELECT CASE WHEN $3 THEN rctd.day_begins($1, $2::date) ELSE m.at END AS first_at,
       CASE WHEN $3 THEN rctd.day_ends($1, $2::date) ELSE m.at END AS last_at,
       NOT $3 AND m.at AT TIME ZONE t.time_zone <> $2::timestamp AS is_skipped,
       NOT $3 AND (m.at - interval '1 hour') AT TIME ZONE t.time_zone = $2::timestamp AS is_twice
  FROM rctd.trial t CROSS JOIN LATERAL (SELECT $2::timestamp AT TIME ZONE t.time_zone AS at) m
 WHERE t.trial_id = $1;

-- consent_unit_state :one
--   trial_id uuid, unit_id uuid
--   -> state text, workplace_out bool
SELECT u.state, EXISTS (SELECT FROM rctd.employment e JOIN rctd.unit w ON w.trial_id = e.trial_id AND w.unit_id = e.workplace_id
                         WHERE e.trial_id = $1 AND e.unit_id = $2 AND e.to_on IS NULL AND w.state = 'withdrawn') AS workplace_out
  FROM rctd.unit u WHERE u.trial_id = $1 AND u.unit_id = $2;

-- Every action, and what speaks against it now.
-- consent_permissions :many
--   trial_id uuid, unit_id uuid
--   -> action text, objection text?
SELECT a.action, rctd.may($1, $2, a.action) AS objection
  FROM rctd.consent_action a JOIN rctd.unit u ON u.trial_id = $1 AND u.unit_id = $2
 WHERE u.kind = 'participant' OR rctd.action_asks($1, u.kind, a.action)
 ORDER BY a.ordinal;

-- What speaks against an action now, of so many units of a kind behind a code: those that are asked about are looked
-- up first, and then asked about all at once.
-- consent_who :many
--   trial_id uuid, scope jsonb?, kind text, action text, workplace text?, after text, most int4
--   -> code text, workplace text?, objection text?
WITH asked AS MATERIALIZED (
    SELECT u.unit_id, u.code, w.code AS workplace
      FROM rctd.unit u
      LEFT JOIN rctd.employment e ON e.trial_id = u.trial_id AND e.unit_id = u.unit_id AND e.to_on IS NULL
      LEFT JOIN rctd.unit w ON w.trial_id = e.trial_id AND w.unit_id = e.workplace_id
     WHERE u.trial_id = $1 AND u.kind = $3 AND rctd.in_scope($2, u.county, u.site) AND u.code > $6
       AND ($5 IS NULL OR w.code = $5) AND (u.kind = 'participant' OR rctd.action_asks($1, u.kind, $4))
     ORDER BY u.code LIMIT $7
)
SELECT a.code, a.workplace, o.objection
  FROM asked a
  JOIN rctd.objections($1, (SELECT array_agg(x.unit_id) FROM asked x), (SELECT array_agg($4) FROM asked)) o ON o.unit_id = a.unit_id
 ORDER BY a.code;

-- Who signs an amended form anew: the latest signature of each form is a yes to an older version, of somebody who
-- is still in the trial. `until_at` is when that signature ends to do, `waits` what waits already; an allocation
-- always does.
-- consent_due :many
--   trial_id uuid, scope jsonb?, after_code text, after_form text, most int4, form text?
--   -> code text, kind text, workplace text?, form text, signed_version int4, form_version int4, decided_at timestamptz, until_at timestamptz, is_over bool, waits jsonb
SELECT u.code, u.kind, w.code AS workplace, f.form, s.form_version AS signed_version, f.form_version, s.decided_at,
       n.until_at, n.until_at <= rctd.clock() AS is_over, n.waits
  FROM rctd.consent_form f
  JOIN rctd.unit u ON u.trial_id = f.trial_id AND u.kind = f.signed_by AND u.state <> 'withdrawn'
  JOIN LATERAL (SELECT c.form_version, c.decision, c.decided_at FROM rctd.consent c
                 WHERE c.trial_id = u.trial_id AND c.unit_id = u.unit_id AND c.form = f.form
                 ORDER BY c.ordinal DESC LIMIT 1) s ON s.decision = 'given' AND s.form_version < f.form_version
  LEFT JOIN rctd.employment e ON e.trial_id = u.trial_id AND e.unit_id = u.unit_id AND e.to_on IS NULL
  LEFT JOIN rctd.unit w ON w.trial_id = e.trial_id AND w.unit_id = e.workplace_id
  JOIN LATERAL (SELECT min(r.in_force_at + make_interval(days => r.within_days)) AS until_at,
                       coalesce(jsonb_agg(DISTINCT x.action) FILTER (WHERE x.action IS NOT NULL), '[]') AS waits
                  FROM (SELECT DISTINCT ON (v.form_version) v.* FROM rctd.consent_form v
                         WHERE v.trial_id = f.trial_id AND v.form = f.form AND v.version <= f.version
                           AND v.form_version > s.form_version
                         ORDER BY v.form_version, v.version DESC) r
                  LEFT JOIN LATERAL unnest(r.waits) x (action) ON true
                 WHERE r.reconsent = 'all' OR (r.reconsent = 'not-allocated' AND NOT EXISTS (
                       SELECT FROM rctd.allocation a
                        WHERE a.trial_id = u.trial_id AND a.unit_id IN (u.unit_id, (
                              SELECT m.workplace_id FROM rctd.cluster_member m WHERE m.trial_id = u.trial_id AND m.unit_id = u.unit_id))))) n
       ON n.until_at IS NOT NULL
 WHERE f.trial_id = $1
   AND EXISTS (SELECT FROM rctd.consent_form a
                WHERE a.trial_id = $1 AND a.form = f.form AND a.version <= f.version AND a.reconsent IS NOT NULL)
   AND f.version = (SELECT max(p.version) FROM rctd.protocol_version p WHERE p.trial_id = $1 AND p.state = 'locked')
   AND rctd.in_scope($2, u.county, u.site) AND (u.code, f.form) > ($3, $4) AND ($6 IS NULL OR f.form = $6)
   AND w.state IS DISTINCT FROM 'withdrawn'
   AND NOT EXISTS (SELECT FROM rctd.workplace_ended x WHERE x.trial_id = u.trial_id AND x.unit_id = u.unit_id)
 ORDER BY u.code, f.form LIMIT $5;

-- consent_text_insert :exec
--   trial_id uuid, form text, form_version int4, language text, body text, submitted_by uuid
INSERT INTO rctd.consent_text (trial_id, form, form_version, language, text, sha256, submitted_at, submitted_by)
VALUES ($1, $2, $3, $4, $5, sha256(convert_to($5, 'UTF8')), rctd.clock(), $6);

-- consent_text_list :many
--   trial_id uuid
--   -> form text, form_version int4, language text, sha256 bytea, size int4, submitted_at timestamptz, submitted_by text
SELECT t.form, t.form_version, t.language, t.sha256, octet_length(t.text) AS size, t.submitted_at, a.name AS submitted_by
  FROM rctd.consent_text t JOIN rctd.account a ON a.account_id = t.submitted_by
 WHERE t.trial_id = $1 ORDER BY t.form, t.form_version, t.language;

-- consent_text_get :maybe
--   trial_id uuid, form text, form_version int4, language text
--   -> body text, sha256 bytea, submitted_at timestamptz, submitted_by text
SELECT t.text AS body, t.sha256, t.submitted_at, a.name AS submitted_by
  FROM rctd.consent_text t JOIN rctd.account a ON a.account_id = t.submitted_by
 WHERE t.trial_id = $1 AND t.form = $2 AND t.form_version = $3 AND t.language = $4;

-- One-time links. `token_hash` is of the text that the coordinator gives away.
-- consent_link_insert :exec
--   trial_id uuid, link_id uuid, unit_id uuid, form text, token_hash bytea, issued_by uuid, expires_at timestamptz
INSERT INTO rctd.consent_link (trial_id, link_id, unit_id, form, token_hash, issued_at, issued_by, expires_at)
VALUES ($1, $2, $3, $4, $5, now(), $6, $7);

-- consent_link_list :many
--   trial_id uuid, unit_id uuid
--   -> link_id uuid, form text, state text, issued_at timestamptz, issued_by text, expires_at timestamptz, opened_at timestamptz?, ended_at timestamptz?
SELECT l.link_id, l.form,
       coalesce(e.ended, CASE WHEN l.expires_at <= now() THEN 'expired' ELSE 'open' END) AS state,
       l.issued_at, a.name AS issued_by, l.expires_at,
       (SELECT max(o.opened_at) FROM rctd.consent_opening o WHERE o.trial_id = l.trial_id AND o.link_id = l.link_id) AS opened_at,
       e.ended_at
  FROM rctd.consent_link l JOIN rctd.account a ON a.account_id = l.issued_by
  LEFT JOIN rctd.consent_link_end e ON e.trial_id = l.trial_id AND e.link_id = l.link_id
 WHERE l.trial_id = $1 AND l.unit_id = $2 ORDER BY l.issued_at, l.link_id;

-- consent_link_revoke :exec
--   trial_id uuid, unit_id uuid, link_id uuid, ended_by uuid
INSERT INTO rctd.consent_link_end (trial_id, link_id, unit_id, ended, ended_at, ended_by)
SELECT l.trial_id, l.link_id, l.unit_id, 'revoked', now(), $4 FROM rctd.consent_link l
 WHERE l.trial_id = $1 AND l.unit_id = $2 AND l.link_id = $3
ON CONFLICT (trial_id, link_id) DO NOTHING;

-- What somebody without an account can do with a link; no row: it does not work, for whatever reason.
-- consent_link_open :maybe
--   trial text, token_hash bytea, language text?
--   -> title text, form text, form_version int4, language text, languages jsonb, body text, text_sha256 bytea, scopes jsonb, legal_basis text?, decision text?, decided_at timestamptz?, decided_version int4?, decided_scopes jsonb?
SELECT o.title, o.form, o.form_version, o.language, o.languages, o.text AS body, o.text_sha256, o.scopes, o.legal_basis,
       o.decision, o.decided_at, o.decided_version, o.decided_scopes
  FROM rctd.consent_link_open($1, $2, $3) o;

-- consent_link_decide :maybe
--   trial text, token_hash bytea, consent_id uuid, form_version int4, decision text, scopes jsonb?
--   -> consent_id uuid, form text, form_version int4, decision text, scopes jsonb, decided_at timestamptz
SELECT d.consent_id, d.form, d.form_version, d.decision, d.scopes, d.decided_at
  FROM rctd.consent_link_decide($1, $2, $3, $4, $5, $6) d;

-- What a locked version asks for, as consent_rules() worked it out; `forms` are {form, signed_by, form_version,
-- scopes, languages, texts, legal_basis?, signed_from?, reconsent?, within_days?, waits?}, `tasks` {task, action}, `rules`
-- {kind, action, form, scope}. A form keeps the time at which this version of it came into force;
-- unless the protocol names the day, one that takes the place of an older version is signed from that time on.
-- consent_form_put :exec
--   trial_id uuid, version int4, forms jsonb
INSERT INTO rctd.consent_form (trial_id, version, form, signed_by, form_version, scopes, languages, texts, legal_basis,
                               reconsent, within_days, waits, in_force_at, signed_from)
SELECT $1, $2, n.form, n.signed_by, n.form_version, n.scopes, n.languages, n.texts, n.legal_basis, n.reconsent,
       n.within_days, n.waits,
       i.in_force_at,
       CASE WHEN n.signed_from IS NOT NULL THEN rctd.day_begins($1, n.signed_from)
            WHEN EXISTS (SELECT FROM rctd.consent_form f
                          WHERE f.trial_id = $1 AND f.form = n.form AND f.form_version < n.form_version) THEN i.in_force_at END
  FROM jsonb_to_recordset($3) AS n (form text, signed_by text, form_version int, scopes jsonb, languages jsonb,
                                    texts jsonb, legal_basis text, signed_from date, reconsent text, within_days int,
                                    waits text[])
  JOIN rctd.protocol_version v ON v.trial_id = $1 AND v.version = $2
  CROSS JOIN LATERAL (SELECT coalesce((SELECT f.in_force_at FROM rctd.consent_form f
                                        WHERE f.trial_id = $1 AND f.form = n.form AND f.form_version = n.form_version
                                        ORDER BY f.version LIMIT 1),
                                      v.locked_at + (rctd.clock() - now())) AS in_force_at) i;

-- consent_task_put :exec
--   trial_id uuid, version int4, tasks jsonb
INSERT INTO rctd.consent_task (trial_id, task, version, action)
SELECT $1, n.task, $2, n.action FROM jsonb_to_recordset($3) AS n (task text, action text);

-- consent_rule_put :exec
--   trial_id uuid, version int4, rules jsonb
INSERT INTO rctd.consent_rule (trial_id, version, kind, action, form, scope)
SELECT $1, $2, n.kind, n.action, n.form, n.scope
  FROM jsonb_to_recordset($3) AS n (kind text, action text, form text, scope text);

-- Closes them. `unasked` are the actions that nobody is asked for.
-- consent_set_put :exec
--   trial_id uuid, version int4, unasked jsonb
INSERT INTO rctd.consent_set (trial_id, version, unasked)
SELECT $1, $2, ARRAY(SELECT jsonb_array_elements_text($3));

-- One daemon at a time fills in what an older one has locked.
-- consent_fill_alone :exec
--   -
SELECT pg_advisory_xact_lock(hashtextextended('consent/fill', 0));

-- consent_unfilled :many
--   -
--   -> trial_id uuid, version int4, document text
SELECT v.trial_id, v.version, v.document FROM rctd.protocol_version v
 WHERE v.state = 'locked' AND NOT EXISTS (SELECT FROM rctd.consent_set s
       WHERE s.trial_id = v.trial_id AND s.version = v.version)
 ORDER BY v.trial_id, v.version;
