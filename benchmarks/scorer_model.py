"""The models of the scorer's benchmark: ours, and the same network with a forest of the same size for its peers."""

import json
import pickle
import shutil
import struct
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
TOOL = HERE.parent / ".build/release/autopilot"
COLUMNS, TREES, HIDDEN = 20, 100, 64
# Cells of the data. A half of them is trained on, more than a tree draws.
CELLS = 600
# No step takes longer than that, in seconds.
PATIENCE = 1800

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


def say(text):
    print(f"bench-scorer: {text}", file=sys.stderr, flush=True)


def tool(folder, *words):
    begin = time.monotonic()
    command = [str(word) for word in (TOOL, *words)]
    try:
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL,
                       stdin=subprocess.DEVNULL, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        sys.exit(f"bench-scorer: {' '.join(command)} did not end within {PATIENCE} s")
    except subprocess.CalledProcessError as error:
        sys.exit(f"bench-scorer: {' '.join(command)} ended with {error.returncode}")
    say(f"{words[0]}: {time.monotonic() - begin:.1f} s")


def make_model(data, services):
    """The folder of a model of some services with 20 metrics each, trained on noise with a rhythm."""
    folder = data / f"{services}-{CELLS}"
    if folder.exists():
        return folder
    say(f"making a model of {services} services, once; a thousand take minutes")
    making = data / f"making-{services}"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    random = np.random.default_rng(7)
    names = [f'm{column:02}{{service="service-{service:04}"}}'
             for service in range(services) for column in range(COLUMNS)]
    wave = np.sin(np.arange(CELLS) / 60)[:, None]
    values = wave * random.uniform(0, 1, len(names)) + random.normal(0, 0.3, (CELLS, len(names)))
    with open(making / "metrics.csv", "w") as file:
        file.write("time," + ",".join(f'"{name.replace(chr(34), chr(34) * 2)}"' for name in names) + "\n")
        for row in range(CELLS):
            file.write(f"{1_760_000_000 // 60 * 60 + row * 60},"
                       + ",".join(map("{:.5f}".format, values[row].tolist())) + "\n")
    (making / "bench.yaml").write_text(CONFIGURATION)
    tool(making, "ingest", "--csv", "metrics.csv", "--interval", "1m", "--out", "data", "-q")
    tool(making, "train", "bench.yaml", "--dataset", next((making / "data").glob("*.h5")),
         "--out", "candidate", "-q")
    tool(making, "publish", "--model", "candidate", "--registry", "registry", "--alias", "champion",
         "-q")
    shutil.rmtree(making / "data")
    (making / "metrics.csv").unlink()
    making.rename(folder)
    return folder


def safetensors(path):
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header, base = json.loads(data[8:8 + size]), 8 + size
    return {name: np.frombuffer(data[base + part["data_offsets"][0]:base + part["data_offsets"][1]],
                                "<f4").reshape(part["shape"])
            for name, part in header.items() if name != "__metadata__"}


def make_peers(folder):
    """The same network, and one forest of the same size, as the peers read them."""
    if (folder / "forest.onnx").exists():
        return
    say("making the peers' models")
    from skl2onnx import to_onnx
    from sklearn.ensemble import IsolationForest

    reference = f"{folder}/registry/bench@champion"
    for form in ("onnx", "safetensors"):
        shutil.rmtree(folder / form, ignore_errors=True)
        tool(folder, "model", "export", reference, "--kind", "lstm", "--format", form,
             "--out", folder / form)
    weights = safetensors(next((folder / "safetensors").iterdir()))
    np.savez(folder / "lstm.npz", w_ih=weights["lstm.weight_ih_l0"], w_hh=weights["lstm.weight_hh_l0"],
             bias=weights["lstm.bias_ih_l0"] + weights["lstm.bias_hh_l0"],
             head=weights["head.weight"], head_bias=weights["head.bias"])
    rows = np.random.default_rng(7).normal(size=(2000, COLUMNS)).astype(np.float32)
    forest = IsolationForest(n_estimators=TREES, max_samples=256, random_state=7, n_jobs=1).fit(rows)
    (folder / "forest.pickle").write_bytes(pickle.dumps(forest))
    model = to_onnx(forest, rows[:1], target_opset={"": 17, "ai.onnx.ml": 3})
    (folder / "forest.onnx").write_bytes(model.SerializeToString())
