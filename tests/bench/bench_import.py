"""Workplaces registered in a second: a table of 20,000 through the API, against COPY of the same rows into tables
with the same columns, keys and checks but without triggers."""
import sys

import ground
import harness
from world import World, check

ROWS = 20000
UNIT = "trial_id, unit_id, kind, code, state, attributes, version, registered_at, changed_at"
COPIES = """
CREATE SCHEMA IF NOT EXISTS least;
DROP TABLE IF EXISTS least.unit, least.workplace;
CREATE TABLE least.unit (LIKE rctd.unit INCLUDING ALL);
CREATE TABLE least.workplace (LIKE rctd.workplace INCLUDING ALL);
"""


def register(world):
    """Rows in a second through the API."""
    table = world.table(ROWS)
    start = ground.clock()
    made = check(world.import_table(table))
    seconds = ground.clock() - start
    assert made["imported"] == ROWS
    return ROWS / seconds


def copy(world):
    """Rows in a second by COPY, in one transaction."""
    unit, workplace = f"{world.cluster.directory}/unit", f"{world.cluster.directory}/workplace"
    world.cluster.sql(world.database, f"{COPIES}; COPY rctd.unit ({UNIT}) TO '{unit}'; COPY rctd.workplace TO '{workplace}'")
    start = ground.clock()
    world.cluster.sql(world.database, f"BEGIN; COPY least.unit ({UNIT}) FROM '{unit}'; "
                                      f"COPY least.workplace FROM '{workplace}'; COMMIT")
    return ROWS / (ground.clock() - start)


def main():
    if not ground.wanted("import.workplaces"):
        return
    rounds = []
    with harness.Cluster(durable=True) as cluster:
        for _ in range(ground.ROUNDS):
            with World(cluster) as world:
                rounds.append((register(world), copy(world)))
    ground.report("import.workplaces", "rows/s", "COPY of the same rows, no triggers", rounds)


if __name__ == "__main__":
    sys.exit(main())
