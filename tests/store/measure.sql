-- measure.sql: data is in use, in quarantine or refused by the consents that it needs, whatever the daemon says;
-- it is released by a trial manager while they hold; and it tells nobody an arm.
BEGIN;
\ir fixture.psql
\ir people.psql
SELECT plan(48);

-- Data of a person as the application stores it for anna, the coordinator.
CREATE FUNCTION pg_temp.measure(number integer, in_quarantine text DEFAULT NULL, collected interval DEFAULT '1 day', role text DEFAULT 'coordinator',
                                by text DEFAULT 'anna', task text DEFAULT NULL, specific boolean DEFAULT false) RETURNS void LANGUAGE sql AS $$
    SELECT pg_temp.run_as('rctd_app', role, 'anna', format(
        'INSERT INTO rctd.measure (trial_id, measure_id, unit_id, instrument, task_id, collected_at, measured, quarantine, arm_specific,
                                   protocol_version, recorded_at, recorded_by)
         VALUES (%L, gen_random_uuid(), %L, ''mood'', %L, now() - %L::interval, ''{"1": "answered so"}'', %L, %L, 2, now(), %L)',
        '01000000-0000-7000-8000-000000000001', pg_temp.person(number), task, collected, in_quarantine, specific,
        (SELECT account_id FROM rctd.account WHERE name = by)))
$$;

-- In use, or not.
SELECT lives_ok($$SELECT pg_temp.measure(1)$$, 'data that was collected under consent is in use');
SELECT throws_ok(format('SELECT pg_temp.measure(1, %L)', word), 'RC001', 'Data goes to quarantine, or into use, by the consents that it needs',
    format('and is not put in quarantine as %s', word)) FROM unnest(ARRAY['before-consent', 'never-asked', 'old-version']) word;
SELECT throws_ok($$SELECT pg_temp.measure(1, collected => '20 days')$$, 'RC001', NULL, 'what was collected before the consent is not in use');
SELECT lives_ok($$SELECT pg_temp.measure(1, 'before-consent', '20 days')$$, 'but in quarantine');
SELECT throws_ok($$SELECT pg_temp.measure(3)$$, 'RC001', NULL, 'of somebody who was never asked nothing is in use');
SELECT lives_ok($$SELECT pg_temp.measure(3, 'never-asked')$$, 'but in quarantine');
SELECT throws_ok($$SELECT pg_temp.measure(3, 'before-consent')$$, 'RC001', NULL, 'for the right reason');

-- A yes that was taken back and given again: what was collected meanwhile is not in use.
SELECT pg_temp.consent(2, '{}', 'withdrawn', now() - interval '8 days'), pg_temp.consent(2, at => now() - interval '4 days') \g /dev/null
SELECT throws_ok($$SELECT pg_temp.measure(2, collected => '6 days')$$, 'RC001', NULL, 'what was collected between two consents is not in use');
SELECT lives_ok($$SELECT pg_temp.measure(2, 'before-consent', '6 days')$$, 'but in quarantine');
SELECT lives_ok($$SELECT pg_temp.measure(2, collected => '9 days')$$, 'what was collected under the first one is in use');
SELECT lives_ok($$SELECT pg_temp.measure(2, collected => '3 days')$$, 'and under the second');

