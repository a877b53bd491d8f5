"""The p-values of `rctctl rerandomise` are those of a brute force in plain Python: the same runs one by one,
and whole reference sets; and a few that are known without any program."""

import csv
import hashlib
import io
import itertools
import json
import os
import random
import subprocess
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import verify
from allocation import Stream
from harness import RCTCTL
from ledgers import PROTOCOL, SCHEMES, SEED, text, units

SLACK = 1e-10


def outcome(code):
    return random.Random(code).gauss(50, 10)


def run(folder, rows, outcomes, *options, protocol=PROTOCOL, scheme=None, delimiter=","):
    (folder / "ledger.csv").write_text(verify.write_ledger(rows), encoding="utf-8")
    (folder / "protocol.yaml").write_bytes(text(protocol))
    lines = [f"unit{delimiter}y", *(f"{code}{delimiter}{value}" for code, value in outcomes)]
    (folder / "outcome.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return subprocess.run(
        [RCTCTL, "rerandomise", "--protocol", str(folder / "protocol.yaml"), "--ledger", str(folder / "ledger.csv"),
         "--outcome", str(folder / "outcome.csv"), "--id", "unit", "--value", "y", "--scheme",
         scheme or rows[0]["scheme"], *options], capture_output=True, text=True, check=False)


def answer(*arguments, **more):
    ran = run(*arguments, "--json", **more)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def mean(values):
    return sum(values) / len(values) if values else None


def difference(arms, values, first, second):
    a = mean([y for arm, y in zip(arms, values) if arm == first and y is not None])
    b = mean([y for arm, y in zip(arms, values) if arm == second and y is not None])
    return None if a is None or b is None else a - b


def is_extreme(seen, found, slack, side="two"):
    if found is None:
        return True
    if side == "greater":
        return found >= seen - slack
    if side == "less":
        return found <= seen + slack
    return abs(found) >= abs(seen) - slack


class Brute:
    """Assigns all units of a ledger anew, as run t does, or in every way."""

    def __init__(self, scheme, rows, seed):
        self.scheme, self.rows, self.seed = scheme, rows, seed
        if scheme.method == "constrained":
            members = [(row["unit"], json.loads(row["decision"])["values"]) for row in rows]
            self.problem = scheme.problem(members)
            self.accepted, _ = self.problem.solve(Stream(self.run_seed(0), scheme.label, "", 1))

    def run_seed(self, t):
        return hashlib.sha256(b"rctd-rerandomise-v1\0%d\0%d" % (self.seed, t)).digest()

    def by_code(self, assignment):
        arms = list(self.scheme.ratio)
        given = {unit["id"]: arms[arm] for unit, arm in zip(self.problem.units, assignment)}
        return [given[row["unit"]] for row in self.rows]

    def run(self, t):
        seed = self.run_seed(t)
        if self.scheme.method == "constrained":
            stream = Stream(seed, self.scheme.label, "", 1)
            return self.by_code(self.accepted[stream.uniform(len(self.accepted))][1])
        if self.scheme.method == "minimisation":
            tally, arms = self.scheme.tally(), []
            for n, row in enumerate(self.rows, 1):
                levels = json.loads(row["decision"])["levels"]
                arms.append(self.scheme.minimise(seed, n, tally, levels)[0])
                tally.add(levels, arms[-1])
            return arms
        streams = {}
        return [next(streams.setdefault(row["stratum"], self.scheme.sequence(seed, row["stratum"])))
                for row in self.rows]

    def p(self, trials, first, second, values, side="two"):
        seen = difference([row["arm"] for row in self.rows], values, first, second)
        known = [y for y in values if y is not None]
        slack = SLACK * max(abs(y - mean(known)) for y in known)
        hits = sum(is_extreme(seen, difference(self.run(t), values, first, second), slack, side) for t in range(trials))
        return (1 + hits) / (1 + trials)


@pytest.mark.parametrize("name", [name for name in SCHEMES if name != "neighbours"])
def test_runs_are_those_of_the_python_brute_force(tmp_path, name):
    count = 14 if SCHEMES[name]["method"] == "constrained" else 40
    rows = verify.make_ledger(text(PROTOCOL), SEED, units(count), f"main.{name}")
    values = [None if i % 9 == 4 else outcome(row["unit"]) for i, row in enumerate(rows)]
    given = [(row["unit"], y) for row, y in zip(rows, values) if y is not None]
    said = answer(tmp_path, rows, given, "--trials", "150", "--seed", "7")
    brute = Brute(verify.Scheme(text(PROTOCOL), f"main.{name}"), rows, 7)
    arms = list(brute.scheme.ratio)
    assert [(pair["first"], pair["second"]) for pair in said["pairs"]] == list(itertools.combinations(arms, 2))
    for pair in said["pairs"]:
        expected = brute.p(150, pair["first"], pair["second"], values)
        assert pair["p"] == pytest.approx(expected, abs=1e-12)
        assert pair["standard_error"] == pytest.approx((expected * (1 - expected) / 150) ** 0.5)
    assert said["without_outcome"] == [row["unit"] for row, y in zip(rows, values) if y is None]
    assert not said["exact"] and said["runs"] == 150


