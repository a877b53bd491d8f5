-- audit.sql: reading the trail. Writing it is the triggers' work.

-- One stream, or all of a trial ($2 NULL): both are one stretch of the primary key.
-- audit_list :many
--   trial_id uuid, stream text?, after_stream text, after_sequence int8, most int4
--   -> trial_id uuid, stream text, sequence int8, at timestamptz, actor text, actor_role text, organisation text, action text, object_kind text, object_id text, old text?, new text?, reason text?, request_id text?, previous bytea, hash bytea
SELECT a.trial_id, a.stream, a.sequence, a.at, a.actor, a.actor_role, a.organisation, a.action, a.object_kind,
       a.object_id, a.old, a.new, a.reason, a.request_id, a.previous, a.hash
  FROM rctd.audit a
 WHERE a.trial_id = $1 AND a.stream BETWEEN coalesce($2, '') AND coalesce($2, chr(1114111))
   AND (a.stream, a.sequence) > ($3, $4)
 ORDER BY a.stream, a.sequence LIMIT $5;

-- The end of each stream: of strata from the ledger, of others from their heads. An allocation has no
-- hash of its own, so that the hash is NULL there.
-- audit_heads :many
--   trial_id uuid, stream text?, after text, most int4
--   -> stream text, sequence int8, hash bytea?
SELECT s.stream, s.sequence, s.hash
  FROM (SELECT h.stream, h.sequence, h.hash FROM rctd.audit_head h WHERE h.trial_id = $1
        UNION ALL
        SELECT ('stratum:' || l.stream_key) COLLATE "C", max(l.position), NULL FROM rctd.allocation l
         WHERE l.trial_id = $1 GROUP BY l.stream_key) s
 WHERE s.stream > $3 AND ($2 IS NULL OR s.stream = $2) ORDER BY s.stream LIMIT $4;

-- What the tables hold, as the trail shows it: a page of one step ('allocation', 'unit', 'attempt', 'grant',
-- 'account' of the instance, 'screening', 'trial', which is one page). `place` is what the page goes on behind; a unit
-- and an account come with all that is theirs.
-- audit_records :many
--   trial_id uuid, step text, after uuid, most int4
--   -> place uuid, stream text, object_kind text, object_id text, record text
(SELECT l.allocation_id AS place, 'stratum:' || l.stream_key AS stream, 'allocation' AS object_kind,
        l.allocation_id::text AS object_id, rctd.record_image('allocation', to_jsonb(l)) AS record
   FROM rctd.allocation l
  WHERE $2 = 'allocation' AND l.trial_id = $1 AND l.allocation_id > $3 ORDER BY l.allocation_id LIMIT $4)
