-- registration.sql: a registration is one row of the trail with all that came in its statement; what comes later is
-- a row of its own; and in no order is anything left out or told as somebody else's.
BEGIN;
\ir fixture.psql
SELECT plan(24);

-- The statement of an import, with so many people; the parts that it leaves out come later.
CREATE FUNCTION pg_temp.register(codes text[], employed boolean DEFAULT true, identified boolean DEFAULT true,
    workplace uuid DEFAULT '0d000000-0000-7000-8000-000000000002', first integer DEFAULT 0) RETURNS void LANGUAGE sql AS $$
    WITH new AS (
        SELECT c.code, ('0e000000-0000-7000-8000-0000000000' || lpad((first + c.place)::text, 2, '0'))::uuid AS unit_id
          FROM unnest(codes) WITH ORDINALITY AS c (code, place)
    ), unit AS (
        INSERT INTO rctd.unit (trial_id, unit_id, kind, code, attributes, county, site)
        SELECT '01000000-0000-7000-8000-000000000001', n.unit_id, 'participant', n.code, '{"born": "elsewhere"}',
               'county ' || right(workplace::text, 1), 'site ' || right(workplace::text, 1) FROM new n
        RETURNING trial_id, unit_id
    ), participant AS (
        INSERT INTO rctd.participant (trial_id, unit_id, protocol_version, registered_by)
        SELECT u.trial_id, u.unit_id, 1, '0a000000-0000-7000-8000-000000000002' FROM unit u
        RETURNING trial_id, unit_id
    ), identity AS (
        INSERT INTO rctd_vault.identity (trial_id, unit_id, key_version, box, number_hash)
        SELECT p.trial_id, p.unit_id, 1, '\x01', sha256(p.unit_id::text::bytea) FROM participant p WHERE identified
    )
    INSERT INTO rctd.employment (trial_id, unit_id, from_on, workplace_id)
    SELECT p.trial_id, p.unit_id, '2020-01-01', workplace FROM participant p WHERE employed
$$;
CREATE TEMP VIEW trail AS
SELECT right(a.stream, 2) COLLATE "default" AS person, a.sequence, a.object_kind COLLATE "default" AS kind, a.new::jsonb AS new, a
  FROM rctd.audit a WHERE a.stream LIKE 'unit:0e000000%';
INSERT INTO rctd_vault.data_key (trial_id, version, master_key_id, sealed, made_at)
VALUES ('01000000-0000-7000-8000-000000000001', 1, 'x', '\x00', now());

SELECT lives_ok($$SELECT pg_temp.register(ARRAY['P2222223', 'P222223T'])$$, 'two people come in');
SELECT results_eq('SELECT person, sequence, kind FROM trail ORDER BY 1, 2', $$VALUES ('01', 1::bigint, 'registration'), ('02', 1, 'registration')$$,
    'each is one row of the trail');
SELECT results_eq($$SELECT DISTINCT k COLLATE "default" FROM trail, jsonb_object_keys(new) k ORDER BY 1$$,
    ARRAY['employment', 'identity', 'participant', 'unit'], 'with all that came');
SELECT is_empty($$SELECT t.person FROM trail t WHERE rctd.audit_hash(t.a) <> (t.a).hash OR (t.a).previous <> decode(repeat('00', 32), 'hex')$$,
    'their chains begin with it');
SELECT is_empty($$SELECT t.person FROM trail t LEFT JOIN rctd.audit_head h ON h.trial_id = (t.a).trial_id AND h.stream = (t.a).stream
    WHERE (h.sequence, h.hash) IS DISTINCT FROM ((t.a).sequence, (t.a).hash)$$, 'and end with it');
SELECT is((SELECT count(*) FROM trail t JOIN rctd.unit u ON u.unit_id::text = t.new -> 'unit' ->> 'unit_id'
           WHERE t.new -> 'unit' = rctd.record_image('unit', to_jsonb(u))::jsonb), 2::bigint, 'the unit stands there as its own row would');
SELECT is((SELECT count(*) FROM trail t JOIN rctd.participant p ON p.unit_id::text = t.new -> 'participant' ->> 'unit_id'
           WHERE t.new -> 'participant' = rctd.record_image('participant', to_jsonb(p))::jsonb), 2::bigint, 'so does the participant');
SELECT is((SELECT count(*) FROM trail t JOIN rctd.employment m ON m.unit_id::text = t.new -> 'employment' ->> 'unit_id'
           WHERE t.new -> 'employment' = rctd.record_image('employment', to_jsonb(m))::jsonb), 2::bigint, 'and the employment');
SELECT is_empty($$SELECT person FROM trail WHERE new::text LIKE '%elsewhere%' OR new::text LIKE '%salt%' OR new::text LIKE '%number_hash%'
    OR new::text LIKE '%"box"%'$$, 'nothing tells of the person');

