-- 0001: the audit trail, the tables of allowed state changes, and the clock. Everything later stands
-- on these. Functions that run as the owner pin their search_path, with pg_temp at its end: left out, it
-- would come first, and a caller's temporary type could take the place of text or uuid. What every row calls
-- is plpgsql, which keeps its plans: a function in SQL that is not inlined is parsed and planned at each call.

-- What this database is for. The first daemon that serves it says so, once: a rehearsal is a trial unit's
-- walk through a whole trial in an afternoon, with a clock that can be moved ahead; in a database of real
-- trials the clock is never moved.
CREATE TABLE rctd.instance (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    purpose text CHECK (purpose IN ('real', 'rehearsal')),
    ahead interval NOT NULL DEFAULT '0' CHECK (ahead >= '0'),
    CONSTRAINT only_a_rehearsal_moves_its_clock CHECK (ahead = '0' OR purpose = 'rehearsal')
);
INSERT INTO rctd.instance DEFAULT VALUES;

CREATE FUNCTION rctd.instance_kept() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF OLD.purpose IS NOT NULL AND NEW.purpose IS DISTINCT FROM OLD.purpose THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'instance_kept',
            MESSAGE = 'What a database is for never changes';
    END IF;
    IF NEW.ahead < OLD.ahead THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'clock_goes_ahead',
            MESSAGE = 'The rehearsal clock goes ahead only';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER instance_kept BEFORE UPDATE ON rctd.instance
    FOR EACH ROW EXECUTE FUNCTION rctd.instance_kept();

-- The trial's time: what windows, due times and dates of allocation are computed from.
CREATE FUNCTION rctd.clock() RETURNS timestamptz
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    AS 'BEGIN RETURN now() + (SELECT i.ahead FROM rctd.instance i); END';

-- Which state may follow which, for each machine; rctd/trial/state.h has the same rows.
CREATE TABLE rctd.state_transition (
    machine text NOT NULL,
    from_state text NOT NULL,
    to_state text NOT NULL,
    PRIMARY KEY (machine, from_state, to_state)
);

-- Trigger on a table with a column `state`; its argument is the machine. A row starts in a state that
-- follows 'new'.
CREATE FUNCTION rctd.state_check() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    before_state text := CASE TG_OP WHEN 'INSERT' THEN 'new' ELSE OLD.state END;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.state = OLD.state THEN
        RETURN NEW;
    END IF;
    IF NOT EXISTS (SELECT FROM rctd.state_transition t
                   WHERE t.machine = TG_ARGV[0] AND t.from_state = before_state AND t.to_state = NEW.state) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'state_transition',
            MESSAGE = format('A %s cannot go from %s to %s', TG_ARGV[0], before_state, NEW.state);
    END IF;
    RETURN NEW;
END
$$;

-- Trigger on a ledger: rows are added, never changed, by nobody.
CREATE FUNCTION rctd.ledger_only() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'ledger_only',
        MESSAGE = format('The ledger %s takes new rows only', TG_TABLE_NAME);
END
$$;

-- Trigger on a table of record: it is not emptied at once, since TRUNCATE goes past the trail; some keep
-- each of their rows.
CREATE FUNCTION rctd.never_emptied() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'never_emptied',
        MESSAGE = format('Rows of the table %s cannot be taken away', TG_TABLE_NAME);
END
$$;

-- One row per change, in the change's own transaction (ICH E6(R3) 4.2.2; 21 CFR 11.10(e)). Each stream
-- is a chain: hash = SHA-256(previous hash || canonical row). The nil trial is the instance itself:
-- accounts and trials. `old` and `new` are the JSON text that was hashed; personal values stand in them
-- as salted digests.
CREATE TABLE rctd.audit (
    trial_id uuid NOT NULL,
    stream text COLLATE "C" NOT NULL, -- the same order on every machine
    sequence bigint NOT NULL CHECK (sequence > 0),
    at timestamptz NOT NULL,
    actor text NOT NULL,
    actor_role text NOT NULL,
    organisation text NOT NULL,
    action text NOT NULL,
    object_kind text NOT NULL,
    object_id text NOT NULL,
    old text,
    new text,
    reason text,
    request_id text,
    previous bytea NOT NULL CHECK (octet_length(previous) = 32),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (trial_id, stream, sequence)
);
CREATE TRIGGER audit_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.audit
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();

-- The last row of each stream but those of strata, whose head is the allocation ledger itself (a row
-- that is rewritten for each allocation slows down under a long snapshot). Its lock orders the writers
-- of a stream; it shows when the last rows of a stream were taken away.
CREATE TABLE rctd.audit_head (
    trial_id uuid NOT NULL,
    stream text COLLATE "C" NOT NULL,
    sequence bigint NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (trial_id, stream)
) WITH (fillfactor = 70);
CREATE TRIGGER audit_head_whole BEFORE DELETE OR TRUNCATE ON rctd.audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.never_emptied();

