"""Three datasets with scores of scikit-learn's IsolationForest and isotree's extended forest.

usage: forest_parity.py FOLDER SEEDS [DATASETS]

Writes for each dataset `NAME.json` with its shape and labels, `NAME.fit.f32` and `NAME.test.f32`
with rows to fit and to score (32-bit floats, row-major), and `NAME.sklearn.f32` and
`NAME.isotree.f32` with scores [seeds x test rows]. The datasets are synthetic, or with
DATASETS public ones from that folder, left out when it does not have them. Needs numpy, pandas, scikit-learn and isotree.
"""
import json
import os
import sys

import numpy as np
from sklearn.ensemble import IsolationForest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Fixtures"))
from isotree_scores import seed_scores  # noqa: E402

TREES, SUBSAMPLE = 100, 256


def planted(random, rows, columns, shift):
    """Normal rows, a twentieth of them shifted in a quarter of the columns."""
    labels = np.zeros(rows, bool)
    labels[: rows // 20] = True
    values = random.normal(size=(rows, columns))
    values[labels, : columns // 4] += shift
    return values, labels


def clusters(random, rows):
    """Two clusters of different width in two dimensions, with outliers around them."""
    labels = np.zeros(rows, bool)
    labels[: rows // 20] = True
    values = np.where(
        np.arange(rows)[:, None] % 3 == 0, random.normal(8, 1, (rows, 2)),
        random.normal(0, 2, (rows, 2)))
    values[labels] = random.uniform(-9, 15, (rows // 20, 2))
    return values, labels


def telemetry(random, rows):
    """Heavy tails, counts, flags, a constant, near copies."""
    labels = np.zeros(rows, bool)
    labels[: rows // 20] = True
    base = random.normal(size=(rows, 3))
    values = np.column_stack([
        random.exponential(1, rows) ** 2, random.poisson(0.5, rows), random.integers(0, 2, rows),
        np.full(rows, 7.25), base, base + 0.05 * random.normal(size=(rows, 3)),
        np.cumsum(random.normal(size=rows)) / 10])
    values[labels, 4:6] *= 4
    return values, labels


def published(folder, fit, test, labels):
    path = lambda name: os.path.join(folder, name)
    if not os.path.exists(path(fit)):
        return None
    rows = np.loadtxt(path(fit), delimiter=",")
    scored = np.loadtxt(path(test), delimiter=",")
    marks = np.loadtxt(path(labels)) > 0
    count = min(len(scored), len(marks))
    # Every few rows are enough and keep the comparison short.
    step, stride = max(1, len(rows) // 6000), max(1, count // 4000)
    return rows[::step], scored[:count:stride], marks[:count:stride]


def synthetic():
    random = np.random.default_rng(20240603)
    for name, (rows, labels) in [
        ("planted", planted(random, 3000, 12, 2.5)), ("clusters", clusters(random, 3000)),
        ("telemetry", telemetry(random, 3000)),
    ]:
        yield name, (rows, rows, labels)


def public(folder):
    for name, parts in [
        ("smd-1-2", [f"smd/{k}/machine-1-2.txt{e}" for k, e in
                     [("train", ".gz"), ("test", ".gz"), ("test_label", "")]]),
        ("asd-5", ["asd/train/omi-5.csv.gz", "asd/test/omi-5.csv.gz", "asd/test_label/omi-5.txt"]),
        ("jumpstarter-8", [f"jumpstarter/Dataset2/{k}/service8.csv{e}" for k, e in
                           [("train", ".gz"), ("test", ".gz"), ("test_label", "")]]),
    ]:
        found = published(folder, *parts)
        if found:
            yield name, found


def sklearn_scores(rows, scored, seed):
    forest = IsolationForest(
        n_estimators=TREES, max_samples=min(SUBSAMPLE, len(rows)), random_state=seed)
    return -forest.fit(rows).score_samples(scored)


def main(folder, seeds, source=None):
    for name, (rows, scored, labels) in public(source) if source else synthetic():
        rows, scored = rows.astype(np.float32), scored.astype(np.float32)
        with open(os.path.join(folder, name + ".json"), "w") as file:
            json.dump({
                "name": name, "columns": rows.shape[1], "trees": TREES, "subsample": SUBSAMPLE,
                "anomalies": np.flatnonzero(labels).tolist()}, file)
        write = lambda kind, values: np.asarray(values, np.float32).tofile(
            os.path.join(folder, f"{name}.{kind}.f32"))
        write("fit", rows)
        write("test", scored)
        write("sklearn", [sklearn_scores(rows, scored, seed) for seed in range(seeds)])
        write("isotree", [
            seed_scores(rows, scored, TREES, SUBSAMPLE, seed) for seed in range(seeds)])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
