-- reveal.sql: what the database itself holds about the end of a scheme and the reveal of its seed: no
-- allocation comes after it, two people in two roles make it, and nobody reads the seed before.
BEGIN;
\ir fixture.psql
SELECT plan(52);

INSERT INTO rctd.account (account_id, name, display) VALUES
    ('0a000000-0000-7000-8000-000000000004', 'sten', 'Sten'), ('0a000000-0000-7000-8000-000000000005', 'audun', 'Audun');
INSERT INTO rctd.role_grant (trial_id, grant_id, account_id, role, reason) VALUES
    ('01000000-0000-7000-8000-000000000001', '0b000000-0000-7000-8000-000000000004',
     '0a000000-0000-7000-8000-000000000004', 'statistician', 'Analyses'),
    ('00000000-0000-0000-0000-000000000000', '0b000000-0000-7000-8000-000000000005',
     '0a000000-0000-7000-8000-000000000005', 'auditor', 'Reads everything'),
    ('01000000-0000-7000-8000-000000000001', '0b000000-0000-7000-8000-000000000006',
     '0a000000-0000-7000-8000-000000000003', 'statistician', 'Both');

-- A statement as the daemon runs it for an account in a role: 'done', or why not.
CREATE FUNCTION pg_temp.act(db_role text, account text, actor_role text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    account_id uuid := (SELECT a.account_id FROM rctd.account a WHERE a.name = account);
BEGIN
    PERFORM set_config('rctd.account', account_id::text, true), set_config('rctd.actor_role', actor_role, true),
            set_config('rctd.actor', account, true);
    EXECUTE format('SET LOCAL ROLE %I', db_role);
    EXECUTE statement USING account_id;
    RESET ROLE;
    RETURN 'done';
EXCEPTION WHEN insufficient_privilege OR unique_violation OR foreign_key_violation OR check_violation OR SQLSTATE 'RC001' THEN
    RETURN SQLSTATE || ' ' || SQLERRM;
END
$$;
CREATE FUNCTION pg_temp.closes(scheme text, account text, db_role text DEFAULT 'rctd_manager', actor_role text DEFAULT 'trial-manager') RETURNS text
LANGUAGE sql AS $$
    SELECT pg_temp.act(db_role, account, actor_role, format($f$INSERT INTO rctd.scheme_closing
        VALUES ('01000000-0000-7000-8000-000000000001', %L, now(), $1, 'Enough')$f$, scheme))
$$;
CREATE FUNCTION pg_temp.approves(scheme text, account text, as_role text, db_role text, version integer DEFAULT 1, actor_role text DEFAULT NULL)
RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act(db_role, account, coalesce(actor_role, as_role), format($f$INSERT INTO rctd.seed_reveal
        VALUES ('01000000-0000-7000-8000-000000000001', %L, %L, $1, %s, now(), 'Verify')$f$, scheme, as_role, version))
$$;
CREATE FUNCTION pg_temp.looks(scheme text, account text, actor_role text, db_role text DEFAULT 'rctd_app') RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act(db_role, account, actor_role, format($f$INSERT INTO rctd.seed_read
        VALUES ('01000000-0000-7000-8000-000000000001', gen_random_uuid(), %L, 1, $1, now())$f$, scheme))
$$;

-- Closing.
SELECT matches(pg_temp.approves('rct', 'mats', 'trial-manager', 'rctd_manager'), 'RC001 The seed of a scheme is revealed when',
    'nothing is revealed that can still allocate');
SELECT matches(pg_temp.closes('rct', 'sten', 'rctd_app', 'statistician'), '^42501', 'a statistician closes no scheme');
SELECT matches(pg_temp.closes('rct', 'anna'), '^42501 It takes the role', 'nor does who only says to be a trial manager');
SELECT matches(pg_temp.act('rctd_manager', 'mats', 'trial-manager', $$INSERT INTO rctd.scheme_closing
    VALUES ('01000000-0000-7000-8000-000000000001', 'rct', now(), '0a000000-0000-7000-8000-000000000004', 'x')$$), '^42501 Nobody signs',
    'nobody closes in another''s name');
SELECT matches(pg_temp.closes('later', 'mats'), '^RC001 A scheme is closed when', 'a scheme whose phase was never open is not closed');
SELECT is(pg_temp.closes('feasibility', 'mats'), 'done', 'a trial manager closes a scheme');
SELECT matches(pg_temp.closes('feasibility', 'mats'), '^23505', 'once');
SELECT throws_ok($$SELECT pg_temp.allocate(2, 'feasibility', 2, 'left')$$, 'RC001', 'The scheme feasibility is closed for good',
    'nobody is allocated in a closed scheme');
SELECT lives_ok($$SELECT pg_temp.allocate(2, 'rct', 1, 'left')$$, 'another scheme goes on');
SELECT throws_ok($$UPDATE rctd.scheme_closing SET reason = 'x'$$, 'RC001', NULL, 'a closing stays');
SELECT ok(EXISTS (SELECT FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory' AND mode = 'ExclusiveLock'),
    'a scheme is closed under the trial''s lock, which allocations share');

-- Approving.
SELECT matches(pg_temp.approves('feasibility', 'sten', 'trial-manager', 'rctd_manager'), '^42501 It takes the role',
    'a statistician does not approve as trial manager');
SELECT matches(pg_temp.approves('feasibility', 'sten', 'trial-manager', 'rctd_app', 1, 'statistician'), '^42501 Nobody signs',
    'nor in a role that is not the request''s');
SELECT matches(pg_temp.approves('feasibility', 'audun', 'auditor', 'rctd_app'), '^23514', 'an auditor''s approval is none');
SELECT matches(pg_temp.approves('feasibility', 'anna', 'statistician', 'rctd_app'), '^42501', 'a coordinator approves nothing');
SELECT matches(pg_temp.approves('feasibility', 'mats', 'trial-manager', 'rctd_blinded'), '^42501', 'a blinded request approves nothing');
SELECT matches(pg_temp.approves('feasibility', 'mats', 'trial-manager', 'rctd_manager', 2), '^RC001', 'a seed that the scheme does not have is not revealed');
SELECT matches(pg_temp.looks('feasibility', 'sten', 'statistician'), '^RC001 A seed is read when', 'nobody reads a seed before it is revealed');
SELECT is(pg_temp.approves('feasibility', 'mats', 'trial-manager', 'rctd_manager'), 'done', 'a trial manager approves');
SELECT matches(pg_temp.approves('feasibility', 'mats', 'statistician', 'rctd_app'), '^23505.*seed_reveal_two_people',
    'who holds both roles does not approve twice');
UPDATE rctd.account SET name = 'mats-2', display = 'Somebody else' WHERE name = 'mats';
SELECT matches(pg_temp.approves('feasibility', 'mats-2', 'statistician', 'rctd_app'), '^23505.*seed_reveal_two_people', 'nor under a new name');
UPDATE rctd.account SET name = 'mats', display = 'Mats' WHERE name = 'mats-2';
SELECT matches(pg_temp.looks('feasibility', 'sten', 'statistician'), '^RC001', 'one approval reveals nothing');
SELECT matches(pg_temp.act('rctd_app', 'sten', 'statistician', $$INSERT INTO rctd.seed_reveal
    VALUES ('01000000-0000-7000-8000-000000000001', 'feasibility', 'statistician', '0a000000-0000-7000-8000-000000000003', 1, now(), 'x')$$),
    '^42501 Nobody signs', 'nobody approves in another''s name');

-- A role or an account that was taken away.
CREATE FUNCTION pg_temp.without(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    said text;
BEGIN
    EXECUTE statement;
    said := pg_temp.approves('feasibility', 'sten', 'statistician', 'rctd_app');
    RAISE EXCEPTION USING ERRCODE = 'ZZ000', MESSAGE = said;
EXCEPTION WHEN SQLSTATE 'ZZ000' THEN
    RETURN SQLERRM;
END
$$;
SELECT matches(pg_temp.without($$UPDATE rctd.role_grant SET revoked_at = now() WHERE grant_id = '0b000000-0000-7000-8000-000000000004'$$),
    '^42501 It takes the role', 'a role that was taken back approves nothing');
SELECT matches(pg_temp.without($$UPDATE rctd.account SET disabled_at = now() WHERE name = 'sten'$$), '^42501', 'nor does a disabled account');
SELECT is(pg_temp.without('SELECT'), 'done', 'a statistician who has the role does');
-- A half whose giver has lost the role since does not stand.
INSERT INTO rctd.account (account_id, name, display) VALUES ('0a000000-0000-7000-8000-000000000007', 'mona', 'Mona');
INSERT INTO rctd.role_grant (trial_id, grant_id, account_id, role, reason) VALUES
    ('01000000-0000-7000-8000-000000000001', '0b000000-0000-7000-8000-000000000007',
     '0a000000-0000-7000-8000-000000000007', 'trial-manager', 'Follows Mats');
SELECT matches(pg_temp.approves('feasibility', 'mona', 'trial-manager', 'rctd_manager'), '^23505.*approved in this role already',
    'a half is given once while it stands');
SELECT matches(pg_temp.without($$UPDATE rctd.role_grant SET revoked_at = now()
     WHERE role = 'trial-manager' AND account_id = '0a000000-0000-7000-8000-000000000003'$$), '^RC001 Who approved before',
    'the other half does not complete one whose giver lost the role');
SELECT matches(pg_temp.without($$UPDATE rctd.account SET disabled_at = now() WHERE name = 'mats'$$), '^RC001 Who approved before',
    'or the account');
SAVEPOINT before_mona;
UPDATE rctd.role_grant SET revoked_at = now() WHERE role = 'trial-manager' AND account_id = '0a000000-0000-7000-8000-000000000003';
SELECT is(pg_temp.approves('feasibility', 'mona', 'trial-manager', 'rctd_manager'), 'done', 'somebody else gives that half anew');
SELECT matches(pg_temp.looks('feasibility', 'sten', 'statistician'), '^RC001', 'which alone reveals nothing, twice given as it is');
SELECT is(pg_temp.approves('feasibility', 'sten', 'statistician', 'rctd_app'), 'done', 'then the other half completes it');
UPDATE rctd.role_grant SET revoked_at = now() WHERE role IN ('trial-manager', 'statistician') AND revoked_at IS NULL
    AND account_id IN ('0a000000-0000-7000-8000-000000000007');
SELECT is(pg_temp.looks('feasibility', 'sten', 'statistician'), 'done', 'what was revealed stays so');
INSERT INTO rctd.role_grant (trial_id, grant_id, account_id, role, reason) VALUES
    ('01000000-0000-7000-8000-000000000001', '0b000000-0000-7000-8000-000000000008',
     '0a000000-0000-7000-8000-000000000005', 'trial-manager', 'Follows Mona');
SELECT matches(pg_temp.approves('feasibility', 'audun', 'trial-manager', 'rctd_manager'), '^23505', 'and is approved no further');
ROLLBACK TO before_mona;
SELECT matches(pg_temp.approves('feasibility', 'mona', 'statistician', 'rctd_app'), '^42501', 'who follows in one role approves in no other');
SELECT is(pg_temp.approves('feasibility', 'sten', 'statistician', 'rctd_app'), 'done', 'a second person approves as statistician');
SELECT matches(pg_temp.approves('feasibility', 'sten', 'statistician', 'rctd_app'), '^23505', 'once');

-- Reading.
SELECT is(pg_temp.looks('feasibility', 'sten', 'statistician'), 'done', 'then a statistician reads the seed');
SELECT is(pg_temp.looks('feasibility', 'audun', 'auditor'), 'done', 'and so does an auditor of the instance');
SELECT matches(pg_temp.looks('feasibility', 'mats', 'trial-manager'), '^42501', 'a trial manager does not');
SELECT matches(pg_temp.looks('feasibility', 'mats', 'trial-manager', 'rctd_manager'), '^42501', 'in no role of the database');
SELECT matches(pg_temp.looks('feasibility', 'anna', 'coordinator'), '^42501', 'nor does who enrols');
SELECT matches(pg_temp.looks('rct', 'sten', 'statistician'), '^RC001', 'the seed of another scheme stays sealed');
SELECT results_eq($$SELECT object_kind COLLATE "default", count(*) FROM rctd.audit
      WHERE object_kind IN ('scheme-closing', 'seed-reveal', 'seed-read') GROUP BY 1 ORDER BY 1$$,
    $$VALUES ('scheme-closing', 1::bigint), ('seed-read', 2), ('seed-reveal', 2)$$, 'closing, approvals and looks are in the trail');

-- A closed phase closes its schemes; a reveal that was begun keeps them closed.
UPDATE rctd.phase SET state = 'closed' WHERE phase = 'rct';
SELECT is(pg_temp.approves('rct', 'sten', 'statistician', 'rctd_app'), 'done', 'a seed is revealed when its phase is closed');
SELECT matches(pg_temp.looks('rct', 'sten', 'statistician'), '^RC001', 'by two');
SELECT throws_ok($$UPDATE rctd.scheme SET phase = 'later' WHERE scheme = 'rct'$$, 'RC001', NULL, 'its scheme moves to no open phase');
UPDATE rctd.phase SET state = 'open' WHERE phase = 'later';
SELECT is(pg_temp.closes('later', 'mats'), 'done', 'a scheme that was never used is closed too');
SELECT throws_ok($$UPDATE rctd.scheme SET phase = 'rct' WHERE scheme = 'later'$$, 'RC001',
    'The scheme later is closed: its phase and its seed stay', 'and does not come back in another phase');
SELECT throws_ok($$SELECT pg_temp.allocate(3, 'later', 1, 'left')$$, 'RC001', 'The scheme later is closed for good', 'it allocates nobody');

-- What was sealed once is no other scheme's seed.
SELECT throws_ok($$INSERT INTO rctd.scheme_seed (trial_id, scheme, version, label, commitment, sealed, key_id)
    SELECT s.trial_id, 'rct.more', 1, 'one/rct.more', sha256('more'), s.sealed, s.key_id FROM rctd.scheme_seed s WHERE s.scheme = 'rct'$$,
    '23505', NULL, 'a revealed seed is not given to a scheme that still allocates');
SELECT throws_ok($$TRUNCATE rctd.seed_reveal$$, 'RC001', NULL, 'approvals are not taken away');

SELECT * FROM finish();
ROLLBACK;
