"""Writes numpy.json: quantiles, robust summaries, covariances and eigenvalues by NumPy 2.4.

usage: make_fixture.py   (in this folder; needs numpy)
"""
import json

import numpy as np

random = np.random.default_rng(7)

quantiles = []
for count in [1, 2, 5, 15, 16, 17]:
    values = np.sort(random.normal(100, 30, count))
    probabilities = [0, 0.001, 0.05, 0.25, 1 / 3, 0.5, 0.75, 0.9, 0.999, 1]
    quantiles.append({
        "values": values.tolist(), "probabilities": probabilities,
        "expected": np.quantile(values, probabilities).tolist(),
    })


def summary(values):
    present = np.array([v for v in values if v is not None])
    median = np.median(present)
    scale = max(
        (np.quantile(present, 0.75) - np.quantile(present, 0.25)) / 1.349,
        np.quantile(abs(present - median), 0.99) / 4, 0.3 * present.std(), 0.03 * abs(median), 1e-6)
    return {"values": values, "median": float(median), "scale": float(scale)}


summaries = [
    summary(random.normal(5, 2, 31).tolist()),  # the quartiles decide
    summary([0.0] * 20 + [1.0, 9.0, None]),  # the tail decides
    summary([0.0] * 200 + [900.0, None]),  # the deviation decides
    summary([-40.0] * 9),  # the median decides
    summary([0.0, None, 0.0]),  # the least scale decides
]

rows = (random.normal(size=(40, 5)) @ random.normal(size=(5, 5)) + 10).astype(np.float32)
covariance = np.cov(rows.astype(float), rowvar=False)

with open("numpy.json", "w") as file:
    json.dump({
        "quantiles": quantiles, "summaries": summaries, "rows": rows.astype(float).tolist(),
        "means": rows.astype(float).mean(axis=0).tolist(), "covariance": covariance.tolist(),
        "eigenvalues": np.linalg.eigvalsh(covariance)[::-1].tolist(),
    }, file, indent=1)
    file.write("\n")
