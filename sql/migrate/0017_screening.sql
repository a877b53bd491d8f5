-- 0017: who was assessed for the trial, and why others are not in it.
DO $$ BEGIN END $$;
