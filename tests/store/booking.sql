-- booking.sql: who does a task, and when: one interviewer a task, appointments inside the window with people who may
-- be asked, assessors who are independent and blinded; whoever writes the row, tried as the blinded role.
BEGIN;
\ir fixture.psql
\ir people.psql
SELECT plan(59);

INSERT INTO rctd.account (account_id, name, display) VALUES
    ('0a000000-0000-7000-8000-000000000011', 'ivar', 'Ivar'), ('0a000000-0000-7000-8000-000000000012', 'irma', 'Irma'),
    ('0a000000-0000-7000-8000-000000000013', 'rolf', 'Rolf');
INSERT INTO rctd.role_grant (trial_id, grant_id, account_id, role, reason)
SELECT '01000000-0000-7000-8000-000000000001', gen_random_uuid(), account_id, CASE name WHEN 'rolf' THEN 'researcher' ELSE 'interviewer' END, 'Works'
  FROM rctd.account WHERE name IN ('ivar', 'irma', 'rolf');

-- The interview with a person; a call with each person besides; a group of W0002, two to three of them.
CREATE FUNCTION pg_temp.talk(number integer, in_task text DEFAULT 'talk') RETURNS uuid LANGUAGE sql AS $$
    SELECT task_id FROM rctd.task WHERE unit_id = pg_temp.person(number) AND task = in_task $$;
INSERT INTO rctd.task (trial_id, task_id, unit_id, task, occurrence, kind, anchor, target_on, opens_at, closes_at, arm_specific,
                       protocol_version, group_size)
SELECT trial_id, md5(unit_id || 'interview')::uuid, unit_id, 'interview', 1, 'call', 'allocation', current_date, now(), now() + interval '7 days', false, 2, NULL
  FROM rctd.participant
 UNION ALL
SELECT '01000000-0000-7000-8000-000000000001', '10000000-0000-7000-8000-000000000009', '0d000000-0000-7000-8000-000000000002',
       'course', 1, 'focus-group', 'allocation', current_date, now(), now() + interval '7 days', false, 2, int4range(2, 3, '[]');

