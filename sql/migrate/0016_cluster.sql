-- 0016: what trials that allocate whole workplaces have to hold: who was there when the roster was locked, who
-- came after it and who after the allocation; which workplace a person is analysed in, wherever they go; what
-- became of workplaces; and who of the staff serves more than one of them. Nothing here is by arm: what
-- differs between arms is asked of the ledger by roles that know arms.

-- The list of a roster, as it was when the roster was locked. `digest` is SHA-256 over the codes in order, each
-- with a line end: who has the list can say whether it is the one (sha256sum). It stands in the trail.
CREATE TABLE rctd.roster (
    trial_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    listed integer NOT NULL CHECK (listed >= 0),
    digest text NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
    locked_on date NOT NULL,
    locked_at timestamptz NOT NULL,
    PRIMARY KEY (trial_id, unit_id),
    FOREIGN KEY (trial_id, unit_id) REFERENCES rctd.workplace
);
CREATE TRIGGER roster_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.roster
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER roster_audit AFTER INSERT ON rctd.roster
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('roster', 'unit_id', 'unit:', 'unit_id', '', '');

CREATE TABLE rctd.roster_member (
    trial_id uuid NOT NULL,
    workplace_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    PRIMARY KEY (trial_id, workplace_id, unit_id),
    FOREIGN KEY (trial_id, workplace_id) REFERENCES rctd.roster,
    FOREIGN KEY (trial_id, unit_id) REFERENCES rctd.participant
);
CREATE TRIGGER roster_member_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.roster_member
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();

CREATE FUNCTION rctd.roster_digest(codes text[]) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
    RETURN encode(sha256(convert_to(coalesce(
        (SELECT string_agg(c || E'\n', '' ORDER BY c COLLATE "C") FROM unnest(codes) c), ''), 'UTF8')), 'hex');
END
$$;

-- A list is the one that its digest was made of: nobody is added to it, whoever tries.
CREATE FUNCTION rctd.roster_whole() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM (SELECT DISTINCT n.trial_id, n.workplace_id FROM listed n) w
                 JOIN rctd.roster r ON r.trial_id = w.trial_id AND r.unit_id = w.workplace_id
                WHERE r.digest <> rctd.roster_digest(ARRAY(
                    SELECT u.code FROM rctd.roster_member m
                      JOIN rctd.unit u ON u.trial_id = m.trial_id AND u.unit_id = m.unit_id
                     WHERE m.trial_id = w.trial_id AND m.workplace_id = w.workplace_id))) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'roster_whole',
            MESSAGE = 'Nobody comes onto a roster that is locked';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER roster_whole AFTER INSERT ON rctd.roster_member REFERENCING NEW TABLE AS listed
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.roster_whole();

-- The workplace in which a person is analysed, for good: the first that they were in when its roster was locked
-- or it was allocated, or that they came to after that. `joined`: they stood on the roster (or, where none was
-- locked, were there at the allocation); came between the lock and the allocation; or came when the workplace
-- was allocated already, and are kept out of the primary set (ICH E9 5.2.1; CONSORT 2010 for cluster trials, 10a).
CREATE TABLE rctd.cluster_member (
    trial_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    workplace_id uuid NOT NULL,
    joined text NOT NULL CHECK (joined IN ('on-roster', 'after-roster', 'post_allocation')),
    joined_at timestamptz NOT NULL,
    PRIMARY KEY (trial_id, unit_id),
    FOREIGN KEY (trial_id, unit_id) REFERENCES rctd.participant,
    FOREIGN KEY (trial_id, workplace_id) REFERENCES rctd.workplace
);
CREATE INDEX cluster_member_of_workplace ON rctd.cluster_member (trial_id, workplace_id);
CREATE TRIGGER cluster_member_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.cluster_member
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();

-- Those who come into a cluster at once are one row of the trail.
CREATE FUNCTION rctd.audit_members() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    one record;
BEGIN
    FOR one IN
        SELECT n.trial_id, n.workplace_id, n.joined, jsonb_agg(n.unit_id ORDER BY n.unit_id) AS members
          FROM joining n GROUP BY n.trial_id, n.workplace_id, n.joined ORDER BY n.workplace_id, n.joined
    LOOP
        PERFORM rctd.audit_append(one.trial_id, 'unit:' || one.workplace_id, 'cluster', one.workplace_id::text, NULL,
            jsonb_build_object('joined', one.joined, 'members', one.members), 'insert');
    END LOOP;
    RETURN NULL;