def one_block(size, ratio, count, strata=()):
    protocol = json.loads(json.dumps(PROTOCOL))
    scheme = {"unit": "workplace", "method": "permuted-block", "ratio": ratio, "blocks": [size]}
    protocol["phases"] = {"main": {"scheme": {**scheme, "strata": list(strata)} if strata else scheme}}
    rows = verify.make_ledger(text(protocol), SEED, units(count))
    return protocol, rows


@pytest.mark.parametrize("values, p", [((1, 2, 3, 4), {2 / 6, 4 / 6, 1.0}), ((0, 0, 1, 1), {2 / 6, 1.0}), ((5, 5, 5, 5), {1.0})])
def test_two_against_two_in_one_block_has_p_values_in_sixths(tmp_path, values, p):
    """Of six arrangements each difference but 0 comes with its mirror image."""
    protocol, rows = one_block(4, {"opal": 1, "jade": 1}, 4)
    found = set()
    for order in itertools.permutations(values):
        if len(found) == len(p):
            break
        pair = answer(tmp_path, rows, [(row["unit"], y) for row, y in zip(rows, order)], protocol=protocol)["pairs"][0]
        assert pair["exact"] and pair["runs"] == 6 and pair["standard_error"] == 0
        assert any(pair["p"] == pytest.approx(expected, abs=1e-12) for expected in p)
        found |= {expected for expected in p if pair["p"] == pytest.approx(expected, abs=1e-12)}
    assert found == p


def test_the_best_of_one_block_has_one_sixth_on_its_side(tmp_path):
    protocol, rows = one_block(4, {"opal": 1, "jade": 1}, 4)
    given = [(row["unit"], 10 if row["arm"] == "opal" else 1) for row in rows]
    by_side = {side: answer(tmp_path, rows, given, "--side", side, protocol=protocol)["pairs"][0]["p"]
               for side in ("two", "greater", "less")}
    assert by_side == {"two": pytest.approx(2 / 6), "greater": pytest.approx(1 / 6), "less": pytest.approx(1)}