UNION ALL
(SELECT p.unit_id, 'unit:' || p.unit_id, r.kind, r.id, r.record
   FROM (SELECT u.* FROM rctd.unit u
          WHERE $2 = 'unit' AND u.trial_id = $1 AND u.unit_id > $3 ORDER BY u.unit_id LIMIT $4) p
  CROSS JOIN LATERAL (
        SELECT 'unit' AS kind, p.unit_id::text AS id, rctd.record_image('unit', to_jsonb(p)) AS record
         UNION ALL
        SELECT 'workplace', w.unit_id::text, rctd.record_image('workplace', to_jsonb(w))
          FROM rctd.workplace w WHERE w.trial_id = $1 AND w.unit_id = p.unit_id
         UNION ALL
        SELECT 'participant', i.unit_id::text, rctd.record_image('participant', to_jsonb(i))
          FROM rctd.participant i WHERE i.trial_id = $1 AND i.unit_id = p.unit_id
         UNION ALL
        SELECT 'employment', m.from_on::text, rctd.record_image('employment', to_jsonb(m))
          FROM rctd.employment m WHERE m.trial_id = $1 AND m.unit_id = p.unit_id
         UNION ALL
        SELECT 'roster', o.unit_id::text, rctd.record_image('roster', to_jsonb(o) || jsonb_build_object('digest', encode(sha256(convert_to(
                   coalesce((SELECT string_agg(i.code || E'\n', '' ORDER BY i.code COLLATE "C") FROM rctd.roster_member m
                               JOIN rctd.unit i ON i.trial_id = m.trial_id AND i.unit_id = m.unit_id
                              WHERE m.trial_id = $1 AND m.workplace_id = o.unit_id), ''), 'UTF8')), 'hex')))
          FROM rctd.roster o WHERE o.trial_id = $1 AND o.unit_id = p.unit_id
         UNION ALL
        SELECT 'workplace-change', l.change_id::text, rctd.record_image('workplace_change', to_jsonb(l))
          FROM rctd.workplace_change l WHERE l.trial_id = $1 AND l.unit_id = p.unit_id
         UNION ALL
        SELECT 'staff', k.service_id::text, rctd.record_image('staff_link', to_jsonb(k))
          FROM rctd.staff_link k WHERE k.trial_id = $1 AND k.unit_id = p.unit_id
         UNION ALL
        SELECT 'contamination', x.scheme, rctd.record_image('contamination_accepted', to_jsonb(x))
          FROM rctd.contamination_accepted x WHERE x.trial_id = $1 AND x.unit_id = p.unit_id
         UNION ALL
        SELECT 'flag', f.flag, rctd.record_image('unit_flag', to_jsonb(f))
          FROM rctd.unit_flag f WHERE f.trial_id = $1 AND f.unit_id = p.unit_id
         UNION ALL
        SELECT 'answer', a.question, rctd.record_image('eligibility_answer', to_jsonb(a))
          FROM rctd.eligibility_answer a WHERE a.trial_id = $1 AND a.unit_id = p.unit_id
         UNION ALL
        SELECT 'consent', c.consent_id::text, rctd.record_image('consent', to_jsonb(c))
          FROM rctd.consent c WHERE c.trial_id = $1 AND c.unit_id = p.unit_id
         UNION ALL
        SELECT 'consent-link', l.link_id::text, rctd.record_image('consent_link', to_jsonb(l))
          FROM rctd.consent_link l WHERE l.trial_id = $1 AND l.unit_id = p.unit_id
         UNION ALL
        SELECT 'consent-opening', o.link_id::text, rctd.record_image('consent_opening', to_jsonb(o))
          FROM rctd.consent_opening o JOIN rctd.consent_link l ON l.trial_id = o.trial_id AND l.link_id = o.link_id
         WHERE l.trial_id = $1 AND l.unit_id = p.unit_id
         UNION ALL
        SELECT 'consent-link-end', e.link_id::text, rctd.record_image('consent_link_end', to_jsonb(e))
          FROM rctd.consent_link_end e JOIN rctd.consent_link l ON l.trial_id = e.trial_id AND l.link_id = e.link_id
         WHERE l.trial_id = $1 AND l.unit_id = p.unit_id
         UNION ALL
        SELECT 'stop', s.ordinal::text, rctd.record_image('stop', to_jsonb(s))
          FROM rctd.stop s WHERE s.trial_id = $1 AND s.unit_id = p.unit_id
         UNION ALL
        SELECT 'measure', m.measure_id::text, rctd.record_image('measure', to_jsonb(m))
          FROM rctd.measure m WHERE m.trial_id = $1 AND m.unit_id = p.unit_id
         UNION ALL
        SELECT 'measure-release', m.measure_id::text, rctd.record_image('measure_release', to_jsonb(m))
          FROM rctd.measure_release m WHERE m.trial_id = $1 AND m.unit_id = p.unit_id
         UNION ALL
        SELECT 'unblinding', b.unblinding_id::text, rctd.record_image('unblinding', to_jsonb(b))
          FROM rctd.unblinding b WHERE b.trial_id = $1 AND b.unit_id = p.unit_id
         UNION ALL
        SELECT 'arm-knowledge', k.knowledge_id::text, rctd.record_image('arm_knowledge', to_jsonb(k))
          FROM rctd.arm_knowledge k WHERE k.trial_id = $1 AND k.unit_id = p.unit_id
         UNION ALL
        SELECT 'claim', c.claim_id::text, rctd.record_image('task_claim', to_jsonb(c))
          FROM rctd.task_claim c WHERE c.trial_id = $1 AND c.unit_id = p.unit_id
         UNION ALL
        SELECT 'booking', b.booking_id::text, rctd.record_image('booking', to_jsonb(b))
          FROM rctd.booking b WHERE b.trial_id = $1 AND b.unit_id = p.unit_id
         UNION ALL
        SELECT 'contact', c.contact_id::text, rctd.record_image('contact', to_jsonb(c))
          FROM rctd.contact c WHERE c.trial_id = $1 AND c.unit_id = p.unit_id
         UNION ALL
        SELECT 'identity', k.unit_id::text, to_jsonb(k)::text
          FROM rctd.identity_kept k WHERE k.trial_id = $1 AND k.unit_id = p.unit_id
         UNION ALL
        SELECT 'identity-reading', k.reading_id::text, to_jsonb(k)::text
          FROM rctd.identity_reading k WHERE k.trial_id = $1 AND k.unit_id = p.unit_id
         UNION ALL
        SELECT 'erasure', e.unit_id::text, rctd.record_image('erasure', to_jsonb(e))
          FROM rctd.erasure e WHERE e.trial_id = $1 AND e.unit_id = p.unit_id
         UNION ALL
        SELECT 'deviation', d.deviation_id::text, rctd.record_image('allocation_deviation', to_jsonb(d))
          FROM rctd.allocation_deviation d WHERE d.trial_id = $1 AND d.unit_id = p.unit_id
         UNION ALL
        SELECT 'deviation-decision', c.decision_id::text, rctd.record_image('deviation_decision', to_jsonb(c))
          FROM rctd.deviation_decision c WHERE c.trial_id = $1 AND c.unit_id = p.unit_id) r
  ORDER BY p.unit_id)
