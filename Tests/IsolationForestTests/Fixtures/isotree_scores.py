"""Anomaly scores of isotree's extended forest (two columns a split), averaged over seeds.

Columns are standardised within each node, coefficients are normally distributed, the threshold is
uniform between the extremes: what our extension level 1 does. isotree seeds tree t with seed + t,
so that neighbouring seeds share nearly all trees: ours lie far apart.
"""
import numpy as np
from isotree import IsolationForest


def seed_scores(rows, scored, trees, subsample, seed, ndim=2):
    forest = IsolationForest(
        ntrees=trees, sample_size=min(subsample, len(rows)), ndim=ndim, ntry=1, coefs="normal",
        max_depth="auto", missing_action="fail", penalize_range=False, standardize_data=True,
        random_seed=100_000 * (seed + 1), nthreads=1)
    return forest.fit(rows.astype(np.float64)).predict(scored.astype(np.float64))


def mean_scores(rows, trees, subsample, seeds):
    return sum(seed_scores(rows, rows, trees, subsample, seed) for seed in range(seeds)) / seeds
