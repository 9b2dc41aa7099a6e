"""Makes the input of the ingest benchmarks: the same bytes for the same seed and Python version.

Usage: make_data.py DIR
"""

import json
import random
import sys
from datetime import datetime, timezone
from pathlib import Path

import numpy as np

from make_log_lines import draw

SEED = 20260105
START = 1_767_571_200  # 2026-01-05T00:00:00Z
SERIES, POINTS, STEP = 500, 2880, 30
LINES, STREAMS = 200_000, 20
FEATURE_SERIES, FEATURE_POINTS = 100, 20_000


def number(value):
    """The shortest text that reads back the same, without an exponent, as Prometheus writes it."""
    text = repr(float(value))
    if "e" in text:
        text = np.format_float_positional(value)
    return text.removesuffix(".0").removesuffix(".")


def values(rng, kind):
    """One series as texts: kind 0 has all 17 digits, 1 and 2 are integers, 3 to 5 short decimals."""
    walk = np.cumsum(rng.normal(size=POINTS))
    match kind:
        case 0:
            series = 0.5 + 0.4 * np.sin(walk / 20) + rng.random(POINTS) * 0.05
        case 1:
            series = np.floor(np.cumsum(rng.poisson(900, POINTS)) + rng.integers(10**7, 10**10))
        case 2:
            series = np.floor(np.abs(2e9 + 1e7 * walk) / 4096) * 4096
        case 3:
            series = np.round(np.abs(50 + walk), 2)
        case 4:
            series = np.round(np.abs(0.2 + walk / 200), 4)
        case _:
            series = np.round(np.abs(4e4 + 900 * walk), 3)
    return [number(value) for value in series]


def labels(index):
    names = ["http_request_duration_seconds_sum", "container_memory_working_set_bytes",
             "process_cpu_seconds_total", "queue_depth", "node_load1"]
    service = ["cart", "checkout", "catalog", "payment", "shipping"][index % 5]
    return {
        "__name__": names[index // 5 % 5],
        "instance": f"10.0.{index // 250}.{index % 250 + 1}:9100",
        "job": service,
        "namespace": "shop",
        "pod": f"{service}-7f9c6d5b8-{index:05d}",
    }


def write_metrics(folder):
    rng = np.random.default_rng(SEED)
    # A quarter of the series has full precision.
    kinds = [0, 1, 3, 5, 0, 2, 4, 1, 0, 3, 5, 2, 0, 1, 4, 5, 0, 2, 3, 1]
    table = [values(rng, kinds[index % len(kinds)]) for index in range(SERIES)]
    times = [START + STEP * point for point in range(POINTS)]
    with open(folder / "prom.json", "w") as file:
        file.write('{"status":"success","data":{"resultType":"matrix","result":[')
        for index, series in enumerate(table):
            samples = ",".join(f'[{time},"{text}"]' for time, text in zip(times, series))
            metric = json.dumps(labels(index), separators=(",", ":"))
            file.write(f'{"," if index else ""}{{"metric":{metric},"values":[{samples}]}}')
        file.write("]}}\n")
    with open(folder / "wide.csv", "w") as file:
        file.write(",".join(["time"] + [quoted(labels(index)) for index in range(SERIES)]) + "\n")
        for point, row in enumerate(zip(*table)):
            file.write(f"{times[point]},{','.join(row)}\n")


def quoted(labels):
    """A series as PromQL writes it, as a field of a CSV."""
    pairs = ",".join(f'{key}=""{text}""' for key, text in labels.items() if key != "__name__")
    return f'"{labels["__name__"]}{{{pairs}}}"'


def write_logs(folder):
    source = random.Random(SEED)
    streams = [
        {"app": f"app{index % 8}", "namespace": "shop", "pod": f"app{index % 8}-6c5d-{index:03d}"}
        for index in range(STREAMS)
    ]
    entries = [[] for _ in streams]
    chosen = source.choices(range(STREAMS), [1 / (rank + 2) for rank in range(STREAMS)], k=LINES)
    time = START * 1_000_000_000
    with (open(folder / "loki.jsonl", "w") as lines, open(folder / "lines.txt", "w") as plain,
          open(folder / "lines.truth", "w") as truth):
        for stream, (template, text) in zip(chosen, draw(source, LINES)):
            time += source.randrange(1, 20_000_000)
            entries[stream].append([str(time), text])
            seconds, fraction = divmod(time, 1_000_000_000)
            stamp = datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
            record = {"labels": streams[stream], "line": text,
                      "timestamp": f"{stamp}.{fraction:09d}Z"}
            lines.write(json.dumps(record, separators=(",", ":")) + "\n")
            plain.write(text + "\n")
            truth.write(f"{template}\n")
    result = [{"stream": labels, "values": values} for labels, values in zip(streams, entries)]
    answer = {"status": "success", "data": {"resultType": "streams", "result": result}}
    (folder / "loki.json").write_text(json.dumps(answer, separators=(",", ":")) + "\n")


def write_features(folder):
    """Two counts as 64-bit integers, then the series one after the other as 64-bit floats."""
    rng = np.random.default_rng(SEED + 1)
    noise = rng.normal(size=(FEATURE_SERIES, FEATURE_POINTS))
    wave = 5 * np.sin(np.arange(FEATURE_POINTS) * (2 * np.pi / 1440))
    with open(folder / "features.f64", "wb") as file:
        np.array([FEATURE_SERIES, FEATURE_POINTS], "<i8").tofile(file)
        (50 + wave + np.cumsum(noise, axis=1) * 0.05 + noise).astype("<f8").tofile(file)


def main():
    folder = Path(sys.argv[1])
    stamp = folder / "complete"
    version = f"{SEED} {SERIES}x{POINTS} {LINES} {FEATURE_SERIES}x{FEATURE_POINTS} 1"
    if stamp.exists() and stamp.read_text() == version:
        return
    folder.mkdir(parents=True, exist_ok=True)
    stamp.unlink(missing_ok=True)
    write_metrics(folder)
    write_logs(folder)
    write_features(folder)
    stamp.write_text(version)


if __name__ == "__main__":
    main()
