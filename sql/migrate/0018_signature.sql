-- 0018: passwords of accounts, signatures (21 CFR 11.50, 11.200), what is not done without one, and reviews
-- of who may do what.

-- A password is for signing alone: no request is let in by it. Argon2id's own string, which holds its salt.
CREATE TABLE rctd.account_password (
    account_id uuid PRIMARY KEY REFERENCES rctd.account,
    hash text NOT NULL CHECK (hash LIKE '$argon2id$%'),
    set_at timestamptz NOT NULL DEFAULT now()
);
CREATE TRIGGER account_password_audit AFTER INSERT OR UPDATE OR DELETE ON rctd.account_password
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('password', 'account_id', 'account:', 'account_id', '', 'hash');
CREATE TRIGGER account_password_whole BEFORE TRUNCATE ON rctd.account_password
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.never_emptied();

-- The account that acts; NULL where none does.
CREATE FUNCTION rctd.who_signs() RETURNS uuid
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN nullif(nullif(current_setting('rctd.account', true), ''), '00000000-0000-0000-0000-000000000000')::uuid;
END
$$;

-- No role reads the table of hashes: whoever acts gets their own, and sets their own.
CREATE FUNCTION rctd.password_hash() RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT p.hash FROM rctd.account_password p WHERE p.account_id = rctd.who_signs());
END
$$;

-- What an account without a password needs beside its token to set the first one: made by an administrator, told to
-- the person in another way than the token was, used once. Only its hash is here, and no role reads it.
CREATE TABLE rctd.password_code (
    account_id uuid PRIMARY KEY REFERENCES rctd.account,
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    made_by uuid NOT NULL REFERENCES rctd.account,
    made_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    CONSTRAINT another_makes_the_code CHECK (made_by <> account_id)
);
CREATE TRIGGER password_code_audit AFTER INSERT OR UPDATE OR DELETE ON rctd.password_code
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('password-code', 'account_id', 'account:', 'account_id', '', 'hash');
CREATE TRIGGER password_code_whole BEFORE TRUNCATE ON rctd.password_code
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.never_emptied();

CREATE FUNCTION rctd.password_code_put(in_account uuid, in_hash bytea) RETURNS timestamptz
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    until timestamptz := now() + interval '1 day';
BEGIN
    IF coalesce(current_setting('rctd.actor_role', true), '') <> 'administrator' THEN
        RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'administrators_only',
            MESSAGE = 'Only administrators change this';
    END IF;
    INSERT INTO rctd.password_code (account_id, hash, made_by, expires_at) VALUES (in_account, in_hash, rctd.who_signs(), until)
    ON CONFLICT (account_id) DO UPDATE SET hash = excluded.hash, made_by = excluded.made_by, made_at = now(), expires_at = until;
    RETURN until;
END
$$;

-- Is it the code of the account that acts? Asked after the attempt was counted, so that no code is guessed.
CREATE FUNCTION rctd.password_code_right(in_hash bytea) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN EXISTS (SELECT FROM rctd.password_code c
                    WHERE c.account_id = rctd.who_signs() AND c.hash = in_hash AND c.expires_at > now());
END
$$;

-- A first password takes the code with it; a changed one may end the account's other tokens.
CREATE FUNCTION rctd.password_put(in_hash text, in_code bytea, in_end_tokens boolean, in_token bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM rctd.account_password p WHERE p.account_id = rctd.who_signs()) THEN
        DELETE FROM rctd.password_code c WHERE c.account_id = rctd.who_signs() AND c.hash = in_code AND c.expires_at > now();
        IF NOT FOUND THEN
            RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'password_code_wrong',
                MESSAGE = 'A first password takes the one-time code of an administrator';
        END IF;
    END IF;
    IF in_end_tokens THEN
        UPDATE rctd.token SET revoked_at = now()
         WHERE account_id = rctd.who_signs() AND revoked_at IS NULL AND hash <> in_token;
    END IF;
    INSERT INTO rctd.account_password (account_id, hash) VALUES (rctd.who_signs(), in_hash)
    ON CONFLICT (account_id) DO UPDATE SET hash = excluded.hash, set_at = now();
END
$$;

