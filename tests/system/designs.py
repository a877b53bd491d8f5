"""A trial with a scheme of every design, and what a second implementation in plain Python says of its ledger."""
import json
import os

import constrained
from gems import PROTOCOL as GEMS
import minimisation
import pytest
from world import key

ARMS = {"opal": 1, "jade": 1, "onyx": 1}
SIZES = ["1-9", "10-49", "50-249", "250-"]
STRATUM_METHODS = {
    "simple": ("simple", {"opal": 2, "jade": 1, "onyx": 1}, {}),
    "block": ("permuted-block", {"opal": 2, "jade": 1, "onyx": 1}, {"blocks": [4, 8]}),
    "coin": ("biased-coin", {"opal": 1, "jade": 1}, {"p": 0.7}),
    "stick": ("big-stick", {"opal": 1, "jade": 1}, {"limit": 2}),
    "chen": ("biased-coin-limit", {"opal": 1, "onyx": 1}, {"limit": 3, "p": 0.75}),
    "balls": ("block-urn", {"opal": 1, "jade": 1, "onyx": 2}, {"size": 4}),
    "urn": ("urn", ARMS, {"alpha": 1, "beta": 3}),
    "maximal": ("maximal", {"jade": 1, "onyx": 1}, {"limit": 2, "length": 10, "balanced_end": True}),
}
MINIMISED = {
    "minimised": {"ratio": ARMS, "factors": {"sector": 1, "size": 2.5}, "measure": "variance", "p": 0.8},
    "skewed": {"ratio": {"opal": 1, "jade": 2, "onyx": 3}, "factors": {"sector": 1, "size": 1}, "p": 0.7, "form": "biased-coin"},
    "ranked": {"ratio": ARMS, "factors": {"size": 1}, "measure": "marginal", "form": "ranked", "ranked": [0.6, 0.3, 0.1]},
}


def scheme_line(name, method, ratio, parameters, strata=""):
    body = {"unit": "workplace", "method": method, "ratio": ratio, **parameters}
    return f"      {name}: {json.dumps(body)[:-1]}{strata}}}\n"


# A workplace can be larger than the largest band of size.
PROTOCOL = GEMS.split("phases:\n", 1)[0].replace("min: 1, max: 100000}", "min: 1, max: 900000}") + """\
phases:
  main:
    target: {workplaces: 500}
    schemes:
""" + "".join(
    scheme_line(name, *rest, strata=', "strata": ["sector"]') for name, rest in STRATUM_METHODS.items()
) + "".join(
    scheme_line(name, "minimisation", given["ratio"], {k: v for k, v in given.items() if k != "ratio"})
    for name, given in MINIMISED.items()
) + """\
      at-once: {unit: workplace, method: constrained, ratio: {opal: 1, jade: 1}, factors: {size: {as: ordinal}, sector: 1, employees: {weight: 2}}, accept: 0.2}
      by-sector: {unit: workplace, method: constrained, ratio: {opal: 2, jade: 1, onyx: 1}, strata: [sector], factors: {employees: 1}, enumerate: 500, sample: 400, score: l1}
      absurd: {unit: workplace, method: constrained, ratio: {opal: 1, jade: 1}, factors: {employees: 1}, enumerate: 1, sample: 10000000}
      neighbours: {unit: workplace, method: nonrandom-comparison, arms: [jade, onyx]}
tasks:
  talk: {kind: session, arms: [opal, jade], anchor: allocation, at: 10d, window: [-2d, 2d]}
  form: {kind: interview, anchor: allocation, at: 30d, window: [-5d, 5d]}
"""


def rows_of(world, scheme):
    """The scheme's ledger in the order of its strata and positions, as dictionaries."""
    text = world.cluster.sql(world.database, f"""
        SELECT coalesce(json_agg(r ORDER BY stratum, position), '[]') FROM (
            SELECT l.stratum, l.position, l.arm, l.method, l.decision, l.idempotency_key AS key, u.code AS unit, u.attributes
              FROM rctd.allocation l JOIN rctd.unit u USING (trial_id, unit_id) WHERE l.scheme = 'main.{scheme}') r""")
    return json.loads(text)


def seed_and_label(world, scheme):
    return bytes.fromhex(world.seed(f"main.{scheme}")), f"gems/main.{scheme}"


def size_of(employees):
    return next(level for most, level in zip((9, 49, 249, 100000), SIZES) if int(employees) <= most)


def levels_of(attributes, factors):
    """A workplace's levels, from what was registered of it."""
    known = {"sector": attributes["sector"], "size": size_of(attributes["employees"])}
    return {factor: known[factor] for factor in factors}


def assert_minimised(world, scheme, count):
    """No gap, nobody twice, and each arm the one that the units before it give."""
    rows = rows_of(world, scheme)
    assert [row["position"] for row in rows] == list(range(1, count + 1)), "a gap"
    assert len({row["unit"] for row in rows}) == count, "a workplace was allocated twice"
    assert {row["stratum"] for row in rows} == {""}
    given = dict(MINIMISED[scheme])
    for row in rows:
        assert row["decision"]["levels"] == levels_of(row["attributes"], given["factors"])
    units = [row["decision"]["levels"] for row in rows]
    expected = minimisation.minimise(*seed_and_label(world, scheme), given.pop("ratio"), given.pop("factors"), units, **given)
    for row, (scores, probabilities, arm) in zip(rows, expected):
        assert row["decision"]["scores"] == pytest.approx(list(scores.values()), rel=1e-12)
        assert row["decision"]["probabilities"] == pytest.approx(list(probabilities.values()), rel=1e-12)
        assert row["arm"] == arm, f"position {row['position']} is not the one that the units before it give"
    return rows


