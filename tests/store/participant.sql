-- participant.sql: a participant has a code that checks itself, one workplace of the same trial at a time, and
-- flags that stay as they were before allocation; what tells of the person stands in the trail as a digest.
BEGIN;
\ir fixture.psql
SELECT plan(27);

CREATE FUNCTION pg_temp.unit(in_code text, in_kind text DEFAULT 'participant', in_attributes jsonb DEFAULT '{}',
                             number integer DEFAULT 9, trial integer DEFAULT 1) RETURNS void LANGUAGE sql AS $$
    INSERT INTO rctd.unit (trial_id, unit_id, kind, code, attributes)
    VALUES (('01000000-0000-7000-8000-00000000000' || trial)::uuid,
            ('0d000000-0000-7000-8000-00000000000' || number)::uuid, in_kind, in_code, in_attributes)
$$;
CREATE FUNCTION pg_temp.participant(number integer DEFAULT 9, trial integer DEFAULT 1) RETURNS void LANGUAGE sql AS $$
    INSERT INTO rctd.participant (trial_id, unit_id, protocol_version, registered_by)
    VALUES (('01000000-0000-7000-8000-00000000000' || trial)::uuid,
            ('0d000000-0000-7000-8000-00000000000' || number)::uuid, 1, '0a000000-0000-7000-8000-000000000002')
$$;
CREATE FUNCTION pg_temp.employ(workplace integer, from_on date, to_on date DEFAULT NULL, trial integer DEFAULT 1) RETURNS void
    LANGUAGE sql AS $$
    INSERT INTO rctd.employment (trial_id, unit_id, from_on, to_on, workplace_id)
    VALUES (('01000000-0000-7000-8000-00000000000' || trial)::uuid, '0d000000-0000-7000-8000-000000000009', from_on, to_on,
            ('0d000000-0000-7000-8000-00000000000' || workplace)::uuid)
$$;

-- Codes: every single wrong character and every swap of neighbours is refused (rctd/trial/code.h).
CREATE TEMP TABLE wrong AS
SELECT overlay('PK7H3WAT' PLACING c FROM place FOR 1) AS code
  FROM generate_series(2, 8) place, regexp_split_to_table('23456789ACEFHJKMPQRTWXY', '') c
 UNION
SELECT overlay('PK7H3WAT' PLACING substr('PK7H3WAT', place + 1, 1) || substr('PK7H3WAT', place, 1) FROM place FOR 2)
  FROM generate_series(2, 7) place;