def all_blocks(rows, size, ratio):
    """Every assignment of whole and cut blocks, with its weight."""
    strata = [list(group) for _, group in itertools.groupby(rows, key=lambda row: row["stratum"])]
    lots = [arm for arm, share in ratio.items() for _ in range(size // sum(ratio.values()) * share)]
    orders = list(itertools.permutations(lots))
    ways = []
    for group in strata:
        for start in range(0, len(group), size):
            ways.append([order[: len(group) - start] for order in orders])
    for parts in itertools.product(*ways):
        yield [arm for part in parts for arm in part]


@pytest.mark.parametrize("ratio, size, count, strata", [
    ({"opal": 1, "jade": 1}, 4, 8, ()), ({"opal": 1, "jade": 1}, 4, 7, ()), ({"opal": 2, "jade": 1}, 3, 8, ()),
    ({"opal": 1, "jade": 1, "onyx": 1}, 3, 8, ()), ({"opal": 1, "jade": 1}, 4, 8, ("sector",)),
])
def test_an_exact_p_value_is_that_of_all_arrangements(tmp_path, ratio, size, count, strata):
    protocol, rows = one_block(size, ratio, count, strata)
    values = [outcome(row["unit"]) for row in rows]
    said = answer(tmp_path, rows, [(row["unit"], y) for row, y in zip(rows, values)], protocol=protocol)
    assert said["exact"]
    slack = SLACK * max(abs(y - mean(values)) for y in values)
    every = list(all_blocks(rows, size, ratio))
    for pair in said["pairs"]:
        seen = difference([row["arm"] for row in rows], values, pair["first"], pair["second"])
        hits = sum(is_extreme(seen, difference(arms, values, pair["first"], pair["second"]), slack) for arms in every)
        assert pair["p"] == pytest.approx(hits / len(every), abs=1e-12)
        assert pair["difference"] == pytest.approx(seen)


def test_constrained_randomisation_is_tested_over_its_accepted_set(tmp_path):
    rows = verify.make_ledger(text(PROTOCOL), SEED, units(10), "main.at-once")
    values = [outcome(row["unit"]) for row in rows]
    said = answer(tmp_path, rows, [(row["unit"], y) for row, y in zip(rows, values)])
    brute = Brute(verify.Scheme(text(PROTOCOL), "main.at-once"), rows, 1)
    arms = [brute.by_code(assignment) for _, assignment in brute.accepted]
    assert said["exact"] and said["runs"] == len(arms)
    seen = difference([row["arm"] for row in rows], values, "opal", "jade")
    hits = sum(is_extreme(seen, difference(each, values, "opal", "jade"), 1e-8) for each in arms)
    assert said["pairs"][0]["p"] == pytest.approx(hits / len(arms))


def test_exact_and_sampled_p_values_agree(tmp_path):
    protocol, rows = one_block(4, {"opal": 1, "jade": 1}, 16)
    given = [(row["unit"], outcome(row["unit"]) + (8 if row["arm"] == "opal" else 0)) for row in rows]
    exact = answer(tmp_path, rows, given, protocol=protocol)["pairs"][0]
    sampled = answer(tmp_path, rows, given, "--trials", "20000", protocol=protocol)["pairs"][0]
    assert exact["exact"] and exact["runs"] == 6**4
    assert abs(exact["p"] - sampled["p"]) < 5 * sampled["standard_error"] + 1e-4


def test_where_arms_do_not_differ_p_is_under_five_percent_in_five_percent_of_trials(tmp_path):
    """200 trials of 24 units, outcomes that know nothing of arms; four standard deviations of room."""
    small = 0
    for trial in range(200):
        protocol, rows = one_block(6, {"opal": 1, "jade": 1}, 24)
        rows = verify.make_ledger(text(protocol), hashlib.sha256(b"%d" % trial).digest(), units(24))
        given = [(row["unit"], random.Random(f"{trial} {row['unit']}").gauss(0, 1)) for row in rows]
        small += answer(tmp_path, rows, given, "--trials", "199", protocol=protocol)["pairs"][0]["p"] <= 0.05
    assert abs(small - 10) <= 4 * (200 * 0.05 * 0.95) ** 0.5


def test_a_spreadsheets_decimal_commas_and_gaps_are_read(tmp_path):
    rows = verify.make_ledger(text(PROTOCOL), SEED, units(12), "main.simple")
    with_points = [(row["unit"], f"{i}.5") for i, row in enumerate(rows)]
    with_commas = [(code, value.replace(".", ",")) for code, value in with_points]
    with_commas.append(("W9999", "1"))
    one = answer(tmp_path, rows, with_points, "--trials", "50")
    other = answer(tmp_path, rows, with_commas, "--trials", "50", delimiter=";")
    assert one["pairs"] == other["pairs"] and other["unknown"] == 1
    ran = run(tmp_path, rows, [*with_points[:-2], (rows[-1]["unit"], "NA"), (rows[-2]["unit"], "")], "--csv")
    assert ran.returncode == 0
    assert "2 units without an outcome, left out" in ran.stderr
    assert next(csv.reader(io.StringIO(ran.stdout)))[:3] == ["first", "first_units", "first_mean"]


@pytest.mark.parametrize("options, change, status, says", [
    (["--arms", "opal,quartz"], None, 6, "has no arm quartz"),
    (["--arms", "opal"], None, 6, "two arms"),
    (["--trials", "0"], None, 2, "whole number"),
    (["--side", "left"], None, 2, "two, greater, less"),
    ([], "text", 6, "is no number"),
    ([], "twice", 6, "has an outcome already"),
    ([], "gap", 6, "positions are missing"),
    ([], "nobody", 6, "no unit of the ledger"),
    ([], {"trial": "opals"}, 6, "line 3 of the ledger: it is of another trial"),
    ([], {"method": "permuted-block"}, 6, "line 3 of the ledger: it was allocated by another method"),
])
def test_what_is_wrong_is_said_in_words(tmp_path, options, change, status, says):
    rows = verify.make_ledger(text(PROTOCOL), SEED, units(12), "main.simple")
    given = [(row["unit"], 1) for row in rows]
    if change == "text":
        given[3] = (given[3][0], "many")
    elif change == "twice":
        given.append(given[0])
    elif change == "gap":
        del rows[1]
    elif change == "nobody":
        given = [("X1", 1)]
    elif isinstance(change, dict):
        rows[1] = {**rows[1], **change}
    ran = run(tmp_path, rows, given, *options)
    assert ran.returncode == status, ran.stderr
    assert says in ran.stderr and ran.stdout == ""


def test_a_comparison_that_nobody_randomised_has_nothing_to_run_again(tmp_path):
    rows = verify.make_ledger(text(PROTOCOL), SEED, units(12), "main.neighbours")
    ran = run(tmp_path, rows, [(row["unit"], 1) for row in rows])
    assert ran.returncode == 4 and "nobody randomised" in ran.stderr
