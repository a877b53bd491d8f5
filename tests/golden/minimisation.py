"""Minimisation a second time, in plain Python, written from rctd-allocation(7) alone."""

import math

from allocation import Stream, pick

TIE = 1e-9


def spread(x):
    return max(x) - min(x)


def variance(x):
    total = 0.0
    for value in x:
        total += value
    mean = total / len(x)
    squares = 0.0
    for value in x:
        squares += (value - mean) * (value - mean)
    return squares / (len(x) - 1)


def marginal(x):
    total = differences = 0.0
    for i, value in enumerate(x):
        total += value
        for other in x[i + 1 :]:
            differences += abs(value - other)
    return differences / ((len(x) - 1) * total)


MEASURES = {
    "range": spread,
    "variance": variance,
    "sd": lambda x: math.sqrt(variance(x)),
    "marginal": marginal,
}


def share(amount, arms, ratio):
    together = sum(ratio[arm] for arm in arms)
    return {arm: amount * ratio[arm] / together for arm in arms}


def rank(scores, ranked):
    """Arms that tie with the least of what is left have the mean of their ranks' probabilities."""
    left = dict(scores)
    first = 0
    p = {}
    while left:
        least = min(left.values())
        tied = [arm for arm, score in left.items() if score - least <= TIE]
        together = 0.0
        for probability in ranked[first : first + len(tied)]:
            together += probability
        for arm in tied:
            p[arm] = together / len(tied)
            del left[arm]
        first += len(tied)
    return p


def probabilities(scores, ratio, form="plain", p=None, ranked=None):
    """Each arm's probability of being next, from the scores; arms in protocol order."""
    total = sum(ratio.values())
    least = min(scores.values())
    preferred = [arm for arm, score in scores.items() if score - least <= TIE]
    others = [arm for arm in scores if arm not in preferred]
    if not others:
        return {arm: ratio[arm] / total for arm in ratio}
    if form == "ranked":
        found = rank(scores, ranked)
    elif form == "biased-coin":
        found = {arm: ratio[arm] * (1 - p) / (total - min(ratio.values())) for arm in others}
        rest = 1.0
        for arm in others:
            rest -= found[arm]
        found.update(share(rest, preferred, ratio))
    else:
        found = share(p, preferred, ratio) | share(1 - p, others, ratio)
    return {arm: found[arm] for arm in ratio}


class Tally:
    """How many units each arm has, by factor and level; `factors` maps names to weights."""

    def __init__(self, ratio, factors, measure="range"):
        self.ratio = ratio
        self.factors = factors
        self.measure = MEASURES[measure]
        self.counts = {}

    def at(self, factor, level):
        return self.counts.setdefault((factor, level), {arm: 0 for arm in self.ratio})

    def add(self, levels, arm):
        for factor in self.factors:
            self.at(factor, levels[factor])[arm] += 1

    def score(self, levels, arm):
        """How unbalanced the unit's levels would be with it in the arm."""
        score = 0.0
        for factor, weight in self.factors.items():
            counts = self.at(factor, levels[factor])
            x = [(count + (other == arm)) / self.ratio[other] for other, count in counts.items()]
            score += weight * self.measure(x)
        return score

    def scores(self, levels):
        return {arm: self.score(levels, arm) for arm in self.ratio}


def minimise(seed, label, ratio, factors, units, measure="range", **form):
    """For each unit's levels, one after another: scores, probabilities and arm."""
    tally = Tally(ratio, factors, measure)
    for n, levels in enumerate(units, 1):
        scores = tally.scores(levels)
        p = probabilities(scores, ratio, **form)
        arm = pick(Stream(seed, label, "", n), p)
        tally.add(levels, arm)
        yield scores, p, arm
