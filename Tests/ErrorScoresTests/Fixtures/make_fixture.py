"""Writes peers.json: shrunk covariances by scikit-learn 1.9, distances by NumPy's inverse, and
telemanom's dynamic threshold written after the paper's formula, one window at a time.

usage: make_fixture.py   (in this folder; needs numpy and scikit-learn)
"""
import json

import numpy as np
from sklearn.covariance import OAS, LedoitWolf

random = np.random.default_rng(21)


def covariances(rows, columns):
    data = random.standard_t(4, size=(rows, columns)) @ random.normal(size=(columns, columns))
    data = data.astype(np.float32).astype(float)
    wolf, oas = LedoitWolf().fit(data), OAS().fit(data)
    probes = (4 * random.normal(size=(4, columns))).astype(np.float32).astype(float)
    distances = []
    for index, probe in enumerate(probes):
        keep = np.arange(columns) if index < 2 else np.arange(index - 1, columns)
        centred = (probe - data.mean(axis=0))[keep]
        part = np.linalg.inv(wolf.covariance_[np.ix_(keep, keep)])
        distances.append({
            "errors": [None if c not in keep else float(probe[c]) for c in range(columns)],
            "squared": float(centred @ part @ centred),
            "contributions": (centred * (part @ centred)).tolist(),
        })
    return {
        "rows": data.tolist(),
        "ledoit_wolf": {"shrinkage": float(wolf.shrinkage_),
                        "covariance": wolf.covariance_.tolist()},
        "oas": {"shrinkage": float(oas.shrinkage_), "covariance": oas.covariance_.tolist()},
        "distances": distances,
    }


def runs(flags):
    """Maximal stretches of true flags as (first, last)."""
    found = []
    for i, flag in enumerate(flags):
        if flag and (i == 0 or not flags[i - 1]):
            found.append([i, i])
        if flag:
            found[-1][1] = i
    return found


def threshold(window):
    mean, deviation = window.mean(), window.std()
    best, chosen = 0.0, 12.0
    for z in np.arange(2.5, 12, 0.5):
        above = window > mean + z * deviation
        if not above.any():
            continue
        below = window[~above]
        gain = (mean - below.mean()) / mean + (deviation - below.std()) / deviation
        value = gain / (above.sum() + len(runs(above)) ** 2)
        if value >= best * (1 - 1e-12):
            best, chosen = max(value, best), z
    return mean + chosen * deviation


def judge(window, pruning):
    """Threshold, and the state of the last error: normal, pruned or anomalous."""
    epsilon = threshold(window)
    if window[-1] <= epsilon:
        return epsilon, "normal"
    sequences = runs(window > epsilon)
    peaks = [(window[a:b + 1].max(), a) for a, b in sequences]
    peaks.sort(reverse=True)
    values = [peak for peak, _ in peaks] + [window[window <= epsilon].max()]
    last = -1
    for i in range(len(peaks)):
        if (values[i] - values[i + 1]) / values[i] > pruning:
            last = i
    place = [a for _, a in peaks].index(sequences[-1][0])
    return epsilon, "anomalous" if place <= last else "pruned"


def telemanom(pruning):
    size, fewest = 80, 20
    errors = np.abs(random.normal(size=600)) * 0.3 + 0.2
    errors[90:96] += 4
    errors[130:132] += 2.2
    errors[200] += 9
    errors[240:260] += 1.7
    errors[300:302] += 3
    errors[320] += 3.05
    errors[340:] = 0.2 + random.exponential(size=260)
    rows = []
    for t in range(len(errors)):
        window = errors[max(0, t - size + 1):t + 1]
        if len(window) < fewest:
            rows.append({"severity": 0.0, "state": "early", "threshold": None})
            continue
        epsilon, state = judge(window, pruning)
        severity = errors[t] / epsilon
        if state == "anomalous":
            severity = 1 + (errors[t] - epsilon) / (window.mean() + window.std())
        rows.append({"severity": None if state == "pruned" else float(severity), "state": state,
                     "threshold": float(epsilon)})
    states = [row["state"] for row in rows]
    assert all(states.count(state) > 0 for state in ("normal", "pruned", "anomalous")), states
    return {"window": size, "fewest": fewest, "pruning": pruning, "errors": errors.tolist(),
            "cells": rows}


with open("peers.json", "w") as file:
    json.dump({
        "covariances": [covariances(60, 5), covariances(8, 12)], "telemanom": telemanom(0.13),
    }, file, indent=0)
    file.write("\n")
