-- consent.sql: the one function, its rules and its ledgers, tried as the roles of the daemon and as the owner.
BEGIN;
\ir fixture.psql
SELECT plan(62);

-- A second version of trial one's protocol, which asks for consents; two participants, one employed in W0002.
INSERT INTO rctd.protocol_version (trial_id, version, document, sha256, reason, created_by)
VALUES ('01000000-0000-7000-8000-000000000001', 2, 'two', sha256('two'), 'Consent', 'mats');
SELECT throws_ok($$INSERT INTO rctd.consent_form (trial_id, version, form, signed_by, form_version, scopes, languages, texts, in_force_at)
    VALUES ('01000000-0000-7000-8000-000000000001', 2, 'f', 'participant', 1, '["a"]', '["sv"]', '{}', now())$$, 'RC001', NULL,
    'a draft has no rules yet');
UPDATE rctd.protocol_version SET state = 'locked', locked_at = now(), locked_by = '0a000000-0000-7000-8000-000000000003' WHERE version = 2;
INSERT INTO rctd.unit (trial_id, unit_id, kind, code, attributes) VALUES
    ('01000000-0000-7000-8000-000000000001', '0d000000-0000-7000-8000-0000000000a1', 'participant', 'PK7H3WAT', '{}'),
    ('01000000-0000-7000-8000-000000000001', '0d000000-0000-7000-8000-0000000000a2', 'participant', 'P2222223', '{}');
SELECT throws_ok($$SELECT rctd.may('01000000-0000-7000-8000-000000000001', '0d000000-0000-7000-8000-0000000000a1', 'data')$$, 'RC001', NULL,
    'a version without its rules lets nothing be done');
INSERT INTO rctd.consent_form (trial_id, version, form, signed_by, form_version, scopes, languages, texts, legal_basis, reconsent, within_days, waits, in_force_at)
VALUES ('01000000-0000-7000-8000-000000000001', 2, 'person', 'participant', 2, '["join", "sms"]', '["sv", "en"]',
        jsonb_build_object('en', encode(sha256('Read me'), 'hex')), 'GDPR 6(1)(e)', 'all', 10, '{sms}', now() - interval '9 days'),
       ('01000000-0000-7000-8000-000000000001', 2, 'employer', 'workplace', 1, '["take part"]', '["sv"]', '{}', NULL, NULL, NULL, NULL, now());
INSERT INTO rctd.consent_rule (trial_id, version, kind, action, form, scope)
SELECT '01000000-0000-7000-8000-000000000001', 2, 'participant', a, 'person', 'join' FROM unnest(ARRAY['data', 'export', 'allocate']) a;
INSERT INTO rctd.consent_rule (trial_id, version, kind, action, form, scope) VALUES
    ('01000000-0000-7000-8000-000000000001', 2, 'participant', 'sms', 'person', 'sms'),
    ('01000000-0000-7000-8000-000000000001', 2, 'workplace', 'allocate', 'employer', 'take part'),
    ('01000000-0000-7000-8000-000000000001', 2, 'participant', 'task/form', 'person', 'sms');
INSERT INTO rctd.consent_task VALUES ('01000000-0000-7000-8000-000000000001', 'form', 2, 'data');
INSERT INTO rctd.consent_set (trial_id, version, unasked) VALUES ('01000000-0000-7000-8000-000000000001', 2, '{future-contact}');
SELECT throws_ok($$INSERT INTO rctd.consent_rule VALUES ('01000000-0000-7000-8000-000000000001', 2, 'participant', 'data', 'person', 'sms')$$,
    'RC001', 'The consents that a locked version asks for never change; submit an amendment', 'rules are closed');
