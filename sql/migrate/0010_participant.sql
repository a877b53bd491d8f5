-- 0010: participants: people as units under a pseudonymous code, in workplaces by dated employment, and
-- what the protocol's flags said of a unit when it was allocated. Who they are stands nowhere here.

-- Where a unit is, for roles that cover some counties or sites: a workplace where its attributes say; a
-- participant where the workplace is that employs them, or, in a trial without workplaces, where their own
-- attributes say.
ALTER TABLE rctd.unit ALTER COLUMN county DROP EXPRESSION, ALTER COLUMN site DROP EXPRESSION;

-- A participant's code begins with P and carries its check: with the values 0 to 22 of the seven characters
-- behind the P, a1 5^6 + a2 5^5 + ... + a7 is 1 modulo 23 (rctd/trial/code.h).
ALTER TABLE rctd.unit
    ADD CONSTRAINT code_tells_the_kind CHECK ((kind = 'participant') = (code LIKE 'P%')),
    ADD CONSTRAINT participant_code CHECK (kind <> 'participant' OR (code ~ '^P[23456789ACEFHJKMPQRTWXY]{7}$' AND (
        (strpos('23456789ACEFHJKMPQRTWXY', substr(code, 2, 1)) - 1) * 8
        + (strpos('23456789ACEFHJKMPQRTWXY', substr(code, 3, 1)) - 1) * 20
        + (strpos('23456789ACEFHJKMPQRTWXY', substr(code, 4, 1)) - 1) * 4
        + (strpos('23456789ACEFHJKMPQRTWXY', substr(code, 5, 1)) - 1) * 10
        + (strpos('23456789ACEFHJKMPQRTWXY', substr(code, 6, 1)) - 1) * 2
        + (strpos('23456789ACEFHJKMPQRTWXY', substr(code, 7, 1)) - 1) * 5
        + strpos('23456789ACEFHJKMPQRTWXY', substr(code, 8, 1)) - 1) % 23 = 1));

-- A person's attributes stand in the trail as a digest with the row's own salt; a workplace's in full, since
-- it has none.
ALTER TABLE rctd.unit ADD COLUMN salt text,
    ADD CONSTRAINT people_have_a_salt CHECK ((kind = 'participant') = (salt IS NOT NULL));
CREATE OR REPLACE FUNCTION rctd.audit_image(shown jsonb, personal text[], hidden text[]) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE STRICT
AS $$
DECLARE
    image jsonb := shown - hidden - 'salt';
    name text;
BEGIN
    FOREACH name IN ARRAY personal LOOP
        IF image ->> name IS NOT NULL AND shown ->> 'salt' IS NOT NULL THEN
            image := image || jsonb_build_object(name,
                'sha256:' || encode(sha256(convert_to((shown ->> 'salt') || (shown ->> name), 'UTF8')), 'hex'));
        END IF;
    END LOOP;
    RETURN image;
END
$$;
DROP TRIGGER unit_audit ON rctd.unit;
CREATE TRIGGER unit_audit AFTER INSERT OR UPDATE OR DELETE ON rctd.unit
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('unit', 'unit_id', 'unit:', 'unit_id', 'attributes', '', 'version,changed_at');

CREATE FUNCTION rctd.unit_place() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    NEW.salt := CASE NEW.kind WHEN 'participant' THEN gen_random_uuid()::text END;
    IF NEW.kind = 'workplace' OR (NEW.county IS NULL AND NEW.site IS NULL) THEN
        NEW.county := NEW.attributes ->> 'county';
        NEW.site := NEW.attributes ->> 'site';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER unit_place BEFORE INSERT ON rctd.unit
    FOR EACH ROW EXECUTE FUNCTION rctd.unit_place();

