-- 0013: participants that are registered by the ten thousand: what each row of an import set off one by one is
-- done once for a statement, and a registration is one row of the trail, not three or four. A trigger keeps the
-- plans of its first call, when a table may be all but empty: these look rows up by their keys, whatever they
-- were told of the tables' sizes then.

-- A unit begins as registered: the common first state is not looked up.
DROP TRIGGER unit_state ON rctd.unit;
CREATE TRIGGER unit_state_first BEFORE INSERT ON rctd.unit
    FOR EACH ROW WHEN (NEW.state <> 'registered') EXECUTE FUNCTION rctd.state_check('unit');
CREATE TRIGGER unit_state BEFORE UPDATE ON rctd.unit
    FOR EACH ROW WHEN (NEW.state <> OLD.state) EXECUTE FUNCTION rctd.state_check('unit');

-- Who registers by the thousand gives salt and place along.
DROP TRIGGER unit_place ON rctd.unit;
CREATE TRIGGER unit_place BEFORE INSERT ON rctd.unit FOR EACH ROW
    WHEN (NEW.kind <> 'participant' OR NEW.salt IS NULL OR (NEW.county IS NULL AND NEW.site IS NULL))
    EXECUTE FUNCTION rctd.unit_place();

-- A data key is looked up and held once for a statement (identity_key), and none is ever taken away
-- (data_key_kept): the foreign key would do the same again for each row.
ALTER TABLE rctd_vault.identity DROP CONSTRAINT identity_trial_id_key_version_fkey;

-- So it is with who registers, and by which version of the protocol: the same for all of a statement. A locked
-- version is never taken away (protocol_frozen), nor is an account.
CREATE TRIGGER account_stays BEFORE DELETE ON rctd.account
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.never_emptied();
ALTER TABLE rctd.participant DROP CONSTRAINT participant_registered_by_fkey,
    DROP CONSTRAINT participant_trial_id_protocol_version_fkey;
CREATE FUNCTION rctd.participant_registered() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    used record;
BEGIN
    FOR used IN SELECT DISTINCT n.trial_id, n.protocol_version, n.registered_by FROM new_rows n LOOP
        PERFORM FROM rctd.protocol_version v
          WHERE v.trial_id = used.trial_id AND v.version = used.protocol_version AND v.state = 'locked' FOR KEY SHARE;
        IF FOUND THEN
            PERFORM FROM rctd.account a WHERE a.account_id = used.registered_by FOR KEY SHARE;
        END IF;
        IF NOT FOUND THEN
            RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'participant_registered',
                MESSAGE = 'An account registers participants, by a locked version of the protocol';
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;
CREATE TRIGGER participant_registered AFTER INSERT ON rctd.participant
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION rctd.participant_registered();

-- A unit's own side fits its kind.
CREATE FUNCTION rctd.unit_sides() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET jit = off SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
BEGIN
    IF EXISTS (SELECT FROM new_rows n
                WHERE (SELECT u.kind FROM rctd.unit u WHERE u.trial_id = n.trial_id AND u.unit_id = n.unit_id) <> TG_ARGV[0]) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'unit_side',
            MESSAGE = format('That unit is no %s', TG_ARGV[0]);
    END IF;
    RETURN NULL;
END
$$;
DROP TRIGGER participant_side ON rctd.participant;
CREATE TRIGGER participant_side AFTER INSERT ON rctd.participant
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION rctd.unit_sides('participant');

-- The participant is where the workplace is.
CREATE OR REPLACE FUNCTION rctd.employment_place() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET jit = off SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
DECLARE
    moved record;
BEGIN
    FOR moved IN
        SELECT n.trial_id, n.unit_id, n.workplace_id
          FROM new_rows n
         WHERE n.to_on IS NULL
           AND (SELECT ROW(u.county, u.site) FROM rctd.unit u WHERE u.trial_id = n.trial_id AND u.unit_id = n.unit_id)
               IS DISTINCT FROM
               (SELECT ROW(w.county, w.site) FROM rctd.unit w WHERE w.trial_id = n.trial_id AND w.unit_id = n.workplace_id)
    LOOP
        UPDATE rctd.unit u SET county = w.county, site = w.site
          FROM rctd.unit w
         WHERE w.trial_id = moved.trial_id AND w.unit_id = moved.workplace_id
           AND u.trial_id = moved.trial_id AND u.unit_id = moved.unit_id;
    END LOOP;
    RETURN NULL;
