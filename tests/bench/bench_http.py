"""Requests in a second that the daemon answers without and with the database: /healthz against libmicrohttpd's
least answer, a workplace (token, role, one transaction) against pgbench running the same SELECT."""
import contextlib
import os
import random
import re
import subprocess
import sys

import ground
import harness
from world import World

SECONDS = 4
WORKPLACES = 5000


@contextlib.contextmanager
def minimal():
    """The port of libmicrohttpd's least server."""
    with subprocess.Popen([ground.program("minimal")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        yield int(server.stdout.readline().split()[1])
        server.stdin.close()


def health(world):
    asked = [ground.request("GET", "/healthz")]
    with minimal() as port:
        rounds = [(ground.load(world.daemon.port, asked, SECONDS)["rate"], ground.load(port, asked, SECONDS)["rate"])
                  for _ in range(ground.ROUNDS)]
    ground.report("http.health", "requests/s", "libmicrohttpd's least answer", rounds)


def select_of_workplace(trial_id):
    """The statement that the daemon runs, as a script for pgbench."""
    with open(os.path.join(harness.ROOT, "sql", "query", "unit.sql"), encoding="utf-8") as file:
        text = re.search(r"-- workplace_get :maybe\n(?:--.*\n)+([^;]+);", file.read()).group(1)
    for number, value in ((1, f"'{trial_id}'::uuid"), (2, "NULL::jsonb"), (3, "'W' || lpad(:n::text, 4, '0')")):
        text = text.replace(f"${number}", value)
    return f"\\set n random(1, {WORKPLACES})\n{text};\n"


def read(world):
    codes = world.workplaces(WORKPLACES)
    asked = [ground.request("GET", f"{world.path}/workplaces/{code}", world.tokens["coordinator"])
             for code in random.Random(1).choices(codes, k=50000)]
    trial_id = world.cluster.sql(world.database, "SELECT trial_id FROM rctd.trial")
    world.cluster.sql(world.database, "ANALYZE")
    script = select_of_workplace(trial_id)
    rounds = [(ground.load(world.daemon.port, asked, SECONDS)["rate"],
               ground.pgbench(world.cluster, world.database, script, SECONDS, ground.WORKERS))
              for _ in range(ground.ROUNDS)]
    ground.report("http.read", "requests/s", "pgbench: the same SELECT", rounds)


def main():
    measures = [measure for name, measure in (("http.health", health), ("http.read", read)) if ground.wanted(name)]
    if not measures:
        return
    with harness.Cluster(durable=True) as cluster, World(cluster) as world:
        for measure in measures:
            measure(world)


if __name__ == "__main__":
    sys.exit(main())
