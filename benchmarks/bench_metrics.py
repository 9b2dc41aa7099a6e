"""Measures detection metrics against the libraries that define them, in turn.

Run by `make bench-metrics`, see benchmarks/README.md. Writes results/metrics.json and prints a table.
"""

import argparse
import importlib.metadata
import json
import os
import statistics
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
from pate.PATE_metric import PATE
from prts import ts_fscore
from sklearn.metrics import average_precision_score, roc_auc_score
from TSB_AD.evaluation.affiliation.generics import convert_vector_to_events
from TSB_AD.evaluation.affiliation.metrics import pr_from_events
from TSB_AD.evaluation.basic_metrics import basic_metricor

from bench_ingest import machine, output

HERE = Path(__file__).resolve().parent
PACKAGES = ["numpy", "pandas", "PATE", "prts", "scikit-learn", "TSB-AD"]
WINDOW = 100
WORKLOADS = [("10k", 10_000, 20), ("1k", 1_000, 3), ("1M", 1_000_000, 200)]
# The peers that answer within minutes.
FEASIBLE = {"10k": {"scikit-learn", "TSB-AD, opt", "TSB-AD, opt_mem", "TSB-AD", "prts"},
            "1k": {"PATE"}, "1M": {"scikit-learn"}}
# The values of both must agree to this, or the run ends.
TOLERANCE = 1e-9
# A peer that takes longer than this is measured once.
PATIENCE_SECONDS = 5


def make(path, count, incidents, seed):
    """Noise that rises around incidents of 1 to 200 points, early and late."""
    random = np.random.default_rng(seed)
    labels = np.zeros(count, dtype=np.uint8)
    for start in random.choice(count - 200, incidents, replace=False):
        labels[start:start + random.integers(1, 201)] = 1
    reach = np.convolve(labels, np.ones(41) / 41, mode="same")
    scores = random.gamma(1.0, 1.0, count) + 2 * reach
    path.write_bytes(scores.astype("<f8").tobytes() + labels.tobytes())
    return scores, labels.astype(int)


def affiliation_f1(alarms, labels):
    found = pr_from_events(
        convert_vector_to_events(alarms), convert_vector_to_events(labels), (0, len(labels)))
    precision, recall = found["Affiliation_Precision"], found["Affiliation_Recall"]
    return 2 * precision * recall / (precision + recall)


def vus(kind, scores, labels):
    grader = basic_metricor()
    measure = {"opt": grader.RangeAUC_volume_opt, "opt_mem": grader.RangeAUC_volume_opt_mem}[kind]
    return measure(labels, scores, WINDOW)[-1]


def peers(scores, labels, alarms):
    """Command of ours, what it is called, peer, and its function."""
    return [
        ("ap", "average precision", "scikit-learn",
         lambda: average_precision_score(labels, scores)),
        ("roc", "ROC area", "scikit-learn", lambda: roc_auc_score(labels, scores)),
        (f"vus {WINDOW}", "VUS-PR", "TSB-AD, opt", lambda: vus("opt", scores, labels)),
        (f"vus {WINDOW}", "VUS-PR", "TSB-AD, opt_mem", lambda: vus("opt_mem", scores, labels)),
        (f"pate {WINDOW}", "PATE", "PATE", lambda: PATE(labels, scores, WINDOW, WINDOW)),
        ("affiliation", "affiliation", "TSB-AD", lambda: affiliation_f1(alarms, labels)),
        ("ranges", "range-based", "prts", lambda: ts_fscore(labels, alarms)),
    ]


