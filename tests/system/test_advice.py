"""Before a protocol is locked, its trial manager and statistician see what stands in the way, what is probably
not meant, and which seeds a lock would make; looking changes nothing."""
import os

import glob
import harness
import pytest
from world import PROTOCOL, World, check

PATH = "/v1/trials/gems/protocols"
RIGID = PROTOCOL.replace("blocks: [4, 8]", "blocks: [4]")


@pytest.fixture(name="empty")
def make_empty(cluster):
    with World(cluster, protocol=None) as made:
        yield made


def stored(world):
    """Everything that a lock would change, and the length of the trail."""
    return world.cluster.rows(world.database, """
        SELECT (SELECT string_agg(state, ',') FROM rctd.protocol_version), (SELECT count(*) FROM rctd.scheme_seed),
               (SELECT count(*) FROM rctd.scheme), (SELECT count(*) FROM rctd.phase)""")


def test_a_draft_shows_its_advice_and_the_seeds_to_be_made(empty):
    check(empty.post("trial-manager", PATH, {"document": RIGID}))
    before = stored(empty)
    ahead = check(empty.get("trial-manager", f"{PATH}/1/advice"))
    assert ahead["lockable"] and ahead["state"] == "draft" and ahead["faults"] == []
    assert [(item["pointer"], item["source"]) for item in ahead["advice"]] == [
        ("phases.main.scheme", "SPIRIT 2025 21b; Matts and Lachin 1988")]
    assert "all blocks have one size (4)" in ahead["advice"][0]["message"]
    assert RIGID.splitlines()[ahead["advice"][0]["line"] - 1].strip() == "scheme:"
    assert ahead["schemes"] == [{"scheme": "main", "label": "gems/main", "unit": "workplace",
                                 "method": "permuted-block", "strata": 8, "seed": "new"}]
    assert check(empty.get("statistician", f"{PATH}/1/advice")) == ahead
    assert stored(empty) == before == [["draft", "0", "0", "0"]]
    assert ahead["sha256"] == check(empty.get("trial-manager", f"{PATH}/1"))["sha256"]


def test_holidays_and_a_zone_that_there_are_not_are_told_together_and_with_any_other_fault(empty):
    wrong = RIGID.replace("Europe/Stockholm", "Europe/Stokholm").replace("09:00-18:00}", "09:00-18:00, holidays: SV}")
    refused = check(empty.post("trial-manager", PATH, {"document": wrong + "colour: red\n"}), 422)
    told = {fault["pointer"]: fault for fault in refused["errors"]}
    assert set(told) == {"time_zone", "calendar.holidays", "colour"}
    assert all(fault["line"] > 0 and fault["column"] > 0 for fault in told.values())
    assert told["time_zone"]["remedy"] == "did you mean `Europe/Stockholm`?"
    assert told["calendar.holidays"]["remedy"] == "did you mean `SE`?"
    assert stored(empty)[0][0] in (None, "")


def test_who_enrols_sees_no_advice(empty):
    check(empty.post("trial-manager", PATH, {"document": RIGID}))
    for role in ("coordinator", "researcher", "interviewer", "dispatcher"):
        check(empty.get(role, f"{PATH}/1/advice"), 403)


def test_a_locked_version_and_one_that_is_not_there_are_told(world):
    ahead = check(world.get("trial-manager", f"{PATH}/1/advice"))
    assert not ahead["lockable"] and ahead["faults"][0]["message"] == "version 1 is locked already"
    check(world.get("trial-manager", f"{PATH}/2/advice"), 404)
    check(world.get("trial-manager", f"{PATH}/two/advice"), 404)


def test_an_amendment_that_allocations_have_overtaken_is_told_before_it_is_refused(world):
    amended = PROTOCOL.replace("blocks: [4, 8]", "blocks: [4, 8, 12]")
    made = check(world.post("trial-manager", PATH, {"document": amended, "reason": "Larger blocks"}))
    ahead = check(world.get("trial-manager", f"{PATH}/{made['version']}/advice"))
    assert ahead["lockable"] and ahead["schemes"][0]["seed"] == "new"
    check(world.allocate(world.workplaces(1)[0]), 201)
    ahead = check(world.get("trial-manager", f"{PATH}/{made['version']}/advice"))
    assert not ahead["lockable"] and ahead["schemes"][0]["seed"] == "kept"
    assert "its block sizes cannot change" in ahead["faults"][0]["message"]
    check(world.post("trial-manager", f"{PATH}/{made['version']}/lock", {"reason": "Test"}), 422)


@pytest.mark.parametrize("path", sorted(glob.glob(os.path.join(harness.ROOT, "etc/protocols/*.yaml"))),
                         ids=os.path.basename)
def test_each_protocol_that_comes_with_rctd_can_be_locked(cluster, path):
    trial = os.path.basename(path).removesuffix(".yaml")
    with open(path, encoding="utf-8") as file, World(cluster, protocol=None, trial=trial) as made:
        check(made.post("trial-manager", f"{made.path}/protocols", {"document": file.read()}))
        ahead = check(made.get("trial-manager", f"{made.path}/protocols/1/advice"))
        assert ahead["faults"] == [] and ahead["lockable"]
        locked = check(made.post("trial-manager", f"{made.path}/protocols/1/lock", {"reason": "Test"}))
        assert len(locked["commitments"]) == len(ahead["schemes"])
