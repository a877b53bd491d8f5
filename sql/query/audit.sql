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
