"""`features`: eight features of every series over windows of 5, 15 and 60 points.

Mean, sample deviation, minimum, maximum, least-squares slope, 0.95 quantile with linear
interpolation, EWMA of the window's span without adjustment, and difference to w points before.
"""

import bottleneck as bn
import numpy as np
import pandas
import polars

from measure import main

WINDOWS = [5, 15, 60]
NAMES = ["mean", "deviation", "minimum", "maximum", "slope", "quantile", "ewma", "difference"]
QUANTILE = 0.95
# Series whose features are written for the comparison.
DUMPED = 4


def load(data):
    """The series, [series × points]."""
    numbers = np.fromfile(data / "features.f64", "<f8")
    series, points = numbers[:2].view("<i8")
    return numbers[2:].reshape(series, points)


def slope_weights(window):
    """Weights whose products with a window's values, oldest first, sum to the slope."""
    offsets = np.arange(window) - (window - 1) / 2
    return offsets / (offsets**2).sum()


def polars_peer(data):
    """Eager: as a lazy query it takes a quarter longer."""
    values = load(data)
    frame = polars.DataFrame({f"s{index}": series for index, series in enumerate(values)})
    build = {
        "mean": lambda x, w: x.rolling_mean(w),
        "deviation": lambda x, w: x.rolling_std(w),
        "minimum": lambda x, w: x.rolling_min(w),
        "maximum": lambda x, w: x.rolling_max(w),
        "slope": lambda x, w: x.rolling_sum(w, weights=list(slope_weights(w))),
        "quantile": lambda x, w: x.rolling_quantile(
            QUANTILE, interpolation="linear", window_size=w),
        "ewma": lambda x, w: x.ewm_mean(span=w, adjust=False),
        "difference": lambda x, w: x - x.shift(w),
    }
    expressions = [
        build[name](polars.col(series), window).alias(f"{name} {window} {series}")
        for name in NAMES for window in WINDOWS for series in frame.columns
    ]
    return lambda: frame.select(expressions)


def pandas_peer(data):
    # A column after the other in memory, which is what its windows run fastest over.
    values = load(data)
    frame = pandas.DataFrame(np.asfortranarray(values.T))
    # It has no slope: the difference of two sums, of time times value and of values.
    time = np.arange(len(frame), dtype=float)
    timed = frame.mul(time, axis=0)

    def slope(window):
        scale = window * (window**2 - 1) / 12
        sums = frame.rolling(window).sum().mul(time - (window - 1) / 2, axis=0)
        return (timed.rolling(window).sum() - sums) / scale

    def run():
        build = {
            "mean": lambda w: frame.rolling(w).mean(),
            "deviation": lambda w: frame.rolling(w).std(),
            "minimum": lambda w: frame.rolling(w).min(),
            "maximum": lambda w: frame.rolling(w).max(),
            "slope": slope,
            "quantile": lambda w: frame.rolling(w).quantile(QUANTILE),
            "ewma": lambda w: frame.ewm(span=w, adjust=False).mean(),
            "difference": lambda w: frame.diff(w),
        }
        return {(name, w): build[name](w).to_numpy().T for name in NAMES for w in WINDOWS}

    return run


def numpy_peer(data):
    """The fastest of the three for each feature."""
    values = load(data)
    series, points = values.shape
    frame = pandas.DataFrame(np.asfortranarray(values.T))
    time = np.arange(points, dtype=float)
    timed = values * time

    def slope(window):
        scale = window * (window**2 - 1) / 12
        sums = bn.move_sum(values, window) * (time - (window - 1) / 2)
        return (bn.move_sum(timed, window) - sums) / scale

    def quantile(window):
        lower = int(QUANTILE * (window - 1))
        fraction = QUANTILE * (window - 1) - lower
        result = np.full(values.shape, np.nan)
        for index, windows in enumerate(
                np.lib.stride_tricks.sliding_window_view(values, window, axis=1)):
            ordered = np.sort(windows, axis=1)
            low, high = ordered[:, lower], ordered[:, lower + 1]
            result[index, window - 1:] = low + fraction * (high - low)
        return result

    def difference(window):
        result = np.full(values.shape, np.nan)
        np.subtract(values[:, window:], values[:, :-window], out=result[:, window:])
        return result

    def run():
        build = {
            "mean": lambda w: bn.move_mean(values, w),
            "deviation": lambda w: bn.move_std(values, w, ddof=1),
            "minimum": lambda w: bn.move_min(values, w),
            "maximum": lambda w: bn.move_max(values, w),
            "slope": slope,
            "quantile": quantile,
            "ewma": lambda w: frame.ewm(span=w, adjust=False).mean().to_numpy().T,
            "difference": difference,
        }
        return {(name, w): build[name](w) for name in NAMES for w in WINDOWS}

    return run


def facts(result):
    if isinstance(result, polars.DataFrame):
        return {"values": result.height * result.width}
    return {"values": sum(values.size for values in result.values())}


def dump(result):
    """The features of the first series, [features × windows × series × points]."""
    if isinstance(result, polars.DataFrame):
        return b"".join(
            result[f"{name} {window} s{index}"].to_numpy().astype("<f8").tobytes()
            for name in NAMES for window in WINDOWS for index in range(DUMPED))
    return b"".join(
        np.ascontiguousarray(result[name, window][:DUMPED], "<f8").tobytes()
        for name in NAMES for window in WINDOWS)


PEERS = {"polars": polars_peer, "pandas": pandas_peer, "bottleneck, numpy and pandas": numpy_peer}

if __name__ == "__main__":
    main(PEERS, facts, dump)
