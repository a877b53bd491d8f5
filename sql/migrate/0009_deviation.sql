-- 0009: randomisation errors. Yelland et al. 2015 (Clinical Trials 12:418-423): an error is documented, never
-- corrected; the allocation stays, and its position never returns. What was wrong stands beside it, in rows of
-- its own; a report that was wrong itself is followed by a further row.

CREATE FUNCTION rctd.stratum_levels(stratum text) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    RETURN coalesce((SELECT jsonb_object_agg(split_part(p, '=', 1), substr(p, strpos(p, '=') + 1))
                       FROM unnest(string_to_array(nullif(stratum, ''), '|')) p), '{}');
END
$$;

-- `kept`: the unit stays in the intention-to-treat set, in the arm that it was allocated to. `analysis_stratum`:
-- what the primary analysis adjusts for (Yelland et al. 2023, Statistics in Medicine 42:3529-3546, table 5):
-- the true stratum where the arm was not known to who found the error, else the allocated one.
CREATE TABLE rctd.allocation_deviation (
    trial_id uuid NOT NULL,
    deviation_id uuid NOT NULL,
    allocation_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('wrong-stratum', 'ineligible', 'duplicate', 'other', 'no-error')),
    reason text NOT NULL CHECK (reason <> ''),
    arm_known boolean NOT NULL,
    true_values jsonb CHECK (jsonb_typeof(true_values) = 'object' AND true_values <> '{}'),
    allocated_levels jsonb,
    true_levels jsonb,
    allocated_stratum text,
    true_stratum text,
    rule text CHECK (rule <> ''),
    known_on date,
    duplicate_of uuid,
    separate_data boolean,
    supersedes uuid,
    kept boolean NOT NULL,
    analysis_stratum text NOT NULL,
    recorded_at timestamptz NOT NULL,
    recorded_by uuid NOT NULL REFERENCES rctd.account,
    PRIMARY KEY (trial_id, deviation_id),
    CONSTRAINT deviation_superseded_once UNIQUE (trial_id, supersedes),
    FOREIGN KEY (trial_id, allocation_id) REFERENCES rctd.allocation,
    FOREIGN KEY (trial_id, duplicate_of) REFERENCES rctd.allocation,
    FOREIGN KEY (trial_id, supersedes) REFERENCES rctd.allocation_deviation,
    FOREIGN KEY (trial_id, unit_id) REFERENCES rctd.unit,
    CONSTRAINT wrong_stratum_has_the_true_one CHECK (num_nonnulls(true_values, allocated_levels, true_levels,
        allocated_stratum, true_stratum) = CASE kind WHEN 'wrong-stratum' THEN 5 ELSE 0 END),
    CONSTRAINT true_stratum_differs CHECK (kind <> 'wrong-stratum' OR (true_levels <> allocated_levels
        AND (allocated_stratum = '' OR true_stratum <> allocated_stratum))),
    CONSTRAINT ineligible_has_rule_and_day CHECK (num_nonnulls(rule, known_on) = CASE kind WHEN 'ineligible' THEN 2 ELSE 0 END),
    CONSTRAINT duplicate_has_the_other CHECK (num_nonnulls(duplicate_of, separate_data) = CASE kind WHEN 'duplicate' THEN 2 ELSE 0 END),
    CONSTRAINT no_error_takes_a_report_back CHECK (kind <> 'no-error' OR supersedes IS NOT NULL),
    CONSTRAINT kept_unless_counted_twice CHECK (kept = (kind <> 'duplicate' OR separate_data)),
    CONSTRAINT analysis_stratum_follows CHECK (analysis_stratum
        = CASE WHEN kind = 'wrong-stratum' AND NOT arm_known THEN 'true' ELSE 'allocated' END)
);
CREATE INDEX allocation_deviation_of_allocation ON rctd.allocation_deviation (trial_id, allocation_id);
CREATE INDEX allocation_deviation_of_unit ON rctd.allocation_deviation (trial_id, unit_id);
CREATE TRIGGER allocation_deviation_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.allocation_deviation
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER allocation_deviation_audit AFTER INSERT ON rctd.allocation_deviation
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('deviation', 'deviation_id', 'unit:', 'unit_id', '', '');