-- The cast is what lets it be inlined: without it || is the operator for any type, which is not immutable.
CREATE FUNCTION rctd.netstring(value text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT CASE WHEN value IS NULL THEN '-,' ELSE octet_length(value)::text || ':' || value || ',' END $$;

-- The canonical bytes of a row; rctd/trial/chain.h makes the same.
CREATE FUNCTION rctd.audit_hash(a rctd.audit) RETURNS bytea
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
    RETURN sha256(a.previous || convert_to(
        rctd.netstring(a.trial_id::text) || rctd.netstring(a.stream) || rctd.netstring(a.sequence::text)
        || rctd.netstring(to_char(a.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
        || rctd.netstring(a.actor) || rctd.netstring(a.actor_role) || rctd.netstring(a.organisation)
        || rctd.netstring(a.action) || rctd.netstring(a.object_kind) || rctd.netstring(a.object_id)
        || rctd.netstring(a.old) || rctd.netstring(a.new) || rctd.netstring(a.reason)
        || rctd.netstring(a.request_id), 'UTF8'));
END
$$;

-- Adds a row to its stream's chain. Only triggers call it; no role may. Who acted is what the daemon says
-- where one of the daemon's roles acts; anyone else is named by the role of the database that logged in,
-- whatever was set: an owner or superuser cannot sign with an account's name.
CREATE FUNCTION rctd.audit_append(
    in_trial uuid, in_stream text, in_kind text, in_object text, in_old jsonb, in_new jsonb, in_verb text
) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    headless boolean := in_stream LIKE 'stratum:%';
    daemon boolean := current_setting('role') IN ('rctd_app', 'rctd_manager', 'rctd_blinded');
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

-- A row as the trail shows it: `hidden` columns left out, personal values as digests with the row's own
-- salt, so that erasing value and salt leaves the chain whole and tells nothing.
CREATE FUNCTION rctd.audit_image(shown jsonb, personal text[], hidden text[]) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE STRICT
AS $$
DECLARE
    image jsonb := shown - hidden - 'salt';
    name text;
BEGIN
    FOREACH name IN ARRAY personal LOOP
        IF image ->> name IS NOT NULL THEN
            image := image || jsonb_build_object(name,
                'sha256:' || encode(sha256(convert_to((shown ->> 'salt') || (shown ->> name), 'UTF8')), 'hex'));
        END IF;
    END LOOP;
    RETURN image;
END
$$;

-- Trigger on every table of record. Arguments: kind of object; its id's column; the stream ('unit:' and
-- the column that ends it; empty column for a stream without); personal columns; secret columns, of
-- which the trail says that they were changed, never what they hold; quiet columns, whose change alone
-- is no event.
CREATE FUNCTION rctd.audit_change() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    before_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    after_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    one jsonb := coalesce(after_row, before_row);
    personal text[] := string_to_array(TG_ARGV[4], ',');
    secret text[] := string_to_array(TG_ARGV[5], ',');
    quiet text[] := coalesce(string_to_array(TG_ARGV[6], ','), '{}');
    before_image jsonb;
    after_image jsonb;
    unseen jsonb;
BEGIN
    IF TG_OP = 'UPDATE' AND before_row - quiet = after_row - quiet THEN
        RETURN NULL;
    END IF;
    before_image := rctd.audit_image(before_row, personal, secret || quiet);
    after_image := rctd.audit_image(after_row, personal, secret || quiet);
    IF TG_OP = 'UPDATE' AND (secret <> '{}' OR before_row ? 'salt') THEN
        SELECT jsonb_agg(c) INTO unseen FROM unnest(secret || ARRAY['salt']) c
         WHERE before_row -> c IS DISTINCT FROM after_row -> c;
        IF unseen IS NOT NULL THEN
            after_image := after_image || jsonb_build_object('changed_unseen', unseen);
        END IF;
    END IF;
    PERFORM rctd.audit_append(
        coalesce((one ->> 'trial_id')::uuid, '00000000-0000-0000-0000-000000000000'),
        TG_ARGV[2] || coalesce(one ->> TG_ARGV[3], ''), TG_ARGV[0], one ->> TG_ARGV[1],
        before_image, after_image, lower(TG_OP));
    RETURN NULL;
END
$$;

-- A row of a table as the trail shows it, by the arguments of that table's trigger: what is stored is held
-- against what the trail says.
CREATE FUNCTION rctd.record_image(relation text, one jsonb) RETURNS text
    LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    arguments text[] := (SELECT string_to_array(encode(t.tgargs, 'escape'), '\000') FROM pg_trigger t
                          WHERE t.tgrelid = format('rctd.%I', relation)::regclass
                            AND t.tgfoid = 'rctd.audit_change'::regproc LIMIT 1);
BEGIN
    RETURN rctd.audit_image(one, string_to_array(arguments[5], ','),
        string_to_array(arguments[6], ',') || string_to_array(arguments[7], ','))::text;
END
$$;

CREATE TRIGGER instance_audit AFTER UPDATE ON rctd.instance
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('instance', 'one', 'instance', '', '', '');
CREATE TRIGGER instance_whole BEFORE DELETE OR TRUNCATE ON rctd.instance
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.never_emptied();

GRANT EXECUTE ON FUNCTION rctd.clock() TO rctd_app, rctd_manager, rctd_blinded;
GRANT EXECUTE ON FUNCTION rctd.record_image(text, jsonb) TO rctd_app;
GRANT SELECT ON rctd.instance, rctd.state_transition TO rctd_app, rctd_manager, rctd_blinded;
GRANT UPDATE (ahead) ON rctd.instance TO rctd_blinded;
GRANT UPDATE (purpose) ON rctd.instance TO rctd_app;
GRANT SELECT ON rctd.audit, rctd.audit_head TO rctd_app;
