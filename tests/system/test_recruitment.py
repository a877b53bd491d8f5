"""Recruitment against plan: the same numbers for every role, and never by arm."""
from world import check, said


def test_every_role_sees_the_same_numbers_against_the_plan(world):
    codes = world.workplaces(40)
    world.allocate_all(codes[:10])
    told = [check(world.get(role, f"{world.path}/recruitment")) for role in ("researcher", "coordinator", "statistician")]
    assert told[0] == told[1] == told[2]
    assert (told[0]["registered"], told[0]["allocated"], told[0]["withdrawn"]) == (40, 10, 0)
    (phase,) = told[0]["phases"]
    assert (phase["phase"], phase["state"], phase["target"], phase["allocated"]) == ("main", "open", 5000, 10)
    assert phase["share"] == 10 / 5000
    assert [month["cumulative"] for month in phase["months"]] == [10]


def test_a_bounded_coordinators_numbers_are_of_the_county(world):
    codes = world.workplaces(16)
    world.allocate_all(codes)
    token = world.account("nora", "coordinator", county="north")
    told = check(world.daemon.get(f"{world.path}/recruitment", token=token))
    assert (told["registered"], told["allocated"], told["phases"][0]["allocated"]) == (8, 8, 8)


def test_rctctl_shows_bars_to_people_and_unrounded_shares_to_programs(world):
    world.allocate_all(world.workplaces(8))

    def rctctl(*more):
        return said(world.rctctl("researcher", "recruitment", world.trial, *more))

    assert "8 of 5000" in rctctl() and "0.2 %" in rctctl()
    assert rctctl("--csv").splitlines()[0].startswith("phase,state,allocated,target,share")
    assert '"share": 0.0016' in rctctl("--json")
