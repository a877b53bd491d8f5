"""Writes the golden files in allocation/, from the re-implementation beside it.

`vectors.py` writes them anew; `vectors.py --check` compares them with what it computes.
"""

import argparse
import csv
import io
import itertools
import pathlib
import sys

from allocation import Stream, commitment, permuted_blocks, sequence
from minimisation import minimise

HERE = pathlib.Path(__file__).resolve().parent / "allocation"
SEED = bytes(range(32))


def table(header, rows):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def golden_permuted_211():
    """1,000 allocations over 8 strata, 2:1:1, blocks of 4 or 8."""
    rows = []
    for sector, size, county in itertools.product(
        ["public", "private"], ["10-49", "50-249"], ["se-t", "se-d"]
    ):
        stratum = f"sector={sector}|size={size}|county={county}"
        arms = permuted_blocks(
            SEED, "golden/rct", stratum, {"updated": 2, "existing": 1, "control": 1}, [4, 8]
        )
        rows += [[stratum, k, arm] for k, arm in enumerate(itertools.islice(arms, 125), 1)]
    return table(["stratum", "position", "arm"], rows)


def golden_permuted_shapes():
    """Other numbers of arms, ratios and sizes; sizes repeated to weight them; the largest block."""
    shapes = [
        ("1:1", [2]),
        ("1:1", [4, 4, 6, 8]),
        ("2:1", [3, 6, 9]),
        ("3:2:0:1", [6, 12, 18]),
        ("1:1:1:1:1", [5, 10]),
        ("7:3:2:5:1", [18, 36]),
        (":".join(["1"] * 26), [26, 52]),
        ("1:2", [999]),
        ("1:0:1", [1000, 4]),
    ]
    rows = []
    for ratio, sizes in shapes:
        shares = {str(i): int(share) for i, share in enumerate(ratio.split(":"))}
        for stratum in ["", "site=å|size=1"]:
            arms = permuted_blocks(SEED[::-1], "golden/shapes.one", stratum, shares, sizes)
            listed = " ".join(str(size) for size in sizes)
            drawn = " ".join(itertools.islice(arms, 2 * max(sizes)))
            rows.append([ratio, listed, stratum, drawn])
    return table(["ratio", "blocks", "stratum", "arms"], rows)


def golden_uniform():
    """uniform(n) for awkward n, 24 values of one draw each; and fractions, as exact hex floats."""
    rows = []
    awkward = [1, 2, 3, 7, 10, 1000, 2**31 + 1, 2**32, 2**63 - 1, 2**63, 2**63 + 1]
    awkward += [2**64 - 2**32 + 1, 2**64 - 2, 2**64 - 1]
    for draw, n in enumerate(awkward):
        stream = Stream(SEED, "golden/uniform", "", draw)
        rows.append(["uniform", draw, n, " ".join(str(stream.uniform(n)) for _ in range(24))])
    for draw in [0, 9, 10, 2**64 - 1]:
        stream = Stream(SEED, "golden/uniform", "f", draw)
        rows.append(["fraction", draw, 0, " ".join(stream.fraction().hex() for _ in range(9))])
    return table(["function", "draw", "n", "values"], rows)


def golden_commitment():
    rows = [
        [label, text, commitment(SEED, label, text.encode())]
        for label in ["t/s", "work-together/rct", "work-together/rct.participants"]
        for text in ["trial: t\n", "", "title: Hälsa\n"]
    ]
    return table(["label", "protocol", "commitment"], rows)


# Every method that gives a stratum a sequence: (method, ratio, parameters). A design's number in this
# list, from 1, is the number of strata that it is drawn for, up to 12, and then from 1 again.
DESIGNS = [
    ("simple", "1:1", {}),
    ("simple", "3:0:2", {}),
    ("simple", "1:1:1:1:1", {}),
    ("simple", "1000:1", {}),
    ("permuted-block", "1:1", {"blocks": [2, 4, 6]}),
    ("permuted-block", "3:2", {"blocks": [5, 10]}),
    ("permuted-block", "1:2:1", {"blocks": [4, 8, 8]}),
    ("permuted-block", "1:1:1:1", {"blocks": [4, 12]}),
    ("permuted-block", "4:1:1:2:1", {"blocks": [9, 18]}),
    ("biased-coin", "1:1", {"p": 0.6667}),
    ("biased-coin", "0:2:2", {"p": 0.75}),
    ("biased-coin", "1:1", {"p": 1.0}),
    ("biased-coin", "1:1", {"p": 0.5}),
    ("big-stick", "1:1", {"limit": 1}),
    ("big-stick", "1:0:1", {"limit": 3}),
    ("big-stick", "1:1", {"limit": 100000}),
    ("biased-coin-limit", "1:1", {"limit": 3, "p": 0.75}),
    ("biased-coin-limit", "1:1", {"limit": 2, "p": 0.5}),
    ("biased-coin-limit", "0:0:3:3", {"limit": 5, "p": 0.666667}),
    ("block-urn", "1:1", {"size": 2}),
    ("block-urn", "1:1", {"size": 6}),
    ("block-urn", "2:1", {"size": 6}),
    ("block-urn", "1:0:2:3", {"size": 12}),
    ("block-urn", "1:1:1:1:1", {"size": 10}),
    ("block-urn", "7:3:2:5:1", {"size": 36}),
    ("urn", "1:1", {"alpha": 0, "beta": 1}),
    ("urn", "1:1", {"alpha": 1, "beta": 3}),
    ("urn", "2:0:2:2", {"alpha": 0, "beta": 2}),
    ("urn", "1:1:1:1", {"alpha": 5, "beta": 1}),
    ("urn", "1:1:1:1:1", {"alpha": 100000, "beta": 100000}),
    ("maximal", "1:1", {"limit": 1, "length": 2}),
    ("maximal", "1:1", {"limit": 2, "length": 20, "balanced_end": True}),
    ("maximal", "0:1:1", {"limit": 3, "length": 7}),
    ("maximal", "1:1", {"limit": 3, "length": 50, "balanced_end": False}),
    ("maximal", "4:4", {"limit": 100000, "length": 10, "balanced_end": True}),
    ("maximal", "1:1", {"limit": 4, "length": 100, "balanced_end": True}),
]
POSITIONS = 60


