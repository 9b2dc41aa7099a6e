"""Writes extended.csv: two tilted clusters and outliers, and their scores by isotree 0.6.1.post10 with two
columns a split, averaged over twenty seeds, in the last column. The parameters are repeated in
ExtendedParityTests.swift.

usage: make_extended_fixture.py   (in this folder; needs numpy, pandas and isotree)
"""
import numpy as np

from isotree_scores import mean_scores

random = np.random.default_rng(20240602)
turn = np.array([[1, 0.8, 0], [0, 0.6, 0], [0, 0, 10]])
rows = np.vstack([
    random.normal(0, 1, (400, 3)) @ turn,
    random.normal(5, 0.5, (170, 3)),
    random.uniform(-8, 12, (30, 3)),
]).astype(np.float32)
scores = mean_scores(rows, trees=100, subsample=128, seeds=20)
np.savetxt("extended.csv", np.column_stack([rows, scores]), fmt="%.9g", delimiter=",")
