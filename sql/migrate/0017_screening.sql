-- 0017: the screening log (CONSORT 2025, enrolment: assessed, excluded by reason, enrolled), of workplaces and
-- of people. Whoever is registered is in it without a row of their own, as approached; a row comes with a
-- consent, a refusal, an exclusion or an allocation. Those who are never registered stay anonymous: one by
-- one, under a log number, or as a count of a workplace's people. No arm stands here.

INSERT INTO rctd.state_transition VALUES
    ('screening', 'new', 'not-approached'), ('screening', 'new', 'approached'), ('screening', 'new', 'ineligible'),
    ('screening', 'new', 'declined'), ('screening', 'new', 'enrolled'),
    ('screening', 'not-approached', 'approached'), ('screening', 'not-approached', 'ineligible'),
    ('screening', 'not-approached', 'declined'), ('screening', 'not-approached', 'enrolled'),
    ('screening', 'not-approached', 'linked'),
    ('screening', 'approached', 'ineligible'), ('screening', 'approached', 'declined'),
    ('screening', 'approached', 'enrolled'), ('screening', 'approached', 'linked'),
    ('screening', 'ineligible', 'enrolled'), ('screening', 'declined', 'enrolled'),
    ('screening', 'enrolled', 'ineligible'), ('screening', 'enrolled', 'declined');

-- One workplace, one person, or people of one workplace who all stand alike. state, reason and ordinal repeat
-- the last event; rctd.screening_note alone writes them.
CREATE TABLE rctd.screening_entry (
    trial_id uuid NOT NULL REFERENCES rctd.trial,
    entry_id uuid NOT NULL,
    number integer CHECK (number > 0), -- S12 in the log; of units their code stands for them
    kind text NOT NULL CHECK (kind IN ('workplace', 'participant')),
    phase text,
    workplace_id uuid, -- of people who are not registered
    people integer NOT NULL DEFAULT 1 CHECK (people BETWEEN 1 AND 100000),
    unit_id uuid,
    linked_id uuid, -- the unit that an anonymous entry turned out to be: which counts from then on
    state text NOT NULL DEFAULT 'new',
    reason text CHECK (reason ~ '^[a-z0-9][a-z0-9_.-]{0,62}$'),
    ordinal integer NOT NULL DEFAULT 0,
    PRIMARY KEY (trial_id, entry_id),
    CONSTRAINT screening_number UNIQUE (trial_id, number),
    CONSTRAINT screening_unit UNIQUE (trial_id, unit_id),
    CONSTRAINT screening_linked_once UNIQUE (trial_id, linked_id),
    FOREIGN KEY (trial_id, phase) REFERENCES rctd.phase,
    FOREIGN KEY (trial_id, workplace_id) REFERENCES rctd.workplace,
    FOREIGN KEY (trial_id, unit_id) REFERENCES rctd.unit,
    FOREIGN KEY (trial_id, linked_id) REFERENCES rctd.unit,
    CONSTRAINT a_unit_or_a_number CHECK ((unit_id IS NULL) = (number IS NOT NULL)),
    CONSTRAINT only_people_are_counted CHECK (people = 1 OR (kind = 'participant' AND unit_id IS NULL)),
    CONSTRAINT people_are_in_workplaces CHECK (workplace_id IS NULL OR (kind = 'participant' AND unit_id IS NULL)),
    CONSTRAINT enrolled_are_registered CHECK (state <> 'enrolled' OR unit_id IS NOT NULL),
    CONSTRAINT exclusions_have_a_reason CHECK ((state IN ('not-approached', 'ineligible', 'declined')) = (reason IS NOT NULL)),
    CONSTRAINT linked_says_to_whom CHECK ((state = 'linked') = (linked_id IS NOT NULL) AND (linked_id IS NULL OR people = 1))
);
CREATE INDEX screening_entry_workplace ON rctd.screening_entry (trial_id, workplace_id);
CREATE TRIGGER screening_entry_audit AFTER INSERT OR UPDATE OR DELETE ON rctd.screening_entry
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('screening', 'entry_id', 'screening:', 'entry_id', '', '', 'state,reason,ordinal,linked_id');
CREATE TRIGGER screening_entry_whole BEFORE DELETE OR TRUNCATE ON rctd.screening_entry
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.never_emptied();

