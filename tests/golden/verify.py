"""`rctctl verify` a second time, in plain Python, written from rctd-allocation(7) and rctd-ledger(5) alone.

    tests/golden/verify.py --seed HEX --protocol FILE --ledger FILE [--scheme NAME] [--commitment HEX]

Prints one line per difference, the first one first, and ends with 8 where there is one. Nothing here comes
from rctd's C code. The protocol is YAML's JSON: what Python reads without another library, and rctd as well.

make_ledger() is the other way round: the ledger of a seed, for tests that damage it.
"""

import argparse
import csv
import io
import itertools
import json
import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from allocation import Stream, commitment, pick, sequence
from constrained import Problem
from minimisation import Tally, probabilities

COLUMNS = ("trial,scheme,stratum,position,unit,kind,arm,phase,protocol_version,method,decision,allocated_at,"
           "allocated_by,key,receipt").split(",")
# In the order in which the faults of one line are told.
FAULTS = "trial kind phase method stratum version gap twice order unit batch arm decision".split()
PARAMETERS = {
    "simple": (), "permuted-block": ("blocks",), "biased-coin": ("p",), "big-stick": ("limit",),
    "biased-coin-limit": ("limit", "p"), "block-urn": ("size",), "urn": ("alpha", "beta"),
    "maximal": ("limit", "length", "balanced_end"),
}


class Scheme:
    """A scheme of a protocol that is written as JSON."""

    def __init__(self, protocol, name=None):
        document = json.loads(protocol)
        schemes = dict(self.every(document))
        self.name = name if name is not None else next(iter(schemes))
        self.phase, self.given = schemes[self.name]
        self.trial = document["trial"]
        self.label = f"{self.trial}/{self.name}"
        self.unit = self.given["unit"]
        self.method = self.given["method"]
        self.arms = list(document["arms"])
        ratio = self.given.get("ratio") or dict.fromkeys(self.given.get("arms", self.arms), 1)
        self.ratio = {arm: ratio[arm] for arm in self.arms if arm in ratio}
        self.attributes = document[self.unit]["attributes"]
        self.sequential = self.method in PARAMETERS
        self.strata = self.given.get("strata", [])

    @staticmethod
    def every(document):
        for phase, given in document["phases"].items():
            if "scheme" in given:
                yield phase, (phase, given["scheme"])
            for name, scheme in given.get("schemes", {}).items():
                yield f"{phase}.{name}", (phase, scheme)

    def levels(self, attribute):
        given = self.attributes[attribute]
        if given.get("type") == "boolean":
            return ["true", "false"]
        return list(given.get("levels") or given.get("bands") or [])

    def all_strata(self):
        if not self.sequential:
            return [""]
        ways = itertools.product(*([f"{name}={level}" for level in self.levels(name)] for name in self.strata))
        return ["|".join(way) for way in ways]

    def factors(self):
        """Of minimisation and of constrained randomisation: name to what is given of it."""
        given = self.given["factors"]
        if isinstance(given, list):
            return {name: {"weight": 1} for name in given}
        return {name: value if isinstance(value, dict) else {"weight": value} for name, value in given.items()}

    def listed(self, counts):
        """Numbers by arm as they stand in a decision: up to the scheme's last arm."""
        last = max(i for i, arm in enumerate(self.arms) if arm in self.ratio)
        return [counts.get(arm, 0) for arm in self.arms[: last + 1]]

    def sequence(self, seed, stratum):
        parameters = {name: self.given[name] for name in PARAMETERS[self.method] if name in self.given}
        return sequence(seed, self.label, stratum, self.method, self.ratio, parameters)

    def tally(self):
        weights = {name: given.get("weight", 1) for name, given in self.factors().items()}
        return Tally(self.ratio, weights, self.given.get("measure", "range"))

    def minimise(self, seed, n, tally, levels):
        """The arm of the n-th unit, and what it was decided on."""
        form = {name: self.given[name] for name in ("form", "p", "ranked") if name in self.given}
        scores = tally.scores(levels)
        p = probabilities(scores, self.ratio, **form)
        counts = {factor: self.listed(tally.at(factor, levels[factor])) for factor in tally.factors}
        decision = {"levels": levels, "counts": counts, "scores": self.listed(scores), "probabilities": self.listed(p)}
        return pick(Stream(seed, self.label, "", n), p), decision

    def problem(self, units):
        """The problem of a batch, from its units' ids and values."""
        covariates, made = {}, []
        for name, given in self.factors().items():
            levels = self.levels(name)
            kind = "number" if not levels else "ordinal" if given.get("as") == "ordinal" else "categorical"
            covariates[name] = {**given, "kind": kind, "levels": levels}
        for code, values in units:
            numbers = {name: int(value) for name, value in values.items() if not self.levels(name)}
            stratum = "|".join(f"{name}={values[name]}" for name in self.strata)
            made.append({**values, **numbers, "id": code, "stratum": stratum})
        problem = Problem(made, covariates, list(self.ratio.values()), self.given.get("score", "l2"),
                          share(self.given.get("accept", 0.1)), self.given.get("enumerate", 100000),
                          self.given.get("sample", 20000))
        problem.columns = [column for column in problem.columns if len(set(column[0])) > 1]
        return problem

    def draw(self, seed, batch, units):
        """Each unit's arm and decision."""
        problem = self.problem(units)
        found = problem.allocate(seed, self.label, batch)
        common = {"batch": batch, "units": len(units), "metric": problem.metric, "accept": problem.accept}
        for name in ("assignments", "enumerated", "accepted", "cutoff_score", "chosen", "score"):
            common[name] = found[name]
        arms = dict(zip((unit["id"] for unit in problem.units), found["arms"]))
        names = list(self.ratio)
        kept = [*self.strata, *self.factors()]
        return {code: (names[arms[code]], {**common, "values": {name: values[name] for name in kept}})
                for code, values in units}