-- The statistician's word on the primary analysis set; the last one counts.
CREATE TABLE rctd.deviation_decision (
    trial_id uuid NOT NULL,
    decision_id uuid NOT NULL,
    deviation_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    ordinal integer NOT NULL CHECK (ordinal > 0),
    primary_set boolean NOT NULL,
    reason text NOT NULL CHECK (reason <> ''),
    decided_at timestamptz NOT NULL,
    decided_by uuid NOT NULL REFERENCES rctd.account,
    PRIMARY KEY (trial_id, decision_id),
    UNIQUE (trial_id, deviation_id, ordinal),
    FOREIGN KEY (trial_id, deviation_id) REFERENCES rctd.allocation_deviation,
    FOREIGN KEY (trial_id, unit_id) REFERENCES rctd.unit
);
CREATE INDEX deviation_decision_of_unit ON rctd.deviation_decision (trial_id, unit_id);
CREATE TRIGGER deviation_decision_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.deviation_decision
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER deviation_decision_audit AFTER INSERT ON rctd.deviation_decision
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('deviation-decision', 'decision_id', 'unit:', 'unit_id', '', '');

-- A reported stratum is the one that the ledger has, and the true one is of the same factors.
CREATE FUNCTION rctd.deviation_levels_fit(d rctd.allocation_deviation, a rctd.allocation) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    decided jsonb := CASE a.method WHEN 'minimisation' THEN a.decision -> 'levels' WHEN 'constrained' THEN a.decision -> 'values'
                     ELSE rctd.stratum_levels(a.stratum) END;
BEGIN
    RETURN a.method <> 'nonrandom-comparison' AND d.allocated_stratum = a.stratum AND d.allocated_levels = decided
        AND jsonb_typeof(d.true_levels) = 'object'
        AND (SELECT array_agg(k ORDER BY k) FROM jsonb_object_keys(d.true_levels) k)
            = (SELECT array_agg(k ORDER BY k) FROM jsonb_object_keys(decided) k)
        AND (d.true_stratum = '' OR rctd.stratum_levels(d.true_stratum) = d.true_levels)
        AND (d.true_stratum = '') = (a.stratum = '');
END
$$;

-- Under the unit's lock, so that two reports of one error are one.
CREATE FUNCTION rctd.deviation_check() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    a rctd.allocation;
    other rctd.allocation;
