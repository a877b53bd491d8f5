-- states.sql: each machine goes only from states to states that its table names; what is locked stays.
BEGIN;
\ir fixture.psql
-- rctd.screening_note keeps to the machine screening, since a correction goes past it; see screening.sql.
SELECT plan(33 + (SELECT count(DISTINCT machine) FROM rctd.state_transition WHERE machine <> 'screening')::integer);

SELECT results_eq($$SELECT DISTINCT machine FROM rctd.state_transition ORDER BY machine$$,
    ARRAY['booking', 'claim', 'endpoint', 'phase', 'protocol', 'reminder', 'screening', 'task', 'trial', 'unit'], 'these are the machines');
SELECT ok(EXISTS (SELECT FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid
                   WHERE p.proname = 'state_check' AND g.tgargs = convert_to(machine, 'UTF8') || '\x00'),
          format('a table keeps to the machine %s', machine))
  FROM (SELECT DISTINCT machine FROM rctd.state_transition WHERE machine <> 'screening') m;

-- Trial: draft, open, closed; never back.
SELECT throws_ok($$INSERT INTO rctd.trial (trial_id, name, title, state) VALUES (gen_random_uuid(), 'x', 'X', 'open')$$,
    'RC001', 'A trial cannot go from new to open', 'a trial starts as a draft');
SELECT throws_ok($$UPDATE rctd.trial SET state = 'draft' WHERE name = 'one'$$, 'RC001', NULL, 'an open trial is no draft again');
SELECT throws_ok($$UPDATE rctd.trial SET state = 'closed' WHERE name = 'two'$$, 'RC001', NULL, 'a draft is not closed');
SELECT throws_ok($$UPDATE rctd.trial SET state = 'finished' WHERE name = 'one'$$, 'RC001', NULL, 'there is no other state');
SELECT lives_ok($$UPDATE rctd.trial SET state = 'closed' WHERE name = 'one'$$, 'an open trial closes');
SELECT throws_ok($$UPDATE rctd.trial SET state = 'open' WHERE name = 'one'$$, 'RC001', NULL, 'a closed trial stays closed');

-- Phase.
SELECT throws_ok($$UPDATE rctd.phase SET state = 'closed' WHERE phase = 'later'$$, 'RC001', NULL, 'a planned phase is not closed');
SELECT throws_ok($$UPDATE rctd.phase SET state = 'planned' WHERE phase = 'rct'$$, 'RC001', NULL, 'an open phase is not planned again');
SELECT lives_ok($$UPDATE rctd.phase SET state = 'closed' WHERE phase = 'rct'$$, 'an open phase closes');
SELECT throws_ok($$UPDATE rctd.phase SET state = 'open' WHERE phase = 'rct'$$, 'RC001', NULL, 'a closed phase stays closed');

-- Protocol: what is locked is frozen, for everyone.
SELECT throws_ok($$UPDATE rctd.protocol_version SET document = 'x', sha256 = sha256('x')$$, 'RC001',
    'A locked protocol version never changes; submit an amendment', 'a locked protocol keeps its text');
SELECT throws_ok($$UPDATE rctd.protocol_version SET state = 'draft', locked_at = NULL, locked_by = NULL$$, 'RC001', NULL,
    'a locked protocol is no draft again');
SELECT throws_ok($$DELETE FROM rctd.protocol_version$$, 'RC001', NULL, 'a locked protocol is not removed');
SELECT throws_ok($$INSERT INTO rctd.protocol_version (trial_id, version, state, document, sha256, reason, created_by, locked_at, locked_by)
    VALUES ('01000000-0000-7000-8000-000000000001', 2, 'locked', 'x', sha256('x'), 'why', 'mats', now(), '0a000000-0000-7000-8000-000000000003')$$,
    'RC001', NULL, 'a version starts as a draft');
SELECT throws_ok($$INSERT INTO rctd.protocol_version (trial_id, version, document, sha256, created_by)
    VALUES ('01000000-0000-7000-8000-000000000001', 2, 'x', sha256('x'), 'mats')$$, '23514', NULL, 'an amendment says why');
