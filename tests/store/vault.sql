-- vault.sql: the vault's schema: who reads and writes what, column by column, and what the database itself refuses of
-- keys, boxes, readings, rotations and erasures, whoever asks.
BEGIN;
\ir fixture.psql
SELECT plan(44);

CREATE TEMP VIEW may AS
SELECT role COLLATE "default" AS role, lower(privilege) COLLATE "default" AS verb, c.relname::text COLLATE "default" AS name,
       CASE WHEN has_table_privilege(role, c.oid, privilege) THEN '*'
            WHEN privilege IN ('SELECT', 'INSERT', 'UPDATE') THEN
                 (SELECT string_agg(a.attname, ' ' ORDER BY a.attname) FROM pg_attribute a
                   WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                     AND has_column_privilege(role, c.oid, a.attnum, privilege)) END AS columns
  FROM unnest(ARRAY['rctd_app', 'rctd_manager', 'rctd_blinded', 'rctd_login', 'rctd_vault']) role, pg_class c,
       unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) privilege
 WHERE (c.relnamespace = 'rctd_vault'::regnamespace OR (role = 'rctd_vault' AND c.relnamespace = 'rctd'::regnamespace))
   AND c.relkind IN ('r', 'v', 'm', 'S', 'p', 'f');

SELECT results_eq($$SELECT (role || ' ' || verb || ' ' || name || ': ' || columns) COLLATE "default" FROM may
      WHERE role <> 'rctd_vault' AND columns IS NOT NULL ORDER BY 1$$,
    ARRAY['rctd_app insert identity: box key_version number_hash trial_id unit_id'],
    'outside of the vault there is one right in it: to put an identity in, and read nothing');
SELECT results_eq($$SELECT (verb || ' ' || name || ': ' || columns) COLLATE "default" FROM may WHERE role = 'rctd_vault' AND columns IS NOT NULL ORDER BY 1$$,
    ARRAY[
    'insert data_key: *',
    'insert identity: box key_version number_hash trial_id unit_id',
    'insert key_escrow: key_id sealed sealed_to',
    'insert lookup_key: *',
    'insert reading: *',
    'insert residue: kind left_at trial_id',
    'insert rotation: *',
    'select account: account_id name',
    'select data_key: *',
    'select endpoint: endpoint_id trial_id url',
    'select erasure: trial_id unit_id',
    'select identity: box key_version revision trial_id unit_id',
    'select instance: *',
    'select key_escrow: *',
    'select key_use: *',
    'select lookup_key: *',
    'select reading: *',
    'select residue: *',
    'select rotation: *',
    'select unit: code trial_id unit_id',
    'update data_key: destroyed_at sealed',
    'update identity: box key_version number_hash revision',
    'update rotation: finished_at'],
    'the vault''s role reads no hash, and of the trial no more than codes');
SELECT results_eq($$SELECT (role::text || ' ' || p.proname) COLLATE "default" FROM pg_proc p,
      unnest(ARRAY['rctd_app', 'rctd_manager', 'rctd_blinded', 'rctd_vault']) role
     WHERE p.pronamespace = 'rctd_vault'::regnamespace AND has_function_privilege(role, p.oid, 'EXECUTE') ORDER BY 1$$,
    ARRAY['rctd_vault scrub'], 'one function of the vault may be called, by its own role');

-- A participant, the trial's keys, and an identity, by the owner.
INSERT INTO rctd.unit (trial_id, unit_id, kind, code, attributes)
VALUES ('01000000-0000-7000-8000-000000000001', '0d000000-0000-7000-8000-000000000008', 'participant', 'PK7H3WAT', '{}');
INSERT INTO rctd.participant (trial_id, unit_id, protocol_version, registered_by)
VALUES ('01000000-0000-7000-8000-000000000001', '0d000000-0000-7000-8000-000000000008', 1, '0a000000-0000-7000-8000-000000000002');
CREATE FUNCTION pg_temp.key(in_version integer) RETURNS void LANGUAGE sql AS $$
    INSERT INTO rctd_vault.data_key (trial_id, version, master_key_id, sealed, made_at)
    VALUES ('01000000-0000-7000-8000-000000000001', in_version, 'key', 'sealed data key', now())
$$;
SELECT pg_temp.key(1) \g /dev/null
INSERT INTO rctd_vault.lookup_key VALUES ('01000000-0000-7000-8000-000000000001', 'key', 'sealed lookup key', now());
INSERT INTO rctd_vault.identity (trial_id, unit_id, key_version, box, number_hash)
VALUES ('01000000-0000-7000-8000-000000000001', '0d000000-0000-7000-8000-000000000008', 1, 'a box', sha256('number'));
CREATE FUNCTION pg_temp.change(what text) RETURNS text LANGUAGE sql AS $$
    SELECT 'UPDATE rctd_vault.identity SET ' || what