-- Who changes their password may end their own tokens with it.
DROP TRIGGER token_administrators_only ON rctd.token;
CREATE TRIGGER token_administrators_only BEFORE INSERT ON rctd.token
    FOR EACH ROW WHEN (current_setting('role') = 'rctd_blinded') EXECUTE FUNCTION rctd.administrators_only();
CREATE TRIGGER token_administrators_only_change BEFORE UPDATE ON rctd.token
    FOR EACH ROW WHEN (current_setting('role') = 'rctd_blinded'
                       AND NOT (OLD.account_id::text = coalesce(current_setting('rctd.account', true), '')
                                AND OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL))
    EXECUTE FUNCTION rctd.administrators_only();

-- An administrator takes a password away, and never sets one: nobody else can sign with it.
CREATE FUNCTION rctd.password_clear(in_account uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF coalesce(current_setting('rctd.actor_role', true), '') <> 'administrator' THEN
        RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'administrators_only',
            MESSAGE = 'Only administrators change this';
    END IF;
    DELETE FROM rctd.account_password p WHERE p.account_id = in_account;
    RETURN FOUND;
END
$$;

-- The actions that a version of the protocol wants signed: lock, reveal, unblind, dsmb-release. It stands
-- beside the document, which the database does not read, and is frozen with it.
ALTER TABLE rctd.protocol_version ADD COLUMN signatures jsonb NOT NULL DEFAULT '[]'
    CHECK (jsonb_typeof(signatures) = 'array');

-- Who signed what, with which meaning, and how the name is printed: kept as it was then. sha256 is of the
-- record that was signed: of a lock the protocol's document, of a reveal the scheme's commitment.
CREATE TABLE rctd.signature (
    trial_id uuid NOT NULL REFERENCES rctd.trial,
    signature_id uuid NOT NULL,
    account_id uuid NOT NULL REFERENCES rctd.account,
    printed_name text NOT NULL,
    role text NOT NULL,
    action text NOT NULL CHECK (action ~ '^[a-z][a-z-]{0,62}$'),
    object text NOT NULL CHECK (object <> ''),
    sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
    meaning text NOT NULL CHECK (meaning <> ''),
    signed_at timestamptz NOT NULL,
    request_id text,
    made_in text NOT NULL, -- the transaction, in which what was signed is done too
    PRIMARY KEY (trial_id, signature_id)
);
CREATE TRIGGER signature_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.signature
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER signature_audit AFTER INSERT ON rctd.signature
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('signature', 'signature_id', 'trial', '', '', '', 'made_in');

-- Nobody signs for somebody else, in a role not held, at another time or without a password.
CREATE FUNCTION rctd.signature_own() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM rctd.signed_in_role(NEW.trial_id, NEW.account_id, ARRAY[NEW.role]);
    IF NOT EXISTS (SELECT FROM rctd.account_password p WHERE p.account_id = NEW.account_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'signature_own',
            MESSAGE = 'Who has no password cannot sign';
    END IF;
    NEW.printed_name := (SELECT a.display FROM rctd.account a WHERE a.account_id = NEW.account_id);
    NEW.signed_at := rctd.clock();
    NEW.request_id := nullif(current_setting('rctd.request', true), '');
    NEW.made_in := pg_current_xact_id()::text;
    RETURN NEW;
END
$$;
CREATE TRIGGER signature_own BEFORE INSERT ON rctd.signature
    FOR EACH ROW EXECUTE FUNCTION rctd.signature_own();

-- Signatures that were tried with a wrong password, or by an account that has none; the nil trial for a
-- change of the password itself.
CREATE TABLE rctd.signature_refusal (
    trial_id uuid NOT NULL,
    refusal_id uuid NOT NULL,
    account_id uuid NOT NULL REFERENCES rctd.account,
    action text NOT NULL,
    object text NOT NULL,
    remote text NOT NULL,
    refused_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (trial_id, refusal_id)
);
CREATE TRIGGER signature_refusal_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.signature_refusal
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER signature_refusal_audit AFTER INSERT ON rctd.signature_refusal
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('signature-refusal', 'refusal_id', 'account:', 'account_id', '', '');

-- Attempts with a password in the last ten minutes, this one included: of the account that acts, and from an
-- address. The lock makes those of one account follow one another, whichever daemons they reach; rows alone
-- would not at the turn of a minute.
CREATE FUNCTION rctd.password_attempt(in_remote text, OUT of_account bigint, OUT of_remote bigint, OUT hash text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    names text[] := ARRAY['password/' || coalesce(rctd.who_signs()::text, ''), 'password@' || in_remote];
    name text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(names[1], 0));
    FOREACH name IN ARRAY names LOOP
        INSERT INTO rctd.failed_attempt AS f (remote, minute) VALUES (name, date_trunc('minute', now()))
        ON CONFLICT (remote, minute) DO UPDATE SET attempts = f.attempts + 1;
    END LOOP;
    SELECT sum(f.attempts) FILTER (WHERE f.remote = names[1]), sum(f.attempts) FILTER (WHERE f.remote = names[2])
      INTO of_account, of_remote
      FROM rctd.failed_attempt f
     WHERE f.remote = ANY (names) AND f.minute > now() - interval '10 minutes';
    hash := rctd.password_hash(); -- as it is now: whoever held the lock may have changed it
END
$$;

-- A right password counts for nothing: the attempt is taken back.
CREATE FUNCTION rctd.password_right(in_remote text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE rctd.failed_attempt f SET attempts = f.attempts - 1
     WHERE f.remote IN ('password/' || coalesce(rctd.who_signs()::text, ''), 'password@' || in_remote)
       AND f.minute = date_trunc('minute', now()) AND f.attempts > 0;
END
$$;

-- Does the trial want this action signed? By the version in force; for a lock the draft too, so that neither
-- the first lock nor one that leaves the rule out goes without.
CREATE FUNCTION rctd.signature_needed(in_trial uuid, in_action text, in_version integer) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN EXISTS (SELECT FROM rctd.protocol_version v
                    WHERE v.trial_id = in_trial AND v.signatures ? in_action
                      AND (v.version = in_version OR v.version = (
                           SELECT max(l.version) FROM rctd.protocol_version l
                            WHERE l.trial_id = in_trial AND l.state = 'locked')));
END
$$;

-- Refuses what has to be signed and is not: by this account, of this object, in this transaction. Only
-- triggers call it; no role may. NULL as the digest stands for any.
CREATE FUNCTION rctd.signature_check(
    in_trial uuid, in_account uuid, in_action text, in_object text, in_sha256 bytea, in_version integer DEFAULT NULL
) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF rctd.signature_needed(in_trial, in_action, in_version) AND NOT EXISTS (
            SELECT FROM rctd.signature s
             WHERE s.trial_id = in_trial AND s.account_id = in_account AND s.action = in_action
               AND s.object = in_object AND s.sha256 = coalesce(in_sha256, s.sha256)
               AND s.signed_at = rctd.clock() AND s.made_in = pg_current_xact_id()::text) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'signature_missing',
            MESSAGE = 'The protocol wants this signed: with the password, and what the signature means';
    END IF;
END
$$;

CREATE FUNCTION rctd.protocol_signed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM rctd.signature_check(NEW.trial_id, NEW.locked_by, 'lock', 'protocol/' || NEW.version, NEW.sha256, NEW.version);
    RETURN NEW;
END
$$;
CREATE TRIGGER protocol_signed BEFORE UPDATE ON rctd.protocol_version FOR EACH ROW
    WHEN (OLD.state = 'draft' AND NEW.state = 'locked') EXECUTE FUNCTION rctd.protocol_signed();

CREATE FUNCTION rctd.seed_reveal_signed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM rctd.signature_check(NEW.trial_id, NEW.account_id, 'reveal', 'scheme/' || NEW.scheme,
        (SELECT e.commitment FROM rctd.scheme_seed e
          WHERE e.trial_id = NEW.trial_id AND e.scheme = NEW.scheme AND e.version = NEW.seed_version));
    RETURN NEW;
END
$$;
CREATE TRIGGER seed_reveal_signed BEFORE INSERT ON rctd.seed_reveal
    FOR EACH ROW EXECUTE FUNCTION rctd.seed_reveal_signed();

GRANT SELECT (signatures) ON rctd.protocol_version TO rctd_blinded;
GRANT SELECT (account_id, set_at) ON rctd.account_password TO rctd_app, rctd_blinded;
GRANT SELECT (trial_id, signature_id, account_id, printed_name, role, action, object, sha256, meaning, signed_at, request_id)
    ON rctd.signature TO rctd_manager, rctd_blinded;
GRANT SELECT ON rctd.signature TO rctd_app;
GRANT INSERT (trial_id, signature_id, account_id, role, action, object, sha256, meaning) ON rctd.signature
    TO rctd_app, rctd_manager, rctd_blinded;
GRANT INSERT (trial_id, refusal_id, account_id, action, object, remote) ON rctd.signature_refusal
    TO rctd_app, rctd_manager, rctd_blinded;
GRANT SELECT ON rctd.signature_refusal TO rctd_app;
GRANT EXECUTE ON FUNCTION rctd.password_hash(), rctd.password_attempt(text), rctd.password_right(text),
    rctd.signature_needed(uuid, text, integer) TO rctd_app, rctd_manager, rctd_blinded;
GRANT EXECUTE ON FUNCTION rctd.password_code_put(uuid, bytea), rctd.password_code_right(bytea),
    rctd.password_put(text, bytea, boolean, bytea), rctd.password_clear(uuid) TO rctd_blinded;

-- Knowledge does not end with the role that gave it. Who has been a trial's trial manager, statistician or
-- auditor, and has used the account since, knows method and block sizes or arms, and never enrols in it
-- (SPIRIT 2025 21-24). A role that was taken back before the account was ever used told nothing.
CREATE FUNCTION rctd.knowledge_stays() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    held text;
BEGIN
    SELECT g.role INTO held FROM rctd.role_grant g
     WHERE g.trial_id IN (NEW.trial_id, '00000000-0000-0000-0000-000000000000') AND g.account_id = NEW.account_id
       AND g.duty = 'knows' AND g.revoked_at IS NOT NULL
       AND EXISTS (SELECT FROM rctd.token k WHERE k.account_id = g.account_id
                      AND k.created_at <= g.revoked_at AND k.last_used_at >= g.granted_at)
     ORDER BY g.granted_at LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'knowledge_stays',
            MESSAGE = format('This account was %s there: what it knows of method, block sizes or arms does not end with '
                             'the role, so that it never enrols in this trial (SPIRIT 2025 21-24)', held);
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER role_grant_knowledge_stays BEFORE INSERT ON rctd.role_grant
    FOR EACH ROW WHEN (NEW.role = 'coordinator') EXECUTE FUNCTION rctd.knowledge_stays();

-- Enrolments that were refused because the number is registered in the trial: who asked, by which request, how many
-- people were met and of how many that was told; never whom, nor by a hash. Trying numbers is a way to learn who
-- takes part: an account is told so much within an hour, and then nothing of numbers.
CREATE TABLE rctd.enrolment_refusal (
    trial_id uuid NOT NULL REFERENCES rctd.trial,
    refusal_id uuid NOT NULL DEFAULT gen_random_uuid(),
    account_id uuid NOT NULL REFERENCES rctd.account,
    action text NOT NULL CHECK (action <> ''),
    met integer NOT NULL CHECK (met > 0),
    told integer NOT NULL CHECK (told BETWEEN 0 AND met),
    refused_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (trial_id, refusal_id)
);
CREATE INDEX enrolment_refusal_of_account ON rctd.enrolment_refusal (trial_id, account_id, refused_at);
CREATE TRIGGER enrolment_refusal_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.enrolment_refusal
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER enrolment_refusal_audit AFTER INSERT ON rctd.enrolment_refusal
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('enrolment-refusal', 'refusal_id', 'account:', 'account_id', '', '');

-- How much of it the account that acts was told within the hour; a refusal without names counts as one.
CREATE FUNCTION rctd.enrolment_told(in_trial uuid) RETURNS bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT coalesce(sum(greatest(r.told, 1)), 0) FROM rctd.enrolment_refusal r
             WHERE r.trial_id = in_trial AND r.account_id = rctd.who_signs() AND r.refused_at > now() - interval '1 hour');
END
$$;

-- Writes a refusal down before it is told, and says of how many it may be: all or none. The lock makes those of one
-- account follow one another, whichever daemons they reach.
CREATE FUNCTION rctd.enrolment_refuse(in_trial uuid, in_action text, in_met integer, in_most integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    who uuid := rctd.who_signs();
    tells integer;
BEGIN
    PERFORM rctd.signed_in_role(in_trial, who, ARRAY[current_setting('rctd.actor_role', true)]);
    PERFORM pg_advisory_xact_lock(hashtextextended('enrolment/' || who, 0));
    tells := CASE WHEN rctd.enrolment_told(in_trial) + in_met <= in_most THEN in_met ELSE 0 END;
    INSERT INTO rctd.enrolment_refusal (trial_id, account_id, action, met, told) VALUES (in_trial, who, in_action, in_met, tells);
    RETURN tells;
END
$$;
GRANT EXECUTE ON FUNCTION rctd.enrolment_told(uuid), rctd.enrolment_refuse(uuid, text, integer, integer) TO rctd_app;
GRANT SELECT ON rctd.enrolment_refusal TO rctd_app, rctd_manager, rctd_blinded;

-- What a review of access shows of an account: counts and times of its tokens, never a token.
CREATE VIEW rctd.account_use AS
SELECT a.account_id, count(k.token_id) FILTER (WHERE k.revoked_at IS NULL AND k.expires_at > now()) AS live_tokens,
       max(k.expires_at) FILTER (WHERE k.revoked_at IS NULL AND k.expires_at > now()) AS tokens_expire_at,
       max(k.last_used_at) AS last_used_at, max(p.set_at) AS password_set_at
  FROM rctd.account a
  LEFT JOIN rctd.token k ON k.account_id = a.account_id
  LEFT JOIN rctd.account_password p ON p.account_id = a.account_id
 GROUP BY a.account_id;

-- Who gave a role and who took it back: the trail's word.
CREATE VIEW rctd.grant_origin AS
SELECT g.trial_id, g.grant_id,
       (SELECT t.actor FROM rctd.audit t
         WHERE t.trial_id = g.trial_id AND t.stream = 'account:' || g.account_id AND t.object_kind = 'grant'
           AND t.object_id = g.grant_id::text AND t.old IS NULL ORDER BY t.sequence LIMIT 1) AS granted_by,
       CASE WHEN g.revoked_at IS NOT NULL THEN
       (SELECT t.actor FROM rctd.audit t
         WHERE t.trial_id = g.trial_id AND t.stream = 'account:' || g.account_id AND t.object_kind = 'grant'
           AND t.object_id = g.grant_id::text AND t.old IS NOT NULL ORDER BY t.sequence DESC LIMIT 1) END AS revoked_by
  FROM rctd.role_grant g;

-- Each look at who may do what: by whom, when, and what was asked for. The nil trial for the whole instance.
CREATE TABLE rctd.access_review (
    trial_id uuid NOT NULL,
    review_id uuid NOT NULL,
    account_id uuid NOT NULL REFERENCES rctd.account,
    role text NOT NULL,
    unused_days integer NOT NULL CHECK (unused_days > 0),
    since date,
    shown integer NOT NULL CHECK (shown >= 0),   -- rows
    flagged integer NOT NULL CHECK (flagged BETWEEN 0 AND shown),
    reviewed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (trial_id, review_id)
);
CREATE TRIGGER access_review_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.access_review
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER access_review_audit AFTER INSERT ON rctd.access_review
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('access-review', 'review_id', 'access', '', '', '');

CREATE FUNCTION rctd.access_review_own() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM rctd.signed_in_role(NEW.trial_id, NEW.account_id, ARRAY[NEW.role]);
    RETURN NEW;
END
$$;
CREATE TRIGGER access_review_own BEFORE INSERT ON rctd.access_review
    FOR EACH ROW EXECUTE FUNCTION rctd.access_review_own();

GRANT SELECT ON rctd.account_use, rctd.grant_origin, rctd.access_review TO rctd_app, rctd_manager, rctd_blinded;
GRANT INSERT (trial_id, review_id, account_id, role, unused_days, since, shown, flagged) ON rctd.access_review
    TO rctd_app, rctd_manager, rctd_blinded;
