-- 0013: participants that are registered many at once.
DO $$ BEGIN END $$;
