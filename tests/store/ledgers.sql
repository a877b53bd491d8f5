-- ledgers.sql: what a ledger holds stays as it was written: for the daemon's roles, the owner and a
-- superuser alike; and tables of record are never emptied.
BEGIN;
\ir fixture.psql

-- Ledgers: tables whose rows the trigger ledger_only keeps.
CREATE TEMP VIEW ledger AS
SELECT c.relname::text COLLATE "default" AS name
  FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_proc p ON p.oid = g.tgfoid
 WHERE c.relnamespace = 'rctd'::regnamespace AND p.proname = 'ledger_only';
GRANT SELECT ON ledger TO PUBLIC;

SELECT plan(8 + (3 + 3 * 3) * (SELECT count(*) FROM ledger)::integer + (SELECT count(*) FROM pg_class
    WHERE relnamespace = 'rctd'::regnamespace AND relkind = 'r' AND relname NOT IN (SELECT name FROM ledger)
      AND relname NOT IN ('failed_attempt', 'idempotency', 'schema_migration', 'shard_lease', 'state_transition',
                          'stratum', 'unit_counter', 'consent_action', 'consent_stop', 'consent_stopped'))::integer);

SELECT results_eq('SELECT name FROM ledger ORDER BY name',
    ARRAY[
    'access_review',
    'allocation',
    'allocation_attempt',
    'allocation_deviation',
    'arm_knowledge',
    'audit',
    'calendar', 'cluster_member',
    'consent',
    'consent_form',
    'consent_link',
    'consent_link_end',
    'consent_opening',
    'consent_rule',
    'consent_set',
    'consent_task',
    'consent_text',
    'contact',
    'contamination_accepted',
    'deviation_decision',
    'eligibility_answer',
    'enrolment_refusal',
    'erasure',
    'measure',
    'measure_release',
    'participant',
    'reminder_attempt',
    'reminder_result',
    'roster',
    'roster_member',
    'scheme_closing',
    'scheme_seed',
    'screening_event',
    'seed_read',
    'seed_reveal',
    'signature',
    'signature_refusal',
    'stop',
    'unblinding',
    'unblinding_decision',
    'unblinding_read',
    'unit_flag',
    'workplace_change'],
    'these are the ledgers');

-- A superuser, by each of the three ways in which rows go or change.
SELECT throws_ok(format('UPDATE rctd.%I SET trial_id = trial_id', name), 'RC001', NULL,
    format('not even a superuser changes a row of the ledger %s', name)) FROM ledger;
SELECT throws_ok(format('DELETE FROM rctd.%I', name), 'RC001', NULL,
    format('not even a superuser removes a row of the ledger %s', name)) FROM ledger;
SELECT throws_ok(format('TRUNCATE rctd.%I CASCADE', name), 'RC001', NULL,
    format('not even a superuser empties the ledger %s', name)) FROM ledger;

SET LOCAL ROLE rctd_owner;
SELECT throws_ok('UPDATE rctd.allocation SET arm = ''right''', 'RC001', 'The ledger allocation takes new rows only',
    'the owner changes no arm that was allocated');
SELECT throws_ok('DELETE FROM rctd.allocation', 'RC001', NULL, 'the owner removes no allocation');
SELECT throws_ok('TRUNCATE rctd.allocation CASCADE', 'RC001', NULL, 'the owner empties no allocations');
SELECT throws_ok('DELETE FROM rctd.audit', 'RC001', NULL, 'the owner removes no row of the trail');
SELECT throws_ok('UPDATE rctd.audit SET actor = ''anna''', 'RC001', NULL, 'the owner changes no row of the trail');
SELECT throws_ok($$INSERT INTO rctd.eligibility_answer SELECT * FROM rctd.eligibility_answer
                   ON CONFLICT (trial_id, unit_id, ordinal) DO UPDATE SET answer = false$$, 'RC001', NULL,
    'an INSERT with ON CONFLICT DO UPDATE is no way around');
SELECT throws_ok('DELETE FROM rctd.audit_head', 'RC001', NULL, 'the end of a stream cannot be forgotten');
RESET ROLE;

-- The daemon's roles have not even the privilege.
SELECT ok(NOT has_any_column_privilege(role, format('rctd.%I', name), 'UPDATE'),
    format('%s has no right to change the ledger %s', role, name))
  FROM ledger, unnest(ARRAY['rctd_app', 'rctd_manager', 'rctd_blinded']) role;
SELECT ok(NOT has_table_privilege(role, format('rctd.%I', name), 'DELETE'),
    format('%s has no right to remove from the ledger %s', role, name))
  FROM ledger, unnest(ARRAY['rctd_app', 'rctd_manager', 'rctd_blinded']) role;
SELECT ok(NOT has_table_privilege(role, format('rctd.%I', name), 'TRUNCATE'),
    format('%s has no right to empty the ledger %s', role, name))
  FROM ledger, unnest(ARRAY['rctd_app', 'rctd_manager', 'rctd_blinded']) role;

-- TRUNCATE goes past the trail, so that it is refused on every table of record too.
SELECT throws_ok(format('TRUNCATE rctd.%I CASCADE', relname), 'RC001', NULL, format('%s cannot be emptied', relname))
  FROM pg_class
 WHERE relnamespace = 'rctd'::regnamespace AND relkind = 'r' AND relname NOT IN (SELECT name FROM ledger)
   AND relname NOT IN ('failed_attempt', 'idempotency', 'schema_migration', 'shard_lease', 'state_transition',
                       'stratum', 'unit_counter', 'consent_action', 'consent_stop', 'consent_stopped')
 ORDER BY relname;

SELECT * FROM finish();
ROLLBACK;
