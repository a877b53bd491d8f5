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

-- A unit's own side fits its kind.
CREATE FUNCTION rctd.unit_sides() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
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
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
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

-- Streams that begin now: the first row of each, of units of one kind of event. Where a stream is there
-- already (its unit was taken away and comes back), the row goes behind its last.
CREATE FUNCTION rctd.audit_begin(in_kind text, in_trials uuid[], in_units uuid[], in_images jsonb[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
DECLARE
    known record;
    daemon boolean := rctd.daemon_acts();
    same rctd.audit;
BEGIN
    same.at := clock_timestamp();
    same.actor := 'database:' || session_user;
    same.actor_role := 'none';
    same.organisation := '';
    IF daemon THEN
        same.actor := coalesce(nullif(current_setting('rctd.actor', true), ''), same.actor);
        same.actor_role := coalesce(nullif(current_setting('rctd.actor_role', true), ''), 'none');
        same.organisation := coalesce(current_setting('rctd.organisation', true), '');
    END IF;
    same.action := coalesce(nullif(current_setting('rctd.action', true), ''), in_kind || '.insert');
    same.reason := nullif(current_setting('rctd.reason', true), '');
    same.request_id := nullif(current_setting('rctd.request', true), '');
    same.previous := decode(repeat('00', 32), 'hex');
    FOR known IN SELECT n.* FROM unnest(in_trials, in_units, in_images) AS n (trial_id, unit_id, image)
                   JOIN rctd.audit_head h ON h.trial_id = n.trial_id AND h.stream = 'unit:' || n.unit_id LOOP
        PERFORM rctd.audit_append(known.trial_id, 'unit:' || known.unit_id, in_kind, known.unit_id::text, NULL, known.image, 'insert');
    END LOOP;
    WITH entry AS (
        SELECT ROW(n.trial_id, 'unit:' || n.unit_id, 1, same.at, same.actor, same.actor_role, same.organisation, same.action,
                   in_kind, n.unit_id::text, NULL, n.image::text, same.reason, same.request_id, same.previous, NULL)::rctd.audit AS row
          FROM unnest(in_trials, in_units, in_images) AS n (trial_id, unit_id, image)
         WHERE NOT EXISTS (SELECT FROM rctd.audit_head h WHERE h.trial_id = n.trial_id AND h.stream = 'unit:' || n.unit_id)
        OFFSET 0
    ), begun AS (
        INSERT INTO rctd.audit (trial_id, stream, sequence, at, actor, actor_role, organisation, action, object_kind, object_id,
                                old, new, reason, request_id, previous, hash)
        SELECT (e.row).trial_id, (e.row).stream, (e.row).sequence, (e.row).at, (e.row).actor, (e.row).actor_role,
               (e.row).organisation, (e.row).action, (e.row).object_kind, (e.row).object_id, (e.row).old, (e.row).new,
               (e.row).reason, (e.row).request_id, (e.row).previous, rctd.audit_hash(e.row)
          FROM entry e
        RETURNING trial_id, stream, sequence, hash
    )
    INSERT INTO rctd.audit_head SELECT b.trial_id, b.stream, b.sequence, b.hash FROM begun b;
END
$$;

-- New units. A participant that comes with their side is a registration, one row with all that comes in the same
-- statement: {"unit": ..., "participant": ..., "employment": ..., "identity": ...}, each as its own row of the
-- trail would show it. Any other unit is a row of its own.
CREATE FUNCTION rctd.audit_units() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
DECLARE
    unit record := rctd.audit_arguments('rctd.unit');
    side record := rctd.audit_arguments('rctd.participant');
    place record := rctd.audit_arguments('rctd.employment');
    box record := rctd.audit_arguments('rctd_vault.identity');
    trials uuid[];
    units uuid[];
    images jsonb[];
BEGIN
    SELECT array_agg(r.trial_id), array_agg(r.unit_id),
           array_agg(jsonb_build_object('unit', r.unit, 'participant', r.participant)
                     || CASE WHEN r.employment IS NULL THEN '{}' ELSE jsonb_build_object('employment', r.employment) END
                     || CASE WHEN r.identity IS NULL THEN '{}' ELSE jsonb_build_object('identity', r.identity) END)
      INTO trials, units, images
      FROM (SELECT n.trial_id, n.unit_id,
                   rctd.audit_shown(to_jsonb(n), unit.personal, unit.hidden) AS unit,
                   rctd.audit_shown(to_jsonb(p), side.personal, side.hidden) AS participant,
                   rctd.audit_shown(to_jsonb(m), place.personal, place.hidden) AS employment,
                   rctd.audit_shown(to_jsonb(i), box.personal, box.hidden) AS identity
              FROM new_rows n
             CROSS JOIN LATERAL (SELECT k.* FROM rctd.participant k WHERE k.trial_id = n.trial_id AND k.unit_id = n.unit_id LIMIT 1) p
              LEFT JOIN LATERAL (SELECT e.* FROM rctd.employment e WHERE e.trial_id = n.trial_id AND e.unit_id = n.unit_id
                                  ORDER BY e.from_on LIMIT 1) m ON true
              LEFT JOIN LATERAL (SELECT k.* FROM rctd_vault.identity k WHERE k.trial_id = n.trial_id AND k.unit_id = n.unit_id
                                  LIMIT 1) i ON true
            OFFSET 0) r;
    PERFORM rctd.audit_begin('registration', trials, units, images);
    SELECT array_agg(n.trial_id), array_agg(n.unit_id),
           array_agg(rctd.audit_shown(to_jsonb(n), unit.personal, unit.hidden))
      INTO trials, units, images
      FROM new_rows n
     WHERE NOT EXISTS (SELECT FROM rctd.participant p WHERE p.trial_id = n.trial_id AND p.unit_id = n.unit_id);
    PERFORM rctd.audit_begin('unit', trials, units, images);
    RETURN NULL;
END
$$;
DROP TRIGGER unit_audit ON rctd.unit;
CREATE TRIGGER unit_audit AFTER UPDATE OR DELETE ON rctd.unit
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('unit', 'unit_id', 'unit:', 'unit_id', 'attributes', '', 'version,changed_at');
CREATE TRIGGER unit_audit_begin AFTER INSERT ON rctd.unit
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION rctd.audit_units();

-- What is a unit's own and comes later than the unit: a row for each that its registration does not tell of.
-- Arguments: kind of object and of its part in a registration; its id's column.
CREATE FUNCTION rctd.audit_parts() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
DECLARE
    shown record := rctd.audit_arguments(TG_RELID);
    part record;
BEGIN
    FOR part IN
        SELECT n.trial_id, n.unit_id, to_jsonb(n) AS one
          FROM new_rows n
         WHERE ((SELECT h.sequence FROM rctd.audit_head h WHERE h.trial_id = n.trial_id AND h.stream = 'unit:' || n.unit_id) = 1
                AND (SELECT CASE a.object_kind WHEN 'registration' THEN a.new::jsonb -> TG_ARGV[0] ->> TG_ARGV[1] END
                       FROM rctd.audit a WHERE a.trial_id = n.trial_id AND a.stream = 'unit:' || n.unit_id AND a.sequence = 1)
                    = to_jsonb(n) ->> TG_ARGV[1]) IS NOT TRUE
    LOOP
        PERFORM rctd.audit_append(part.trial_id, 'unit:' || part.unit_id, TG_ARGV[0], part.one ->> TG_ARGV[1], NULL,
            rctd.audit_shown(part.one, shown.personal, shown.hidden), 'insert');
    END LOOP;
    RETURN NULL;
END
$$;
-- Nothing changes or leaves a row of participant: its trigger says how the trail shows one.
DROP TRIGGER participant_audit ON rctd.participant;
CREATE TRIGGER participant_audit AFTER UPDATE OR DELETE ON rctd.participant
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('participant', 'unit_id', 'unit:', 'unit_id', '', '');
CREATE TRIGGER participant_audit_insert AFTER INSERT ON rctd.participant
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION rctd.audit_parts('participant', 'unit_id');
DROP TRIGGER employment_audit ON rctd.employment;
CREATE TRIGGER employment_audit AFTER UPDATE OR DELETE ON rctd.employment
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('employment', 'from_on', 'unit:', 'unit_id', '', '');
CREATE TRIGGER employment_audit_insert AFTER INSERT ON rctd.employment
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION rctd.audit_parts('employment', 'from_on');
DROP TRIGGER identity_audit ON rctd_vault.identity;
CREATE TRIGGER identity_audit AFTER DELETE ON rctd_vault.identity
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('identity', 'unit_id', 'unit:', 'unit_id', '', 'number_hash', 'key_version,box');
CREATE TRIGGER identity_audit_insert AFTER INSERT ON rctd_vault.identity
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION rctd.audit_parts('identity', 'unit_id');

-- Is a number, by its keyed hash, registered in the trial? An import asks it for each of its rows before it
-- registers any, so that it can say which rows it refuses; a hash cannot be made without the vault's key.
CREATE FUNCTION rctd.number_taken(in_trial uuid, in_hash bytea) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET enable_seqscan = off
AS $$
BEGIN
    RETURN EXISTS (SELECT FROM rctd_vault.identity i WHERE i.trial_id = in_trial AND i.number_hash = in_hash);
END
$$;
GRANT EXECUTE ON FUNCTION rctd.number_taken(uuid, bytea) TO rctd_app;
