-- signature.sql: what has to be signed is not done unsigned, by whatever statement; and nobody reads a hash or
-- signs for somebody else.
BEGIN;
\ir fixture.psql
SELECT plan(29);

-- Acts as the daemon does for an account in a role.
CREATE FUNCTION pg_temp.act(account integer, in_role text, db_role text, statement text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    touched bigint;
BEGIN
    PERFORM set_config('rctd.account', '0a000000-0000-7000-8000-00000000000' || account, true),
            set_config('rctd.actor_role', in_role, true), set_config('rctd.request', 'request', true);
    EXECUTE format('SET LOCAL ROLE %I', db_role);
    EXECUTE statement;
    GET DIAGNOSTICS touched = ROW_COUNT;
    RESET ROLE;
    RETURN touched;
END
$$;
CREATE FUNCTION pg_temp.sign(account integer, in_role text, action text, object text, over text) RETURNS bigint LANGUAGE sql AS $$
    SELECT pg_temp.act(account, in_role, 'rctd_manager', format($f$INSERT INTO rctd.signature
        (trial_id, signature_id, account_id, role, action, object, sha256, meaning)
        VALUES ('01000000-0000-7000-8000-000000000001', gen_random_uuid(), '0a000000-0000-7000-8000-00000000000%s',
            %L, %L, %L, sha256(%L), 'approval')$f$, account, in_role, action, object, over))
$$;
CREATE FUNCTION pg_temp.lock() RETURNS bigint LANGUAGE sql AS $$
    SELECT pg_temp.act(3, 'trial-manager', 'rctd_manager', $f$UPDATE rctd.protocol_version SET state = 'locked',
        locked_at = now(), locked_by = '0a000000-0000-7000-8000-000000000003' WHERE state = 'draft'$f$)
$$;
CREATE FUNCTION pg_temp.draft(version integer, wants text) RETURNS bigint LANGUAGE sql AS $$
    SELECT pg_temp.act(3, 'trial-manager', 'rctd_manager', format($f$INSERT INTO rctd.protocol_version
        (trial_id, version, document, sha256, reason, created_by, signatures)
        VALUES ('01000000-0000-7000-8000-000000000001', %s, 'draft %s', sha256('draft %s'), 'why', 'mats', %L)$f$,
        version, version, version, wants))
$$;

SELECT is(pg_temp.draft(2, '["lock", "reveal"]'), 1::bigint, 'a draft that wants signatures');
SELECT throws_ok('SELECT pg_temp.lock()', 'RC001', 'The protocol wants this signed: with the password, and what the signature means',
    'it is not locked unsigned');
SELECT throws_ok($$SELECT pg_temp.sign(3, 'trial-manager', 'lock', 'protocol/2', 'draft 2')$$, 'RC001',
    'Who has no password cannot sign', 'who has no password cannot sign');
CREATE FUNCTION pg_temp.put(hash text, code text) RETURNS bigint LANGUAGE sql AS $$
    SELECT pg_temp.act(3, 'trial-manager', 'rctd_blinded', format('SELECT rctd.password_put(%L, sha256(%L), false, ''x'')', hash, code))
$$;
SELECT throws_ok($$SELECT pg_temp.put('$argon2id$one', 'a code')$$, 'RC001', NULL, 'a first password takes a code');
SELECT throws_ok($$SELECT pg_temp.act(3, 'trial-manager', 'rctd_blinded',
    'SELECT rctd.password_code_put(''0a000000-0000-7000-8000-000000000003'', sha256(''a code''))')$$, '42501', NULL, 'of an administrator');
SELECT throws_ok($$SELECT pg_temp.act(3, 'administrator', 'rctd_blinded',
    'SELECT rctd.password_code_put(''0a000000-0000-7000-8000-000000000003'', sha256(''a code''))')$$, '23514', NULL, 'who is another');
SELECT lives_ok($$SELECT pg_temp.act(1, 'administrator', 'rctd_blinded',
    'SELECT rctd.password_code_put(''0a000000-0000-7000-8000-000000000003'', sha256(''a code''))')$$, 'and makes one');
SELECT throws_ok($$SELECT pg_temp.put('$argon2id$one', 'another code')$$, 'RC001', NULL, 'and this one');
SELECT throws_ok($$SELECT pg_temp.put('plain text', 'a code')$$,
    '23514', NULL, 'what is no hash of Argon2id is not kept');
SELECT lives_ok($$SELECT pg_temp.put('$argon2id$one', 'a code')$$,
    'a password is set by its owner');
SELECT is((SELECT hash FROM rctd.account_password WHERE account_id = '0a000000-0000-7000-8000-000000000003'), '$argon2id$one',
    'and is the own one');
SELECT is((SELECT new::jsonb - 'set_at' FROM rctd.audit WHERE object_kind = 'password'),
    '{"account_id": "0a000000-0000-7000-8000-000000000003"}'::jsonb, 'the trail says that it was set, and never what it is');
SELECT throws_ok($$SELECT pg_temp.sign(3, 'statistician', 'lock', 'protocol/2', 'draft 2')$$, '42501', NULL,
    'nobody signs in a role not held');
SELECT throws_ok($$SELECT pg_temp.act(2, 'coordinator', 'rctd_app', $f$INSERT INTO rctd.signature
        (trial_id, signature_id, account_id, role, action, object, sha256, meaning)
        VALUES ('01000000-0000-7000-8000-000000000001', gen_random_uuid(), '0a000000-0000-7000-8000-000000000003',
            'trial-manager', 'lock', 'protocol/2', sha256('draft 2'), 'approval')$f$)$$, '42501', NULL,
    'nobody signs for somebody else');
SELECT throws_ok($$SELECT pg_temp.act(3, 'trial-manager', 'rctd_manager', $f$INSERT INTO rctd.signature
        (trial_id, signature_id, account_id, role, action, object, sha256, meaning, signed_at)
        VALUES ('01000000-0000-7000-8000-000000000001', gen_random_uuid(), '0a000000-0000-7000-8000-000000000003',
            'trial-manager', 'lock', 'protocol/2', sha256('draft 2'), 'approval', '2020-01-01')$f$)$$, '42501', NULL,
    'nobody says when it was signed');

SELECT is(pg_temp.sign(3, 'trial-manager', 'lock', 'protocol/2', 'another draft'), 1::bigint, 'a signature of another document');
SELECT throws_ok('SELECT pg_temp.lock()', 'RC001', NULL, 'does not lock this one');
SELECT is(pg_temp.sign(3, 'trial-manager', 'reveal', 'protocol/2', 'draft 2'), 1::bigint, 'a signature for something else');
SELECT throws_ok('SELECT pg_temp.lock()', 'RC001', NULL, 'does not either');
SELECT is(pg_temp.sign(3, 'trial-manager', 'lock', 'protocol/2', 'draft 2'), 1::bigint, 'signed as it is');
SET LOCAL session_replication_role = replica;
UPDATE rctd.signature SET made_in = '1' WHERE action = 'lock';
SET LOCAL session_replication_role = origin;
SELECT throws_ok('SELECT pg_temp.lock()', 'RC001', NULL, 'a signature of another transaction does not lock it');
SELECT is(pg_temp.sign(3, 'trial-manager', 'lock', 'protocol/2', 'draft 2'), 1::bigint, 'signed here and now');
SELECT is(pg_temp.lock(), 1::bigint, 'it is locked');

-- An amendment that leaves the rule out is signed, and a reveal by the version in force.
SELECT is(pg_temp.draft(3, '[]'), 1::bigint, 'an amendment that wants no signature');
SELECT throws_ok('SELECT pg_temp.lock()', 'RC001', NULL, 'is signed too, since the version in force wants it');
UPDATE rctd.phase SET state = 'closed' WHERE phase = 'rct';
SELECT throws_ok($$SELECT pg_temp.act(3, 'trial-manager', 'rctd_manager', $f$INSERT INTO rctd.seed_reveal
        (trial_id, scheme, role, account_id, seed_version, approved_at, reason)
        VALUES ('01000000-0000-7000-8000-000000000001', 'rct', 'trial-manager', '0a000000-0000-7000-8000-000000000003', 1,
            now(), 'why')$f$)$$, 'RC001', NULL, 'no seed is revealed unsigned');

-- Ledgers, and hashes that no role reads.
SELECT throws_ok('DELETE FROM rctd.signature', 'RC001', NULL, 'a signature stays');
SELECT throws_ok($$SELECT pg_temp.act(1, 'administrator', 'rctd_blinded', 'SELECT hash FROM rctd.account_password')$$, '42501', NULL,
    'no role reads the hashes');
SELECT throws_ok($$SELECT pg_temp.act(2, 'coordinator', 'rctd_blinded',
    'SELECT rctd.password_clear(''0a000000-0000-7000-8000-000000000003'')')$$, '42501', NULL,
    'only administrators take a password away');

SELECT * FROM finish();
ROLLBACK;
