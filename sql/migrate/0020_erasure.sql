-- 0020: what goes when a person is erased.
DO $$ BEGIN END $$;
