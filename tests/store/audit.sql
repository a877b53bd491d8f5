-- audit.sql: every change leaves a row in the trail, chained, signed with the right name, without secrets
-- and without names of people; also what somebody does past the daemon.
BEGIN;
\ir fixture.psql
SELECT plan(31);

-- The chain holds over everything that the fixture did.
SELECT is_empty($$SELECT stream, sequence FROM rctd.audit a WHERE a.hash <> rctd.audit_hash(a)$$, 'each row has the hash of itself');
SELECT is_empty($$SELECT stream, sequence FROM (SELECT *, lag(hash, 1, decode(repeat('00', 32), 'hex'))
        OVER (PARTITION BY trial_id, stream ORDER BY sequence) AS before FROM rctd.audit) a WHERE previous <> before$$,
    'each row follows the one before it');
SELECT is_empty($$SELECT trial_id, stream FROM rctd.audit GROUP BY 1, 2 HAVING min(sequence) <> 1 OR max(sequence) <> count(*)$$,
    'each stream counts from 1 without a gap');
SELECT is_empty($$SELECT h.trial_id, h.stream FROM rctd.audit_head h FULL JOIN
        (SELECT DISTINCT ON (trial_id, stream) * FROM rctd.audit WHERE stream NOT LIKE 'stratum:%' ORDER BY trial_id, stream, sequence DESC) a
        USING (trial_id, stream) WHERE (h.sequence, h.hash) IS DISTINCT FROM (a.sequence, a.hash)$$, 'each head is its stream''s last row');
SELECT is_empty($$SELECT * FROM rctd.allocation l WHERE NOT EXISTS (SELECT FROM rctd.audit a WHERE a.trial_id = l.trial_id
        AND a.stream = 'stratum:' || l.scheme || '/' || l.stratum AND a.sequence = l.position AND a.object_id = l.allocation_id::text)$$,
    'an allocation''s row has the number of its position');
SELECT is(rctd.netstring('Å'), '2:Å,', 'lengths are counted in bytes');
SELECT is(rctd.netstring(NULL) || rctd.netstring(''), '-,0:,', 'nothing differs from an empty text');

-- Who.
CREATE FUNCTION pg_temp.last(in_stream text) RETURNS rctd.audit LANGUAGE sql AS $$
    SELECT a FROM rctd.audit a WHERE a.stream = in_stream ORDER BY a.sequence DESC LIMIT 1
$$;
UPDATE rctd.trial SET title = 'By hand' WHERE name = 'one';
SELECT is((pg_temp.last('trial')).actor, 'database:' || session_user, 'what a superuser does with psql is in the trail under the name that logged in');
SET LOCAL rctd.actor = 'anna';
SET LOCAL rctd.actor_role = 'coordinator';
SET LOCAL rctd.organisation = 'Region';
SET LOCAL rctd.action = 'trial.rename';
SET LOCAL rctd.reason = 'A better title';
SET LOCAL rctd.request = '019386f2-5a0e-7cc3-9f42-0d6a3c1b7e55';
UPDATE rctd.trial SET title = 'By hand again' WHERE name = 'one';
SELECT is((pg_temp.last('trial')).actor, 'database:' || session_user, 'a superuser cannot sign with the name of an account');
SELECT is((pg_temp.last('trial')).actor_role, 'none', 'nor with its role');
SET LOCAL ROLE rctd_owner;
UPDATE rctd.trial SET title = 'By the owner' WHERE name = 'one';
SELECT is((SELECT a.actor FROM rctd.audit a WHERE a.stream = 'trial' ORDER BY a.sequence DESC LIMIT 1), 'database:' || session_user, 'nor can the owner');
SET LOCAL ROLE rctd_manager;
UPDATE rctd.trial SET title = 'By a request' WHERE trial_id = '01000000-0000-7000-8000-000000000001';
RESET ROLE;
SELECT is(row(a.actor, a.actor_role, a.organisation, a.action, a.object_kind, a.object_id, a.reason, a.request_id)::text,
    '(anna,coordinator,Region,trial.rename,trial,one,"A better title",019386f2-5a0e-7cc3-9f42-0d6a3c1b7e55)',
    'what a request does has the account, its role, its organisation, the action, the reason and the request')
  FROM pg_temp.last('trial') a;
SELECT is(row(old::jsonb ->> 'title', new::jsonb ->> 'title')::text, '("By the owner","By a request")', 'and the values before and after')
  FROM pg_temp.last('trial');