BEGIN
    PERFORM rctd.signed_in_role(NEW.trial_id, NEW.recorded_by, ARRAY['coordinator']);
    PERFORM FROM rctd.unit u WHERE u.trial_id = NEW.trial_id AND u.unit_id = NEW.unit_id FOR UPDATE;
    SELECT * INTO a FROM rctd.allocation l WHERE l.trial_id = NEW.trial_id AND l.allocation_id = NEW.allocation_id;
    IF a.unit_id IS DISTINCT FROM NEW.unit_id THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'deviation_of_an_allocation',
            MESSAGE = 'A deviation is of an allocation and its unit';
    END IF;
    IF NEW.supersedes IS NOT NULL AND NOT EXISTS (SELECT FROM rctd.allocation_deviation d
            WHERE d.trial_id = NEW.trial_id AND d.deviation_id = NEW.supersedes AND d.allocation_id = NEW.allocation_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'deviation_supersedes',
            MESSAGE = 'A report follows a report on the same allocation';
    END IF;
    IF NEW.kind NOT IN ('other', 'no-error') AND EXISTS (SELECT FROM rctd.allocation_deviation d
            WHERE d.trial_id = NEW.trial_id AND d.allocation_id = NEW.allocation_id AND d.kind = NEW.kind
              AND d.rule IS NOT DISTINCT FROM NEW.rule AND d.duplicate_of IS NOT DISTINCT FROM NEW.duplicate_of
              AND d.deviation_id IS DISTINCT FROM NEW.supersedes
              AND NOT EXISTS (SELECT FROM rctd.allocation_deviation s
                               WHERE s.trial_id = d.trial_id AND s.supersedes = d.deviation_id)) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'deviation_once',
            MESSAGE = 'That is reported already; a report that is not right is followed by one that supersedes it';
    END IF;
    IF NEW.kind = 'wrong-stratum' AND rctd.deviation_levels_fit(NEW, a) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'deviation_levels',
            MESSAGE = 'A wrong stratum is told by the levels of the ledger and the true ones, factor by factor';
    END IF;
    IF NEW.kind = 'ineligible' AND NEW.known_on > (SELECT (rctd.clock() AT TIME ZONE t.time_zone)::date
                                                     FROM rctd.trial t WHERE t.trial_id = NEW.trial_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'deviation_known_by_now',
            MESSAGE = 'That somebody is not eligible cannot be known on a day to come';
    END IF;
    IF NEW.kind = 'duplicate' THEN
        SELECT * INTO other FROM rctd.allocation l WHERE l.trial_id = NEW.trial_id AND l.allocation_id = NEW.duplicate_of;
        IF other.unit_id IS NULL OR other.scheme <> a.scheme OR other.unit_id = a.unit_id
           OR (other.allocated_at, other.allocation_id) >= (a.allocated_at, a.allocation_id) THEN
            RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'deviation_duplicate',
                MESSAGE = 'A duplicate is the later allocation, and names the earlier one of the same scheme, of another unit';
        END IF;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER deviation_check BEFORE INSERT ON rctd.allocation_deviation
    FOR EACH ROW EXECUTE FUNCTION rctd.deviation_check();

CREATE FUNCTION rctd.deviation_decision_check() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM rctd.signed_in_role(NEW.trial_id, NEW.decided_by, ARRAY['statistician']);
    PERFORM FROM rctd.unit u WHERE u.trial_id = NEW.trial_id AND u.unit_id = NEW.unit_id FOR UPDATE;
    IF NOT EXISTS (SELECT FROM rctd.allocation_deviation d WHERE d.trial_id = NEW.trial_id
                    AND d.deviation_id = NEW.deviation_id AND d.unit_id = NEW.unit_id)
       OR EXISTS (SELECT FROM rctd.allocation_deviation s WHERE s.trial_id = NEW.trial_id AND s.supersedes = NEW.deviation_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'deviation_decision_of_the_last',
            MESSAGE = 'That report was superseded; decide on the one that follows it';
    END IF;
    IF NEW.ordinal <> 1 + (SELECT count(*) FROM rctd.deviation_decision c
                            WHERE c.trial_id = NEW.trial_id AND c.deviation_id = NEW.deviation_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'serialization_failure', CONSTRAINT = 'deviation_decision_order',
            MESSAGE = 'Another decision came in between';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER deviation_decision_check BEFORE INSERT ON rctd.deviation_decision
    FOR EACH ROW EXECUTE FUNCTION rctd.deviation_decision_check();

-- Reasons are written by people who know arms, and a stratum with its ledger tells of positions: blinded
-- roles read neither.
GRANT SELECT, INSERT ON rctd.allocation_deviation, rctd.deviation_decision TO rctd_app;
GRANT SELECT (trial_id, deviation_id, allocation_id, unit_id, kind, arm_known, rule, known_on, duplicate_of, separate_data,
    supersedes, kept, analysis_stratum, recorded_at, recorded_by) ON rctd.allocation_deviation TO rctd_manager, rctd_blinded;
GRANT SELECT (trial_id, decision_id, deviation_id, unit_id, ordinal, primary_set, decided_at, decided_by)
    ON rctd.deviation_decision TO rctd_manager, rctd_blinded;
