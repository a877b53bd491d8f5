-- cluster.sql: a roster's list is frozen with its lock, everybody's cluster and how they came to it for good;
-- workplaces that are no more take nobody, names change with a day and a reason, and shared staff is looked at
-- before an allocation.
BEGIN;
\ir fixture.psql
SELECT plan(64);

CREATE FUNCTION pg_temp.w(number integer) RETURNS uuid LANGUAGE sql AS $$
    SELECT ('0d000000-0000-7000-8000-00000000000' || number)::uuid
$$;
CREATE FUNCTION pg_temp.p(number integer) RETURNS uuid LANGUAGE sql AS $$
    SELECT ('0d000000-0000-7000-8000-0000000000f' || number)::uuid
$$;
CREATE TEMP TABLE code (number integer, code text);
INSERT INTO code VALUES (1, 'P2222223'), (2, 'P222223T'), (3, 'P222224K'), (4, 'P222225C'), (5, 'P2222266'), (6, 'P222227Y'), (7, 'P222228Q'), (8, 'P222229H'), (9, 'P22222A9');
CREATE FUNCTION pg_temp.comes(number integer, workplace integer, from_on date DEFAULT '2020-01-01') RETURNS void LANGUAGE sql AS $$
    INSERT INTO rctd.unit (trial_id, unit_id, kind, code, attributes)
    SELECT '01000000-0000-7000-8000-000000000001', pg_temp.p(number), 'participant', c.code, '{}' FROM code c WHERE c.number = comes.number;
    INSERT INTO rctd.participant (trial_id, unit_id, protocol_version, registered_by)
    VALUES ('01000000-0000-7000-8000-000000000001', pg_temp.p(number), 1, '0a000000-0000-7000-8000-000000000002');
    INSERT INTO rctd.employment (trial_id, unit_id, from_on, workplace_id)
    VALUES ('01000000-0000-7000-8000-000000000001', pg_temp.p(number), from_on, pg_temp.w(workplace))
$$;
CREATE FUNCTION pg_temp.moves(number integer, workplace integer, on_day date) RETURNS void LANGUAGE sql AS $$
    UPDATE rctd.employment SET to_on = on_day - 1 WHERE unit_id = pg_temp.p(number) AND to_on IS NULL;
    INSERT INTO rctd.employment (trial_id, unit_id, from_on, workplace_id)
    VALUES ('01000000-0000-7000-8000-000000000001', pg_temp.p(number), on_day, pg_temp.w(workplace))
$$;
CREATE FUNCTION pg_temp.locks(number integer, head_count integer) RETURNS void LANGUAGE sql AS $$
    UPDATE rctd.workplace SET head_count = locks.head_count, roster_locked_at = now() WHERE unit_id = pg_temp.w(number)
$$;
CREATE FUNCTION pg_temp.cluster(number integer) RETURNS text LANGUAGE sql AS $$
    SELECT u.code || ' ' || m.joined FROM rctd.cluster_member m JOIN rctd.unit u ON u.trial_id = m.trial_id AND u.unit_id = m.workplace_id
     WHERE m.unit_id = pg_temp.p(number)
$$;
CREATE FUNCTION pg_temp.became(number integer, in_kind text, other integer DEFAULT NULL, in_name text DEFAULT NULL, former text DEFAULT NULL,
                             in_day date DEFAULT '2024-05-01') RETURNS void LANGUAGE sql AS $$
    INSERT INTO rctd.workplace_change (trial_id, unit_id, ordinal, change_id, kind, other_id, on_day, name, former_name, reason, recorded_at, recorded_by)
    SELECT '01000000-0000-7000-8000-000000000001', pg_temp.w(number),
           1 + (SELECT count(*) FROM rctd.workplace_change l WHERE l.unit_id = pg_temp.w(number)), gen_random_uuid(), in_kind,
           pg_temp.w(other), in_day, in_name, former, 'Owner says so', now(), '0a000000-0000-7000-8000-000000000002'