UNION ALL
(SELECT t.attempt_id, 'unit:' || t.unit_id, 'attempt', t.attempt_id::text, rctd.record_image('allocation_attempt', to_jsonb(t))
   FROM rctd.allocation_attempt t
  WHERE $2 = 'attempt' AND t.trial_id = $1 AND t.attempt_id > $3 ORDER BY t.attempt_id LIMIT $4)
UNION ALL
(SELECT g.grant_id, 'account:' || g.account_id, 'grant', g.grant_id::text, rctd.record_image('role_grant', to_jsonb(g))
   FROM rctd.role_grant g
  WHERE $2 = 'grant' AND g.trial_id = $1 AND g.grant_id > $3 ORDER BY g.grant_id LIMIT $4)
UNION ALL
(SELECT p.account_id, 'account:' || p.account_id, r.kind, r.id, r.record
   FROM (SELECT a.* FROM rctd.account a
          WHERE $2 = 'account' AND $1 = '00000000-0000-0000-0000-000000000000' AND a.account_id > $3
          ORDER BY a.account_id LIMIT $4) p
  CROSS JOIN LATERAL (
        SELECT 'account' AS kind, p.account_id::text AS id, rctd.record_image('account', to_jsonb(p)) AS record
         UNION ALL
        SELECT 'token', k.token_id::text, rctd.record_image('token', to_jsonb(k))
          FROM rctd.token k WHERE k.account_id = p.account_id
         UNION ALL
        SELECT 'password', w.account_id::text, rctd.record_image('account_password',
                   jsonb_build_object('account_id', w.account_id, 'set_at', w.set_at))
          FROM rctd.account_password w WHERE w.account_id = p.account_id) r
  ORDER BY p.account_id)
UNION ALL
(SELECT p.entry_id, 'screening:' || p.entry_id, r.kind, r.id, r.record
   FROM (SELECT e.* FROM rctd.screening_entry e
          WHERE $2 = 'screening' AND e.trial_id = $1 AND e.entry_id > $3 ORDER BY e.entry_id LIMIT $4) p
  CROSS JOIN LATERAL (
        SELECT 'screening' AS kind, p.entry_id::text AS id, rctd.record_image('screening_entry', to_jsonb(p)) AS record
         UNION ALL
        SELECT 'screening-event', v.ordinal::text, rctd.record_image('screening_event', to_jsonb(v))
          FROM rctd.screening_event v WHERE v.trial_id = $1 AND v.entry_id = p.entry_id) r
  ORDER BY p.entry_id)
