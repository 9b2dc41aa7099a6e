"""Writes numpy.json: scores of the baselines by NumPy 2.4, each computed another way than ours.

usage: make_fixture.py   (in this folder; needs numpy)
"""
import json

import numpy as np

random = np.random.default_rng(11)


def listed(array):
    return [[None if np.isnan(v) else float(v) for v in row] for row in array]


# Principal components: by singular values of the rows, not by eigenvalues of the covariances.
rows = (random.normal(size=(80, 3)) @ random.normal(size=(3, 7)) * 2
        + 0.4 * random.normal(size=(80, 7)) + np.arange(7)).astype(np.float32)
rows[random.random(rows.shape) < 0.03] = np.nan
probes = np.vstack([rows[:10], 3 * random.normal(size=(10, 7)).astype(np.float32)])
probes[0, 2:4] = probes[1, 0] = probes[12, 1:5] = np.nan
data = rows.astype(float)
means = np.nanmean(data, axis=0)
centred = np.where(np.isnan(data), 0, data - means)
_, singular, directions = np.linalg.svd(centred, full_matrices=False)
variances = singular**2 / (len(data) - 1)
count = int(np.searchsorted(np.cumsum(variances) / variances.sum(), 0.9)) + 1
# Missing values of a probe: expected values of a normal distribution given the others, from its
# whole covariance matrix.
kept = directions[:count]
noise = variances[count:].mean()
model = kept.T @ np.diag(variances[:count] - noise) @ kept + noise * np.eye(7)
scores = []
for probe in probes.astype(float) - means:
    gone = np.isnan(probe)
    full = probe.copy()
    if gone.any():
        full[gone] = model[np.ix_(gone, ~gone)] @ np.linalg.inv(model[np.ix_(~gone, ~gone)]) \
            @ probe[~gone]
    residual = full - full @ kept.T @ kept
    scores.append(float((residual[~gone]**2).sum()))
components = {
    "rows": listed(rows), "probes": listed(probes), "means": means.tolist(),
    "variances": variances[:count].tolist(), "scores": scores,
}

# Moving z over a window of six rows.
window = 6
stream = random.normal(20, 5, (60, 3)).astype(np.float32)
stream[:, 2] = 50  # constant, then a step
stream[40:, 2] = 53
stream[random.random(stream.shape) < 0.1] = np.nan
moving = []
for t in range(len(stream)):
    best = 0.0
    for c in range(3):
        past = stream[max(0, t - window):t, c].astype(float)
        past = past[~np.isnan(past)]
        if len(past) >= window / 2 and len(past) >= 2 and not np.isnan(stream[t, c]):
            scale = max(past.std(ddof=1), 0.03 * abs(past.mean()), 1e-6)
            best = max(best, abs(float(stream[t, c]) - past.mean()) / scale)
    moving.append(best)

# Robust deviation by sorting.
features = (random.standard_t(2, (40, 57))).astype(np.float32)
features[random.random(features.shape) < 0.1] = np.nan
features[7] = np.nan
deviations = []
for row in features:
    present = np.sort(np.abs(row[~np.isnan(row)].astype(float)))[::-1]
    deviations.append(
        float(present[:max(1, len(present) // 10)].mean()) if len(present) else 0.0)

with open("numpy.json", "w") as file:
    json.dump({
        "components": components,
        "moving": {"window": window, "rows": listed(stream), "scores": moving},
        "robust": {"rows": listed(features), "scores": deviations},
    }, file, indent=0)
    file.write("\n")
