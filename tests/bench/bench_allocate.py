"""Allocations in a second through the API, 64 clients on one daemon, against pgbench doing the least that an
allocation needs of the same durable PostgreSQL: lock the stratum, read its last position, insert the next.

allocate.api has eight strata, allocate.hot one; allocate.minimised is one sequence, too, and balances two factors."""
import itertools
import sys

import ground
import harness
from world import EMPLOYEES, PROTOCOL, World, check, key

SECONDS = 5
MOST = 6000  # allocations in one round
WARM = 640  # allocations before the first round: each connection has its plans
STRATA = 8
MINIMISED = PROTOCOL.replace("permuted-block", "minimisation").replace("{opal: 2, ", "{opal: 1, ").replace(
    "strata: [sector, size]", "factors: {sector: 1, size: 1}").replace("blocks: [4, 8]", "p: 0.8")

TABLES = """
CREATE SCHEMA least;
CREATE TABLE least.stratum (stratum int PRIMARY KEY);
CREATE TABLE least.allocation (stratum int NOT NULL REFERENCES least.stratum, position bigint NOT NULL,
    unit_id uuid NOT NULL, arm text NOT NULL, allocated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (stratum, position));
INSERT INTO least.stratum SELECT generate_series(1, 8);
"""
SCRIPT = """
\\set stratum random(1, :strata)
BEGIN;
SELECT stratum FROM least.stratum WHERE stratum = :stratum FOR UPDATE;
SELECT coalesce((SELECT position FROM least.allocation WHERE stratum = :stratum
                  ORDER BY position DESC LIMIT 1), 0) + 1 AS next \\gset
INSERT INTO least.allocation (stratum, position, unit_id, arm) VALUES (:stratum, :next, gen_random_uuid(), 'opal');
COMMIT;
"""


def one_stratum(count, first):
    lines = [f"Workplace {n},{n:06d},public,{EMPLOYEES['1-9']},north" for n in range(first, first + count)]
    return "\n".join(["name,number,sector,employees,county", *lines]) + "\n"


def register(world, name, first):
    """So many workplaces, in eight strata or in one; gives their codes."""
    table = one_stratum(MOST, first) if name == "allocate.hot" else world.table(MOST, first)
    start = int(check(world.import_table(table))["first"][1:])
    return [f"W{n:04d}" for n in range(start, start + MOST)]


def allocations(world, codes):
    return [ground.request("POST", f"{world.path}/allocations", world.tokens["coordinator"],
                           {"workplace": code, "scheme": "main"}, key()) for code in codes]


def measure(world, name, first):
    strata = STRATA if name == "allocate.api" else 1
    rounds, slowest = [], 0
    for _ in range(ground.ROUNDS):
        requests = allocations(world, register(world, name, next(first) * MOST))
        if not rounds:
            ground.load(world.daemon.port, requests[:WARM], SECONDS)
            requests = requests[WARM:]
        told = ground.load(world.daemon.port, requests, SECONDS)
        slowest = max(slowest, told["p99_ms"])
        rounds.append((told["rate"], ground.pgbench(world.cluster, world.database, SCRIPT, SECONDS, ground.WORKERS,
                                                    strata=strata)))
    ground.report(name, "allocations/s", "pgbench: lock, read, insert, commit", rounds, p99_ms=slowest)


def main():
    names = [name for name in ("allocate.api", "allocate.hot", "allocate.minimised") if ground.wanted(name)]
    if not names:
        return
    with harness.Cluster(durable=True) as cluster:
        for name in names:
            with World(cluster, protocol=MINIMISED if name == "allocate.minimised" else PROTOCOL) as world:
                cluster.sql(world.database, TABLES)
                measure(world, name, itertools.count(0))


if __name__ == "__main__":
    sys.exit(main())
