-- 0002: accounts, tokens and roles. These and the tables of 0001 belong to the instance; everything
-- else belongs to a trial, and there trial_id leads every key.

CREATE TABLE rctd.account (
    account_id uuid PRIMARY KEY,
    name text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9_.@+-]{0,62}$'),
    CONSTRAINT name_is_not_the_daemons CHECK (name <> 'rctd'), -- which signs the trail for itself
    display text NOT NULL CHECK (display <> ''),
    organisation text NOT NULL DEFAULT '',
    disabled_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TRIGGER account_audit AFTER INSERT OR UPDATE OR DELETE ON rctd.account
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('account', 'account_id', 'account:', 'account_id', '', '', 'version');
CREATE TRIGGER account_whole BEFORE TRUNCATE ON rctd.account
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.never_emptied();

-- A bearer token: 256 random bits, of which only the SHA-256 is kept.
CREATE TABLE rctd.token (
    token_id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES rctd.account,
    name text NOT NULL CHECK (name <> ''),
    hash bytea NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL CHECK (expires_at > created_at),
    last_used_at timestamptz,
    revoked_at timestamptz
);
CREATE UNIQUE INDEX token_name ON rctd.token (account_id, name) WHERE revoked_at IS NULL;
CREATE TRIGGER token_audit AFTER INSERT OR UPDATE OR DELETE ON rctd.token
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('token', 'token_id', 'account:', 'account_id', '', 'hash', 'last_used_at');
CREATE TRIGGER token_whole BEFORE TRUNCATE ON rctd.token
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.never_emptied();

-- A role on a trial; the nil trial for an administrator's, which is of the instance. county and site
-- narrow what a coordinator, researcher or interviewer sees.
CREATE TABLE rctd.role_grant (
    trial_id uuid NOT NULL,
    grant_id uuid NOT NULL,
    account_id uuid NOT NULL REFERENCES rctd.account,
    role text NOT NULL CHECK (role IN ('administrator', 'trial-manager', 'coordinator', 'researcher',
        'interviewer', 'dispatcher', 'statistician', 'auditor')),
    county text CHECK (county <> ''),
    site text CHECK (site <> ''),
    reason text NOT NULL CHECK (reason <> ''),
    granted_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz,
    duty text GENERATED ALWAYS AS (CASE WHEN role = 'coordinator' THEN 'enrols'
        WHEN role IN ('trial-manager', 'statistician', 'auditor') THEN 'knows' END) STORED,
    PRIMARY KEY (trial_id, grant_id),
    CONSTRAINT administrator_is_of_the_instance
        CHECK (role NOT IN ('administrator') OR trial_id = '00000000-0000-0000-0000-000000000000'),
    CONSTRAINT role_is_of_a_trial
        CHECK (role IN ('administrator', 'auditor') OR trial_id <> '00000000-0000-0000-0000-000000000000'),
    CONSTRAINT narrowing_is_for_field_roles
        CHECK ((county IS NULL AND site IS NULL) OR role IN ('coordinator', 'researcher', 'interviewer')),
    -- SPIRIT 2025 21-24: who defines a sequence, or reads method and block sizes, does not enrol.
    CONSTRAINT knows_or_enrols EXCLUDE USING gist
        (trial_id WITH =, account_id WITH =, duty WITH <>)
        WHERE (revoked_at IS NULL AND duty IS NOT NULL)
);
CREATE UNIQUE INDEX role_grant_once ON rctd.role_grant
    (trial_id, account_id, role, coalesce(county, ''), coalesce(site, '')) WHERE revoked_at IS NULL;
CREATE INDEX role_grant_account ON rctd.role_grant (trial_id, account_id);
CREATE TRIGGER role_grant_audit AFTER INSERT OR UPDATE OR DELETE ON rctd.role_grant
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('grant', 'grant_id', 'account:', 'account_id', '', '');
CREATE TRIGGER role_grant_whole BEFORE TRUNCATE ON rctd.role_grant
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.never_emptied();

-- An auditor of the whole instance reads every trial's protocol, and enrols in none. The account's row makes
-- those who would give both at once follow one another.
CREATE FUNCTION rctd.knows_or_enrols() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM FROM rctd.account a WHERE a.account_id = NEW.account_id FOR NO KEY UPDATE;
    IF EXISTS (SELECT FROM rctd.role_grant g WHERE g.account_id = NEW.account_id AND g.revoked_at IS NULL
                AND g.duty <> CASE NEW.role WHEN 'coordinator' THEN 'enrols' ELSE 'knows' END
                AND '00000000-0000-0000-0000-000000000000' IN (g.trial_id, NEW.trial_id)) THEN
        RAISE EXCEPTION USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'knows_or_enrols',
            MESSAGE = 'Who knows method and block sizes does not enrol';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER role_grant_knows_or_enrols BEFORE INSERT ON rctd.role_grant FOR EACH ROW
    WHEN (NEW.role IN ('coordinator', 'auditor')) EXECUTE FUNCTION rctd.knows_or_enrols();

