"""Compares what each implementation computed with a reference made here by plain means.

A comparison gives a quality, at most 1 and None for a wrong result, and a note that says more.
"""

import json
import math
from collections import Counter

import numpy as np

WINDOWS = [5, 15, 60]
FEATURES = ["mean", "deviation", "minimum", "maximum", "slope", "quantile", "ewma", "difference"]


def series_reference(data):
    """Times and values of prom.json by the standard library, whose numbers are correctly rounded."""
    result = json.loads((data / "prom.json").read_text())["data"]["result"]
    times = [round(time * 1000) for series in result for time, _ in series["values"]]
    values = [float(text) for series in result for _, text in series["values"]]
    return np.array(times, "<i8").tobytes() + np.array(values, "<f8").tobytes()


def stream_reference(data):
    """Times and lines of loki.json by the standard library."""
    result = json.loads((data / "loki.json").read_text())["data"]["result"]
    result.sort(key=lambda stream: ",".join(
        f"{key}={value}" for key, value in sorted(stream["stream"].items())))
    return b"".join(
        np.array([int(time) for time, _ in stream["values"]], "<i8").tobytes()
        + "".join(f"{line}\n" for _, line in stream["values"]).encode()
        for stream in result)


def template_reference(data):
    """The number of the template that each line was made from."""
    return [int(number) for number in (data / "lines.truth").read_text().split()]


def feature_reference(data):
    """Features of the first four series, [features × windows × series × points]."""
    numbers = np.fromfile(data / "features.f64", "<f8")
    series, points = numbers[:2].view("<i8")
    values = numbers[2:].reshape(series, points)[:4]
    result = np.full((len(FEATURES), len(WINDOWS), *values.shape), np.nan)
    for place, window in enumerate(WINDOWS):
        windows = np.lib.stride_tricks.sliding_window_view(values, window, axis=1)
        offsets = np.arange(window) - (window - 1) / 2
        part = result[:, place, :, window - 1:]
        part[0] = windows.mean(axis=2)
        part[1] = windows.std(axis=2, ddof=1)
        part[2] = windows.min(axis=2)
        part[3] = windows.max(axis=2)
        part[4] = windows @ (offsets / (offsets**2).sum())
        part[5] = np.quantile(windows, 0.95, axis=2)
        average = values[:, 0]
        result[6, place, :, 0] = average
        for point in range(1, points):
            average = average + 2 / (window + 1) * (values[:, point] - average)
            result[6, place, :, point] = average
        result[7, place, :, window:] = values[:, window:] - values[:, :-window]
    return result


def identical(reference, found):
    if found == reference:
        return 1, "identical bytes"
    if len(found) != len(reference):
        return None, f"{len(found)} bytes instead of {len(reference)}"
    wrong = np.frombuffer(found, np.uint8) != np.frombuffer(reference, np.uint8)
    return None, f"{np.count_nonzero(wrong)} bytes differ, the first at {np.argmax(wrong)}"


def grouping(reference, found):
    """Grouping accuracy: the share of lines whose group is exactly that of their template."""
    groups = np.frombuffer(found, "<u8").tolist()
    if len(groups) != len(reference):
        return None, f"{len(groups)} lines instead of {len(reference)}"
    expected, made, both = Counter(reference), Counter(groups), Counter(zip(reference, groups))
    exact = sum(count for (a, b), count in both.items() if expected[a] == count == made[b])
    accuracy = exact / len(groups)
    return accuracy, f"grouping accuracy {accuracy:.3f}"


def close(reference, found):
    """All features agree; the start, where windows fill, is left out."""
    values = np.frombuffer(found, "<f8")
    if values.size != reference.size:
        return None, f"{values.size} values instead of {reference.size}"
    start = max(WINDOWS)
    values = values.reshape(reference.shape)[..., start:]
    reference = reference[..., start:]
    present = sum(not np.isnan(part).any() for part in values)
    errors = np.abs(values - reference) / np.maximum(1, np.abs(reference))
    # NaN where a value is missing, which is no less than anything.
    worst = float(np.max(errors))
    note = f"{present} of {len(FEATURES)} features, largest error {worst:.0e}"
    return 1 if worst < 1e-7 else None, note


def disagreements(ours, theirs):
    """The facts that two implementations do not agree on, of those that must be equal."""
    # How many templates there are is up to each.
    return [key for key in ours
            if key != "templates"
            and not math.isclose(ours[key], theirs.get(key, math.nan), rel_tol=1e-9)]
