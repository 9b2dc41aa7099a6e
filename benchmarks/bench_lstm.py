"""Measures training and running LSTM forecasters against other libraries, in turn.

Run by `make bench-lstm`, see benchmarks/README.md. Writes results/lstm.json and prints tables.
"""

import argparse
import importlib.metadata
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from bench_ingest import machine, output
from lstm_results import busy_table, compare, curve_table, mark_strongest, memory_row, table

HERE = Path(__file__).resolve().parent
OURS = HERE / ".build/release/lstm-bench"
PACKAGES = ["numpy", "onnx", "onnxruntime", "torch"]
LIBRARY_THREADS = [f"{name}_NUM_THREADS" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")]
# Batches that training and inference walk through over and over.
BATCHES = 4
# Of Adam.
RATE = 1e-3
# Forecasts, and the losses of these training steps, must agree to this, relative to the largest.
CHECKED_STEPS = 5
TOLERANCE = 1e-4
STREAM_CALLS = 2_000
MEMORY_STEPS = 6
# Between turns, so that threads that spin after their work fall asleep before the next one starts.
PAUSE = 0.4
METRICS = ["train", "infer64", "stream", "train_memory"]
CURVE_WINDOWS = [64, 256, 1024, 4096]
CURVE_HIDDEN = [32, 64, 128, 256]


@dataclass
class Workload:
    name: str
    columns: int
    hidden: int
    layers: int
    steps: int
    windows: int = 64
    train_steps: int = 4  # of one repetition
    infer_batches: int = 8

    def tensors(self):
        """Weights as PyTorch draws them, and standard normal batches, from a fixed seed."""
        generator = np.random.default_rng(1)
        bound = 1 / np.sqrt(self.hidden)

        def uniform(*shape):
            return generator.uniform(-bound, bound, shape).astype(np.float32)

        tensors, gates = {}, 4 * self.hidden
        for layer in range(self.layers):
            width = self.hidden if layer else self.columns
            tensors[f"lstm.weight_ih_l{layer}"] = uniform(gates, width)
            tensors[f"lstm.weight_hh_l{layer}"] = uniform(gates, self.hidden)
            tensors[f"lstm.bias_ih_l{layer}"] = uniform(gates)
            tensors[f"lstm.bias_hh_l{layer}"] = uniform(gates)
        tensors["head.weight"] = uniform(self.columns, self.hidden)
        tensors["head.bias"] = uniform(self.columns)
        rows = generator.standard_normal(
            (BATCHES, self.steps + 1, self.windows, self.columns), np.float32)
        tensors["inputs"] = np.ascontiguousarray(rows[:, :-1])
        tensors["targets"] = np.ascontiguousarray(rows[:, -1])
        return tensors

    def training_flops(self):
        """Of one window, forward and backward."""
        widths = [self.columns] + [self.hidden] * (self.layers - 1)
        gates = sum(8 * self.hidden * (width + self.hidden) for width in widths)
        return 3 * (self.steps * gates + 2 * self.hidden * self.columns)


WORKLOADS = [
    Workload("W1", columns=38, hidden=64, layers=1, steps=100, train_steps=24, infer_batches=48),
    Workload("W2", columns=38, hidden=128, layers=2, steps=100),
    Workload("W3", columns=25, hidden=80, layers=2, steps=250),
]


class Runner:
    """A process that does one kind of work per line it is sent."""

    def __init__(self, name, workload, tensors, threads):
        self.name, self.threads, self.answers = name, threads, {}
        program = [OURS] if name == "ours" else [
            sys.executable, HERE / "peers/lstm_peers.py", name]
        arguments = ["--tensors", tensors, "--layers", workload.layers, "--threads", threads,
                     "--rate", RATE]
        self.process = subprocess.Popen(
            list(map(str, [*program, *arguments])), text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | dict.fromkeys(LIBRARY_THREADS, str(threads)))

    @property
    def trains(self):
        return self.name != "onnxruntime"

    def ask(self, command, *arguments):
        line = " ".join(map(str, (command, *arguments)))
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"bench-lstm: {self.name} ended early, see its error above")
        answer = json.loads(answer)
        self.answers.setdefault(command, []).append(answer)
        return answer

    def values(self, command, field):
        """The repetitions without the warm-up."""
        return [answer[field] for answer in self.answers[command][1:]]

    def finish(self):
        self.process.communicate()


