"""`rctctl constrain` says of a table what the Python re-implementation computes from it."""

import csv
import io
import itertools
import json
import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import constrained
from harness import RCTCTL

KEYS = [
    "assignments", "enumerated", "accepted", "cutoff_score", "min", "mean", "sd", "quantiles", "max",
    "always_together", "never_together", "often_together", "seldom_together",
]  # fmt: skip
COLUMNS = ["id", "stratum", "staff", "rate", "index", "sector", "size"]
WORDS = {
    "staff": "staff",
    "rate": "rate",
    "index": "index",
    "sector": "sector:categorical=public/private",
    "size": "size:categorical=small/medium/large",
}
HEX = bytes(range(32)).hex()


def write_table(folder, units):
    path = folder / "units.csv"
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows([unit.get(column, "") for column in COLUMNS] for unit in units)
    return path


def constrain(path, covariates, arms, *options, form="--json"):
    command = [RCTCTL, "constrain", str(path), "--id", "id", "--covariates", covariates, "--arms", arms]
    command += [form] if form else []
    return subprocess.run([*command, *options], capture_output=True, text=True, check=False, timeout=60)


def words_of(covariates):
    """The same covariates as the command line has them."""
    words = []
    for name, covariate in covariates.items():
        word = name
        if covariate["kind"] != "number":
            word += f":{covariate['kind']}={'/'.join(covariate['levels'])}"
        for option in ("weight", "mean", "total"):
            if option in covariate:
                word += f":{option}={covariate[option]}"
        words.append(word)
    return ",".join(words)


def pairs_of(problem, units, accepted, wanted):
    """Pairs in the order of the table whose share of accepted assignments with one arm is wanted."""
    place = {unit["id"]: i for i, unit in enumerate(problem.units)}
    found = []
    for first, second in itertools.combinations([unit["id"] for unit in units], 2):
        a, b = place[first], place[second]
        together = sum(arms[a] == arms[b] for _, arms in accepted)
        if wanted(together, len(accepted)):
            found.append([first, second])
    return found


@pytest.mark.parametrize("name", [name for name, case in constrained.CASES.items() if "stratum" not in case[0][0]])
def test_the_summary_is_that_of_the_second_implementation(name, tmp_path):
    units, covariates, ratio, options = constrained.CASES[name]
    problem = constrained.Problem(units, covariates, ratio, **options)
    sizes = problem.sizes[0]
    ran = constrain(
        write_table(tmp_path, units),
        words_of(covariates),
        ",".join(str(size) for size in sizes),
        *["--metric", problem.metric, "--cutoff", str(problem.accept)],
        *["--enumerate", str(problem.enumerate), "--sample", str(problem.sample)],
        *["--seed", HEX, "--label", "golden/at-once", "--batch", "7"],
    )
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert list(told)[: len(KEYS)] == KEYS

    expected = problem.allocate(constrained.SEED, "golden/at-once", 7)
    for key in ["cutoff_score", "min", "mean", "sd", "max", "score"]:
        assert told[key] == pytest.approx(expected[key], rel=1e-9, abs=1e-9)
    for key in ["assignments", "enumerated", "accepted", "chosen"]:
        assert told[key] == expected[key]
    assert [float(key) for key in told["quantiles"]] == list(constrained.QUANTILES)
    assert list(told["quantiles"].values()) == pytest.approx(expected["quantiles"], rel=1e-9, abs=1e-9)
    arms = {unit["id"]: "ABCDE"[arm] for unit, arm in zip(problem.units, expected["arms"])}
    assert told["assignment"] == [{"id": unit["id"], "arm": arms[unit["id"]]} for unit in units]

    stream = constrained.Stream(constrained.SEED, "golden/at-once", "", 7)
    accepted, _ = problem.solve(stream)
    assert told["always_together"] == pairs_of(problem, units, accepted, lambda n, of: n == of)
    assert told["never_together"] == pairs_of(problem, units, accepted, lambda n, of: n == 0)
    assert told["often_together"] == pairs_of(problem, units, accepted, lambda n, of: n >= 0.75 * of)
    assert told["seldom_together"] == pairs_of(problem, units, accepted, lambda n, of: n <= 0.25 * of)


