"""Writes the catalogue's windowed features by pandas 3.1, NumPy 2.4 and SciPy 1.17 as JSON.

usage: make_fixture.py [seed] > pandas.json   (needs numpy, pandas and scipy)
"""
import json
import sys
import warnings

import numpy as np
import pandas as pd
from scipy import stats

warnings.simplefilter("ignore")
random = np.random.default_rng(int(sys.argv[1]) if len(sys.argv) > 1 else 5)

values = 40 + 10 * np.sin(np.arange(80) / 6) + random.normal(size=80)
values[30:38] = 41.25  # constant for a while
values[55] = 5e4       # and wild for a moment
values[random.random(80) < 0.12] = np.nan
values[62:68] = np.nan
series = pd.Series(values)


def slope(window):
    positions = np.flatnonzero(~np.isnan(window))
    return stats.linregress(positions, window[positions]).slope


def features(window):
    # Half of the window and two values must be present.
    rolling = series.rolling(window, min_periods=max(2, (window + 1) // 2))
    averages = series.ewm(span=window, adjust=False, ignore_na=True)
    found = {
        "mean": rolling.apply(np.nanmean, raw=True),
        "deviation": rolling.apply(np.nanstd, raw=True),
        "sample_deviation": rolling.apply(lambda x: np.nanstd(x, ddof=1), raw=True),
        "minimum": rolling.min(), "maximum": rolling.max(),
        "slope": rolling.apply(slope, raw=True),
        "median": rolling.quantile(0.5), "quantile_05": rolling.quantile(0.05),
        "quantile_25": rolling.quantile(0.25), "quantile_75": rolling.quantile(0.75),
        "quantile_95": rolling.quantile(0.95), "quantile_99": rolling.quantile(0.99),
        "ewma": averages.mean(), "ewma_deviation": averages.std(bias=True),
        "lag": series.shift(window), "difference": series.diff(window),
        "missing_share": series.isna().astype(float).rolling(window, min_periods=1).mean(),
    }
    found["excess"] = series - found["mean"]
    return found


def listed(column):
    return [None if np.isnan(v) else float(v) for v in column]


json.dump({
    "values": listed(values),
    "windows": [
        {"window": window, "features": {k: listed(v) for k, v in features(window).items()}}
        for window in (4, 15, 33)
    ],
}, sys.stdout, indent=0)
print()
