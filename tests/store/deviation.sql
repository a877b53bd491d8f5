-- deviation.sql: what the database itself holds about randomisation errors: the allocation stays, the true
-- stratum is another one of the same factors, a duplicate is the later allocation of its scheme, a report is
-- followed, never changed, and blinded roles read nothing that tells an arm.
BEGIN;
\ir fixture.psql
SELECT plan(49);

INSERT INTO rctd.account (account_id, name, display) VALUES ('0a000000-0000-7000-8000-000000000004', 'sten', 'Sten');
INSERT INTO rctd.role_grant (trial_id, grant_id, account_id, role, reason) VALUES
    ('01000000-0000-7000-8000-000000000001', '0b000000-0000-7000-8000-000000000004',
     '0a000000-0000-7000-8000-000000000004', 'statistician', 'Analyses');

-- Three more allocations: two of the permuted blocks, of which one is in another scheme, and a minimised one.
SELECT pg_temp.allocate(2, 'rct', 1, 'left') \g /dev/null
SELECT pg_temp.allocate(3, 'rct', 2, 'left') \g /dev/null
INSERT INTO rctd.unit (trial_id, unit_id, kind, code, attributes)
VALUES ('01000000-0000-7000-8000-000000000001', '0d000000-0000-7000-8000-000000000004', 'workplace', 'W0004', '{}'),
       ('01000000-0000-7000-8000-000000000001', '0d000000-0000-7000-8000-000000000005', 'workplace', 'W0005', '{}');
SELECT pg_temp.allocate(4, 'feasibility', 2, 'right') \g /dev/null
UPDATE rctd.phase SET state = 'open' WHERE phase = 'later';
INSERT INTO rctd.stratum VALUES ('01000000-0000-7000-8000-000000000001', 'later', '');
INSERT INTO rctd.allocation (trial_id, allocation_id, scheme, stratum, position, unit_id, arm, phase, protocol_version, method,
                             decision, allocated_at, allocated_by, idempotency_key)
VALUES ('01000000-0000-7000-8000-000000000001', gen_random_uuid(), 'later', '', 1, '0d000000-0000-7000-8000-000000000005', 'left',
        'later', 1, 'minimisation', '{"levels": {"county": "a", "size": "small"}}', now(), '0a000000-0000-7000-8000-000000000002', 'm');

CREATE FUNCTION pg_temp.allocation_of(number integer) RETURNS uuid LANGUAGE sql AS $$
    SELECT l.allocation_id FROM rctd.allocation l WHERE l.unit_id = ('0d000000-0000-7000-8000-00000000000' || number)::uuid
$$;

-- A report as the daemon makes it; what is given in `more` takes the place of what a whole report would say.
CREATE FUNCTION pg_temp.report(number integer, in_kind text, more jsonb DEFAULT '{}', account text DEFAULT 'anna',
                               actor_role text DEFAULT 'coordinator', db_role text DEFAULT 'rctd_app') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    account_id uuid := (SELECT a.account_id FROM rctd.account a WHERE a.name = account);
    whole jsonb := jsonb_build_object('trial_id', '01000000-0000-7000-8000-000000000001', 'deviation_id', gen_random_uuid(),
        'allocation_id', pg_temp.allocation_of(number), 'unit_id', '0d000000-0000-7000-8000-00000000000' || number, 'kind', in_kind,
        'reason', 'A typing error', 'arm_known', true, 'kept', true, 'analysis_stratum', 'allocated', 'recorded_at', now(),
        'recorded_by', account_id);
