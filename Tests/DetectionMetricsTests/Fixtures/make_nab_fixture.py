"""Writes nab.json: scores of the Numenta Anomaly Benchmark.

usage: make_nab_fixture.py NAB   (in this folder; NAB is a checkout of numenta/NAB at ea702d7)

Made with Python 3.11 and numpy==1.26.4. Two kinds of cases:

- `published`: six series and the scores that the benchmark publishes for its windowed Gaussian
  detector in results/windowedGaussian/windowedGaussian_*_scores.csv. Its alarms (points whose tail
  probability rounds to 1) are computed here anew; numbers of true and false alarms must agree
  with the published ones before anything is written.
- `random`: random alarms and windows, scored by the rules of the benchmark's paper, point by
  point, with none of the shortcuts of ours.
"""

import csv
import json
import math
import pathlib
import sys

import numpy as np

root = pathlib.Path(sys.argv[1])
random = np.random.default_rng(20261130)
profiles = {"standard": (1, 0.11, 1), "reward_low_FP_rate": (1, 0.22, 1),
            "reward_low_FN_rate": (1, 0.11, 2)}
# Standard and low FN, then true and false alarms at threshold 1.
published = {
    "realAdExchange/exchange-3_cpm_results.csv": (0.862098587352162, 0.862098587352, 1, 0),
    "realAdExchange/exchange-3_cpc_results.csv": (2.5026632611866138, 2.50266326119, 5, 1),
    "realAdExchange/exchange-4_cpm_results.csv": (1.274710362684976, 0.274710362685, 4, 3),
    "realAdExchange/exchange-4_cpc_results.csv": (0.2922884634276035, -0.707711536572, 3, 4),
    "realTraffic/TravelTime_387.csv": (-1.7959813307852819, -3.79598133079, 1, 6),
    "realKnownCause/rogue_agent_key_hold.csv": (-2.44, -4.44, 0, 4),
}


def probation(count):
    return min(math.floor(0.15 * count), 0.15 * 5000)


def gaussian_alarms(values):
    """Points far in the tail of a normal distribution over all points before them."""
    alarms = []
    for index in range(1, len(values)):
        mean, deviation = np.mean(values[:index]), np.std(values[:index]) or 1e-6
        distance = abs(values[index] - mean) / deviation
        if 1 - 0.5 * math.erfc(distance / 1.4142) >= 1.0:
            alarms.append(index)
    return alarms


def sigmoid(position):
    return -1.0 if position >= 3 else 2 / (1 + math.exp(5 * position)) - 1


def score(count, alarms, windows, profile):
    """Windows have both ends inside."""
    reward, false_positive, false_negative = profile
    total = 0.0
    for start, end in windows:
        if end < probation(count):
            continue
        paid = [reward * sigmoid(-(end - index + 1) / (end - start + 1)) / sigmoid(-1)
                for index in alarms if start <= index <= end and index >= probation(count)]
        total += max(paid) if paid else -false_negative
    for index in alarms:
        if index < probation(count) or any(start <= index <= end for start, end in windows):
            continue
        before = [window for window in windows if window[1] < index]
        if not before or before[-1][0] == before[-1][1]:
            total -= false_positive
        else:
            start, end = before[-1]
            total += false_positive * sigmoid((index - end) / (end - start))
    return total


cases = []
labels = json.loads((root / "labels/combined_windows.json").read_text())
for name, (standard, low_fn, true, false) in published.items():
    rows = list(csv.DictReader((root / "data" / name).open()))
    times = [row["timestamp"] for row in rows]
    windows = [[times.index(time.split(".")[0]) for time in window] for window in labels[name]]
    alarms = gaussian_alarms(np.array([float(row["value"]) for row in rows]))
    counted = [index for index in alarms if index >= probation(len(rows))]
    inside = sum(any(start <= index <= end for start, end in windows) for index in counted)
    assert (inside, len(counted) - inside) == (true, false), name
    cases.append({"kind": "published", "name": name, "count": len(rows), "alarms": alarms,
                  "windows": windows,
                  "scores": {"standard": standard, "reward_low_FN_rate": low_fn}})
for number in range(12):
    count = int(random.integers(40, 400)) if number < 10 else 8000
    edges = sorted(random.choice(count, 2 * int(random.integers(1, 6)), replace=False).tolist())
    windows = [[start, end] for start, end in zip(edges[::2], edges[1::2])]
    if number == 0:
        windows = [[start, start] for start, _ in windows]
    alarms = np.flatnonzero(random.random(count) < 0.05).tolist()
    cases.append({"kind": "random", "name": f"random {number}", "count": count, "alarms": alarms,
                  "windows": windows,
                  "scores": {name: score(count, alarms, windows, profile)
                             for name, profile in profiles.items()}})
target = pathlib.Path(__file__).with_name("nab.json")
target.write_text("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
