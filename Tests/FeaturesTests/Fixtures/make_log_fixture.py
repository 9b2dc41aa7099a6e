"""Writes log counts and the features that NumPy and SciPy compute from them as JSON.

usage: make_log_fixture.py [seed] > logs.json   (needs numpy and scipy)
"""
import itertools
import json
import math
import sys
from fractions import Fraction

import numpy as np
from scipy import stats

random = np.random.default_rng(int(sys.argv[1]) if len(sys.argv) > 1 else 5)

CELLS, FITTED = 120, 60
NAMES = ["accept", "answer", "query", "cache", "stall", "crash", "later", "rarely"]
LEVELS = ["info", "info", "info", "debug", "warning", "error", "error", "info"]
KNOWN = [name != "later" for name in NAMES]  # the rest appears after training alone

requests = random.poisson(6, CELLS)
counts = np.zeros((CELLS, len(NAMES)), dtype=int)
counts[:, 0] = requests
counts[:, 1] = requests              # each request ends ...
counts[:, 2] = 2 * requests          # ... and asks twice
counts[:, 3] = random.poisson(5, CELLS)
counts[:, 4] = random.random(CELLS) < 0.2
counts[:, 5] = random.poisson(0.4, CELLS)
counts[:, 7] = np.arange(CELLS) == 17
counts[40, 1] -= 1                   # an answer that comes a cell later
counts[41, 1] += 1
counts[70:75, 1] -= np.minimum(2, counts[70:75, 1])  # answers that never come
counts[80:90, 5] += 4
counts[95:100, 6] = random.poisson(3, 5)
counts[103:105] = 0                  # silence
recorded = random.random(CELLS) > 0.08
recorded[108:114] = False
counts[~recorded] = 0

fitted = (np.arange(CELLS) < FITTED) & recorded
lines = counts[fitted].sum(axis=0)
known = [i for i, k in enumerate(KNOWN) if k]
classes = known + [6]                # what is not known is one class more
total = lines[known].sum() + len(known) + 1
surprise = {i: -math.log((lines[i] + 1) / total) for i in classes}


def holds(a, b):
    """The factors of a pair that keeps its ratio in nine of ten cells, if it does."""
    if (counts[fitted][:, [a, b]] > 0).sum(axis=0).min() < 10:
        return None
    active = fitted & (counts[:, [a, b]].sum(axis=1) > 0)
    for ratio in {Fraction(x, y) for x in range(1, 5) for y in range(1, 5)}:
        kept = counts[active, a] * ratio.numerator == counts[active, b] * ratio.denominator
        if kept.mean() >= 0.9:
            return int(ratio.numerator), int(ratio.denominator)
    return None


pairs = {(a, b): holds(a, b) for a, b in itertools.combinations(known, 2)}
pairs = {pair: factors for pair, factors in pairs.items() if factors}


# A stream's lines: requests as accept, query, query, answer, mixed up now and then; the rest anywhere.
def stream(row):
    if not recorded[row]:
        return []
    rest = counts[row].copy()
    lines = []
    while rest[[0, 1]].min() > 0 and rest[2] > 1:
        request = [0, 2, 2, 1]
        if random.random() < (0.6 if 70 <= row < 75 else 0.05):
            random.shuffle(request)
        for line in request:
            rest[line] -= 1
        lines += request
    for line in np.repeat(np.arange(len(NAMES)), rest):
        lines.insert(int(random.integers(len(lines) + 1)), int(line))
    return lines


streams = [stream(row) for row in range(CELLS)]
transitions = []                     # [row of the later line, from, to, lines]
for row, lines_of_row in enumerate(streams):
    before = streams[row - 1][-1:] if row and recorded[row - 1] else []
    sequence = before + lines_of_row
    followed = np.zeros((len(NAMES), len(NAMES)), dtype=int)
    np.add.at(followed, (sequence[:-1], sequence[1:]), 1)
    transitions += [
        [row, int(a), int(b), int(followed[a, b])] for a, b in zip(*np.nonzero(followed))]

# Witten and Bell's interpolation with what is common.
training = np.zeros((len(NAMES), len(NAMES)))
for row, a, b, number in transitions:
    if row < FITTED:
        training[a, b] += number
common = (training.sum(axis=0) + 1) / (training.sum() + len(known) + 1)
probability = np.tile(common, (len(NAMES), 1))
for a in np.flatnonzero(training.sum(axis=1)):
    different = np.count_nonzero(training[a])
    probability[a] = (training[a] + different * common) / (training[a].sum() + different)
assert np.allclose(probability[:, classes].sum(axis=1), 1)


def surprise_of_next(window):
    seen = [(a, b, n) for row, a, b, n in transitions if row in window]
    if not seen:
        return {}
    bits = np.repeat([-np.log2(probability[a, b]) for a, b, _ in seen], [n for *_, n in seen])
    unseen = np.repeat([training[a, b] == 0 for a, b, _ in seen], [n for *_, n in seen])
    return {
        "log_next_surprise": float(bits.mean()), "log_next_surprise_max": float(bits.max()),
        "log_next_unseen": float(unseen.mean())}


def features(t, w):
    # Half of the window must be recorded.
    window = [i for i in range(max(0, t - w + 1), t + 1) if recorded[i]]
    if not window or 2 * len(window) < w:
        return None
    sums = counts[window].sum(axis=0)
    found = {
        "log_entropy": float(stats.entropy(sums)) if sums.sum() else 0.0,
        "log_rare_score": sum(surprise[i] for i in classes if sums[i] > 0),
        "log_unknown_rate": float(sums[6] / sums.sum()) if sums.sum() else 0.0,
        "log_level_count": {
            level: math.log1p(sum(sums[i] for i, l in enumerate(LEVELS) if l == level) / len(window))
            for level in sorted(set(LEVELS))},
        # Any pair of the three gives the third; the test says which two are kept.
        "violations": {
            f"{a},{b}": float(abs(sums[a] * x - sums[b] * y) / max(x, y))
            for (a, b), (x, y) in pairs.items()},
    }
    found |= surprise_of_next(set(window))
    if recorded[t]:
        errors = counts[:, 5] + counts[:, 6]
        found["log_error_burst"] = math.log1p(errors[t]) - math.log1p(errors[window].mean())
        run = list(itertools.takewhile(lambda i: errors[i] > 0, reversed(window)))
        found["log_error_run"] = float(len(run))
    before = [i for i in range(max(0, t - w), t) if recorded[i]]
    if recorded[t] and before and 2 * len(before) >= w:
        here = {i for i in range(len(NAMES)) if counts[t, i] > 0}
        seen = {i for i in range(len(NAMES)) if counts[before, i].sum() > 0}
        found["log_new_template_rate"] = len(here - seen) / len(here) if here else 0.0
    return found


json.dump({
    "names": NAMES, "levels": LEVELS, "fitted": FITTED, "counts": counts.tolist(),
    "recorded": recorded.tolist(), "transitions": transitions,
    "pairs": {f"{a},{b}": list(factors) for (a, b), factors in sorted(pairs.items())},
    "windows": [
        {"window": w, "rows": [features(t, w) for t in range(CELLS)]} for w in (1, 6, 15)],
}, sys.stdout)
print()