UNION ALL
SELECT '00000000-0000-0000-0000-000000000000', 'access', 'access-review', w.review_id::text,
       rctd.record_image('access_review', to_jsonb(w))
  FROM rctd.access_review w WHERE $2 = 'trial' AND w.trial_id = $1
UNION ALL
SELECT '00000000-0000-0000-0000-000000000000', 'account:' || f.account_id, 'signature-refusal', f.refusal_id::text,
       rctd.record_image('signature_refusal', to_jsonb(f))
  FROM rctd.signature_refusal f WHERE $2 = 'trial' AND f.trial_id = $1
UNION ALL
SELECT '00000000-0000-0000-0000-000000000000', 'account:' || f.account_id, 'enrolment-refusal', f.refusal_id::text,
       rctd.record_image('enrolment_refusal', to_jsonb(f))
  FROM rctd.enrolment_refusal f WHERE $2 = 'trial' AND f.trial_id = $1
UNION ALL
SELECT '00000000-0000-0000-0000-000000000000', 'trial', r.kind, r.id, r.record
  FROM (SELECT 'trial' AS kind, t.name AS id, rctd.record_image('trial', to_jsonb(t)) AS record
          FROM rctd.trial t WHERE t.trial_id = $1
         UNION ALL
        SELECT 'protocol', v.version::text, rctd.record_image('protocol_version', to_jsonb(v))
          FROM rctd.protocol_version v WHERE v.trial_id = $1
         UNION ALL
        SELECT 'consent-text', x.text_id::text, rctd.record_image('consent_text', to_jsonb(x))
          FROM rctd.consent_text x WHERE x.trial_id = $1
         UNION ALL
        SELECT 'phase', p.phase, rctd.record_image('phase', to_jsonb(p)) FROM rctd.phase p WHERE p.trial_id = $1
         UNION ALL
        SELECT 'phase-exclusion', x.phase, rctd.record_image('phase_exclusion', to_jsonb(x))
          FROM rctd.phase_exclusion x WHERE x.trial_id = $1
         UNION ALL
        SELECT 'seed', s.scheme, rctd.record_image('scheme_seed', to_jsonb(s)) FROM rctd.scheme_seed s WHERE s.trial_id = $1
         UNION ALL
        SELECT 'scheme', s.scheme, rctd.record_image('scheme', to_jsonb(s)) FROM rctd.scheme s WHERE s.trial_id = $1
         UNION ALL
        SELECT 'scheme-arm', m.arm, rctd.record_image('scheme_arm', to_jsonb(m)) FROM rctd.scheme_arm m WHERE m.trial_id = $1
         UNION ALL
        SELECT 'scheme-closing', c.scheme, rctd.record_image('scheme_closing', to_jsonb(c))
          FROM rctd.scheme_closing c WHERE c.trial_id = $1
         UNION ALL
        SELECT 'seed-reveal', r.scheme, rctd.record_image('seed_reveal', to_jsonb(r)) FROM rctd.seed_reveal r WHERE r.trial_id = $1
         UNION ALL
        SELECT 'seed-read', r.read_id::text, rctd.record_image('seed_read', to_jsonb(r)) FROM rctd.seed_read r WHERE r.trial_id = $1
         UNION ALL
        SELECT 'unblinding-decision', d.unblinding_id::text, rctd.record_image('unblinding_decision', to_jsonb(d))
          FROM rctd.unblinding_decision d WHERE d.trial_id = $1
         UNION ALL
        SELECT 'unblinding-read', r.read_id::text, rctd.record_image('unblinding_read', to_jsonb(r))
          FROM rctd.unblinding_read r WHERE r.trial_id = $1
         UNION ALL
        SELECT 'notice', n.notice_id::text, rctd.record_image('notice', to_jsonb(n)) FROM rctd.notice n WHERE n.trial_id = $1
         UNION ALL
        SELECT 'signature', g.signature_id::text, rctd.record_image('signature', to_jsonb(g) - 'made_in')
          FROM rctd.signature g WHERE g.trial_id = $1
         UNION ALL
        SELECT 'endpoint', e.endpoint_id::text, rctd.record_image('endpoint', to_jsonb(e))
          FROM rctd.endpoint e WHERE e.trial_id = $1) r
 WHERE $2 = 'trial';
