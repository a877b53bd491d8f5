"""rctctl simulate: figures that can be held against published ones, and plots that can be printed."""
import csv
import io
import json
import math
import struct
import xml.etree.ElementTree
import zlib

import pytest

PROTOCOL = "etc/protocols/work-together.yaml"
FIGURES = ["correct_guess", "deterministic", "final_sd", "final_abs", "max_abs"]


def simulate(rctctl, *arguments):
    done = rctctl("--json", "simulate", *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("half", [1, 2, 3, 4, 5, 20])
def test_a_block_is_as_predictable_as_blackwell_and_hodges_say(rctctl, half):
    found = simulate(rctctl, "--method", "permuted-block", "--blocks", str(2 * half), "--n", str(2 * half * 10))
    wanted = (half + 4 ** half / (2 * math.comb(2 * half, half)) - 0.5) / (2 * half)
    assert found["correct_guess"] == pytest.approx(wanted, abs=1e-9)
    assert found["final_sd"] == found["final_abs"] == 0
    assert found["exact"] is True and "standard_error" not in found


def test_simple_randomisation_is_a_walk_of_coin_flips(rctctl):
    found = simulate(rctctl, "--method", "simple", "--n", "1000")
    assert found["correct_guess"] == pytest.approx(0.5, abs=1e-9)
    assert found["final_sd"] == pytest.approx(math.sqrt(1000), abs=1e-7)
    assert found["final_abs"] == pytest.approx(1000 * math.comb(1000, 500) / 2 ** 1000, abs=1e-7)


def test_three_arms_of_a_large_trial_are_exact_where_nothing_holds_them_together(rctctl):
    found = simulate(rctctl, "--method", "simple", "--ratio", "1:1:1", "--n", "600")
    assert found["exact"] is True
    assert found["correct_guess"] == pytest.approx(1 / 3, abs=1e-9)
    assert found["final_sd"] == pytest.approx(math.sqrt(400), abs=1e-6)


@pytest.mark.parametrize("arguments, figures", [
    # Efron's coin settles at P(0) = 1/2, P(2) = 3/8, ...: mean size 4/3, variance 40/9.
    (["biased-coin", "--p", "2/3"], {"final_abs": 4 / 3, "final_sd": math.sqrt(40 / 9), "deterministic": 0}),
    # The big stick of 3 at even times: 1/3 each of -2, 0, 2.
    (["big-stick", "--limit", "3"], {"final_abs": 4 / 3, "final_sd": math.sqrt(8 / 3), "max_abs": 3}),
    (["permuted-block", "--blocks", "4"], {"correct_guess": 17 / 24, "deterministic": 1 / 3, "max_abs": 2}),
    (["permuted-block", "--blocks", "2"], {"correct_guess": 0.75, "deterministic": 0.5, "max_abs": 1}),
    (["urn", "--alpha", "0", "--beta", "1"], {"final_sd": math.sqrt(1000 / 3), "deterministic": 0.001}),
    (["maximal", "--limit", "1"], {"correct_guess": 0.75, "deterministic": 0.5, "max_abs": 1}),
    (["block-urn", "--size", "2"], {"correct_guess": 0.75, "deterministic": 0.5, "max_abs": 1}),
    (["biased-coin-limit", "--limit", "3", "--p", "0.5"], {"final_abs": 4 / 3, "final_sd": math.sqrt(8 / 3)}),
])
def test_published_figures_are_met_exactly(rctctl, arguments, figures):
    found = simulate(rctctl, "--method", *arguments, "--n", "1000")
    assert found["exact"] is True
    for name, value in figures.items():
        assert found[name] == pytest.approx(value, abs=1e-9), name


def test_a_simulation_agrees_with_what_is_exact_and_says_how_sure_it_is(rctctl):
    design = ["--method", "permuted-block", "--blocks", "4,6", "--ratio", "1:1", "--n", "47"]
    exact = simulate(rctctl, *design)
    simulated = simulate(rctctl, *design, "--simulate", "--trials", "20000", "--seed", "11")
    assert simulated["exact"] is False
    assert (simulated["trials"], simulated["seed"]) == (20000, 11)
    for name in FIGURES:
        error = simulated["standard_error"][name]
        assert 0 < error < 0.02
        assert abs(simulated[name] - exact[name]) < 5 * error
    again = simulate(rctctl, *design, "--simulate", "--trials", "20000", "--seed", "11")
    other = simulate(rctctl, *design, "--simulate", "--trials", "20000", "--seed", "12")
    assert simulated == again != other


def test_more_arms_and_unequal_ratios_have_exact_figures_too(rctctl):
    three = simulate(rctctl, "--method", "permuted-block", "--blocks", "3", "--ratio", "1:1:1", "--n", "30")
    # Of a block of three: a third, then a half, then all.
    assert three["correct_guess"] == pytest.approx((1 / 3 + 1 / 2 + 1) / 3, abs=1e-12)
    assert three["deterministic"] == pytest.approx(1 / 3, abs=1e-12)
    two = simulate(rctctl, "--method", "permuted-block", "--blocks", "3", "--ratio", "2:1", "--n", "300")
    # A tie: half. BAA: A, A sure. ABA: B is behind, right; A sure. AAB: B is behind, wrong; B right.
    assert two["correct_guess"] == pytest.approx((0.5 + 2 / 3 + 1) / 3, abs=1e-12)
    assert two["exact"] and two["final_sd"] == 0


def test_minimisation_tells_of_each_factor(rctctl):
    found = simulate(rctctl, "--method", "minimisation", "--factors", "sex=0.7/0.3,age=1/1/1:weight=2", "--p", "0.9",
                     "--n", "60", "--trials", "3000")
    assert [(factor["factor"], factor["levels"]) for factor in found["factors"]] == [("sex", 2), ("age", 3)]
    heavy = found["factors"][1]
    assert 0 < heavy["final_abs"] < heavy["max_abs"] < 8
    assert heavy["standard_error"]["final_abs"] > 0
    assert found["exact"] is False
    by_levels = simulate(rctctl, "--method", "minimisation", "--levels", "2,3", "--p", "0.9", "--n", "60",
                         "--trials", "3000")
    assert [factor["levels"] for factor in by_levels["factors"]] == [2, 3]


def test_strata_and_their_sizes_make_the_whole_trial_less_even(rctctl):
    design = ["--method", "permuted-block", "--blocks", "4", "--n", "40", "--trials", "5000"]
    even = simulate(rctctl, *design, "--strata", "8")
    assert even["strata"]["final_abs"] == 1 and even["strata"]["count"] == 8
    assert even["final_sd"] == pytest.approx(math.sqrt(8), rel=0.05)
    shares = simulate(rctctl, *design, "--pattern", "4,2,1")
    assert (shares["strata"]["count"], shares["strata"]["pattern"]) == (3, "shares")
    random = simulate(rctctl, *design, "--strata", "8", "--pattern", "random")
    assert random["strata"]["pattern"] == "random" and random["exact"] is False


def test_a_protocols_schemes_are_shown_at_their_targets(rctctl):
    both = simulate(rctctl, "--protocol", PROTOCOL, "--trials", "2000")
    assert [found["design"].split()[0] for found in both] == ["feasibility", "rct"]
    one = simulate(rctctl, "--protocol", PROTOCOL, "--scheme", "rct", "--strata", "1")
    assert one["exact"] is True and one["n"] == both[1]["n"]
    beside = simulate(rctctl, "--protocol", PROTOCOL, "--scheme", "rct", "--strata", "1", "--compare",
                      "block-urn:size=6")
    assert beside[1]["design"] == "block-urn size=6 ratio=1:1:1"
    assert beside[1]["n"] == one["n"]
    in_strata = simulate(rctctl, "--protocol", PROTOCOL, "--compare", "simple", "--compare",
                         "minimisation:levels=2,2:p=0.8", "--trials", "500")
    assert [found["design"].split()[0] for found in in_strata] == ["feasibility", "rct", "simple", "minimisation"]
    assert in_strata[2]["strata"]["count"] == both[1]["strata"]["count"] == 4
    assert in_strata[2]["n"] == in_strata[3]["n"] == both[1]["n"] and "strata" not in in_strata[3]


def test_designs_stand_side_by_side_in_every_form(rctctl):
    designs = ["--n", "50", "--compare", "permuted-block:ratio=2:1:blocks=3,6", "--compare",
               "maximal:limit=3:balanced-end:length=50", "--compare", "minimisation:levels=2,2:p=0.8", "--trials", "500"]
    found = simulate(rctctl, *designs)
    assert [row["design"] for row in found] == [
        "permuted-block ratio=2:1 blocks=3,6", "maximal limit=3 balanced-end length=50",
        "minimisation levels=2,2 p=0.8"]
    done = rctctl("--csv", "simulate", *designs)
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["part"] for row in rows] == ["trial", "trial", "trial", "factor 1", "factor 2"]
    assert float(rows[0]["correct_guess"]) == pytest.approx(found[0]["correct_guess"], abs=1e-12)
    assert float(rows[2]["standard_error.max_abs"]) == pytest.approx(found[2]["standard_error"]["max_abs"], abs=1e-12)
    table = rctctl("simulate", *designs).stdout
    assert "±" in table and "within levels of factor 2" in table and "500 trials" in table and " exact" in table