-- What was revoked stays so: a token or a role is given anew, under a new number.
CREATE FUNCTION rctd.revoked_stays() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'revoked_stays',
        MESSAGE = 'What was revoked stays revoked; give it anew';
END
$$;
CREATE TRIGGER token_revoked BEFORE UPDATE ON rctd.token FOR EACH ROW
    WHEN (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at)
    EXECUTE FUNCTION rctd.revoked_stays();
CREATE TRIGGER role_grant_revoked BEFORE UPDATE ON rctd.role_grant FOR EACH ROW
    WHEN (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at)
    EXECUTE FUNCTION rctd.revoked_stays();

-- Somebody must be left who can give roles. The lock makes those who would take the last two away at
-- once follow one another; the number is "admn" in ASCII.
CREATE FUNCTION rctd.administrator_remains() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_TABLE_NAME = 'account' AND NOT EXISTS (SELECT FROM rctd.role_grant g
            WHERE g.account_id = OLD.account_id AND g.role = 'administrator' AND g.revoked_at IS NULL) THEN
        RETURN NULL;
    END IF;
    PERFORM pg_advisory_xact_lock(1633971566);
    IF NOT EXISTS (SELECT FROM rctd.role_grant g JOIN rctd.account a ON a.account_id = g.account_id
                   WHERE g.role = 'administrator' AND g.revoked_at IS NULL AND a.disabled_at IS NULL) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'administrator_remains',
            MESSAGE = 'This is the last administrator; make somebody else administrator first';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER role_grant_administrator AFTER UPDATE OR DELETE ON rctd.role_grant FOR EACH ROW
    WHEN (OLD.role = 'administrator' AND OLD.revoked_at IS NULL)
    EXECUTE FUNCTION rctd.administrator_remains();
CREATE TRIGGER account_administrator AFTER UPDATE ON rctd.account FOR EACH ROW
    WHEN (OLD.disabled_at IS NULL AND NEW.disabled_at IS NOT NULL)
    EXECUTE FUNCTION rctd.administrator_remains();

-- Administrators' requests run as rctd_blinded, as those of other blinded roles do: what only administrators
-- may change is refused to the others here too, should a route be wrong.
CREATE FUNCTION rctd.administrators_only() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF coalesce(current_setting('rctd.actor_role', true), '') NOT IN ('administrator', 'daemon') THEN
        RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'administrators_only',
            MESSAGE = 'Only administrators change this';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER account_administrators_only BEFORE INSERT OR UPDATE ON rctd.account
    FOR EACH ROW WHEN (current_setting('role') = 'rctd_blinded') EXECUTE FUNCTION rctd.administrators_only();
CREATE TRIGGER token_administrators_only BEFORE INSERT OR UPDATE ON rctd.token
    FOR EACH ROW WHEN (current_setting('role') = 'rctd_blinded') EXECUTE FUNCTION rctd.administrators_only();
CREATE TRIGGER role_grant_administrators_only BEFORE INSERT OR UPDATE ON rctd.role_grant
    FOR EACH ROW WHEN (current_setting('role') = 'rctd_blinded') EXECUTE FUNCTION rctd.administrators_only();
CREATE TRIGGER instance_administrators_only BEFORE UPDATE ON rctd.instance
    FOR EACH ROW WHEN (current_setting('role') = 'rctd_blinded') EXECUTE FUNCTION rctd.administrators_only();

-- Failed attempts by address and minute, shared by all daemons.
CREATE TABLE rctd.failed_attempt (
    remote text NOT NULL,
    minute timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 1,
    PRIMARY KEY (remote, minute)
);

-- Administrators' requests run as rctd_blinded, and so does the making of the first administrator; rctd_app
-- looks tokens up and notes their use.
GRANT SELECT ON rctd.account, rctd.role_grant TO rctd_app, rctd_manager, rctd_blinded;
GRANT SELECT ON rctd.token TO rctd_app;
GRANT SELECT (token_id, account_id, name, created_at, expires_at, last_used_at, revoked_at) ON rctd.token
    TO rctd_blinded;
GRANT INSERT ON rctd.account, rctd.token, rctd.role_grant TO rctd_blinded;
GRANT UPDATE (display, organisation, disabled_at, version) ON rctd.account TO rctd_blinded;
GRANT UPDATE (revoked_at) ON rctd.token, rctd.role_grant TO rctd_blinded;
GRANT UPDATE (last_used_at) ON rctd.token TO rctd_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON rctd.failed_attempt TO rctd_app;