SELECT throws_ok($$DELETE FROM rctd.consent_rule$$, 'RC001', NULL, 'no rule is taken away');
SELECT is((SELECT count(*)::integer FROM rctd.audit WHERE object_kind = 'consent-rules'), 2, 'each version''s rules are a row of the trail');
INSERT INTO rctd.participant SELECT trial_id, unit_id, 2, '0a000000-0000-7000-8000-000000000002' FROM rctd.unit WHERE kind = 'participant';
INSERT INTO rctd.employment (trial_id, unit_id, from_on, workplace_id)
SELECT trial_id, unit_id, '2026-01-01', '0d000000-0000-7000-8000-000000000001' FROM rctd.unit WHERE code = 'P2222223';

CREATE FUNCTION pg_temp.may(in_code text, in_action text) RETURNS text LANGUAGE sql AS $$
    SELECT rctd.may(u.trial_id, u.unit_id, in_action) FROM rctd.unit u
     WHERE u.trial_id = '01000000-0000-7000-8000-000000000001' AND u.code = in_code $$;
CREATE FUNCTION pg_temp.decide(in_code text, in_scopes jsonb, in_decision text DEFAULT 'given', in_version integer DEFAULT 2,
                               in_at timestamptz DEFAULT now(), in_form text DEFAULT 'person', in_hash bytea DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
    INSERT INTO rctd.consent (trial_id, unit_id, ordinal, consent_id, form, form_version, language, decision, scopes, decided_at,
                              decided_by, how, protocol_version, recorded_at, recorded_by, text_sha256)
    SELECT u.trial_id, u.unit_id, 1 + coalesce((SELECT max(c.ordinal) FROM rctd.consent c WHERE c.unit_id = u.unit_id), 0),
           gen_random_uuid(), in_form, in_version, 'en', in_decision, in_scopes, in_at, 'participant', 'paper', 2, now(),
           '0a000000-0000-7000-8000-000000000002', in_hash
      FROM rctd.unit u WHERE u.code = in_code $$;
CREATE FUNCTION pg_temp.stop(in_code text, in_stop text, in_decision text DEFAULT 'stop') RETURNS void LANGUAGE sql AS $$
    INSERT INTO rctd.stop (trial_id, unit_id, ordinal, stop, decision, decided_by, how, decided_at, recorded_at, recorded_by)
    SELECT u.trial_id, u.unit_id, 1 + coalesce((SELECT max(s.ordinal) FROM rctd.stop s WHERE s.unit_id = u.unit_id), 0),
           in_stop, in_decision, 'participant', 'phone', now(), now(), '0a000000-0000-7000-8000-000000000002'
      FROM rctd.unit u WHERE u.code = in_code $$;

SELECT is(pg_temp.may('PK7H3WAT', 'data'), 'never-asked', 'who was never asked has not agreed');
SELECT is(pg_temp.may('PK7H3WAT', 'export'), 'never-asked', 'nor is there anything to export');
SELECT is(pg_temp.may('PK7H3WAT', 'linkage'), NULL, 'what needs nothing may be done');
SELECT is(pg_temp.may('PK7H3WAT', 'future-contact'), 'not-in-protocol', 'what the protocol asks nobody for is done with nobody');
SELECT is(pg_temp.may('W0002', 'future-contact'), NULL, 'which is said of people');
SELECT ok(NOT rctd.refuses_for_good('not-in-protocol'), 'and an amendment may ask for it: it waits');
SELECT is((SELECT a.new::jsonb -> 'unasked' FROM rctd.audit a WHERE a.object_kind = 'consent-rules' ORDER BY a.sequence DESC LIMIT 1),
    '["future-contact"]'::jsonb, 'the trail has it');
SELECT throws_ok($$SELECT pg_temp.may('PK7H3WAT', 'sing')$$, 'RC001', 'There is no action called sing', 'an unknown action is no yes');
SELECT throws_ok($$SELECT pg_temp.may('PK7H3WAT', 'task/none')$$, 'RC001', NULL, 'nor is an unknown task');
SELECT throws_ok($$SELECT rctd.may('01000000-0000-7000-8000-000000000001', gen_random_uuid(), 'data')$$, '23503', NULL, 'nor is an unknown unit');
SELECT pg_temp.decide('PK7H3WAT', '{"join": true, "sms": false}') \g /dev/null
SELECT is_empty($$WITH asked AS (
        SELECT u.trial_id, array_agg(u.unit_id) AS units, array_agg(a.action) AS actions
          FROM rctd.unit u, (SELECT k.action FROM rctd.consent_action k UNION ALL VALUES ('task/form'), ('task/form')) a
         WHERE u.trial_id = '01000000-0000-7000-8000-000000000001' GROUP BY u.trial_id)
    (SELECT i.unit_id, i.action, rctd.may(q.trial_id, i.unit_id, i.action)
       FROM asked q, unnest(q.units, q.actions) i (unit_id, action)
     EXCEPT ALL SELECT o.* FROM asked q, rctd.objections(q.trial_id, q.units, q.actions) o)$$,
    'asked of many at once, of some twice, each answer is the one that is given alone');
SELECT is(pg_temp.may('PK7H3WAT', 'data'), NULL, 'a yes is a yes');
SELECT is(pg_temp.may('PK7H3WAT', 'sms'), 'declined', 'a no to one scope is a no to it');
SELECT is(pg_temp.may('PK7H3WAT', 'task/form'), 'declined', 'a task asks for its own scope too');
SELECT is((SELECT legal_basis FROM rctd.consent WHERE form = 'person'), 'GDPR 6(1)(e)', 'the legal basis is stored with the event');
SELECT pg_temp.decide('PK7H3WAT', '{"join": true, "sms": true}') \g /dev/null
SELECT is(pg_temp.may('PK7H3WAT', 'task/form'), NULL, 'the latest decision counts');
SELECT pg_temp.decide('PK7H3WAT', '{"join": false, "sms": true}') \g /dev/null
SELECT is(pg_temp.may('PK7H3WAT', 'data'), 'withdrawn', 'a scope that was said yes to is taken back');
SELECT is(pg_temp.may('PK7H3WAT', 'export'), NULL, 'what was taken while it held stays in use');
SELECT pg_temp.decide('PK7H3WAT', '{"join": true, "sms": true}', in_version => 1) \g /dev/null
SELECT is(pg_temp.may('PK7H3WAT', 'allocate'), 'old-version', 'an allocation takes the version in force');
SELECT is(pg_temp.may('PK7H3WAT', 'sms'), 'old-version', 'what the protocol names waits at once');
SELECT is(pg_temp.may('PK7H3WAT', 'data'), NULL, 'the rest has ten days');
UPDATE rctd.instance SET purpose = 'rehearsal';
UPDATE rctd.instance SET ahead = '1 day';
SELECT is(pg_temp.may('PK7H3WAT', 'data'), 'old-version', 'and no more');
SELECT pg_temp.decide('PK7H3WAT', '{"join": true, "sms": true}') \g /dev/null
SELECT is(pg_temp.may('PK7H3WAT', 'data'), NULL, 'a new signature ends the waiting');

-- Stops.
SELECT pg_temp.stop('PK7H3WAT', 'questionnaires') \g /dev/null
SELECT is(pg_temp.may('PK7H3WAT', 'data'), 'withdrawn', 'a stop goes before a yes');
SELECT is(pg_temp.may('PK7H3WAT', 'sms'), NULL, 'and stops nothing else');
SELECT is(rctd.stops_of('01000000-0000-7000-8000-000000000001', '0d000000-0000-7000-8000-0000000000a1'), '["questionnaires"]', 'it is in force');
SELECT pg_temp.stop('PK7H3WAT', 'questionnaires', 'resume') \g /dev/null
SELECT is(pg_temp.may('PK7H3WAT', 'data'), NULL, 'who lets it go on is asked again');
SELECT is(rctd.stops_of('01000000-0000-7000-8000-000000000001', '0d000000-0000-7000-8000-0000000000a1'), '[]', 'nothing is stopped');

-- What the ledger takes.
SELECT throws_ok($$SELECT pg_temp.decide('PK7H3WAT', '{"x": true}', in_form => 'employer')$$, 'RC001', NULL, 'nobody signs a form of others');
SELECT throws_ok($$SELECT pg_temp.decide('PK7H3WAT', '{"x": true}', in_form => 'none')$$, 'RC001', NULL, 'nor one that is not there');
SELECT throws_ok($$SELECT pg_temp.decide('PK7H3WAT', '{"join": true}', in_version => 3)$$, 'RC001', NULL, 'nor a version that is to come');
SELECT pg_temp.decide('PK7H3WAT', '{"join": false, "sms": false}', 'withdrawn') \g /dev/null
SELECT throws_ok($$SELECT pg_temp.decide('PK7H3WAT', '{"join": true, "sms": true}', in_at => now() - interval '25 hours')$$, 'RC001',
    'The form person was withdrawn after that; only a later yes ends that', 'a late yes does not undo a withdrawal');
SELECT is(pg_temp.may('PK7H3WAT', 'data'), 'withdrawn', 'the withdrawal stands');

-- Out of everything.
SELECT pg_temp.decide('P2222223', '{"join": true, "sms": true}') \g /dev/null
SELECT is(pg_temp.may('P2222223', 'sms'), NULL, 'an employed participant may be asked');
UPDATE rctd.unit SET state = 'allocated' WHERE code = 'W0001' AND trial_id = '01000000-0000-7000-8000-000000000001';
SELECT is((SELECT state FROM rctd.unit WHERE code = 'W0001' AND trial_id = '01000000-0000-7000-8000-000000000001'), 'allocated', 'while the workplace is in');
SELECT pg_temp.decide('W0001', '{"take part": false}', in_version => 1, in_form => 'employer') \g /dev/null
SELECT is((SELECT state FROM rctd.unit WHERE code = 'W0001' AND trial_id = '01000000-0000-7000-8000-000000000001'), 'withdrawn',
    'a workplace that takes its agreement back is out in the same moment');
SELECT is(pg_temp.may('P2222223', 'sms'), 'out', 'and its people are out with it');
SELECT is(pg_temp.may('P2222223', 'export'), NULL, 'what was taken stays in use');
SELECT pg_temp.stop('P2222223', 'data-use') \g /dev/null
SELECT is(pg_temp.may('P2222223', 'export'), 'withdrawn', 'unless they stop that');

-- Allocations.
SELECT throws_ok($$SELECT pg_temp.allocate(2, 'rct', 1, 'left')$$, '40001', NULL, 'an allocation is computed under the version in force');
CREATE FUNCTION pg_temp.allocate_now(number integer) RETURNS void LANGUAGE sql AS $$
    INSERT INTO rctd.allocation (trial_id, allocation_id, scheme, stratum, position, unit_id, arm, phase, protocol_version, method, decision,
                                 allocated_at, allocated_by, idempotency_key)
    VALUES ('01000000-0000-7000-8000-000000000001', gen_random_uuid(), 'rct', 'county=a', 1, ('0d000000-0000-7000-8000-00000000000' || number)::uuid,
            'left', 'rct', 2, 'permuted-blocks', '{}', now(), '0a000000-0000-7000-8000-000000000002', gen_random_uuid()::text) $$;
SELECT throws_ok($$SELECT pg_temp.allocate_now(2)$$, 'RC001', 'Nobody is allocated without the consents that must come before it',
    'nobody is allocated without the agreement');
SELECT pg_temp.decide('W0002', '{"take part": true}', in_version => 1, in_form => 'employer') \g /dev/null
SELECT lives_ok($$SELECT pg_temp.allocate_now(2)$$, 'who agreed is allocated');

-- Texts: of a form, in its languages, by a trial manager, as the protocol names it.
CREATE FUNCTION pg_temp.submit(in_text text, in_language text DEFAULT 'en', in_by text DEFAULT 'mats') RETURNS void LANGUAGE sql AS $$
    INSERT INTO rctd.consent_text (trial_id, form, form_version, language, text, sha256, submitted_at, submitted_by)
    SELECT '01000000-0000-7000-8000-000000000001', 'person', 2, in_language, in_text,
           sha256(convert_to(in_text, 'UTF8')), now(), account_id FROM rctd.account WHERE name = in_by $$;
SELECT throws_ok($$SELECT pg_temp.submit('Read me', in_by => 'anna')$$, '42501', NULL, 'a coordinator writes no text');
SELECT throws_ok($$SELECT pg_temp.submit('Read me', 'fi')$$, 'RC001', NULL, 'a text is in a language of the form');
SELECT throws_ok($$SELECT pg_temp.submit('Something else')$$, 'RC001', 'This is not the text whose SHA-256 the protocol names',
    'the protocol says which text it is');
SELECT lives_ok($$SELECT pg_temp.submit('Read me')$$, 'that text is taken');
SELECT throws_ok($$SELECT pg_temp.decide('P2222223', '{"join": true, "sms": true}', in_hash => sha256('Read you'))$$, 'RC001', NULL,
    'nobody has signed another text than the one that is stored');

-- Links: the role that comes with one calls two functions and reads nothing.
SELECT is_empty($$SELECT c.relname, p FROM pg_class c, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) p
    WHERE c.relnamespace IN ('rctd'::regnamespace, 'rctd_vault'::regnamespace) AND c.relkind IN ('r', 'v', 'm', 'p', 'S')
      AND has_table_privilege('rctd_link', c.oid, p)$$, 'a link reads and writes no table');
