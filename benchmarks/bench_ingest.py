"""Measures ingest, log templates and features against other libraries, in turn.

Run by `make bench-ingest`, see benchmarks/README.md. Writes results/ingest.json and prints a table.
"""

import argparse
import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import checks

HERE = Path(__file__).resolve().parent
OURS = HERE / ".build/release/ingest-bench"
# One thread each. CPU seconds would count further threads, but they disturb each other.
ONE_THREAD = {
    f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")
} | {"POLARS_MAX_THREADS": "1"}
# What a repetition frees stays with its process, ours and peers alike, as it does by itself with the
# allocators that Polars and PyArrow bring: the pages are paid for in the warm-up.
KEPT_MEMORY = {"MALLOC_TRIM_THRESHOLD_": str(1 << 40), "MALLOC_MMAP_THRESHOLD_": str(1 << 25)}


# Peers whose results are worse than the best peer's by more than this are not called strongest.
QUALITY_MARGIN = 0.05


@dataclass
class Workload:
    name: str  # in the results
    command: str  # ingest-bench's name for it
    metric: str
    unit: str
    amount: object  # work of one repetition in the unit, from the facts and the folder
    peers: str  # the script
    names: list
    reference: object
    compare: object


def megabytes(file):
    return lambda facts, data: (data / file).stat().st_size / 1e6


WORKLOADS = [
    Workload("prom", "prom", "range-query JSON per CPU second", "MB/s", megabytes("prom.json"),
             "prom_peers.py",
             ["orjson", "msgspec", "pysimdjson", "polars", "prometheus-api-client",
              "prometheus-api-client, one frame"],
             checks.series_reference, checks.identical),
    Workload("csv", "csv", "wide CSV per CPU second", "MB/s", megabytes("wide.csv"),
             "csv_peers.py", ["polars", "pyarrow", "pandas"],
             checks.series_reference, checks.identical),
    Workload("loki", "loki", "query answer per CPU second", "MB/s", megabytes("loki.json"),
             "loki_peers.py", ["orjson", "msgspec", "json"],
             checks.stream_reference, checks.identical),
    Workload("loki", "loki-lines", "JSON lines per CPU second", "MB/s", megabytes("loki.jsonl"),
             "loki_lines_peers.py", ["orjson", "msgspec", "polars"],
             checks.stream_reference, checks.identical),
    Workload("log", "log", "lines per CPU second", "thousand lines/s",
             lambda facts, data: facts["lines"] / 1e3,
             "log_peers.py", ["drain3 with 3 masks", "drain3 without masks"],
             checks.template_reference, checks.grouping),
    Workload("features", "features", "feature values per CPU second", "million values/s",
             lambda facts, data: facts["values"] / 1e6,
             "features_peers.py", ["polars", "pandas", "bottleneck, numpy and pandas"],
             checks.feature_reference, checks.close),
]


