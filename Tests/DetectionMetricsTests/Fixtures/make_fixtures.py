"""Writes cases.json: what independent implementations measure on small series.

usage: make_fixtures.py   (in this folder)

Made with Python 3.11 and

    pip install numpy==1.26.4 pandas==2.3.3 scikit-learn==1.5.2 statsmodels==0.15.0 prts==1.0.0.3
    pip install --no-deps PATE==0.1.1 TSB-AD==1.5

scikit-learn answers for average precision, the ROC area and F1 after point adjustment; TSB-AD for
VUS (version `opt`, by the authors of VUS) and for affiliation (the authors' code); PATE for PATE
(its authors' code); prts for range-based precision and recall. Counts of events, delays, leads and
burdens are plain loops over points, below.
"""

import json
import math
import pathlib
import statistics
import warnings

import numpy as np
from pate.PATE_metric import PATE
from prts import ts_precision, ts_recall
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score
from TSB_AD.evaluation.affiliation.generics import convert_vector_to_events
from TSB_AD.evaluation.affiliation.metrics import pr_from_events
from TSB_AD.evaluation.basic_metrics import basic_metricor

warnings.simplefilter("ignore")
random = np.random.default_rng(20261130)


def marked(count, *ranges):
    labels = np.zeros(count, dtype=int)
    for start, end in ranges:
        labels[start:end] = 1
    return labels


def scattered(count, pieces, longest):
    labels = np.zeros(count, dtype=int)
    for start in random.integers(0, count, pieces):
        labels[start:start + random.integers(1, longest + 1)] = 1
    return labels


def informative(labels, strength=1.0):
    """Noise with bumps that begin early and end late, as detectors have them."""
    reach = np.convolve(labels, np.hanning(15), mode="same")
    return random.gamma(1.0, 1.0, len(labels)) + strength * np.minimum(reach, 3)


def series(name, scores, labels, alarms=None):
    scores = np.round(np.asarray(scores, dtype=float), 4)
    if alarms is None:
        alarms = (scores >= np.quantile(scores, 0.9)).astype(int)
    return name, scores, np.asarray(labels, dtype=int), np.asarray(alarms, dtype=int)


several = marked(300, (40, 55), (120, 121), (200, 240))
borders = marked(200, (0, 8), (60, 66), (190, 200))
near = marked(220, (50, 55), (58, 61), (64, 70), (150, 160), (161, 163))
crowd = scattered(260, 25, 4)
half = scattered(180, 12, 20)
waves = np.sin(np.arange(320) / 7)
spikes = marked(320, (70, 71), (130, 131), (131, 132), (250, 251))
inputs = [
    series("random scores", random.random(300), several),
    series("informative scores", informative(several), several),
    series("sure scores", informative(several, 4), several),
    series("rounded scores", np.round(informative(several) * 2) / 2, several),
    series("three distinct scores", random.integers(0, 3, 300), several),
    series("one score for all", np.full(300, 0.5), several),
    series("incidents at both borders", informative(borders), borders),
    series("incidents near each other", informative(near), near),
    series("many short incidents", informative(crowd), crowd),
    series("half of it incidents", informative(half), half),
    series("single points in waves", waves + informative(spikes), spikes),
    series("negative scores", -informative(1 - several), several),
    series("perfect", several, several, several),
    series("reversed", 1 - several, several, 1 - several),
    series("early alarms", np.roll(informative(several, 4), -12), several),
    series("late alarms", np.roll(informative(several, 4), 12), several),
    series("fewer points than thresholds", informative(borders[:40]), borders[:40]),
    series("two points", [0.25, 0.75], [0, 1], [0, 1]),
    series("alarm everywhere", random.random(100), marked(100, (30, 50)), np.ones(100)),
    series("no alarm", random.random(100), marked(100, (30, 50)), np.zeros(100)),
    series("all anomalous", random.random(60), np.ones(60)),
    series("none anomalous", random.random(60), np.zeros(60)),
]


def number(value):
    return None if value is None or math.isnan(value) else float(value)


def spans(labels):
    """First and last point of each stretch."""
    found, start = [], None
    for index, label in enumerate([*labels, 0]):
        if label and start is None:
            start = index
        if not label and start is not None:
            found.append((start, index - 1))
            start = None
    return found


def ranked(scores, labels):
    mixed = 0 < labels.sum() < len(labels)
    return {
        "average_precision": number(average_precision_score(labels, scores))
        if labels.any() else None,
        "roc_area": number(roc_auc_score(labels, scores)) if mixed else None,
    }


