"""A ledger leaves the house: 16 clients allocate through two daemons, the ledger is exported, and what it says
is proved without rctd, by rctctl and by a second implementation in plain Python."""
import concurrent.futures
import csv
import hashlib
import io
import json
import os
import random
import re
import subprocess

import harness
import pytest
from world import World, check, key

import verify  # noqa: E402  pylint: disable=wrong-import-position

SCHEMES = {
    "blocks": {"method": "permuted-block", "ratio": {"opal": 2, "jade": 1, "onyx": 1}, "strata": ["sector", "size"],
               "blocks": [4, 8]},
    "coin": {"method": "biased-coin", "ratio": {"opal": 1, "jade": 1}, "p": 0.7, "strata": ["size"]},
    "minimised": {"method": "minimisation", "ratio": {"opal": 1, "jade": 1, "onyx": 1}, "factors": {"sector": 1, "size": 2},
                  "measure": "sd", "p": 0.8},
    "at-once": {"method": "constrained", "ratio": {"opal": 1, "jade": 1}, "factors": {"employees": 1, "sector": 1}},
    "neighbours": {"method": "nonrandom-comparison", "arms": ["jade", "onyx"]},
}
RANDOM = [name for name in SCHEMES if name != "neighbours"]

# JSON is YAML: the Python side reads the same bytes that were locked.
PROTOCOL = json.dumps({
    "trial": "gems", "title": {"en": "Gems at work"}, "registration": "none", "time_zone": "Europe/Stockholm",
    "languages": ["en"],
    "workplace": {
        "identifiers": {"number": {"type": "pattern", "pattern": "^[0-9]{6}$", "required": True}},
        "attributes": {
            "sector": {"levels": ["public", "private"]},
            "employees": {"type": "integer", "min": 1, "max": 100000},
            "size": {"from": "employees", "bands": {"1-9": [1, 9], "10-49": [10, 49], "50-249": [50, 249],
                                                    "250-": [250, 100000]}},
            "county": {"levels": ["north", "south"]},
        },
    },
    "arms": {arm: {"label": {"en": arm.title()}} for arm in ("opal", "jade", "onyx")},
    "phases": {"main": {"target": {"workplaces": 500},
                        "schemes": {name: {"unit": "workplace", **scheme} for name, scheme in SCHEMES.items()}}},
}, indent=1)


def rctctl(world, *words, role="statistician"):
    return world.rctctl(role, *words)


@pytest.fixture(scope="module")
def full(cluster):
    """Allocations by 16 clients at once, of every scheme, in an order that chance decides."""
    with World(cluster, protocol=PROTOCOL) as world:
        codes = world.workplaces(96)
        daemons = [world.daemon, world.another()]
        asked = [(code, f"main.{name}", daemon) for i, code in enumerate(codes)
                 for name, daemon in zip(("blocks", "coin", "minimised"), (daemons[i % 2],) * 3)]
        random.Random(3).shuffle(asked)
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            for answer in pool.map(lambda each: world.allocate(each[0], each[1], daemon=each[2]), asked):
                check(answer, 201)
        for part in (codes[:14], codes[14:26]):
            check(world.post("coordinator", f"{world.path}/allocations/batch", {"scheme": "main.at-once", "units": part}), 201)
        for code in codes[:5]:
            check(world.post("coordinator", f"{world.path}/allocations",
                             {"workplace": code, "scheme": "main.neighbours", "arm": "jade", "reason": "Next door"}), 201)
        yield world


@pytest.fixture(scope="module")
def export(full, tmp_path_factory):
    folder = tmp_path_factory.mktemp("export")
    done = rctctl(full, "ledger", "export", "gems", "--out", str(folder / "ledger.csv"))
    assert done.returncode == 0, done.stderr
    (folder / "protocol.yaml").write_text(PROTOCOL, encoding="utf-8")
    listing = rctctl(full, "--json", "scheme", "list", "gems", role="auditor")
    (folder / "schemes.json").write_text(listing.stdout, encoding="utf-8")
    return folder, done