@dataclass
class Runner:
    """A process that runs one repetition per line it is sent."""

    name: str
    command: list
    dump: Path
    runs: list = field(default_factory=list)
    facts: dict = field(default_factory=dict)

    def __post_init__(self):
        self.process = subprocess.Popen(
            [*map(str, self.command), "--step", "--dump", str(self.dump)], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | ONE_THREAD | KEPT_MEMORY)

    def step(self):
        try:
            self.process.stdin.write("\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"bench-ingest: {self.name} ended early, see its error above")
        run = json.loads(line)
        self.facts = run.pop("facts")
        self.runs.append(run)

    def finish(self):
        """Waits for the end, forgets the warm-up and returns what was computed."""
        self.process.communicate()
        if self.process.returncode != 0:
            sys.exit(f"bench-ingest: {self.name} failed, see its error above")
        del self.runs[0]
        return self.dump.read_bytes()

    def seconds(self):
        return {
            f"{clock}_{name}": round(function(run[clock] for run in self.runs), 6)
            for clock in ("cpu", "wall")
            for name, function in (("min", min), ("median", statistics.median))
        }


def measure(workload, data, repeat, scratch):
    """The rows of one workload, a row per peer."""
    common = ["--data", data, "--repeat", repeat + 1]
    ours = Runner("ours", [OURS, workload.command, *common], scratch / "ours")
    peers = [
        Runner(name, [sys.executable, HERE / "peers" / workload.peers, name, *common],
               scratch / f"peer{index}")
        for index, name in enumerate(workload.names)
    ]
    for repetition in range(repeat + 1):
        # In turn, and only one of them runs at a time.
        for runner in (ours, *peers):
            runner.step()
        print(f"\r{workload.command}: {repetition} of {repeat}", end="", file=sys.stderr)
    print(file=sys.stderr)
    reference = workload.reference(data)
    quality, notes = {}, {}
    for runner in (ours, *peers):
        quality[runner.name], notes[runner.name] = workload.compare(reference, runner.finish())
        if quality[runner.name] is None:
            sys.exit(f"bench-ingest: {workload.command}: {runner.name} is wrong: "
                     f"{notes[runner.name]}")
        different = checks.disagreements(ours.facts, runner.facts)
        if different:
            sys.exit(f"bench-ingest: {workload.command}: ours and {runner.name} differ in "
                     f"{', '.join(different)}: {ours.facts} and {runner.facts}")
    value, best, seconds = rate(workload, ours, data)
    rows = []
    for peer in peers:
        peer_value, peer_best, peer_seconds = rate(workload, peer, data)
        rows.append({
            "workload": workload.name, "metric": workload.metric, "unit": workload.unit,
            "higher_is_better": True, "threads": 1, "ours": round(value, 2), "peer": peer.name,
            "peer_value": round(peer_value, 2), "ratio": round(value / peer_value, 3),
            "strongest": False, "ratio_of_minima": round(best / peer_best, 3),
            "ours_seconds": seconds, "peer_seconds": peer_seconds,
            "ours_check": notes["ours"], "peer_check": notes[peer.name],
        })
    enough = max(quality[peer.name] for peer in peers) - QUALITY_MARGIN
    able = [row for row in rows if quality[row["peer"]] >= enough]
    max(able, key=lambda row: row["peer_value"])["strongest"] = True
    return rows


def rate(workload, runner, data):
    """Work per CPU second by the median and by the minimum of the repetitions, and the seconds."""
    seconds = runner.seconds()
    amount = workload.amount(runner.facts, data)
    return amount / seconds["cpu_median"], amount / seconds["cpu_min"], seconds


def output(*command):
    result = subprocess.run(command, capture_output=True, text=True, cwd=HERE, check=False)
    return result.stdout.strip()


def machine():
    model = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.split(":")[1].strip() for line in lines
                      if line.startswith("model name")), model)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {"cpu": model, "cores": os.cpu_count(), "memory_gib": round(memory, 1),
            "system": f"{platform.system()} {platform.machine()}"}


def versions():
    packages = ["bottleneck", "drain3", "msgspec", "numpy", "orjson", "pandas", "polars",
                "prometheus-api-client", "pyarrow", "pysimdjson"]
    swift = next((line for line in output("swift", "--version").splitlines()
                  if "Swift version" in line), "unknown")
    return {
        "autopilotops": output("git", "describe", "--always", "--dirty") or "unknown",
        "swift": swift.removeprefix("Apple "), "python": platform.python_version(),
        **{package: importlib.metadata.version(package) for package in packages},
    }


def table(rows):
    """The rows as Markdown, the strongest peers in bold."""
    lines = ["| workload | unit | ours | peer | its value | ratio | of minima | results |",
             "| --- | --- | --- | --- | --- | --- | --- | --- |"]
    for row in rows:
        mark = "**" if row["strongest"] else ""
        notes = dict.fromkeys((row["ours_check"], row["peer_check"]))
        lines.append(
            f"| {row['workload']}: {row['metric'].removesuffix(' per CPU second')} | {row['unit']} "
            f"| {row['ours']:.0f} | {mark}{row['peer']}{mark} | {row['peer_value']:.0f} "
            f"| {row['ratio']:.2f} | {row['ratio_of_minima']:.2f} | {'; '.join(notes)} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=HERE / "data")
    parser.add_argument("--results", type=Path, default=HERE / "results/ingest.json")
    parser.add_argument("--repeat", type=int, default=7, help="repetitions after a warm-up")
    parser.add_argument("--only", choices=sorted({workload.name for workload in WORKLOADS}))
    arguments = parser.parse_args()
    load = {"before": os.getloadavg()}
    rows = []
    for workload in WORKLOADS:
        if arguments.only in (None, workload.name):
            with tempfile.TemporaryDirectory() as scratch:
                rows += measure(workload, arguments.data, arguments.repeat, Path(scratch))
    load["after"] = os.getloadavg()
    results = {"machine": machine(), "versions": versions(), "load": load,
               "repetitions": arguments.repeat, "rows": rows}
    arguments.results.parent.mkdir(parents=True, exist_ok=True)
    arguments.results.write_text(json.dumps(results, indent=2) + "\n")
    print(table(rows))
    print(f"\nload {load['before'][0]:.1f} to {load['after'][0]:.1f} on {os.cpu_count()} cores; "
          f"written to {arguments.results}")


if __name__ == "__main__":
    main()
