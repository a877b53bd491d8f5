-- privileges.sql: who may read and write what, column by column. The lists are whole: a right that is
-- added anywhere fails here until somebody has written it down.
BEGIN;
\ir fixture.psql
SELECT plan(57);

CREATE TEMP VIEW may AS
SELECT role, lower(privilege) AS verb, c.relname::text COLLATE "default" AS name,
       CASE WHEN has_table_privilege(role, c.oid, privilege) THEN '*'
            WHEN privilege IN ('SELECT', 'INSERT', 'UPDATE') THEN
                 (SELECT string_agg(a.attname, ' ' ORDER BY a.attname) FROM pg_attribute a
                   WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                     AND has_column_privilege(role, c.oid, a.attnum, privilege)) END AS columns
  FROM unnest(ARRAY['rctd_app', 'rctd_manager', 'rctd_blinded', 'rctd_login']) role, pg_class c,
       unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) privilege
 WHERE c.relnamespace = 'rctd'::regnamespace AND c.relkind IN ('r', 'v', 'm', 'S', 'p', 'f')
   AND c.relname <> 'schema_migration';

CREATE FUNCTION pg_temp.may(in_role text, in_verb text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT name || CASE columns WHEN '*' THEN '' ELSE ': ' || columns END FROM may
     WHERE role = in_role AND verb = in_verb AND columns IS NOT NULL ORDER BY name
$$;

-- What a blinded request may read: nothing that names an arm, a stratum, a position or a method.
SELECT results_eq($$SELECT pg_temp.may('rctd_blinded', 'select')$$, ARRAY[
    'access_review', 'account', 'account_password: account_id set_at', 'account_use',
    'allocation: allocated_at allocated_by allocation_id phase protocol_version randomised scheme trial_id unit_id',
    'allocation_deviation: allocation_id analysis_stratum arm_known deviation_id duplicate_of kept kind known_on recorded_at recorded_by rule separate_data supersedes trial_id unit_id',
    'arm_knowledge',
    'booking', 'cluster_member',
    'consent: consent_id decided_at decided_on decision form form_version how language legal_basis link_id ordinal protocol_version recorded_at recorded_by scopes shown_at text_sha256 trial_id unit_id',
    'consent_action', 'consent_form', 'consent_set', 'consent_stop', 'consent_stopped', 'consent_text',
    'consent_timing',
    'contact: account_id at contact_id ordinal outcome task_id trial_id unit_id',
    'deviation_decision: decided_at decided_by decision_id deviation_id ordinal primary_set trial_id unit_id',
    'eligibility_answer',
    'employment',
    'endpoint: channel created_at description disabled_reason endpoint_id previous_until state trial_id url version',
    'enrolment_refusal', 'erasure: erased_at trial_id unit_id',
    'first_consent',
    'grant_origin',
    'idempotency',
    'instance',
    'measure: arm_specific collected_at instrument measure_id measured protocol_version quarantine recorded_at recorded_by task_id trial_id unit_id',
    'measure_release',
    'notice',
    'participant', 'participant_card',
    'phase',
    'phase_exclusion',
    'protocol_version: created_at created_by locked_at locked_by reason sha256 signatures state trial_id version',
    'reminder',
    'reminder_attempt',
    'reminder_result',
    'revealed',
    'role_grant',
    'roster',
    'roster_member',
    'scheme',
    'scheme_closing: closed_at scheme trial_id',
    'scheme_seed: commitment label made_at scheme trial_id version',
    'screened_out', 'screening_card', 'screening_entry', 'screening_event',
    'seed_reveal: approved_at role scheme trial_id',
    'shared_staff',
    'signature: account_id action meaning object printed_name request_id role sha256 signature_id signed_at trial_id',
    'staff_link',
    'state_transition',
    'stop',
    'task', 'task_claim', 'task_work',
    'token: account_id created_at expires_at last_used_at name revoked_at token_id',
    'trial',
    'unblinding', 'unblinding_decision', 'unblinding_read',
    'unit',
    'unit_flag: flag frozen_at protocol_version raised trial_id unit_id',
    'workplace', 'workplace_card',
    'workplace_change: change_id former_name kind name on_day ordinal other_id recorded_at recorded_by trial_id unit_id',
    'workplace_ended'], 'a blinded request reads these columns and no other');
SELECT results_eq($$SELECT pg_temp.may('rctd_manager', 'select')$$, ARRAY[
    'access_review', 'account', 'account_use',
    'allocation: allocated_at allocated_by allocation_id phase protocol_version randomised scheme trial_id unit_id',
    'allocation_deviation: allocation_id analysis_stratum arm_known deviation_id duplicate_of kept kind known_on recorded_at recorded_by rule separate_data supersedes trial_id unit_id',
    'arm_knowledge',
    'cluster_member',
    'consent: consent_id decided_at decided_on decision form form_version how language legal_basis link_id ordinal protocol_version recorded_at recorded_by scopes shown_at text_sha256 trial_id unit_id',
    'consent_action', 'consent_form', 'consent_set', 'consent_stop', 'consent_stopped', 'consent_text',
    'consent_timing',
    'deviation_decision: decided_at decided_by decision_id deviation_id ordinal primary_set trial_id unit_id',
    'eligibility_answer',
    'employment',
    'endpoint: channel contact_details created_at description disabled_reason endpoint_id previous_until state trial_id url version',
    'enrolment_refusal', 'erasure',
    'first_consent',
    'grant_origin',
    'idempotency',
    'instance',
    'measure: arm_specific collected_at instrument measure_id protocol_version quarantine recorded_at recorded_by task_id trial_id unit_id',
    'measure_release',
    'notice',
    'participant', 'participant_card',
    'phase',
    'phase_exclusion',
    'protocol_version',
    'reminder',
    'revealed',
    'role_grant',
    'roster',
    'roster_member',
    'scheme',
    'scheme_arm',
    'scheme_closing',
    'scheme_seed: commitment label made_at scheme trial_id version',
    'screened_out', 'screening_card', 'screening_entry', 'screening_event',
    'seed_reveal',
    'shared_staff',
    'signature: account_id action meaning object printed_name request_id role sha256 signature_id signed_at trial_id',
    'staff_link',
    'state_transition',
    'stop',
    'task',
    'trial',
    'unblinding', 'unblinding_decision', 'unblinding_read',
    'unit',
    'unit_flag',
    'workplace', 'workplace_card',
    'workplace_change: change_id former_name kind name on_day ordinal other_id recorded_at recorded_by trial_id unit_id',
    'workplace_ended'], 'a trial manager reads the protocol, and no arm of a unit');

-- What each may write.
SELECT results_eq($$SELECT pg_temp.may('rctd_blinded', 'insert')$$,
    ARRAY['access_review: account_id flagged review_id role shown since trial_id unused_days', 'account', 'booking', 'contact', 'idempotency', 'role_grant', 'signature: account_id action meaning object role sha256 signature_id trial_id',
    'signature_refusal: account_id action object refusal_id remote trial_id', 'task_claim', 'token', 'trial'], 'a blinded request adds these');
SELECT results_eq($$SELECT pg_temp.may('rctd_blinded', 'update')$$, ARRAY[
    'account: disabled_at display organisation version', 'booking: ended_at ended_for state', 'instance: ahead', 'notice: read_at',
    'role_grant: revoked_at', 'task_claim: ended_at ended_for state', 'token: revoked_at'], 'a blinded request changes these');
SELECT results_eq($$SELECT pg_temp.may('rctd_manager', 'insert')$$, ARRAY[
    'access_review: account_id flagged review_id role shown since trial_id unused_days',
    'calendar', 'consent_form',
    'consent_rule',
    'consent_set',
    'consent_task',
    'consent_text',
    'endpoint',
    'erasure',
    'idempotency',
    'measure_release',
    'phase',
    'phase_exclusion',
    'protocol_version',
    'scheme',
    'scheme_arm',
    'scheme_closing',
    'scheme_seed',
    'seed_reveal',
    'signature: account_id action meaning object role sha256 signature_id trial_id',
    'signature_refusal: account_id action object refusal_id remote trial_id',
    'unblinding_decision'], 'a trial manager adds these: no unit, no allocation');
SELECT results_eq($$SELECT pg_temp.may('rctd_manager', 'update')$$, ARRAY[
    'endpoint: disabled_reason key_id sealed_secret state version', 'notice: read_at', 'phase', 'protocol_version', 'scheme',
    'trial: state time_zone title'], 'a trial manager changes these');
SELECT results_eq($$SELECT pg_temp.may('rctd_manager', 'delete')$$, ARRAY['phase_exclusion', 'scheme_arm'],
    'a trial manager removes what an amendment sets anew');
SELECT results_eq($$SELECT pg_temp.may('rctd_app', 'insert')$$, ARRAY[
    'access_review: account_id flagged review_id role shown since trial_id unused_days',
    'allocation', 'allocation_attempt', 'allocation_deviation', 'booking', 'consent', 'consent_link', 'consent_link_end', 'contact',
    'contamination_accepted',
    'deviation_decision', 'eligibility_answer', 'employment', 'failed_attempt',
    'idempotency', 'measure', 'participant', 'reminder',
    'reminder_attempt',
    'reminder_result',
    'seed_read',
    'seed_reveal',
    'signature: account_id action meaning object role sha256 signature_id trial_id',
    'signature_refusal: account_id action object refusal_id remote trial_id',
    'staff_link',
    'stop',
    'stratum',
    'task', 'task_claim',
    'unblinding_decision',
    'unit',
    'unit_counter',
    'unit_flag',
    'workplace',
    'workplace_change'],
    'an unblinded request adds these: no protocol, scheme, arm or seed, no account, token or role');
SELECT results_eq($$SELECT pg_temp.may('rctd_app', 'update')$$, ARRAY[
    'booking: ended_at ended_for state', 'employment: to_on workplace_id', 'endpoint: disabled_reason state version', 'failed_attempt', 'instance: purpose', 'notice: read_at',
    'reminder: attempts failures next_attempt_at state', 'shard_lease',
    'staff_link: to_on',
    'stratum: stratum', 'task: state', 'task_claim: ended_at ended_for state',
    'token: last_used_at', 'unit: changed_at state version', 'unit_counter', 'workplace: head_count roster_locked_at'],
    'an unblinded request changes these');
SELECT results_eq($$SELECT pg_temp.may('rctd_app', 'delete')$$, ARRAY['failed_attempt', 'idempotency'],
    'an unblinded request removes what has expired, and nothing else');
SELECT is_empty($$SELECT pg_temp.may('rctd_blinded', 'delete')$$, 'a blinded request removes nothing');
SELECT is_empty($$SELECT * FROM may WHERE verb IN ('truncate', 'references', 'trigger') AND columns IS NOT NULL$$,
    'nobody empties a table, refers to it or hangs a trigger on it');
SELECT is_empty($$SELECT * FROM may WHERE role = 'rctd_login' AND columns IS NOT NULL$$,
    'the daemon''s login has no right of its own');
SELECT is_empty($$SELECT m.roleid::regrole FROM pg_auth_members m
    WHERE m.member IN ('rctd_app'::regrole, 'rctd_manager'::regrole, 'rctd_blinded'::regrole, 'rctd_vault'::regrole, 'rctd_link'::regrole)
       OR (m.member = 'rctd_login'::regrole AND m.admin_option)$$, 'no role of the daemon is in another');
SELECT results_eq($$SELECT m.roleid::regrole::text COLLATE "default" FROM pg_auth_members m WHERE m.member = 'rctd_login'::regrole ORDER BY 1$$,
    ARRAY['rctd_app', 'rctd_blinded', 'rctd_link', 'rctd_manager', 'rctd_vault'], 'the daemon''s login becomes these five, and never the owner');
SELECT is_empty($$SELECT rolname FROM pg_roles WHERE rolname LIKE 'rctd\_%'
    AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication OR rolinherit)$$,
    'no role is more than it needs to be');
