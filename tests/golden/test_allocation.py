"""The golden files are what the Python re-implementation computes, and it meets the published facts."""

import itertools
import math
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import allocation


@pytest.mark.parametrize("name", sorted(allocation.GOLDEN))
def test_golden_file_can_be_made_again(name):
    committed = (allocation.HERE / name).read_text(encoding="utf-8")
    assert committed == allocation.GOLDEN[name]()


def test_no_golden_file_is_without_its_maker():
    assert {path.name for path in allocation.HERE.iterdir()} == set(allocation.GOLDEN)


def test_published_vector_of_permuted_blocks():
    arms = allocation.permuted_blocks(
        bytes(range(32)),
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
        allocation.commitment(bytes(range(32)), "t/s", b"trial: t\n")
        == "16b7c5b1eab375961b4630de6cd4dc111e3bf895d0e0066ad5198251d00d0b6a"
    )


@pytest.mark.parametrize(
    "ratio, size, arrangements",
    [((1, 1), 4, 6), ((1, 1), 6, 20), ((2, 1), 6, 15), ((1, 1, 1), 3, 6), ((1, 1, 1), 6, 90)],
)
def test_every_arrangement_of_a_block_comes(ratio, size, arrangements):
    arms = allocation.permuted_blocks(allocation.SEED, "t/s", "", dict(enumerate(ratio)), [size])
    drawn = {tuple(itertools.islice(arms, size)) for _ in range(40 * arrangements)}
    assert len(drawn) == arrangements
    times = size // sum(ratio)
    assert arrangements == math.factorial(size) // math.prod(math.factorial(times * r) for r in ratio)