-- What became of an entry, step by step. A step back is a correction, with its reason; void takes an entry
-- out that should not have been made.
CREATE TABLE rctd.screening_event (
    trial_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    ordinal integer NOT NULL CHECK (ordinal > 0),
    state text NOT NULL CHECK (state IN ('not-approached', 'approached', 'ineligible', 'declined', 'enrolled', 'linked', 'void')),
    reason text,
    correction text CHECK (correction <> ''),
    source text NOT NULL CHECK (source IN ('hand', 'import', 'registration', 'consent', 'eligibility', 'allocation', 'withdrawal')),
    happened_on date NOT NULL,
    recorded_at timestamptz NOT NULL,
    recorded_by uuid REFERENCES rctd.account, -- NULL: nobody at the daemon's door
    PRIMARY KEY (trial_id, entry_id, ordinal),
    FOREIGN KEY (trial_id, entry_id) REFERENCES rctd.screening_entry,
    CONSTRAINT void_is_a_correction CHECK (state <> 'void' OR correction IS NOT NULL)
);
CREATE TRIGGER screening_event_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.screening_event
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER screening_event_audit AFTER INSERT ON rctd.screening_event
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('screening-event', 'ordinal', 'screening:', 'entry_id', '', '');

-- The phase in which a unit was randomised first: itself, or the workplace that is the person's cluster.
CREATE FUNCTION rctd.screening_phase(in_trial uuid, in_unit uuid) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT l.phase FROM rctd.allocation l
             WHERE l.trial_id = in_trial AND l.randomised AND l.unit_id IN (in_unit, (
                   SELECT m.workplace_id FROM rctd.cluster_member m WHERE m.trial_id = in_trial AND m.unit_id = in_unit))
             ORDER BY l.unit_id <> in_unit, l.allocated_at LIMIT 1);
END
$$;

-- A new event of an entry. Who was randomised stays enrolled, whatever is found out later.
CREATE FUNCTION rctd.screening_note(
    in_trial uuid, in_entry uuid, in_state text, in_reason text, in_correction text, in_source text, in_on date, in_linked uuid
) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    entry rctd.screening_entry;
    zone text := (SELECT t.time_zone FROM rctd.trial t WHERE t.trial_id = in_trial);
    today date := (rctd.clock() AT TIME ZONE zone)::date;
