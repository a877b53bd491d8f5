-- 0018: passwords, signatures, and what takes one.
DO $$ BEGIN END $$;
