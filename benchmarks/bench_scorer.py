"""Measures the scorer against what a Python user would deploy, in turn, over loopback.

Run by `make bench-scorer`, see benchmarks/README.md. Writes results/scorer.json and prints a table. The server has one core
and its client another; a peer's process is one as well.
"""

import argparse
import importlib.metadata
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from bench_ingest import ONE_THREAD, machine, output
from scorer_model import COLUMNS, HIDDEN, HERE, TREES, make_model, make_peers, say

SCORER = HERE.parent / ".build/release/autopilot-scorer"
PACKAGES = ["fastapi", "numpy", "onnxruntime", "scikit-learn", "uvicorn"]
CONNECTIONS = 8
PORTS = (18473, 18474)
PEERS = ["scikit-learn", "onnxruntime"]
KINDS = {"single rows": 1, "batches of 100": 100}
# What nothing that is waited for may take longer than, in seconds.
PATIENCE = 60
# What requests fail by.
ERRORS = ("connect", "read", "write", "status", "timeout")
# Cells after which a service has all that it keeps.
FULL = 70


class Server:
    """A server on core 0; `with` ends it, whatever happens."""

    def __init__(self, name, folder, services, program=SCORER):
        self.name, self.services, self.first = name, services, 1_900_000_000 // 60 * 60
        for port in PORTS:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError as error:
                    sys.exit(f"bench-scorer: port {port} is taken ({error.strerror}); "
                             "end what listens on it, perhaps a server of an earlier run")
        if name == "ours":
            state = folder / "state"
            shutil.rmtree(state, ignore_errors=True)
            (folder / "scorer.yaml").write_text(f"""
model: {folder}/registry/bench@champion
state: {state}
listen: {{address: 127.0.0.1, port: {PORTS[0]}}}
metrics: {{address: 127.0.0.1, port: {PORTS[1]}}}
inputs: {{push: true}}
limits: {{oldest: 36500d, ahead: 36500d, requests_per_second: 10000000}}
""")
            command = [program, "--config", folder / "scorer.yaml", "--log-level", "error"]
        else:
            forest, lstm = {
                "scikit-learn": lambda: ("forest.pickle", "lstm.npz"),
                "onnxruntime": lambda: ("forest.onnx", next((folder / "onnx").iterdir())),
            }[name]()
            command = [sys.executable, HERE / "peers/scorer_peer.py", name, folder / forest,
                       folder / lstm, PORTS[0]]
        begin = time.perf_counter()
        self.process = subprocess.Popen(
            ["taskset", "-c", "0", *map(str, command)], env=os.environ | ONE_THREAD,
            stdin=subprocess.DEVNULL)
        try:
            self.wait_until_ready(begin)
        except BaseException:
            self.end()
            raise
        self.start = time.perf_counter() - begin

    def wait_until_ready(self, begin):
        while True:
            try:
                with urllib.request.urlopen(
                        f"http://127.0.0.1:{PORTS[0]}/v2/health/ready", timeout=1):
                    return
            except OSError:
                if self.process.poll() is not None:
                    sys.exit(f"bench-scorer: {self.name} ended early, see its error above")
                if time.perf_counter() - begin > PATIENCE:
                    sys.exit(f"bench-scorer: {self.name} is not ready after {PATIENCE} s")
                time.sleep(0.002)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            say(f"{self.name} did not end within {PATIENCE} s of SIGTERM and was killed")
            self.process.kill()
            self.process.wait()

    def memory(self):
        """Resident now, and the most that was, in bytes."""
        fields = dict(line.split(":", 1) for line in
                      Path(f"/proc/{self.process.pid}/status").read_text().splitlines())
        return [int(fields[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM")]

    def cpu(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def run(self, size, command, seconds):
        """Runs a client on core 1; adds the rows that were answered in a second and in a CPU second."""
        before = self.cpu()
        environment = os.environ | {"ROWS": str(size), "SERVICES": str(self.services),
                                    "COLUMNS": str(COLUMNS), "FIRST": str(self.first)}
        command = ["taskset", "-c", "1", *map(str, command)]
        try:
            done = subprocess.run(command, env=environment, capture_output=True, text=True,
                                  stdin=subprocess.DEVNULL, timeout=2 * seconds + PATIENCE)
        except subprocess.TimeoutExpired:
            sys.exit(f"bench-scorer: {self.name}: {command[3]} did not end")
        if done.returncode:
            sys.exit(f"bench-scorer: {self.name}: {done.stdout}{done.stderr}")
        result = json.loads(done.stdout.strip().splitlines()[-1])
        failed = {key: result[key] for key in ERRORS if result.get(key)}
        if failed:
            sys.exit(f"bench-scorer: {self.name}: requests failed: {failed}")
        rows = result["requests"] * size
        # Later than all that was sent.
        self.first += (rows // self.services + CONNECTIONS + 2) * 60
        result["rate"] = rows / (result["microseconds"] / 1e6)
        result["per_cpu_second"] = rows / max(self.cpu() - before, 1e-3)
        return result

    def load(self, size, seconds):
        """As many requests as it answers."""
        return self.run(
            size, ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", f"--timeout={PATIENCE}s",
                   "-s", HERE / "wrk/rows.lua", f"http://127.0.0.1:{PORTS[0]}/v1/rows"], seconds)

    def paced(self, size, seconds, rate, connections=CONNECTIONS):
        """Requests at a rate, whatever becomes of them; 0 for one after the other."""
        return self.run(
            size, [sys.executable, HERE / "wrk/paced.py", PORTS[0], size, self.services, COLUMNS,
                   self.first, rate, seconds, connections], seconds)

    def check(self):
        """Rows by what became of them, as ours counts; few may have been refused."""
        with urllib.request.urlopen(f"http://127.0.0.1:{PORTS[1]}/metrics", timeout=10) as answer:
            text = answer.read().decode()
        counts = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
        samples = {key.split('"')[1]: float(value) for key, value in counts.items()
                   if key.startswith("autopilotops_scorer_samples_total")}
        refused = sum(value for key, value in samples.items() if key != "accepted")
        # Requests of several connections can pass each other.
        if refused > 0.03 * samples["accepted"]:
            sys.exit(f"bench-scorer: rows were not scored: {samples}")
        return samples


def measure(name, folder, services, seconds, program):
    """One repetition of everything but memory."""
    with Server(name, folder, services, program) as server:
        figures = {("start until ready", "ms"): 1e3 * server.start}
        for kind, size in KINDS.items():
            server.load(size, 1)
            full = server.load(size, seconds)
            half = server.paced(size, seconds, full["rate"] / size / 2)
            figures |= {
                (f"{kind}, throughput", "rows/s"): full["rate"],
                (f"{kind}, throughput", "rows per CPU second"): full["per_cpu_second"],
                (f"{kind}, p50", "ms"): full["p50"] / 1e3,
                (f"{kind}, p99", "ms"): full["p99"] / 1e3,
                (f"{kind}, p50 at half load", "ms"): half["p50"] / 1e3,
                (f"{kind}, p99 at half load", "ms"): half["p99"] / 1e3,
            }
        return figures, server.check() if name == "ours" else {}


def measure_memory(name, folder, services, program):
    """Memory with so many services, all of which have what they keep, and the start with them."""
    with Server(name, folder, services, program) as server:
        rows = 0
        while rows < FULL * services:
            rows += 100 * server.paced(100, 2, 0, connections=1)["requests"]
        resident, most = server.memory()
        text = f"{services:,} services"
        return {(f"resident memory, {text}", "MB"): resident / 1e6,
                (f"most resident memory, {text}", "MB"): most / 1e6,
                (f"start until ready, {text}", "ms"): 1e3 * server.start}


def rows_of(measured):
    """A row per metric and peer, from the medians of the repetitions."""
    rows = []
    for metric, unit in measured["ours" if "ours" in measured else next(iter(measured))]:
        higher = "throughput" in metric
        values = {name: statistics.median(figures[metric, unit])
                  for name, figures in measured.items()}
        ours = values.pop("ours", None)
        strongest = (max if higher else min)(values, key=values.get, default=None)
        for peer, value in values.items() or [(None, None)]:
            ratio = (ours / value if higher else value / ours) if ours and value else None
            rows.append({
                "workload": "scorer", "metric": metric, "unit": unit, "higher_is_better": higher,
                "ours": ours and round(ours, 3), "peer": peer,
                "peer_value": value and round(value, 3), "ratio": ratio and round(ratio, 3),
                "strongest": peer is not None and peer == strongest})
    return rows


def table(rows):
    """The rows as Markdown, the strongest peers in bold."""
    def text(value, form=".4g"):
        return "" if value is None else f"{value:,.0f}" if value >= 1000 else f"{value:{form}}"

    lines = ["| metric | unit | ours | peer | its value | ratio |",
             "| --- | --- | --: | --- | --: | --: |"]
    for row in rows:
        mark = "**" if row["strongest"] else ""
        lines.append(f"| {row['metric']} | {row['unit']} | {text(row['ours'])} "
                     f"| {mark}{row['peer'] or ''}{mark} | {text(row['peer_value'])} "
                     f"| {text(row['ratio'], '.3g')} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", type=Path, default=SCORER, help="the scorer")
    parser.add_argument("--data", type=Path, default=HERE / "data/scorer")
    parser.add_argument("--results", type=Path, default=HERE / "results/scorer.json")
    parser.add_argument("--repeat", type=int, default=3, help="repetitions, in turn")
    parser.add_argument("--seconds", type=int, default=5, help="length of each load")
    parser.add_argument("--services", type=int, default=800)
    parser.add_argument("--memory", type=int, nargs="*", default=[100, 2000],
                        help="numbers of services whose memory is measured")
    parser.add_argument("--only", choices=["ours", *PEERS])
    arguments = parser.parse_args()
    if any(count % 100 for count in (arguments.services, *arguments.memory)):
        parser.error("services come in hundreds")
    # Servers are ended then, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    load = {"before": os.getloadavg()}
    data = arguments.data.resolve()
    data.mkdir(parents=True, exist_ok=True)
    names = [arguments.only] if arguments.only else ["ours", *PEERS]
    folder = make_model(data, arguments.services)
    if arguments.only != "ours":
        make_peers(folder)
    measured, samples = {name: {} for name in names}, {}

    def add(name, figures):
        for key, value in figures.items():
            measured[name].setdefault(key, []).append(value)

    for repetition in range(arguments.repeat if arguments.seconds else 0):
        for name in names:
            say(f"repetition {repetition + 1} of {arguments.repeat}: {name}")
            figures, counts = measure(
                name, folder, arguments.services, arguments.seconds, arguments.program)
            samples |= counts
            add(name, figures)
    for services in arguments.memory:
        for name in names:
            say(f"memory with {services} services: {name}")
            # The peers have one model for all services.
            own = make_model(data, services) if name == "ours" else folder
            add(name, measure_memory(name, own, services, arguments.program))
    load["after"] = os.getloadavg()
    rows = rows_of(measured)
    results = {
        "machine": machine(),
        "versions": {"autopilotops": output("git", "describe", "--always", "--dirty") or "unknown",
                     "python": sys.version.split()[0],
                     **{package: importlib.metadata.version(package) for package in PACKAGES}},
        "load": load, "repetitions": arguments.repeat,
        "facts": {"columns": COLUMNS, "trees": TREES, "hidden": HIDDEN,
                  "services": arguments.services, "connections": CONNECTIONS, "samples": samples},
        "rows": rows,
    }
    arguments.results.parent.mkdir(parents=True, exist_ok=True)
    arguments.results.write_text(json.dumps(results, indent=2) + "\n")
    print(table(rows))
    print(f"\nload {load['before'][0]:.1f} to {load['after'][0]:.1f} on {os.cpu_count()} cores; "
          f"written to {arguments.results}")


if __name__ == "__main__":
    main()