BEGIN
    SELECT * INTO STRICT entry FROM rctd.screening_entry e
     WHERE e.trial_id = in_trial AND e.entry_id = in_entry FOR UPDATE;
    IF entry.state IN ('linked', 'void') THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'screening_ended',
            MESSAGE = 'This entry of the screening log is closed: it was taken out, or stands for somebody who is registered';
    END IF;
    IF (entry.state = 'enrolled' AND in_state <> 'enrolled' AND rctd.screening_phase(in_trial, entry.unit_id) IS NOT NULL)
       OR (in_state NOT IN ('approached', 'enrolled') AND (SELECT c.randomised FROM rctd.screening_card c
            WHERE c.trial_id = entry.trial_id AND c.unit_id = entry.unit_id)) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'screening_randomised',
            MESSAGE = 'Who is randomised stays enrolled; what is found out later is a deviation or a withdrawal';
    END IF;
    IF in_source = 'allocation' OR (in_correction IS NOT NULL AND in_state <> entry.state) THEN
        NULL;
    ELSIF in_correction IS NOT NULL OR NOT EXISTS (
            SELECT FROM rctd.state_transition t
             WHERE t.machine = 'screening' AND t.from_state = entry.state AND t.to_state = in_state) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'screening_forward',
            MESSAGE = format('An entry of the screening log does not go from %s to %s; a step back is a correction, with its reason',
                             entry.state, in_state);
    END IF;
    IF in_on > today THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'screening_in_time',
            MESSAGE = 'Nothing is written down before it happens';
    END IF;
    IF in_linked IS NOT NULL AND NOT EXISTS (
            SELECT FROM rctd.unit u WHERE u.trial_id = in_trial AND u.unit_id = in_linked AND u.kind = entry.kind
               AND (entry.workplace_id IS NULL OR EXISTS (SELECT FROM rctd.employment m
                     WHERE m.trial_id = in_trial AND m.unit_id = in_linked AND m.workplace_id = entry.workplace_id))) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'screening_linked',
            MESSAGE = 'An entry stands for a unit of its own kind, and a person for one of the same workplace';
    END IF;
    INSERT INTO rctd.screening_event (trial_id, entry_id, ordinal, state, reason, correction, source, happened_on,
                                      recorded_at, recorded_by)
    VALUES (in_trial, in_entry, entry.ordinal + 1, in_state, in_reason, in_correction, in_source, coalesce(in_on, today),
            rctd.clock(), nullif(nullif(current_setting('rctd.account', true), ''), '00000000-0000-0000-0000-000000000000')::uuid);
    UPDATE rctd.screening_entry e
       SET state = in_state, reason = in_reason, ordinal = entry.ordinal + 1, linked_id = in_linked
     WHERE e.trial_id = in_trial AND e.entry_id = in_entry;
END
$$;

-- The entry of a registered unit, made where it has none.
CREATE FUNCTION rctd.screening_of(in_trial uuid, in_unit uuid) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    made uuid;
BEGIN
    INSERT INTO rctd.screening_entry (trial_id, entry_id, kind, unit_id)
    SELECT u.trial_id, gen_random_uuid(), u.kind, u.unit_id FROM rctd.unit u
     WHERE u.trial_id = in_trial AND u.unit_id = in_unit
    ON CONFLICT ON CONSTRAINT screening_unit DO NOTHING RETURNING entry_id INTO made;
    IF made IS NOT NULL THEN
        PERFORM rctd.screening_note(in_trial, made, 'approached', NULL, NULL, 'registration', NULL, NULL);
        RETURN made;
    END IF;
    RETURN (SELECT e.entry_id FROM rctd.screening_entry e WHERE e.trial_id = in_trial AND e.unit_id = in_unit);
END
$$;

-- What the daemon does for a coordinator: an entry of a registered unit or a new anonymous one, and an event
-- of it. Gives the entry.
CREATE FUNCTION rctd.screening_add(
    in_trial uuid, in_kind text, in_unit uuid, in_workplace uuid, in_phase text, in_people integer, in_number integer,
    in_state text, in_reason text, in_correction text, in_source text, in_on date, in_linked uuid
) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    entry uuid;
    next integer;
BEGIN
    IF coalesce(current_setting('rctd.actor_role', true), '') <> 'coordinator' OR in_source NOT IN ('hand', 'import', 'eligibility') THEN
        RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'coordinators_only',
            MESSAGE = 'Only coordinators write in the screening log';
    END IF;
    IF in_unit IS NOT NULL THEN
        entry := rctd.screening_of(in_trial, in_unit);
    ELSIF in_number IS NOT NULL THEN
        SELECT e.entry_id INTO entry FROM rctd.screening_entry e WHERE e.trial_id = in_trial AND e.number = in_number;
    ELSE
        INSERT INTO rctd.unit_counter AS c (trial_id, kind, last) VALUES (in_trial, 'screening', 1)
        ON CONFLICT (trial_id, kind) DO UPDATE SET last = c.last + 1 RETURNING c.last INTO next;
        INSERT INTO rctd.screening_entry (trial_id, entry_id, number, kind, phase, workplace_id, people)
        VALUES (in_trial, gen_random_uuid(), next, in_kind, in_phase, in_workplace, in_people)
        RETURNING entry_id INTO entry;
    END IF;
    PERFORM rctd.screening_note(in_trial, entry, in_state, in_reason, in_correction, in_source, in_on, in_linked);
    RETURN entry;
