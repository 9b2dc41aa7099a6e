"""A scorer as a Python user would deploy it: FastAPI, a forest, and one step of an LSTM with carried state.

Usage: scorer_peer.py ENGINE FOREST LSTM PORT, where ENGINE is scikit-learn or onnxruntime, FOREST a pickled forest or its
ONNX file, and LSTM the network's weights (.npz) or its ONNX file. Answers the same requests as ours on /v1/rows.
"""

import pickle
import sys

import numpy as np
import uvicorn
from fastapi import FastAPI, Request

HIDDEN = 64
engine, forest_file, lstm_file, port = sys.argv[1:5]
app = FastAPI()
states = {}
ZERO = (np.zeros(HIDDEN, np.float32), np.zeros(HIDDEN, np.float32))


def calendar(times):
    """What ours tells its network of the time: sine and cosine of the day and of the week."""
    angles = 2 * np.pi * np.array(times)[:, None] / np.array([86_400.0, 604_800.0])
    return np.stack([np.sin(angles), np.cos(angles)], axis=2).reshape(len(times), 4)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


if engine == "scikit-learn":
    with open(forest_file, "rb") as file:
        forest = pickle.load(file)
    weights = np.load(lstm_file)
    w_ih, w_hh = weights["w_ih"].T.copy(), weights["w_hh"].T.copy()
    bias, head, head_bias = weights["bias"], weights["head"].T.copy(), weights["head_bias"]

    def forest_scores(rows):
        return -forest.score_samples(rows)

    def step(rows, h, c):
        gates = rows @ w_ih + h @ w_hh + bias
        i, f, g, o = np.split(gates, 4, axis=1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        return h @ head + head_bias, h, c
else:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    forest = onnxruntime.InferenceSession(forest_file, options)
    lstm = onnxruntime.InferenceSession(lstm_file, options)
    forest_input = forest.get_inputs()[0].name
    forest_outputs = [o.name for o in forest.get_outputs() if "score" in o.name][-1:]

    def forest_scores(rows):
        return -forest.run(forest_outputs, {forest_input: rows})[0].ravel()

    def step(rows, h, c):
        forecast, h, c = lstm.run(
            ["forecast", "hn", "cn"], {"rows": rows[None], "h0": h[None], "c0": c[None]})
        return forecast, h[0], c[0]


@app.post("/v1/rows")
async def score(request: Request):
    body = await request.json()
    names = [row["service"] for row in body["rows"]]
    rows = np.array([row["values"] for row in body["rows"]], np.float32)
    known = [states.get(name) for name in names]
    h = np.stack([state[0] if state else ZERO[0] for state in known])
    c = np.stack([state[1] if state else ZERO[1] for state in known])
    # The forecast of this row was made at the last one.
    errors = [np.abs(row - state[2]).mean() if state else 0.0 for row, state in zip(rows, known)]
    times = calendar([row["time"] for row in body["rows"]])
    forecast, h, c = step(np.hstack([rows, times]).astype(np.float32), h, c)
    for index, name in enumerate(names):
        states[name] = (h[index], c[index], forecast[index])
    isolation = forest_scores(rows)
    return {"rows": [{"score": (float(a) + float(b)) / 2, "scores": [float(a), float(b)]}
                     for a, b in zip(isolation, errors)]}


@app.get("/v2/health/ready")
async def ready():
    return {"ready": True}


uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning", access_log=False)