BEGIN
    IF in_kind = 'wrong-stratum' THEN
        whole := whole || '{"true_values": {"county": "b"}, "allocated_levels": {"county": "a"}, "true_levels": {"county": "b"},
                            "allocated_stratum": "county=a", "true_stratum": "county=b"}';
    ELSIF in_kind = 'ineligible' THEN
        whole := whole || jsonb_build_object('rule', 'staff', 'known_on', current_date - 1);
    ELSIF in_kind = 'duplicate' THEN
        whole := whole || jsonb_build_object('duplicate_of', pg_temp.allocation_of(number - 1), 'separate_data', true);
    END IF;
    PERFORM set_config('rctd.account', account_id::text, true), set_config('rctd.actor_role', actor_role, true);
    EXECUTE format('SET LOCAL ROLE %I', db_role);
    INSERT INTO rctd.allocation_deviation SELECT * FROM jsonb_populate_record(NULL::rctd.allocation_deviation, whole || more);
    RESET ROLE;
    RETURN 'done';
EXCEPTION WHEN insufficient_privilege OR unique_violation OR foreign_key_violation OR check_violation OR not_null_violation
            OR SQLSTATE 'RC001' THEN
    RETURN SQLSTATE || ' ' || SQLERRM;
END
$$;
CREATE FUNCTION pg_temp.last(in_number integer) RETURNS uuid LANGUAGE sql AS $$
    SELECT d.deviation_id FROM rctd.allocation_deviation d WHERE d.allocation_id = pg_temp.allocation_of(in_number)
       AND NOT EXISTS (SELECT FROM rctd.allocation_deviation s WHERE s.supersedes = d.deviation_id) LIMIT 1
$$;

-- Who reports.
SELECT matches(pg_temp.report(1, 'other', '{}', 'sten', 'statistician'), '^42501', 'a statistician reports nothing');
SELECT matches(pg_temp.report(1, 'other', '{}', 'sten', 'coordinator'), '^42501', 'nor who only says to be a coordinator');
SELECT matches(pg_temp.report(1, 'other', '{}', 'anna', 'coordinator', 'rctd_blinded'), '^42501', 'a blinded request reports nothing');
SELECT matches(pg_temp.report(1, 'other', '{"recorded_by": "0a000000-0000-7000-8000-000000000003"}'), '^42501',
    'nobody reports in another''s name');
SELECT matches(pg_temp.report(1, 'other', '{"reason": ""}'), '^23514', 'a report has a reason');
SELECT matches(pg_temp.report(1, 'other', '{"unit_id": "0d000000-0000-7000-8000-000000000002"}'), '^RC001 A deviation is of',
    'a report is of an allocation and its own unit');
SELECT matches(pg_temp.report(1, 'strange'), '^23514', 'there are no other kinds');

-- A wrong stratum.
SELECT matches(pg_temp.report(1, 'wrong-stratum', '{"true_levels": {"county": "a"}, "true_stratum": "county=a"}'), '^23514.*true_stratum_differs',
    'the true stratum is another one');
SELECT matches(pg_temp.report(1, 'wrong-stratum', '{"allocated_stratum": "county=c", "allocated_levels": {"county": "c"}}'), '^RC001 A wrong stratum',
    'the allocated stratum is the ledger''s');
SELECT matches(pg_temp.report(1, 'wrong-stratum', '{"allocated_levels": {"county": "c"}}'), '^RC001', 'and so are its levels');
SELECT matches(pg_temp.report(1, 'wrong-stratum', '{"true_levels": {"county": "b", "size": "small"}}'), '^RC001',
    'the true levels are of the same factors');
SELECT matches(pg_temp.report(1, 'wrong-stratum', '{"true_stratum": "county=c"}'), '^RC001', 'the true stratum is that of the true levels');
SELECT matches(pg_temp.report(1, 'wrong-stratum', '{"true_levels": null}'), '^RC001', 'none of it is missing');
SELECT matches(pg_temp.report(1, 'other', '{"true_stratum": "county=b"}'), '^23514', 'and none belongs to another kind');
SELECT matches(pg_temp.report(1, 'wrong-stratum', '{"arm_known": false}'), '^23514.*analysis_stratum_follows',
    'the stratum of the analysis follows from who knew the arm');
