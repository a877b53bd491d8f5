-- accounts.sql: accounts, tokens and roles: what nobody may be at once, what stays revoked, and that an
-- administrator is left.
BEGIN;
\ir fixture.psql
SELECT plan(42);

CREATE FUNCTION pg_temp.grant_role(account text, in_role text, trial text DEFAULT 'one', in_county text DEFAULT NULL,
                                   in_reason text DEFAULT 'why') RETURNS void LANGUAGE sql AS $$
    INSERT INTO rctd.role_grant (trial_id, grant_id, account_id, role, county, reason)
    SELECT coalesce((SELECT t.trial_id FROM rctd.trial t WHERE t.name = trial), '00000000-0000-0000-0000-000000000000'),
           gen_random_uuid(), a.account_id, in_role, in_county, in_reason FROM rctd.account a WHERE a.name = account
$$;
CREATE FUNCTION pg_temp.revoke_role(account text, in_role text) RETURNS void LANGUAGE sql AS $$
    UPDATE rctd.role_grant g SET revoked_at = now() FROM rctd.account a
     WHERE a.name = account AND g.account_id = a.account_id AND g.role = in_role AND g.revoked_at IS NULL
$$;
CREATE FUNCTION pg_temp.add_account(in_name text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO rctd.account (account_id, name, display) VALUES (gen_random_uuid(), in_name, 'Somebody')
$$;

-- SPIRIT 2025 21-24: who defines a sequence does not enrol.
SELECT throws_ok($$SELECT pg_temp.grant_role('mats', 'coordinator')$$, '23P01', NULL, 'a trial manager does not get coordinator too');
SELECT throws_ok($$SELECT pg_temp.grant_role('anna', 'trial-manager')$$, '23P01', NULL, 'a coordinator does not get trial manager too');
SELECT throws_ok($$SELECT pg_temp.grant_role('mats', 'coordinator', 'one', 'a county')$$, '23P01', NULL, 'nor for one county only');
SELECT lives_ok($$SELECT pg_temp.grant_role('mats', 'coordinator', 'two')$$, 'but may be it in another trial');
SELECT lives_ok($$SELECT pg_temp.grant_role('mats', 'statistician')$$, 'or something else in this one');
SELECT lives_ok($$SELECT pg_temp.grant_role('anna', 'coordinator', 'one', 'a county')$$, 'a coordinator may be coordinator of a county too');
SELECT throws_ok($$SELECT pg_temp.grant_role('anna', 'coordinator', 'one', 'a county')$$, '23505', NULL, 'but not twice');
SELECT pg_temp.revoke_role('mats', 'trial-manager') \g /dev/null
SELECT throws_ok($$SELECT pg_temp.grant_role('mats', 'coordinator')$$, '23P01', NULL, 'who reads block sizes does not enrol');
SELECT throws_ok($$SELECT pg_temp.grant_role('anna', 'auditor')$$, '23P01', NULL, 'who enrols does not get to read them');
SELECT throws_ok($$SELECT pg_temp.grant_role('anna', 'auditor', NULL)$$, '23P01', NULL, 'nor as an auditor of every trial');
SELECT pg_temp.revoke_role('mats', 'statistician') \g /dev/null
SELECT lives_ok($$SELECT pg_temp.grant_role('mats', 'coordinator')$$, 'who is trial manager no longer is in nobody''s way');

-- Roles fit where they are given.
SELECT throws_ok($$SELECT pg_temp.grant_role('anna', 'administrator')$$, '23514', NULL, 'an administrator is none of a trial');
SELECT throws_ok(format($$SELECT pg_temp.grant_role('anna', %L, NULL)$$, role), '23514', NULL, 'a ' || role || ' is one of a trial')
  FROM unnest(ARRAY['trial-manager', 'coordinator', 'researcher', 'interviewer', 'dispatcher', 'statistician']) role;
SELECT lives_ok($$SELECT pg_temp.grant_role('root', 'auditor', NULL)$$, 'an auditor may be one of the instance');
SELECT throws_ok($$SELECT pg_temp.grant_role('root', 'coordinator')$$, '23P01', NULL, 'and then enrols in no trial');
SELECT throws_ok(format($$SELECT pg_temp.grant_role('root', %L, 'two', 'a county')$$, role), '23514', NULL,
    'a ' || role || ' is not bounded to a county')
  FROM unnest(ARRAY['trial-manager', 'dispatcher', 'statistician', 'auditor']) role;
SELECT throws_ok($$SELECT pg_temp.grant_role('anna', 'king')$$, '23514', NULL, 'there is no other role');
SELECT throws_ok($$SELECT pg_temp.grant_role('anna', 'researcher', 'one', NULL, '')$$, '23514', NULL, 'a role is given for a reason');

-- Names and tokens.
SELECT throws_ok(format($$SELECT pg_temp.add_account(%L)$$, name), '23514', NULL, 'an account is not called ' || quote_literal(replace(name, E'\n', '\n')))
  FROM unnest(ARRAY['', 'Anna', 'a b', '-a', 'rctd', 'database:postgres', E'anna\n']) name;
SELECT throws_ok($$SELECT pg_temp.add_account('anna')$$, '23505', NULL, 'a name stands for one account');
SELECT throws_ok($$INSERT INTO rctd.token (token_id, account_id, name, hash, expires_at)
    SELECT gen_random_uuid(), account_id, 'desk', sha256('another'), expires_at FROM rctd.token$$, '23505', NULL,
    'a token''s name is not used twice while it is valid');
SELECT throws_ok($$INSERT INTO rctd.token (token_id, account_id, name, hash, expires_at)
    SELECT gen_random_uuid(), account_id, 'other', hash, expires_at FROM rctd.token$$, '23505', NULL, 'a token is of one account');

-- What was revoked stays so.
UPDATE rctd.token SET revoked_at = now();
SELECT throws_ok($$UPDATE rctd.token SET revoked_at = NULL$$, 'RC001', 'What was revoked stays revoked; give it anew',
    'a revoked token does not come back');
SELECT lives_ok($$UPDATE rctd.token SET last_used_at = now()$$, 'noting the last use of a revoked token fails nobody');
SELECT throws_ok($$UPDATE rctd.role_grant SET revoked_at = NULL WHERE revoked_at IS NOT NULL$$, 'RC001', NULL,
    'a revoked role does not come back');

-- An administrator remains.
SELECT throws_ok($$SELECT pg_temp.revoke_role('root', 'administrator')$$, 'RC001',
    'This is the last administrator; make somebody else administrator first', 'the last administrator stays administrator');
SELECT throws_ok($$UPDATE rctd.account SET disabled_at = now() WHERE name = 'root'$$, 'RC001', NULL, 'and is not disabled');
SELECT lives_ok($$UPDATE rctd.account SET disabled_at = now() WHERE name = 'anna'$$, 'others may be disabled');

SELECT * FROM finish();
ROLLBACK;