CREATE FUNCTION pg_temp.account(who text) RETURNS uuid LANGUAGE sql AS $$ SELECT account_id FROM rctd.account WHERE name = who $$;
CREATE FUNCTION pg_temp.claim(who text, task uuid, actor_role text DEFAULT 'interviewer', by text DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
    SELECT pg_temp.run_as(CASE actor_role WHEN 'coordinator' THEN 'rctd_app' ELSE 'rctd_blinded' END, actor_role, coalesce(by, who), format(
        'INSERT INTO rctd.task_claim (trial_id, claim_id, task_id, unit_id, account_id, claimed_at)
         SELECT trial_id, gen_random_uuid(), task_id, unit_id, %L, now() FROM rctd.task WHERE task_id = %L', pg_temp.account(who), task)) $$;
CREATE FUNCTION pg_temp.book(who text, task uuid, at interval DEFAULT '2 days', unit uuid DEFAULT NULL, by text DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
    SELECT pg_temp.run_as('rctd_blinded', 'interviewer', coalesce(by, who), format(
        'INSERT INTO rctd.booking (trial_id, booking_id, task_id, unit_id, account_id, at, booked_at, booked_by)
         SELECT trial_id, gen_random_uuid(), task_id, coalesce(%L, unit_id), %L, now() + %L::interval, now(), %L FROM rctd.task WHERE task_id = %L',
        unit, pg_temp.account(who), at, pg_temp.account(coalesce(by, who)), task)) $$;
CREATE FUNCTION pg_temp.ends(who text, task uuid, outcome text, guess text DEFAULT NULL, revealed boolean DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
    SELECT pg_temp.run_as('rctd_blinded', 'interviewer', who, format(
        'INSERT INTO rctd.contact (trial_id, task_id, contact_id, unit_id, account_id, outcome, guess, revealed, at)
         SELECT trial_id, task_id, gen_random_uuid(), unit_id, %L, %L, %L, %L, now() FROM rctd.task WHERE task_id = %L',
        pg_temp.account(who), outcome, guess, revealed, task)) $$;
CREATE FUNCTION pg_temp.live(in_id uuid) RETURNS text LANGUAGE sql AS $$
    SELECT t.state || ' ' || coalesce((SELECT a.name FROM rctd.task_claim c JOIN rctd.account a USING (account_id) WHERE c.task_id = t.task_id AND c.state = 'held'), 'nobody')
           || ' ' || (SELECT count(*) FROM rctd.booking b WHERE b.task_id = t.task_id AND b.state = 'planned')
      FROM rctd.task t WHERE t.task_id = in_id $$;

-- A claim is one person's, in a role that works on tasks.
SELECT lives_ok($$SELECT pg_temp.claim('ivar', pg_temp.talk(1))$$, 'an interviewer claims an interview');
SELECT throws_ok($$SELECT pg_temp.claim('irma', pg_temp.talk(1))$$, 'RC001', 'ivar has claimed this task; it is free once they release it', 'nobody else does');
SELECT throws_ok($$SELECT pg_temp.claim('ivar', pg_temp.talk(1))$$, 'RC001', NULL, 'nor the same one twice');
SELECT throws_ok($$INSERT INTO rctd.task_claim (trial_id, claim_id, task_id, unit_id, account_id, claimed_at) SELECT trial_id, gen_random_uuid(), task_id,
    unit_id, account_id, now() FROM rctd.task_claim$$, 'RC001', NULL, 'not even a superuser gives a task to two');
SELECT throws_ok($$SELECT pg_temp.claim('irma', pg_temp.talk(2), by => 'ivar')$$, '42501', NULL, 'nobody claims for somebody else');
SELECT throws_ok($$SELECT pg_temp.claim('rolf', pg_temp.talk(2), 'researcher')$$, '42501', NULL, 'a researcher claims nothing');
SELECT throws_ok($$SELECT pg_temp.claim('rolf', pg_temp.talk(2))$$, '42501', NULL, 'nor in a role that is not theirs');
SELECT throws_ok($$SELECT pg_temp.claim('ivar', pg_temp.talk(2, 'form'))$$, 'RC001', NULL, 'a questionnaire is nobody''s to work on');
SELECT throws_ok($$SELECT pg_temp.claim('ivar', pg_temp.talk(3))$$, 'RC001', 'P2222266 takes no part in this; do not contact them for it', 'who never agreed is not asked');
SELECT throws_ok($$UPDATE rctd.task_claim SET account_id = pg_temp.account('irma')$$, 'RC001', NULL, 'a claim does not change hands');
SELECT throws_ok($$DELETE FROM rctd.task_claim$$, 'RC001', NULL, 'nor is it taken away');

-- Appointments.
SELECT throws_ok($$SELECT pg_temp.book('irma', pg_temp.talk(1))$$, 'RC001', 'Somebody else has claimed this task', 'who has no claim books nothing');
SELECT throws_ok($$SELECT pg_temp.book('ivar', pg_temp.talk(2))$$, 'RC001', 'Nobody has claimed this task; claim it first', 'a claim comes first');
SELECT throws_ok(format('SELECT pg_temp.book(''ivar'', pg_temp.talk(1), %L)', at), 'RC001', NULL, format('%s from now is outside', at))
  FROM unnest(ARRAY['-1 day', '7 days', '400 days']) at;
SELECT throws_ok($$SELECT pg_temp.book('ivar', pg_temp.talk(1), unit => pg_temp.person(2))$$, 'RC001',
    'This task is with one person; only a focus group is booked with several', 'an interview is with its person');
SELECT lives_ok($$SELECT pg_temp.book('ivar', pg_temp.talk(1))$$, 'inside the window it is booked');
SELECT throws_ok($$SELECT pg_temp.book('ivar', pg_temp.talk(1), '3 days')$$, 'RC001', NULL, 'once');
SELECT is(pg_temp.live(pg_temp.talk(1)), 'planned ivar 1', 'it stands');
SELECT throws_ok($$UPDATE rctd.booking SET at = now() + interval '4 days'$$, 'RC001', NULL, 'an appointment is not moved; it is cancelled and made anew');
SELECT throws_ok($$SELECT pg_temp.run_as('rctd_blinded', 'interviewer', 'irma', 'UPDATE rctd.booking SET state = ''cancelled'', ended_at = now(), ended_for = ''cancelled''')$$,
    'RC001', 'That is somebody else''s; they or a coordinator can end it', 'nobody cancels another''s appointment');
SELECT throws_ok($$SELECT pg_temp.run_as('rctd_blinded', 'interviewer', 'ivar', 'UPDATE rctd.booking SET state = ''done'', ended_at = now(), ended_for = ''outcome''')$$,
    'RC001', 'What is done is recorded as an outcome', 'nor says that it was kept without an outcome');
SELECT lives_ok($$SELECT pg_temp.run_as('rctd_app', 'coordinator', 'anna', 'UPDATE rctd.task_claim SET state = ''released'', ended_at = now(), ended_for = ''released''')$$,
    'a coordinator releases it');
SELECT is(pg_temp.live(pg_temp.talk(1)), 'planned nobody 0', 'and the appointment ends with the claim');
SELECT throws_ok($$UPDATE rctd.task_claim SET state = 'held', ended_at = NULL, ended_for = NULL$$, 'RC001', NULL, 'what was released is claimed anew');

-- What a person stops, and whom a task is taken from.
SELECT lives_ok($$SELECT pg_temp.claim('ivar', pg_temp.talk(1)), pg_temp.book('ivar', pg_temp.talk(1))$$, 'it is claimed and booked again');
SELECT lives_ok($$SELECT pg_temp.stop(1, 'interviews')$$, 'the person wants no interview');
SELECT is(pg_temp.live(pg_temp.talk(1)), 'cancelled nobody 0', 'claim and appointment are gone with the task');
SELECT is((SELECT string_agg(DISTINCT ended_for, ' ') FROM rctd.booking WHERE state = 'cancelled' AND ended_for = 'stop'), 'stop', 'for that reason');
SELECT throws_ok($$SELECT pg_temp.claim('irma', pg_temp.talk(1))$$, 'RC001', 'This task is cancelled; do not contact the person for it', 'nobody takes it up');

-- Attempts and outcomes.
SELECT throws_ok($$SELECT pg_temp.ends('ivar', pg_temp.talk(2), 'done')$$, 'RC001', 'You have not claimed this task; claim it first', 'who has no claim ends nothing');
SELECT lives_ok($$SELECT pg_temp.claim('ivar', pg_temp.talk(2)), pg_temp.book('ivar', pg_temp.talk(2))$$, 'another is claimed and booked');
SELECT lives_ok($$SELECT pg_temp.ends('ivar', pg_temp.talk(2), 'no-answer')$$, 'nobody answered');
SELECT is(pg_temp.live(pg_temp.talk(2)), 'planned ivar 1', 'which leaves an appointment that lies ahead');
SELECT throws_ok($$SELECT pg_temp.ends('ivar', pg_temp.talk(2), 'done', 'left', false)$$, 'RC001', NULL, 'a guess is asked of blinded assessors only');
SELECT lives_ok($$SELECT pg_temp.ends('ivar', pg_temp.talk(2), 'done')$$, 'then it is done');
SELECT is(pg_temp.live(pg_temp.talk(2)), 'done nobody 0', 'and nobody''s any more');
SELECT is((SELECT string_agg(outcome, ' ' ORDER BY ordinal) FROM rctd.contact), 'no-answer done', 'each attempt stays');
SELECT is((SELECT string_agg(DISTINCT object_kind, ' ' ORDER BY object_kind) FROM rctd.audit
            WHERE stream = 'unit:' || pg_temp.person(2) AND object_kind IN ('claim', 'booking', 'contact', 'task')), 'booking claim contact task',
    'all of it is in the trail');

-- An independent assessor; a blinded one, who ends with a guess.
UPDATE rctd.task SET independent = true, blinded = true WHERE task = 'interview' AND kind = 'call';
SELECT throws_ok($$SELECT pg_temp.claim('ivar', pg_temp.talk(2, 'interview'))$$, 'RC001', 'This task is for somebody who had no contact with the person before',
    'who met the person is no independent assessor');
SELECT lives_ok($$SELECT pg_temp.claim('irma', pg_temp.talk(2, 'interview'))$$, 'somebody else is');
SELECT throws_ok(format('SELECT pg_temp.ends(''irma'', pg_temp.talk(2, ''interview''), %s)', what), 'RC001', NULL, format('it does not end with: %s', what))
  FROM unnest(ARRAY[$$'done'$$, $$'done', 'middle', false$$, $$'missed', 'left', false$$]) what;
SELECT is(rctd.knows_arm('01000000-0000-7000-8000-000000000001', pg_temp.account('irma'), pg_temp.person(2)), false, 'she knows no arm');
INSERT INTO rctd.allocation (trial_id, allocation_id, scheme, stratum, position, unit_id, arm, phase, protocol_version, method, decision,
                             allocated_at, allocated_by, idempotency_key)
VALUES ('01000000-0000-7000-8000-000000000001', gen_random_uuid(), 'rct', 'county=a', 1, '0d000000-0000-7000-8000-000000000002', 'left', 'rct', 2,
        'permuted-blocks', '{"block": 1, "place": 1}', now(), '0a000000-0000-7000-8000-000000000002', 'k');
SELECT lives_ok($$SELECT pg_temp.ends('irma', pg_temp.talk(2, 'interview'), 'done', 'right', true)$$, 'she guesses, and was told');
SELECT is(rctd.knows_arm('01000000-0000-7000-8000-000000000001', pg_temp.account('irma'), pg_temp.person(2)), true, 'so that she knows from here on');
SELECT throws_ok($$SELECT pg_temp.run_as('rctd_blinded', 'interviewer', 'irma', 'SELECT guess FROM rctd.contact')$$, '42501', NULL, 'no blinded role reads a guess');
SELECT throws_ok($$SELECT pg_temp.run_as('rctd_blinded', 'interviewer', 'irma', 'SELECT 1 FROM rctd.contact WHERE revealed')$$, '42501', NULL, 'nor asks for one');

-- Who comes to know an arm loses claims of blinded tasks there, and no others.
UPDATE rctd.task SET independent = NULL WHERE task = 'interview' AND kind = 'call';
SELECT pg_temp.stop(1, 'interviews', 'resume') \g /dev/null
INSERT INTO rctd.task (trial_id, task_id, unit_id, task, occurrence, kind, anchor, target_on, opens_at, closes_at, arm_specific, protocol_version, blinded)
SELECT '01000000-0000-7000-8000-000000000001', md5('again' || n)::uuid, pg_temp.person(1), 'talk', n + 1, 'interview', 'allocation', current_date, now(),
       now() + interval '7 days', false, 2, n = 1 FROM generate_series(1, 2) n;
SELECT lives_ok($$SELECT pg_temp.claim('ivar', md5('again1')::uuid), pg_temp.claim('ivar', md5('again2')::uuid)$$, 'a blinded task and another are claimed');
SELECT rctd.arm_learnt('01000000-0000-7000-8000-000000000001', pg_temp.account('ivar'), pg_temp.person(1), '0d000000-0000-7000-8000-000000000002', 'told',
    NULL, 'other', pg_temp.account('ivar')) \g /dev/null
SELECT is(pg_temp.live(md5('again1')::uuid) || ', ' || pg_temp.live(md5('again2')::uuid), 'planned nobody 0, planned ivar 0', 'the blinded one is free for somebody else');
SELECT throws_ok($$SELECT pg_temp.claim('ivar', md5('again1')::uuid)$$, 'RC001', 'This task is for somebody who does not know the allocation', 'and not for him');

-- A group: one task, many members, each of whom agreed, at one time.
SELECT pg_temp.consent(3) \g /dev/null
SELECT lives_ok($$SELECT pg_temp.claim('ivar', '10000000-0000-7000-8000-000000000009')$$, 'a group is claimed');
SELECT throws_ok($$SELECT pg_temp.book('ivar', '10000000-0000-7000-8000-000000000009', unit => '0d000000-0000-7000-8000-000000000002')$$, 'RC001',
    'A group is booked with participants who work at its workplace', 'the workplace is no member');
SELECT throws_ok($$SET CONSTRAINTS ALL IMMEDIATE; SELECT pg_temp.book('ivar', '10000000-0000-7000-8000-000000000009', unit => pg_temp.person(1))$$, 'RC001',
    'A group of this task has 2 to 3 members, not 1', 'one is no group');
SELECT lives_ok($$SELECT pg_temp.book('ivar', '10000000-0000-7000-8000-000000000009', unit => pg_temp.person(n)) FROM generate_series(2, 3) n;
    SET CONSTRAINTS ALL IMMEDIATE$$, 'two are');
SELECT throws_ok($$SELECT pg_temp.book('ivar', '10000000-0000-7000-8000-000000000009', '3 days', pg_temp.person(1)); SET CONSTRAINTS ALL IMMEDIATE$$, 'RC001',
    'A group meets at one time', 'at one time');
SELECT pg_temp.stop(3, 'interviews') \g /dev/null
SELECT is(pg_temp.live('10000000-0000-7000-8000-000000000009'), 'planned ivar 1', 'a member who stops leaves the group, which goes on');

SELECT * FROM finish();
ROLLBACK;
