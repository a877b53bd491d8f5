"""Allocation under load, under crashes and under repetition: what an answered client has seen stays, no
position is lost or used twice, and the sequence is the one that one client alone would have got."""
import concurrent.futures
import threading

from designs import assert_whole
from kills import allocate_through_kills, same_again
from world import World, assert_ledger_is_right, check, key


def test_64_clients_on_two_daemons_get_the_sequence_that_one_client_would_have_got(cluster):
    with World(cluster) as world:
        second = world.another()
        codes = world.workplaces(5000)
        shares = [codes[n::64] for n in range(64)]

        def client(number):
            daemon = (world.daemon, second)[number % 2]
            mine = daemon.client(world.tokens["coordinator"])
            given = {}
            for code in shares[number]:
                answer = mine.request("POST", f"{world.path}/allocations", {"workplace": code, "scheme": "main"}, key=key())
                given[code] = check(answer, 201)
            mine.close()
            return given

        answers = {}
        with concurrent.futures.ThreadPoolExecutor(64) as pool:
            for given in pool.map(client, range(64)):
                answers.update(given)
        strata = assert_ledger_is_right(world, 5000)
        assert len(strata) == 8
        for answer in answers.values():
            assert strata[answer["stratum"]][answer["position"] - 1] == answer["arm"]
        assert len({answer["receipt"] for answer in answers.values()}) == 5000


def test_a_killed_daemon_loses_no_answered_allocation_and_repeats_give_the_same_answer(cluster):
    with World(cluster) as world:
        codes = world.workplaces(3000)
        answered = allocate_through_kills(world, codes, "main", 20)
        assert len(answered) == len(codes)
        strata = assert_ledger_is_right(world, len(codes))
        for _, told in same_again(world, answered, "main", 200):
            assert strata[told["stratum"]][told["position"] - 1] == told["arm"]
        assert_whole(world)


def test_one_request_sent_50_times_at_once_with_one_key_makes_one_allocation(world):
    second = world.another()
    code = world.workplaces(8)[0]
    its_key = key()
    gate = threading.Barrier(50)

    def client(number):
        gate.wait()
        return world.allocate(code, daemon=(world.daemon, second)[number % 2], key=its_key)

    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(client, range(50)))
    assert {answer.status for answer in answers} <= {201, 409, 503}
    assert len({answer.body for answer in answers if answer.status == 201}) == 1
    assert len(world.ledger()) == 1
    assert world.allocate(code, key=its_key).status == 201


def test_the_same_key_with_another_request_is_refused(world):
    first, other = world.workplaces(2)
    its_key = key()
    check(world.allocate(first, key=its_key), 201)
    refused = world.allocate(other, key=its_key)
    assert refused.status == 422 and refused.json()["type"].endswith("idempotency-key-reused"), refused
    assert len(world.ledger()) == 1


def test_a_second_allocation_of_a_workplace_is_refused_and_takes_no_position(world):
    code, other = world.workplaces(9)[0::8]
    first = check(world.allocate(code), 201)
    again = world.allocate(code)
    assert again.status == 409, again
    assert first["arm"] not in again.text
    second = check(world.allocate(other), 201)
    assert (first["stratum"], first["position"] + 1) == (second["stratum"], second["position"])


def test_an_allocation_without_a_key_is_refused(world):
    code = world.workplaces(1)[0]
    answer = world.allocate(code, key=None)
    assert answer.status == 400 and "Idempotency-Key" in answer.text, answer
    assert world.ledger() == []


def test_a_dry_run_shows_stratum_and_eligibility_and_leaves_a_record_but_no_arm(world):
    code = world.workplaces(1)[0]
    shown = check(world.post("coordinator", f"{world.path}/allocations/dry-run", {"workplace": code, "scheme": "main"}))
    assert shown == {"workplace": code, "participant": None, "scheme": "main", "stratum": "sector=public|size=1-9", "levels": None, "eligible": True, "missing": [],
                     "warnings": []}
    records = world.items("auditor", f"{world.path}/attempts")
    assert [(r["kind"], r["workplace"], r["followed"]) for r in records] == [("dry-run", code, False)]
    check(world.allocate(code), 201)
    assert world.items("auditor", f"{world.path}/attempts")[0]["followed"] is True


def test_a_refusal_says_in_plain_words_what_is_missing_and_is_recorded(world):
    code = world.workplaces(1)[0]
    check(world.post("trial-manager", f"{world.path}/phases/main/close", {"reason": "Enough"}))
    refused = world.allocate(code)
    assert refused.status == 409 and "phase main is closed" in refused.text, refused
    assert [r["kind"] for r in world.items("auditor", f"{world.path}/attempts")] == ["refused"]
    assert world.ledger() == []