def turn(runner, workload, metric):
    """One repetition of one metric."""
    if metric == "train" and runner.trains:
        return runner.ask("train", workload.train_steps)
    if metric == "infer64":
        return runner.ask("infer", workload.infer_batches)
    if metric == "stream":
        return runner.ask("stream", STREAM_CALLS)
    return None


def check(workload, runners, scratch):
    """Ends the run where forecasts or training losses from equal weights differ."""
    forecasts, losses = {}, {}
    for runner in runners:
        file = scratch / "forecast.f32"
        runner.ask("forecast", file)
        forecasts[runner.name] = np.fromfile(file, "<f4")
        if runner.trains:
            losses[runner.name] = np.array(runner.ask("losses", CHECKED_STEPS)["losses"])
    worst = 0
    for results in (forecasts, losses):
        ours = results["ours"]
        for name, theirs in results.items():
            if ours.shape != theirs.shape:
                sys.exit(f"bench-lstm: {workload.name}: {name} gives {theirs.shape} values, "
                         f"ours {ours.shape}")
            difference = float(np.max(np.abs(ours - theirs)) / np.max(np.abs(theirs)))
            if "bfloat16" not in name:
                worst = max(worst, difference)
    if not worst <= TOLERANCE:
        sys.exit(f"bench-lstm: {workload.name}: forecasts or losses differ by {worst:.2g}")
    return {"largest_difference": worst}


def measure(workload, options, scratch):
    """The rows of one workload, one per metric, number of threads and peer."""
    tensors = scratch / f"{workload.name}.safetensors"
    save_file(workload.tensors(), tensors)
    names = ["ours", "PyTorch", "onnxruntime"] + ["PyTorch bfloat16"] * options.bfloat16
    timed = [metric for metric in options.metrics if metric != "train_memory"]
    if timed == ["train"]:
        names.remove("onnxruntime")
    rows, facts = [], {}
    for threads in options.threads if timed else []:
        runners = [Runner(name, workload, tensors, threads) for name in names]
        facts[f"{threads} threads"] = check(workload, runners, scratch)
        for repetition in range(options.repeat + 1):
            for metric in timed:
                # In turn, and only one of them works at a time.
                for runner in runners:
                    turn(runner, workload, metric)
                    time.sleep(PAUSE if threads > 1 else 0)
            print(f"\r{workload.name}, {threads} threads: {repetition} of {options.repeat}  ",
                  end="", file=sys.stderr)
        print(file=sys.stderr)
        for metric in timed:
            for peer in runners[1:]:
                if metric != "train" or peer.trains:
                    rows.append(compare(workload, metric, runners[0], peer))
        for runner in runners:
            runner.finish()
    if "train_memory" in options.metrics:
        rows.append(memory_row(workload, *(memory(name, workload, tensors) for name in names[:2])))
    return mark_strongest(rows), facts


def memory(name, workload, tensors):
    """Resident bytes before and at the peak of training, of a process that does nothing else."""
    runner = Runner(name, workload, tensors, 1)
    answer = runner.ask("memory", MEMORY_STEPS)
    runner.finish()
    return answer