$$;
CREATE FUNCTION pg_temp.staff(number integer, in_staff text, in_from date DEFAULT '2024-01-01', in_to date DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
    INSERT INTO rctd.staff_link (trial_id, service_id, unit_id, staff, kind, from_on, to_on, recorded_at, recorded_by)
    VALUES ('01000000-0000-7000-8000-000000000001', gen_random_uuid(), pg_temp.w(number), in_staff, 'manager', in_from, in_to, now(), '0a000000-0000-7000-8000-000000000002')
$$;

-- Rosters.
SELECT lives_ok($$SELECT pg_temp.comes(1, 2)$$, 'somebody works in W0002');
SELECT lives_ok($$SELECT pg_temp.comes(2, 2)$$, 'and somebody else');
SELECT is(pg_temp.cluster(1), NULL, 'nothing is settled before the roster is');
SELECT throws_ok($$SELECT pg_temp.locks(2, 1)$$, 'RC001', '2 people are registered there today: the roster cannot have only 1',
    'a head count is not less than the list');
SELECT lives_ok($$SELECT pg_temp.locks(2, 3)$$, 'it may be more: not everybody is registered');
SELECT results_eq($$SELECT u.code FROM rctd.roster_member m JOIN rctd.unit u USING (trial_id, unit_id) ORDER BY 1$$,
    ARRAY['P2222223', 'P222223T'], 'the list is who worked there that day');
SELECT is((SELECT digest FROM rctd.roster), encode(sha256(E'P2222223\nP222223T\n'), 'hex'), 'its digest can be made from the list');
SELECT ok((SELECT new::jsonb ->> 'digest' = (SELECT digest FROM rctd.roster) FROM rctd.audit WHERE object_kind = 'roster'), 'and stands in the trail');
SELECT is((SELECT string_agg(new, ' ') FROM rctd.audit WHERE object_kind = 'cluster' AND stream = 'unit:' || pg_temp.w(2)),
    format('{"joined": "on-roster", "members": ["%s", "%s"]}', pg_temp.p(1), pg_temp.p(2)), 'those who come into a cluster at once are one row of the trail');
SELECT is(pg_temp.cluster(1), 'W0002 on-roster', 'who is on the roster is in the cluster');
SELECT lives_ok($$SELECT pg_temp.comes(3, 2)$$, 'somebody comes after the lock');
SELECT is(pg_temp.cluster(3), 'W0002 after-roster', 'and is tagged so');
SELECT is((SELECT listed FROM rctd.roster), 2, 'the list stays');
SELECT throws_ok($$INSERT INTO rctd.roster_member SELECT trial_id, workplace_id, pg_temp.p(3) FROM rctd.roster_member LIMIT 1$$, 'RC001',
    'Nobody comes onto a roster that is locked', 'nobody is added to it, not even by a superuser');
SELECT throws_ok($$SELECT pg_temp.locks(2, 4)$$, 'RC001', 'A locked roster never changes', 'and it is not locked again');

-- The allocation, and who comes after it.
SELECT lives_ok($$SELECT pg_temp.allocate(2, 'rct', 1, 'left')$$, 'W0002 is allocated');
SELECT lives_ok($$SELECT pg_temp.comes(4, 2)$$, 'somebody comes after that');
SELECT is(pg_temp.cluster(4), 'W0002 post_allocation', 'and is a late joiner, whatever day they say they began');
SELECT is(pg_temp.cluster(1), 'W0002 on-roster', 'who was there before stays what they were');
SELECT lives_ok($$SELECT pg_temp.comes(5, 3)$$, 'W0003 has no roster yet');
SELECT is(pg_temp.cluster(5), NULL, 'so that nothing is settled there');

-- Moves.
SELECT lives_ok($$SELECT pg_temp.moves(1, 1, '2024-03-01')$$, 'somebody of W0002 moves to W0001, which is allocated');
SELECT is(pg_temp.cluster(1), 'W0002 on-roster', 'they are analysed where they were');
SELECT lives_ok($$SELECT pg_temp.moves(5, 1, '2024-03-01')$$, 'somebody of a workplace that nothing has settled moves there too');
SELECT is(pg_temp.cluster(5), 'W0001 post_allocation', 'and is a late joiner there');
SELECT throws_ok($$DELETE FROM rctd.cluster_member$$, 'RC001', NULL, 'a cluster is not left');
SELECT throws_ok($$INSERT INTO rctd.cluster_member SELECT trial_id, unit_id, pg_temp.w(1), joined, joined_at FROM rctd.cluster_member LIMIT 1$$,
    '23505', NULL, 'and nobody is in two');

-- A workplace that is allocated without a lock settles who is there.
SELECT lives_ok($$SELECT pg_temp.comes(6, 3)$$, 'somebody works in W0003');
SELECT pg_temp.allocate(3, 'feasibility', 2, 'right') \g /dev/null
SELECT is(pg_temp.cluster(6), 'W0003 on-roster', 'an allocation without a lock settles who is there');

-- Consent before and after, by the database's time.
CREATE FUNCTION pg_temp.consents(number integer, at timestamptz) RETURNS void LANGUAGE sql AS $$
    INSERT INTO rctd.consent (trial_id, unit_id, ordinal, consent_id, form, form_version, language, decision, scopes, decided_at, decided_by, how,
                              protocol_version, recorded_at, recorded_by)
    SELECT '01000000-0000-7000-8000-000000000001', pg_temp.p(number), 1 + (SELECT count(*) FROM rctd.consent c WHERE c.unit_id = pg_temp.p(number)),
           gen_random_uuid(), 'participation', 1, 'sv', 'given', '{"participate": true}', '2020-01-01', 'participant', 'paper', 1, at,
           '0a000000-0000-7000-8000-000000000002'
$$;
SELECT pg_temp.consents(2, now() - interval '1 second'), pg_temp.consents(2, now()) \g /dev/null
SELECT results_eq($$SELECT after_reveal FROM rctd.consent_timing WHERE unit_id = pg_temp.p(2) ORDER BY ordinal$$, ARRAY[false, true],
    'a consent counts as before or after the reveal by when it was recorded, not by its own date');

-- Links.
SELECT throws_ok($$SELECT pg_temp.became(2, 'reopened')$$, 'RC001', 'That workplace is not closed', 'what is open is not opened');
SELECT throws_ok($$SELECT pg_temp.became(2, 'merged')$$, '23514', NULL, 'a merger names the other');
SELECT throws_ok($$SELECT pg_temp.became(2, 'merged', 2)$$, '23514', NULL, 'another');
SELECT throws_ok($$SELECT pg_temp.became(2, 'closed', in_day => current_date + 2)$$, 'RC001', NULL, 'nothing is recorded ahead');
SELECT throws_ok($$UPDATE rctd.workplace SET name = 'Other' WHERE unit_id = pg_temp.w(2)$$, 'RC001',
    'A workplace is renamed with a day and a reason', 'a name is not changed by itself');
SELECT lives_ok($$SELECT pg_temp.became(2, 'renamed', in_name => 'New name', former => 'Workplace W0002')$$, 'a workplace is renamed');
SELECT is((SELECT name FROM rctd.workplace WHERE unit_id = pg_temp.w(2)), 'New name', 'and has the name');
SELECT lives_ok($$SELECT pg_temp.became(2, 'merged', 1, in_day => '2024-06-01')$$, 'it is merged into another');
SELECT throws_ok($$SELECT pg_temp.became(2, 'closed', in_day => '2024-06-02')$$, 'RC001', 'That workplace is no more', 'it ends once');
SELECT throws_ok($$SELECT pg_temp.became(1, 'split', 2)$$, 'RC001', 'The other workplace is no more', 'and takes nobody over');
SELECT throws_ok($$SELECT pg_temp.moves(6, 2, '2024-07-01')$$, 'RC001', 'The workplace W0002 is no more: nobody comes to it', 'nobody comes to it');
SELECT throws_ok($$SELECT pg_temp.allocate(2, 'rct', 2, 'left')$$, 'RC001', 'A workplace that is no more is not allocated', 'nor is it allocated');
SELECT is(pg_temp.cluster(2), 'W0002 on-roster', 'its people are analysed in it all the same');
SELECT throws_ok($$SELECT pg_temp.became(2, 'reopened', in_day => '2024-05-02')$$, 'RC001', NULL, 'changes follow one another by their days');
SELECT lives_ok($$SELECT pg_temp.became(2, 'reopened', in_day => '2024-08-01')$$, 'it opens again');
SELECT is_empty('SELECT * FROM rctd.workplace_ended', 'and is there again');

-- Who was registered in the wrong workplace is put into the right one on the same day, while nothing rests on it.
INSERT INTO rctd.unit (trial_id, unit_id, kind, code, attributes)
SELECT '01000000-0000-7000-8000-000000000001', pg_temp.w(n), 'workplace', 'W000' || n, jsonb_build_object('county', 'county ' || n)
  FROM generate_series(7, 8) n;
INSERT INTO rctd.workplace (trial_id, unit_id, name, identity_key, identifiers)
SELECT u.trial_id, u.unit_id, 'Workplace ' || u.code, u.code, '{}' FROM rctd.unit u WHERE u.code IN ('W0007', 'W0008');
CREATE FUNCTION pg_temp.puts_right(number integer, workplace integer) RETURNS void LANGUAGE sql AS $$
    UPDATE rctd.employment SET workplace_id = pg_temp.w(workplace) WHERE unit_id = pg_temp.p(number) AND to_on IS NULL
$$;
SELECT pg_temp.comes(7, 7), pg_temp.comes(8, 7) \g /dev/null
SELECT throws_ok($$SELECT pg_temp.puts_right(7, 1)$$, 'RC001', 'They cannot be put into another workplace: they would come to one that is allocated',
    'nobody is put into a workplace that is allocated');
SELECT throws_ok($$SELECT pg_temp.puts_right(6, 7)$$, 'RC001',
    'They cannot be put into another workplace: they belong to its people since it was allocated or its roster locked', 'or out of one');
SELECT throws_ok($$SELECT pg_temp.puts_right(5, 7)$$, 'RC001', 'They cannot be put into another workplace: they have moved since', 'or behind a move');
SELECT throws_ok($$UPDATE rctd.employment SET workplace_id = pg_temp.w(8), to_on = current_date WHERE unit_id = pg_temp.p(7)$$, 'RC001',
    'An employment is ended once, and stays', 'nor is that done in one with an end');
SELECT lives_ok($$SELECT pg_temp.puts_right(7, 8)$$, 'somebody is put right');
SELECT is((SELECT county FROM rctd.unit WHERE unit_id = pg_temp.p(7)), 'county 8', 'and is where the workplace is');
SELECT is((SELECT count(*) FROM rctd.audit WHERE stream = 'unit:' || pg_temp.p(7) AND object_kind = 'employment'
    AND old::jsonb ->> 'workplace_id' = pg_temp.w(7)::text AND new::jsonb ->> 'workplace_id' = pg_temp.w(8)::text), 1::bigint, 'the trail has both');
SELECT pg_temp.locks(8, 1) \g /dev/null
SELECT is(pg_temp.cluster(7), 'W0008 on-roster', 'the roster is that of the right workplace');
SELECT lives_ok($$SELECT pg_temp.puts_right(8, 8)$$, 'somebody is put into a workplace whose roster is locked');
SELECT is(pg_temp.cluster(8), 'W0008 after-roster', 'and came after it');
SELECT pg_temp.comes(9, 7) \g /dev/null
UPDATE rctd.unit SET registered_at = registered_at - interval '1 day' WHERE unit_id = pg_temp.p(9);
SELECT throws_ok($$SELECT pg_temp.puts_right(9, 8)$$, 'RC001', 'They cannot be put into another workplace: they were registered on an earlier day',
    'the day after it is a move');

-- Shared staff.
SELECT throws_ok($$SELECT pg_temp.staff(1, 'Anna Berg')$$, '23514', NULL, 'staff has codes, never names');
SELECT pg_temp.staff(1, 'M014'), pg_temp.staff(3, 'M014'), pg_temp.staff(3, 'M015', in_to => '2024-02-01'), pg_temp.staff(1, 'M015') \g /dev/null
INSERT INTO rctd.unit (trial_id, unit_id, kind, code, attributes)
VALUES ('01000000-0000-7000-8000-000000000001', pg_temp.w(4), 'workplace', 'W0004', '{}');
INSERT INTO rctd.workplace (trial_id, unit_id, name, identity_key, identifiers)
VALUES ('01000000-0000-7000-8000-000000000001', pg_temp.w(4), 'Workplace W0004', 'W0004', '{}');
SELECT pg_temp.staff(4, 'M015', '2024-03-01'), pg_temp.staff(4, 'M014', '2024-01-01', '2024-02-01') \g /dev/null
SELECT throws_ok($$SELECT pg_temp.allocate(4, 'feasibility', 3, 'left')$$, 'RC001', 'Shared staff is acknowledged before a workplace is allocated',
    'a workplace that shares staff with an allocated one is not allocated unseen');
INSERT INTO rctd.contamination_accepted (trial_id, scheme, unit_id, shared, accepted_at, accepted_by)
VALUES ('01000000-0000-7000-8000-000000000001', 'feasibility', pg_temp.w(4), '[{"staff": "M015"}]', now(), '0a000000-0000-7000-8000-000000000002');
SELECT lives_ok($$SELECT pg_temp.allocate(4, 'feasibility', 3, 'left')$$, 'but when that was seen');
SELECT throws_ok($$UPDATE rctd.staff_link SET to_on = NULL WHERE staff = 'M015'$$, 'RC001', 'Service at a workplace is ended once, and stays', 'service ends once');
SELECT results_eq($$SELECT staff || coalesce(' ' || to_on, '') FROM rctd.shared_staff WHERE unit_id = pg_temp.w(3) AND other_id = pg_temp.w(1)
    ORDER BY 1$$, ARRAY['M014', 'M015 2024-02-01'], 'shared staff has the days in common');
SELECT is((SELECT count(*) FROM rctd.audit WHERE object_kind = 'staff'), 6::bigint, 'the trail says who serves where');
SET LOCAL ROLE rctd_blinded;
SELECT throws_ok('SELECT reason FROM rctd.workplace_change', '42501', NULL, 'a blinded role does not read the reasons');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
