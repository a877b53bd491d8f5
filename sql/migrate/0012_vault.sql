-- 0012: who participants are, sealed, in a schema of its own.
DO $$ BEGIN END $$;
