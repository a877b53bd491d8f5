-- design.sql: what the ledger says of each decision, in the form of its method: levels for minimisation, whole
-- batches for constrained randomisation, a reason where nobody randomised; and units of a scheme's kind alone.
BEGIN;
\ir fixture.psql
SELECT plan(20);

INSERT INTO rctd.stratum VALUES ('01000000-0000-7000-8000-000000000001', 'rct', '');
INSERT INTO rctd.unit (trial_id, unit_id, kind, code, attributes)
SELECT '01000000-0000-7000-8000-000000000001', ('0d000000-0000-7000-8000-00000000000' || n)::uuid, 'workplace',
       'W000' || n, '{}' FROM generate_series(4, 8) n;
INSERT INTO rctd.unit (trial_id, unit_id, kind, code, attributes)
VALUES ('01000000-0000-7000-8000-000000000001', '0d000000-0000-7000-8000-000000000009', 'participant', 'P2222223', '{}');

-- An allocation by another method than blocks, in the scheme's one stratum.
CREATE FUNCTION pg_temp.decide(number integer, at_position bigint, by_method text, decision jsonb,
                               by_key text DEFAULT gen_random_uuid()::text, at timestamptz DEFAULT now(),
                               in_stratum text DEFAULT '') RETURNS void
    LANGUAGE sql
AS $$
    INSERT INTO rctd.allocation (trial_id, allocation_id, scheme, stratum, position, unit_id, arm, phase,
                                 protocol_version, method, decision, allocated_at, allocated_by, idempotency_key)
    VALUES ('01000000-0000-7000-8000-000000000001', gen_random_uuid(), 'rct', in_stratum, at_position,
            ('0d000000-0000-7000-8000-00000000000' || number)::uuid, 'left', 'rct', 1, by_method, decision, at,
            '0a000000-0000-7000-8000-000000000002', by_key)
$$;
CREATE FUNCTION pg_temp.levels(levels jsonb) RETURNS jsonb LANGUAGE sql AS $$SELECT jsonb_build_object('levels', levels)$$;

SELECT throws_ok($$SELECT pg_temp.decide(9, 1, 'simple', '{}')$$, 'RC001', 'A scheme takes units of its own kind',
    'a participant is not allocated in a scheme of workplaces');

-- Minimisation: the levels are what later decisions count.
SELECT throws_ok($$SELECT pg_temp.decide(4, 1, 'minimisation', '{"counts": {}}')$$, 'RC001',
    'The ledger says of each allocation what it was decided on, in the form of its method', 'a minimised allocation names levels');
SELECT throws_ok($$SELECT pg_temp.decide(4, 1, 'minimisation', pg_temp.levels('{}'))$$, 'RC001', NULL, 'and at least one');
SELECT throws_ok($$SELECT pg_temp.decide(4, 1, 'minimisation', pg_temp.levels('["public"]'))$$, 'RC001', NULL, 'by their factors'' names');
SELECT throws_ok($$SELECT pg_temp.decide(4, 1, 'minimisation', pg_temp.levels('{"sector": "public"}'), in_stratum => 'county=a')$$,
    'RC001', NULL, 'the whole scheme is one sequence');
SELECT throws_ok($$SELECT pg_temp.decide(4, 2, 'minimisation', pg_temp.levels('{"sector": "public"}'))$$, 'RC001',
    'An allocation takes the next position of its stratum', 'it starts at its first position');
SELECT lives_ok($$SELECT pg_temp.decide(4, 1, 'minimisation', pg_temp.levels('{"sector": "public"}'), 'one')$$, 'that is a minimised allocation');
SELECT throws_ok($$SELECT pg_temp.decide(5, 2, 'minimisation', pg_temp.levels('{"sector": "public"}'), 'one')$$, '23505', NULL,
    'its key is not used again');

-- Batches.
SELECT throws_ok($$SELECT pg_temp.decide(5, 2, 'constrained', '{"chosen": 1}')$$, 'RC001', NULL, 'a batch has a number');
SELECT throws_ok($$SELECT pg_temp.decide(5, 2, 'constrained', '{"batch": 2}')$$, 'RC001', NULL, 'the first is the first');
SELECT throws_ok($$SELECT pg_temp.decide(5, 2, 'constrained', '{"batch": "1"}')$$, 'RC001', NULL, 'a number is a number');
SELECT throws_ok($$SELECT pg_temp.decide(5, 2, 'constrained', '{"batch": 1}', 'one')$$, 'RC001', NULL,
    'the key of another allocation makes no batch');
SELECT lives_ok($$SELECT pg_temp.decide(5, 2, 'constrained', '{"batch": 1}', 'all'); $$, 'a batch begins');
SELECT lives_ok($$SELECT pg_temp.decide(6, 3, 'constrained', '{"batch": 1}', 'all'); $$, 'and goes on under its key');
SELECT throws_ok($$SELECT pg_temp.decide(7, 4, 'constrained', '{"batch": 1}', 'another')$$, 'RC001', NULL,
    'nobody is added to it under another key');
SELECT throws_ok($$SELECT pg_temp.decide(7, 4, 'constrained', '{"batch": 1}', 'all', now() + interval '1 s')$$, 'RC001', NULL,
    'nor later');
SELECT throws_ok($$SELECT pg_temp.decide(7, 4, 'constrained', '{"batch": 2}', 'all')$$, 'RC001', NULL,
    'the next batch has a key of its own');
SELECT lives_ok($$SELECT pg_temp.decide(7, 4, 'constrained', '{"batch": 2}', 'rest'); $$, 'the next batch is the next');

-- Who is not randomised.
SELECT throws_ok($$SELECT pg_temp.decide(8, 5, 'nonrandom-comparison', '{"reason": ""}')$$, 'RC001', NULL,
    'nobody enters a comparison without a reason');
SELECT pg_temp.decide(8, 5, 'nonrandom-comparison', '{"reason": "neighbours"}') \g /dev/null
SELECT results_eq($$SELECT method, randomised FROM rctd.allocation WHERE scheme = 'rct' GROUP BY 1, 2 ORDER BY 1$$,
    $$VALUES ('constrained', true), ('minimisation', true), ('nonrandom-comparison', false)$$,
    'who was randomised is told apart');

SELECT * FROM finish();
ROLLBACK;