END
$$;
DROP TRIGGER employment_place ON rctd.employment;
CREATE TRIGGER employment_place AFTER INSERT ON rctd.employment
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION rctd.employment_place();

-- How a table's rows are shown in the trail: the arguments of its trigger audit_change.
CREATE FUNCTION rctd.audit_arguments(relation regclass, OUT personal text[], OUT hidden text[])
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    arguments text[] := (SELECT string_to_array(encode(t.tgargs, 'escape'), '\000') FROM pg_trigger t
                          WHERE t.tgrelid = relation AND t.tgfoid = 'rctd.audit_change'::regproc LIMIT 1);
BEGIN
    personal := string_to_array(arguments[5], ',');
    hidden := string_to_array(arguments[6], ',') || string_to_array(arguments[7], ',');
END
$$;

-- A row as the trail shows it; most tables have nothing personal.
CREATE FUNCTION rctd.audit_shown(one jsonb, personal text[], hidden text[]) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT CASE WHEN personal = '{}'::text[] THEN one - hidden - 'salt'::text ELSE rctd.audit_image(one, personal, hidden) END $$;

-- What the trail's rows of one statement have in common: when, who, why, and that nothing was before them.
CREATE FUNCTION rctd.audit_common() RETURNS rctd.audit
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    daemon boolean := rctd.daemon_acts();
    entry rctd.audit;
BEGIN
    entry.sequence := 1;
    entry.at := clock_timestamp();
    entry.actor := 'database:' || session_user;
    entry.actor_role := 'none';
    entry.organisation := '';
    IF daemon THEN
        entry.actor := coalesce(nullif(current_setting('rctd.actor', true), ''), entry.actor);
        entry.actor_role := coalesce(nullif(current_setting('rctd.actor_role', true), ''), 'none');
        entry.organisation := coalesce(current_setting('rctd.organisation', true), '');
    END IF;
    entry.action := nullif(current_setting('rctd.action', true), '');
    entry.reason := nullif(current_setting('rctd.reason', true), '');
    entry.request_id := nullif(current_setting('rctd.request', true), '');
    entry.previous := decode(repeat('00', 32), 'hex');
    RETURN entry;
END
$$;

