"""The golden file of constrained randomisation is what the Python re-implementation computes."""

import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import constrained


def test_golden_file_can_be_made_again():
    committed = (constrained.HERE / "cases.json").read_text(encoding="utf-8")
    assert committed == constrained.golden()


def test_sixteen_clusters_can_be_halved_in_12870_ways():
    problem = constrained.Problem(constrained.make_units(16, 1), constrained.NUMBERS, [1, 1])
    assert problem.count() == math.comb(16, 8) == 12870