@pytest.mark.parametrize("arguments, said", [
    (["--method", "big-stick", "--n", "10"], "the method big-stick needs --limit"),
    (["--method", "big-stick", "--limit", "0", "--n", "10"], "--limit cannot be `0': give a whole number from 1 to"),
    (["--method", "simple", "--blocks", "4", "--n", "10"], "--blocks means nothing to the method simple"),
    (["--method", "permuted-block", "--blocks", "4,5", "--n", "10"], "a block's size is a multiple of 2"),
    (["--method", "permuted-block", "--blocks", "4;6", "--n", "10"], "--blocks cannot be `4;6'"),
    (["--method", "permuted-blok", "--n", "10"], "did you mean `permuted-block`?"),
    (["--method", "constrained", "--n", "10"], "there is no method `constrained' to simulate"),
    (["--method", "big-stick", "--limit", "3", "--ratio", "2:1", "--n", "10"], "for two arms in equal numbers"),
    (["--method", "biased-coin", "--p", "0.3", "--n", "10"], "the arm that is behind is given 0.5 to 1"),
    (["--method", "biased-coin", "--p", "2/x", "--n", "10"], "--p cannot be `2/x': give a number such as 0.667, or 2/3"),
    (["--method", "simple", "--ratio", "2", "--n", "10"], "a number for each of two arms or more"),
    (["--method", "simple"], "--n is missing"),
    (["--method", "simple", "--n", "0"], "--n cannot be `0'"),
    (["--method", "simple", "--n", "5", "--trials", "1"], "--trials cannot be `1'"),
    (["--method", "minimisation", "--p", "0.8", "--n", "10"], "--levels 2,3 or --factors"),
    (["--method", "minimisation", "--levels", "2,1", "--p", "0.8", "--n", "10"], "a factor has 2 to 100 levels"),
    (["--method", "minimisation", "--levels", "2,3", "--n", "10"], "needs --p, or --ranked"),
    (["--method", "minimisation", "--levels", "2", "--ranked", "0.5,0.6", "--n", "10"], "must fall and add up to 1"),
    (["--method", "minimisation", "--factors", "sex", "--p", "0.8", "--n", "10"], "write NAME=SHARE/SHARE"),
    (["--method", "minimisation", "--levels", "2", "--measure", "rang", "--p", "0.8", "--n", "10"], "did you mean `range`?"),
    (["--method", "minimisation", "--levels", "2", "--p", "0.8", "--n", "10", "--strata", "2"], "no strata"),
    (["--compare", "big-stick:limt=3", "--n", "10"], "does not know `limt=3'"),
    (["--compare", "big-stick:limit=3:limit=4", "--n", "10"], "has limit twice"),
    (["--compare", "simple", "--limit", "3", "--n", "10"], "--limit belongs to --method"),
    (["--method", "simple", "--n", "10", "--pattern", "odd"], "give even, random, or the strata's shares"),
    (["--method", "simple", "--n", "10", "--strata", "2", "--pattern", "1,2,3"], "has 3 shares for 2 strata"),
    (["--method", "simple", "--n", "10", "--plot", "designs.gif"], "ends in .svg, .png or .pdf"),
    (["--scheme", "rct", "--method", "simple", "--n", "10"], "--scheme names a scheme of --protocol"),
])
def test_a_wrong_parameter_is_named_with_what_would_be_right(rctctl, arguments, said):
    done = rctctl("simulate", *arguments)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert done.stdout == ""


