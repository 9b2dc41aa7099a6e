"""Compares onnxruntime's scores of a published model's golden sample with those that are in it.

usage: golden_scores.py MODEL

MODEL is a version's folder. Prints a line of JSON for each service with a sample: its name, the rows, and
the largest difference relative to a score of at least 1.
"""

import json
import sys

import numpy as np
import onnx
import onnxruntime
from safetensors.numpy import load_file

folder = sys.argv[1]
golden = load_file(f"{folder}/golden.safetensors")
with open(f"{folder}/features.json", encoding="utf-8") as file:
    services = [service["service"] for service in json.load(file)["services"]]
for number, service in enumerate(services):
    features = golden.get(f"golden.{number}.features")
    if features is None:
        continue
    path = f"{folder}/onnx/{service}.onnx"
    onnx.checker.check_model(onnx.load(path), full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (scores,) = session.run(["scores"], {"features": features.astype(np.float32)})
    expected = golden[f"golden.{number}.forest"].reshape(-1)
    assert scores.shape == (len(expected), 1), scores.shape
    difference = np.abs(scores[:, 0] - expected) / np.maximum(1, np.abs(expected))
    print(json.dumps({"service": service, "rows": len(expected), "difference": float(difference.max())}))
