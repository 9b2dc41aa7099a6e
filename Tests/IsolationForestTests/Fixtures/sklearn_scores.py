"""Anomaly scores of scikit-learn's IsolationForest, averaged over seeds.

usage: sklearn_scores.py ROWS.csv TREES SUBSAMPLE MAX_FEATURES SEEDS

Fits and scores the rows of a CSV file without header, as 32-bit floats; prints one score a line,
higher for more anomalous.
"""
import sys

import numpy as np
from sklearn.ensemble import IsolationForest


def mean_scores(rows, trees, subsample, max_features, seeds):
    total = np.zeros(len(rows))
    for seed in range(seeds):
        forest = IsolationForest(
            n_estimators=trees, max_samples=min(subsample, len(rows)),
            max_features=max_features, random_state=seed)
        total -= forest.fit(rows).score_samples(rows)
    return total / seeds


if __name__ == "__main__":
    path, trees, subsample, max_features, seeds = sys.argv[1:]
    rows = np.loadtxt(path, delimiter=",", ndmin=2).astype(np.float32)
    for score in mean_scores(rows, int(trees), int(subsample), float(max_features), int(seeds)):
        print("%.9g" % score)