def test_no_design_is_wrong_use_and_no_scheme_is_not_found(rctctl):
    assert rctctl("simulate", "--n", "10").returncode == 2
    done = rctctl("simulate", "--protocol", PROTOCOL, "--scheme", "nonsense")
    assert done.returncode == 3
    assert "its schemes are: feasibility, rct" in done.stderr
    done = rctctl("simulate", "--protocol", "etc/protocols/ttl-cooperation.yaml")
    assert done.returncode == 6
    assert "nothing to simulate" in done.stderr and "rctctl constrain" in done.stderr


def png_size(data):
    """Width and height of a PNG whose every chunk is whole."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, pixels, kinds = 8, b"", []
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length:at + 12 + length])[0] == zlib.crc32(kind + body)
        kinds.append(kind)
        pixels += body if kind == b"IDAT" else b""
        at += 12 + length
    assert kinds[0] == b"IHDR" and kinds[-1] == b"IEND"
    assert len(zlib.decompress(pixels)) > 100000
    return struct.unpack(">II", data[16:24])


def test_a_plot_is_a_valid_file_and_the_same_bytes_again(rctctl, tmp_path):
    designs = ["--n", "60", "--compare", "permuted-block:blocks=4,6", "--compare", "big-stick:limit=3", "--compare",
               "simple:ratio=1:1:1", "--simulate", "--trials", "300"]
    drawn = {}
    for name in ("one.svg", "two.svg", "one.png", "two.png", "one.pdf", "two.pdf"):
        done = rctctl("simulate", *designs, "--plot", str(tmp_path / name))
        assert done.returncode == 0, done.stderr
        drawn[name] = (tmp_path / name).read_bytes()
    for kind in ("svg", "png", "pdf"):
        assert drawn[f"one.{kind}"] == drawn[f"two.{kind}"]
    root = xml.etree.ElementTree.fromstring(drawn["one.svg"])
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert len(root.findall(".//{http://www.w3.org/2000/svg}path")) > 20
    width, height = png_size(drawn["one.png"])
    assert width > height > 500
    assert drawn["one.pdf"].startswith(b"%PDF-")


def test_a_plot_that_cannot_be_written_says_so(rctctl, tmp_path):
    done = rctctl("simulate", "--method", "simple", "--n", "10", "--plot", str(tmp_path / "none" / "designs.svg"))
    assert done.returncode == 1
    assert "designs.svg cannot be written: No such file or directory" in done.stderr