SET LOCAL rctd.actor = '';

-- What: changes, and nothing that is none.
CREATE TEMP TABLE counted AS SELECT count(*) AS rows FROM rctd.audit;
UPDATE rctd.trial SET title = title;
UPDATE rctd.token SET last_used_at = now();
UPDATE rctd.unit SET version = version + 1, changed_at = now();
SELECT is((SELECT count(*) FROM rctd.audit), (SELECT rows FROM counted), 'a change of nothing, and a note of use, leave no row');
DELETE FROM rctd.phase_exclusion;
SELECT is((pg_temp.last('trial')).new, NULL, 'a row that is removed has a row in the trail, with nothing after it');
SELECT is(((pg_temp.last('trial')).old)::jsonb ->> 'excluded', 'feasibility', 'and with what it was');
UPDATE rctd.instance SET purpose = 'rehearsal', ahead = '78 days';
SELECT is((pg_temp.last('instance')).new::jsonb ->> 'ahead', '78 days', 'moving the clock is in the trail');
UPDATE rctd.reminder SET state = 'dead' WHERE NOT arm_specific;
UPDATE rctd.reminder SET state = 'scheduled' WHERE NOT arm_specific;
SELECT is((pg_temp.last('unit:0d000000-0000-7000-8000-000000000001')).object_kind, 'reminder', 'sending a dead letter anew is in the trail');

-- Secrets stay out, and a change of one is seen.
SELECT is((SELECT count(*) FROM rctd.audit WHERE object_kind = 'token'), 1::bigint, 'a new token is in the trail');
SELECT is_empty($$SELECT stream FROM rctd.audit WHERE old || new LIKE '%' || encode(sha256('the secret of root'), 'hex') || '%'
    OR new LIKE '%' || encode(sha256('the secret of root'), 'hex') || '%'$$, 'its hash is not');
UPDATE rctd.token SET hash = sha256('a secret of mine');
SELECT is(((pg_temp.last('account:0a000000-0000-7000-8000-000000000001')).new)::jsonb -> 'changed_unseen', '["hash"]',
    'putting another hash under a token is in the trail, without the hash');
SELECT is_empty($$SELECT stream FROM rctd.audit WHERE new LIKE '%' || encode('sealed seed', 'hex') || '%'
    OR new LIKE '%' || encode('escrowed seed', 'hex') || '%'$$, 'sealed seeds are not in the trail');
SELECT is_empty($$SELECT stream FROM rctd.audit WHERE new LIKE '%block sizes%'$$, 'nor is the protocol, but by its digest');
SELECT isnt_empty($$SELECT stream FROM rctd.audit WHERE new LIKE '%' || encode(sha256('block sizes 4 and 8'), 'hex') || '%'$$,
    'which is there');
SELECT is_empty($$SELECT stream FROM rctd.audit WHERE new LIKE '%' || encode('sealed secret', 'hex') || '%'$$, 'nor an endpoint''s secret');
UPDATE rctd.endpoint SET sealed_secret = 'another secret', version = version + 1;
SELECT ok(((pg_temp.last('trial')).new)::jsonb -> 'changed_unseen' ? 'sealed_secret', 'a new secret of an endpoint is in the trail, without the secret');

-- People: a salted digest in the place of their names.
SELECT is_empty($$SELECT stream FROM rctd.audit WHERE new LIKE '%Eva Ek%' OR old LIKE '%Eva Ek%'$$, 'the name of who signed is not in the trail');
SELECT is(a.new::jsonb ->> 'decided_by', 'sha256:' || encode(sha256(convert_to(c.salt || c.decided_by, 'UTF8')), 'hex'),
    'its digest is, with the row''s own salt')
  FROM rctd.consent c JOIN rctd.audit a ON a.object_kind = 'consent' AND a.object_id = c.consent_id::text;
SELECT isnt(c.salt, e.salt, 'two rows of one person have salts of their own') FROM rctd.consent c, rctd.eligibility_answer e;
SELECT is_empty($$SELECT a.stream FROM rctd.audit a, rctd.consent c WHERE a.new LIKE '%' || c.salt || '%'$$, 'the salt is not in the trail');
SELECT is((SELECT count(*) FROM rctd.audit WHERE object_kind = 'plan'), 1::bigint, 'a unit''s plan is one row');

SELECT * FROM finish();
ROLLBACK;
