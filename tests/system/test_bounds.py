"""Who is bounded to a county, and who enrols, learns and does what the role covers and no more."""
import pytest
from world import World, check


@pytest.fixture(scope="module", name="full")
def full_fixture(cluster):
    with World(cluster) as made:
        made.allocate_all(made.workplaces(32))
        made.north = made.account("nora", "coordinator", county="north")
        yield made


def fields(world, token, path):
    return {name for item in check(world.daemon.get(path, token=token))["items"] for name in item}


def test_who_enrols_is_not_told_what_an_arm_was_decided_on(full):
    """It counts the arms before: with hidden sizes of blocks that is half of the way to the next one."""
    path = f"{full.path}/allocations?limit=1000"
    for token in (full.tokens["coordinator"], full.north):
        told = fields(full, token, path)
        assert "arm" in told and "decision" not in told
        one = check(full.daemon.get(path, token=token))["items"][0]["allocation"]
        assert "decision" not in check(full.daemon.get(f"{full.path}/allocations/{one}", token=token))
    for role in ("statistician", "auditor"):
        assert "decision" in fields(full, full.tokens[role], path)


def test_a_coordinator_of_one_county_registers_workplaces_of_that_county_only(full):
    text = full.table(16, first=1008)
    refused = full.daemon.post(f"{full.path}/workplaces/import", text, token=full.north, headers={"Content-Type": "text/csv"})
    assert refused.status == 422, refused
    faults = refused.json()["errors"]
    assert [fault["line"] for fault in faults] == list(range(10, 18)), "the lines of the other county"
    assert "does not cover" in faults[0]["detail"] and "north" in faults[0]["remedy"]
    assert full.cluster.sql(full.database, "SELECT count(*) FROM rctd.unit") == "32"
    own = "\n".join(text.split("\n")[:9])
    made = full.daemon.post(f"{full.path}/workplaces/import", own, token=full.north, headers={"Content-Type": "text/csv"})
    assert check(made)["imported"] == 8


def test_every_list_of_a_county_is_of_that_county(full):
    south = {item["code"] for item in full.items("coordinator", f"{full.path}/workplaces?county=south")}
    assert south
    for path in ("workplaces", "allocations", "tasks", "reminders", "workplaces?county=south", "workplaces?scheme=main", "workplaces?q=W",
                 "allocations?scheme=main"):
        mark = "&" if "?" in path else "?"
        text = full.daemon.get(f"{full.path}/{path}{mark}limit=1000", token=full.north).text
        assert not [code for code in south if code in text], path
    for code in sorted(south)[:2]:
        for path in (f"workplaces/{code}", f"workplaces/{code}/agreements"):
            assert full.daemon.get(f"{full.path}/{path}", token=full.north).status == 404
        for path, body in ((f"workplaces/{code}/roster-lock", {"head_count": 3}),
                           (f"workplaces/{code}/answers", {"answers": {"x": True}}),
                           ("allocations/dry-run", {"workplace": code, "scheme": "main"}),
                           ("allocations", {"workplace": code, "scheme": "main"})):
            answer = full.daemon.post(f"{full.path}/{path}", body, token=full.north, key=f"{code}-{path.replace(chr(47), chr(45))}")
            assert answer.status in (404, 422), (path, answer)
    reminders = full.items("coordinator", f"{full.path}/reminders")
    foreign = next(item["reminder"] for item in reminders if item["workplace"] in south)
    answer = full.daemon.post(f"{full.path}/reminders/{foreign}/replay", token=full.north, key="replay")
    assert answer.status == 404, answer
    assert full.daemon.get(f"{full.path}/attempts", token=full.north).status == 403
