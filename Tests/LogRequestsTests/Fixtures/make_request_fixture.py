"""Writes requests.json: log lines of requests, and what every cell's requests amount to.

Python's standard library alone, and not by the program's way: requests are cut out of the whole time
of a trace at once, and every pair of templates is tested instead of a tree of them.

    python3 make_request_fixture.py > requests.json
"""
import collections
import json
import math
import random

CELLS, FITTED, CELL, PAUSE = 16, 8, 60_000_000, 2_000_000
SILENT = {3, 11, 12}
random.seed(6)

lines = []  # (microseconds, trace, pattern)
for trace in range(1, 900):
    time = random.randrange(0, CELLS * CELL // 1000) * 1000
    late = time > FITTED * CELL
    templates = random.choice(
        [[0, 1, 1, 2], [0] + [3] * random.randint(1, 4) + [4, 2], [5, 5, 7, 5, 6]])
    if late and random.random() < 0.2:
        templates = [t for t in templates if random.random() < 0.7]
    elif not late and random.random() < 0.002:
        templates = templates[:-1]
    if late and random.random() < 0.1:
        templates = templates + [8]
    for template in templates:
        lines.append((time, trace, template))
        time += random.choice([0, 1000, 40_000, 300_000, 1_990_000 if random.random() < 0.2 else 0])
        if random.random() < (0.02 if late else 0.0003):
            time += 2_500_000
lines = sorted(line for line in lines if line[0] < CELLS * CELL)


def cell_of(time):
    return math.ceil(time / CELL) - 1 if time else -1


def requests(recorded, known):
    """Templates and cell of every whole request, of known templates; `recorded` are cells."""
    stretches = []
    for cell in sorted(recorded):
        if stretches and stretches[-1][1] == cell * CELL:
            stretches[-1][1] += CELL
        else:
            stretches.append([cell * CELL, (cell + 1) * CELL])
    found = []
    for start, end in stretches:
        traces = collections.defaultdict(list)
        for time, trace, template in lines:
            if start < time <= end and template in known:
                traces[trace].append((time, template))
        for one in traces.values():
            groups = [[one[0]]]
            for line in one[1:]:
                if line[0] - groups[-1][-1][0] > PAUSE:
                    groups.append([])
                groups[-1].append(line)
            for group in groups:
                first, last = group[0][0], group[-1][0]
                if first - start >= PAUSE and last + PAUSE <= end:
                    found.append(
                        (cell_of(last + PAUSE), collections.Counter(t for _, t in group)))
    return found


recorded = [cell for cell in range(CELLS) if cell not in SILENT]
training = [r for _, r in requests(
    [c for c in recorded if c < FITTED], set(range(9)))]
known = {t for time, _, t in lines if cell_of(time) in recorded and cell_of(time) < FITTED}
pairs = []
for a in sorted(known):
    for b in sorted(known):
        if a >= b:
            continue
        either = max(sum(a in r for r in training), sum(b in r for r in training))
        ratios = collections.Counter()
        for r in training:
            if a in r and b in r:
                g = math.gcd(r[a], r[b])
                ratios[r[a] // g, r[b] // g] += 1
        if ratios:
            (x, y), kept = ratios.most_common(1)[0]
            if kept >= 5 and (kept >= either - 1 or kept >= 0.98 * either) and max(x, y) <= 4:
                pairs.append((a, b, x, y))
cells = [None if cell in SILENT else [0, 0] for cell in range(CELLS)]
for cell, request in requests(recorded, known):
    cells[cell][0] += 1
    cells[cell][1] += any(
        request.get(a, 0) * y != request.get(b, 0) * x for a, b, x, y in pairs)
print(json.dumps(
    {"fitted": FITTED, "silent": sorted(SILENT), "lines": lines, "pairs": pairs, "cells": cells},
    separators=(",", ":")))
