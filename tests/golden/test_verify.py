"""`rctctl verify` and the Python verification say the same of the same ledgers: right ones, which the Python
side makes from a seed, and damaged ones. For every method."""

import copy
import json
import os
import re
import subprocess
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import verify
from allocation import commitment
from harness import RCTCTL
from ledgers import PROTOCOL, SCHEMES, SEED, text, units


OTHER_SEED = bytes(range(32, 64))


RANDOM = [name for name in SCHEMES if name != "neighbours"]


def ledger_of(name):
    protocol = text(PROTOCOL)
    count = 14 if SCHEMES[name]["method"] == "constrained" else 60
    return verify.make_ledger(protocol, SEED, units(count), f"main.{name}")


def run(folder, name, rows, seed=SEED, protocol=PROTOCOL, more=()):
    """What rctctl says, and what Python says, of one ledger."""
    (folder / "ledger.csv").write_text(verify.write_ledger(rows), encoding="utf-8")
    (folder / "protocol.yaml").write_bytes(text(protocol))
    ran = subprocess.run(
        [RCTCTL, "verify", "--json", "--seed", seed.hex(), "--protocol", str(folder / "protocol.yaml"), "--ledger",
         str(folder / "ledger.csv"), "--scheme", f"main.{name}", *more],
        capture_output=True, text=True, check=False)
    said = json.loads(ran.stdout) if ran.stdout else None
    mine = verify.verify(text(protocol), seed, verify.write_ledger(rows), f"main.{name}")
    return ran, said, mine


def assert_agree(said, mine):
    theirs = [(f["line"], f["fault"], f["stratum"], f["position"]) for f in said["findings"]]
    assert theirs == [found[:4] for found in mine][:100]
    assert said["differences"] == len(mine)


@pytest.mark.parametrize("name", SCHEMES)
def test_a_right_ledger_is_right_for_both(tmp_path, name):
    rows = ledger_of(name)
    ran, said, mine = run(tmp_path, name, rows)
    assert ran.returncode == 0, ran.stderr
    assert mine == [] and said["whole"] and said["differences"] == 0
    assert said["allocations"] == len(rows)
    assert sum(sum(stratum["arms"].values()) for stratum in said["strata"]) == len(rows)
    assert said["not_randomised"] == (len(rows) if name == "neighbours" else 0)


