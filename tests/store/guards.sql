-- guards.sql: what the database itself refuses to whoever acts in the daemon's roles, should a handler be
-- wrong or a connection stolen.
BEGIN;
\ir fixture.psql
SELECT plan(9);

CREATE FUNCTION pg_temp.act(role text, statement text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    touched bigint;
BEGIN
    EXECUTE format('SET LOCAL ROLE %I', role);
    EXECUTE statement;
    GET DIAGNOSTICS touched = ROW_COUNT;
    RESET ROLE;
    RETURN touched;
END
$$;

-- Who has withdrawn is not allocated.
SELECT is(pg_temp.act('rctd_app', $$UPDATE rctd.unit SET state = 'allocated' WHERE code = 'W0002'$$), 1::bigint, 'a unit goes on');
SELECT is(pg_temp.act('rctd_app', $$UPDATE rctd.unit SET state = 'withdrawn' WHERE code = 'W0002'$$), 1::bigint, 'and withdraws');
SELECT throws_ok($$SELECT pg_temp.allocate(2, 'rct', 1, 'left')$$, 'RC001', 'Who has withdrawn is not allocated',
    'a unit that has withdrawn is not allocated');

-- A scheme that an amendment left out allocates nobody.
SELECT is(pg_temp.act('rctd_manager', $$UPDATE rctd.scheme SET retired = true WHERE scheme = 'rct'$$), 1::bigint, 'a scheme is left out');
SELECT throws_ok($$SELECT pg_temp.allocate(3, 'rct', 1, 'left')$$, 'RC001',
    'Allocation needs an open trial, an open phase and a scheme that is in force', 'it allocates nobody');

-- A phase moves alone: allocations take this lock too, shared.
SELECT is(pg_temp.act('rctd_manager', $$UPDATE rctd.phase SET state = 'closed' WHERE phase = 'rct'$$), 1::bigint, 'a phase closes');
SELECT ok(EXISTS (SELECT FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory' AND mode = 'ExclusiveLock'),
    'a phase is moved under the trial''s lock');

-- The answer of an allocation stays as long as the trial; others go when their time is over.
INSERT INTO rctd.idempotency (trial_id, key, account_id, request, status, answer, restricted, expires_at)
VALUES ('01000000-0000-7000-8000-000000000001', 'past', '0a000000-0000-7000-8000-000000000002', sha256('x'), 200, '{}', false,
        now() - interval '1 day'),
       ('01000000-0000-7000-8000-000000000001', 'later', '0a000000-0000-7000-8000-000000000002', sha256('x'), 200, '{}', false,
        now() + interval '1 day');
SELECT is(pg_temp.act('rctd_app', 'DELETE FROM rctd.idempotency'), 1::bigint, 'answers are not deleted before their time');
SELECT results_eq('SELECT key FROM rctd.idempotency ORDER BY key', ARRAY['arm', 'later', 'open'], 'and an allocation''s never');

SELECT * FROM finish();
ROLLBACK;