def share(value):
    return float(value.rstrip("%")) / 100 if isinstance(value, str) else value


def same(a, b):
    """Numbers within 1e-9, relative; all else exactly."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[name], b[name]) for name in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, bool) or isinstance(b, bool) or isinstance(a, str) or isinstance(b, str):
        return type(a) is type(b) and a == b
    if a is None or b is None:
        return a is b
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=0)


def parse(text):
    try:
        return json.loads(text)
    except ValueError:
        return None


class Verification:
    def __init__(self, scheme, seed):
        self.scheme = scheme
        self.seed = seed
        self.differences = []
        self.strata = {}
        self.units = {}
        self.known = set(scheme.all_strata())
        self.tally = scheme.tally() if scheme.method == "minimisation" else None
        self.batch = 0
        self.members = []

    def tell(self, fault, line, row, expected=None):
        self.differences.append((line, fault, row["stratum"], int(row["position"]), expected))

    def row(self, line, row):
        scheme = self.scheme
        if row["scheme"] != scheme.name:
            return
        rights = (("trial", scheme.trial), ("kind", scheme.unit), ("phase", scheme.phase), ("method", scheme.method))
        for column, right in rights:
            if row[column] != right:
                self.tell(column, line, row, right)
        state = self.strata.setdefault(row["stratum"], {"due": 1, "gaps": [], "version": 0, "counts": {}})
        if int(row["protocol_version"]) < state["version"]:
            self.tell("version", line, row)
        state["version"] = int(row["protocol_version"])
        if row["stratum"] not in self.known:
            self.tell("stratum", line, row)
        elif self.position(line, row, state):
            self.method(line, row, state)
        if self.units.setdefault(row["unit"], line) != line:
            self.tell("unit", line, row)

    def position(self, line, row, state):
        if self.scheme.sequential and "arms" not in state:
            state["arms"] = self.scheme.sequence(self.seed, row["stratum"])
        position = int(row["position"])
        if position < state["due"]:
            self.tell("order" if position in state["gaps"] else "twice", line, row)
            return False
        if position > state["due"]:
            self.tell("gap", line, row, state["due"])
            state["gaps"] += range(state["due"], position)
            for _ in range(state["due"], position) if self.scheme.sequential else ():
                arm = next(state["arms"])
                state["counts"][arm] = state["counts"].get(arm, 0) + 1
        state["due"] = position + 1
        return True

    def method(self, line, row, state):
        if self.scheme.sequential:
            arm = next(state["arms"])
            self.compare(line, row, arm, {"counts": self.scheme.listed(state["counts"])})
            state["counts"][arm] = state["counts"].get(arm, 0) + 1
        elif self.tally is not None:
            self.minimised(line, row)
        elif self.scheme.method == "constrained":
            self.batched(line, row)
        else:
            decision = parse(row["decision"]) or {}
            if row["arm"] not in self.scheme.ratio:
                self.tell("arm", line, row)
            if not decision.get("reason"):
                self.tell("decision", line, row)

    def compare(self, line, row, arm, decision):
        if row["arm"] != arm:
            self.tell("arm", line, row, arm)
        if not same(parse(row["decision"]), decision):
            self.tell("decision", line, row)

    def minimised(self, line, row):
        decision = parse(row["decision"])
        given = decision.get("levels") if isinstance(decision, dict) else None
        levels = {name: given.get(name) for name in self.tally.factors} if isinstance(given, dict) else {}
        if not levels or any(level not in self.scheme.levels(name) for name, level in levels.items()):
            self.tell("decision", line, row)
            return
        arm, expected = self.scheme.minimise(self.seed, int(row["position"]), self.tally, levels)
        self.compare(line, row, arm, expected)
        self.tally.add(levels, arm)

    def batched(self, line, row):
        decision = parse(row["decision"])
        number = decision.get("batch", 0) if isinstance(decision, dict) else 0
        if number != self.batch:
            self.draw()
            if number != self.batch + 1:
                self.tell("batch", line, row)
            self.batch = number if number >= 1 else self.batch
        if number >= 1:
            self.members.append((line, row, decision))

    def draw(self):
        members, self.members = self.members, []
        if not members:
            return
        units = [(row["unit"], decision["values"]) for _, row, decision in members]
        codes = [code.encode() for code, _ in units]
        if len(units) != members[0][2].get("units") or codes != sorted(set(codes)):
            self.tell("batch", members[0][0], members[0][1])
            return
        drawn = self.scheme.draw(self.seed, self.batch, units)
        for line, row, _ in members:
            self.compare(line, row, *drawn[row["unit"]])

    def end(self):
        self.draw()
        return sorted(self.differences, key=lambda found: (found[0], FAULTS.index(found[1])))


def read_ledger(text):
    """The rows with their lines; the header is line 1."""
    rows = csv.reader(io.StringIO(text, newline=""))
    if next(rows) != COLUMNS:
        raise ValueError("the first line does not name the columns of a ledger")
    for line, cells in enumerate(rows, 2):
        yield line, dict(zip(COLUMNS, cells))


def verify(protocol, seed, ledger, name=None, published=None):
    """The differences as (line, fault, stratum, position, expected); None where the seed is not the one."""
    scheme = Scheme(protocol, name)
    if published is not None and commitment(seed, scheme.label, protocol) != published:
        return None
    run = Verification(scheme, seed)
    for line, row in read_ledger(ledger):
        run.row(line, row)
    return run.end()


def write_ledger(rows):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([row[column] for column in COLUMNS] for row in rows)
    return out.getvalue()


def compact(value):
    return json.dumps(value, separators=(",", ":"))


def make_row(scheme, stratum, position, unit, arm, decision):
    return {
        "trial": scheme.trial, "scheme": scheme.name, "stratum": stratum, "position": str(position), "unit": unit,
        "kind": scheme.unit, "arm": arm, "phase": scheme.phase, "protocol_version": "1", "method": scheme.method,
        "decision": compact(decision), "allocated_at": f"2026-11-22T08:{position // 60 % 60:02d}:{position % 60:02d}Z",
        "allocated_by": "coordinator", "key": f"key-{unit}", "receipt": f"{position:04x}-0000-0000-0000",
    }


def make_ledger(protocol, seed, units, name=None):
    """Rows for units (code, values by attribute), which are allocated in this order; constrained ones at once."""
    scheme = Scheme(protocol, name)
    rows, counts = [], {}
    if scheme.method == "constrained":
        drawn = scheme.draw(seed, 1, units)
        return [make_row(scheme, "", k, code, *drawn[code]) for k, code in enumerate(sorted(drawn), 1)]
    if scheme.method == "minimisation":
        tally = scheme.tally()
        for n, (code, values) in enumerate(units, 1):
            levels = {factor: values[factor] for factor in tally.factors}
            arm, decision = scheme.minimise(seed, n, tally, levels)
            tally.add(levels, arm)
            rows.append(make_row(scheme, "", n, code, arm, decision))
        return rows
    if not scheme.sequential:
        arms = list(scheme.ratio)
        return [make_row(scheme, "", n, code, arms[n % len(arms)], {"reason": "Chosen by the employer"})
                for n, (code, _) in enumerate(units, 1)]
    arms = {stratum: scheme.sequence(seed, stratum) for stratum in scheme.all_strata()}
    for code, values in units:
        stratum = "|".join(f"{factor}={values[factor]}" for factor in scheme.strata)
        before = counts.setdefault(stratum, {})
        arm = next(arms[stratum])
        decision = {"counts": scheme.listed(before)}
        rows.append(make_row(scheme, stratum, sum(before.values()) + 1, code, arm, decision))
        before[arm] = before.get(arm, 0) + 1
    return sorted(rows, key=lambda row: (row["stratum"].encode(), int(row["position"])))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, needed in (("seed", True), ("protocol", True), ("ledger", True), ("scheme", False), ("commitment", False)):
        parser.add_argument(f"--{name}", required=needed)
    given = parser.parse_args()
    protocol = pathlib.Path(given.protocol).read_bytes()
    ledger = pathlib.Path(given.ledger).read_text(encoding="utf-8")
    found = verify(protocol, bytes.fromhex(given.seed), ledger, given.scheme, given.commitment)
    if found is None:
        print("the seed or the protocol is not the one that was committed to")
        return 8
    for line, fault, stratum, position, expected in found:
        print(f"line {line}, {stratum or 'no strata'}, position {position}: {fault}"
              + ("" if expected is None else f"; the seed gives {expected}"))
    return 8 if found else 0


if __name__ == "__main__":
    sys.exit(main())
