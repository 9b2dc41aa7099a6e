"""Samples and how far SciPy and NumPy say they are apart, for DriftTests.

Usage: python make_drift_fixture.py > drift.json      (numpy, scipy)
"""
import json

import numpy as np
from scipy.stats import ks_2samp


def stability_index(before, now):
    """Shares by the reference's deciles, as observed values; at least half a value in each bin."""
    ordered = np.sort(before)
    edges = np.unique(
        [np.nextafter(ordered[0], -np.inf)]
        + [ordered[(len(ordered) - 1) * tenth // 10] for tenth in range(1, 10)])

    def shares(sample):
        counts = np.bincount(np.searchsorted(edges, sample, side="left"), minlength=len(edges) + 1)
        return np.maximum(counts, 0.5) / len(sample)

    p, q = shares(before), shares(now)
    return float(np.sum((q - p) * np.log(q / p)))


def main():
    random = np.random.default_rng(7)
    samples = {
        "same": (random.normal(size=200), random.normal(size=150)),
        "moved": (random.normal(size=200), random.normal(1.5, size=90)),
        "wider": (random.normal(size=80), random.normal(0, 4, size=300)),
        "ties": (random.integers(0, 4, 120).astype(float), random.integers(1, 6, 75).astype(float)),
        "constant": (np.ones(40), np.ones(30)),
        "constant moved": (np.ones(40), np.full(30, 2.0)),
        "constant fallen": (np.full(40, 5.0), np.zeros(30)),
        "single": (np.array([1.0]), np.array([0.0])),
        "apart": (random.uniform(0, 1, 50), random.uniform(5, 6, 60)),
    }
    print(json.dumps([
        {
            "name": name, "reference": before.tolist(), "current": now.tolist(),
            "psi": stability_index(before, now),
            "ks": float(ks_2samp(before, now).statistic),
        } for name, (before, now) in samples.items()]))


main()
