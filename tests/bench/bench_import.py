"""Rows that come in from a table in a second, through the API, against COPY of what was stored of them into tables
with the same columns, defaults, checks, keys, indexes and exclusion constraints, in one transaction on the same
durable cluster.

import.workplaces: 20,000 workplaces. rctd reads the CSV text, checks every cell against the protocol, finds
duplicates in the file and in the register, and stores units, workplaces and two rows of the trail for each. COPY
carries the units and the workplaces; it has no triggers, no foreign keys and no trail.

import.participants: 100,000 people with identity number, name, phone, e-mail and address. rctd reads the CSV text,
checks every cell (date and check digit of the number, day, workplace, levels), finds numbers that stand twice in the
file or are registered already, takes random codes, seals each person's box (XChaCha20-Poly1305) and hashes each number
with the trial's key, and stores unit, participant, employment, identity and the trail's row with its chain's hash,
under all triggers, foreign keys and privileges. COPY carries all that this left behind, taken from the tables in their
own text form: units, participants, employments, sealed boxes with their hashes, trail rows and the heads of their
streams; nothing is checked but constraints, nothing encrypted or hashed, and there are no triggers and no foreign
keys. Both times are what a client waits: one request, one psql; both sides run on one server, with 512 MB of shared
buffers and no checkpoint on the way."""
import http.client
import os
import pathlib
import random
import sys

import ground
import harness
from world import WITH_PEOPLE, World, check, key

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "golden"))
import identity  # noqa: E402  pylint: disable=wrong-import-position

ROWS = 20000
PEOPLE = int(os.environ.get("BENCH_PEOPLE", "100000"))
WORKPLACES = 500
PROTOCOL = WITH_PEOPLE.replace("participant:\n", """\
participant:
  identity: {type: se-personnummer, required: yes, store: vault}
  contact: [name, phone, email, address]
""")

# What is stored of whom, as COPY gives and takes it: table, its columns (none: all), which rows.
UNIT = "trial_id, unit_id, kind, code, state, attributes, version, registered_at, changed_at"
PLACED = UNIT + ", county, site, salt"
OF_PERSON = "WHERE stream IN (SELECT 'unit:' || p.unit_id FROM rctd.participant p)"
OF_WORKPLACES = [("rctd.unit", UNIT, "WHERE kind = 'workplace'"), ("rctd.workplace", "", "")]
OF_PEOPLE = [("rctd.unit", PLACED, "WHERE kind = 'participant'"), ("rctd.participant", "", ""), ("rctd.employment", "", ""),
             ("rctd_vault.identity", "", ""), ("rctd.audit", "", OF_PERSON), ("rctd.audit_head", "", OF_PERSON)]


def post(world, path, text):
    """One import; the seconds that it took."""
    connection = http.client.HTTPConnection("127.0.0.1", world.daemon.port, timeout=900)
    headers = {"Content-Type": "text/csv", "Authorization": f"Bearer {world.tokens['coordinator']}", "Idempotency-Key": key()}
    start = ground.clock()
    connection.request("POST", f"{world.path}/{path}/import", text.encode(), headers)
    answer = connection.getresponse()
    told = answer.read()
    seconds = ground.clock() - start
    assert answer.status == 200, told[:1000]
    return seconds


def copy(world, tables):
    """The seconds of COPY, in one transaction, of what these tables hold."""
    make, out, back = ["CREATE SCHEMA least"], [], []
    for table, columns, where in tables:
        name = table.partition(".")[2]
        file, these = f"{world.cluster.directory}/{name}", f" ({columns})" if columns else ""
        make.append(f"CREATE TABLE least.{name} (LIKE {table} INCLUDING ALL)")
        out.append(f"COPY (SELECT {columns or '*'} FROM {table} {where}) TO '{file}'")
        back.append(f"COPY least.{name}{these} FROM '{file}'")
    world.cluster.sql(world.database, "; ".join(["SET enable_nestloop = off", *make, *out, "CHECKPOINT"]))
    start = ground.clock()
    world.cluster.sql(world.database, "; ".join(["BEGIN", *back, "COMMIT"]))
    return ground.clock() - start


def people(world):
    """A table of people, no two with one number."""
    dice, numbers = random.Random(ground.ROUNDS), {}
    while len(numbers) < PEOPLE:
        written, normal = identity.make_personal(dice, 2026)
        numbers.setdefault(normal, written)
    lines = ["workplace,from,sex,birth_year,identity,name,phone,email,address"]
    for n, number in enumerate(numbers.values()):
        lines.append(f"W{1 + n % WORKPLACES:04d},2020-{1 + n % 12:02d}-{1 + n % 28:02d},{('woman', 'man')[n % 2]},{1960 + n % 45},"
                     f'{number},Person Number {n},070-{n:07d},person{n}@example.org,"Long Street {n}, 123 45 Town"')
    world.workplaces(WORKPLACES)
    return "\n".join(lines) + "\n"


def rounds_of(cluster, protocol, phases, count, path, make, tables):
    rounds = []
    for _ in range(ground.ROUNDS):
        with World(cluster, protocol, phases=phases) as world:
            text = make(world)
            rounds.append((count / post(world, path, text), count / copy(world, tables)))
            if path == "participants":
                check(world.get("coordinator", f"{world.path}/participants?limit=1"))
    return rounds


def main():
    with harness.Cluster(durable=True, settings={"shared_buffers": "'512MB'", "max_wal_size": "'4GB'"}) as cluster:
        if ground.wanted("import.workplaces"):
            rounds = rounds_of(cluster, PROTOCOL, ("main", "people"), ROWS, "workplaces",
                               lambda world: world.table(ROWS), OF_WORKPLACES)
            ground.report("import.workplaces", "rows/s", "COPY of the same rows, no triggers", rounds)
        if ground.wanted("import.participants"):
            rounds = rounds_of(cluster, PROTOCOL, ("main", "people"), PEOPLE, "participants", people, OF_PEOPLE)
            ground.report("import.participants", "rows/s", "COPY of all that is stored of them, no triggers", rounds,
                          at_least=0.25)


if __name__ == "__main__":
    sys.exit(main())
