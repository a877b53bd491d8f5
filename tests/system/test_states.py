"""The daemon's table of allowed state changes and the database's are the same rows."""
import os
import re

import harness


def test_no_state_change_is_allowed_by_one_and_refused_by_the_other(cluster):
    with open(os.path.join(harness.ROOT, "rctd/trial/state.h"), encoding="utf-8") as file:
        text = file.read()
    machines = dict(re.findall(r'#define (MACHINE_\w+) "([\w-]+)"', text))
    ours = {(machines[machine], before, after)
            for machine, before, after in re.findall(r'X\((MACHINE_\w+),\s*"([\w-]+)",\s*"([\w-]+)"\)', text)}
    database = cluster.database()
    theirs = {tuple(row) for row in cluster.rows(database, "SELECT machine, from_state, to_state FROM rctd.state_transition")}
    cluster.drop(database)
    assert len(ours) > 20 and ours == theirs
