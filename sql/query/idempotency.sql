-- idempotency.sql: answers kept by key, so that asking again never does it again.

-- Takes the key for this transaction; false while another transaction has it.
-- idempotency_take :one
--   trial_id uuid, key text
--   -> taken bool
SELECT pg_try_advisory_xact_lock(hashtextextended($1::text || '/' || $2, 0)) AS taken;

-- idempotency_find :maybe
--   trial_id uuid, key text
--   -> account_id uuid, request bytea, status int4, answer text, restricted bool
SELECT i.account_id, i.request, i.status, i.answer, i.restricted FROM rctd.idempotency i
 WHERE i.trial_id = $1 AND i.key = $2;

-- Expires after two days, or never: an allocation's answer lives as long as the trial.
-- idempotency_store :exec queued
--   trial_id uuid, key text, account_id uuid, request bytea, status int4, answer text, restricted bool, for_ever bool
INSERT INTO rctd.idempotency (trial_id, key, account_id, request, status, answer, restricted, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, CASE WHEN NOT $8 THEN now() + interval '2 days' END);

-- idempotency_clean :exec
--   -
DELETE FROM rctd.idempotency WHERE expires_at < now();
