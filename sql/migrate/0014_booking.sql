-- 0014: tasks of people, and who does them when.
DO $$ BEGIN END $$;
