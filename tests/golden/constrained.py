"""Constrained randomisation a second time, in plain Python, written from rctd-allocation(7) alone.

Nothing here comes from rctd's C code. As a program it writes the golden file beside it, or compares
it with what it computes (--check).
"""

import argparse
import itertools
import json
import math
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from allocation import Stream

HERE = pathlib.Path(__file__).resolve().parent / "constrained"
SEED = bytes(range(32))
QUANTILES = (0.05, 0.1, 0.2, 0.25, 0.3, 0.5, 0.75, 0.95)


def tolerance(score):
    return 1e-9 * score + 1e-12


def sizes_of(strata, ratio):
    """Per stratum the units of each arm: whole parts of the share, the rest to whom it is owed most."""
    total = sum(ratio)
    seen, given, sizes = 0, [0] * len(ratio), []
    for units in strata:
        seen += units
        row = [units * share // total for share in ratio]
        owed = [seen * share - (had + gets) * total for share, had, gets in zip(ratio, given, row)]
        for arm in sorted(range(len(ratio)), key=lambda arm: (-owed[arm], arm))[: units - sum(row)]:
            row[arm] += 1
        given = [had + gets for had, gets in zip(given, row)]
        sizes.append(row)
    return sizes


def arrangements(units, sizes):
    """Every way to give these units arms of these sizes, as dictionaries."""
    if len(sizes) == 1:
        yield dict.fromkeys(units, len(sizes) - 1)
        return
    for chosen in itertools.combinations(units, sizes[0]):
        rest = [unit for unit in units if unit not in chosen]
        for others in arrangements(rest, sizes[1:]):
            yield {**dict.fromkeys(chosen, 0), **{unit: arm + 1 for unit, arm in others.items()}}


def renamings(sizes):
    """The permutations of arms that leave the sizes of every stratum as they are."""
    arms = range(len(sizes[0]))
    for names in itertools.permutations(arms):
        if all(row[names[arm]] == row[arm] for row in sizes for arm in arms):
            yield names


class Problem:
    """`units`: id, stratum key and values by covariate; `covariates`: name to a dictionary with the
    kind, and where they are given weight, mean, total, levels."""

    def __init__(self, units, covariates, ratio, metric="l2", accept=0.1, enumerate_=100000, sample=20000):
        self.units = sorted(units, key=lambda unit: unit["id"].encode())
        self.ratio, self.metric, self.accept = ratio, metric, accept
        self.enumerate, self.sample = enumerate_, sample
        keys = sorted({unit.get("stratum", "") for unit in units}, key=str.encode)
        self.strata = [
            [i for i, unit in enumerate(self.units) if unit.get("stratum", "") == key] for key in keys
        ]
        self.sizes = sizes_of([len(members) for members in self.strata], ratio)
        self.columns = list(self.make_columns(covariates))

    def make_columns(self, covariates):
        for name, covariate in covariates.items():
            texts = [unit[name] for unit in self.units]
            limits = (covariate.get("weight", 1), covariate.get("mean"), covariate.get("total"))
            if covariate["kind"] == "number":
                yield texts, *limits
            elif covariate["kind"] == "ordinal":
                yield [covariate["levels"].index(text) + 1 for text in texts], *limits
            else:
                for level in covariate["levels"][1:]:
                    yield [int(text == level) for text in texts], *limits

    def count(self):
        count = 1
        for row in self.sizes:
            count *= math.factorial(sum(row)) // math.prod(math.factorial(size) for size in row)
        return count

    def all_assignments(self):
        ways = [list(arrangements(members, row)) for members, row in zip(self.strata, self.sizes)]
        for parts in itertools.product(*ways):
            arms = {}
            for part in parts:
                arms.update(part)
            yield tuple(arms[i] for i in range(len(self.units)))

    def sampled_assignments(self, stream):
        drawn = set()
        tries = 0
        while len(drawn) < min(self.sample, self.count()) and tries < 100 * self.sample:
            tries += 1
            arms = [None] * len(self.units)
            for members, row in zip(self.strata, self.sizes):
                order = [arm for arm, size in enumerate(row) for _ in range(size)]
                for i in range(len(order) - 1, 0, -1):
                    j = stream.uniform(i + 1)
                    order[i], order[j] = order[j], order[i]
                for unit, arm in zip(members, order):
                    arms[unit] = arm
            drawn.add(tuple(arms))
        names = list(renamings(self.sizes))
        return {tuple(name[arm] for arm in arms) for arms in drawn for name in names}

    def measure(self, arms):
        """The score, and whether all limits are met."""
        score, within = 0.0, True
        members = [[i for i, arm in enumerate(arms) if arm == wanted] for wanted in range(len(self.ratio))]
        for values, weight, mean_limit, total_limit in self.columns:
            centre = math.fsum(values) / len(values)
            variance = math.fsum((x - centre) ** 2 for x in values) / (len(values) - 1)
            totals = [math.fsum(values[i] for i in inside) for inside in members]
            means = [total / len(inside) for total, inside in zip(totals, members)]
            for a, b in itertools.combinations(range(len(members)), 2):
                apart = abs(means[a] - means[b])
                score += weight * (apart**2 / variance if self.metric == "l2" else apart / math.sqrt(variance))
                if mean_limit is not None and apart > mean_limit * (1 + 1e-9):
                    within = False
                if total_limit is not None and abs(totals[a] - totals[b]) > total_limit * (1 + 1e-9):
                    within = False
        return score, within

    def solve(self, stream):
        """The accepted set in its order, and what the ledger and the summary say of it."""
        enumerated = self.count() <= self.enumerate
        assignments = self.all_assignments() if enumerated else self.sampled_assignments(stream)
        scored = sorted((self.measure(arms), arms) for arms in assignments)
        scores = [score for (score, _), _ in scored]
        cutoff = quantile(scores, self.accept)
        accepted, last = [], cutoff
        for (score, within), arms in scored:
            if score - last > tolerance(score):
                break
            last = max(last, score)
            if within:
                accepted.append((score, arms))
        mean = math.fsum(scores) / len(scores)
        squares = math.fsum((score - mean) ** 2 for score in scores)
        summary = {
            "assignments": len(scores),
            "enumerated": enumerated,
            "within": sum(within for (_, within), _ in scored),
            "accepted": len(accepted),
            "cutoff_score": cutoff,
            "min": scores[0],
            "mean": mean,
            "sd": math.sqrt(squares / (len(scores) - 1)),
            "quantiles": [quantile(scores, p) for p in QUANTILES],
            "max": scores[-1],
        }
        return ordered(accepted), summary

    def allocate(self, seed, label, batch):
        stream = Stream(seed, label, "", batch)
        accepted, summary = self.solve(stream)
        chosen = stream.uniform(len(accepted))
        together = [
            sum(arms[i] == arms[j] for _, arms in accepted)
            for i, j in itertools.combinations(range(len(self.units)), 2)
        ]
        score, arms = accepted[chosen]
        return {**summary, "chosen": chosen, "score": score, "arms": arms, "together": together}


def quantile(ranked, p):
    """Type 7."""
    place = (len(ranked) - 1) * p
    low = math.floor(place)
    high = min(low + 1, len(ranked) - 1)
    return ranked[low] + (place - low) * (ranked[high] - ranked[low])


def ordered(accepted):
    """By score, then assignment; a score that hardly differs from the one before counts as the same."""
    groups = []
    for score, arms in accepted:
        if groups and score - groups[-1][-1][0] <= tolerance(score):
            groups[-1].append((score, arms))
        else:
            groups.append([(score, arms)])
    return [item for group in groups for item in sorted(group, key=lambda item: item[1])]


def make_units(count, seed, strata=()):
    """Workplaces with numbers of few and of many digits, and with levels; the same in every run."""
    chance = random.Random(seed)
    units = []
    for i in range(count):
        unit = {
            "id": f"W{chance.randrange(10**6):06d}-{i}",
            "staff": chance.randrange(10, 250),
            "rate": round(chance.uniform(0, 100), 2),
            "index": chance.gauss(0, 1),
            "sector": chance.choice(["public", "private"]),
            "size": chance.choice(["small", "medium", "large"]),
        }
        if strata:
            unit["stratum"] = f"county={strata[i % len(strata)]}"
        units.append(unit)
    return units


NUMBERS = {"staff": {"kind": "number"}, "rate": {"kind": "number"}, "index": {"kind": "number"}}
LEVELS = {
    "sector": {"kind": "categorical", "levels": ["public", "private"]},
    "size": {"kind": "categorical", "levels": ["small", "medium", "large"]},
}
ORDER = {"size": {"kind": "ordinal", "levels": ["small", "medium", "large"]}}
WEIGHTED = {"staff": {"kind": "number", "weight": 2.5}, "sector": {**LEVELS["sector"], "weight": 0.5}, **ORDER}

CASES = {
    "two equal arms, six columns": (make_units(16, 1), {**NUMBERS, **LEVELS}, [1, 1], {}),
    "two equal arms, l1": (make_units(12, 2), {**NUMBERS, **LEVELS}, [1, 1], {"metric": "l1"}),
    "ratio 2:1": (make_units(12, 3), WEIGHTED, [2, 1], {"accept": 0.25}),
    "an odd number of units": (make_units(11, 4), NUMBERS, [1, 1], {"accept": 0.2}),
    "three arms": (make_units(9, 5), {**NUMBERS, **ORDER}, [1, 1, 1], {}),
    "three arms, l1, 1:2:1": (make_units(8, 6), WEIGHTED, [1, 2, 1], {"metric": "l1", "accept": 0.3}),
    "five arms": (make_units(7, 7), NUMBERS, [1, 1, 1, 1, 1], {"accept": 0.05}),
    "levels alone: many scores are the same": (make_units(12, 8), LEVELS, [1, 1], {"accept": 0.15}),
    "levels alone, three arms, l1": (make_units(9, 9), LEVELS, [1, 1, 1], {"accept": 0.2, "metric": "l1"}),
    "strata": (make_units(14, 10, ["ab", "c", "d"]), WEIGHTED, [1, 1], {}),
    "strata of odd sizes, three arms": (make_units(10, 11, ["ab", "c"]), NUMBERS, [1, 1, 1], {}),
    "a limit on means": (
        make_units(12, 12),
        {"staff": {"kind": "number", "mean": 10}, "size": {**LEVELS["size"], "mean": 0.2}},
        [1, 1],
        {"accept": 0.5},
    ),
    "a limit on totals, unequal arms": (
        make_units(10, 13),
        {"staff": {"kind": "number", "total": 400}, "rate": {"kind": "number", "mean": 9.5}},
        [3, 2],
        {"accept": 0.4},
    ),
    "a sample": (make_units(24, 14), {**NUMBERS, **LEVELS}, [1, 1], {"enumerate_": 1000, "sample": 500}),
    "a sample in strata, three arms": (
        make_units(18, 15, ["ab", "c"]),
        NUMBERS,
        [1, 1, 1],
        {"enumerate_": 1000, "sample": 150},
    ),
    "a sample of all there are": (make_units(6, 16), NUMBERS, [1, 1], {"enumerate_": 1, "sample": 50}),
    "everything is accepted": (make_units(8, 17), NUMBERS, [1, 1], {"accept": 1}),
    "the very best": (make_units(10, 18), NUMBERS, [1, 1], {"accept": 1e-6}),
}


def golden():
    cases = []
    for batch, (name, (units, covariates, ratio, options)) in enumerate(CASES.items(), 1):
        problem = Problem(units, covariates, ratio, **options)
        case = {
            "name": name,
            "batch": batch,
            "ratio": ratio,
            "metric": problem.metric,
            "accept": problem.accept,
            "enumerate": problem.enumerate,
            "sample": problem.sample,
            "covariates": [{"name": key, **value} for key, value in covariates.items()],
            "units": units,
            "expected": problem.allocate(SEED, "golden/at-once", batch),
        }
        cases.append(case)
    lines = ",\n".join(json.dumps(case, sort_keys=True) for case in cases)
    return f"[\n{lines}\n]\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    path = HERE / "cases.json"
    if parser.parse_args().check:
        if path.read_text(encoding="utf-8") != golden():
            sys.exit(f"{path.name} differs from what is computed")
        return
    HERE.mkdir(exist_ok=True)
    path.write_text(golden(), encoding="utf-8")


if __name__ == "__main__":
    main()
