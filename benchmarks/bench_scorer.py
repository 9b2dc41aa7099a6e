"""Measures the scorer against what a Python user would deploy, in turn, with wrk over loopback.

Run by `make bench-scorer`, see benchmarks/README.md. Writes results/scorer.json and prints a table. The server has one core
and wrk another; a peer's process is one as well.
"""

import argparse
import importlib.metadata
import json
import os
import pickle
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import numpy as np

from bench_ingest import ONE_THREAD, machine, output

HERE = Path(__file__).resolve().parent
TOOL = HERE.parent / ".build/release/autopilot"
SCORER = HERE.parent / ".build/release/autopilot-scorer"
COLUMNS, TREES, HIDDEN = 20, 100, 64
PACKAGES = ["fastapi", "numpy", "onnxruntime", "scikit-learn", "uvicorn"]
CONNECTIONS = 8
PORT = 18473
PEERS = ["scikit-learn", "onnxruntime"]

CONFIGURATION = f"""
name: bench
seed: 7
reader:
  interval: 1m
  sources: [{{type: csv, path: metrics.csv}}]
features: {{set: listed, windows: [10m, 30m]}}
models:
  isolation_forest: {{trees: {TREES}, subsample: 256}}
  lstm: {{hidden: {HIDDEN}, epochs: 1, smoothing: 3}}
  robust_deviation: {{enabled: false}}
evaluation: {{split: {{fractions: {{train: 0.5, calibration: 0.25}}}}}}
"""


def make_model(folder, services):
    """A model of some services with 20 metrics each, trained on noise with a rhythm."""
    if (folder / "registry/bench").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(7)
    rows = 1200
    names = [f'm{column:02}{{service="service-{service:04}"}}'
             for service in range(services) for column in range(COLUMNS)]
    wave = np.sin(np.arange(rows) / 60)[:, None]
    values = wave * random.uniform(0, 1, len(names)) + random.normal(0, 0.3, (rows, len(names)))
    with open(folder / "metrics.csv", "w") as file:
        file.write("time," + ",".join(f'"{name.replace(chr(34), chr(34) * 2)}"' for name in names) + "\n")
        for row in range(rows):
            file.write(f"{1_760_000_000 // 60 * 60 + row * 60},"
                       + ",".join(f"{value:.5f}" for value in values[row]) + "\n")
    (folder / "bench.yaml").write_text(CONFIGURATION)

    def tool(*words):
        subprocess.run([TOOL, *words, "-q"], cwd=folder, check=True, stdout=subprocess.DEVNULL)

    tool("ingest", "--csv", "metrics.csv", "--interval", "1m", "--out", "data")
    tool("train", "bench.yaml", "--dataset", next((folder / "data").glob("*.h5")), "--out", "candidate")
    tool("publish", "--model", "candidate", "--registry", "registry", "--alias", "champion")


def safetensors(path):
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header, base = json.loads(data[8:8 + size]), 8 + size
    return {name: np.frombuffer(data[base + part["data_offsets"][0]:base + part["data_offsets"][1]],
                                "<f4").reshape(part["shape"])
            for name, part in header.items() if name != "__metadata__"}


def make_peers(folder):
    """The same network, and a forest of the same size, as the peers read them."""
    from skl2onnx import to_onnx
    from sklearn.ensemble import IsolationForest

    reference = f"{folder}/registry/bench@champion"
    for form in ("onnx", "safetensors"):
        shutil.rmtree(folder / form, ignore_errors=True)
        subprocess.run([TOOL, "model", "export", reference, "--kind", "lstm", "--format", form,
                        "--out", folder / form], check=True, stdout=subprocess.DEVNULL)
    weights = safetensors(next((folder / "safetensors").iterdir()))
    np.savez(folder / "lstm.npz", w_ih=weights["lstm.weight_ih_l0"], w_hh=weights["lstm.weight_hh_l0"],
             bias=weights["lstm.bias_ih_l0"] + weights["lstm.bias_hh_l0"],
             head=weights["head.weight"], head_bias=weights["head.bias"])
    rows = np.random.default_rng(7).normal(size=(2000, COLUMNS)).astype(np.float32)
    forest = IsolationForest(n_estimators=TREES, max_samples=256, random_state=7, n_jobs=1).fit(rows)
    (folder / "forest.pickle").write_bytes(pickle.dumps(forest))
    model = to_onnx(forest, rows[:1], target_opset={"": 17, "ai.onnx.ml": 3})
    (folder / "forest.onnx").write_bytes(model.SerializeToString())