SELECT throws_ok($$INSERT INTO rctd.protocol_version (trial_id, version, document, sha256, reason, created_by)
    VALUES ('01000000-0000-7000-8000-000000000001', 2, 'x', sha256('y'), 'why', 'mats')$$, '23514', NULL,
    'a protocol has the digest of its own text');
SELECT lives_ok($$INSERT INTO rctd.protocol_version (trial_id, version, document, sha256, reason, created_by)
    VALUES ('01000000-0000-7000-8000-000000000001', 2, 'x', sha256('x'), 'why', 'mats')$$, 'an amendment is a new version');
SELECT throws_ok($$INSERT INTO rctd.protocol_version (trial_id, version, document, sha256, reason, created_by)
    VALUES ('01000000-0000-7000-8000-000000000001', 3, 'x', sha256('x'), 'why', 'mats')$$, '23505', NULL, 'a trial has one draft');
SELECT throws_ok($$UPDATE rctd.protocol_version SET state = 'locked' WHERE version = 2$$, '23514', NULL,
    'a lock says when and by whom');

-- Unit.
UPDATE rctd.unit SET state = 'allocated' WHERE code = 'W0001';
SELECT throws_ok($$UPDATE rctd.unit SET state = 'registered' WHERE code = 'W0001'$$, 'RC001', NULL, 'what was allocated is not unallocated');
SELECT throws_ok($$UPDATE rctd.unit SET state = 'roster-locked' WHERE code = 'W0001'$$, 'RC001', NULL, 'nor is its roster locked afterwards');
SELECT throws_ok($$UPDATE rctd.unit SET state = 'withdrawn' WHERE code = 'W0002'$$, 'RC001', NULL, 'a unit withdraws once it was allocated');

-- The roster.
UPDATE rctd.workplace SET head_count = 20, roster_locked_at = now() WHERE identity_key = 'W0002';
SELECT throws_ok($$UPDATE rctd.workplace SET head_count = 21 WHERE identity_key = 'W0002'$$, 'RC001', 'A locked roster never changes',
    'nobody joins a locked roster');
SELECT throws_ok($$UPDATE rctd.workplace SET head_count = NULL, roster_locked_at = NULL WHERE identity_key = 'W0002'$$, 'RC001', NULL,
    'a locked roster is not unlocked');
SELECT throws_ok($$UPDATE rctd.workplace SET roster_locked_at = now() - interval '1 day' WHERE identity_key = 'W0002'$$, 'RC001', NULL,
    'nor locked at another time');
SELECT throws_ok($$UPDATE rctd.workplace SET roster_locked_at = now() WHERE identity_key = 'W0003'$$, '23514', NULL, 'a locked roster has a count');

-- Task, reminder, endpoint.
UPDATE rctd.task SET state = 'done' WHERE task = 'interview';
SELECT throws_ok($$UPDATE rctd.task SET state = 'planned' WHERE task = 'interview'$$, 'RC001', NULL, 'what was done is not planned again');
SELECT throws_ok($$UPDATE rctd.task SET state = 'cancelled' WHERE task = 'interview'$$, 'RC001', NULL, 'nor cancelled');
UPDATE rctd.reminder SET state = 'sent';
SELECT throws_ok($$UPDATE rctd.reminder SET state = 'scheduled'$$, 'RC001', NULL, 'what was sent is not sent again');
SELECT throws_ok($$UPDATE rctd.reminder SET state = 'dead'$$, 'RC001', NULL, 'nor dead');
UPDATE rctd.endpoint SET state = 'disabled';
SELECT throws_ok($$UPDATE rctd.endpoint SET state = 'lost'$$, 'RC001', NULL, 'an endpoint is active or disabled');
SELECT lives_ok($$UPDATE rctd.endpoint SET state = 'active'$$, 'a disabled endpoint can be taken up again');

SELECT * FROM finish();
ROLLBACK;