SELECT results_eq($$SELECT p.proname::text COLLATE "default" FROM pg_proc p WHERE p.pronamespace IN ('rctd'::regnamespace, 'rctd_vault'::regnamespace)
    AND has_function_privilege('rctd_link', p.oid, 'EXECUTE') ORDER BY 1$$, ARRAY['consent_link_decide', 'consent_link_open'],
    'it can do two things');

-- Days, where the clocks change at midnight as elsewhere.
CREATE FUNCTION pg_temp.day(in_zone text, in_day date) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    UPDATE rctd.trial SET time_zone = in_zone WHERE trial_id = '01000000-0000-7000-8000-000000000001';
    RETURN to_char(rctd.day_begins('01000000-0000-7000-8000-000000000001', in_day), 'MM-DD HH24:MI') || ' to '
        || to_char(rctd.day_ends('01000000-0000-7000-8000-000000000001', in_day) + interval '1 microsecond', 'MM-DD HH24:MI');
END $$;
SELECT is(pg_temp.day(z.zone, z.day), z.wanted, format('%s in %s', z.day, z.zone)) FROM (VALUES
    ('Europe/Stockholm', '2026-03-29'::date, '03-28 23:00 to 03-29 22:00'), -- 23 hours
    ('Europe/Stockholm', '2026-10-25', '10-24 22:00 to 10-25 23:00'), -- 25 hours
    ('Europe/Stockholm', '2026-07-01', '06-30 22:00 to 07-01 22:00'),
    ('America/Sao_Paulo', '2018-11-04', '11-04 03:00 to 11-05 02:00'), -- begins at one o'clock
    ('America/Havana', '2026-11-01', '11-01 04:00 to 11-02 05:00'), -- midnight comes twice
    ('Asia/Beirut', '2026-10-25', '10-24 22:00 to 10-25 22:00'), -- the evening before comes twice
    ('Asia/Kathmandu', '2026-07-01', '06-30 18:15 to 07-01 18:15'),
    ('UTC', '2026-07-01', '07-01 00:00 to 07-02 00:00')) z (zone, day, wanted);
SELECT * FROM finish();
ROLLBACK;
