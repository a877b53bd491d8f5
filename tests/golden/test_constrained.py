"""The golden file of constrained randomisation is what the Python re-implementation computes."""

import math
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import constrained


def test_golden_file_can_be_made_again():
    committed = (constrained.HERE / "cases.json").read_text(encoding="utf-8")
    assert committed == constrained.golden()


def test_sixteen_clusters_can_be_halved_in_12870_ways():
    problem = constrained.Problem(constrained.make_units(16, 1), constrained.NUMBERS, [1, 1])
    assert problem.count() == math.comb(16, 8) == 12870


def test_the_vectors_of_the_manual_page_hold():
    manual = constrained.HERE.parents[2] / "etc/man/rctd-allocation.7"
    part = manual.read_text(encoding="utf-8").split("Constrained randomisation, label")[1].split("The commitment")[0]
    units = [
        {"id": name, "staff": int(staff), "sector": sector}
        for name, staff, sector in re.findall(r"(W\d) +(\d+) (public|private)", part)
    ]
    sector = {"kind": "categorical", "levels": ["public", "private"], "weight": 2}
    vectors = re.findall(r"^(\d)  ([\d:]+) +(l[12])  ([\d.]+)  (\d+) +(\d+)\n {4}(.*)$", part, re.MULTILINE)
    assert len(units) == 8 and len(vectors) == 3
    for batch, ratio, metric, accept, enumerate_, sample, told in vectors:
        problem = constrained.Problem(
            units,
            {"staff": {"kind": "number"}, "sector": sector},
            [int(share) for share in ratio.split(":")],
            metric,
            float(accept),
            int(enumerate_),
            int(sample),
        )
        found = problem.allocate(constrained.SEED, "t/c", int(batch))
        numbers = [found["assignments"], found["accepted"], found["cutoff_score"], found["chosen"], found["score"]]
        arms = "".join("ABC"[arm] for arm in found["arms"])
        assert told.split() == [f"{number:.12g}" for number in numbers] + [arms]