CREATE FUNCTION pg_temp.takes(in_code text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_temp.unit(in_code);
    RAISE EXCEPTION USING ERRCODE = 'RC999';
EXCEPTION
    WHEN SQLSTATE 'RC999' THEN RETURN true;
    WHEN check_violation THEN RETURN false;
END
$$;
SELECT cmp_ok((SELECT count(*) FROM wrong), '>', 150::bigint, 'there are many ways to mistype a code');
SELECT results_eq('SELECT code FROM wrong WHERE pg_temp.takes(code)', ARRAY['PK7H3WAT'], 'and none is taken but the right one');
SELECT ok(NOT pg_temp.takes(code), format('%s is no code of a participant', code))
  FROM unnest(ARRAY['W0009', 'P0001', 'P222222', 'P22222233', 'Q2222223']) code;
SELECT throws_ok($$SELECT pg_temp.unit('P2222223', 'workplace')$$, '23514', NULL, 'nor may a workplace have one');

-- A participant is where the workplace is.
SELECT lives_ok($$SELECT pg_temp.unit('P2222223', in_attributes => '{"born": "elsewhere"}')$$, 'a unit is registered');
SELECT throws_ok($$SELECT pg_temp.participant(1)$$, 'RC001', 'That unit is no participant', 'a workplace has no side of a participant');
SELECT lives_ok($$SELECT pg_temp.participant()$$, 'a participant is registered');
SELECT lives_ok($$SELECT pg_temp.employ(1, '2020-01-01')$$, 'and works somewhere');
SELECT is((SELECT (county, site)::text FROM rctd.unit WHERE code = 'P2222223'), '("county 1","site 1")', 'the place is the workplace''s');
SELECT throws_ok($$SELECT pg_temp.employ(2, '2021-01-01')$$, '23P01', NULL, 'nobody is in two workplaces at once');
SELECT throws_ok($$UPDATE rctd.employment SET workplace_id = '0d000000-0000-7000-8000-000000000002'$$, 'RC001',
    'They cannot be put into another workplace: they belong to its people since it was allocated or its roster locked',
    'an employment is not moved');
SELECT throws_ok($$DELETE FROM rctd.employment$$, 'RC001', 'An employment is ended once, and stays', 'nor taken away');
SELECT lives_ok($$UPDATE rctd.employment SET to_on = '2020-12-31'$$, 'it ends');
SELECT throws_ok($$UPDATE rctd.employment SET to_on = NULL$$, 'RC001', NULL, 'once');
SELECT lives_ok($$SELECT pg_temp.employ(2, '2021-01-01')$$, 'then another begins');
SELECT is((SELECT (county, site)::text FROM rctd.unit WHERE code = 'P2222223'), '("county 2","site 2")', 'and the place goes along');
SELECT is((SELECT (workplace, employed_from, employed_to)::text FROM rctd.participant_card), '(W0002,2021-01-01,)', 'the card shows the last');

-- The workplace is of the same trial.
INSERT INTO rctd.protocol_version (trial_id, version, document, sha256, created_by)
VALUES ('01000000-0000-7000-8000-000000000002', 1, 'x', sha256('x'), 'mats');
UPDATE rctd.protocol_version SET state = 'locked', locked_at = now(), locked_by = '0a000000-0000-7000-8000-000000000003'
 WHERE trial_id = '01000000-0000-7000-8000-000000000002';
SELECT pg_temp.unit('P2222223', trial => 2) \g /dev/null
SELECT pg_temp.participant(trial => 2) \g /dev/null
SELECT throws_ok($$SELECT pg_temp.employ(1, '2020-01-01', trial => 2)$$, '23503', NULL, 'nobody works in another trial''s workplace');

-- Flags.
CREATE FUNCTION pg_temp.freeze(number integer, in_flag text, at timestamptz) RETURNS void LANGUAGE sql AS $$
    INSERT INTO rctd.unit_flag (trial_id, unit_id, flag, raised, rule, protocol_version, frozen_at)
    VALUES ('01000000-0000-7000-8000-000000000001', ('0d000000-0000-7000-8000-00000000000' || number)::uuid, in_flag, true,
            'born = elsewhere', 1, at)
$$;
SELECT lives_ok($$SELECT pg_temp.freeze(9, 'under_represented', now())$$, 'a flag is frozen before allocation');
SELECT throws_ok($$SELECT pg_temp.freeze(1, 'late', now() + interval '1 second')$$, 'RC001', 'Flags are frozen before allocation', 'none after it');

-- The trail.
SELECT is_empty($$SELECT new FROM rctd.audit WHERE stream = 'unit:0d000000-0000-7000-8000-000000000009'
    AND (new LIKE '%elsewhere"}%' OR old LIKE '%elsewhere"}%' OR new LIKE '%"raised": true%')$$,
    'what tells of the person stands in the trail as digests');
SELECT ok(EXISTS (SELECT FROM rctd.audit WHERE object_kind = 'unit' AND new::jsonb -> 'attributes' ->> 'county' = 'county 1'),
    'a workplace''s attributes stand there in full');
SELECT is((SELECT count(*) FROM rctd.unit u WHERE rctd.record_image('unit', to_jsonb(u))::jsonb <>
        (SELECT a.new::jsonb FROM rctd.audit a WHERE a.stream = 'unit:' || u.unit_id AND a.object_kind = 'unit'
            AND a.trial_id = u.trial_id ORDER BY a.sequence DESC LIMIT 1)), 0::bigint, 'and what is stored is what the trail says');

SELECT * FROM finish();
ROLLBACK;