$$;

SELECT throws_ok($$INSERT INTO rctd_vault.identity (trial_id, unit_id, key_version, box) VALUES
    ('01000000-0000-7000-8000-000000000001', '0d000000-0000-7000-8000-000000000001', 1, 'x')$$, '23503', NULL,
    'a workplace has no identity');
SELECT throws_ok($$INSERT INTO rctd_vault.identity (trial_id, unit_id, key_version, box) VALUES
    ('01000000-0000-7000-8000-000000000001', '0d000000-0000-7000-8000-000000000008', 2, 'x')$$, '23505', NULL,
    'a participant has one identity');
SELECT throws_ok(pg_temp.change($$box = 'another box'$$), 'RC001', NULL, 'a box is not changed behind the trail''s back');
SELECT throws_ok(pg_temp.change($$number_hash = sha256('other')$$), 'RC001', NULL, 'nor a hash');
SELECT throws_ok(pg_temp.change('revision = revision + 2'), 'RC001', NULL, 'nor is a change counted that was none');
SELECT lives_ok(pg_temp.change($$box = 'corrected', revision = revision + 1$$), 'a correction counts one more');
SELECT is((SELECT a.new::jsonb ->> 'revision' FROM rctd.audit a WHERE a.object_kind = 'identity' ORDER BY a.sequence DESC LIMIT 1),
    '2', 'and is in the trail');
SELECT is_empty($$SELECT a.new FROM rctd.audit a WHERE a.object_kind LIKE ANY (ARRAY['identity', 'data-key', 'lookup-key'])
      AND coalesce(a.new, '') || coalesce(a.old, '') ~ 'box"|hash"|sealed"|key_version"'
      AND NOT a.new::jsonb ? 'changed_unseen'$$, 'the trail shows no box, hash or key');

-- Keys.
SELECT throws_ok($$UPDATE rctd_vault.data_key SET sealed = NULL, destroyed_at = now()$$, 'RC001', NULL,
    'the newest key is not destroyed');
SELECT lives_ok('SELECT pg_temp.key(2)', 'a newer key is made');
SELECT throws_ok($$UPDATE rctd_vault.data_key SET sealed = NULL, destroyed_at = now() WHERE version = 1$$, 'RC001', NULL,
    'a key that something is under is not destroyed');
SELECT lives_ok(pg_temp.change($$key_version = 2, box = 'resealed'$$), 'a box goes to the newer key');
SELECT is((SELECT a.new::jsonb ->> 'revision' FROM rctd.audit a WHERE a.object_kind = 'identity' ORDER BY a.sequence DESC LIMIT 1),
    '2', 'which is no event of the person''s');
SELECT throws_ok(pg_temp.change($$key_version = 1, box = 'back', revision = revision + 1$$), 'RC001', NULL,
    'and never back to the older one');
SELECT lives_ok($$UPDATE rctd_vault.data_key SET sealed = NULL, destroyed_at = now() WHERE version = 1$$,
    'a key that nothing is under is destroyed');
SELECT throws_ok($$UPDATE rctd_vault.data_key SET sealed = 'back', destroyed_at = NULL WHERE version = 1$$, 'RC001', NULL,
    'and does not come back');
SELECT throws_ok($$DELETE FROM rctd_vault.data_key WHERE version = 1$$, 'RC001', NULL, 'nor does its row go');
SELECT throws_ok($$TRUNCATE rctd_vault.identity$$, 'RC001', NULL, 'the vault is not emptied at once');

-- Readings and rotations are signed.
CREATE FUNCTION pg_temp.as_daemon(in_role text, in_account integer, in_actor_role text, statement text) RETURNS void
    LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('role', in_role, true),
            set_config('rctd.account', '0a000000-0000-7000-8000-00000000000' || in_account, true),
            set_config('rctd.actor_role', in_actor_role, true);
    EXECUTE statement;
    RESET ROLE;