class Ours:
    """Our process, which measures one metric per line it is sent."""

    def __init__(self, program, path):
        self.process = subprocess.Popen(
            [program, path], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit("bench-metrics: ours ended early, see its error above")
        return json.loads(answer)

    def finish(self):
        self.process.communicate()


def compare(ours, workload, entry, repeat):
    """One row: the medians of both, who take turns."""
    command, metric, peer, run = entry
    ours.ask(command)  # the warm-up
    ours_seconds, peer_seconds = [], []
    for _ in range(repeat):
        answer = ours.ask(command)
        ours_seconds.append(answer["cpu"])
        start = time.process_time()
        value = run()
        peer_seconds.append(time.process_time() - start)
        if abs(value - answer["value"]) > TOLERANCE:
            sys.exit(f"bench-metrics: {workload}, {metric}: ours is {answer['value']}, "
                     f"{peer}'s {value}")
        if peer_seconds[-1] > PATIENCE_SECONDS:
            break
    ours_value, peer_value = (1e3 * statistics.median(s) for s in (ours_seconds, peer_seconds))
    print(f"{workload}: {metric} {ours_value:.4g} ms, {peer} {peer_value:.4g} ms", file=sys.stderr)
    return {"workload": workload, "metric": metric, "unit": "CPU ms", "higher_is_better": False,
            "threads": 1, "ours": round(ours_value, 4), "peer": peer,
            "peer_value": round(peer_value, 3), "ratio": round(peer_value / ours_value, 2),
            "strongest": False, "repetitions": len(peer_seconds),
            "difference": abs(value - answer["value"])}


def table(rows):
    lines = ["| workload | metric | ours, CPU ms | peer | its CPU ms | ratio |",
             "| --- | --- | --- | --- | --- | --- |"]
    for row in rows:
        mark = "**" if row["strongest"] else ""
        lines.append(f"| {row['workload']} | {row['metric']} | {row['ours']:.4g} "
                     f"| {mark}{row['peer']}{mark} | {row['peer_value']:.4g} "
                     f"| {row['ratio']:.4g} |")
    return "\n".join(lines)


def versions():
    swift = next((line for line in output("swift", "--version").splitlines()
                  if "Swift version" in line), "unknown")
    return {"autopilotops": output("git", "describe", "--always", "--dirty") or "unknown",
            "swift": swift.removeprefix("Apple "), "python": sys.version.split()[0],
            **{package: importlib.metadata.version(package) for package in PACKAGES}}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", type=Path, default=HERE / ".build/release/metrics-bench")
    parser.add_argument("--data", type=Path, default=HERE / "data")
    parser.add_argument("--results", type=Path, default=HERE / "results/metrics.json")
    parser.add_argument("--repeat", type=int, default=7, help="repetitions after a warm-up")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    arguments.data.mkdir(parents=True, exist_ok=True)
    load = {"before": os.getloadavg()}
    rows, alone = [], []
    for workload, count, incidents in WORKLOADS:
        path = arguments.data / f"metrics-{workload}.bin"
        scores, labels = make(path, count, incidents, seed=count)
        alarms = (scores >= np.sort(scores)[count * 9 // 10]).astype(int)
        ours = Ours(arguments.program, path)
        for entry in peers(scores, labels, alarms):
            if entry[2] in FEASIBLE[workload]:
                rows.append(compare(ours, workload, entry, arguments.repeat))
        for command in (f"vus {WINDOW}", f"pate {WINDOW}", "affiliation", "ranges"):
            answers = [ours.ask(command) for _ in range(arguments.repeat + 1)][1:]
            alone.append({"workload": workload, "command": command, "cpu_ms": round(
                1e3 * statistics.median(answer["cpu"] for answer in answers), 4)})
        ours.finish()
    for key in {(row["workload"], row["metric"]) for row in rows}:
        same = [row for row in rows if (row["workload"], row["metric"]) == key]
        min(same, key=lambda row: row["peer_value"])["strongest"] = True
    load["after"] = os.getloadavg()
    results = {"machine": machine(), "versions": versions(), "load": load,
               "repetitions": arguments.repeat, "rows": rows, "alone": alone}
    arguments.results.parent.mkdir(parents=True, exist_ok=True)
    arguments.results.write_text(json.dumps(results, indent=2) + "\n")
    print(table(rows))
    for row in alone:
        if row["workload"] == "1M":
            print(f"1M, {row['command']}: {row['cpu_ms']:.4g} CPU ms, without a peer")
    print(f"load {load['before'][0]:.1f} to {load['after'][0]:.1f} on {os.cpu_count()} cores; "
          f"written to {arguments.results}")


if __name__ == "__main__":
    main()