END
$$;
CREATE TRIGGER cluster_member_audit AFTER INSERT ON rctd.cluster_member REFERENCING NEW TABLE AS joining
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.audit_members();

-- Who works in a workplace on a day.
CREATE FUNCTION rctd.employed(in_trial uuid, in_workplace uuid, in_day date) RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY SELECT e.unit_id FROM rctd.employment e
        WHERE e.trial_id = in_trial AND e.workplace_id = in_workplace AND e.from_on <= in_day
          AND (e.to_on IS NULL OR e.to_on >= in_day);
END
$$;

CREATE FUNCTION rctd.today(in_trial uuid) RETURNS date
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT (rctd.clock() AT TIME ZONE t.time_zone)::date FROM rctd.trial t WHERE t.trial_id = in_trial);
END
$$;

-- Who is in a workplace at this moment, and in no cluster yet, is in this one.
CREATE FUNCTION rctd.cluster_settle(in_trial uuid, in_workplace uuid, in_day date) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO rctd.cluster_member (trial_id, unit_id, workplace_id, joined, joined_at)
    SELECT in_trial, e, in_workplace, 'on-roster', rctd.clock() FROM rctd.employed(in_trial, in_workplace, in_day) e
     WHERE NOT EXISTS (SELECT FROM rctd.cluster_member m WHERE m.trial_id = in_trial AND m.unit_id = e);
END
$$;

-- A lock freezes the list, under the workplace's lock, which who comes waits for.
CREATE FUNCTION rctd.roster_lock_list() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    today date := rctd.today(NEW.trial_id);
    list uuid[];
BEGIN
    PERFORM FROM rctd.unit u WHERE u.trial_id = NEW.trial_id AND u.unit_id = NEW.unit_id FOR UPDATE;
    list := ARRAY(SELECT rctd.employed(NEW.trial_id, NEW.unit_id, today));
    IF cardinality(list) > NEW.head_count THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'roster_head_count',
            MESSAGE = format('%s people are registered there today: the roster cannot have only %s',
                             cardinality(list), NEW.head_count);
    END IF;
    INSERT INTO rctd.roster (trial_id, unit_id, listed, digest, locked_on, locked_at)
    SELECT NEW.trial_id, NEW.unit_id, cardinality(list), rctd.roster_digest(ARRAY(
               SELECT u.code FROM rctd.unit u WHERE u.trial_id = NEW.trial_id AND u.unit_id = ANY (list))),
           today, NEW.roster_locked_at;
    INSERT INTO rctd.roster_member (trial_id, workplace_id, unit_id) SELECT NEW.trial_id, NEW.unit_id, unnest(list);
    PERFORM rctd.cluster_settle(NEW.trial_id, NEW.unit_id, today);
    RETURN NULL;
END
$$;
CREATE TRIGGER roster_lock_list AFTER UPDATE ON rctd.workplace FOR EACH ROW
    WHEN (OLD.roster_locked_at IS NULL AND NEW.roster_locked_at IS NOT NULL) EXECUTE FUNCTION rctd.roster_lock_list();

-- An allocation settles the cluster where no roster was locked, and allocates who is in it (0017 says whom).
CREATE FUNCTION rctd.allocation_settles() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM rctd.workplace w WHERE w.trial_id = NEW.trial_id AND w.unit_id = NEW.unit_id) THEN
        PERFORM rctd.cluster_settle(NEW.trial_id, NEW.unit_id, rctd.today(NEW.trial_id));
        PERFORM rctd.allocated_with_cluster(NEW.trial_id, ARRAY(SELECT m.unit_id FROM rctd.cluster_member m
            WHERE m.trial_id = NEW.trial_id AND m.workplace_id = NEW.unit_id));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER allocation_settles AFTER INSERT ON rctd.allocation
    FOR EACH ROW EXECUTE FUNCTION rctd.allocation_settles();

