"""Opens what a run left with h5py and safetensors and prints what is in it as JSON.

Usage: read_results.py SNAPSHOT.h5 WEIGHTS.safetensors
"""

import json
import sys

import h5py
import numpy as np
from safetensors.numpy import load_file

snapshot, weights = sys.argv[1:]
result = {"services": {}, "tensors": {}}
with h5py.File(snapshot, "r") as file:
    result["format"] = file.attrs["format"].decode()
    result["rows"] = int(file["time"].shape[0])
    for group in file["services"].values():
        columns = [name.decode() for name in group["columns"][:]]
        values = group["metrics"][:]
        result["services"][group.attrs["service"].decode()] = dict(
            zip(columns, [float(np.nanmean(column)) for column in values.T]))
    result["incidents"] = [name.decode() for name in file["incidents/id"][:]]
for name, tensor in load_file(weights).items():
    assert np.isfinite(tensor).all(), name
    result["tensors"][name] = list(tensor.shape)
print(json.dumps(result))
