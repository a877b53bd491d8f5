-- unblinding.sql: what the database itself holds about arms that are told: to whom, by whose word, and who knows
-- from then on; and that notices are their reader's own.
BEGIN;
\ir fixture.psql
SELECT plan(55);

INSERT INTO rctd.account (account_id, name, display) VALUES
    ('0a000000-0000-7000-8000-000000000004', 'sten', 'Sten'), ('0a000000-0000-7000-8000-000000000005', 'ivan', 'Ivan'),
    ('0a000000-0000-7000-8000-000000000006', 'rita', 'Rita'), ('0a000000-0000-7000-8000-000000000007', 'audun', 'Audun'),
    ('0a000000-0000-7000-8000-000000000008', 'nora', 'Nora'), ('0a000000-0000-7000-8000-000000000009', 'carl', 'Carl');
INSERT INTO rctd.role_grant (trial_id, grant_id, account_id, role, county, reason) VALUES
    ('01000000-0000-7000-8000-000000000001', '0b000000-0000-7000-8000-000000000004', '0a000000-0000-7000-8000-000000000004', 'statistician', NULL, 'x'),
    ('01000000-0000-7000-8000-000000000001', '0b000000-0000-7000-8000-000000000005', '0a000000-0000-7000-8000-000000000005', 'interviewer', NULL, 'x'),
    ('01000000-0000-7000-8000-000000000001', '0b000000-0000-7000-8000-000000000006', '0a000000-0000-7000-8000-000000000006', 'researcher', NULL, 'x'),
    ('00000000-0000-0000-0000-000000000000', '0b000000-0000-7000-8000-000000000007', '0a000000-0000-7000-8000-000000000007', 'auditor', NULL, 'x'),
    ('01000000-0000-7000-8000-000000000001', '0b000000-0000-7000-8000-000000000008', '0a000000-0000-7000-8000-000000000008', 'coordinator', 'county 2', 'x'),
    ('01000000-0000-7000-8000-000000000002', '0b000000-0000-7000-8000-000000000009', '0a000000-0000-7000-8000-000000000009', 'interviewer', NULL, 'x');
