-- 0012: the vault: who people are, encrypted by the daemon, in a schema that one role of the database reads.
-- A dump of it tells nothing without the master key: a box is opened by a data key, and a data key stands
-- here sealed under the master key.

-- Does one of the daemon's roles act? Then the settings rctd.* say who; anyone else is named by what logged in.
CREATE FUNCTION rctd.daemon_acts() RETURNS boolean
    LANGUAGE plpgsql STABLE
    AS $$ BEGIN RETURN current_setting('role') IN ('rctd_app', 'rctd_manager', 'rctd_blinded', 'rctd_vault', 'rctd_link'); END $$;

CREATE OR REPLACE FUNCTION rctd.audit_append(
    in_trial uuid, in_stream text, in_kind text, in_object text, in_old jsonb, in_new jsonb, in_verb text
) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    headless boolean := in_stream LIKE 'stratum:%';
    daemon boolean := rctd.daemon_acts();
    entry rctd.audit;
    head rctd.audit_head;
BEGIN
    IF headless THEN
        SELECT a.trial_id, a.stream, a.sequence, a.hash INTO head FROM rctd.audit a
         WHERE a.trial_id = in_trial AND a.stream = in_stream ORDER BY a.sequence DESC LIMIT 1;
    ELSE
        SELECT * INTO head FROM rctd.audit_head h
         WHERE h.trial_id = in_trial AND h.stream = in_stream FOR UPDATE;
    END IF;
    entry.trial_id := in_trial;
    entry.stream := in_stream;
    entry.sequence := coalesce(head.sequence, 0) + 1;
    entry.at := clock_timestamp();
    entry.actor := 'database:' || session_user;
    entry.actor_role := 'none';
    entry.organisation := '';
    IF daemon THEN
        entry.actor := coalesce(nullif(current_setting('rctd.actor', true), ''), entry.actor);
        entry.actor_role := coalesce(nullif(current_setting('rctd.actor_role', true), ''), 'none');
        entry.organisation := coalesce(current_setting('rctd.organisation', true), '');
    END IF;
    entry.action := coalesce(nullif(current_setting('rctd.action', true), ''), in_kind || '.' || in_verb);
    entry.object_kind := in_kind;
    entry.object_id := in_object;
    entry.old := in_old::text;
    entry.new := in_new::text;
    entry.reason := nullif(current_setting('rctd.reason', true), '');
    entry.request_id := nullif(current_setting('rctd.request', true), '');
    entry.previous := coalesce(head.hash, decode(repeat('00', 32), 'hex'));
    entry.hash := rctd.audit_hash(entry);
    INSERT INTO rctd.audit SELECT entry.*;
    IF NOT headless THEN
        IF head.sequence IS NULL THEN
            INSERT INTO rctd.audit_head VALUES (in_trial, in_stream, entry.sequence, entry.hash);
        ELSE
            UPDATE rctd.audit_head h SET sequence = entry.sequence, hash = entry.hash
             WHERE h.trial_id = in_trial AND h.stream = in_stream;
        END IF;
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION rctd.signed_in_role(in_trial uuid, in_account uuid, in_roles text[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF rctd.daemon_acts()
       AND (coalesce(current_setting('rctd.account', true), '') <> in_account::text
            OR coalesce(current_setting('rctd.actor_role', true), '') <> ALL (in_roles)) THEN
        RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'signed_in_role',
            MESSAGE = 'Nobody signs for somebody else, or in another role';
    END IF;
    PERFORM FROM rctd.account a WHERE a.account_id = in_account AND a.disabled_at IS NULL FOR SHARE;
    IF FOUND THEN
        PERFORM FROM rctd.role_grant g
          WHERE g.trial_id IN (in_trial, '00000000-0000-0000-0000-000000000000') AND g.account_id = in_account
            AND g.role = ANY (in_roles) AND g.revoked_at IS NULL FOR SHARE;
    END IF;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'signed_in_role',
            MESSAGE = 'It takes the role to sign in it';
    END IF;
END
$$;

-- Data keys of a trial, each sealed under the master key; the newest seals new boxes. A key that nothing is
-- left under is destroyed: its sealed bytes go, its row stays.
CREATE TABLE rctd_vault.data_key (
    trial_id uuid NOT NULL REFERENCES rctd.trial,
    version integer NOT NULL CHECK (version > 0),
    master_key_id text NOT NULL CHECK (master_key_id <> ''),
    sealed bytea,
    made_at timestamptz NOT NULL,
    destroyed_at timestamptz,
    PRIMARY KEY (trial_id, version),
    CONSTRAINT sealed_until_destroyed CHECK ((sealed IS NULL) = (destroyed_at IS NOT NULL))
);
CREATE TRIGGER data_key_audit AFTER INSERT OR UPDATE OR DELETE ON rctd_vault.data_key
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('data-key', 'version', 'trial', '', '', 'sealed');

-- The key of the trial's hashes of identity numbers: it stays for the trial's life, since a hash cannot be
-- made again without the number.
CREATE TABLE rctd_vault.lookup_key (
    trial_id uuid NOT NULL REFERENCES rctd.trial,
    master_key_id text NOT NULL CHECK (master_key_id <> ''),
    sealed bytea NOT NULL,
    made_at timestamptz NOT NULL,
    PRIMARY KEY (trial_id)
);
CREATE TRIGGER lookup_key_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd_vault.lookup_key
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER lookup_key_audit AFTER INSERT ON rctd_vault.lookup_key
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('lookup-key', 'trial_id', 'trial', '', '', 'sealed');

-- The master key sealed to the people who keep it against its loss, as base/escrow.h writes it: what is sealed under
-- it here is worth no more than this. Of the instance; one row for each key and those people.
CREATE TABLE rctd_vault.key_escrow (
    key_id text NOT NULL CHECK (key_id ~ '^[0-9a-f]{16}$'),
    sealed_to text NOT NULL CHECK (sealed_to ~ '^[0-9a-f]{64}( [0-9a-f]{64})?$'),
    sealed text NOT NULL CHECK (sealed LIKE 'rctd-escrow-v1%'),
    made_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (key_id, sealed_to)
);
CREATE TRIGGER key_escrow_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd_vault.key_escrow
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER key_escrow_audit AFTER INSERT ON rctd_vault.key_escrow
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('key-escrow', 'key_id', 'instance', '', '', 'sealed');
GRANT SELECT, INSERT (key_id, sealed_to, sealed) ON rctd_vault.key_escrow TO rctd_vault;

-- The master keys that something lies under, and how much: names of keys, of all trials, and nothing that is sealed.
-- An escrow tells that a key was there, and not that anything lies under it.
CREATE VIEW rctd_vault.key_use AS
SELECT k.key_id, count(*) AS sealed
  FROM (SELECT s.key_id FROM rctd.scheme_seed s
        UNION ALL SELECT e.key_id FROM rctd.endpoint e
        UNION ALL SELECT l.master_key_id FROM rctd_vault.lookup_key l
        UNION ALL SELECT d.master_key_id FROM rctd_vault.data_key d WHERE d.sealed IS NOT NULL) k
 GROUP BY k.key_id;
GRANT SELECT ON rctd_vault.key_use TO rctd_vault;

-- A person's box: name, contact and number, bound to trial, unit and key version; and the keyed hash of the
-- number, by which a second enrolment is refused. `revision` counts what people changed, a rotation of keys
-- changes only version and box. No role may select the hash: nobody can ask whether somebody is here.
CREATE TABLE rctd_vault.identity (
    trial_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    key_version integer NOT NULL,
    box bytea NOT NULL,
    number_hash bytea CHECK (octet_length(number_hash) = 32),
    revision integer NOT NULL DEFAULT 1,
    PRIMARY KEY (trial_id, unit_id),
    CONSTRAINT identity_once UNIQUE (trial_id, number_hash),
    FOREIGN KEY (trial_id, unit_id) REFERENCES rctd.participant,
    FOREIGN KEY (trial_id, key_version) REFERENCES rctd_vault.data_key
) WITH (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0.01);
CREATE INDEX identity_by_key ON rctd_vault.identity (trial_id, key_version, unit_id);
-- Statistics would keep samples of both after the row is gone.
ALTER TABLE rctd_vault.identity ALTER COLUMN box SET STATISTICS 0, ALTER COLUMN number_hash SET STATISTICS 0;
ALTER TABLE rctd_vault.data_key ALTER COLUMN sealed SET STATISTICS 0;
CREATE TRIGGER identity_audit AFTER INSERT OR DELETE ON rctd_vault.identity
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('identity', 'unit_id', 'unit:', 'unit_id', '', 'number_hash', 'key_version,box');
CREATE TRIGGER identity_audit_change AFTER UPDATE ON rctd_vault.identity
    FOR EACH ROW WHEN (OLD.revision <> NEW.revision) EXECUTE FUNCTION rctd.audit_change('identity', 'unit_id', 'unit:', 'unit_id', '', 'number_hash', 'key_version,box');
CREATE TRIGGER identity_whole BEFORE TRUNCATE ON rctd_vault.identity
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.never_emptied();

-- What is sealed is sealed under a key that is there. The lock makes a key's destruction wait for those who
-- use it; it is taken once for a statement, whose rows are many in an import.
CREATE FUNCTION rctd_vault.identity_key() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    used record;
BEGIN
    FOR used IN SELECT DISTINCT n.trial_id, n.key_version FROM new_rows n LOOP
        PERFORM FROM rctd_vault.data_key k WHERE k.trial_id = used.trial_id AND k.version = used.key_version
                                             AND k.sealed IS NOT NULL FOR SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'identity_key',
                MESSAGE = 'That data key was destroyed';
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;
CREATE TRIGGER identity_key_insert AFTER INSERT ON rctd_vault.identity
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION rctd_vault.identity_key();
CREATE TRIGGER identity_key_update AFTER UPDATE ON rctd_vault.identity
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION rctd_vault.identity_key();

-- A box changes with its revision, which the trail has, or under a newer key, with the same content.
CREATE FUNCTION rctd_vault.identity_kept() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF (NEW.trial_id, NEW.unit_id) IS DISTINCT FROM (OLD.trial_id, OLD.unit_id) OR NEW.key_version < OLD.key_version
       OR NOT (NEW.revision = OLD.revision + 1
               OR (NEW.revision = OLD.revision AND NEW.key_version > OLD.key_version
                   AND NEW.number_hash IS NOT DISTINCT FROM OLD.number_hash)) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'identity_kept',
            MESSAGE = 'An identity changes with its revision, or goes to a newer key';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER identity_kept BEFORE UPDATE ON rctd_vault.identity
    FOR EACH ROW EXECUTE FUNCTION rctd_vault.identity_kept();

-- A key is destroyed once, when a newer one is there and nothing is left under it; it never comes back.
CREATE FUNCTION rctd_vault.data_key_kept() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.sealed IS NULL OR NEW.sealed IS NOT NULL
       OR (NEW.trial_id, NEW.version, NEW.master_key_id, NEW.made_at)
          IS DISTINCT FROM (OLD.trial_id, OLD.version, OLD.master_key_id, OLD.made_at) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'data_key_kept',
            MESSAGE = 'A data key is destroyed once, and nothing else of it changes';
    END IF;
    IF EXISTS (SELECT FROM rctd_vault.identity i WHERE i.trial_id = OLD.trial_id AND i.key_version = OLD.version)
       OR NOT EXISTS (SELECT FROM rctd_vault.data_key k WHERE k.trial_id = OLD.trial_id AND k.version > OLD.version) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'data_key_in_use',
            MESSAGE = 'A data key is destroyed when nothing is left under it and a newer one is there';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER data_key_kept BEFORE UPDATE OR DELETE ON rctd_vault.data_key
    FOR EACH ROW EXECUTE FUNCTION rctd_vault.data_key_kept();
CREATE TRIGGER data_key_whole BEFORE TRUNCATE ON rctd_vault.data_key
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.never_emptied();

GRANT SELECT, INSERT ON rctd_vault.data_key, rctd_vault.lookup_key TO rctd_vault;
GRANT UPDATE (sealed, destroyed_at) ON rctd_vault.data_key TO rctd_vault;
GRANT INSERT (trial_id, unit_id, key_version, box, number_hash) ON rctd_vault.identity TO rctd_app;
GRANT SELECT (trial_id, unit_id, key_version, box, revision) ON rctd_vault.identity TO rctd_vault;
GRANT INSERT (trial_id, unit_id, key_version, box, number_hash) ON rctd_vault.identity TO rctd_vault;
GRANT UPDATE (key_version, box, number_hash, revision) ON rctd_vault.identity TO rctd_vault;
GRANT EXECUTE ON FUNCTION rctd.clock() TO rctd_vault;
GRANT SELECT ON rctd.instance TO rctd_vault;

-- Reading who people are is a role of its own, given for a purpose.
ALTER TABLE rctd.role_grant
    DROP CONSTRAINT role_grant_role_check,
    ADD CONSTRAINT role_grant_role_check CHECK (role IN ('administrator', 'trial-manager', 'coordinator', 'researcher',
        'interviewer', 'dispatcher', 'statistician', 'auditor', 'identity-reader')),
    ADD COLUMN purpose text CHECK (purpose IN ('contact', 'linkage', 'verification', 'safety')),
    ADD CONSTRAINT purpose_is_an_identity_readers CHECK ((role = 'identity-reader') = (purpose IS NOT NULL)),
    DROP CONSTRAINT narrowing_is_for_field_roles,
    ADD CONSTRAINT narrowing_is_for_field_roles CHECK ((county IS NULL AND site IS NULL)
        OR role IN ('coordinator', 'researcher', 'interviewer', 'identity-reader'));
DROP INDEX rctd.role_grant_once;
CREATE UNIQUE INDEX role_grant_once ON rctd.role_grant
    (trial_id, account_id, role, coalesce(county, ''), coalesce(site, ''), coalesce(purpose, '')) WHERE revoked_at IS NULL;

-- Who analyses or audits arms by pseudonym does not read who the people are, on the same trial; an auditor of
-- the instance on none. The account's row makes those who would give both at once follow one another.
CREATE FUNCTION rctd.reads_or_analyses() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM FROM rctd.account a WHERE a.account_id = NEW.account_id FOR NO KEY UPDATE;
    IF EXISTS (SELECT FROM rctd.role_grant g WHERE g.account_id = NEW.account_id AND g.revoked_at IS NULL
                AND g.role = ANY (CASE NEW.role WHEN 'identity-reader' THEN ARRAY['statistician', 'auditor']
                                                ELSE ARRAY['identity-reader'] END)
                AND (g.trial_id = NEW.trial_id OR '00000000-0000-0000-0000-000000000000' IN (g.trial_id, NEW.trial_id))) THEN
        RAISE EXCEPTION USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'reads_or_analyses',
            MESSAGE = 'Who analyses or audits by pseudonym does not read identities';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER role_grant_reads_or_analyses BEFORE INSERT ON rctd.role_grant FOR EACH ROW
    WHEN (NEW.role IN ('identity-reader', 'statistician', 'auditor')) EXECUTE FUNCTION rctd.reads_or_analyses();

-- An endpoint may be made to get contact details: what its one channel needs, of participants who agree. It is made
-- so, and never becomes so.
ALTER TABLE rctd.endpoint ADD COLUMN contact_details boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT contact_details_by_channel CHECK (NOT contact_details OR channel IN ('email', 'sms', 'phone'));
GRANT SELECT (contact_details) ON rctd.endpoint TO rctd_manager;

-- What says where a matter is filed and cannot say who somebody is: "KS-2026/417". Too few digits for an identity
-- number or a mobile phone's, and no word longer than six letters in front.
CREATE DOMAIN rctd.reference AS text CONSTRAINT reference_form CHECK (
    value ~ '^([A-Z]{1,6}[-/.]?)?[0-9]{1,6}([-/.][0-9]{1,6}){0,2}$' AND length(regexp_replace(value, '[^0-9]', '', 'g')) <= 9);

-- Each reading of an identity: whose, by whom or for which endpoint, for what, which fields; never a value.
CREATE TABLE rctd_vault.reading (
    trial_id uuid NOT NULL,
    reading_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    purpose text NOT NULL CHECK (purpose IN ('contact', 'linkage', 'verification', 'safety')),
    fields text[] NOT NULL CHECK (fields <@ ARRAY['number', 'name', 'phone', 'email', 'address'] AND fields <> '{}'),
    account_id uuid REFERENCES rctd.account,
    endpoint_id uuid,
    reminder_id uuid,
    reason text NOT NULL CHECK (reason ~ '^[a-z]+(-[a-z]+){0,2}$'),
    reference rctd.reference,
    read_at timestamptz NOT NULL,
    PRIMARY KEY (trial_id, reading_id),
    FOREIGN KEY (trial_id, unit_id) REFERENCES rctd.unit,
    FOREIGN KEY (trial_id, endpoint_id) REFERENCES rctd.endpoint,
    FOREIGN KEY (trial_id, reminder_id) REFERENCES rctd.reminder,
    CONSTRAINT read_by_one CHECK ((account_id IS NULL) <> (endpoint_id IS NULL)),
    CONSTRAINT endpoints_read_for_reminders CHECK ((endpoint_id IS NULL) = (reminder_id IS NULL))
);
CREATE INDEX reading_of_unit ON rctd_vault.reading (trial_id, unit_id);
CREATE TRIGGER reading_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd_vault.reading
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER reading_audit AFTER INSERT ON rctd_vault.reading
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('identity-reading', 'reading_id', 'unit:', 'unit_id', '', '');

-- What is held against the trail: that somebody's identity is kept, how often it was changed, and who read it. No
-- number, hash or box.
CREATE VIEW rctd.identity_kept AS SELECT i.trial_id, i.unit_id, i.revision FROM rctd_vault.identity i;
CREATE VIEW rctd.identity_reading AS SELECT r.* FROM rctd_vault.reading r;
GRANT SELECT ON rctd.identity_kept, rctd.identity_reading TO rctd_app;

-- A reading is signed by who holds the role for that purpose, and asks the one function where the purpose is one
-- that people consent to. Withdrawals take the unit's row for themselves: they come before the reading, or wait.
CREATE FUNCTION rctd_vault.reading_check() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM FROM rctd.unit u WHERE u.trial_id = NEW.trial_id AND u.unit_id = NEW.unit_id FOR SHARE;
    IF NEW.account_id IS NOT NULL THEN
        PERFORM rctd.signed_in_role(NEW.trial_id, NEW.account_id, ARRAY['identity-reader']);
        IF NOT EXISTS (SELECT FROM rctd.role_grant g
                        WHERE g.trial_id = NEW.trial_id AND g.account_id = NEW.account_id AND g.role = 'identity-reader'
                          AND g.purpose = NEW.purpose AND g.revoked_at IS NULL) THEN
            RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'reading_purpose',
                MESSAGE = 'It takes the role for that purpose';
        END IF;
    ELSIF NEW.purpose <> 'contact' OR NOT EXISTS (
            SELECT FROM rctd.endpoint e WHERE e.trial_id = NEW.trial_id AND e.endpoint_id = NEW.endpoint_id
               AND e.contact_details AND e.state = 'active'
               AND NEW.fields = CASE e.channel WHEN 'email' THEN ARRAY['email'] ELSE ARRAY['phone'] END) THEN
        RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'reading_purpose',
            MESSAGE = 'An endpoint gets what its channel needs, where it was made for contact details';
    END IF;
    IF NEW.purpose IN ('contact', 'linkage') AND rctd.may(NEW.trial_id, NEW.unit_id, NEW.purpose) IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'reading_consent',
            MESSAGE = 'The participant has not agreed to that, or has stopped it';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER reading_check BEFORE INSERT ON rctd_vault.reading
    FOR EACH ROW EXECUTE FUNCTION rctd_vault.reading_check();

GRANT SELECT, INSERT ON rctd_vault.reading TO rctd_vault;
GRANT SELECT (trial_id, unit_id, code) ON rctd.unit TO rctd_vault;
GRANT SELECT (account_id, name) ON rctd.account TO rctd_vault;
GRANT SELECT (trial_id, endpoint_id, url) ON rctd.endpoint TO rctd_vault;

-- A change of a trial's data key: a newer key is made, the daemons seal what is there under it, bit by bit, and the
-- older key is destroyed when nothing is left under it. One at a time.
CREATE TABLE rctd_vault.rotation (
    trial_id uuid NOT NULL,
    to_version integer NOT NULL,
    requested_by uuid NOT NULL REFERENCES rctd.account,
    reason text NOT NULL CHECK (reason <> ''),
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    PRIMARY KEY (trial_id, to_version),
    FOREIGN KEY (trial_id, to_version) REFERENCES rctd_vault.data_key
);
CREATE UNIQUE INDEX rotation_one_at_a_time ON rctd_vault.rotation (trial_id) WHERE finished_at IS NULL;
CREATE TRIGGER rotation_audit AFTER INSERT OR UPDATE OR DELETE ON rctd_vault.rotation
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('rotation', 'to_version', 'trial', '', '', '');
CREATE TRIGGER rotation_whole BEFORE TRUNCATE ON rctd_vault.rotation
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.never_emptied();

CREATE FUNCTION rctd_vault.rotation_check() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM rctd.signed_in_role(NEW.trial_id, NEW.requested_by, ARRAY['administrator']);
    ELSIF TG_OP = 'DELETE' OR OLD.finished_at IS NOT NULL OR NEW.finished_at IS NULL
          OR (NEW.trial_id, NEW.to_version, NEW.requested_by, NEW.reason, NEW.started_at)
             IS DISTINCT FROM (OLD.trial_id, OLD.to_version, OLD.requested_by, OLD.reason, OLD.started_at) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'rotation_kept',
            MESSAGE = 'A rotation is finished once, and stays';
    ELSIF EXISTS (SELECT FROM rctd_vault.data_key k
                   WHERE k.trial_id = NEW.trial_id AND k.version < NEW.to_version AND k.sealed IS NOT NULL) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'rotation_kept',
            MESSAGE = 'A rotation is finished when the older key is destroyed';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER rotation_check BEFORE INSERT OR UPDATE OR DELETE ON rctd_vault.rotation
    FOR EACH ROW EXECUTE FUNCTION rctd_vault.rotation_check();

-- What a rotation or an erasure leaves in the files of tables and indexes until they are written anew, which is
-- then noted: PostgreSQL keeps deleted rows until a vacuum, and their bytes after it.
CREATE TABLE rctd_vault.residue (
    trial_id uuid NOT NULL REFERENCES rctd.trial,
    residue_id uuid NOT NULL DEFAULT gen_random_uuid(),
    kind text NOT NULL CHECK (kind IN ('rotation', 'erasure')),
    left_at timestamptz NOT NULL,
    gone_at timestamptz,
    PRIMARY KEY (trial_id, residue_id)
);
CREATE INDEX residue_there ON rctd_vault.residue (trial_id) WHERE gone_at IS NULL;
CREATE TRIGGER residue_audit AFTER INSERT OR UPDATE OR DELETE ON rctd_vault.residue
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('residue', 'residue_id', 'trial', '', '', '');
CREATE TRIGGER residue_whole BEFORE TRUNCATE ON rctd_vault.residue
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.never_emptied();

-- Writes the tables with sealed data anew, without what was deleted; true when nothing of it is left, false when
-- an older snapshot still needs it, NULL when there is nothing to do. CLUSTER gives table and indexes new files and
-- keeps what older snapshots may see: then an index has more entries than the table has rows.
CREATE FUNCTION rctd_vault.scrub() RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s'
AS $$
DECLARE
    due uuid[];
    clean boolean := true;
BEGIN
    SELECT array_agg(r.residue_id) INTO due
      FROM (SELECT q.residue_id FROM rctd_vault.residue q WHERE q.gone_at IS NULL FOR UPDATE SKIP LOCKED) r;
    IF due IS NULL THEN
        RETURN NULL;
    END IF;
    CLUSTER rctd_vault.identity USING identity_pkey;
    CLUSTER rctd_vault.data_key USING data_key_pkey;
    SELECT bool_and(i.reltuples <= t.reltuples) INTO clean
      FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
     WHERE x.indexrelid IN ('rctd_vault.identity_pkey'::regclass, 'rctd_vault.data_key_pkey'::regclass);
    IF clean THEN
        UPDATE rctd_vault.residue SET gone_at = rctd.clock() WHERE residue_id = ANY (due);
    END IF;
    RETURN clean;
END
$$;

GRANT SELECT, INSERT ON rctd_vault.rotation TO rctd_vault;
GRANT UPDATE (finished_at) ON rctd_vault.rotation TO rctd_vault;
GRANT SELECT ON rctd_vault.residue TO rctd_vault;
GRANT INSERT (trial_id, kind, left_at) ON rctd_vault.residue TO rctd_vault;
GRANT EXECUTE ON FUNCTION rctd_vault.scrub() TO rctd_vault;