def volumes(scores, labels):
    if not 0 < labels.sum() < len(labels):
        return []
    rows = []
    for window, thresholds in ((0, 250), (1, 250), (4, 250), (9, 40), (30, 250)):
        *_, roc, pr = basic_metricor().RangeAUC_volume_opt(labels, scores, window, thresholds)
        rows.append({"window": window, "thresholds": thresholds, "pr": pr, "roc": roc})
    return rows


def proximities(scores, labels):
    if not labels.any():
        return []
    rows = []
    for early, late, steps, thresholds in (
            (0, 0, 1, 250), (5, 5, 1, 250), (20, 10, 2, 250), (7, 30, 3, 40)):
        value = PATE(labels, scores, early, late, num_splits_MaxBuffer=steps,
                     num_desired_thresholds=thresholds)
        rows.append({"early": early, "late": late, "steps": steps, "thresholds": thresholds,
                     "value": number(value)})
    return rows


def affiliation(alarms, labels):
    if not labels.any():
        return None
    found = pr_from_events(
        convert_vector_to_events(alarms), convert_vector_to_events(labels), (0, len(labels)))
    return {
        "precision": number(found["Affiliation_Precision"]),
        "recall": number(found["Affiliation_Recall"]),
        "precisions": [number(p) for p in found["individual_precision_probabilities"]],
        "recalls": [number(r) for r in found["individual_recall_probabilities"]],
    }


def ranges(alarms, labels):
    if not labels.any() or not alarms.any():
        return []
    rows = []
    for bias in ("flat", "front", "middle", "back"):
        for cardinality in ("one", "reciprocal"):
            for alpha in (0.0, 0.3):
                rows.append({
                    "bias": bias, "cardinality": cardinality, "existence": alpha,
                    "precision": float(ts_precision(labels, alarms, alpha=alpha,
                                                    cardinality=cardinality, bias=bias)),
                    "recall": float(ts_recall(labels, alarms, alpha=alpha,
                                              cardinality=cardinality, bias=bias)),
                })
    return rows


def events(alarms, labels):
    incidents, raised = spans(labels), spans(alarms)
    delays = []
    for start, end in incidents:
        hits = [index - start for index in range(start, end + 1) if alarms[index]]
        delays.append(hits[0] if hits else None)
    known = [delay for delay in delays if delay is not None]
    leads = []
    for place, (start, _) in enumerate(incidents):
        floor = incidents[place - 1][1] + 1 if place else 0
        hits = [start - index for index in range(max(floor, start - 10), start) if alarms[index]]
        leads.append(hits[0] if hits else None)
    false = sum(1 for start, end in raised if not labels[start:end + 1].any())
    return {
        "delays": delays, "false_alarms": false, "alarms": len(raised), "leads_within_10": leads,
        "median_delay": number(np.percentile(known, 50)) if known else None,
        "p90_delay": number(np.percentile(known, 90)) if known else None,
        "median_lead": number(statistics.median([lead for lead in leads if lead is not None]))
        if any(lead is not None for lead in leads) else None,
        "time_in_alert": float(alarms.mean()),
        "quiet_time_in_alert": number(alarms[labels == 0].mean()) if (labels == 0).any() else None,
    }


def point_adjusted(alarms, labels):
    adjusted = alarms.copy()
    for start, end in spans(labels):
        if alarms[start:end + 1].any():
            adjusted[start:end + 1] = 1
    return float(f1_score(labels, adjusted, zero_division=0)) if labels.any() else None


def bits(labels):
    return "".join(str(int(label)) for label in labels)


cases = []
for name, scores, labels, alarms in inputs:
    print(name)
    cases.append({
        "name": name, "scores": [float(s) for s in scores], "labels": bits(labels),
        "alarms": bits(alarms), **ranked(scores, labels), "volumes": volumes(scores, labels),
        "proximities": proximities(scores, labels), "affiliation": affiliation(alarms, labels),
        "ranges": ranges(alarms, labels), "events": events(alarms, labels),
        "point_adjusted_f1": point_adjusted(alarms, labels),
    })
target = pathlib.Path(__file__).with_name("cases.json")
lines = [json.dumps(c, separators=(",", ":")) for c in cases]
target.write_text("[\n" + ",\n".join(lines) + "\n]\n")