SELECT is(pg_temp.report(1, 'wrong-stratum', '{"arm_known": false, "analysis_stratum": "true"}'), 'done', 'a wrong stratum is recorded');
SELECT matches(pg_temp.report(1, 'wrong-stratum'), '^RC001 That is reported already', 'once');
SELECT matches(pg_temp.report(5, 'wrong-stratum'), '^RC001', 'what was minimised has no stratum');
SELECT is(pg_temp.report(5, 'wrong-stratum', '{"allocated_stratum": "", "true_stratum": "", "true_values": {"size": "large"},
    "allocated_levels": {"county": "a", "size": "small"}, "true_levels": {"county": "a", "size": "large"}}'), 'done', 'and has levels');

-- Ineligible.
SELECT matches(pg_temp.report(2, 'ineligible', '{"rule": null}'), '^23514', 'it is said which rule was not met');
SELECT matches(pg_temp.report(2, 'ineligible', jsonb_build_object('known_on', current_date + 3)), '^RC001 That somebody', 'and since when it is known');
SELECT matches(pg_temp.report(2, 'ineligible', '{"kept": false}'), '^23514.*kept_unless', 'the ineligible stay in the intention-to-treat set');
SELECT is(pg_temp.report(2, 'ineligible'), 'done', 'an ineligible unit is recorded');
SELECT is(pg_temp.report(2, 'ineligible', '{"rule": "manager"}'), 'done', 'by each rule');

-- Duplicates.
SELECT matches(pg_temp.report(3, 'duplicate', jsonb_build_object('duplicate_of', pg_temp.allocation_of(1))), '^RC001 A duplicate',
    'a duplicate is of the same scheme');
SELECT matches(pg_temp.report(3, 'duplicate', jsonb_build_object('duplicate_of', pg_temp.allocation_of(3))), '^RC001', 'and of another unit');
SELECT matches(pg_temp.report(3, 'duplicate', '{"duplicate_of": "0d000000-0000-7000-8000-000000000001"}'), '^RC001', 'which was allocated');
SELECT is((SELECT count(*) FROM unnest(ARRAY[pg_temp.report(2, 'duplicate', jsonb_build_object('duplicate_of', pg_temp.allocation_of(3))),
    pg_temp.report(3, 'duplicate')]) said WHERE said = 'done'), 1::bigint, 'of two the later one is the duplicate');
SELECT is((SELECT count(*) FROM rctd.allocation_deviation WHERE kind = 'duplicate'), 1::bigint, 'and there is one report');
SELECT matches(pg_temp.report(4, 'duplicate', jsonb_build_object('duplicate_of', pg_temp.allocation_of(1), 'separate_data', false)), '^23514.*kept|^RC001',
    'without data of its own it is not kept');

-- A report that was not right.
SELECT matches(pg_temp.report(1, 'no-error'), '^23514', 'nothing is taken back that was not reported');
SELECT matches(pg_temp.report(2, 'no-error', jsonb_build_object('supersedes', pg_temp.last(1))), '^RC001 A report follows',
    'a report follows one on the same allocation');
SELECT is(pg_temp.report(1, 'wrong-stratum', jsonb_build_object('supersedes', pg_temp.last(1), 'true_values', '{"county": "c"}'::jsonb,
    'true_levels', '{"county": "c"}'::jsonb, 'true_stratum', 'county=c')), 'done', 'it is followed by a further one');
SELECT matches(pg_temp.report(1, 'no-error', jsonb_build_object('supersedes',
    (SELECT d.supersedes FROM rctd.allocation_deviation d WHERE d.supersedes IS NOT NULL))), '^23505.*deviation_superseded_once', 'by one');
SELECT is(pg_temp.report(1, 'no-error', jsonb_build_object('supersedes', pg_temp.last(1))), 'done', 'or taken back');
SELECT is(pg_temp.report(1, 'wrong-stratum'), 'done', 'and then reported anew');
SELECT is((SELECT count(*) FROM rctd.allocation_deviation WHERE allocation_id = pg_temp.allocation_of(1)), 4::bigint, 'every report stays');
SELECT throws_ok($$UPDATE rctd.allocation_deviation SET kind = 'other'$$, 'RC001', NULL, 'as it was written');
SELECT throws_ok($$UPDATE rctd.allocation SET stratum = 'county=b'$$, 'RC001', NULL, 'and so does the allocation');
SELECT throws_ok($$SELECT pg_temp.allocate(4, 'feasibility', 1, 'left')$$, 'RC001', NULL, 'its position never returns');

-- The statistician's word.
CREATE FUNCTION pg_temp.decides(in_number integer, included boolean, account text DEFAULT 'sten', actor_role text DEFAULT 'statistician',
                                of_deviation uuid DEFAULT NULL, at_ordinal integer DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    one uuid := coalesce(of_deviation, pg_temp.last(in_number));
    account_id uuid := (SELECT a.account_id FROM rctd.account a WHERE a.name = account);
BEGIN
    PERFORM set_config('rctd.account', account_id::text, true), set_config('rctd.actor_role', actor_role, true);
    SET LOCAL ROLE rctd_app;
    INSERT INTO rctd.deviation_decision VALUES ('01000000-0000-7000-8000-000000000001', gen_random_uuid(), one,
        ('0d000000-0000-7000-8000-00000000000' || in_number)::uuid,
        coalesce(at_ordinal, (SELECT 1 + count(*)::integer FROM rctd.deviation_decision c WHERE c.deviation_id = one)), included, 'The plan, 4.2',
        now(), account_id);
    RESET ROLE;
    RETURN 'done';
EXCEPTION WHEN insufficient_privilege OR SQLSTATE 'RC001' OR serialization_failure THEN
    RETURN SQLSTATE || ' ' || SQLERRM;
END
$$;
SELECT matches(pg_temp.decides(1, false, 'anna', 'coordinator'), '^42501', 'who enrols does not decide on the analysis');
SELECT is(pg_temp.decides(1, false), 'done', 'a statistician does');
SELECT is(pg_temp.decides(1, true), 'done', 'and again');
SELECT matches(pg_temp.decides(1, true, 'sten', 'statistician', NULL, 2), '^40001', 'one decision follows the other');
SELECT matches(pg_temp.decides(1, true, 'sten', 'statistician',
    (SELECT d.supersedes FROM rctd.allocation_deviation d WHERE d.supersedes IS NOT NULL LIMIT 1)), '^RC001 That report was superseded',
    'on the last report');
SELECT throws_ok($$DELETE FROM rctd.deviation_decision$$, 'RC001', NULL, 'a decision stays');

-- What blinded roles read.
CREATE FUNCTION pg_temp.reads(role text, what text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SET LOCAL ROLE %I', role);
    EXECUTE format('SELECT %s FROM rctd.allocation_deviation', what);
    RESET ROLE;
    RETURN 'read';
EXCEPTION WHEN insufficient_privilege THEN
    RETURN 'refused';
END
$$;
SELECT is_empty($$SELECT role, what FROM unnest(ARRAY['rctd_blinded', 'rctd_manager']) role,
    unnest(ARRAY['reason', 'true_values', 'allocated_levels', 'true_levels', 'allocated_stratum', 'true_stratum', '*']) what
    WHERE pg_temp.reads(role, what) = 'read'$$, 'no blinded role reads a reason or a stratum');
SELECT is(pg_temp.reads('rctd_blinded', 'kind, kept, analysis_stratum, recorded_at'), 'read', 'it reads that there was an error');
SELECT results_eq($$SELECT DISTINCT stream COLLATE "default" FROM rctd.audit WHERE object_kind IN ('deviation', 'deviation-decision') ORDER BY 1$$,
    $$SELECT DISTINCT 'unit:' || unit_id FROM rctd.allocation_deviation ORDER BY 1$$, 'all of it is in the trail of its unit');

SELECT * FROM finish();
ROLLBACK;
