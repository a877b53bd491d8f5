"""The golden files are what the Python re-implementation computes, and it meets the published facts."""

import itertools
import math
import pathlib
import re
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import allocation
import minimisation
import vectors

SEED = vectors.SEED
MANUAL = pathlib.Path(__file__).resolve().parents[2] / "etc/man/rctd-allocation.7"


@pytest.mark.parametrize("name", sorted(vectors.GOLDEN))
def test_golden_file_can_be_made_again(name):
    committed = (vectors.HERE / name).read_text(encoding="utf-8")
    assert committed == vectors.GOLDEN[name]()


def test_no_golden_file_is_without_its_maker():
    assert {path.name for path in vectors.HERE.iterdir()} == set(vectors.GOLDEN)


def test_published_vector_of_permuted_blocks():
    arms = allocation.permuted_blocks(
        SEED,
        "work-together/rct",
        "sector=public|size=10-49",
        {"updated": 1, "existing": 1, "control": 1},
        [3, 6],
    )
    assert list(itertools.islice(arms, 18)) == (
        "existing updated control control existing updated existing control updated "
        "control existing updated existing existing updated control updated control"
    ).split()


def test_published_commitment():
    assert (
        allocation.commitment(SEED, "t/s", b"trial: t\n")
        == "16b7c5b1eab375961b4630de6cd4dc111e3bf895d0e0066ad5198251d00d0b6a"
    )


@pytest.mark.parametrize(
    "ratio, size, arrangements",
    [
        ((1, 1), 4, 6),
        ((1, 1), 6, 20),
        ((1, 1), 8, 70),
        ((2, 1), 3, 3),
        ((2, 1), 6, 15),
        ((2, 1), 9, 84),
        ((1, 1, 1), 3, 6),
        ((1, 1, 1), 6, 90),
    ],
)
def test_every_arrangement_of_a_block_comes(ratio, size, arrangements):
    arms = allocation.permuted_blocks(SEED, "t/s", "", dict(enumerate(ratio)), [size])
    drawn = {tuple(itertools.islice(arms, size)) for _ in range(40 * arrangements)}
    assert len(drawn) == arrangements
    times = size // sum(ratio)
    assert arrangements == math.factorial(size) // math.prod(math.factorial(times * r) for r in ratio)


class Given:
    """A stream whose fractions are known."""

    def __init__(self, fractions):
        self.fraction = iter(fractions).__next__


def test_published_example_of_the_block_urn():
    published = [0.4026, 0.5654, 0.0927, 0.3080, 0.7758, 0.9219, 0.6115]
    published += [0.8604, 0.4848, 0.7746, 0.2345, 0.8507, 0.0661, 0.2630]
    probabilities = allocation.block_urn({"A": 1, "B": 1}, 6)
    stream = Given(published)
    counts = {"A": 0, "B": 0}
    drawn = ""
    for _ in published:
        arm = allocation.pick(stream, probabilities(counts))
        counts[arm] += 1
        drawn += arm
    assert drawn == "ABAABBBBABABAA"


def test_published_example_of_minimisation():
    """Pocock and Simon 1975, 3.4."""
    scores = {"1": 6.0, "2": 10.0, "3": 5.0}
    found = minimisation.probabilities(scores, {"1": 1, "2": 1, "3": 1}, p=2 / 3)
    assert found == pytest.approx({"1": 1 / 6, "2": 1 / 6, "3": 2 / 3}, abs=1e-15)


@pytest.mark.parametrize(
    "preferred, expected",
    [(0, [0.70, 0.12, 0.18]), (1, [0.06, 0.76, 0.18]), (2, [0.06, 0.12, 0.82])],
)
def test_published_example_of_biased_coin_minimisation(preferred, expected):
    scores = {arm: float(arm != preferred) for arm in range(3)}
    ratio = {0: 1, 1: 2, 2: 3}
    found = minimisation.probabilities(scores, ratio, form="biased-coin", p=0.7)
    assert list(found.values()) == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize("limit, length, balanced", [(1, 8, True), (2, 8, True), (2, 7, False), (9, 6, True)])
def test_every_sequence_of_the_maximal_procedure_is_as_likely_as_another(limit, length, balanced):
    probabilities = allocation.maximal({"A": 1, "B": 1}, limit, length, balanced)
    found = []
    for arms in itertools.product("AB", repeat=length):
        counts = {"A": 0, "B": 0}
        chance = 1.0
        for arm in arms:
            if chance > 0:
                chance *= probabilities(counts)[arm]
            counts[arm] += 1
        leads = list(itertools.accumulate(1 if arm == "A" else -1 for arm in arms))
        allowed = max(map(abs, leads)) <= limit and not (balanced and leads[-1])
        assert (chance > 0) == allowed
        found += [chance] * allowed
    assert found == pytest.approx([1 / len(found)] * len(found), rel=1e-12)


@pytest.mark.parametrize("design", range(len(vectors.MINIMISED)))
def test_probabilities_of_minimisation_add_up(design):
    rows = [row.split(",") for row in (vectors.HERE / "minimisation.csv").read_text().splitlines()]
    mine = [row[-1] for row in rows if row[0] == str(design)]
    assert len(mine) == vectors.UNITS
    for row in mine:
        assert sum(map(float.fromhex, row.split())) == pytest.approx(1, abs=1e-12)


READ = {
    "blocks": lambda text: [int(size) for size in text.split(",")],
    "p": float,
    "balanced_end": {"yes": True, "no": False}.get,
}


def read_parameters(text):
    """The parameters that vectors.words() wrote."""
    words = (word.split("=") for word in text.split())
    return {name: READ.get(name, int)(value) for name, value in words}


def test_vectors_of_the_manual_page_hold_for_every_method():
    listed = re.findall(r"^([a-z-]+) +([0-9:]+) *(\S.*)?\n {4}([A-C]+)$", MANUAL.read_text(), re.MULTILINE)
    assert {row[0] for row in listed} == {row[0] for row in vectors.DESIGNS}
    for method, ratio, words, arms in listed:
        drawn = allocation.sequence(SEED, "t/s", "", method, vectors.shares(ratio), read_parameters(words))
        assert arms == "".join("ABC"[int(arm)] for arm in itertools.islice(drawn, 24)), method


@pytest.mark.parametrize(
    "title, ratio, measure, form",
    [
        ("Ratio 1:1:1, range, plain, p = 0.8:", "1:1:1", "range", {"p": 0.8}),
        ("Ratio 1:2:3, marginal, biased-coin, p = 0.7:", "1:2:3", "marginal", {"form": "biased-coin", "p": 0.7}),
    ],
)
def test_vectors_of_the_manual_page_hold_for_minimisation(title, ratio, measure, form):
    text = MANUAL.read_text()
    rows = [row.split() for row in text[text.index(title) :].split(".Ed")[0].splitlines()[2:]]
    assert len(rows) == 8
    units = [{"sector": row[1], "size": row[2]} for row in rows]
    weights = {"sector": 1.0, "size": 2.0}
    made = minimisation.minimise(SEED, "t/m", vectors.shares(ratio), weights, units, measure, **form)
    for row, (scores, p, arm) in zip(rows, made):
        assert row[3:9] == [f"{number:.4f}" for number in (*scores.values(), *p.values())]
        assert row[9] == "ABC"[int(arm)]
