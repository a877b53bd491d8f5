"""Batches are worked out in seconds; meanwhile everybody else is served."""
import concurrent.futures
import signal

from designs import PROTOCOL, batch, dry_run
import harness
from locks import locked, waiting
import pytest
from world import World, check, key

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

    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        clients = [pool.submit(client, n) for n in range(12)]
        longest = 0
        while len(finished) < len(clients) and not all(one.done() for one in clients):
            before = len(finished)
            assert huge.daemon.get("/healthz").status == 200
            assert huge.get("researcher", f"{huge.path}/phases").status == 200
            longest = max(longest, len(finished) - before)
        for one in clients:
            one.result()
    assert finished == [2704156] * 12
    assert longest < 8, f"{longest} batches were worked out before somebody else was answered"


def test_who_comes_behind_many_batches_is_told_to_come_back_and_nothing_is_lost(huge):
    """One is under way and waits for a lock, sixteen wait for their turn, and three are one too many."""
    codes = huge.workplaces(4)
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        with locked(huge, "SELECT pg_advisory_xact_lock(hashtextextended('trial/' || trial_id, 0)) FROM rctd.trial"):
            pending = [pool.submit(batch, huge, codes, "main.huge") for _ in range(20)]
            harness.wait_until(lambda: sum(one.done() for one in pending) == 3, "three to be refused")
            assert huge.get("researcher", f"{huge.path}/phases").status == 200
        answers = [one.result() for one in pending]
    refused = [answer for answer in answers if answer.status == 503]
    assert len(refused) == 3 and {answer.headers["retry-after"] for answer in refused} == {"30"}, answers
    assert all("Nothing was changed" in answer.json()["detail"] for answer in refused)
    assert sorted(answer.status for answer in answers if answer.status != 503) == [201] + [409] * 16
    assert len(huge.ledger()) == 4


def test_who_may_not_ask_for_a_batch_takes_nobody_s_place_in_the_line(huge):
    """One is under way and waits for a lock; of sixteen others none has a token or role that is right."""
    codes = huge.workplaces(4)
    body = {"scheme": "main.huge", "units": codes}
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        with locked(huge, "SELECT pg_advisory_xact_lock(hashtextextended('trial/' || trial_id, 0)) FROM rctd.trial"):
            first = pool.submit(batch, huge, codes, "main.huge")
            harness.wait_until(lambda: waiting(huge), "the first batch")
            others = [pool.submit(huge.daemon.request, "POST", f"{huge.path}/allocations/batch", body, key=key(),
                                  token=huge.tokens["researcher"] if n % 2 else None) for n in range(16)]
            harness.wait_until(lambda: all(one.done() for one in others), "those who may not to be told")
            assert [one.result().status for one in others] == [401, 403] * 8
            second = pool.submit(batch, huge, codes, "main.huge")
            assert huge.get("researcher", f"{huge.path}/phases").status == 200
            assert not second.done()
        assert (first.result().status, second.result().status) == (201, 409)


def test_a_daemon_that_stops_does_not_work_out_every_batch_that_waits(huge):
    codes = huge.workplaces(24)

    def client(_):
        mine = huge.daemon.client(huge.tokens["coordinator"])
        try:
            return mine.request("POST", f"{huge.path}/allocations/batch/dry-run", {"scheme": "main.huge", "units": codes},
                                key=key(), headers={"Connection": "close"})
        finally:
            mine.close()

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        with locked(huge, "LOCK TABLE rctd.unit IN ACCESS EXCLUSIVE MODE"):
            pending = [pool.submit(client, n) for n in range(16)]
            harness.wait_until(lambda: "rctd_http_connections 17" in huge.daemon.get("/metrics").text, "all to be there")
            harness.wait_until(lambda: waiting(huge), "the first batch")
            huge.daemon.process.send_signal(signal.SIGTERM)
            harness.wait_until(lambda: "rctd stops" in huge.daemon.log(), "rctd to stop")
        answers = [one.result() for one in pending]
    assert {answer.status for answer in answers} == {200, 503}
    assert all(answer.json()["type"].endswith("busy") for answer in answers if answer.status == 503)
    assert huge.daemon.process.wait(harness.WAIT_SECONDS) == 0
