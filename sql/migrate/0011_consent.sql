-- 0011: what each action needs of a unit's consent, the stops, and the one function that answers.
DO $$ BEGIN END $$;