-- A participant's own side. What tells who it is comes beside this table, in one of its own.
CREATE TABLE rctd.participant (
    trial_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    protocol_version integer NOT NULL, -- the one in force at registration
    registered_by uuid NOT NULL REFERENCES rctd.account,
    PRIMARY KEY (trial_id, unit_id),
    FOREIGN KEY (trial_id, unit_id) REFERENCES rctd.unit,
    FOREIGN KEY (trial_id, protocol_version) REFERENCES rctd.protocol_version
);
CREATE TRIGGER participant_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.participant
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER participant_audit AFTER INSERT ON rctd.participant
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('participant', 'unit_id', 'unit:', 'unit_id', '', '');

-- A unit's own side fits its kind.
CREATE FUNCTION rctd.unit_side() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM rctd.unit u
                    WHERE u.trial_id = NEW.trial_id AND u.unit_id = NEW.unit_id AND u.kind = TG_ARGV[0]) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'unit_side',
            MESSAGE = format('That unit is no %s', TG_ARGV[0]);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER participant_side AFTER INSERT ON rctd.participant
    FOR EACH ROW EXECUTE FUNCTION rctd.unit_side('participant');

-- Who works where, from the first day on until the last (NULL: still). Nobody is in two workplaces of a trial
-- at once. A row is ended once and never changed otherwise; who moves gets another.
CREATE TABLE rctd.employment (
    trial_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    from_on date NOT NULL,
    to_on date,
    workplace_id uuid NOT NULL,
    PRIMARY KEY (trial_id, unit_id, from_on),
    FOREIGN KEY (trial_id, unit_id) REFERENCES rctd.participant,
    FOREIGN KEY (trial_id, workplace_id) REFERENCES rctd.workplace,
    CONSTRAINT ends_after_it_began CHECK (to_on >= from_on),
    CONSTRAINT one_workplace_at_a_time EXCLUDE USING gist
        (trial_id WITH =, unit_id WITH =, daterange(from_on, to_on, '[]') WITH &&)
);
CREATE INDEX employment_of_workplace ON rctd.employment (trial_id, workplace_id);
CREATE TRIGGER employment_audit AFTER INSERT OR UPDATE OR DELETE ON rctd.employment
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('employment', 'from_on', 'unit:', 'unit_id', '', '');

CREATE FUNCTION rctd.employment_kept() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.to_on IS NULL AND NEW.to_on IS NOT NULL
       AND (NEW.trial_id, NEW.unit_id, NEW.from_on, NEW.workplace_id)
           = (OLD.trial_id, OLD.unit_id, OLD.from_on, OLD.workplace_id) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'employment_kept',
        MESSAGE = 'An employment is ended once, and stays';
END
$$;
CREATE TRIGGER employment_kept BEFORE UPDATE OR DELETE ON rctd.employment
    FOR EACH ROW EXECUTE FUNCTION rctd.employment_kept();
CREATE TRIGGER employment_whole BEFORE TRUNCATE ON rctd.employment
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.never_emptied();

-- The participant is where the workplace is.
CREATE FUNCTION rctd.employment_place() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE rctd.unit u SET county = w.county, site = w.site
      FROM rctd.unit w
     WHERE w.trial_id = NEW.trial_id AND w.unit_id = NEW.workplace_id
       AND u.trial_id = NEW.trial_id AND u.unit_id = NEW.unit_id
       AND (u.county, u.site) IS DISTINCT FROM (w.county, w.site);
    RETURN NULL;
END
$$;
CREATE TRIGGER employment_place AFTER INSERT ON rctd.employment
    FOR EACH ROW WHEN (NEW.to_on IS NULL) EXECUTE FUNCTION rctd.employment_place();

-- What the protocol's flags said of a unit when it was first allocated, by the rules of that version; NULL
-- where a rule could not be decided. It never changes, whatever the rules become.
CREATE TABLE rctd.unit_flag (
    trial_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    flag text NOT NULL CHECK (flag ~ '^[a-z0-9][a-z0-9_.-]{0,62}$'),
    raised boolean,
    salt text NOT NULL DEFAULT gen_random_uuid()::text,
    rule text NOT NULL,
    protocol_version integer NOT NULL,
    frozen_at timestamptz NOT NULL,
    PRIMARY KEY (trial_id, unit_id, flag),
    FOREIGN KEY (trial_id, unit_id) REFERENCES rctd.unit,
    FOREIGN KEY (trial_id, protocol_version) REFERENCES rctd.protocol_version
);
CREATE TRIGGER unit_flag_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.unit_flag
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER unit_flag_audit AFTER INSERT ON rctd.unit_flag
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('flag', 'flag', 'unit:', 'unit_id', 'raised', '');

