-- consent.sql: who agreed to what, and what may be done with whom.

-- The one question, and its one answer: NULL for yes, else a word of CONSENT_OBJECTIONS (trial/consent.h).
-- Whoever acts on it holds the unit's row in the same transaction. `action` is one of CONSENT_ACTIONS or
-- task/NAME.
-- consent_may :one
--   trial_id uuid, unit_id uuid, action text
--   -> objection text?
SELECT rctd.may($1, $2, $3) AS objection;

-- consent_insert :exec
--   trial_id uuid, unit_id uuid, consent_id uuid, form text, form_version int4, language text, decision text, scopes jsonb, shown_at timestamptz?, decided_at timestamptz, decided_by text, how text, protocol_version int4, recorded_by uuid
INSERT INTO rctd.consent (trial_id, unit_id, ordinal, consent_id, form, form_version, language, decision, scopes,
                          shown_at, decided_at, decided_by, how, protocol_version, recorded_at, recorded_by)
SELECT $1, $2, 1 + coalesce((SELECT max(c.ordinal) FROM rctd.consent c WHERE c.trial_id = $1 AND c.unit_id = $2), 0),
       $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, rctd.clock(), $14;

-- consent_list :many
--   trial_id uuid, unit_id uuid
--   -> consent_id uuid, form text, form_version int4, language text, decision text, scopes jsonb, shown_at timestamptz?, decided_at timestamptz, decided_by text, how text, recorded_at timestamptz, recorded_by text
SELECT c.consent_id, c.form, c.form_version, c.language, c.decision, c.scopes, c.shown_at, c.decided_at,
       c.decided_by, c.how, c.recorded_at, a.name AS recorded_by
  FROM rctd.consent c JOIN rctd.account a ON a.account_id = c.recorded_by
 WHERE c.trial_id = $1 AND c.unit_id = $2 ORDER BY c.ordinal;

-- What a locked version asks for, as consent_rules() worked it out; `forms` are {form, signed_by, form_version,
-- scopes, languages, texts, legal_basis?, reconsent?, within_days?, waits?}, `tasks` {task, action}, `rules`
-- {kind, action, form, scope}. A form keeps the time at which this version of it came into force.
-- consent_form_put :exec
--   trial_id uuid, version int4, forms jsonb
INSERT INTO rctd.consent_form (trial_id, version, form, signed_by, form_version, scopes, languages, texts, legal_basis,
                               reconsent, within_days, waits, in_force_at)
SELECT $1, $2, n.form, n.signed_by, n.form_version, n.scopes, n.languages, n.texts, n.legal_basis, n.reconsent,
       n.within_days, n.waits,
       coalesce((SELECT f.in_force_at FROM rctd.consent_form f
                  WHERE f.trial_id = $1 AND f.form = n.form AND f.form_version = n.form_version
                  ORDER BY f.version LIMIT 1),
                v.locked_at + (rctd.clock() - now()))
  FROM jsonb_to_recordset($3) AS n (form text, signed_by text, form_version int, scopes jsonb, languages jsonb,
                                    texts jsonb, legal_basis text, reconsent text, within_days int, waits text[])
  JOIN rctd.protocol_version v ON v.trial_id = $1 AND v.version = $2;

-- consent_task_put :exec
--   trial_id uuid, version int4, tasks jsonb
INSERT INTO rctd.consent_task (trial_id, task, version, action)
SELECT $1, n.task, $2, n.action FROM jsonb_to_recordset($3) AS n (task text, action text);

-- consent_rule_put :exec
--   trial_id uuid, version int4, rules jsonb
INSERT INTO rctd.consent_rule (trial_id, version, kind, action, form, scope)
SELECT $1, $2, n.kind, n.action, n.form, n.scope
  FROM jsonb_to_recordset($3) AS n (kind text, action text, form text, scope text);

-- Closes them.
-- consent_set_put :exec
--   trial_id uuid, version int4
INSERT INTO rctd.consent_set (trial_id, version) VALUES ($1, $2);

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
