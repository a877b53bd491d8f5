-- withdrawal.sql: what a stop, a withdrawal or a consent that is taken back does at once, whoever writes the row; and
-- that nothing is handed over that rctd.may() objects to, tried as the application.
BEGIN;
\ir fixture.psql
\ir people.psql
SELECT plan(52);

-- What a person has ahead: tasks, and reminders as TASK/CHANNEL.
CREATE FUNCTION pg_temp.ahead(number integer) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(what, ' ' ORDER BY what) FROM (
        SELECT t.task AS what FROM rctd.task t WHERE t.unit_id = pg_temp.person(number) AND t.state = 'planned'
        UNION ALL
        SELECT t.task || '/' || r.channel FROM rctd.reminder r JOIN rctd.task t USING (trial_id, task_id)
         WHERE r.unit_id = pg_temp.person(number) AND r.state IN ('scheduled', 'dead')) a
$$;
CREATE FUNCTION pg_temp.app(statement text, role text DEFAULT 'coordinator') RETURNS void LANGUAGE sql AS $$
    SELECT pg_temp.run_as('rctd_app', role, 'anna', statement) $$;

-- Each stop, as the application writes it, and what is left then.
SELECT is(pg_temp.ahead(1), 'form form/email form/sms talk talk/email text text/sms', 'a person has tasks and reminders ahead');
CREATE FUNCTION pg_temp.left_after(in_stop text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    PERFORM pg_temp.app(format('INSERT INTO rctd.stop SELECT %L, %L, 1, %L, ''stop'', ''participant'', ''phone'', NULL, now(), now(), %L',
        '01000000-0000-7000-8000-000000000001', pg_temp.person(1), in_stop, '0a000000-0000-7000-8000-000000000002'));
    found := pg_temp.ahead(1);
    RAISE EXCEPTION USING ERRCODE = 'RC999', MESSAGE = coalesce(found, 'nothing');
EXCEPTION WHEN SQLSTATE 'RC999' THEN
    RETURN SQLERRM;
END
$$;
SELECT is(pg_temp.left_after(stop), ahead, format('the stop %s leaves: %s', stop, ahead))
  FROM (VALUES ('intervention', 'form form/email form/sms talk talk/email text text/sms'),
               ('questionnaires', 'talk talk/email text text/sms'),
               ('interviews', 'form form/email form/sms text text/sms'),
               ('sms', 'form form/email talk talk/email'),
               ('linkage', 'form form/email form/sms talk talk/email text text/sms'),
               ('contact', 'form'),
               ('data-use', 'form form/email form/sms talk talk/email text text/sms')) v (stop, ahead);

-- Who records a stop or a consent: a coordinator, in their own name.
CREATE FUNCTION pg_temp.row_of(what text, by text) RETURNS text LANGUAGE sql AS $$
    SELECT format(CASE what
        WHEN 'stop' THEN 'INSERT INTO rctd.stop SELECT %1$L, %2$L, 1, ''sms'', ''stop'', ''participant'', ''phone'', NULL, now(), now(), %3$L'
        ELSE 'INSERT INTO rctd.consent (trial_id, unit_id, ordinal, consent_id, form, form_version, language, decision, scopes, decided_at,
                  decided_by, how, protocol_version, recorded_at, recorded_by)
              SELECT %1$L, %2$L, 9, gen_random_uuid(), ''participation'', 1, ''sv'', ''given'', ''{"sms": true}'', now(), ''participant'', ''paper'', 2, now(), %3$L'
        END, '01000000-0000-7000-8000-000000000001', pg_temp.person(1), (SELECT account_id FROM rctd.account WHERE name = by))
$$;
SELECT throws_ok(format('SELECT pg_temp.app(%L, %L)', pg_temp.row_of(what, by), role), '42501', NULL, format('no %s by %s as %s', what, by, role))
  FROM unnest(ARRAY['stop', 'consent']) what, (VALUES ('anna', 'dispatcher'), ('anna', 'statistician'), ('mats', 'coordinator')) v (by, role);

SELECT throws_ok(format('SELECT pg_temp.app(%L)', replace(pg_temp.row_of(what, 'anna'), 'now()', 'now() + interval ''1 day''')), 'RC001',
    'Nobody has decided what lies in the future', format('no %s of tomorrow', what)) FROM unnest(ARRAY['stop', 'consent']) what;

