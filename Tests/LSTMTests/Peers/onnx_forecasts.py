"""Forecasts of an ONNX file by onnxruntime.

    onnx_forecasts.py MODEL ROWS RESULT

Checks the model by the format's own checker and runs it over `rows` [steps, lanes, inputs] of ROWS,
a safetensors file: from the states `h0` and `c0` there, without any, and one step at a time with the
states handed on. RESULT holds the outputs, those of the second run with `fresh_` and those of the
third with `streamed_` before their names.
"""

import sys

import numpy as np
import onnx
import onnxruntime
from safetensors.numpy import load_file, save_file

model_path, rows_path, result_path = sys.argv[1:]
onnx.checker.check_model(onnx.load(model_path), full_check=True)
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
# Without the note that the states' defaults are no constants, which they are not meant to be.
options.log_severity_level = 3
session = onnxruntime.InferenceSession(model_path, options, providers=["CPUExecutionProvider"])
given = load_file(rows_path)
names = [output.name for output in session.get_outputs()]


def run(feeds):
    return dict(zip(names, session.run(names, feeds)))


result = run(given)
result |= {f"fresh_{name}": value for name, value in run({"rows": given["rows"]}).items()}
state, forecasts = {"h0": given["h0"], "c0": given["c0"]}, []
for row in given["rows"]:
    answer = run({"rows": row[None], **state})
    state = {"h0": answer["hn"], "c0": answer["cn"]}
    forecasts.append(answer["forecast"])
result["streamed_forecasts"] = np.stack(forecasts)
save_file({name: np.ascontiguousarray(value) for name, value in result.items()}, result_path)
