-- 0015: what a stop or a withdrawal does at once.
DO $$ BEGIN END $$;
