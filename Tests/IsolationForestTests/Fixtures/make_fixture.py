"""Writes clusters.csv and mixed.csv: rows, and their scores by scikit-learn 1.9.1 averaged over
ten seeds in the last column. The parameters are repeated in SklearnParityTests.swift.

usage: make_fixture.py   (in this folder; needs numpy and scikit-learn)
"""
import numpy as np

from sklearn_scores import mean_scores


def write(name, rows, **parameters):
    rows = rows.astype(np.float32)
    scores = mean_scores(rows, seeds=10, **parameters)
    np.savetxt(name, np.column_stack([rows, scores]), fmt="%.9g", delimiter=",")


random = np.random.default_rng(20240601)

# Two clusters of different width in four dimensions, and uniform outliers.
write(
    "clusters.csv",
    np.vstack([
        random.normal(0, 1, (420, 4)),
        random.normal(6, 0.4, (150, 4)),
        random.uniform(-10, 14, (30, 4)),
    ]),
    trees=100, subsample=256, max_features=1.0)

# What telemetry looks like: heavy tails, counts, flags, a constant, near copies, a trend.
n = 500
base = random.normal(size=(n, 3))
mixed = np.column_stack([
    random.standard_t(2, n), random.exponential(1, n) ** 3, random.poisson(0.3, n),
    random.integers(0, 2, n), np.full(n, 7.25), base, base + 0.05 * random.normal(size=(n, 3)),
    np.linspace(0, 1e6, n),
])
write("mixed.csv", mixed, trees=200, subsample=64, max_features=0.5)