-- A stop, and its end.
SELECT lives_ok($$SELECT pg_temp.stop(1, 'sms')$$, 'text messages are stopped');
SELECT is(pg_temp.ahead(1), 'form form/email talk talk/email', 'those that were ahead are cancelled with it');
SELECT is(pg_temp.ahead(2), 'form form/email form/sms talk talk/email text text/sms', 'and nobody else''s');
SELECT is((SELECT count(*) FROM rctd.audit WHERE stream = 'unit:' || pg_temp.person(1) AND object_kind IN ('task', 'reminder')
    AND new::jsonb ->> 'state' = 'cancelled'), 3::bigint, 'each is in the trail');
SELECT throws_ok($$SELECT pg_temp.stop(1, 'sms', 'resume', 'staff')$$, 'RC001', NULL, 'staff does not let it go on');
SELECT throws_ok(format($$INSERT INTO rctd.stop SELECT %L, %L, 2, 'sms', 'resume', 'participant', 'paper', NULL, now() - interval '1 day', now(), %L$$,
    '01000000-0000-7000-8000-000000000001', pg_temp.person(1), '0a000000-0000-7000-8000-000000000002'), 'RC001',
    'They stopped sms after that; only a later yes ends that', 'nor does a word of theirs from before it, that comes in late');
SELECT throws_ok($$SELECT pg_temp.app('UPDATE rctd.task SET state = ''planned'' WHERE state = ''cancelled''')$$, 'RC001',
    'What the person has stopped, no task brings back', 'nor brings the tasks back');
SELECT throws_ok($$SELECT pg_temp.app('UPDATE rctd.reminder SET state = ''scheduled'' WHERE state = ''cancelled''')$$, 'RC001',
    'What the person has stopped, no reminder brings back', 'nor the reminders');
SELECT lives_ok($$SELECT pg_temp.stop(1, 'sms', 'resume')$$, 'the person does');
SELECT is(pg_temp.ahead(1), 'form form/email form/sms talk talk/email text text/sms', 'and what was cancelled is ahead again');

-- What somebody cancelled by hand stays cancelled.
SELECT lives_ok($$SELECT pg_temp.app('UPDATE rctd.task SET state = ''cancelled'' WHERE task = ''talk''')$$, 'tasks are cancelled by hand');
SELECT throws_ok($$SELECT pg_temp.app('UPDATE rctd.task SET state = ''planned'' WHERE task = ''talk''')$$, 'RC001',
    'A task that was cancelled comes back only where a stop had cancelled it', 'those do not come back');
SELECT lives_ok($$SELECT pg_temp.stop(1, 'interviews'), pg_temp.stop(1, 'interviews', 'resume')$$, 'interviews stop and go on');
SELECT is(pg_temp.ahead(1), 'form form/email form/sms text text/sms', 'what was cancelled by hand is not brought back with it');

-- A window that is over while something was stopped.
SELECT pg_temp.stop(2, 'questionnaires') \g /dev/null
UPDATE rctd.task SET opens_at = now() - interval '2 days', closes_at = now() WHERE unit_id = pg_temp.person(2) AND task = 'form';
SELECT pg_temp.stop(2, 'questionnaires', 'resume') \g /dev/null
SELECT is(pg_temp.ahead(2), 'talk/email text text/sms', 'what is too late does not come back');

-- A scope that is taken back does the same; a whole form too.
SELECT lives_ok($$SELECT pg_temp.consent(1, '{questionnaires,interview,pass-on-contact}')$$, 'a scope is taken back');
SELECT is(pg_temp.ahead(1), 'form form/email', 'what needed it is cancelled');
SELECT pg_temp.consent(1) \g /dev/null
SELECT is(pg_temp.ahead(1), 'form form/email form/sms text text/sms', 'a new yes brings it back');
SELECT pg_temp.consent(1, '{questionnaires}', at => now() - interval '5 days') \g /dev/null
SELECT throws_ok($$SELECT pg_temp.consent(1, at => now() - interval '6 days')$$, 'RC001',
    'A part of the form participation was answered with no after that; only a later yes ends that', 'no yes from before it');
SELECT lives_ok($$SELECT pg_temp.consent(1, at => now() - interval '4 days')$$, 'a later one does');
SELECT pg_temp.consent(1, '{}', 'withdrawn', now() - interval '3 days') \g /dev/null
SELECT is(pg_temp.ahead(1), NULL, 'a form that is withdrawn leaves nothing');
SELECT pg_temp.consent(1, at => now() - interval '2 days') \g /dev/null