def assert_whole(world):
    """Each allocation has its state, tasks, answer and row in the trail."""
    whole = world.cluster.rows(world.database, """
        SELECT count(*) FILTER (WHERE u.state <> 'allocated'), count(*) FILTER (WHERE t.tasks IS NULL),
               count(*) FILTER (WHERE i.key IS NULL), count(*) FILTER (WHERE d.hash IS NULL)
          FROM rctd.allocation a
          JOIN rctd.unit u USING (trial_id, unit_id)
          LEFT JOIN (SELECT unit_id, count(*) AS tasks FROM rctd.task GROUP BY unit_id) t USING (unit_id)
          LEFT JOIN rctd.idempotency i ON i.trial_id = a.trial_id AND i.key = a.idempotency_key
          LEFT JOIN rctd.audit d ON d.trial_id = a.trial_id AND d.stream = 'stratum:' || a.stream_key AND d.sequence = a.position""")
    assert whole == [["0", "0", "0", "0"]], "something was half done"


def rctctl(world, *words, status=0, role="coordinator"):
    done = world.rctctl(role, *words)
    assert done.returncode == status, done
    return done.stdout


def assert_verified(world, scheme):
    """The exported ledger is what rctctl verify computes again, without the daemon."""
    name = f"main.{scheme}"
    paths = {kind: os.path.join(world.daemon.directory, kind) for kind in ("protocol.yaml", "ledger.csv")}
    with open(paths["protocol.yaml"], "w", encoding="utf-8") as file:
        file.write(world.protocol)
    rctctl(world, "ledger", "export", "gems", "--out", paths["ledger.csv"], role="statistician")
    (commitment,) = [item["commitment"] for item in world.items("auditor", f"{world.path}/schemes") if item["scheme"] == name]
    rctctl(world, "verify", "--seed", world.seed(name), "--protocol", paths["protocol.yaml"], "--ledger", paths["ledger.csv"],
           "--scheme", name, "--commitment", commitment)


def batch(world, codes, scheme="main.at-once", daemon=None, **more):
    more.setdefault("key", key())
    return (daemon or world.daemon).request("POST", f"{world.path}/allocations/batch", {"scheme": scheme, "units": codes},
                                            token=world.tokens["coordinator"], **more)


def dry_run(world, codes, scheme="main.at-once"):
    return world.post("coordinator", f"{world.path}/allocations/batch/dry-run", {"scheme": scheme, "units": codes})


CONSTRAINED = {
    "at-once": ({"size": {"kind": "ordinal", "levels": SIZES}, "sector": {"kind": "categorical", "levels": ["public", "private"]},
                 "employees": {"kind": "number", "weight": 2}}, {"opal": 1, "jade": 1}, {"accept": 0.2}),
    "by-sector": ({"employees": {"kind": "number"}}, {"opal": 2, "jade": 1, "onyx": 1},
                  {"metric": "l1", "enumerate_": 500, "sample": 400}),
}


def assert_batches(world, scheme, sizes):
    """Each batch is the assignment that seed, number and units give."""
    covariates, ratio, options = CONSTRAINED[scheme]
    rows = rows_of(world, scheme)
    assert [row["position"] for row in rows] == list(range(1, sum(sizes) + 1))
    assert len({row["unit"] for row in rows}) == len(rows) and {row["stratum"] for row in rows} == {""}
    assert [row["decision"]["batch"] for row in rows] == [n for n, size in enumerate(sizes, 1) for _ in range(size)]
    for number in range(1, len(sizes) + 1):
        mine = [row for row in rows if row["decision"]["batch"] == number]
        units = []
        for row in mine:
            attributes = row["attributes"]
            unit = {"id": row["unit"], "employees": float(attributes["employees"]), "sector": attributes["sector"],
                    "size": size_of(attributes["employees"])}
            if scheme == "by-sector":
                unit["stratum"] = f"sector={attributes['sector']}"
            units.append(unit)
        varied = {name: covariate for name, covariate in covariates.items() if len({unit[name] for unit in units}) > 1}
        expected = constrained.Problem(units, varied, list(ratio.values()), **options).allocate(*seed_and_label(world, scheme), number)
        assert [row["arm"] for row in mine] == [list(ratio)[arm] for arm in expected["arms"]], f"batch {number}"
        for row in mine:
            for name in ("assignments", "enumerated", "accepted", "chosen"):
                assert row["decision"][name] == expected[name], name
            assert row["decision"]["score"] == pytest.approx(expected["score"])
    return rows


def compare(world, code, **body):
    return world.post("coordinator", f"{world.path}/allocations", {"workplace": code, "scheme": "main.neighbours", **body})
