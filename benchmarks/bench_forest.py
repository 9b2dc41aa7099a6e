"""Measures the isolation forest against other libraries, in turn.

Run by `make bench-forest`, see benchmarks/README.md. Writes results/forest.json and prints a table.
"""

import argparse
import importlib.metadata
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench_ingest import ONE_THREAD, machine, output
from forest_results import area, compare, curve_table, table

HERE = Path(__file__).resolve().parent
OURS = HERE / ".build/release/forest-bench"
PEERS = ["coniferest", "onnxruntime", "scikit-learn", "isotree"]
PACKAGES = ["coniferest", "isotree", "numpy", "onnxruntime", "scikit-learn"]
# Peers whose area under the ROC curve is lower than the best peer's by more than this are not
# called strongest; the run ends when ours is.
QUALITY_MARGIN = 0.05
# NumPy asks the kernel for large pages for its arrays. With this glibc does so for everybody's, which
# spares those who draw rows from all over a large array the misses of address translation.
LARGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
# Those that take milliseconds for one row get fewer of them.
SINGLE_CALLS = {"ours": 20_000, "scikit-learn": 40}
# How the time grows, by rows of S and by trees.
CURVE_ROWS = [1_000, 10_000, 100_000, 1_000_000, 10_000_000]
CURVE_TREES = [25, 50, 100, 200, 400, 800]


@dataclass
class Workload:
    name: str
    file: str
    columns: int
    trees: int
    subsample: int
    check_stride: int  # every how manyth row is compared with the plain walk
    peers: list

    def arguments(self, trees=None):
        return ["--columns", self.columns, "--trees", trees or self.trees,
                "--subsample", self.subsample]


WORKLOADS = [
    Workload("S", "forest-s.f32", 20, 100, 256, 1, [*PEERS, "isotree, extended"]),
    Workload("S300", "forest-s.f32", 20, 300, 1024, 4, PEERS),
    Workload("M", "forest-m.f32", 40, 100, 256, 10, PEERS),
]


class Runner:
    """A process that does one kind of work per line it is sent."""

    def __init__(self, name, command):
        self.name, self.answers = name, {}
        self.single = f"single {SINGLE_CALLS.get(name, 2_000)}"
        self.process = subprocess.Popen(
            list(map(str, command)), text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=os.environ | ONE_THREAD | LARGE_PAGES)

    def ask(self, command, *arguments):
        line = " ".join(map(str, (command, *arguments)))
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"bench-forest: {self.name} ended early, see its error above")
        self.answers.setdefault(line, []).append(json.loads(answer))
        return self.answers[line][-1]

    def figures(self, line, field):
        """Median and minimum of the repetitions, without the warm-up."""
        values = [answer[field] for answer in self.answers[line][1:]]
        return statistics.median(values), min(values)

    def finish(self):
        self.process.communicate()


def measure(workload, data, repeat, scratch):
    """The rows of one workload, some per peer."""
    rows = data / workload.file
    ours = Runner("ours", [OURS, "--rows", rows, *workload.arguments()])
    peers = [Runner(name, [sys.executable, HERE / "peers/forest_peers.py", name, "--rows", rows,
                           *workload.arguments()]) for name in workload.peers]
    for repetition in range(repeat + 1):
        # In turn, and only one of them runs at a time.
        for runner in (ours, *peers):
            if runner.name != "onnxruntime":
                runner.ask("fit")
            runner.ask("score", 1)
            runner.ask("score", 2)
            runner.ask(runner.single)
        print(f"\r{workload.name}: {repetition} of {repeat}", end="", file=sys.stderr)
    print(file=sys.stderr)
    check = ours.ask("check", workload.check_stride)
    if check["different"]:
        sys.exit(f"bench-forest: {workload.name}: {check['different']:.0f} of {check['rows']:.0f} "
                 "scores differ from the plain walk")
    ours.ask("prepare")
    quality = {}
    for index, runner in enumerate((ours, *peers)):
        runner.ask("dump", scratch / f"scores{index}")
        quality[runner.name] = area(np.fromfile(scratch / f"scores{index}", "<f4"))
        runner.size = runner.ask("save", scratch / f"model{index}")["bytes"]
        runner.finish()
    best = max(quality[peer.name] for peer in peers)
    if quality["ours"] < best - QUALITY_MARGIN:
        sys.exit(f"bench-forest: {workload.name}: our area under the curve is "
                 f"{quality['ours']:.4f}, the best peer's {best:.4f}")
    count = rows.stat().st_size / 4 / workload.columns
    result = []
    for peer in peers:
        result += compare(workload, ours, peer, count, quality)
    for metric in {(row["metric"], row["threads"]) for row in result}:
        able = [row for row in result if (row["metric"], row["threads"]) == metric
                and row["peer_auc"] >= best - QUALITY_MARGIN
                # Trees of another kind are measured beside, but are not what is compared.
                and "extended" not in row["peer"]]
        min(able, key=lambda row: row["ratio"])["strongest"] = True
    facts = {"prepare_seconds": ours.answers["prepare"][-1]["cpu"], "checked_rows": check["rows"],
             "different_scores": check["different"],
             # What the second thread costs where other work leaves no core for it.
             "cpu_of_two_threads": round(
                 ours.figures("score 2", "cpu")[0] / ours.figures("score 1", "cpu")[0], 3),
             "auc": {name: round(value, 4) for name, value in quality.items()}}
    return result, facts


