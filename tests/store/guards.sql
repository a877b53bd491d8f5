-- guards.sql: what the database itself refuses to whoever acts in the daemon's roles, should a handler be
-- wrong or a connection stolen.
BEGIN;
\ir fixture.psql
SELECT plan(17);

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

-- What only administrators and coordinators do, nobody else's request does by a mistake of its route.
CREATE FUNCTION pg_temp.tries(role text, actor_role text, statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('rctd.actor_role', actor_role, true);
    PERFORM pg_temp.act(role, statement);
    RETURN 'done';
EXCEPTION WHEN insufficient_privilege THEN
    RETURN 'refused';
END
$$;
SELECT is(pg_temp.tries('rctd_blinded', role, $$INSERT INTO rctd.role_grant (trial_id, grant_id, account_id, role, reason)
    VALUES ('01000000-0000-7000-8000-000000000002', gen_random_uuid(), '0a000000-0000-7000-8000-000000000003', 'researcher', 'x')$$), said,
    format('a %s who gives a role: %s', role, said)) FROM (VALUES ('researcher', 'refused'), ('administrator', 'done')) v (role, said);
SELECT is(pg_temp.tries('rctd_blinded', 'researcher', statement), 'refused', 'a researcher''s request: ' || statement)
  FROM unnest(ARRAY['UPDATE rctd.role_grant SET revoked_at = now()', 'UPDATE rctd.account SET disabled_at = now()',
       $$INSERT INTO rctd.token (token_id, account_id, name, hash, expires_at) SELECT gen_random_uuid(), account_id, 'mine', sha256('x'),
         now() + interval '1 day' FROM rctd.account WHERE name = 'root'$$,
       $$INSERT INTO rctd.trial (trial_id, name, title) VALUES (gen_random_uuid(), 'mine', 'Mine')$$]) statement;
SELECT is(pg_temp.tries('rctd_app', role, $$INSERT INTO rctd.allocation (trial_id, allocation_id, scheme, stratum, position, unit_id, arm, phase,
        protocol_version, method, decision, allocated_at, allocated_by, idempotency_key)
    SELECT trial_id, gen_random_uuid(), scheme, stratum, 2, '0d000000-0000-7000-8000-000000000003', arm, phase, protocol_version, method,
           decision, now(), allocated_by, 'x' FROM rctd.allocation$$), said, format('a %s who allocates: %s', role, said))
  FROM (VALUES ('auditor', 'refused'), ('coordinator', 'done')) v (role, said);

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