SELECT is_empty($$SELECT role FROM unnest(ARRAY['rctd_app', 'rctd_manager', 'rctd_blinded', 'rctd_login']) role
    WHERE has_schema_privilege(role, 'rctd', 'CREATE')$$, 'no role of the daemon makes anything in the schema');

-- Functions: those that tell or do one thing, and nothing that writes the trail.
SELECT is_empty($$SELECT p.oid::regprocedure FROM pg_proc p, unnest(ARRAY['rctd_app', 'rctd_manager', 'rctd_blinded', 'rctd_login']) role
    WHERE p.pronamespace = 'rctd'::regnamespace AND p.proname NOT IN ('screening_add', 'screening_asks', 'screening_exclude',
        'acting_account',
        'arm_told',
        'clock',
        'correction_objection',
        'enrolment_refuse', 'enrolment_told',
        'holds_role',
        'in_scope',
        'channel_action', 'measure_standing', 'measure_state',
        'knows_arm', 'numbers_taken',
        'may', 'objections', 'reminder_objections', 'action_asks', 'stops_of', 'day_begins', 'day_ends',
        'password_attempt',
        'password_clear', 'password_code_put', 'password_code_right',
        'password_hash',
        'password_put',
        'password_right',
        'record_image',
        'signature_needed',
        'task_open_to',
        'unblind',
        'unblinding_arm',
        'unblinding_ask')
      AND has_function_privilege(role, p.oid, 'EXECUTE')$$,
    'the daemon''s roles call these functions, and no other');