END
$$;

-- Whose attributes break a rule is excluded by it from the registration on; a file may have thousands of them.
CREATE FUNCTION rctd.screening_exclude(in_trial uuid, excluded jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF coalesce(current_setting('rctd.actor_role', true), '') <> 'coordinator' THEN
        RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'coordinators_only',
            MESSAGE = 'Only coordinators write in the screening log';
    END IF;
    WITH entry AS (
        INSERT INTO rctd.screening_entry (trial_id, entry_id, kind, unit_id, state, reason, ordinal)
        SELECT in_trial, gen_random_uuid(), 'participant', x.unit_id, 'ineligible', x.reason, 2
          FROM jsonb_to_recordset(excluded) AS x (unit_id uuid, reason text)
        RETURNING entry_id, reason
    )
    INSERT INTO rctd.screening_event (trial_id, entry_id, ordinal, state, reason, source, happened_on, recorded_at, recorded_by)
    SELECT in_trial, n.entry_id, v.ordinal, v.state, CASE v.ordinal WHEN 2 THEN n.reason END, v.source, rctd.today(in_trial),
           rctd.clock(), current_setting('rctd.account')::uuid
      FROM entry n
     CROSS JOIN (VALUES (1, 'approached', 'registration'), (2, 'ineligible', 'eligibility')) AS v (ordinal, state, source);
END
$$;

-- Nobody types twice: a consent that completes what an allocation needs enrols; one that refuses or takes it
-- back, before the unit is randomised, excludes. Who is excluded by a rule is so whatever they agree to.
CREATE FUNCTION rctd.screening_of_consent() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    objection text;
    entry uuid;
    before text;
    after text;
BEGIN
    IF NOT EXISTS (SELECT FROM rctd.consent_set s WHERE s.trial_id = NEW.trial_id AND s.version = (
            SELECT max(v.version) FROM rctd.protocol_version v WHERE v.trial_id = NEW.trial_id AND v.state = 'locked')) THEN
        RETURN NULL; -- which consents are needed is not known
    END IF;
    objection := rctd.may(NEW.trial_id, NEW.unit_id, 'allocate');
    after := CASE WHEN objection IS NULL THEN 'enrolled' WHEN objection IN ('declined', 'withdrawn', 'out') THEN 'declined' END;
    IF after IS NULL THEN
        RETURN NULL;
    END IF;
    entry := rctd.screening_of(NEW.trial_id, NEW.unit_id);
    SELECT e.state INTO before FROM rctd.screening_entry e WHERE e.trial_id = NEW.trial_id AND e.entry_id = entry FOR UPDATE;
    IF before IN (after, 'ineligible') OR (before = 'enrolled' AND rctd.screening_phase(NEW.trial_id, NEW.unit_id) IS NOT NULL)
       OR NOT EXISTS (SELECT FROM rctd.state_transition t
                       WHERE t.machine = 'screening' AND t.from_state = before AND t.to_state = after) THEN
        RETURN NULL;
    END IF;
    PERFORM rctd.screening_note(NEW.trial_id, entry, after, CASE
        WHEN objection = 'declined' THEN 'no-consent' WHEN objection IS NOT NULL THEN 'consent-withdrawn' END,
        NULL, 'consent', NULL, NULL);
    RETURN NULL;
END
$$;
CREATE TRIGGER consent_screening AFTER INSERT ON rctd.consent
    FOR EACH ROW EXECUTE FUNCTION rctd.screening_of_consent();

-- Who is randomised is enrolled, so that randomised is never more than enrolled.
CREATE FUNCTION rctd.screening_of_allocation() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    entry uuid;
BEGIN
    entry := (SELECT e.entry_id FROM rctd.screening_entry e
               WHERE e.trial_id = NEW.trial_id AND e.unit_id = NEW.unit_id AND e.state <> 'enrolled');
    IF entry IS NOT NULL THEN
        PERFORM rctd.screening_note(NEW.trial_id, entry, 'enrolled', NULL, NULL, 'allocation', NULL, NULL);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER allocation_screening AFTER INSERT ON rctd.allocation
    FOR EACH ROW WHEN (NEW.randomised) EXECUTE FUNCTION rctd.screening_of_allocation();

-- A unit that leaves before it is randomised has declined.
CREATE FUNCTION rctd.screening_of_withdrawal() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    entry uuid;
BEGIN
    IF rctd.screening_phase(NEW.trial_id, NEW.unit_id) IS NOT NULL THEN
        RETURN NULL;
    END IF;
    entry := rctd.screening_of(NEW.trial_id, NEW.unit_id);
    IF EXISTS (SELECT FROM rctd.screening_entry e WHERE e.trial_id = NEW.trial_id AND e.entry_id = entry
                  AND e.state IN ('not-approached', 'approached', 'enrolled')) THEN
        PERFORM rctd.screening_note(NEW.trial_id, entry, 'declined', 'consent-withdrawn', NULL, 'withdrawal', NULL, NULL);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER unit_screening AFTER UPDATE OF state ON rctd.unit
    FOR EACH ROW WHEN (NEW.state = 'withdrawn' AND OLD.state <> 'withdrawn') EXECUTE FUNCTION rctd.screening_of_withdrawal();

-- Does the protocol in force ask units of the kind for a consent before they are allocated?
CREATE FUNCTION rctd.screening_asks(in_trial uuid, in_kind text) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN EXISTS (SELECT FROM rctd.consent_rule r
                    WHERE r.trial_id = in_trial AND r.kind = in_kind AND r.action = 'allocate' AND r.version = (
                          SELECT max(s.version) FROM rctd.consent_set s WHERE s.trial_id = in_trial));
END
$$;

-- Everybody who was assessed, with where they stand and the phase that they were randomised in, themselves or
-- with the workplace that is their cluster: entries, and units without one. Where people need no consent, who was
-- approached is enrolled with their workplace. `late`: they came when it was randomised already. `randomised` is what every
-- report counts. Read with the privileges of who reads; pooled over arms.
CREATE VIEW rctd.screening_card WITH (security_invoker = true) AS
WITH first_allocation AS NOT MATERIALIZED (
    SELECT DISTINCT ON (l.trial_id, l.unit_id) l.trial_id, l.unit_id, l.phase
      FROM rctd.allocation l WHERE l.randomised ORDER BY l.trial_id, l.unit_id, l.allocated_at
)
SELECT s.*, s.state = 'enrolled' AND s.in_trial AND NOT s.late AS randomised
  FROM (
    SELECT u.trial_id, u.kind, e.entry_id, NULL::integer AS number, u.unit_id, u.code,
           coalesce(m.workplace_id, (SELECT f.workplace_id FROM rctd.employment f
                WHERE f.trial_id = u.trial_id AND f.unit_id = u.unit_id ORDER BY f.from_on LIMIT 1)) AS workplace_id,
           u.county, u.site, 1 AS people, coalesce(a.phase, w.phase) AS phase,
           coalesce(a.phase, w.phase) IS NOT NULL AS in_trial,
           a.phase IS NULL AND w.phase IS NOT NULL AND m.joined = 'post_allocation' AS late,
           CASE WHEN e.state <> 'approached' THEN e.state
                WHEN a.phase IS NOT NULL OR (w.phase IS NOT NULL AND NOT k.asked) THEN 'enrolled'
                WHEN u.state = 'withdrawn' THEN 'declined' ELSE 'approached' END AS state,
           CASE WHEN e.state <> 'approached' THEN e.reason
                WHEN a.phase IS NOT NULL OR (w.phase IS NOT NULL AND NOT k.asked) THEN NULL
                WHEN u.state = 'withdrawn' THEN 'consent-withdrawn' END AS reason,
           u.state = 'withdrawn' AS withdrawn
      FROM rctd.unit u
      LEFT JOIN rctd.screening_entry e ON e.trial_id = u.trial_id AND e.unit_id = u.unit_id
      LEFT JOIN first_allocation a ON a.trial_id = u.trial_id AND a.unit_id = u.unit_id
      LEFT JOIN rctd.cluster_member m ON m.trial_id = u.trial_id AND m.unit_id = u.unit_id
      LEFT JOIN first_allocation w ON w.trial_id = m.trial_id AND w.unit_id = m.workplace_id
      JOIN (SELECT t.trial_id, kind, rctd.screening_asks(t.trial_id, kind) AS asked
              FROM rctd.trial t, unnest(ARRAY['workplace', 'participant']) kind) k ON k.trial_id = u.trial_id AND k.kind = u.kind
    UNION ALL
    SELECT e.trial_id, e.kind, e.entry_id, e.number, NULL, NULL, e.workplace_id, p.county, p.site, e.people, e.phase, false,
           false, e.state, e.reason, false
      FROM rctd.screening_entry e
      LEFT JOIN rctd.unit p ON p.trial_id = e.trial_id AND p.unit_id = e.workplace_id
     WHERE e.unit_id IS NULL) s;

-- People are allocated with the workplace that they are analysed in when they are randomised with it, and their state
-- says so: nobody who was excluded before, or came later; who has yet to consent is once they do.
CREATE FUNCTION rctd.allocated_with_cluster(in_trial uuid, members uuid[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM FROM rctd.unit u WHERE u.trial_id = in_trial AND u.unit_id = ANY (members) ORDER BY u.unit_id FOR NO KEY UPDATE;
    UPDATE rctd.unit u SET state = 'allocated', version = u.version + 1, changed_at = rctd.clock()
     WHERE u.trial_id = in_trial AND u.state = 'registered' AND u.unit_id IN (
           SELECT c.unit_id FROM rctd.screening_card c
            WHERE c.trial_id = allocated_with_cluster.in_trial AND c.unit_id = ANY (members) AND c.kind = 'participant' AND c.randomised);
END
$$;

CREATE FUNCTION rctd.screening_enrolled() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM rctd.allocated_with_cluster(NEW.trial_id, ARRAY[NEW.unit_id]);
    RETURN NULL;
END
$$;
CREATE TRIGGER screening_enrolled AFTER UPDATE ON rctd.screening_entry
    FOR EACH ROW WHEN (NEW.kind = 'participant' AND NEW.state = 'enrolled' AND OLD.state <> 'enrolled')
    EXECUTE FUNCTION rctd.screening_enrolled();

-- Those of allocated workplaces who were there before this.
SELECT rctd.allocated_with_cluster(m.trial_id, array_agg(m.unit_id))
  FROM rctd.cluster_member m
 WHERE EXISTS (SELECT FROM rctd.allocation l WHERE l.trial_id = m.trial_id AND l.unit_id = m.workplace_id)
 GROUP BY m.trial_id;

-- Who is excluded is no participant: no task is planned for them, and they are in no primary set. What a consent holds
-- back is asked of the consent, which may still come.
CREATE VIEW rctd.screened_out WITH (security_invoker = true) AS
SELECT e.trial_id, e.unit_id FROM rctd.screening_entry e
 WHERE e.unit_id IS NOT NULL AND e.state IN ('ineligible', 'declined', 'not-approached')
   AND e.reason NOT IN ('no-consent', 'consent-withdrawn');

GRANT SELECT ON rctd.screening_entry, rctd.screening_event, rctd.screening_card, rctd.screened_out TO rctd_app, rctd_manager, rctd_blinded;
GRANT EXECUTE ON FUNCTION rctd.screening_asks(uuid, text) TO rctd_app, rctd_manager, rctd_blinded;
GRANT EXECUTE ON FUNCTION rctd.screening_add(uuid, text, uuid, uuid, text, integer, integer, text, text, text, text, date, uuid)
    TO rctd_app;
GRANT EXECUTE ON FUNCTION rctd.screening_exclude(uuid, jsonb) TO rctd_app;
