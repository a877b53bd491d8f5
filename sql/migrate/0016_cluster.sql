-- 0016: rosters, moves and links of workplaces.
DO $$ BEGIN END $$;