-- New units. A participant that comes with their side is a registration, one row with all that comes in the same
-- statement: {"unit": ..., "participant": ..., "employment": ..., "identity": ...}, each as its own row of the
-- trail would show it. Any other unit is a row of its own. Their streams begin with it, but where a unit was
-- taken away and comes back.
CREATE FUNCTION rctd.audit_units() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET jit = off SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
DECLARE
    unit record := rctd.audit_arguments('rctd.unit');
    side record := rctd.audit_arguments('rctd.participant');
    place record := rctd.audit_arguments('rctd.employment');
    same rctd.audit := rctd.audit_common();
    same_front text := rctd.netstring('1') || rctd.netstring(to_char(same.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
                       || rctd.netstring(same.actor) || rctd.netstring(same.actor_role) || rctd.netstring(same.organisation);
    same_end text := rctd.netstring(same.reason) || rctd.netstring(same.request_id);
    again record;
    known uuid[] := '{}';
BEGIN
    FOR again IN
        SELECT n.trial_id, n.unit_id, rctd.audit_shown(to_jsonb(n), unit.personal, unit.hidden) AS image
          FROM new_rows n
         WHERE (SELECT h.sequence FROM rctd.audit_head h WHERE h.trial_id = n.trial_id AND h.stream = 'unit:' || n.unit_id) > 0
    LOOP
        PERFORM rctd.audit_append(again.trial_id, 'unit:' || again.unit_id, 'unit', again.unit_id::text, NULL, again.image, 'insert');
        known := known || again.unit_id;
    END LOOP;
    WITH begun AS (
        INSERT INTO rctd.audit (trial_id, stream, sequence, at, actor, actor_role, organisation, action, object_kind, object_id,
                                old, new, reason, request_id, previous, hash)
        SELECT r.trial_id, r.stream, 1, same.at, same.actor, same.actor_role, same.organisation,
               coalesce(same.action, r.kind || '.insert'), r.kind, r.object_id, NULL, r.image, same.reason, same.request_id, same.previous,
               sha256(same.previous || convert_to( -- as rctd.audit_hash() makes it
                   rctd.netstring(r.trial_id::text) || rctd.netstring(r.stream) || same_front
                   || rctd.netstring(coalesce(same.action, r.kind || '.insert')) || rctd.netstring(r.kind) || rctd.netstring(r.object_id)
                   || rctd.netstring(NULL) || rctd.netstring(r.image) || same_end, 'UTF8'))
          FROM (SELECT n.trial_id, 'unit:' || n.unit_id AS stream, n.unit_id::text AS object_id,
                       CASE WHEN p.image IS NULL THEN 'unit' ELSE 'registration' END AS kind,
                       (CASE WHEN p.image IS NULL THEN rctd.audit_shown(to_jsonb(n), unit.personal, unit.hidden)
                             ELSE jsonb_build_object('unit', rctd.audit_shown(to_jsonb(n), unit.personal, unit.hidden),
                                                     'participant', p.image)
                                  || coalesce(m.image, '{}') || coalesce(i.image, '{}') END)::text AS image
                  FROM new_rows n
                  LEFT JOIN LATERAL (SELECT rctd.audit_shown(to_jsonb(k), side.personal, side.hidden) AS image
                                       FROM rctd.participant k WHERE k.trial_id = n.trial_id AND k.unit_id = n.unit_id LIMIT 1) p ON true
                  LEFT JOIN LATERAL (SELECT jsonb_build_object('employment',
                                                rctd.audit_shown(to_jsonb(k), place.personal, place.hidden)) AS image
                                       FROM rctd.employment k WHERE k.trial_id = n.trial_id AND k.unit_id = n.unit_id
                                                                AND k.from_on > '-infinity' -- by the key's index
                                      ORDER BY k.from_on LIMIT 1) m ON true
                  LEFT JOIN LATERAL (SELECT jsonb_build_object('identity', jsonb_build_object(
                                                'trial_id', k.trial_id, 'unit_id', k.unit_id, 'revision', k.revision)) AS image
                                       FROM rctd_vault.identity k WHERE k.trial_id = n.trial_id AND k.unit_id = n.unit_id LIMIT 1) i ON true
                 WHERE NOT n.unit_id = ANY (known)
                OFFSET 0) r
        RETURNING trial_id, stream, sequence, hash
    )
    INSERT INTO rctd.audit_head SELECT b.trial_id, b.stream, b.sequence, b.hash FROM begun b;
    RETURN NULL;
END
$$;
DROP TRIGGER unit_audit ON rctd.unit;
CREATE TRIGGER unit_audit AFTER UPDATE OR DELETE ON rctd.unit
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('unit', 'unit_id', 'unit:', 'unit_id', 'attributes', '', 'version,changed_at');
CREATE TRIGGER unit_audit_begin AFTER INSERT ON rctd.unit
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION rctd.audit_units();

-- What is a unit's own and comes later than the unit: a row for each that its registration does not tell of. A
-- registration has the participant always, the employment by its first day; and the identity, until that is
-- taken away and comes back, which more rows of the stream tell of. Both are looked for as jsonb writes a key: in
-- a value, quotes have a backslash before them.
CREATE FUNCTION rctd.audit_part(in_trial uuid, in_unit uuid, in_kind text, in_object text, in_relation regclass, one jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    shown record := rctd.audit_arguments(in_relation);
BEGIN
    PERFORM rctd.audit_append(in_trial, 'unit:' || in_unit, in_kind, in_object, NULL,
        rctd.audit_image(one, shown.personal, shown.hidden), 'insert');
END
$$;

CREATE FUNCTION rctd.audit_participants() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off SET enable_seqscan = off
AS $$
BEGIN
    PERFORM rctd.audit_part(n.trial_id, n.unit_id, 'participant', n.unit_id::text, TG_RELID, to_jsonb(n)) FROM new_rows n
      WHERE (SELECT a.object_kind FROM rctd.audit a WHERE a.trial_id = n.trial_id AND a.stream = 'unit:' || n.unit_id AND a.sequence = 1)
            IS DISTINCT FROM 'registration';
    RETURN NULL;
END
$$;

CREATE FUNCTION rctd.audit_employments() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off SET enable_seqscan = off
AS $$
BEGIN
    PERFORM rctd.audit_part(n.trial_id, n.unit_id, 'employment', n.from_on::text, TG_RELID, to_jsonb(n)) FROM new_rows n
      WHERE (SELECT a.object_kind = 'registration' AND strpos(a.new, '"from_on": "' || to_char(n.from_on, 'YYYY-MM-DD') || '"') > 0
               FROM rctd.audit a WHERE a.trial_id = n.trial_id AND a.stream = 'unit:' || n.unit_id AND a.sequence = 1) IS NOT TRUE;
    RETURN NULL;
END
$$;

CREATE FUNCTION rctd.audit_identities() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off SET enable_seqscan = off
AS $$
BEGIN
    PERFORM rctd.audit_part(n.trial_id, n.unit_id, 'identity', n.unit_id::text, TG_RELID, to_jsonb(n)) FROM new_rows n
      WHERE (NOT EXISTS (SELECT FROM rctd.audit a WHERE a.trial_id = n.trial_id AND a.stream = 'unit:' || n.unit_id AND a.object_kind = 'identity')
             AND (SELECT a.object_kind = 'registration' AND strpos(a.new, '"identity": {') > 0
                    FROM rctd.audit a WHERE a.trial_id = n.trial_id AND a.stream = 'unit:' || n.unit_id AND a.sequence = 1)) IS NOT TRUE;
    RETURN NULL;
END
$$;
-- Nothing changes or leaves a row of participant: its trigger says how the trail shows one.
DROP TRIGGER participant_audit ON rctd.participant;
CREATE TRIGGER participant_audit AFTER UPDATE OR DELETE ON rctd.participant
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('participant', 'unit_id', 'unit:', 'unit_id', '', '');
CREATE TRIGGER participant_audit_insert AFTER INSERT ON rctd.participant
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION rctd.audit_participants();
DROP TRIGGER employment_audit ON rctd.employment;
CREATE TRIGGER employment_audit AFTER UPDATE OR DELETE ON rctd.employment
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('employment', 'from_on', 'unit:', 'unit_id', '', '');
CREATE TRIGGER employment_audit_insert AFTER INSERT ON rctd.employment
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION rctd.audit_employments();
DROP TRIGGER identity_audit ON rctd_vault.identity;
CREATE TRIGGER identity_audit AFTER DELETE ON rctd_vault.identity
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('identity', 'unit_id', 'unit:', 'unit_id', '', 'number_hash', 'key_version,box');
CREATE TRIGGER identity_audit_insert AFTER INSERT ON rctd_vault.identity
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION rctd.audit_identities();

-- Which of these numbers, by their keyed hashes in hex, are registered in the trial? Their places, from 1. An import
-- asks before it registers anybody, so that it can say which rows it refuses; a hash cannot be made without the
-- vault's key.
CREATE FUNCTION rctd.numbers_taken(in_trial uuid, in_hashes jsonb) RETURNS SETOF integer
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET jit = off SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
BEGIN
    RETURN QUERY
    SELECT n.place::integer FROM jsonb_array_elements_text(in_hashes) WITH ORDINALITY AS n (hash, place)
     WHERE (SELECT true FROM rctd_vault.identity i WHERE i.trial_id = in_trial AND i.number_hash = decode(n.hash, 'hex'));
END
$$;
GRANT EXECUTE ON FUNCTION rctd.numbers_taken(uuid, jsonb) TO rctd_app;