-- Flags are frozen with the first allocation and not after it.
CREATE FUNCTION rctd.unit_flag_in_time() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM rctd.allocation a
                WHERE a.trial_id = NEW.trial_id AND a.unit_id = NEW.unit_id AND a.allocated_at < NEW.frozen_at) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'unit_flag_in_time',
            MESSAGE = 'Flags are frozen before allocation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER unit_flag_in_time BEFORE INSERT ON rctd.unit_flag
    FOR EACH ROW EXECUTE FUNCTION rctd.unit_flag_in_time();

-- A participant with all that decides about them: the workplace that they are in, or were in last, latest
-- answers and consents, frozen flags, and allocations, never to what. It is read with the privileges of who
-- reads.
CREATE VIEW rctd.participant_card WITH (security_invoker = true) AS
SELECT u.trial_id, u.unit_id, u.code, u.state, u.county, u.site, u.attributes, u.version, u.registered_at, u.changed_at,
       e.code AS workplace, e.from_on AS employed_from, e.to_on AS employed_to,
       coalesce((SELECT jsonb_object_agg(a.question, a.answer ORDER BY a.ordinal)
                   FROM rctd.eligibility_answer a
                  WHERE a.trial_id = u.trial_id AND a.unit_id = u.unit_id), '{}') AS answers,
       coalesce((SELECT jsonb_object_agg(c.form, jsonb_build_object('version', c.form_version,
                        'decision', c.decision, 'scopes', c.scopes) ORDER BY c.ordinal)
                   FROM rctd.consent c
                  WHERE c.trial_id = u.trial_id AND c.unit_id = u.unit_id), '{}') AS consents,
       coalesce((SELECT jsonb_agg(jsonb_build_object('scheme', l.scheme, 'phase', l.phase,
                        'allocated_at', l.allocated_at) ORDER BY l.scheme)
                   FROM rctd.allocation l
                  WHERE l.trial_id = u.trial_id AND l.unit_id = u.unit_id), '[]') AS allocations,
       (SELECT jsonb_object_agg(f.flag, f.raised ORDER BY f.flag) FROM rctd.unit_flag f
         WHERE f.trial_id = u.trial_id AND f.unit_id = u.unit_id) AS flags,
       (SELECT max(f.protocol_version) FROM rctd.unit_flag f
         WHERE f.trial_id = u.trial_id AND f.unit_id = u.unit_id) AS flags_version,
       extract(year FROM rctd.clock() AT TIME ZONE t.time_zone)::integer AS year
  FROM rctd.unit u
  JOIN rctd.participant p ON p.trial_id = u.trial_id AND p.unit_id = u.unit_id
  JOIN rctd.trial t ON t.trial_id = u.trial_id
  LEFT JOIN LATERAL (
       SELECT w.code, m.from_on, m.to_on
         FROM rctd.employment m JOIN rctd.unit w ON w.trial_id = m.trial_id AND w.unit_id = m.workplace_id
        WHERE m.trial_id = u.trial_id AND m.unit_id = u.unit_id
        ORDER BY m.from_on DESC LIMIT 1) e ON true;

GRANT SELECT ON rctd.participant, rctd.employment, rctd.participant_card TO rctd_app, rctd_manager, rctd_blinded;
GRANT SELECT ON rctd.unit_flag TO rctd_app, rctd_manager;
GRANT SELECT (trial_id, unit_id, flag, raised, protocol_version, frozen_at) ON rctd.unit_flag TO rctd_blinded;
GRANT INSERT ON rctd.participant, rctd.employment, rctd.unit_flag TO rctd_app;
GRANT UPDATE (to_on) ON rctd.employment TO rctd_app;