-- The same with real statements, as each role.
CREATE FUNCTION pg_temp.refuses(role text, statement text, says text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    said text;
BEGIN
    EXECUTE format('SET LOCAL ROLE %I', role);
    said := throws_ok(statement, '42501', NULL, role || ' ' || says);
    RESET ROLE;
    RETURN said;
END
$$;
SELECT pg_temp.refuses(role, format('SELECT %s FROM rctd.allocation', what), 'cannot read ' || what || ' of an allocation')
  FROM unnest(ARRAY['rctd_blinded', 'rctd_manager']) role,
       unnest(ARRAY['arm', 'position', 'stratum', 'decision', 'method', '*']) what;
SELECT pg_temp.refuses('rctd_blinded', 'SELECT 1 FROM rctd.allocation WHERE arm = ''left''', 'cannot ask whether an arm is left');
SELECT pg_temp.refuses('rctd_blinded', 'SELECT 1 FROM rctd.allocation ORDER BY position', 'cannot order by position');
SELECT pg_temp.refuses('rctd_blinded', 'SELECT document FROM rctd.protocol_version', 'cannot read the protocol');
SELECT pg_temp.refuses('rctd_blinded', 'SELECT * FROM rctd.scheme_arm', 'cannot read the arms of a scheme');
SELECT pg_temp.refuses(role, 'SELECT sealed FROM rctd.scheme_seed', 'cannot read a sealed seed')
  FROM unnest(ARRAY['rctd_blinded', 'rctd_manager']) role;
SELECT pg_temp.refuses(role, 'SELECT escrow FROM rctd.scheme_seed', 'cannot read an escrowed seed')
  FROM unnest(ARRAY['rctd_blinded', 'rctd_manager']) role;
SELECT pg_temp.refuses(role, 'SELECT hash FROM rctd.token', 'cannot read the hash of a token')
  FROM unnest(ARRAY['rctd_blinded', 'rctd_manager']) role;
SELECT pg_temp.refuses(role, 'SELECT new FROM rctd.audit', 'cannot read the trail')
  FROM unnest(ARRAY['rctd_blinded', 'rctd_manager']) role;
SELECT pg_temp.refuses(role, 'SELECT sealed_secret FROM rctd.endpoint', 'cannot read the secret of an endpoint')
  FROM unnest(ARRAY['rctd_blinded', 'rctd_manager']) role;
SELECT pg_temp.refuses('rctd_blinded', 'SELECT decided_by FROM rctd.consent', 'cannot read who signed');
SELECT pg_temp.refuses(role, $$INSERT INTO rctd.audit SELECT * FROM rctd.audit$$, 'cannot write into the trail')
  FROM unnest(ARRAY['rctd_app', 'rctd_blinded']) role;
CREATE TEMP TABLE forged (trial_id uuid);
GRANT ALL ON forged TO rctd_app;
SELECT pg_temp.refuses('rctd_app', $$CREATE TEMP TABLE mine (trial_id uuid);
    CREATE TRIGGER forge AFTER INSERT ON mine FOR EACH ROW
        EXECUTE FUNCTION rctd.audit_change('allocation', 'trial_id', 'trial', '', '', '')$$,
    'cannot forge a row of the trail with a table of its own');

-- Rows: answers and plans that would tell an arm are not there for who is blinded.
CREATE FUNCTION pg_temp.count_as(role text, statement text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    found bigint;
BEGIN
    EXECUTE format('SET LOCAL ROLE %I', role);
    EXECUTE format('SELECT count(*) FROM %s', statement) INTO found;
    RESET ROLE;
    RETURN found;
END
$$;
SELECT is((SELECT ARRAY[pg_temp.count_as('rctd_blinded', name), pg_temp.count_as('rctd_app', name)]), ARRAY[1, 2]::bigint[],
    format('of two rows of %s a blinded request sees the one that tells no arm', name))
  FROM unnest(ARRAY['rctd.task', 'rctd.reminder', 'rctd.idempotency', 'rctd.reminder_attempt', 'rctd.reminder_result']) name;
SELECT is((SELECT pg_temp.count_as('rctd_manager', name)), 1::bigint, format('and so does a trial manager of %s', name))
  FROM unnest(ARRAY['rctd.task', 'rctd.reminder', 'rctd.idempotency']) name;
SELECT pg_temp.refuses('rctd_blinded', $$INSERT INTO rctd.idempotency (trial_id, key, account_id, request, status, answer, restricted)
    VALUES ('01000000-0000-7000-8000-000000000001', 'k', '0a000000-0000-7000-8000-000000000001', sha256('x'), 200, '{}', true)$$,
    'cannot keep an answer that names an arm');

SELECT * FROM finish();
ROLLBACK;
