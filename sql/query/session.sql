-- session.sql: what the room db/ itself runs: the pinned settings of a connection, the frame of a
-- transaction, and the ledger of migrations.

-- What every connection pins. All our names are qualified; pg_temp comes last, where it shadows nothing.
-- Behind a transaction pooler a session keeps nothing: there it is set for each transaction, `local`.
-- session_pin :exec
--   local bool, statement_timeout text, lock_timeout text
SELECT set_config('search_path', 'pg_catalog, pg_temp', $1),
       set_config('TimeZone', 'UTC', $1),
       set_config('DateStyle', 'ISO, YMD', $1),
       set_config('IntervalStyle', 'iso_8601', $1),
       set_config('standard_conforming_strings', 'on', $1),
       set_config('bytea_output', 'hex', $1),
       set_config('extra_float_digits', '1', $1),
       set_config('client_min_messages', 'warning', $1),
       set_config('statement_timeout', $2, $1),
       set_config('lock_timeout', $3, $1),
       set_config('idle_in_transaction_session_timeout', '60s', $1);

-- transaction_begin :exec
-- -
BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;

-- transaction_begin_read_only :exec
-- -
BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY;

-- transaction_commit :exec
-- -
COMMIT;

-- transaction_rollback :exec
-- -
ROLLBACK;

-- Who acts: the role whose privileges hold, and what the audit trigger writes down.
-- transaction_context :exec
--   role text, account text, actor text, actor_role text, organisation text, action text,
--   reason text, request text
SELECT set_config('role', $1, true),
       set_config('rctd.account', $2, true),
       set_config('rctd.actor', $3, true),
       set_config('rctd.actor_role', $4, true),
       set_config('rctd.organisation', $5, true),
       set_config('rctd.action', $6, true),
       set_config('rctd.reason', $7, true),
       set_config('rctd.request', $8, true);

-- May this session run roles.sql, and has somebody done so in this database?
-- migration_session :one
-- -
--   -> may_make_roles bool, roles_made bool
SELECT r.rolsuper OR r.rolcreaterole AS may_make_roles,
       to_regnamespace('rctd') IS NOT NULL AND to_regnamespace('rctd_vault') IS NOT NULL
        AND 6 = (SELECT count(*) FROM pg_catalog.pg_roles
        WHERE rolname IN ('rctd_owner', 'rctd_login', 'rctd_app', 'rctd_manager', 'rctd_blinded', 'rctd_vault'))
        AS roles_made
FROM pg_catalog.pg_roles AS r WHERE r.rolname = current_user;

-- One migration at a time; the number is "rctd" in ASCII.
-- migration_lock :one
-- -
--   -> locked bool
SELECT pg_try_advisory_lock(1919120484) AS locked;

-- migration_act_as_owner :exec
-- -
SET ROLE rctd_owner;

-- migration_ledger :exec
-- -
CREATE TABLE IF NOT EXISTS rctd.schema_migration (
    version    int         PRIMARY KEY,
    name       text        NOT NULL,
    sha256     text        NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- migration_ledger_grant :exec
-- -
GRANT SELECT ON rctd.schema_migration TO rctd_app, rctd_manager, rctd_blinded;

-- migration_insert :exec
--   version int4, name text, sha256 text
INSERT INTO rctd.schema_migration (version, name, sha256) VALUES ($1, $2, $3);

-- migration_list :many
-- -
--   -> version int4, name text, sha256 text
SELECT version, name, sha256 FROM rctd.schema_migration ORDER BY version;

-- Is there a ledger that this role may read?
-- migration_ledger_present :one
-- -
--   -> present bool
SELECT coalesce(has_table_privilege(to_regclass('rctd.schema_migration'), 'SELECT'), false) AS present;

-- embedded_database_present :one
-- -
--   -> present bool
SELECT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = 'rctd') AS present;

-- embedded_database_create :exec
-- -
CREATE DATABASE rctd;

-- Ahead of a statement that brings in rows by the thousand, for the rest of its transaction: a foreign key keeps the
-- plan of its first checks. One that was planned while a table was all but empty would read the whole of it for each
-- row.
-- rows_by_key :exec queued
--   -
SELECT set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true);
