"""Writes average_precision.json: scikit-learn's average precision for small cases.

Run with scikit-learn and NumPy installed; the committed file was made with scikit-learn 1.9.1.
"""

import json
import pathlib
import warnings

import numpy as np
from sklearn.metrics import average_precision_score

random = np.random.default_rng(20261123)


def case(name, scores, labels):
    scores = np.asarray(scores, dtype=np.float32)
    labels = np.asarray(labels, dtype=int)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # warns without positives
        expected = average_precision_score(labels, scores.astype(np.float64))
    return {
        "name": name,
        "scores": [float(s) for s in scores],
        "labels": [int(l) for l in labels],
        "expected": float(expected),
    }


rare = (random.random(600) < 0.05).astype(int)
even = (random.random(300) < 0.5).astype(int)
cases = [
    case("random scores", random.random(600), rare),
    case("informative scores", random.gamma(1.0, 1.0, 600) + 2.0 * rare, rare),
    case("rounded to sixteenths", np.round(random.random(600) * 16) / 16, rare),
    case("three distinct scores", random.integers(0, 3, 300), even),
    case("one score for all", np.full(300, 0.5), even),
    case("magnitudes from 1e-30 to 1e30", 10.0 ** random.uniform(-30, 30, 300), even),
    case("many exact zeros", np.maximum(0, random.random(600) - 0.7), rare),
    case("perfect", 1.0 + even, even),
    case("reversed", 1.0 - even, even),
    case("all positive", random.random(50), np.ones(50)),
    case("none positive", random.random(50), np.zeros(50)),
    case("one positive cell alone", [0.0], [1]),
]
target = pathlib.Path(__file__).with_name("average_precision.json")
lines = [json.dumps(c, separators=(",", ":")) for c in cases]
target.write_text("[\n" + ",\n".join(lines) + "\n]\n")
