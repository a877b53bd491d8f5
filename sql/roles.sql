-- roles.sql: the database's roles and the schemas that they meet in. Run by a superuser (or a role with
-- CREATEROLE) before the migrations, any number of times.
--
--   rctd_owner    owns everything and migrates; no daemon serves with it
--   rctd_login    what a daemon logs in as; has no privilege of its own, becomes one of:
--   rctd_app      requests of roles that may know arms; the dispatcher; housekeeping
--   rctd_manager  trial managers: define and lock protocols, never see a unit's arm
--   rctd_blinded  everyone else: no privilege on a column that names an arm
--   rctd_link     who comes with a link and no account: calls two functions, and reads no table
--   rctd_vault    who people are: the only role that reads a table of the schema rctd_vault
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['rctd_owner', 'rctd_login', 'rctd_app', 'rctd_manager', 'rctd_blinded',
                                'rctd_vault', 'rctd_link'] LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = wanted) THEN
            EXECUTE pg_catalog.format('CREATE ROLE %I NOINHERIT', wanted);
        END IF;
    END LOOP;
END
$$;
ALTER ROLE rctd_login LOGIN;
ALTER ROLE rctd_owner LOGIN;
GRANT rctd_app, rctd_manager, rctd_blinded, rctd_vault, rctd_link TO rctd_login;
CREATE SCHEMA IF NOT EXISTS rctd AUTHORIZATION rctd_owner;
REVOKE ALL ON SCHEMA rctd FROM PUBLIC;
GRANT USAGE ON SCHEMA rctd TO rctd_app, rctd_manager, rctd_blinded, rctd_vault, rctd_link, rctd_login;
CREATE SCHEMA IF NOT EXISTS rctd_vault AUTHORIZATION rctd_owner;
REVOKE ALL ON SCHEMA rctd_vault FROM PUBLIC;
GRANT USAGE ON SCHEMA rctd_vault TO rctd_vault, rctd_app;
-- Functions of ours are for whom they are granted to.
ALTER DEFAULT PRIVILEGES FOR ROLE rctd_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;