def test_the_export_is_whole_and_in_its_order(full, export):
    folder, done = export
    text = (folder / "ledger.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert text.splitlines()[0] == ",".join(verify.COLUMNS)
    order = [(row["scheme"].encode(), row["stratum"].encode(), int(row["position"])) for row in rows]
    assert order == sorted(order)
    assert sorted((row["scheme"], row["stratum"], int(row["position"]), row["arm"]) for row in rows) == sorted(
        (row[0], row[1], int(row[2]), row[3]) for row in full.ledger())
    assert {row["kind"] for row in rows} == {"workplace"}
    assert {row["method"] for row in rows} == {scheme["method"] for scheme in SCHEMES.values()}
    assert all(row["key"] and row["allocated_by"] == "coordinator" for row in rows)
    assert all(re.fullmatch(r"([0-9a-f]{4}-){3}[0-9a-f]{4}", row["receipt"]) for row in rows)
    assert f"{len(rows)} allocations of gems, SHA-256 {hashlib.sha256(text.encode()).hexdigest()}" in done.stderr
    for item in full.items("auditor", f"{full.path}/schemes"):
        assert item["commitment"] in done.stderr
    assert os.stat(folder / "ledger.csv").st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", RANDOM)
def test_what_16_clients_were_given_is_proved_twice_without_the_daemon(full, export, name):
    folder, _ = export
    seed = full.seed(f"main.{name}")
    done = subprocess.run(
        [harness.RCTCTL, "verify", "--seed", seed, "--protocol", str(folder / "protocol.yaml"), "--ledger",
         str(folder / "ledger.csv"), "--commitment", f"@{folder / 'schemes.json'}"],
        capture_output=True, text=True, check=False, env={"PATH": "/usr/bin"})
    assert done.returncode == 0, done.stderr
    count = 26 if name == "at-once" else 96
    assert f"{count} allocations of main.{name}: all as the seed gives them" in done.stdout
    assert "as it was published" in done.stdout
    assert "5 more rows in the ledger: not randomised" in done.stdout
    ledger = (folder / "ledger.csv").read_text(encoding="utf-8")
    assert verify.verify(PROTOCOL.encode(), bytes.fromhex(seed), ledger, f"main.{name}") == []


def test_a_change_in_a_real_ledger_is_found(full, export, tmp_path):
    folder, _ = export
    lines = (folder / "ledger.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    at = next(i for i, line in enumerate(lines) if ",main.minimised," in line) + 40
    other = "jade" if ",opal," in lines[at] else "opal"
    lines[at] = re.sub(",(opal|jade|onyx),", f",{other},", lines[at], count=1)
    (tmp_path / "ledger.csv").write_text("".join(lines), encoding="utf-8")
    seed = full.seed("main.minimised")
    done = subprocess.run(
        [harness.RCTCTL, "verify", "--seed", seed, "--protocol", str(folder / "protocol.yaml"), "--ledger",
         str(tmp_path / "ledger.csv"), "--scheme", "main.minimised"], capture_output=True, text=True, check=False)
    assert done.returncode == 8
    assert f"line {at + 1}, position 41: the ledger has arm {other}, the seed gives" in done.stderr
    assert "that is the only difference" in done.stderr


def test_an_export_of_one_scheme_has_no_other(full, tmp_path):
    done = rctctl(full, "ledger", "export", "gems", "--scheme", "main.coin", role="auditor")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert len(rows) == 96 and {row["scheme"] for row in rows} == {"main.coin"}
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("role", ["coordinator", "researcher", "trial-manager", "administrator"])
def test_who_may_not_know_gets_no_file(full, tmp_path, role):
    done = rctctl(full, "ledger", "export", "gems", "--out", str(tmp_path / "ledger.csv"), role=role)
    assert done.returncode == 5, done
    assert done.stdout == "" and list(tmp_path.iterdir()) == []
    assert not re.search("opal|jade|onyx|permuted", done.stderr)


def test_a_file_that_is_there_stays_until_the_new_one_is_whole(full, tmp_path):
    (tmp_path / "ledger.csv").write_text("before", encoding="utf-8")
    done = rctctl(full, "ledger", "export", "nothing", "--out", str(tmp_path / "ledger.csv"))
    assert done.returncode == 5
    assert [path.name for path in tmp_path.iterdir()] == ["ledger.csv"]
    assert (tmp_path / "ledger.csv").read_text(encoding="utf-8") == "before"
    assert rctctl(full, "ledger", "export", "gems", "--out", str(tmp_path / "no" / "ledger.csv")).returncode == 1


def test_pages_by_position_have_every_row_once(full):
    path = f"{full.path}/allocations?order=position"
    seen, after = [], ""
    while True:
        page = check(full.get("statistician", f"{path}&limit=7{after}"))
        seen += [(item["scheme"], item["stratum"], item["position"]) for item in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert len(seen) == len(set(seen)) == len(full.ledger())
    per_stratum = {}
    for scheme, stratum, position in seen:
        per_stratum.setdefault((scheme, stratum), []).append(position)
    assert all(positions == list(range(1, len(positions) + 1)) for positions in per_stratum.values())
    assert full.get("researcher", path).status == 403
    assert full.get("statistician", f"{full.path}/allocations?order=moon").status == 422
    assert full.get("statistician", f"{path}&after={key()}").status in (400, 422)


def test_the_coordinators_list_has_keys_and_no_method(full):
    items = full.items("coordinator", f"{full.path}/allocations")
    assert all(item["key"] and item["kind"] == "workplace" for item in items)
    assert not any("method" in item or "decision" in item for item in items)
    blinded = full.items("researcher", f"{full.path}/allocations")
    assert not any("key" in item or "arm" in item for item in blinded)


def test_a_real_ledger_is_tested_by_randomising_again(full, export, tmp_path):
    folder, _ = export
    rows = list(csv.DictReader(io.StringIO((folder / "ledger.csv").read_text(encoding="utf-8"))))
    for name in RANDOM:
        units = [row for row in rows if row["scheme"] == f"main.{name}"]
        (tmp_path / "outcome.csv").write_text("workplace,y\n" + "".join(
            f"{row['unit']},{10 * (row['arm'] == 'opal') + random.Random(row['unit']).gauss(0, 1)}\n" for row in units),
            encoding="utf-8")
        done = subprocess.run(
            [harness.RCTCTL, "rerandomise", "--json", "--protocol", str(folder / "protocol.yaml"), "--ledger",
             str(folder / "ledger.csv"), "--scheme", f"main.{name}", "--outcome", str(tmp_path / "outcome.csv"), "--id",
             "workplace", "--value", "y", "--arms", "opal,jade", "--trials", "999"], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        (pair,) = json.loads(done.stdout)["pairs"]
        assert pair["p"] < 0.01 and 8 < pair["difference"] < 12
    assert full.seed("main.coin") not in done.stdout
