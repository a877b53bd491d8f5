-- housekeeping.sql: the ends of all streams of the trail, for the signed file outside of the database.

-- Trials in the order of their ids; the instance's own streams belong to the nil one, which comes first.
-- head_trials :many
-- -
--   -> trial_id uuid
SELECT '00000000-0000-0000-0000-000000000000'::uuid AS trial_id
 UNION ALL SELECT t.trial_id FROM rctd.trial t
 ORDER BY trial_id;

-- A page of the ends of a trial's streams, in the order of their names' bytes. A stratum's stream has no
-- head of its own: its end is its last row.
-- head_page :many
--   trial_id uuid, after text, most int4
--   -> stream text, sequence int8, hash bytea
SELECT s.stream, s.sequence, s.hash
  FROM (SELECT h.stream, h.sequence, h.hash FROM rctd.audit_head h WHERE h.trial_id = $1
         UNION ALL
        SELECT l.stream, l.sequence, l.hash FROM rctd.stratum t
         CROSS JOIN LATERAL (SELECT a.stream, a.sequence, a.hash FROM rctd.audit a
                              WHERE a.trial_id = $1 AND a.stream = 'stratum:' || t.scheme || '/' || t.stratum
                              ORDER BY a.sequence DESC LIMIT 1) l
         WHERE t.trial_id = $1) s
 WHERE s.stream COLLATE "C" > $2 ORDER BY s.stream COLLATE "C" LIMIT $3;