-- Parts that come later.
DELETE FROM rctd_vault.identity WHERE unit_id = '0e000000-0000-7000-8000-000000000001';
SELECT results_eq($$SELECT sequence, kind FROM trail WHERE person = '01' ORDER BY 1$$, $$VALUES (1::bigint, 'registration'), (2, 'identity')$$,
    'an identity that is taken away is a row');
SELECT throws_ok($$INSERT INTO rctd.employment (trial_id, unit_id, from_on, workplace_id) VALUES ('01000000-0000-7000-8000-000000000001',
    '0e000000-0000-7000-8000-000000000002', '2021-01-01', '0d000000-0000-7000-8000-000000000003')$$, '23P01', NULL,
    'nobody is in two workplaces at once, registered by the thousand or not');
UPDATE rctd.employment SET to_on = '2020-12-31' WHERE unit_id = '0e000000-0000-7000-8000-000000000002';
SELECT lives_ok($$INSERT INTO rctd.employment (trial_id, unit_id, from_on, workplace_id) VALUES ('01000000-0000-7000-8000-000000000001',
    '0e000000-0000-7000-8000-000000000002', '2021-01-01', '0d000000-0000-7000-8000-000000000001')$$, 'who left may come again');
SELECT ok((SELECT count(*) FROM trail WHERE person = '02' AND kind = 'employment' AND new ->> 'from_on' = '2021-01-01') = 1,
    'and the later employment is a row of its own');

-- Into a workplace that is allocated: who comes later is not allocated with it.
SELECT lives_ok($$SELECT pg_temp.register(ARRAY['P222224K', 'P2222266'], workplace => '0d000000-0000-7000-8000-000000000001', first => 50)$$, 'late joiners come in');
SELECT results_eq($$SELECT person, sequence, kind, coalesce(new ->> 'state', new -> 'unit' ->> 'state') FROM trail WHERE person > '50' ORDER BY 1, 2$$,
    $$VALUES ('51', 1::bigint, 'registration', 'registered'), ('52', 1, 'registration', 'registered')$$, 'and are registered, no more');

-- Piece by piece, as an owner might: a row each, as before.
SELECT lives_ok($$INSERT INTO rctd.unit (trial_id, unit_id, kind, code, attributes) VALUES ('01000000-0000-7000-8000-000000000001',
    '0e000000-0000-7000-8000-000000000077', 'participant', 'P222225C', '{}')$$, 'a unit alone');
SELECT lives_ok($$INSERT INTO rctd.participant (trial_id, unit_id, protocol_version, registered_by)
    VALUES ('01000000-0000-7000-8000-000000000001', '0e000000-0000-7000-8000-000000000077', 1, '0a000000-0000-7000-8000-000000000002')$$,
    'then its side');
SELECT results_eq($$SELECT sequence, kind FROM trail WHERE person = '77' ORDER BY 1$$, $$VALUES (1::bigint, 'unit'), (2, 'participant')$$,
    'are two rows of the trail');
SELECT throws_ok($$INSERT INTO rctd.participant (trial_id, unit_id, protocol_version, registered_by)
    VALUES ('01000000-0000-7000-8000-000000000001', '0d000000-0000-7000-8000-000000000001', 1, '0a000000-0000-7000-8000-000000000002')$$,
    'RC001', 'That unit is no participant', 'a workplace has no side of a participant');

-- An import may ask whether a number is there, by a hash that only the vault's key makes; blinded roles may not.
SELECT results_eq($$SELECT rctd.numbers_taken('01000000-0000-7000-8000-000000000001', jsonb_build_array(
    encode(sha256('x'), 'hex'), encode(sha256('0e000000-0000-7000-8000-000000000002'::bytea), 'hex')))$$,
    ARRAY[2], 'a number that is there is known, by its place among those that were asked about');
SELECT ok(NOT has_function_privilege('rctd_blinded', 'rctd.numbers_taken(uuid, jsonb)', 'EXECUTE')
          AND NOT has_function_privilege('rctd_manager', 'rctd.numbers_taken(uuid, jsonb)', 'EXECUTE'), 'to who registers alone');

-- What a foreign key would look up for each row is looked up once for a statement.
INSERT INTO rctd.unit (trial_id, unit_id, kind, code, attributes) VALUES ('01000000-0000-7000-8000-000000000001',
    '0e000000-0000-7000-8000-000000000078', 'participant', 'P222229H', '{}');
SELECT throws_ok(format($$INSERT INTO rctd.participant (trial_id, unit_id, protocol_version, registered_by)
    VALUES ('01000000-0000-7000-8000-000000000001', '0e000000-0000-7000-8000-000000000078', %s, '%s')$$, p.version, p.account),
    '23503', 'An account registers participants, by a locked version of the protocol', p.says)
  FROM (VALUES (1, '0a000000-0000-7000-8000-0000000000ff', 'nobody''s account registers nobody'),
               (9, '0a000000-0000-7000-8000-000000000002', 'nor does a version that is not')) p (version, account, says);
SELECT throws_ok('DELETE FROM rctd.account', 'RC001', 'Rows of the table account cannot be taken away', 'and no account goes');

SELECT * FROM finish();
ROLLBACK;