-- Nothing is handed over that may not be, whatever the dispatcher believes: here the stop has cancelled nothing.
CREATE FUNCTION pg_temp.hand_over(number integer, in_task text, in_channel text, in_attempt integer DEFAULT 1) RETURNS void LANGUAGE sql AS $$
    SELECT pg_temp.app(format('INSERT INTO rctd.reminder_attempt (trial_id, reminder_id, attempt, endpoint_id, started_at)
        VALUES (%L, %L, %s, %L, now())', '01000000-0000-7000-8000-000000000001',
        md5(md5(pg_temp.person(number) || in_task)::uuid || in_channel)::uuid, in_attempt, '12000000-0000-7000-8000-000000000001'))
$$;
SELECT lives_ok($$SELECT pg_temp.hand_over(1, 'form', 'email')$$, 'a reminder is handed over');
SELECT throws_ok($$SELECT pg_temp.hand_over(3, 'form', 'email')$$, 'RC001',
    'Nothing is sent to somebody who may not be asked or reminded: never-asked', 'nothing to somebody who was never asked');
SELECT throws_ok($$SELECT pg_temp.hand_over(2, 'form', 'sms')$$, 'RC001', NULL, 'nothing that was cancelled');
ALTER TABLE rctd.stop DISABLE TRIGGER stop_settles;
SELECT pg_temp.stop(1, 'sms') \g /dev/null
SELECT throws_ok($$SELECT pg_temp.hand_over(1, 'form', 'sms')$$, 'RC001', NULL, 'no text message to somebody who has stopped them');
SELECT throws_ok($$SELECT pg_temp.hand_over(1, 'text', 'sms')$$, 'RC001', NULL, 'of whatever task');
SELECT lives_ok($$SELECT pg_temp.hand_over(1, 'form', 'email', 2)$$, 'an e-mail still');
SELECT pg_temp.stop(1, 'questionnaires') \g /dev/null
SELECT throws_ok($$SELECT pg_temp.hand_over(1, 'form', 'email', 3)$$, 'RC001', NULL, 'until questionnaires are stopped');
SELECT lives_ok($$SELECT pg_temp.app('WITH a AS (
        INSERT INTO rctd.reminder_attempt (trial_id, reminder_id, attempt, endpoint_id, started_at)
        SELECT trial_id, reminder_id, 3, endpoint_id, now() FROM rctd.reminder_attempt WHERE attempt = 2 RETURNING *)
    INSERT INTO rctd.reminder_result (trial_id, reminder_id, attempt, milliseconds, outcome)
    SELECT trial_id, reminder_id, attempt, 5, ''delivered'' FROM a')$$,
    'what was sent before is written down all the same, with what came of it');
ALTER TABLE rctd.stop ENABLE TRIGGER stop_settles;

-- Who leaves.
SELECT throws_ok($$UPDATE rctd.unit SET state = 'withdrawn' WHERE code = 'W0003'$$, 'RC001', 'A workplace withdraws once it was allocated',
    'a workplace withdraws once it was allocated');
SELECT lives_ok($$SELECT pg_temp.app('UPDATE rctd.unit SET state = ''withdrawn'' WHERE code = ''PK7H3WAT''')$$,
    'a participant leaves, allocated or not');
SELECT is(pg_temp.ahead(2), NULL, 'nothing is ahead of who has left');
SELECT throws_ok($$SELECT pg_temp.stop(2, 'sms', 'resume')$$, 'RC001', 'Who has withdrawn altogether is not brought back',
    'who has left is not brought back by a word');
UPDATE rctd.unit SET state = 'allocated' WHERE code = 'W0002';
SELECT lives_ok($$SELECT pg_temp.app('UPDATE rctd.unit SET state = ''withdrawn'' WHERE code = ''W0002''')$$, 'a workplace withdraws');
SELECT is(pg_temp.ahead(3), NULL, 'and nothing is ahead of who works there');
UPDATE rctd.employment SET to_on = '2020-02-01' WHERE unit_id = pg_temp.person(1);
SELECT throws_ok($$INSERT INTO rctd.employment (trial_id, unit_id, from_on, workplace_id)
    SELECT trial_id, unit_id, '2020-02-02', '0d000000-0000-7000-8000-000000000002' FROM rctd.participant WHERE unit_id = pg_temp.person(1)$$,
    'RC001', 'The workplace W0002 has withdrawn: nobody comes to it', 'nobody comes there, with tasks and appointments ahead of them');

SELECT * FROM finish();
ROLLBACK;
