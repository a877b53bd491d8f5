-- catalogue.sql: what must hold of every table, key and function of the schema, now and after each
-- migration: trials can be spread over clusters by trial_id, and nothing goes past the trail.
BEGIN;
SELECT plan(13);

-- Tables of the instance, not of a trial, and why they have no trial_id in front.
CREATE TEMP TABLE of_the_instance (name text PRIMARY KEY, why text NOT NULL);
INSERT INTO of_the_instance VALUES
    ('account', 'people work in several trials; every cluster gets a copy'),
    ('token', 'follows its account'),
    ('account_password', 'follows its account'),
    ('password_code', 'follows its account'),
    ('consent_action', 'a constant of the program'),
    ('consent_stop', 'a constant of the program'),
    ('consent_stopped', 'a constant of the program'),
    ('failed_attempt', 'counts addresses, before anybody has said which trial'),
    ('key_escrow', 'the master key is the daemons'', for all trials'),
    ('instance', 'one row: what the database is for, and its clock'),
    ('schema_migration', 'one row for each migration of this database'),
    ('shard_lease', 'daemons share the work of a cluster, not of a trial'),
    ('state_transition', 'a constant of the program'),
    ('trial', 'trial_id is its key; its name is unique everywhere, since it stands in addresses');
CREATE TEMP VIEW ours AS
SELECT c.oid, c.relname::text COLLATE "default" AS name FROM pg_class c
 WHERE c.relnamespace IN ('rctd'::regnamespace, 'rctd_vault'::regnamespace) AND c.relkind IN ('r', 'p');

SELECT is_empty($$SELECT name FROM of_the_instance WHERE name NOT IN (SELECT name FROM ours) AND name <> 'schema_migration'$$,
    'the list of the instance''s tables names tables that are there');
SELECT is_empty($$SELECT o.name FROM ours o WHERE NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = o.oid AND k.contype = 'p')$$,
    'every table has a primary key');
SELECT is_empty($$SELECT o.name, k.conname FROM ours o JOIN pg_constraint k ON k.conrelid = o.oid
      JOIN pg_attribute a ON a.attrelid = o.oid AND a.attnum = k.conkey[1]
     WHERE k.contype IN ('p', 'u', 'x') AND a.attname <> 'trial_id' AND o.name NOT IN (SELECT name FROM of_the_instance)$$,
    'trial_id leads every primary key, unique and exclusion constraint');
SELECT is_empty($$SELECT o.name, k.conname FROM ours o JOIN pg_constraint k ON k.conrelid = o.oid
      JOIN pg_attribute a ON a.attrelid = o.oid AND a.attnum = k.conkey[1]
      JOIN pg_class f ON f.oid = k.confrelid
     WHERE k.contype = 'f' AND a.attname <> 'trial_id' AND f.relname NOT IN ('account', 'consent_action', 'consent_stop')$$,
    'trial_id leads every foreign key, but those to accounts and to constants of the program');
SELECT is_empty($$SELECT o.name, i.indexrelid::regclass FROM ours o JOIN pg_index i ON i.indrelid = o.oid
      LEFT JOIN pg_attribute a ON a.attrelid = o.oid AND a.attnum = i.indkey[0]
     WHERE a.attname IS DISTINCT FROM 'trial_id' AND o.name NOT IN (SELECT name FROM of_the_instance)$$,
    'trial_id leads every index');
SELECT is_empty($$SELECT o.name FROM ours o WHERE o.name NOT IN (SELECT name FROM of_the_instance)
      AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = o.oid AND a.attname = 'trial_id' AND a.attnotnull AND a.atttypid = 'uuid'::regtype)$$,
    'every row of a trial says of which');
SELECT is_empty($$SELECT c.relname FROM pg_class c WHERE c.relnamespace IN ('rctd'::regnamespace, 'rctd_vault'::regnamespace) AND c.relkind = 'S'$$,
    'nothing counts across the trials: there is no sequence');