-- Refused, in use or in quarantine.
CREATE FUNCTION pg_temp.refused(what text, statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    said text[];
BEGIN
    EXECUTE statement;
    SELECT array_agg(throws_ok(format('SELECT pg_temp.measure(2, %L)', word), 'RC001', NULL, format('%s: nothing is stored, %s', what, coalesce(word, 'in use'))))
      INTO said FROM unnest(ARRAY[NULL, 'before-consent', 'never-asked']) word;
    RETURN QUERY SELECT unnest(said);
END
$$;
SELECT pg_temp.refused('a scope is taken back', $$SELECT pg_temp.consent(2, '{interview}', at => now() - interval '2 days')$$);
SELECT pg_temp.refused('questionnaires are stopped', $$SELECT pg_temp.consent(2, at => now() - interval '1 day'), pg_temp.stop(2, 'questionnaires')$$);
SELECT pg_temp.stop(2, 'questionnaires', 'resume') \g /dev/null
SELECT lives_ok($$SELECT pg_temp.measure(2, collected => '1 minute')$$, 'what goes on again is taken again');
SELECT pg_temp.refused('somebody has left', $$UPDATE rctd.unit SET state = 'withdrawn' WHERE code = 'PK7H3WAT'$$);

-- Who stores it, and for which task.
SELECT throws_ok($$SELECT pg_temp.measure(1, by => 'mats')$$, '42501', NULL, 'nobody stores data in another''s name');
SELECT throws_ok($$SELECT pg_temp.measure(1, role => 'auditor')$$, '42501', NULL, 'or in a role that takes none');
SELECT throws_ok(format('SELECT pg_temp.measure(1, task => %L)', md5(pg_temp.person(3) || 'form')::uuid), 'RC001',
    'That task is somebody else''s', 'a task is the person''s own');
UPDATE rctd.task SET arm_specific = true WHERE unit_id = pg_temp.person(1) AND task = 'form';
SELECT lives_ok(format('SELECT pg_temp.measure(1, task => %L)', md5(pg_temp.person(1) || 'form')::uuid), 'data of a task that only some arms have');
SELECT is((SELECT count(*) FROM rctd.measure WHERE task_id IS NOT NULL AND arm_specific), 1::bigint, 'is marked so, whatever the daemon says');

-- A task may ask for a scope of its own, beside what data needs.
ALTER TABLE rctd.consent_rule DISABLE TRIGGER consent_rule_closed;
INSERT INTO rctd.consent_rule (trial_id, version, kind, action, form, scope)
VALUES ('01000000-0000-7000-8000-000000000001', 2, 'participant', 'task/text', 'participation', 'sms');
ALTER TABLE rctd.consent_rule ENABLE TRIGGER consent_rule_closed;
CREATE FUNCTION pg_temp.own(number integer) RETURNS text LANGUAGE sql AS $$ SELECT md5(pg_temp.person(number) || 'text') $$;
SELECT lives_ok($$SELECT pg_temp.measure(1, task => pg_temp.own(1))$$, 'data of a task whose own scope was said yes to is in use');
SELECT lives_ok($$SELECT pg_temp.measure(3, 'never-asked', task => pg_temp.own(3))$$, 'where nobody asked, in quarantine');
SELECT pg_temp.consent(1, '{questionnaires,interview,pass-on-contact}', at => now() - interval '9 days') \g /dev/null
SELECT throws_ok($$SELECT pg_temp.measure(1, task => pg_temp.own(1))$$, 'RC001', 'No data is taken from somebody whose consent is declined',
    'where the scope was taken back, nothing is stored');
SELECT lives_ok($$SELECT pg_temp.measure(1)$$, 'other data is');
SELECT pg_temp.consent(1, at => now() - interval '8 days') \g /dev/null
SELECT throws_ok($$SELECT pg_temp.measure(1, task => pg_temp.own(1), collected => '204 hours')$$, 'RC001',
    'Data goes to quarantine, or into use, by the consents that it needs', 'what was collected without it is not in use after a later yes');
SELECT lives_ok($$SELECT pg_temp.measure(1, 'before-consent', task => pg_temp.own(1), collected => '204 hours')$$, 'but in quarantine');
SELECT lives_ok($$SELECT pg_temp.measure(1, task => pg_temp.own(1))$$, 'and from then on in use');

-- Release.
CREATE FUNCTION pg_temp.release(number integer, role text DEFAULT 'trial-manager', by text DEFAULT 'mats', db_role text DEFAULT 'rctd_manager',
                                kept boolean DEFAULT true) RETURNS void LANGUAGE sql AS $$
    SELECT pg_temp.run_as(db_role, role, by, format('INSERT INTO rctd.measure_release (trial_id, measure_id, unit_id, reason, released_at, released_by)
        VALUES (%L, %L, %L, ''The form was dated late'', now(), %L)', '01000000-0000-7000-8000-000000000001',
        (SELECT measure_id FROM rctd.measure WHERE unit_id = pg_temp.person(number) AND (quarantine IS NOT NULL) = kept ORDER BY collected_at LIMIT 1),
        pg_temp.person(number), (SELECT account_id FROM rctd.account WHERE name = by)))
$$;
SELECT throws_ok($$SELECT pg_temp.release(1, 'coordinator', 'anna', 'rctd_app')$$, '42501', NULL, 'a coordinator releases nothing');
SELECT throws_ok($$SELECT pg_temp.release(1, by => 'anna')$$, '42501', NULL, 'only who is trial manager does');
SELECT throws_ok($$SELECT pg_temp.release(3)$$, 'RC001', 'Data is released while its consent holds: never-asked', 'not while nobody has asked');
SELECT throws_ok($$SELECT pg_temp.release(2)$$, 'RC001', 'Data is released while its consent holds: out', 'nor of who has left');
SELECT throws_ok($$SELECT pg_temp.release(1, kept => false)$$, 'RC001', 'Only what is in quarantine is released', 'what is in use is not released');
SELECT lives_ok($$SELECT pg_temp.release(1)$$, 'a trial manager releases what consent allows');

-- What each sees.
SELECT throws_ok($$SELECT pg_temp.run_as('rctd_manager', 'trial-manager', 'mats', 'SELECT measured FROM rctd.measure')$$, '42501', NULL,
    'a trial manager reads no value');
SELECT throws_ok($$SELECT pg_temp.run_as('rctd_blinded', 'researcher', 'anna', 'SELECT salt FROM rctd.measure')$$, '42501', NULL, 'nobody a salt');
RESET ROLE;
SET LOCAL ROLE rctd_blinded;
SELECT ok(EXISTS (SELECT FROM rctd.measure) AND NOT EXISTS (SELECT FROM rctd.measure WHERE arm_specific),
    'a blinded role sees data that every arm has, and no other');
SELECT ok(EXISTS (SELECT FROM rctd.measure WHERE unit_id = pg_temp.person(1)), 'also of somebody');
RESET ROLE;
SELECT pg_temp.stop(1, 'data-use') \g /dev/null
SET LOCAL ROLE rctd_blinded;
SELECT is_empty($$SELECT FROM rctd.measure WHERE unit_id = pg_temp.person(1)$$, 'until they stop its use');
RESET ROLE;
SELECT is_empty($$SELECT new FROM rctd.audit WHERE object_kind = 'measure' AND new LIKE '%answered so%'$$, 'the trail has digests');
SELECT ok(EXISTS (SELECT FROM rctd.audit WHERE object_kind = 'measure-release' AND actor_role = 'trial-manager'), 'and who released what');

SELECT * FROM finish();
ROLLBACK;