-- What became of workplaces: merged into another, split (a part of it is the other now), closed, renamed,
-- opened again. A change is dated and stays; the clusters of the analysis do not follow it. Reasons are written
-- by people who know arms: blinded roles do not read them.
CREATE TABLE rctd.workplace_change (
    trial_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    ordinal integer NOT NULL CHECK (ordinal > 0),
    change_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('merged', 'split', 'closed', 'renamed', 'reopened')),
    other_id uuid,
    on_day date NOT NULL,
    name text CHECK (name <> ''),
    former_name text,
    reason text NOT NULL CHECK (reason <> ''),
    recorded_at timestamptz NOT NULL,
    recorded_by uuid NOT NULL REFERENCES rctd.account,
    PRIMARY KEY (trial_id, unit_id, ordinal),
    UNIQUE (trial_id, change_id),
    FOREIGN KEY (trial_id, unit_id) REFERENCES rctd.workplace,
    FOREIGN KEY (trial_id, other_id) REFERENCES rctd.workplace,
    CONSTRAINT change_names_the_other CHECK ((kind IN ('merged', 'split')) = (other_id IS NOT NULL) AND other_id <> unit_id),
    CONSTRAINT change_names_both_names CHECK (num_nonnulls(name, former_name) = CASE kind WHEN 'renamed' THEN 2 ELSE 0 END
        AND name <> former_name)
);
CREATE INDEX workplace_change_of_other ON rctd.workplace_change (trial_id, other_id);
CREATE TRIGGER workplace_change_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.workplace_change
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER workplace_change_audit AFTER INSERT ON rctd.workplace_change
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('workplace-change', 'change_id', 'unit:', 'unit_id', '', '');

-- Workplaces that are no more: nobody is allocated to an arm there, and nobody joins them.
CREATE VIEW rctd.workplace_ended WITH (security_invoker = true) AS
SELECT l.trial_id, l.unit_id, l.kind, l.other_id, l.on_day,
       CASE l.kind WHEN 'merged' THEN 'merged into ' || o.code ELSE 'closed' END || ' on ' || l.on_day AS how
  FROM rctd.workplace_change l
  LEFT JOIN rctd.unit o ON o.trial_id = l.trial_id AND o.unit_id = l.other_id
 WHERE l.kind IN ('merged', 'closed')
   AND NOT EXISTS (SELECT FROM rctd.workplace_change r
                    WHERE r.trial_id = l.trial_id AND r.unit_id = l.unit_id AND r.ordinal > l.ordinal
                      AND r.kind IN ('merged', 'closed', 'reopened'));

CREATE FUNCTION rctd.workplace_change_check() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ended boolean;
    last rctd.workplace_change;