def test_strata_keep_their_shares(tmp_path):
    units, covariates, ratio, options = constrained.CASES["strata"]
    problem = constrained.Problem(units, covariates, ratio, **options)
    ran = constrain(write_table(tmp_path, units), words_of(covariates), "7,7", "--strata", "stratum", "--seed", HEX)
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told["assignments"] == problem.count() == 600
    assert told["cutoff_score"] == pytest.approx(problem.solve(None)[1]["cutoff_score"], rel=1e-9)
    arm = {row["id"]: row["arm"] for row in told["assignment"]}
    for members, sizes in zip(problem.strata, problem.sizes):
        assert [sum(arm[problem.units[i]["id"]] == name for i in members) for name in "AB"] == sizes


@pytest.fixture(name="table")
def make_table(tmp_path):
    return write_table(tmp_path, constrained.make_units(12, 2))


def test_without_a_seed_nothing_is_drawn(table):
    told = json.loads(constrain(table, "staff,rate", "6,6").stdout)
    assert list(told) == KEYS


def test_the_same_seed_draws_the_same_and_another_batch_another(table):
    drawn = [
        constrain(table, "staff,rate", "first=6,second=6", "--seed", HEX, "--batch", batch, form="--csv").stdout
        for batch in ("1", "1", "2", "3")
    ]
    rows = list(csv.reader(io.StringIO(drawn[0])))
    assert rows[0] == ["id", "arm"]
    assert sorted(row[1] for row in rows[1:]) == ["first"] * 6 + ["second"] * 6
    assert drawn[0] == drawn[1]
    assert len(set(drawn)) > 1


def test_csv_says_the_same_as_json(table):
    told = json.loads(constrain(table, "staff,sector:categorical", "6,6").stdout)
    rows = list(csv.reader(io.StringIO(constrain(table, "staff,sector:categorical", "6,6", form="--csv").stdout)))
    assert rows[0] == ["statistic", "of", "value"]
    plain = {row[0]: row[2] for row in rows[1:] if row[1] == ""}
    assert int(plain["assignments"]) == told["assignments"] and int(plain["accepted"]) == told["accepted"]
    assert float(plain["cutoff_score"]) == pytest.approx(told["cutoff_score"], rel=1e-12)
    assert {row[1]: float(row[2]) for row in rows if row[0] == "quantile"} == pytest.approx(told["quantiles"])
    for key in KEYS[-4:]:
        assert [row[1:] for row in rows if row[0] == key] == told[key]


def test_people_see_the_cut_off_among_the_scores_and_are_warned_of_few_assignments(table):
    ran = constrain(table, "staff,rate,size:ordinal=small/medium/large", "6,6", form=None)
    assert "924 assignments, all that there are" in ran.stdout
    assert ran.stdout.count("------ cut-off ------") == 1
    assert "fewer than 100" in ran.stdout and "Moulton 2004" in ran.stdout
    wide = constrain(table, "staff,rate", "6,6", "--cutoff", "0.5", form=None)
    assert "Moulton" not in wide.stdout


def test_levels_that_are_numbers_stand_by_size(tmp_path):
    path = tmp_path / "units.csv"
    rows = "".join(f"u{i},{level}\n" for i, level in enumerate([2, 10, 2, 10, 9, 9, 2, 10, 2]))
    path.write_text("id,size\n" + rows, encoding="utf-8")
    told = [
        json.loads(constrain(path, covariates, "4,5").stdout)
        for covariates in ("size:categorical", "size:categorical=2/9/10", "size:categorical=10/2/9")
    ]
    assert told[0] == told[1] != told[2]


def test_units_that_are_tied_together_are_listed_with_a_warning(tmp_path):
    units = [{"id": f"W{i}", "staff": staff} for i, staff in enumerate([1, 1000, 1, 1000, 2, 3, 2, 3])]
    ran = constrain(write_table(tmp_path, units), "staff", "4,4", "--cutoff", "0.05", form=None)
    never = ran.stdout.split("Never in one arm\n")[1].split("\n\n")[0]
    assert "  W1 and W3 (0.0 %)" in never.split("\n")
    assert "Bailey and Rowley 1987" in ran.stdout


