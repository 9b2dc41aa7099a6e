"""Scores of an ONNX file by onnxruntime.

usage: onnx_scores.py MODEL ROWS COLUMNS

Checks the model by the format's own checker, scores the rows (32-bit floats, row-major) and prints
one score a line.
"""
import sys

import numpy as np
import onnx
import onnxruntime

path, rows, columns = sys.argv[1], sys.argv[2], int(sys.argv[3])
onnx.checker.check_model(onnx.load(path), full_check=True)
session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
values = np.fromfile(rows, np.float32).reshape(-1, columns)
(scores,) = session.run(["scores"], {"features": values})
assert scores.shape == (len(values), 1), scores.shape
for score in scores[:, 0]:
    print("%.9g" % score)
