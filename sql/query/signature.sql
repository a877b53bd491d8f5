-- signature.sql: passwords of accounts and what is signed with them.

-- signature_needed :one
--   trial_id uuid, action text, version int4?
--   -> needed bool
SELECT rctd.signature_needed($1, $2, $3) AS needed;

-- Counts an attempt with a password before it is looked at; NULL: the account has none.
-- password_attempt :one
--   remote text
--   -> of_account int8, of_remote int8, hash text?
SELECT a.of_account, a.of_remote, a.hash FROM rctd.password_attempt($1) a;

-- Has the account that acts a password?
-- password_present :one
--   -
--   -> present bool
SELECT rctd.password_hash() IS NOT NULL AS present;

-- password_right :exec
--   remote text
SELECT rctd.password_right($1);

-- password_code_put :one
--   account_id uuid, hash bytea
--   -> expires_at timestamptz
SELECT rctd.password_code_put($1, $2) AS expires_at;

-- password_code_right :one
--   hash bytea
--   -> fits bool
SELECT rctd.password_code_right($1) AS fits;

-- Sets the password of the account that acts; `token` is the one that stays where the others end.
-- password_put :exec
--   hash text, code bytea?, end_tokens bool, token bytea
SELECT rctd.password_put($1, $2, $3, $4);

-- password_clear :exec
--   account_id uuid
SELECT rctd.password_clear($1);

-- signature_insert :exec
--   trial_id uuid, signature_id uuid, account_id uuid, role text, action text, object text, sha256 bytea, meaning text
INSERT INTO rctd.signature (trial_id, signature_id, account_id, role, action, object, sha256, meaning)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- signature_refusal_insert :exec
--   trial_id uuid, refusal_id uuid, account_id uuid, action text, object text, remote text
INSERT INTO rctd.signature_refusal (trial_id, refusal_id, account_id, action, object, remote)
VALUES ($1, $2, $3, $4, $5, $6);

-- signature_list :many
--   trial_id uuid, after uuid, most int4
--   -> signature_id uuid, account text, printed_name text, role text, action text, object text, sha256 bytea, meaning text, signed_at timestamptz, request_id text?
SELECT s.signature_id, a.name AS account, s.printed_name, s.role, s.action, s.object, s.sha256, s.meaning, s.signed_at,
       s.request_id
  FROM rctd.signature s JOIN rctd.account a ON a.account_id = s.account_id
 WHERE s.trial_id = $1 AND s.signature_id > $2 ORDER BY s.signature_id LIMIT $3;
