-- allocation.sql: the last guard of the ledger (rctd-allocation(7), What must hold): no gap, no duplicate, no
-- arm of another scheme, no closed phase, no unit of a phase that excludes this one.
BEGIN;
\ir fixture.psql
SELECT plan(23);

SELECT throws_ok($$SELECT pg_temp.allocate(2, 'feasibility', 3, 'left')$$, 'RC001',
    'An allocation takes the next position of its stratum', 'a position is not left out');
SELECT throws_ok($$SELECT pg_temp.allocate(2, 'feasibility', 1, 'left')$$, 'RC001', NULL, 'a position is not given twice');
SELECT throws_ok($$SELECT pg_temp.allocate(2, 'feasibility', 0, 'left')$$, 'RC001', NULL, 'a position is not given backwards');
SELECT throws_ok($$SELECT pg_temp.allocate(2, 'rct', 2, 'left')$$, 'RC001', NULL, 'a stratum starts at its first position');
SELECT throws_ok($$SELECT pg_temp.allocate(1, 'feasibility', 2, 'left')$$, '23505', NULL, 'a unit is allocated once in a scheme');
SELECT throws_ok($$SELECT pg_temp.allocate(2, 'rct', 1, 'right')$$, '23503', NULL, 'an arm that the scheme does not have is not given');
SELECT throws_ok($$SELECT pg_temp.allocate(2, 'feasibility', 2, 'up')$$, '23503', NULL, 'nor one that no scheme has');
SELECT throws_ok($$SELECT pg_temp.allocate(2, 'later', 1, 'left')$$, 'RC001',
    'Allocation needs an open trial, an open phase and a scheme that is in force', 'nobody is allocated in a phase that is not open');
SELECT throws_ok($$SELECT pg_temp.allocate(2, 'rct', 1, 'left', 'feasibility')$$, 'RC001', NULL,
    'a scheme is not used under another phase''s name');
SELECT throws_ok($$SELECT pg_temp.allocate(9, 'rct', 1, 'left')$$, '23503', NULL, 'there is no unit, no allocation');

-- Phases that exclude each other, in both directions.
SELECT throws_ok($$SELECT pg_temp.allocate(1, 'rct', 1, 'left')$$, 'RC001',
    'A unit of one phase cannot enter a phase that excludes it', 'a feasibility unit does not enter the trial');
SELECT lives_ok($$SELECT pg_temp.allocate(2, 'rct', 1, 'left')$$, 'a unit of no phase does');
SELECT throws_ok($$SELECT pg_temp.allocate(2, 'feasibility', 2, 'left')$$, 'RC001', NULL, 'and does not enter the feasibility phase then');

-- A request's key stands for one allocation.
SELECT throws_ok($$INSERT INTO rctd.allocation (trial_id, allocation_id, scheme, stratum, position, unit_id, arm, phase,
        protocol_version, method, decision, allocated_at, allocated_by, idempotency_key)
    SELECT trial_id, gen_random_uuid(), 'rct', stratum, 2, '0d000000-0000-7000-8000-000000000003', 'left', 'rct',
           protocol_version, method, decision, allocated_at, allocated_by, idempotency_key
      FROM rctd.allocation WHERE scheme = 'rct'$$, '23505', NULL, 'one key makes one allocation');

-- The scheme of an allocation stays as it was.
SELECT throws_ok($$INSERT INTO rctd.scheme_arm VALUES ('01000000-0000-7000-8000-000000000001', 'rct', 'right')$$, 'RC001',
    'The scheme rct has allocations: its arms, its phase and its seed stay', 'a used scheme gets no further arm');
SELECT throws_ok($$DELETE FROM rctd.scheme_arm WHERE scheme = 'feasibility' AND arm = 'right'$$, 'RC001', NULL,
    'a used scheme loses no arm');
SELECT throws_ok($$UPDATE rctd.scheme SET phase = 'later' WHERE scheme = 'rct'$$, 'RC001', NULL, 'a used scheme keeps its phase');
SELECT lives_ok($$INSERT INTO rctd.scheme_arm VALUES ('01000000-0000-7000-8000-000000000001', 'later', 'middle')$$,
    'a scheme without allocations may be amended');
SELECT throws_ok($$UPDATE rctd.stratum SET stratum = 'county=b' WHERE scheme = 'rct'$$, '23503', NULL, 'a used stratum keeps its name');

-- What was computed under an older version is not stored under a newer one.
INSERT INTO rctd.protocol_version (trial_id, version, document, sha256, reason, created_by)
VALUES ('01000000-0000-7000-8000-000000000001', 2, 'new', sha256('new'), 'a better text', 'mats');
UPDATE rctd.protocol_version SET state = 'locked', locked_at = now(), locked_by = '0a000000-0000-7000-8000-000000000003'
 WHERE version = 2;
SELECT throws_ok($$SELECT pg_temp.allocate(3, 'rct', 2, 'left')$$, '40001', NULL,
    'an allocation that an amendment overtook is made again');

UPDATE rctd.trial SET state = 'closed' WHERE name = 'one';
SELECT throws_ok($$INSERT INTO rctd.allocation (trial_id, allocation_id, scheme, stratum, position, unit_id, arm, phase,
        protocol_version, method, decision, allocated_at, allocated_by, idempotency_key)
    SELECT trial_id, gen_random_uuid(), 'rct', stratum, 2, '0d000000-0000-7000-8000-000000000003', 'left', 'rct', 2,
           method, decision, allocated_at, allocated_by, 'another' FROM rctd.allocation WHERE scheme = 'rct'$$,
    'RC001', NULL, 'nobody is allocated in a closed trial');

-- The seed of a scheme: sealed once, never replaced.
SELECT throws_ok($$UPDATE rctd.scheme_seed SET sealed = 'another'$$, 'RC001', NULL, 'a seed is not replaced');
SELECT throws_ok($$INSERT INTO rctd.scheme_seed (trial_id, scheme, version, label, commitment, sealed, key_id)
    SELECT trial_id, scheme, version, label, commitment, 'another', key_id FROM rctd.scheme_seed$$, '23505', NULL,
    'a scheme has one seed in a version');

SELECT * FROM finish();
ROLLBACK;
