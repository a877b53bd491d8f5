-- screening.sql: what the screening log takes and refuses, whoever writes; everybody stands in one box.
BEGIN;
\ir fixture.psql
SELECT plan(25);

CREATE FUNCTION pg_temp.add(
    in_unit uuid, in_state text, in_reason text DEFAULT NULL, in_people integer DEFAULT 1, in_number integer DEFAULT NULL,
    in_correction text DEFAULT NULL, in_linked uuid DEFAULT NULL, in_role text DEFAULT 'coordinator', in_on date DEFAULT NULL,
    in_kind text DEFAULT 'participant'
) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    made uuid;
BEGIN
    PERFORM set_config('rctd.account', '0a000000-0000-7000-8000-000000000002', true),
            set_config('rctd.actor_role', in_role, true);
    SET LOCAL ROLE rctd_app;
    made := rctd.screening_add('01000000-0000-7000-8000-000000000001', in_kind, in_unit,
        CASE WHEN in_unit IS NULL AND in_number IS NULL AND in_kind = 'participant' THEN '0d000000-0000-7000-8000-000000000002'::uuid END,
        NULL, in_people, in_number, in_state, in_reason, in_correction, 'hand', in_on, in_linked);
    RESET ROLE;
    RETURN made;
END
$$;
CREATE FUNCTION pg_temp.box(in_state text, in_kind text DEFAULT 'participant') RETURNS bigint LANGUAGE sql AS $$
    SELECT coalesce(sum(people), 0)::bigint FROM rctd.screening_card
     WHERE trial_id = '01000000-0000-7000-8000-000000000001' AND kind = in_kind AND state = in_state
$$;

-- Units without an entry are in the log too.
SELECT is(pg_temp.box('enrolled', 'workplace'), 1::bigint, 'who is randomised is enrolled without an entry');
SELECT is(pg_temp.box('approached', 'workplace'), 2::bigint, 'who is registered is approached without one');

SELECT lives_ok($$SELECT pg_temp.add(NULL, 'not-approached', 'on-leave', 12)$$, 'a count of people');
SELECT is(pg_temp.box('not-approached'), 12::bigint, 'counts them all');
SELECT lives_ok($$SELECT pg_temp.add(NULL, 'approached')$$, 'one person');
SELECT is((SELECT array_agg(number ORDER BY number) FROM rctd.screening_entry WHERE number IS NOT NULL), ARRAY[1, 2],
    'anonymous entries have numbers');
SELECT throws_ok($$SELECT pg_temp.add(NULL, 'declined')$$, '23514', NULL, 'an exclusion has a reason');
SELECT throws_ok($$SELECT pg_temp.add(NULL, 'approached', 'no-time')$$, '23514', NULL, 'and nothing else has one');
SELECT throws_ok($$SELECT pg_temp.add(NULL, 'enrolled')$$, '23514', NULL, 'who is enrolled is registered');
SELECT throws_ok($$SELECT pg_temp.add(NULL, 'approached', NULL, 3, NULL, NULL, NULL, 'coordinator', NULL, 'workplace')$$, '23514', NULL,
    'a workplace is one');
SELECT throws_ok($$SELECT pg_temp.add(NULL, 'approached', in_on => current_date + 2)$$, 'RC001',
    'Nothing is written down before it happens', 'nothing lies in the future');

-- Forward, and back with a reason.
SELECT lives_ok($$SELECT pg_temp.add(NULL, 'declined', 'no-time', in_number => 2)$$, 'approached goes on to declined');
SELECT throws_ok($$SELECT pg_temp.add(NULL, 'approached', in_number => 2)$$, 'RC001', NULL, 'and not back');
SELECT lives_ok($$SELECT pg_temp.add(NULL, 'approached', in_number => 2, in_correction => 'Somebody else')$$, 'but as a correction');
SELECT throws_ok($$SELECT pg_temp.add(NULL, 'void', in_number => 2)$$, 'RC001', NULL, 'nothing is taken out without a reason');
SELECT lives_ok($$SELECT pg_temp.add(NULL, 'void', in_number => 2, in_correction => 'Entered twice')$$, 'with one it is');
SELECT throws_ok($$SELECT pg_temp.add(NULL, 'approached', in_number => 2, in_correction => 'After all')$$, 'RC001', NULL,
    'and stays out');
SELECT throws_ok($$SELECT pg_temp.add(NULL, 'linked', in_number => 1, in_linked => '0d000000-0000-7000-8000-000000000002')$$, 'RC001', NULL,
    'people are not linked to a workplace');

-- Who is randomised stays enrolled, whatever their entry said before.
SELECT lives_ok($$SELECT pg_temp.add('0d000000-0000-7000-8000-000000000003', 'declined', 'no-time', in_kind => 'workplace')$$,
    'a workplace declines');
SELECT pg_temp.allocate(3, 'feasibility', 2, 'right') \g /dev/null
SELECT is(pg_temp.box('enrolled', 'workplace'), 2::bigint, 'randomised after all, it is enrolled');
SELECT throws_ok($$SELECT pg_temp.add('0d000000-0000-7000-8000-000000000003', 'ineligible', 'staff', in_correction => 'Found out later',
    in_kind => 'workplace')$$, 'RC001', 'Who is randomised stays enrolled; what is found out later is a deviation or a withdrawal',
    'and stays so, also by a correction');

-- Nobody writes past it.
SELECT throws_ok($$SELECT pg_temp.add(NULL, 'approached', in_role => 'researcher')$$, '42501', NULL, 'only coordinators write');
SELECT throws_ok('DELETE FROM rctd.screening_event', 'RC001', NULL, 'an event stays');
SET LOCAL ROLE rctd_app;
SELECT throws_ok($$UPDATE rctd.screening_entry SET people = 1$$, '42501', NULL, 'no role changes an entry');
SELECT throws_ok($$INSERT INTO rctd.screening_event (trial_id, entry_id, ordinal, state, source, happened_on, recorded_at)
    SELECT trial_id, entry_id, 9, 'approached', 'hand', current_date, now() FROM rctd.screening_entry$$, '42501', NULL,
    'or adds an event of its own');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
