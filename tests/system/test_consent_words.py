"""What rctctl says of a consent that changes little: a mistyped form, a refusal, papers that come too late."""
import pytest
from test_consent_unasked import SILENT, person
from world import World, said


@pytest.fixture(scope="module")
def world(cluster):
    with World(cluster, protocol=SILENT, trial="e-h-work") as made:
        yield made


def rctl(world, *words, status=0):
    return said(world.rctctl("coordinator", *words), status)


def test_papers_say_what_follows_from_them(world):
    code = person(world, 200001)
    told = rctl(world, "participant", "withdraw", "e-h-work", code, "--form", "particpation", "--how", "phone", "--yes", status=6)
    assert "there is no form particpation here" in told and "participation" in told
    paper = ("participant", "consent", "e-h-work", code, "--form", "participation", "--version", "1", "--signed", "2026-02-01", "--how", "paper")
    told = rctl(world, *paper, "--scope", "participate=no", "--scope", "questionnaires=no")
    assert "refusal recorded on form participation" in told
    rctl(world, "participant", "withdraw", "e-h-work", code, "--how", "phone", "--yes")
    told = rctl(world, *paper, "--scope", "participate=no", "--scope", "questionnaires=no")
    assert "nothing follows from this while they are" in told


def test_a_list_is_asked_for_with_yes_and_no(world):
    code = person(world, 200002)
    who = ("consent", "who", "e-h-work", "--action", "contact", "--allowed")
    assert code in rctl(world, *who, "no") and code not in rctl(world, *who, "yes")
