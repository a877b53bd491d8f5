"""What a dry run of a batch would tell who enrols: of nobody the arm, and no batch is allocated of which all
could be told before."""
from designs import PROTOCOL, batch, dry_run, rows_of
import pytest
from world import World, check


@pytest.fixture(name="designs")
def designs_fixture(cluster):
    with World(cluster, protocol=PROTOCOL) as made:
        yield made


def test_who_is_together_is_not_shown_where_the_size_of_a_group_tells_its_arm(designs):
    codes = designs.workplaces(9)
    alike = check(dry_run(designs, codes[:8]))
    assert alike["pairs"] and not any("differ in size" in warning for warning in alike["warnings"])
    for units, scheme in ((codes[:8], "main.by-sector"), (codes, "main.at-once")):
        told = check(dry_run(designs, units, scheme))
        assert told["eligible"] is True and (told["pairs"], told["pairs_left_out"]) == ([], 0)
        assert any("differ in size" in warning for warning in told["warnings"])


def test_a_batch_with_one_way_to_allocate_it_is_not_random_and_not_allocated(designs):
    codes = designs.workplaces(5)
    told = check(dry_run(designs, codes, "main.by-sector"))
    assert told["eligible"] is False and "nothing to draw" in told["missing"][0] and told["pairs"] == []
    refused = batch(designs, codes, "main.by-sector")
    assert refused.status == 409 and "nothing to draw" in refused.json()["detail"], refused
    assert rows_of(designs, "by-sector") == []
