"""`rctctl sequence` prints what the Python re-implementation computes from the same protocol and seed."""

import csv
import io
import itertools
import json
import os
import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import allocation
import vectors
from harness import RCTCTL, ROOT

PROTOCOL = os.path.join(ROOT, "etc/protocols/work-together.yaml")
SEED = vectors.SEED
ARMS = {"updated": 1, "existing": 1, "control": 1}


def sequence(*options, before=(), protocol=PROTOCOL):
    command = [RCTCTL, *before, "sequence", "--protocol", protocol, *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def printed_arms(text):
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == ["position", "arm"]
    assert [int(row[0]) for row in rows[1:]] == list(range(1, len(rows)))
    return [row[1] for row in rows[1:]]


@pytest.mark.parametrize("sector", ["public", "private"])
@pytest.mark.parametrize("size", ["10-49", "50-249"])
def test_every_stratum_of_the_rct_is_that_of_the_second_implementation(sector, size):
    stratum = f"sector={sector}|size={size}"
    ran = sequence("--seed", SEED.hex(), "--scheme", "rct", "--stratum", stratum, "--count", "500", "--csv")
    assert ran.returncode == 0, ran.stderr
    expected = allocation.permuted_blocks(SEED, "work-together/rct", stratum, ARMS, [3, 6])
    assert printed_arms(ran.stdout) == list(itertools.islice(expected, 500))


def test_a_scheme_without_strata_needs_no_stratum():
    ran = sequence("--seed", SEED.hex(), "--scheme", "feasibility", "--count", "30", before=["--csv"])
    assert ran.returncode == 0, ran.stderr
    expected = allocation.permuted_blocks(SEED, "work-together/feasibility", "", ARMS, [6])
    assert printed_arms(ran.stdout) == list(itertools.islice(expected, 30))


def design_protocol(number, method, ratio, parameters, strata):
    """The text of a protocol with one scheme, of that design."""
    arms = range(len(ratio.split(":")))
    lines = ["trial: golden", "title: Golden", "time_zone: UTC", "languages: [en]", "workplace:", "  attributes:"]
    lines += ["    sector: {levels: [public, private]}"]
    lines += [f"    site: {{levels: [{', '.join(f's{i}' for i in range(12))}]}}", "arms:"]
    lines += [f"  arm{i}: {{label: Arm}}" for i in arms]
    scheme = {"unit": "workplace", "method": method}
    scheme["ratio"] = "{" + ", ".join(f"arm{arm}: {share}" for arm, share in vectors.shares(ratio).items()) + "}"
    factors = [part.split("=")[0] for part in strata[0].split("|") if part]
    if factors:
        scheme["strata"] = f"[{', '.join(factors)}]"
    for name, value in parameters.items():
        scheme[name] = {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
    lines += ["phases:", f"  d{number}:", "    scheme:"]
    return "\n".join(lines + [f"      {name}: {value}" for name, value in scheme.items()]) + "\n"


@pytest.mark.parametrize("number", range(len(vectors.DESIGNS)))
def test_every_method_gives_the_arms_of_the_second_implementation(tmp_path, number):
    method, ratio, parameters = vectors.DESIGNS[number]
    text = (vectors.HERE / "designs.csv").read_text(encoding="utf-8")
    rows = [row for row in csv.reader(io.StringIO(text)) if row[0] == str(number)]
    path = tmp_path / "protocol.yaml"
    path.write_text(design_protocol(number, method, ratio, parameters, [row[4] for row in rows]))
    for row in rows:
        stratum = ["--stratum", row[4]] if row[4] else []
        options = ["--seed", SEED.hex(), "--scheme", f"d{number}", *stratum, "--count", str(vectors.POSITIONS), "--csv"]
        ran = sequence(*options, protocol=path)
        assert ran.returncode == 0, ran.stderr
        assert printed_arms(ran.stdout) == [f"arm{arm}" for arm in row[5].split()]


@pytest.mark.parametrize(
    "scheme, says",
    [
        ("minimised", "depends on the units that were allocated before"),
        ("at-once", "allocated at once"),
        ("neighbours", "not random"),
    ],
)
def test_a_method_without_a_sequence_says_why(scheme, says):
    protocol = os.path.join(ROOT, "tests/golden/protocol/every-method.yaml")
    ran = sequence("--seed", SEED.hex(), "--scheme", f"main.{scheme}", "--count", "1", protocol=protocol)
    assert ran.returncode == 4
    assert says in ran.stderr and scheme in ran.stderr
    assert ran.stdout == ""


@pytest.mark.parametrize("content", [SEED, SEED.hex().encode(), SEED.hex().upper().encode() + b"\n"])
def test_a_seed_can_stay_out_of_the_command_line(tmp_path, content):
    (tmp_path / "seed").write_bytes(content)
    options = ["--scheme", "feasibility", "--count", "6", "--csv"]
    ran = sequence("--seed", f"@{tmp_path / 'seed'}", *options)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == sequence("--seed", SEED.hex(), *options).stdout


def test_json_says_the_same_as_csv():
    options = ["--seed", SEED.hex(), "--scheme", "feasibility", "--count", "12"]
    rows = json.loads(sequence(*options, "--json").stdout)
    assert [row["position"] for row in rows] == list(range(1, 13))
    assert [row["arm"] for row in rows] == printed_arms(sequence(*options, "--csv").stdout)


@pytest.mark.parametrize(
    "changed, status, says",
    [
        ({"--seed": "00"}, 2, "64 hex digits"),
        ({"--seed": "@/nowhere/seed"}, 3, "/nowhere/seed"),
        ({"--scheme": "main"}, 3, "feasibility, rct"),
        ({"--stratum": "sector=public"}, 2, "sector=public|size=10-49"),
        ({"--stratum": "size=10-49|sector=public"}, 2, "sector=public|size=10-49"),
        ({"--scheme": "feasibility"}, 2, "has no strata"),
        ({"--count": "0"}, 2, "whole number"),
        ({"--count": "many"}, 2, "whole number"),
        ({"--protocol": "/nowhere.yaml"}, 3, "/nowhere.yaml"),
    ],
)
def test_what_is_wrong_is_said_in_words(changed, status, says):
    options = {
        "--seed": SEED.hex(),
        "--scheme": "rct",
        "--stratum": "sector=public|size=10-49",
        "--count": "3",
        **changed,
    }
    protocol = options.pop("--protocol", PROTOCOL)
    ran = sequence(*itertools.chain.from_iterable(options.items()), protocol=protocol)
    assert ran.returncode == status
    assert says in ran.stderr
    assert ran.stdout == ""