-- A statement as the daemon runs it for an account in a role: what it gives, or why not.
CREATE FUNCTION pg_temp.act(db_role text, account text, actor_role text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    account_id uuid := (SELECT a.account_id FROM rctd.account a WHERE a.name = account);
    given text;
BEGIN
    PERFORM set_config('rctd.account', account_id::text, true), set_config('rctd.actor_role', actor_role, true),
            set_config('rctd.actor', account, true);
    EXECUTE format('SET LOCAL ROLE %I', db_role);
    EXECUTE statement INTO given USING account_id;
    RESET ROLE;
    RETURN coalesce(given, 'done');
EXCEPTION WHEN insufficient_privilege OR unique_violation OR foreign_key_violation OR check_violation OR SQLSTATE 'RC001' THEN
    RETURN SQLSTATE || ' ' || SQLERRM;
END
$$;
CREATE FUNCTION pg_temp.w(number integer) RETURNS uuid LANGUAGE sql AS $$
    SELECT ('0d000000-0000-7000-8000-00000000000' || number)::uuid
$$;
CREATE FUNCTION pg_temp.u(number integer) RETURNS uuid LANGUAGE sql AS $$
    SELECT ('13000000-0000-7000-8000-00000000000' || number)::uuid
$$;
CREATE FUNCTION pg_temp.unblinds(account text, number integer, as_role text, workplace integer DEFAULT 1, db_role text DEFAULT 'rctd_blinded',
                                 trial text DEFAULT '1') RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act(db_role, account, as_role, format($f$SELECT u.unit || ' ' || u.scheme || ' ' || u.arm FROM rctd.unblind(
        '01000000-0000-7000-8000-00000000000%s', %L, %L, 'Ill', 'key %s') u$f$, trial, pg_temp.u(number), pg_temp.w(workplace), number))
$$;
CREATE FUNCTION pg_temp.asks(account text, number integer, as_role text, db_role text DEFAULT 'rctd_blinded') RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act(db_role, account, as_role, format($f$SELECT rctd.unblinding_ask('01000000-0000-7000-8000-000000000001', %L, %L,
        'Report', 'key %s') IS NOT NULL$f$, pg_temp.u(number), pg_temp.w(1), number))
$$;
CREATE FUNCTION pg_temp.decides(account text, number integer, as_role text, db_role text, decision text DEFAULT 'approved',
                                actor_role text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act(db_role, account, coalesce(actor_role, as_role), format($f$INSERT INTO rctd.unblinding_decision
        VALUES ('01000000-0000-7000-8000-000000000001', %L, %L, %L, $1, now(), 'Why') RETURNING 'done'$f$, pg_temp.u(number), decision, as_role))
$$;
CREATE FUNCTION pg_temp.reads(account text, number integer, as_role text, db_role text DEFAULT 'rctd_blinded') RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.act(db_role, account, as_role, format($f$SELECT u.unit || ' ' || u.scheme || ' ' || u.arm FROM rctd.unblinding_arm(
        '01000000-0000-7000-8000-000000000001', %L) u$f$, pg_temp.u(number)))
$$;
CREATE FUNCTION pg_temp.knows(account text, number integer DEFAULT 1) RETURNS boolean LANGUAGE sql AS $$
    SELECT rctd.knows_arm('01000000-0000-7000-8000-000000000001', (SELECT a.account_id FROM rctd.account a WHERE a.name = account), pg_temp.w(number))
$$;
CREATE FUNCTION pg_temp.waiting(account text) RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM rctd.notice n JOIN rctd.account a ON a.account_id = n.account_id WHERE a.name = account
$$;

-- Who knows by a role.
SELECT ok(pg_temp.knows('anna'), 'a coordinator knows the arms that the role shows');
SELECT ok(pg_temp.knows('sten') AND pg_temp.knows('audun'), 'so do statisticians, and auditors of the instance');
SELECT ok(NOT pg_temp.knows('mats') AND NOT pg_temp.knows('ivan') AND NOT pg_temp.knows('root'), 'trial managers, interviewers and administrators do not');
SELECT ok(NOT pg_temp.knows('nora'), 'a coordinator of another county does not');
SELECT ok(NOT pg_temp.knows('anna', 2), 'nobody knows what was not allocated');

-- An emergency.
SELECT matches(pg_temp.unblinds('anna', 1, 'coordinator', 1, 'rctd_app'), '^42501', 'a coordinator, who sees arms, is told none');
SELECT matches(pg_temp.unblinds('root', 1, 'administrator'), '^42501 Arms are asked for by', 'nor is an administrator');
SELECT matches(pg_temp.unblinds('ivan', 1, 'trial-manager', 1, 'rctd_manager'), '^42501 It takes the role', 'nor who only says to be a trial manager');
SELECT matches(pg_temp.unblinds('carl', 1, 'interviewer'), '^42501 It takes the role', 'nor an interviewer of another trial');
SELECT matches(pg_temp.unblinds('ivan', 1, 'interviewer', 2), '^RC001 Who has not been allocated', 'of a unit without an allocation there is no arm');
UPDATE rctd.role_grant SET revoked_at = now() WHERE grant_id = '0b000000-0000-7000-8000-000000000005';
INSERT INTO rctd.role_grant (trial_id, grant_id, account_id, role, county, reason) VALUES
    ('01000000-0000-7000-8000-000000000001', '0b000000-0000-7000-8000-00000000001a', '0a000000-0000-7000-8000-000000000005', 'interviewer', 'county 2', 'x');
SELECT matches(pg_temp.unblinds('ivan', 1, 'interviewer'), '^42501 The role does not cover', 'nor is an interviewer told one of another county');
INSERT INTO rctd.role_grant (trial_id, grant_id, account_id, role, county, reason) VALUES
    ('01000000-0000-7000-8000-000000000001', '0b000000-0000-7000-8000-00000000001b', '0a000000-0000-7000-8000-000000000005', 'interviewer', 'county 1', 'x');
SELECT ok(NOT EXISTS (SELECT FROM rctd.unblinding) AND NOT EXISTS (SELECT FROM rctd.arm_knowledge), 'what was refused left nothing');
SELECT is(pg_temp.unblinds('ivan', 1, 'interviewer'), 'W0001 feasibility left', 'an interviewer is told the arm of one unit');
SELECT ok(pg_temp.knows('ivan') AND NOT pg_temp.knows('rita'), 'and knows it from then on; nobody else does');
SELECT is((SELECT ARRAY[account_id::text, kind, role, reason] FROM rctd.unblinding),
    ARRAY['0a000000-0000-7000-8000-000000000005', 'emergency', 'interviewer', 'Ill'], 'it is written down whom, in which role and why');
SELECT is((SELECT ARRAY[how, unblinding_id::text] FROM rctd.arm_knowledge), ARRAY['emergency', pg_temp.u(1)::text], 'and how the account knows');
SELECT is(ARRAY[pg_temp.waiting('anna'), pg_temp.waiting('mats'), pg_temp.waiting('audun')], ARRAY[1, 1, 1]::bigint[],
    'coordinator, trial manager and auditor have a notice');
SELECT is(ARRAY[pg_temp.waiting('ivan'), pg_temp.waiting('sten'), pg_temp.waiting('nora'), pg_temp.waiting('rita')], ARRAY[0, 0, 0, 0]::bigint[],
    'who did it, who need not know and a coordinator of another county have none');
SELECT ok(NOT EXISTS (SELECT FROM rctd.notice n WHERE n::text ~ 'left'), 'no notice has the arm');
SELECT ok(NOT EXISTS (SELECT FROM rctd.audit a WHERE a.object_kind IN ('unblinding', 'arm-knowledge', 'notice') AND a.new ~ 'left'), 'nor has its row of the trail');
SELECT is((SELECT count(DISTINCT a.object_kind) FROM rctd.audit a WHERE a.object_kind IN ('unblinding', 'arm-knowledge', 'notice')), 3::bigint,
    'each is in the trail');
SELECT is(pg_temp.reads('ivan', 1, 'interviewer'), 'W0001 feasibility left', 'who was told may look again');
SELECT is((SELECT count(*) FROM rctd.unblinding_read), 1::bigint, 'which is written down too');
SELECT matches(pg_temp.reads('rita', 1, 'researcher'), '^42501 An arm is read by who asked', 'somebody else may not');
SELECT matches(pg_temp.unblinds('rita', 1, 'researcher'), '^23505', 'nor do the same once more under the same number');
SELECT is(pg_temp.unblinds('mats', 2, 'trial-manager', 1, 'rctd_manager'), 'W0001 feasibility left', 'a trial manager is told in an emergency too');
SELECT is((SELECT count(*) FROM rctd.notice n WHERE n.account_id = '0a000000-0000-7000-8000-000000000003'), 1::bigint, 'and gets no notice of that');

-- With another's approval.
SELECT is(pg_temp.asks('rita', 3, 'researcher'), 'true', 'a researcher asks');
SELECT ok(NOT pg_temp.knows('rita'), 'and knows nothing by that');
SELECT matches(pg_temp.reads('rita', 3, 'researcher'), '^RC001 A planned unblinding takes the approval', 'nothing is told before the approval');
SELECT matches(pg_temp.decides('rita', 3, 'researcher', 'rctd_blinded'), '^42501', 'who asked approves nothing');
SELECT matches(pg_temp.decides('anna', 3, 'coordinator', 'rctd_app'), '^23514|^42501', 'nor does a coordinator');
SELECT matches(pg_temp.decides('sten', 3, 'trial-manager', 'rctd_manager'), '^42501 It takes the role', 'nor who only says to be a trial manager');
SELECT matches(pg_temp.act('rctd_app', 'sten', 'statistician', format($f$INSERT INTO rctd.unblinding_decision
    VALUES ('01000000-0000-7000-8000-000000000001', %L, 'approved', 'statistician', '0a000000-0000-7000-8000-000000000003', now(), 'x')$f$, pg_temp.u(3))),
    '^42501 Nobody signs for somebody else', 'nobody approves in another''s name');
SELECT matches(pg_temp.decides('sten', 1, 'statistician', 'rctd_app'), '^RC001 A planned unblinding is decided on', 'an emergency is not decided on');
SELECT is(pg_temp.decides('sten', 3, 'statistician', 'rctd_app'), 'done', 'a statistician approves');
SELECT matches(pg_temp.decides('mats', 3, 'trial-manager', 'rctd_manager', 'refused'), '^23505', 'once');
SELECT ok(NOT pg_temp.knows('rita'), 'an approval alone makes nobody know');
SELECT is(pg_temp.reads('rita', 3, 'researcher'), 'W0001 feasibility left', 'then the arm is told');
SELECT ok(pg_temp.knows('rita'), 'and known');
SELECT is(pg_temp.asks('mats', 4, 'trial-manager', 'rctd_manager'), 'true', 'a trial manager asks');
INSERT INTO rctd.role_grant (trial_id, grant_id, account_id, role, reason) VALUES
    ('01000000-0000-7000-8000-000000000001', '0b000000-0000-7000-8000-00000000000a', '0a000000-0000-7000-8000-000000000004', 'trial-manager', 'x'),
    ('01000000-0000-7000-8000-000000000001', '0b000000-0000-7000-8000-00000000000b', '0a000000-0000-7000-8000-000000000003', 'statistician', 'x');
SELECT matches(pg_temp.decides('mats', 4, 'statistician', 'rctd_app'), '^RC001 Another person', 'and does not approve it in another role');
SELECT matches(pg_temp.decides('sten', 4, 'trial-manager', 'rctd_manager'), '^RC001 Another person', 'nor does another in the same role');
SELECT is(pg_temp.decides('sten', 4, 'statistician', 'rctd_app', 'refused'), 'done', 'a statistician refuses');
SELECT matches(pg_temp.reads('mats', 4, 'trial-manager', 'rctd_manager'), '^RC001', 'then nothing is told');

-- What came out, and what everybody sees.
SELECT matches(pg_temp.act('rctd_blinded', 'ivan', 'interviewer', format($f$SELECT rctd.arm_told('01000000-0000-7000-8000-000000000001',
    '0a000000-0000-7000-8000-000000000006', %L, 'participant')$f$, pg_temp.w(1))), '^42501 Coordinators and trial managers', 'nobody says for somebody else what they know');
SELECT matches(pg_temp.act('rctd_app', 'anna', 'coordinator', format($f$SELECT rctd.arm_told('01000000-0000-7000-8000-000000000001',
    '0a000000-0000-7000-8000-000000000008', %L, 'rumour')$f$, pg_temp.w(1))), '^23514', 'in words of the list, never free ones');
SELECT matches(pg_temp.act('rctd_app', 'anna', 'coordinator', format($f$SELECT rctd.arm_told('01000000-0000-7000-8000-000000000001',
    '0a000000-0000-7000-8000-000000000008', %L, 'colleague')$f$, pg_temp.w(1))), '^[0-9a-f-]{36}$', 'but a coordinator');
SELECT ok(pg_temp.knows('nora'), 'who was told knows');
SELECT is(pg_temp.act('rctd_blinded', 'rita', 'researcher', 'SELECT string_agg(DISTINCT account_id::text, $x$ $x$) FROM rctd.arm_knowledge'),
    '0a000000-0000-7000-8000-000000000006', 'a blinded role sees its own knowledge');
SELECT is(pg_temp.act('rctd_blinded', 'rita', 'researcher', 'SELECT count(*) FROM rctd.unblinding'), '1', 'and its own unblindings');
SELECT is(pg_temp.act('rctd_app', 'anna', 'coordinator', 'SELECT count(*) FROM rctd.notice WHERE account_id <> rctd.acting_account()'), '0',
    'notices are their reader''s own');
SELECT is(pg_temp.act('rctd_app', 'anna', 'coordinator', 'UPDATE rctd.notice SET read_at = now() WHERE read_at IS NULL RETURNING $x$done$x$'), 'done', 'they are read');
SELECT matches(pg_temp.act('rctd_app', 'anna', 'coordinator', 'UPDATE rctd.notice SET read_at = NULL'), '^RC001 A notice is read once', 'once');

-- A role that is taken back.
UPDATE rctd.role_grant SET revoked_at = now() WHERE account_id = '0a000000-0000-7000-8000-000000000002';
SELECT ok(pg_temp.knows('anna'), 'a coordinator no more still knows what had been allocated');

SELECT * FROM finish();
ROLLBACK;