def shares(ratio):
    """Arms "0", "1", ... with their ratio; those with 0 have no part."""
    return {str(i): int(share) for i, share in enumerate(ratio.split(":")) if int(share) > 0}


def words(parameters):
    """{"blocks": [4, 6], "p": 0.5} as "blocks=4,6 p=0.5"."""
    def word(value):
        if isinstance(value, bool):
            return "yes" if value else "no"
        return ",".join(map(str, value)) if isinstance(value, list) else str(value)

    return " ".join(f"{name}={word(value)}" for name, value in parameters.items())


def strata(number):
    """That many keys; one stratum alone has no factor."""
    if number == 1:
        return [""]
    if number % 2:
        return [f"site=s{i}" for i in range(number)]
    return [f"sector={sector}|site=s{i}" for sector in ["public", "private"] for i in range(number // 2)]


def golden_designs():
    """60 positions of every method over 2-5 arms, 1-12 strata; parameters at and beyond their ends."""
    rows = []
    for number, (method, ratio, parameters) in enumerate(DESIGNS):
        for stratum in strata(number % 12 + 1):
            arms = sequence(SEED, f"golden/d{number}", stratum, method, shares(ratio), parameters)
            drawn = " ".join(itertools.islice(arms, POSITIONS))
            rows.append([number, method, ratio, words(parameters), stratum, drawn])
    return table(["design", "method", "ratio", "parameters", "stratum", "arms"], rows)


# (ratio, levels and weight of each factor, measure, form and its parameters)
MINIMISED = [
    ("1:1", [(2, 1.0)], "range", {"p": 0.8}),
    ("1:1", [(2, 1.0), (3, 2.5)], "variance", {"p": 1.0}),
    ("1:1:1", [(2, 1.0), (2, 1.0), (4, 0.5)], "range", {"p": 0.666667}),
    ("1:1:1", [(2, 1.0), (3, 1.0)], "sd", {"p": 0.9}),
    ("1:1:1", [(3, 1.0), (3, 0.001)], "marginal", {"p": 0.75}),
    ("2:1", [(2, 1.0), (3, 1.0)], "range", {"p": 0.8}),
    ("1:0:2:3", [(2, 1.0), (4, 3.0)], "marginal", {"form": "biased-coin", "p": 0.7}),
    ("3:2:1:1", [(12, 1.0)], "sd", {"form": "biased-coin", "p": 0.9}),
    ("5:4:3:2:1", [(2, 1.0), (3, 0.333333)], "variance", {"form": "biased-coin", "p": 1.0}),
    ("1:1:1", [(2, 1.0), (3, 1.0)], "variance", {"form": "ranked", "ranked": [0.6, 0.3, 0.1]}),
    ("1:1:1:1", [(2, 1.0), (2, 1.0), (2, 1.0)], "range", {"form": "ranked", "ranked": [0.7, 0.2, 0.1, 0.0]}),
    ("2:2:2:2:2", [(2, 1000.0), (6, 1.0)], "sd", {"form": "ranked", "ranked": [1.0, 0.0, 0.0, 0.0, 0.0]}),
]
UNITS = 120


def golden_minimisation():
    """120 units of every measure and form, with the levels, scores and probabilities of each."""
    rows = []
    for number, (ratio, factors, measure, form) in enumerate(MINIMISED):
        units = []
        for n in range(1, UNITS + 1):
            stream = Stream(SEED, f"golden/units{number}", "", n)
            units.append([stream.uniform(levels) for levels, _ in factors])
        weights = {i: weight for i, (_, weight) in enumerate(factors)}
        made = minimise(SEED, f"golden/m{number}", shares(ratio), weights, units, measure, **form)
        for n, (levels, (scores, p, arm)) in enumerate(zip(units, made), 1):
            design = [number, ratio, " ".join(f"{count}={weight}" for count, weight in factors)]
            design += [measure, words(form)]
            row = [n, " ".join(map(str, levels)), arm]
            row += [" ".join(x.hex() for x in values.values()) for values in (scores, p)]
            rows.append(design + row)
    header = ["scheme", "ratio", "factors", "measure", "form", "n", "levels", "arm"]
    return table(header + ["scores", "probabilities"], rows)


GOLDEN = {
    "designs.csv": golden_designs,
    "minimisation.csv": golden_minimisation,
    "permuted-211-8strata.csv": golden_permuted_211,
    "permuted-shapes.csv": golden_permuted_shapes,
    "uniform.csv": golden_uniform,
    "commitment.csv": golden_commitment,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    check = parser.parse_args().check
    wrong = 0
    for name, make in GOLDEN.items():
        path = HERE / name
        if not check:
            path.write_text(make(), encoding="utf-8")
        elif path.read_text(encoding="utf-8") != make():
            wrong += 1
            print(f"{path} is not what vectors.py computes", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