def change_arm(rows):
    row = rows[len(rows) // 2]
    arms = {"opal", "jade", "onyx"} & {other["arm"] for other in rows}
    row["arm"] = min(arms - {row["arm"]})


def swap_positions(rows):
    """Two rows of one stratum change places, and so units; each keeps its decision."""
    at = next(i for i in range(3, len(rows) - 1) if rows[i]["stratum"] == rows[i + 1]["stratum"])
    rows[at]["position"], rows[at + 1]["position"] = rows[at + 1]["position"], rows[at]["position"]
    rows[at], rows[at + 1] = rows[at + 1], rows[at]


def remove_row(rows):
    del rows[5]


def repeat_row(rows):
    rows.insert(6, dict(rows[5]))


def repeat_unit(rows):
    rows[7]["unit"] = rows[2]["unit"]


def move_row_back(rows):
    rows.insert(3, rows.pop(4))


def change_decision(rows):
    text_before = rows[4]["decision"]
    changed = re.sub(r"[0-9]", lambda digit: str((int(digit[0]) + 1) % 10), text_before, count=1)
    rows[4]["decision"] = changed.replace("Chosen by the employer", "")


def change_kind(rows):
    rows[1]["kind"] = "participant"


def change_method(rows):
    rows[1]["method"] = "simple-minded"


def change_version(rows):
    rows[0]["protocol_version"] = "2"


def change_stratum(rows):
    rows[-1]["stratum"] += "|moon=full"


DAMAGES = [change_arm, swap_positions, remove_row, repeat_row, repeat_unit, move_row_back, change_decision, change_kind,
           change_method, change_version, change_stratum]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("name", SCHEMES)
def test_a_damaged_ledger_is_found_out_by_both_at_the_same_row(tmp_path, name, damage):
    rows = ledger_of(name)
    damage(rows)
    ran, said, mine = run(tmp_path, name, rows)
    if name == "neighbours" and damage in (change_arm, swap_positions):
        assert_agree(said, mine)
        return
    assert mine, "the damage is none"
    assert ran.returncode == 8, ran.stderr
    assert not said["whole"]
    assert_agree(said, mine)
    assert f"line {mine[0][0]}," in ran.stderr
    others = len(mine) - 1
    assert ("that is the only difference" in ran.stderr) == (others == 0)
    assert others == 0 or f"{others} other" in ran.stderr


def test_the_first_difference_is_told_in_words(tmp_path):
    rows = ledger_of("blocks")
    right = rows[30]["arm"]
    change_arm(rows)
    ran, _, _ = run(tmp_path, "blocks", rows)
    stratum, position, wrong = rows[30]["stratum"], rows[30]["position"], rows[30]["arm"]
    assert (f"main.blocks, line 32, {stratum}, position {position}: the ledger has arm {wrong}, the seed gives {right}"
            in ran.stderr)


@pytest.mark.parametrize("name", RANDOM)
def test_another_protocol_gives_other_arms_to_both(tmp_path, name):
    rows = ledger_of(name)
    changed = copy.deepcopy(PROTOCOL)
    scheme = changed["phases"]["main"]["schemes"][name]
    scheme["ratio"] = {arm: 1 for arm in reversed(scheme["ratio"])}
    changed["arms"] = dict(reversed(PROTOCOL["arms"].items()))
    if "blocks" in scheme:
        scheme["blocks"] = [6, 3]
    if "size" in scheme:
        scheme["size"] = 6
    if name == "skewed":
        scheme["form"] = "plain"
    ran, said, mine = run(tmp_path, name, rows, protocol=changed)
    assert mine and ran.returncode == 8
    assert_agree(said, mine)


@pytest.mark.parametrize("name", RANDOM)
def test_a_wrong_seed_is_told_as_one_by_its_commitment(tmp_path, name):
    rows = ledger_of(name)
    published = commitment(SEED, f"gems/main.{name}", text(PROTOCOL))
    assert run(tmp_path, name, rows, more=("--commitment", published))[0].returncode == 0
    ran, said, _ = run(tmp_path, name, rows, seed=OTHER_SEED, more=("--commitment", published))
    assert ran.returncode == 8 and said is None
    assert "not the seed that was committed to" in ran.stderr and published in ran.stderr


@pytest.mark.parametrize("name", RANDOM)
def test_both_find_the_same_differences_with_a_wrong_seed_that_nobody_committed_to(tmp_path, name):
    ran, said, mine = run(tmp_path, name, ledger_of(name), seed=OTHER_SEED)
    assert mine and ran.returncode == 8
    assert_agree(said, mine)


def test_a_wrong_seed_is_suspected_without_a_commitment(tmp_path):
    ran, _, _ = run(tmp_path, "blocks", ledger_of("blocks"), seed=OTHER_SEED)
    assert "probably not the seed of main.blocks" in ran.stderr
    assert commitment(OTHER_SEED, "gems/main.blocks", text(PROTOCOL)) in ran.stderr


def test_the_listing_of_schemes_says_whose_seed_it_is(tmp_path):
    """The ledger has two schemes; the published commitments tell which of them the seed belongs to."""
    both = ledger_of("blocks") + ledger_of("urn")
    listing = [{"scheme": "main.blocks", "commitment": commitment(OTHER_SEED, "gems/main.blocks", text(PROTOCOL))},
               {"scheme": "main.urn", "commitment": commitment(SEED, "gems/main.urn", text(PROTOCOL))}]
    (tmp_path / "schemes.json").write_text(json.dumps(listing), encoding="utf-8")
    (tmp_path / "ledger.csv").write_text(verify.write_ledger(both), encoding="utf-8")
    (tmp_path / "protocol.yaml").write_bytes(text(PROTOCOL))
    command = [RCTCTL, "verify", "--seed", SEED.hex(), "--protocol", str(tmp_path / "protocol.yaml"), "--ledger",
               str(tmp_path / "ledger.csv"), "--commitment", f"@{tmp_path / 'schemes.json'}"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "60 allocations of main.urn: all as the seed gives them" in ran.stdout
    assert "60 rows of other schemes" in ran.stdout and "as it was published" in ran.stdout
    ran = subprocess.run([*command, "--scheme", "main.blocks"], capture_output=True, text=True, check=False)
    assert ran.returncode == 8 and "This is the seed of scheme main.urn, not of main.blocks" in ran.stderr


@pytest.mark.parametrize(
    "damaged, says",
    [
        ("", "no ledger"),
        ("position,arm\n1,opal\n", "no ledger"),
        (",".join(verify.COLUMNS) + "\ngems,main.urn,,1\n", "fewer cells"),
        (",".join(verify.COLUMNS) + "\n" + "x," * 15 + "x\n", "more cells"),
        (",".join(verify.COLUMNS) + "\ngems,main.urn,,zero,W1,workplace,opal,main,1,urn,{},,,,\n", "ledger.csv:2:16"),
    ],
)
def test_a_file_that_is_no_ledger_is_refused_with_its_line(tmp_path, damaged, says):
    (tmp_path / "ledger.csv").write_text(damaged, encoding="utf-8")
    (tmp_path / "protocol.yaml").write_bytes(text(PROTOCOL))
    ran = subprocess.run(
        [RCTCTL, "verify", "--seed", SEED.hex(), "--protocol", str(tmp_path / "protocol.yaml"), "--ledger",
         str(tmp_path / "ledger.csv"), "--scheme", "main.urn"], capture_output=True, text=True, check=False)
    assert ran.returncode == 6
    assert says in ran.stderr


def test_a_ledger_that_a_spreadsheet_saved_is_read_too(tmp_path):
    rows = verify.write_ledger(ledger_of("blocks")).replace("\n", "\r\n")
    (tmp_path / "ledger.csv").write_text("\ufeff" + rows, encoding="utf-8", newline="")
    (tmp_path / "protocol.yaml").write_bytes(text(PROTOCOL))
    ran = subprocess.run(
        [RCTCTL, "verify", "--csv", "--seed", SEED.hex(), "--protocol", str(tmp_path / "protocol.yaml"), "--ledger",
         str(tmp_path / "ledger.csv")], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[0] == "stratum,allocations,arms.opal,arms.jade,arms.onyx,differences"
