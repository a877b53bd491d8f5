"""Batches are worked out in seconds; meanwhile everybody else is served."""
import concurrent.futures

import pytest
from test_live_designs import PROTOCOL, dry_run
from world import World, check

HUGE = PROTOCOL.replace("      neighbours:", """\
      huge: {unit: workplace, method: constrained, ratio: {opal: 1, jade: 1}, enumerate: 10000000, accept: 0.2,
             factors: {size: {as: ordinal}, sector: 1, employees: {weight: 2}, county: 1}}
      neighbours:""")


@pytest.fixture(name="huge")
def huge_fixture(cluster):
    with World(cluster, protocol=HUGE) as made:
        yield made


def test_a_daemon_that_works_out_many_batches_still_answers_everybody_else(huge):
    codes = huge.workplaces(24)
    finished = []

    def client(_):
        shown = check(dry_run(huge, codes, "main.huge"))
        finished.append(shown["assignments"])

    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        clients = [pool.submit(client, n) for n in range(20)]
        longest = 0
        while len(finished) < len(clients) and not all(one.done() for one in clients):
            before = len(finished)
            assert huge.daemon.get("/healthz").status == 200
            assert huge.get("researcher", f"{huge.path}/phases").status == 200
            longest = max(longest, len(finished) - before)
        for one in clients:
            one.result()
    assert finished == [2704156] * 20
    assert longest < 8, f"{longest} batches were worked out before somebody else was answered"
