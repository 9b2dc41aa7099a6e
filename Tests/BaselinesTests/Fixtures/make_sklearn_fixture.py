"""Writes sklearn.json: principal components and ridge regressions by scikit-learn 1.9.

usage: make_sklearn_fixture.py   (in this folder; needs numpy and scikit-learn)
"""
import json

import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge

random = np.random.default_rng(12)


def rounded(array):
    """Values that a 32-bit float holds, so that both sides see the same."""
    return np.asarray(array, dtype=np.float32).astype(float)


def components(rows, columns, count):
    mix = random.normal(size=(4, columns))
    data = rounded(random.normal(size=(rows, 4)) @ mix + 0.3 * random.normal(size=(rows, columns)))
    probes = rounded(3 * random.normal(size=(6, columns)))
    model = PCA(n_components=count, svd_solver="full").fit(data)
    residual = probes - model.inverse_transform(model.transform(probes))
    return {
        "rows": data.tolist(), "probes": probes.tolist(), "count": count,
        "variances": model.explained_variance_.tolist(),
        "contributions": (residual**2).tolist(),
    }


def ridge():
    """Vector autoregression of four channels on three lags."""
    n, channels, lags = 160, 4, 3
    series = np.zeros((n, channels))
    weights = 0.25 * random.normal(size=(channels, channels))
    for t in range(1, n):
        series[t] = 0.5 + series[t - 1] @ weights.T + 0.3 * random.normal(size=channels)
    series = rounded(series)
    inputs = np.array([np.concatenate([series[t - lag] for lag in range(1, lags + 1)])
                       for t in range(lags, n)])
    targets = series[lags:]
    fits = []
    for penalty in [1e-4, 1e-2, 1.0]:
        model = Ridge(alpha=penalty * len(inputs), solver="svd").fit(inputs, targets)
        fits.append({"penalty": penalty, "coefficients": model.coef_.tolist(),
                     "intercepts": model.intercept_.tolist()})
    return {"series": series.tolist(), "lags": lags, "fits": fits}


with open("sklearn.json", "w") as file:
    json.dump({
        "tall": components(60, 8, 3), "wide": components(9, 20, 4), "ridge": ridge(),
    }, file, indent=0)
    file.write("\n")
