-- 0002: accounts, tokens and roles. These and the tables of 0001 belong to the instance; everything
-- else belongs to a trial, and there trial_id leads every key.

CREATE TABLE rctd.account (
    account_id uuid PRIMARY KEY,
    name text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9_.@+-]{0,62}$'),
    display text NOT NULL CHECK (display <> ''),
    organisation text NOT NULL DEFAULT '',
    disabled_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TRIGGER account_audit AFTER INSERT OR UPDATE OR DELETE ON rctd.account
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('account', 'account_id', 'account:', 'account_id', '', '');

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
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('token', 'token_id', 'account:', 'account_id', '', 'hash,last_used_at');

-- A role on a trial; the nil trial for an administrator's, which is of the instance. county and site
-- narrow what a coordinator, researcher or interviewer sees.
CREATE TABLE rctd.role_grant (
    trial_id uuid NOT NULL,
    grant_id uuid NOT NULL,
    account_id uuid NOT NULL REFERENCES rctd.account,
    role text NOT NULL CHECK (role IN ('administrator', 'trial-manager', 'coordinator', 'researcher',
        'interviewer', 'dispatcher', 'statistician', 'auditor')),
    county text,
    site text,
    reason text NOT NULL,
    granted_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz,
    duty text GENERATED ALWAYS AS (CASE role WHEN 'trial-manager' THEN 'defines' WHEN 'coordinator' THEN 'enrols' END) STORED,
    PRIMARY KEY (trial_id, grant_id),
    CONSTRAINT administrator_is_of_the_instance
        CHECK (role NOT IN ('administrator') OR trial_id = '00000000-0000-0000-0000-000000000000'),
    CONSTRAINT role_is_of_a_trial
        CHECK (role IN ('administrator', 'auditor') OR trial_id <> '00000000-0000-0000-0000-000000000000'),
    CONSTRAINT narrowing_is_for_field_roles
        CHECK ((county IS NULL AND site IS NULL) OR role IN ('coordinator', 'researcher', 'interviewer')),
    -- SPIRIT 2025 21-24: who defines a sequence does not enrol.
    CONSTRAINT defines_or_enrols EXCLUDE USING gist
        (trial_id WITH =, account_id WITH =, duty WITH <>)
        WHERE (revoked_at IS NULL AND duty IS NOT NULL)
);
CREATE UNIQUE INDEX role_grant_once ON rctd.role_grant
    (trial_id, account_id, role, coalesce(county, ''), coalesce(site, '')) WHERE revoked_at IS NULL;
CREATE INDEX role_grant_account ON rctd.role_grant (trial_id, account_id);
CREATE TRIGGER role_grant_audit AFTER INSERT OR UPDATE OR DELETE ON rctd.role_grant
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('grant', 'grant_id', 'account:', 'account_id', '', '');

-- Failed attempts by address and minute, shared by all daemons.
CREATE TABLE rctd.failed_attempt (
    remote text NOT NULL,
    minute timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 1,
    PRIMARY KEY (remote, minute)
);

GRANT SELECT ON rctd.account, rctd.role_grant TO rctd_app, rctd_manager, rctd_blinded;
GRANT SELECT (token_id, account_id, name, hash, created_at, expires_at, last_used_at, revoked_at) ON rctd.token
    TO rctd_app, rctd_manager, rctd_blinded;
GRANT INSERT, UPDATE (display, organisation, disabled_at, version) ON rctd.account TO rctd_blinded, rctd_app;
GRANT INSERT, UPDATE (last_used_at, revoked_at) ON rctd.token TO rctd_blinded, rctd_app;
GRANT INSERT, UPDATE (revoked_at) ON rctd.role_grant TO rctd_blinded, rctd_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON rctd.failed_attempt TO rctd_app;
