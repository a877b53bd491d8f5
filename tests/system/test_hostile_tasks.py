"""What a blinded person could work out from the tasks that are seen, and from those that are not."""
import pytest
from world import PROTOCOL, World, check

# Each arm of the smaller phase has the talk; of the larger one not each.
TWO_PHASES = PROTOCOL.replace("\ninstruments:", """
  small:
    scheme: {unit: workplace, method: permuted-block, ratio: {opal: 1, jade: 1}, blocks: [2, 4]}
instruments:""", 1)


@pytest.fixture(name="phases")
def phases_fixture(cluster):
    with World(cluster, protocol=TWO_PHASES, phases=("main", "small")) as made:
        yield made


@pytest.mark.parametrize("order", [("main", "small"), ("small", "main")])
def test_the_tasks_of_one_phase_do_not_tell_a_blinded_role_the_arm_of_another(phases, order):
    codes = phases.workplaces(64)[::8]  # of one stratum: at least a block of each arm
    arms = {}
    for scheme in order:
        for code in codes:
            made = check(phases.allocate(code, scheme), 201)
            arms[code] = made["arm"] if scheme == "main" else arms.get(code)
    assert set(arms.values()) == {"opal", "jade", "onyx"}
    seen = {code: set() for code in codes}
    for item in phases.items("researcher", f"{phases.path}/tasks"):
        seen[item["workplace"]].add(item["task"])
    told = {arms[code]: seen[code] for code in codes}
    assert all(seen[code] == told[arms[code]] for code in codes)
    assert told["opal"] == told["jade"] == told["onyx"], "who sees the tasks tells the arms apart"