def curves(options, scratch):
    """CPU seconds of training W1 on more and more windows, and with more and more units."""
    points = []

    def add(curve, workload, steps):
        tensors = scratch / "curve.safetensors"
        save_file(workload.tensors(), tensors)
        runners = [Runner(name, workload, tensors, 1) for name in ("ours", "PyTorch")]
        for _ in range(options.repeat + 1):
            for runner in runners:
                runner.ask("train", steps)
        point = {"curve": curve, "windows": steps * workload.windows, "hidden": workload.hidden}
        for runner in runners:
            seconds = statistics.median(runner.values("train", "cpu"))
            key = runner.name.lower()
            point[f"{key}_cpu_seconds"] = round(seconds, 6)
            point[f"{key}_gflops"] = round(
                workload.training_flops() * point["windows"] / seconds / 1e9, 2)
            runner.finish()
        points.append(point)
        print(f"\rcurves: {curve}, {point['windows']} windows, {workload.hidden} units  ", end="",
              file=sys.stderr)

    for windows in CURVE_WINDOWS:
        add("windows", WORKLOADS[0], windows // WORKLOADS[0].windows)
    for hidden in CURVE_HIDDEN:
        add("hidden", replace(WORKLOADS[0], hidden=hidden), 8)
    print(file=sys.stderr)
    return points


def busy(workload, options, scratch):
    """Training throughput of two threads while another process takes one core, beside quiet."""
    tensors = scratch / f"{workload.name}.safetensors"
    save_file(workload.tensors(), tensors)
    runners = [Runner(name, workload, tensors, 2) for name in ("ours", "PyTorch")]
    spent = {(runner.name, state): [] for runner in runners for state in ("quiet", "busy")}
    for runner in runners:
        runner.ask("train", workload.train_steps)
    for _ in range(options.repeat):
        for runner in runners:
            for state in ("quiet", "busy"):
                spinning = spinner() if state == "busy" else None
                time.sleep(PAUSE)
                spent[runner.name, state].append(runner.ask("train", workload.train_steps)["wall"])
                if spinning:
                    spinning.kill()
                    spinning.wait()
    for runner in runners:
        runner.finish()
    count = workload.train_steps * workload.windows
    result = {"workload": workload.name, "metric": "train, one core taken",
              "unit": "windows/s", "threads": 2}
    for runner in runners:
        key = runner.name.lower()
        for state in ("quiet", "busy"):
            result[f"{key}_{state}"] = round(
                count / statistics.median(spent[runner.name, state]), 1)
        result[f"{key}_kept"] = round(result[f"{key}_busy"] / result[f"{key}_quiet"], 4)
    return result


def spinner():
    """A process that does nothing, all the time, on the first of our cores."""
    code = ("import os\n"
            "if hasattr(os, 'sched_setaffinity'):\n"
            "    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
            "while True: pass")
    return subprocess.Popen([sys.executable, "-c", code])


def has_bfloat16():
    """Whether the CPU computes in bfloat16; PyTorch's LSTM refuses to elsewhere."""
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        return True
    return "avx512_bf16" in flags or "bf16" in flags.split()


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
    parser.add_argument("--results", type=Path,
                        help="lstm.json in results; lstm-part.json for a part of the rows")
    parser.add_argument("--repeat", type=int, default=5, help="repetitions after a warm-up")
    parser.add_argument("--only", choices=[workload.name for workload in WORKLOADS])
    parser.add_argument("--metric", dest="metrics", action="append", choices=METRICS,
                        help="may be given several times; all without it")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--bfloat16", action="store_true",
                        help="also PyTorch's autocast to bfloat16, other numerics")
    parser.add_argument("--curves", action="store_true", help="only time against size")
    parser.add_argument("--busy", action="store_true", help="only with one core taken")
    options = parser.parse_args()
    if options.bfloat16 and not has_bfloat16():
        print("bench-lstm: no bfloat16 on this CPU, it is left out", file=sys.stderr)
        options.bfloat16 = False
    everything = not options.curves and not options.busy
    is_part = everything and (options.only or options.metrics or options.threads != [1, 2])
    options.results = options.results or HERE / (
        "results/lstm-part.json" if is_part else "results/lstm.json")
    options.metrics = options.metrics or METRICS
    workloads = [one for one in WORKLOADS if options.only in (None, one.name)]
    load = {"before": os.getloadavg()}
    rows, facts, points, taken = [], {}, [], []
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        for workload in workloads if everything else []:
            measured, facts[workload.name] = measure(workload, options, scratch)
            rows += measured
        if options.curves:
            points = curves(options, scratch)
        for workload in workloads if options.busy else []:
            taken.append(busy(workload, options, scratch))
    load["after"] = os.getloadavg()
    results = {"machine": machine(), "versions": versions(), "load": load,
               "repetitions": options.repeat, "rows": rows, "facts": facts}
    # A run of one part keeps what the other parts measured before.
    if options.results.exists():
        kept = json.loads(options.results.read_text())
        if not everything:
            results = kept
        results |= {key: kept[key] for key in ("curves", "busy") if key in kept}
    for key, measured in (("curves", points), ("busy", taken)):
        if measured:
            results[key] = {"load": load, "points": measured}
    options.results.parent.mkdir(parents=True, exist_ok=True)
    options.results.write_text(json.dumps(results, indent=2) + "\n")
    for text in (table(rows), curve_table(points), busy_table(taken)):
        if text:
            print(text + "\n")
    for name, fact in facts.items():
        for threads, found in fact.items():
            print(f"{name}, {threads}: forecasts and losses of {CHECKED_STEPS} training steps agree "
                  f"to {found['largest_difference']:.1e}")
    print(f"load {load['before'][0]:.1f} to {load['after'][0]:.1f} on {os.cpu_count()} cores; "
          f"written to {options.results}")


if __name__ == "__main__":
    main()