@pytest.mark.parametrize(
    "covariates, arms, options, status, says",
    [
        ("staff,colour", "6,6", [], 3, "no column `colour'; its columns are: id, stratum, staff"),
        ("sector", "6,6", [], 6, "units.csv:2:"),
        ("sector", "6,6", [], 6, "is no number; write it with a decimal point, or name the column as sector:categorical"),
        ("stratum", "6,6", [], 6, "the value is missing"),
        ("size:categorical=small/large", "6,6", [], 6, "`medium' is none of the levels; the levels given are small, large"),
        ("staff", "6,7", [], 6, "adds up to 13, but"),
        ("staff", "12", [], 2, "two to 26 arms"),
        ("staff", "a=6,a=6", [], 2, "`a' twice"),
        ("staff", "6,six", [], 2, "whole numbers from 1"),
        ("staff:ordinal", "6,6", [], 2, "staff:ordinal=low/mid/high"),
        ("staff:weight=0", "6,6", [], 2, "weight=NUMBER"),
        ("staff:colour=red", "6,6", [], 2, "`colour' is not known behind `staff'"),
        ("staff,staff", "6,6", [], 2, "names `staff' twice"),
        ("staff,", "6,6", [], 2, "an empty name"),
        ("size:categorical=small", "6,6", [], 2, "two levels or more"),
        ("staff:mean=0.000001", "6,6", [], 4, "meets the limits (of all 924 that were scored 0 do)"),
        ("staff", "6,6", ["--cutoff", "0"], 2, "a share over 0"),
        ("staff", "6,6", ["--enumerate", "0"], 2, "--enumerate takes a whole number"),
        ("staff", "6,6", ["--seed", "00"], 6, "64 hex digits"),
        ("staff", "6,6", ["--batch", "0"], 2, "--batch takes a whole number"),
        ("staff", "6,6", ["--strata", "county"], 3, "--strata"),
        ("staff", "6,6", ["--metric", "l3"], 2, "--metric takes one of: l2, l1"),
    ],
)
def test_what_is_wrong_is_said_in_words(table, covariates, arms, options, status, says):
    ran = constrain(table, covariates, arms, *options)
    assert (ran.returncode, ran.stdout) == (status, "")
    assert says in ran.stderr


def test_every_fault_of_a_table_is_told_with_its_line(tmp_path):
    path = tmp_path / "units.csv"
    path.write_text("id,staff,flat\na,12,1\nb,,1\na,twelve,1\n,5,1\n", encoding="utf-8")
    ran = constrain(path, "staff,flat", "2,2")
    assert ran.returncode == 6
    for says in [
        ":1:10: flat: all units have the same value",
        ":3:3: staff: the value is missing",
        ":4:1: id: `a' stands in the table twice",
        ":4:3: staff: `twelve' is no number",
        ":5:1: id: the name is missing",
    ]:
        assert says in ran.stderr


def test_a_table_of_one_unit_is_too_few(tmp_path):
    path = tmp_path / "units.csv"
    path.write_text("id,staff\na,1\n", encoding="utf-8")
    ran = constrain(path, "staff", "1,1")
    assert ran.returncode == 6 and "has 1 units; constrained randomisation takes 2 to 1000" in ran.stderr


def test_the_published_example_of_cvcrand_comes_out():
    """Sixteen counties of Colorado (Dickinson et al. 2015), as the vignette of R's cvcrand prints them.

    Its score is not divided by the arms: with 8 of 16 in each it is 16 times ours.
    """
    published = {
        "min": 1.161107, "0.05": 5.826458, "0.1": 7.638463, "0.2": 10.848749, "0.25": 12.221264, "0.3": 13.839891,
        "0.5": 20.577839, "0.75": 31.620790, "0.95": 55.486080, "max": 116.656181, "mean": 24, "sd": 15.774661,
        "cutoff_score": 7.638463,
    }  # fmt: skip
    covariates = "location:categorical,inciis,uptodate,hispanic,incomecat:categorical"
    command = [RCTCTL, "constrain", str(constrained.HERE / "dickinson.csv"), "--id", "county", "--json"]
    command += ["--covariates", covariates, "--arms", "8,8", "--metric", "l2", "--cutoff", "0.1"]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert (told["assignments"], told["enumerated"], told["accepted"]) == (12870, True, 1288)
    for key, expected in published.items():
        found = told["quantiles"][key] if key in told["quantiles"] else told[key]
        assert found * 16 == pytest.approx(expected, abs=6e-7), key