BEGIN
    PERFORM rctd.signed_in_role(NEW.trial_id, NEW.recorded_by, ARRAY['coordinator']);
    PERFORM FROM rctd.unit u WHERE u.trial_id = NEW.trial_id AND u.unit_id IN (NEW.unit_id, NEW.other_id)
      ORDER BY u.unit_id FOR UPDATE;
    SELECT * INTO last FROM rctd.workplace_change l WHERE l.trial_id = NEW.trial_id AND l.unit_id = NEW.unit_id
     ORDER BY l.ordinal DESC LIMIT 1;
    ended := EXISTS (SELECT FROM rctd.workplace_ended e WHERE e.trial_id = NEW.trial_id AND e.unit_id = NEW.unit_id);
    IF NEW.ordinal <> coalesce(last.ordinal, 0) + 1 THEN
        RAISE EXCEPTION USING ERRCODE = 'serialization_failure', CONSTRAINT = 'workplace_change_order',
            MESSAGE = 'Another change came in between';
    END IF;
    IF NEW.on_day > rctd.today(NEW.trial_id) OR NEW.on_day < last.on_day THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'workplace_change_day',
            MESSAGE = 'What became of a workplace is recorded in the order of its days, and not ahead';
    END IF;
    IF ended <> (NEW.kind = 'reopened') AND NEW.kind <> 'renamed' THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'workplace_change_state',
            MESSAGE = CASE WHEN ended THEN 'That workplace is no more' ELSE 'That workplace is not closed' END;
    END IF;
    IF EXISTS (SELECT FROM rctd.workplace_ended e WHERE e.trial_id = NEW.trial_id AND e.unit_id = NEW.other_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'workplace_change_other',
            MESSAGE = 'The other workplace is no more';
    END IF;
    IF NEW.kind = 'renamed' AND NEW.former_name IS DISTINCT FROM
       (SELECT w.name FROM rctd.workplace w WHERE w.trial_id = NEW.trial_id AND w.unit_id = NEW.unit_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'serialization_failure', CONSTRAINT = 'workplace_change_name',
            MESSAGE = 'The workplace has another name meanwhile';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER workplace_change_check BEFORE INSERT ON rctd.workplace_change
    FOR EACH ROW EXECUTE FUNCTION rctd.workplace_change_check();

-- A name changes by such a change alone.
CREATE FUNCTION rctd.workplace_rename() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE rctd.workplace w SET name = NEW.name WHERE w.trial_id = NEW.trial_id AND w.unit_id = NEW.unit_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER workplace_rename AFTER INSERT ON rctd.workplace_change FOR EACH ROW
    WHEN (NEW.kind = 'renamed') EXECUTE FUNCTION rctd.workplace_rename();
CREATE FUNCTION rctd.workplace_name_kept() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM rctd.workplace_change l WHERE l.trial_id = NEW.trial_id AND l.unit_id = NEW.unit_id
                    AND l.kind = 'renamed' AND l.name = NEW.name AND l.former_name = OLD.name
                    AND l.ordinal = (SELECT max(m.ordinal) FROM rctd.workplace_change m
                                      WHERE m.trial_id = NEW.trial_id AND m.unit_id = NEW.unit_id)) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'workplace_name_kept',
            MESSAGE = 'A workplace is renamed with a day and a reason';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER workplace_name_kept BEFORE UPDATE ON rctd.workplace FOR EACH ROW
    WHEN (NEW.name IS DISTINCT FROM OLD.name) EXECUTE FUNCTION rctd.workplace_name_kept();

-- Who comes to a workplace waits for its lock and its allocation, or comes before them. A roster that was
-- locked, or an allocation, then settles in which cluster they are, if nothing has before.
CREATE FUNCTION rctd.employment_joins() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET jit = off SET enable_seqscan = off SET enable_mergejoin = off -- few workplaces, of units that may be very many
AS $$
DECLARE
    closed text;
BEGIN
    PERFORM FROM rctd.unit u
      WHERE (u.trial_id, u.unit_id) IN (SELECT c.trial_id, c.workplace_id FROM coming c WHERE c.to_on IS NULL)
      ORDER BY u.trial_id, u.unit_id FOR SHARE;
    SELECT u.code INTO closed FROM rctd.workplace_ended e
      JOIN rctd.unit u ON u.trial_id = e.trial_id AND u.unit_id = e.unit_id
     WHERE (e.trial_id, e.unit_id) IN (SELECT c.trial_id, c.workplace_id FROM coming c WHERE c.to_on IS NULL)
     ORDER BY u.code LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'employment_closed',
            MESSAGE = format('The workplace %s is no more: nobody comes to it', closed);
    END IF;
    SELECT u.code INTO closed FROM rctd.unit u
     WHERE u.state = 'withdrawn'
       AND (u.trial_id, u.unit_id) IN (SELECT c.trial_id, c.workplace_id FROM coming c WHERE c.to_on IS NULL)
     ORDER BY u.code LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'employment_withdrawn',
            MESSAGE = format('The workplace %s has withdrawn: nobody comes to it', closed);
    END IF;
    INSERT INTO rctd.cluster_member (trial_id, unit_id, workplace_id, joined, joined_at)
    SELECT c.trial_id, c.unit_id, c.workplace_id, f.joined, rctd.clock()
      FROM coming c
      JOIN (SELECT w.trial_id, w.unit_id,
                   CASE WHEN EXISTS (SELECT FROM rctd.allocation l WHERE l.trial_id = w.trial_id AND l.unit_id = w.unit_id)
                        THEN 'post_allocation' WHEN w.roster_locked_at IS NOT NULL THEN 'after-roster' END AS joined
              FROM rctd.workplace w
             WHERE (w.trial_id, w.unit_id) IN (SELECT d.trial_id, d.workplace_id FROM coming d)) f
        ON f.trial_id = c.trial_id AND f.unit_id = c.workplace_id AND f.joined IS NOT NULL
     WHERE c.to_on IS NULL
       AND NOT EXISTS (SELECT FROM rctd.cluster_member m WHERE m.trial_id = c.trial_id AND m.unit_id = c.unit_id);
    RETURN NULL;
END
$$;
CREATE TRIGGER employment_joins AFTER INSERT ON rctd.employment REFERENCING NEW TABLE AS coming
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.employment_joins();

-- Who was registered in the wrong workplace is put into the right one on the day of the registration, while nothing
-- rests on it: a correction and not a move, so that the employment is one, and the trail has both. Why it may not
-- be, in words behind "they have been in W0001 since ..., and"; NULL where it may. The day is that of the server's
-- clock, which registered_at is of.
CREATE FUNCTION rctd.correction_objection(in_trial uuid, in_unit uuid, in_workplace uuid) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (
        SELECT CASE
               WHEN (u.registered_at AT TIME ZONE t.time_zone)::date < (now() AT TIME ZONE t.time_zone)::date
               THEN 'were registered on an earlier day'
               WHEN (SELECT count(*) FROM rctd.employment e WHERE e.trial_id = in_trial AND e.unit_id = in_unit) > 1
               THEN 'have moved since'
               WHEN EXISTS (SELECT FROM rctd.allocation a WHERE a.trial_id = in_trial AND a.unit_id = in_unit)
               THEN 'are allocated'
               WHEN EXISTS (SELECT FROM rctd.cluster_member m WHERE m.trial_id = in_trial AND m.unit_id = in_unit)
               THEN 'belong to its people since it was allocated or its roster locked'
               WHEN EXISTS (SELECT FROM rctd.allocation a WHERE a.trial_id = in_trial AND a.unit_id = in_workplace)
               THEN 'would come to one that is allocated' END
          FROM rctd.unit u JOIN rctd.trial t ON t.trial_id = u.trial_id
         WHERE u.trial_id = in_trial AND u.unit_id = in_unit);
END
$$;
CREATE FUNCTION rctd.employment_corrects() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    objection text;
BEGIN
    PERFORM FROM rctd.unit u
      WHERE u.trial_id = NEW.trial_id AND u.unit_id IN (OLD.workplace_id, NEW.workplace_id)
      ORDER BY u.trial_id, u.unit_id FOR SHARE;
    objection := rctd.correction_objection(NEW.trial_id, NEW.unit_id, NEW.workplace_id);
    IF objection IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'employment_corrects',
            MESSAGE = format('They cannot be put into another workplace: they %s', objection);
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER employment_corrects BEFORE UPDATE ON rctd.employment
    FOR EACH ROW WHEN (NEW.workplace_id <> OLD.workplace_id) EXECUTE FUNCTION rctd.employment_corrects();
CREATE OR REPLACE FUNCTION rctd.employment_kept() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.to_on IS NULL
       AND (NEW.trial_id, NEW.unit_id, NEW.from_on) = (OLD.trial_id, OLD.unit_id, OLD.from_on)
       AND (NEW.to_on IS NULL) = (NEW.workplace_id <> OLD.workplace_id) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'employment_kept',
        MESSAGE = 'An employment is ended once, and stays';
END
$$;
CREATE TRIGGER employment_joins_right AFTER UPDATE ON rctd.employment REFERENCING NEW TABLE AS coming
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.employment_joins();
CREATE TRIGGER employment_place_right AFTER UPDATE ON rctd.employment REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.employment_place();
GRANT UPDATE (workplace_id) ON rctd.employment TO rctd_app;
GRANT EXECUTE ON FUNCTION rctd.correction_objection(uuid, uuid, uuid) TO rctd_app;

-- Staff who serve workplaces, under codes: never a name. A row is ended once and never changed otherwise.
CREATE TABLE rctd.staff_link (
    trial_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    staff text NOT NULL CHECK (staff ~ '^[A-Z]{1,3}[0-9]{2,5}$'),
    kind text NOT NULL CHECK (kind IN ('manager', 'coach', 'health-service')),
    service_id uuid NOT NULL,
    from_on date NOT NULL,
    to_on date,
    recorded_at timestamptz NOT NULL,
    recorded_by uuid NOT NULL REFERENCES rctd.account,
    PRIMARY KEY (trial_id, unit_id, staff, kind, from_on),
    UNIQUE (trial_id, service_id),
    FOREIGN KEY (trial_id, unit_id) REFERENCES rctd.workplace,
    CONSTRAINT staff_ends_after_it_began CHECK (to_on >= from_on),
    CONSTRAINT staff_once_at_a_time EXCLUDE USING gist
        (trial_id WITH =, unit_id WITH =, staff WITH =, kind WITH =, daterange(from_on, to_on, '[]') WITH &&)
);
CREATE INDEX staff_link_of_staff ON rctd.staff_link (trial_id, staff);
CREATE TRIGGER staff_link_audit AFTER INSERT OR UPDATE OR DELETE ON rctd.staff_link
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('staff', 'service_id', 'unit:', 'unit_id', '', '');
CREATE FUNCTION rctd.staff_link_kept() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.to_on IS NULL AND NEW.to_on IS NOT NULL
       AND (NEW.trial_id, NEW.unit_id, NEW.staff, NEW.kind, NEW.service_id, NEW.from_on, NEW.recorded_at, NEW.recorded_by)
           = (OLD.trial_id, OLD.unit_id, OLD.staff, OLD.kind, OLD.service_id, OLD.from_on, OLD.recorded_at, OLD.recorded_by) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'staff_link_kept',
        MESSAGE = 'Service at a workplace is ended once, and stays';
END
$$;
CREATE TRIGGER staff_link_kept BEFORE UPDATE OR DELETE ON rctd.staff_link
    FOR EACH ROW EXECUTE FUNCTION rctd.staff_link_kept();
CREATE TRIGGER staff_link_whole BEFORE TRUNCATE ON rctd.staff_link
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.never_emptied();

-- Pairs of workplaces that share somebody, and when.
CREATE VIEW rctd.shared_staff WITH (security_invoker = true) AS
SELECT a.trial_id, a.unit_id, b.unit_id AS other_id, a.staff, a.kind, b.kind AS other_kind,
       greatest(a.from_on, b.from_on) AS from_on, least(a.to_on, b.to_on) AS to_on
  FROM rctd.staff_link a
  JOIN rctd.staff_link b ON b.trial_id = a.trial_id AND b.staff = a.staff AND b.unit_id <> a.unit_id
   AND daterange(a.from_on, a.to_on, '[]') && daterange(b.from_on, b.to_on, '[]');

-- A coordinator who allocates a workplace that shares staff with allocated ones has seen that it does.
CREATE TABLE rctd.contamination_accepted (
    trial_id uuid NOT NULL,
    scheme text NOT NULL,
    unit_id uuid NOT NULL,
    shared jsonb NOT NULL CHECK (jsonb_typeof(shared) = 'array' AND shared <> '[]'),
    accepted_at timestamptz NOT NULL,
    accepted_by uuid NOT NULL REFERENCES rctd.account,
    PRIMARY KEY (trial_id, scheme, unit_id),
    FOREIGN KEY (trial_id, scheme) REFERENCES rctd.scheme,
    FOREIGN KEY (trial_id, unit_id) REFERENCES rctd.workplace
);
CREATE INDEX contamination_accepted_of_unit ON rctd.contamination_accepted (trial_id, unit_id);
CREATE TRIGGER contamination_accepted_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.contamination_accepted
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER contamination_accepted_audit AFTER INSERT ON rctd.contamination_accepted
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('contamination', 'scheme', 'unit:', 'unit_id', '', '');
CREATE FUNCTION rctd.contamination_accepted_check() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM rctd.signed_in_role(NEW.trial_id, NEW.accepted_by, ARRAY['coordinator']);
    RETURN NEW;
END
$$;
CREATE TRIGGER contamination_accepted_check BEFORE INSERT ON rctd.contamination_accepted
    FOR EACH ROW EXECUTE FUNCTION rctd.contamination_accepted_check();

-- Beside allocation_check, under its locks: triggers run in the order of their names. Two workplaces that share
-- staff are allocated one after the other: who comes second sees the first.
CREATE FUNCTION rctd.allocation_cluster() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM rctd.workplace_ended e WHERE e.trial_id = NEW.trial_id AND e.unit_id = NEW.unit_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'allocation_ended',
            MESSAGE = 'A workplace that is no more is not allocated';
    END IF;
    PERFORM FROM rctd.staff_link k
      WHERE k.trial_id = NEW.trial_id
        AND k.staff IN (SELECT m.staff FROM rctd.staff_link m WHERE m.trial_id = NEW.trial_id AND m.unit_id = NEW.unit_id)
      ORDER BY k.unit_id, k.staff, k.kind, k.from_on FOR UPDATE;
    IF FOUND AND EXISTS (SELECT FROM rctd.shared_staff s JOIN rctd.allocation l ON l.trial_id = s.trial_id AND l.unit_id = s.other_id
                    WHERE s.trial_id = NEW.trial_id AND s.unit_id = NEW.unit_id
                      AND (s.to_on IS NULL OR s.to_on >= rctd.today(NEW.trial_id)))
       AND NOT EXISTS (SELECT FROM rctd.contamination_accepted a
                        WHERE a.trial_id = NEW.trial_id AND a.scheme = NEW.scheme AND a.unit_id = NEW.unit_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'allocation_contamination',
            MESSAGE = 'Shared staff is acknowledged before a workplace is allocated';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER allocation_cluster BEFORE INSERT ON rctd.allocation
    FOR EACH ROW EXECUTE FUNCTION rctd.allocation_cluster();

-- When a person's workplace was no longer blind for them: at its allocation, or, who came later, on coming.
CREATE VIEW rctd.revealed WITH (security_invoker = true) AS
SELECT m.trial_id, m.unit_id, m.workplace_id, m.joined,
       CASE m.joined WHEN 'post_allocation' THEN m.joined_at ELSE
            (SELECT min(l.allocated_at) FROM rctd.allocation l
              WHERE l.trial_id = m.trial_id AND l.unit_id = m.workplace_id) END AS revealed_at
  FROM rctd.cluster_member m;

-- Each event of a participant's consent against that moment, by the database's time and not by the form's.
CREATE VIEW rctd.consent_timing WITH (security_invoker = true) AS
SELECT c.trial_id, c.unit_id, c.ordinal, c.consent_id, c.decision, c.recorded_at, r.workplace_id, r.revealed_at,
       coalesce(c.recorded_at >= r.revealed_at, false) AS after_reveal
  FROM rctd.consent c
  JOIN rctd.participant p ON p.trial_id = c.trial_id AND p.unit_id = c.unit_id
  LEFT JOIN rctd.revealed r ON r.trial_id = c.trial_id AND r.unit_id = c.unit_id;

-- When a participant first said yes to what allocation or data ask for, by the rules of the version in force then;
-- in a protocol that asks for nothing, to anything. It runs as its owner: who may see consents learns no rule.
CREATE VIEW rctd.first_consent AS
SELECT c.trial_id, c.unit_id, min(c.recorded_at) AS first
  FROM rctd.consent c
 WHERE c.decision = 'given'
   AND (EXISTS (SELECT FROM rctd.consent_rule r
                 WHERE r.trial_id = c.trial_id AND r.version = c.protocol_version AND r.kind = 'participant'
                   AND r.action IN ('allocate', 'data') AND r.form = c.form AND c.scopes -> r.scope = 'true')
        OR NOT EXISTS (SELECT FROM rctd.consent_rule r
                        WHERE r.trial_id = c.trial_id AND r.version = c.protocol_version AND r.kind = 'participant'
                          AND r.action IN ('allocate', 'data')))
 GROUP BY c.trial_id, c.unit_id;

-- People who are there already are in the workplace that was locked or allocated first of those they were in.
INSERT INTO rctd.cluster_member (trial_id, unit_id, workplace_id, joined, joined_at)
SELECT DISTINCT ON (e.trial_id, e.unit_id) e.trial_id, e.unit_id, e.workplace_id,
       CASE WHEN u.registered_at >= a.first THEN 'post_allocation'
            WHEN u.registered_at >= w.roster_locked_at THEN 'after-roster' ELSE 'on-roster' END,
       greatest(u.registered_at, least(w.roster_locked_at, a.first))
  FROM rctd.employment e
  JOIN rctd.unit u ON u.trial_id = e.trial_id AND u.unit_id = e.unit_id
  JOIN rctd.workplace w ON w.trial_id = e.trial_id AND w.unit_id = e.workplace_id
  LEFT JOIN LATERAL (SELECT min(l.allocated_at) AS first FROM rctd.allocation l
                      WHERE l.trial_id = e.trial_id AND l.unit_id = e.workplace_id) a ON true
 WHERE w.roster_locked_at IS NOT NULL OR a.first IS NOT NULL
 ORDER BY e.trial_id, e.unit_id, e.from_on;

GRANT SELECT ON rctd.roster, rctd.roster_member, rctd.cluster_member, rctd.workplace_ended, rctd.staff_link, rctd.shared_staff,
    rctd.revealed, rctd.consent_timing, rctd.first_consent TO rctd_app, rctd_manager, rctd_blinded;
GRANT SELECT (trial_id, unit_id, ordinal, change_id, kind, other_id, on_day, name, former_name, recorded_at, recorded_by)
    ON rctd.workplace_change TO rctd_manager, rctd_blinded;
GRANT SELECT, INSERT ON rctd.workplace_change, rctd.contamination_accepted TO rctd_app;
GRANT INSERT, UPDATE (to_on) ON rctd.staff_link TO rctd_app;
