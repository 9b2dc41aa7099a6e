"""Prints the tables of forecasters in docs/results.md from what `autopilot run --output json` wrote.

usage: forecast_results.py FOLDER SCORE…   (the first score is that of the main tables)
"""

import json
import pathlib
import sys

folder, scores = pathlib.Path(sys.argv[1]), sys.argv[2:]
sets = {"smd": "Server Machine Dataset", "msl": "MSL", "trainticket": "TrainTicket"}
order = [
    "lstm", "isolation_forest", "pca", "pca_windowed", "autoregression", "moving_z", "random",
    "ensemble",
]
linear = ["pca", "pca_windowed", "autoregression"]


def parts(score, name):
    """The parts of a dataset whose test holds an incident, and the number of those without."""
    paths = sorted(folder.glob(f"{score}-{name}*.json"))
    found = [
        json.loads(path.read_text()) | {"part": path.stem.removeprefix(f"{score}-{name}-")}
        for path in paths
    ]
    judged = [run for run in found if row(run, "random")["ranking"]["average_precision"] is not None]
    return judged, len(found) - len(judged)


def row(run, detector):
    return next(
        (each for each in run["evaluation"]["detectors"] if each["name"] == detector), None)


def mean(values):
    values = [value for value in values if value is not None]
    return sum(values) / len(values) if values else float("nan")


def figures(runs, detector):
    """Means over parts and sums of events of a detector that every part has."""
    rows = [row(run, detector) for run in runs]
    present = [each for each in rows if each]
    precision = [each["ranking"]["average_precision"] for each in present]
    events = [each["events"] for each in present]
    return {
        "parts": len(present),
        "precision": mean(precision),
        "prevalence": mean(each["ranking"]["prevalence"] for each in present),
        "lift": mean(each["ranking"]["lift"] for each in present),
        "found": sum(each["found"] for each in events),
        "incidents": sum(each["found"] + each["missed"] for each in events),
        "alarms": mean(each["false_alarms_per_service_day"] for each in events),
        "seconds": sum(run.get("fit_seconds", {}).get(detector, 0.0) for run in runs),
    }


for name, title in sets.items():
    runs, without = parts(scores[0], name)
    print(f"\n### {title}\n")
    print("| detector | AUC-PR | prevalence | × random | found | false alarms per service and day "
          "| training |")
    print("| --- | --: | --: | --: | --: | --: | --: |")
    table = {}
    for detector in order:
        if not any(row(run, detector) for run in runs):
            continue
        each = table[detector] = figures(runs, detector)
        training = f"{each['seconds']:.1f} s" if detector not in ("ensemble", "random", "moving_z") \
            else "–"
        partial = f" ({each['parts']} of {len(runs)})" if each["parts"] < len(runs) else ""
        print(f"| {detector}{partial} | {each['precision']:.3f} | {each['prevalence']:.1%} "
              f"| {each['lift']:.1f} | {each['found']}/{each['incidents']} "
              f"| {each['alarms']:.2f} | {training} |")
    if without:
        print(f"\n{without} parts without an incident of their own in the test are left out.")
    best = max(linear, key=lambda detector: table.get(detector, {"precision": 0})["precision"])
    verdict = "beats" if table["lstm"]["precision"] > table[best]["precision"] else "does not beat"
    wins = sum(
        all(row(run, "lstm")["ranking"]["average_precision"]
            > row(run, other)["ranking"]["average_precision"] for other in linear if row(run, other))
        for run in runs)
    print(f"\nOn average LSTM {verdict} {best}, the best linear detector here "
          f"({table['lstm']['precision']:.3f} against {table[best]['precision']:.3f}); it ranks best "
          f"of the four on {wins} of {len(runs)}.")
    behind = [
        run["part"] for run in runs
        if row(run, "lstm")["ranking"]["average_precision"]
        <= row(run, "pca")["ranking"]["average_precision"]
    ] if len(runs) > 1 else []
    if behind:
        print(f"LSTM does not beat PCA on {', '.join(behind)}.")

print("\n### Scores of errors\n")
print("| score | " + " | ".join(
    f"{title}: {detector}" for title in sets.values() for detector in ("lstm", "autoregression"))
    + " |")
print("| --- |" + " --: |" * (2 * len(sets)))
for score in scores:
    cells = []
    for name in sets:
        runs, _ = parts(score, name)
        if not runs:
            cells += ["–", "–"]
            continue
        for detector in ("lstm", "autoregression"):
            each = figures(runs, detector)
            cells.append(f"{each['precision']:.3f}, {each['found']}/{each['incidents']}")
    print(f"| {score} | " + " | ".join(cells) + " |")
