-- 0019: who has learnt an arm, and why.
DO $$ BEGIN END $$;