-- Tables of record, which is every table but these.
CREATE TEMP TABLE of_no_record (name text PRIMARY KEY, why text NOT NULL);
INSERT INTO of_no_record VALUES
    ('audit', 'is the trail'),
    ('audit_head', 'is the trail'),
    ('consent_action', 'a constant of the program'),
    ('consent_form', 'is in the trail with its version''s row of consent_set'),
    ('consent_rule', 'likewise'),
    ('consent_stop', 'a constant of the program'),
    ('consent_stopped', 'a constant of the program'),
    ('consent_task', 'follows from the version''s document'),
    ('failed_attempt', 'counts bad tokens for ten minutes'),
    ('idempotency', 'repeats answers of what the trail has'),
    ('reminder_attempt', 'is a ledger of its own: one row for each attempt to send'),
    ('reminder_result', 'likewise'),
    ('roster_member', 'the digest of the whole list stands in the trail of its roster'),
    ('schema_migration', 'says itself who and when'),
    ('shard_lease', 'which daemon sends, for 15 seconds'),
    ('state_transition', 'a constant of the program'),
    ('stopped', 'what a stop cancelled, until it comes back; both are in the trail'),
    ('stratum', 'a row to lock; the stratum''s name stands in each allocation'),
    ('unit_counter', 'counts the units, which the trail has');
SELECT is_empty($$SELECT name FROM ours WHERE name NOT IN (SELECT name FROM of_no_record) EXCEPT
    SELECT c.relname::text FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_proc p ON p.oid = g.tgfoid
     WHERE p.proname IN ('audit_change', 'audit_plan', 'audit_members', 'audit_consent_set', 'audit_units', 'audit_participants', 'audit_employments', 'audit_identities') AND g.tgenabled = 'O'$$, 'every table of record leaves a trail');

-- INSERT, UPDATE and DELETE each: of ledgers only INSERT can happen.
CREATE TEMP VIEW audited AS
SELECT c.relname::text COLLATE "default" AS name, bit_or(g.tgtype) AS types
  FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_proc p ON p.oid = g.tgfoid
 WHERE c.relnamespace IN ('rctd'::regnamespace, 'rctd_vault'::regnamespace) AND p.proname IN ('audit_change', 'audit_plan', 'audit_members', 'audit_consent_set', 'audit_units', 'audit_participants', 'audit_employments', 'audit_identities', 'ledger_only')
   AND c.relname NOT IN (SELECT name FROM of_no_record)
 GROUP BY c.relname;
SELECT results_eq($$SELECT name FROM audited WHERE types & 28 <> 28 ORDER BY name$$, ARRAY['instance', 'reminder'],
    'INSERT, UPDATE and DELETE of a table of record are in the trail or refused, but for the row that the migration makes and for new reminders, whose tasks are in the trail');

-- Functions.
SELECT is_empty($$SELECT p.oid::regprocedure FROM pg_proc p WHERE p.pronamespace IN ('rctd'::regnamespace, 'rctd_vault'::regnamespace) AND p.prosecdef
      AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (p.proconfig), false)$$,
    'a function that runs as its owner has a pinned search_path, with pg_temp last');
SELECT is_empty($$SELECT p.oid::regprocedure FROM pg_proc p WHERE p.pronamespace IN ('rctd'::regnamespace, 'rctd_vault'::regnamespace)
      AND (p.proacl IS NULL OR EXISTS (SELECT FROM aclexplode(p.proacl) a WHERE a.grantee = 0))$$, 'no function is everyone''s');
SELECT is_empty($$SELECT c.relname FROM pg_class c, aclexplode(c.relacl) a WHERE c.relnamespace IN ('rctd'::regnamespace, 'rctd_vault'::regnamespace) AND a.grantee = 0
    UNION ALL SELECT c.relname FROM pg_class c WHERE c.relnamespace IN ('rctd'::regnamespace, 'rctd_vault'::regnamespace) AND c.relowner <> 'rctd_owner'::regrole$$,
    'no table is everyone''s, and the owner owns them all');

-- Plans that are made while a table is all but empty, and stay.
SET LOCAL enable_seqscan = off;
CREATE FUNCTION pg_temp.plan_of(statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || statement;
END
$$;
SELECT matches((SELECT string_agg(p, E'\n') FROM pg_temp.plan_of(
    'SELECT (SELECT u.code FROM rctd.unit u WHERE u.trial_id = e.trial_id AND u.unit_id = e.workplace_id) FROM rctd.employment e') p),
    'Index Scan using unit_pkey', 'units are looked up by their key from the first one on');

SELECT * FROM finish();
ROLLBACK;