END
$$;
CREATE FUNCTION pg_temp.reading(purpose text, account integer) RETURNS text LANGUAGE sql AS $$
    SELECT format('INSERT INTO rctd_vault.reading (trial_id, reading_id, unit_id, purpose, fields, account_id, reason, read_at)
        VALUES (''01000000-0000-7000-8000-000000000001'', gen_random_uuid(), ''0d000000-0000-7000-8000-000000000008'', %L,
                ''{name}'', ''0a000000-0000-7000-8000-00000000000%s'', ''why'', now())', purpose, account)
$$;
INSERT INTO rctd.account (account_id, name, display) VALUES ('0a000000-0000-7000-8000-000000000004', 'rita', 'Rita');
INSERT INTO rctd.role_grant (trial_id, grant_id, account_id, role, purpose, reason)
SELECT '01000000-0000-7000-8000-000000000001', gen_random_uuid(), '0a000000-0000-7000-8000-000000000004', 'identity-reader', p, 'x'
  FROM unnest(ARRAY['safety', 'contact']) p;
SELECT lives_ok(format('SELECT pg_temp.as_daemon(''rctd_vault'', 4, ''identity-reader'', %L)', pg_temp.reading('safety', 4)),
    'who holds the role for the purpose reads');
SELECT throws_ok(format('SELECT pg_temp.as_daemon(''rctd_vault'', 4, ''identity-reader'', %L)', pg_temp.reading('linkage', 4)),
    '42501', NULL, 'for no other purpose');
SELECT throws_ok(format('SELECT pg_temp.as_daemon(''rctd_vault'', 2, ''coordinator'', %L)', pg_temp.reading('safety', 2)),
    '42501', NULL, 'nor in another role');
INSERT INTO rctd.stop (trial_id, unit_id, ordinal, stop, decision, decided_by, how, decided_at, recorded_at, recorded_by)
VALUES ('01000000-0000-7000-8000-000000000001', '0d000000-0000-7000-8000-000000000008', 1, 'contact', 'stop', 'participant',
        'phone', now(), now(), '0a000000-0000-7000-8000-000000000002');
SELECT throws_ok(format('SELECT pg_temp.as_daemon(''rctd_vault'', 4, ''identity-reader'', %L)', pg_temp.reading('contact', 4)),
    'RC001', NULL, 'nor to contact somebody who has stopped it');
SELECT throws_ok(format('SELECT pg_temp.as_daemon(''rctd_vault'', 4, ''identity-reader'', %L)',
    replace(pg_temp.reading('safety', 4), '''why''', '''Anna called''')), '23514', NULL, 'a reason is a word');
SELECT lives_ok(format('SELECT %L::rctd.reference', r), 'a reference: ' || r) FROM unnest(ARRAY['12', 'DNR2026.9', 'KS-2026/417']) r;
SELECT throws_ok(format('SELECT %L::rctd.reference', r), '23514', NULL, 'no reference: ' || r)
  FROM unnest(ARRAY['850101-2382', '19850101-2382', '0701740605', '070-174-0605', 'ANNA', 'ANNAQUIST-1', 'Anna 1', '', 'K-1-2-3-4']) r;
SELECT throws_ok($$UPDATE rctd_vault.reading SET reason = 'another'$$, 'RC001', NULL, 'a reading stays as it was written');
SELECT throws_ok(format('SELECT pg_temp.as_daemon(''rctd_vault'', 3, ''trial-manager'', %L)',
    $$INSERT INTO rctd_vault.rotation (trial_id, to_version, requested_by, reason, started_at)
      VALUES ('01000000-0000-7000-8000-000000000001', 2, '0a000000-0000-7000-8000-000000000003', 'why', now())$$), '42501', NULL,
    'a trial manager does not change the key');
SELECT throws_ok($$INSERT INTO rctd.role_grant (trial_id, grant_id, account_id, role, reason) VALUES
    ('01000000-0000-7000-8000-000000000001', gen_random_uuid(), '0a000000-0000-7000-8000-000000000004', 'statistician', 'x')$$,
    '23P01', NULL, 'who reads identities does not analyse');

-- Erasure.
INSERT INTO rctd.erasure VALUES ('01000000-0000-7000-8000-000000000001', '0d000000-0000-7000-8000-000000000008', 'participant',
    'phone', 'gdpr-17-3-d', 'objection', 'KS-2026/417', now(), '0a000000-0000-7000-8000-000000000003');
SELECT is_empty('SELECT FROM rctd_vault.identity', 'an erasure takes the identity and its hash');
SELECT is(rctd.may('01000000-0000-7000-8000-000000000001', '0d000000-0000-7000-8000-000000000008', 'contact'), 'erased',
    'may() says so');
SELECT throws_ok($$INSERT INTO rctd_vault.identity (trial_id, unit_id, key_version, box) VALUES
    ('01000000-0000-7000-8000-000000000001', '0d000000-0000-7000-8000-000000000008', 2, 'x')$$, 'RC001', NULL,
    'and it is not entered again');

SELECT * FROM finish();
ROLLBACK;