def curve(data, repeat):
    """CPU seconds of ours for more and more rows of S, and for more and more trees."""
    workload = WORKLOADS[0]
    points = []

    def add(runner, rows, trees):
        for _ in range(repeat + 1):
            runner.ask("score", 1)
            runner.ask("fit")
        seconds, _ = runner.figures("score 1", "cpu")
        growing, _ = runner.figures("fit", "cpu")
        runner.answers.pop("score 1")
        runner.answers.pop("fit")
        points.append({"rows": rows, "trees": trees, "cpu_seconds": round(seconds, 6),
                       "ns_per_row_and_tree": round(1e9 * seconds / rows / trees, 4),
                       "fit_cpu_seconds": round(growing, 6)})
        print(f"\rcurve: {rows} rows, {trees} trees  ", end="", file=sys.stderr)

    def runner(trees=None):
        return Runner("ours", [OURS, "--rows", data / workload.file, *workload.arguments(trees)])

    growing = runner()
    for rows in CURVE_ROWS:
        growing.ask("tile", rows)
        add(growing, rows, workload.trees)
    growing.finish()
    for trees in CURVE_TREES:
        one = runner(trees)
        add(one, 100_000, trees)
        one.finish()
    print(file=sys.stderr)
    return points


def versions():
    swift = next((line for line in output("swift", "--version").splitlines()
                  if "Swift version" in line), "unknown")
    return {
        "autopilotops": output("git", "describe", "--always", "--dirty") or "unknown",
        "swift": swift.removeprefix("Apple "), "python": sys.version.split()[0],
        **{package: importlib.metadata.version(package) for package in PACKAGES},
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=HERE / "data")
    parser.add_argument("--results", type=Path, default=HERE / "results/forest.json")
    parser.add_argument("--repeat", type=int, default=5, help="repetitions after a warm-up")
    parser.add_argument("--only", choices=[workload.name for workload in WORKLOADS] + ["curve"])
    arguments = parser.parse_args()
    load = {"before": os.getloadavg()}
    rows, facts, points = [], {}, []
    for workload in WORKLOADS:
        if arguments.only in (None, workload.name):
            with tempfile.TemporaryDirectory() as scratch:
                measured, facts[workload.name] = measure(
                    workload, arguments.data, arguments.repeat, Path(scratch))
                rows += measured
    if arguments.only in (None, "curve"):
        points = curve(arguments.data, arguments.repeat)
    load["after"] = os.getloadavg()
    results = {"machine": machine(), "versions": versions(), "load": load,
               "repetitions": arguments.repeat, "rows": rows, "facts": facts, "curve": points}
    arguments.results.parent.mkdir(parents=True, exist_ok=True)
    arguments.results.write_text(json.dumps(results, indent=2) + "\n")
    print(table(rows))
    for name, fact in facts.items():
        areas = ", ".join(f"{peer} {value:.3f}" for peer, value in fact["auc"].items())
        print(f"\n{name}: area under the ROC curve {areas}; {fact['checked_rows']:.0f} scores as "
              f"the plain walk's; compiled in {1e3 * fact['prepare_seconds']:.1f} ms; two threads "
              f"spend {fact['cpu_of_two_threads']:.2f} times the CPU time of one")
    if points:
        print("\n" + curve_table(points))
    print(f"\nload {load['before'][0]:.1f} to {load['after'][0]:.1f} on {os.cpu_count()} cores; "
          f"written to {arguments.results}")


if __name__ == "__main__":
    main()
