"""A code as people type it finds the person, also where a list is asked for: who is told that there is no
allocation allocates in vain, and who is told of no task misses it."""
import pytest
from world import WITH_PEOPLE, World, check


@pytest.fixture(scope="module", name="people")
def people_fixture(cluster):
    with World(cluster, protocol=WITH_PEOPLE, phases=("main", "people")) as made:
        made.workplaces(1)
        yield made


@pytest.mark.parametrize("form", [str, str.lower, lambda code: f"{code[:4]}-{code[4:]}", lambda code: f"%20{code[:4].lower()}%20{code[4:]}"],
                         ids=["as printed", "lower case", "hyphen", "blanks"])
def test_lists_by_a_typed_code_have_the_persons_rows(people, form):
    code = people.people(1)[0]
    check(people.allocate_person(code), 201)
    for what in ("allocations", "tasks"):
        found = check(people.get("coordinator", f"{people.path}/{what}?participant={form(code)}"))["items"]
        assert found and {item["participant"] for item in found} == {code}, what


@pytest.mark.parametrize("what", ["allocations", "tasks"])
def test_a_list_is_of_a_workplace_or_of_a_person(people, what):
    refused = people.get("coordinator", f"{people.path}/{what}?workplace=W0001&participant={people.people(1)[0]}")
    assert refused.status == 422 and refused.json()["errors"][0]["pointer"] == "?participant", refused