class Server:
    """A server on core 0."""

    def __init__(self, name, folder, services):
        self.name = name
        if name == "ours":
            state = folder / "state"
            shutil.rmtree(state, ignore_errors=True)
            (folder / "scorer.yaml").write_text(f"""
model: {folder}/registry/bench@champion
state: {state}
listen: {{address: 127.0.0.1, port: {PORT}}}
metrics: {{address: 127.0.0.1, port: {PORT + 1}}}
inputs: {{push: true}}
limits: {{oldest: 36500d, ahead: 36500d, requests_per_second: 10000000}}
""")
            command = [SCORER, "--config", folder / "scorer.yaml", "--log-level", "error"]
        else:
            files = {"scikit-learn": ("forest.pickle", "lstm.npz"),
                     "onnxruntime": ("forest.onnx", next((folder / "onnx").iterdir()).relative_to(folder))}
            forest, lstm = files[name]
            command = [sys.executable, HERE / "peers/scorer_peer.py", name, folder / forest,
                       folder / lstm, PORT]
        begin = time.perf_counter()
        self.process = subprocess.Popen(
            ["taskset", "-c", "0", *map(str, command)], env=os.environ | ONE_THREAD)
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/v2/health/ready", timeout=1):
                    break
            except OSError:
                if self.process.poll() is not None:
                    sys.exit(f"bench-scorer: {name} ended early, see its error above")
                time.sleep(0.002)
        self.start = time.perf_counter() - begin
        self.services, self.first = services, 1_900_000_000 // 60 * 60

    def memory(self):
        """The most memory it had resident, in bytes."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
        return 0

    def cpu(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def load(self, script, seconds):
        before = self.cpu()
        environment = os.environ | {"SERVICES": str(self.services), "COLUMNS": str(COLUMNS),
                                    "FIRST": str(self.first)}
        text = subprocess.run(
            ["taskset", "-c", "1", "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s",
             HERE / "wrk" / script, f"http://127.0.0.1:{PORT}/v1/rows"],
            env=environment, check=True, capture_output=True, text=True).stdout
        result = json.loads(text.strip().splitlines()[-1])
        if result["errors"]:
            sys.exit(f"bench-scorer: {self.name}: {result['errors']} requests failed")
        rows = result["requests"] * (100 if script == "batch.lua" else 1)
        # Later than all that was sent.
        self.first += (rows // self.services + CONNECTIONS + 2) * 60
        result["rate"] = rows / (result["microseconds"] / 1e6)
        result["per_cpu_second"] = rows / (self.cpu() - before)
        return result

    def check(self):
        """Rows scored, as ours counts them."""
        with urllib.request.urlopen(f"http://127.0.0.1:{PORT + 1}/metrics") as answer:
            text = answer.read().decode()
        counts = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
        return {key.split('"')[1]: float(value) for key, value in counts.items()
                if key.startswith("autopilotops_scorer_samples_total")}

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=HERE / "data/scorer")
    parser.add_argument("--results", type=Path, default=HERE / "results/scorer.json")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--services", type=int, default=800)
    parser.add_argument("--only", choices=["ours", *PEERS])
    arguments = parser.parse_args()
    load = os.getloadavg()
    folder = (arguments.data / str(arguments.services)).resolve()
    make_model(folder, arguments.services)
    if arguments.only != "ours":
        make_peers(folder)
    names = [arguments.only] if arguments.only else ["ours", *PEERS]
    measured = {name: {"start": [], "memory": [], "single.lua": [], "batch.lua": []} for name in names}
    samples = {}
    for _ in range(arguments.repeat):
        for name in names:
            server = Server(name, folder, arguments.services)
            measured[name]["start"].append(server.start)
            for script in ("single.lua", "batch.lua"):
                server.load(script, 1)
                measured[name][script].append(server.load(script, arguments.seconds))
            measured[name]["memory"].append(server.memory())
            if name == "ours":
                samples = server.check()
                refused = {key: value for key, value in samples.items()
                           if key != "accepted" and value}
                # Requests of several connections can pass each other.
                if sum(refused.values()) > 0.01 * samples["accepted"]:
                    sys.exit(f"bench-scorer: rows were not scored: {refused}")
            server.end()
    rows = []

    def add(metric, unit, higher, figure):
        values = {name: [figure(measured[name], index) for index in range(arguments.repeat)]
                  for name in names}
        for name in names[1:] if names[0] == "ours" else []:
            ours, peer = statistics.median(values["ours"]), statistics.median(values[name])
            rows.append({"metric": metric, "unit": unit, "higher_is_better": higher,
                         "ours": round(ours, 3), "peer": name, "peer_value": round(peer, 3),
                         "ratio": round(ours / peer if higher else peer / ours, 3)})
        if len(names) == 1:
            rows.append({"metric": metric, "unit": unit, "higher_is_better": higher, names[0]:
                         round(statistics.median(values[names[0]]), 3)})

    for script, what in (("single.lua", "single rows"), ("batch.lua", "batches of 100")):
        add(f"{what}, throughput", "rows per second", True, lambda m, i: m[script][i]["rate"])
        add(f"{what}, throughput", "rows per CPU second", True,
            lambda m, i: m[script][i]["per_cpu_second"])
        add(f"{what}, p50", "ms", False, lambda m, i: m[script][i]["p50"] / 1e3)
        add(f"{what}, p99", "ms", False, lambda m, i: m[script][i]["p99"] / 1e3)
    add("resident memory", "MB", False, lambda m, i: m["memory"][i] / 1e6)
    add("start until ready", "ms", False, lambda m, i: m["start"][i] * 1e3)
    result = {
        "workload": {"columns": COLUMNS, "trees": TREES, "hidden": HIDDEN,
                     "services": arguments.services, "connections": CONNECTIONS},
        "machine": machine(), "load": {"before": load, "after": os.getloadavg()},
        "versions": {"autopilotops": output("git", "describe", "--always", "--dirty") or "unknown",
                     "python": sys.version.split()[0],
                     **{package: importlib.metadata.version(package) for package in PACKAGES}},
        "rows": rows, "samples": samples,
    }
    arguments.results.parent.mkdir(parents=True, exist_ok=True)
    arguments.results.write_text(json.dumps(result, indent=1) + "\n")
    if len(names) == 1:
        for row in rows:
            print(f"{row['metric']:32} {row[names[0]]:>12} {row['unit']}")
        return
    print("| metric | unit | ours | peer | its value | ratio |\n| --- | --- | --- | --- | --- | --- |")
    for row in rows:
        print(f"| {row['metric']} | {row['unit']} | {row['ours']:.4g} | {row['peer']} "
              f"| {row['peer_value']:.4g} | {row['ratio']:.2f} |")


if __name__ == "__main__":
    main()
