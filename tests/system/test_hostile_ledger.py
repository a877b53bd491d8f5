"""A ledger that somebody has cut or put in another order is told from the one that was exported."""
import json
import os
import subprocess

from designs import PROTOCOL, batch, rctctl
import harness
import pytest
from world import World, check


@pytest.fixture(scope="module", name="proof")
def proof_fixture(cluster):
    """A world, and a directory with what its verification needs."""
    with World(cluster, protocol=PROTOCOL) as world:
        codes = world.workplaces(24)
        for code in codes:
            for scheme in ("main.block", "main.minimised"):
                check(world.allocate(code, scheme), 201)
        check(batch(world, codes[:10]), 201)
        check(batch(world, codes[10:18]), 201)
        directory = world.daemon.directory
        with open(os.path.join(directory, "protocol.yaml"), "w", encoding="utf-8") as file:
            file.write(PROTOCOL)
        rctctl(world, "ledger", "export", "gems", "--out", os.path.join(directory, "ledger.csv"), role="statistician")
        with open(os.path.join(directory, "schemes.json"), "w", encoding="utf-8") as file:
            file.write(rctctl(world, "--json", "scheme", "list", "gems", role="statistician"))
        yield world


def lines_of(world):
    with open(os.path.join(world.daemon.directory, "ledger.csv"), encoding="utf-8") as file:
        return file.read().splitlines(keepends=True)


def verify(world, scheme, lines, listing="schemes.json"):
    directory = world.daemon.directory
    with open(os.path.join(directory, "forged.csv"), "w", encoding="utf-8") as file:
        file.writelines(lines)
    done = subprocess.run([harness.RCTCTL, "--json", "verify", "--seed", world.seed(scheme), "--scheme", scheme, "--protocol",
                           os.path.join(directory, "protocol.yaml"), "--ledger", os.path.join(directory, "forged.csv"),
                           "--commitment", "@" + os.path.join(directory, listing)],
                          check=False, capture_output=True, text=True)
    return done.returncode, json.loads(done.stdout), done.stderr


def is_of(scheme, more=""):
    return lambda line: line.startswith(f"gems,{scheme},{more}")


@pytest.mark.parametrize("scheme, gone, left", [
    ("main.block", lambda lines: [n for n, line in enumerate(lines) if is_of("main.block")(line)][-1:], 23),
    ("main.block", lambda lines: [n for n, line in enumerate(lines) if is_of("main.block", "sector=public")(line)], 12),
    ("main.minimised", lambda lines: [n for n, line in enumerate(lines) if is_of("main.minimised")(line)], 0),
    ("main.at-once", lambda lines: [n for n, line in enumerate(lines) if is_of("main.at-once")(line)][10:], 10),
])
def test_a_ledger_that_ends_early_is_not_taken_for_a_shorter_trial(proof, scheme, gone, left):
    lines = lines_of(proof)
    status, whole, _ = verify(proof, scheme, lines)
    assert (status, whole["whole"]) == (0, True)
    away = gone(lines)
    assert away
    status, answer, told = verify(proof, scheme, [line for n, line in enumerate(lines) if n not in away])
    assert status == 8 and answer["whole"] is False
    assert (answer["allocations"], answer["allocations_published"]) == (left, whole["allocations"])
    assert f"{left} allocation" in told and str(whole["allocations"]) in told, told


def test_a_listing_from_before_the_allocations_says_nothing_against_a_ledger(proof):
    path = os.path.join(proof.daemon.directory, "schemes.json")
    with open(path, encoding="utf-8") as file:
        early = [{**item, "allocations": 0} for item in json.load(file)]
    with open(path.replace("schemes", "early"), "w", encoding="utf-8") as file:
        json.dump(early, file)
    status, answer, _ = verify(proof, "main.block", lines_of(proof), "early.json")
    assert (status, answer["whole"], answer["allocations_published"]) == (0, True, 0)


def test_the_rows_of_a_batch_stand_in_the_order_of_their_units(proof):
    lines = lines_of(proof)
    first, second = [n for n, line in enumerate(lines) if is_of("main.at-once")(line)][3:5]
    one, other = (lines[n].split(",", 4) for n in (first, second))
    one[3], other[3] = other[3], one[3]
    lines[first], lines[second] = ",".join(other), ",".join(one)
    status, answer, told = verify(proof, "main.at-once", lines)
    assert status == 8 and answer["findings"][0]["fault"] == "batch", told
