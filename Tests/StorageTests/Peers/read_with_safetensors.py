"""Reads or writes a safetensors file with the format's own library.

usage: read_with_safetensors.py read FILE   prints {name: [dtype, shape, bytes in hexadecimal]}
       read_with_safetensors.py write FILE  writes three arrays with a known rule
"""

import json
import sys

import numpy as np
from safetensors.numpy import load_file, save_file

verb, path = sys.argv[1:]
if verb == "read":
    arrays = load_file(path)
    print(json.dumps({
        name: [str(array.dtype), list(array.shape), array.tobytes().hex()]
        for name, array in arrays.items()
    }))
else:
    save_file({
        "zebra": (np.arange(6, dtype=np.float32) / 4 - 1).reshape(2, 3),
        "apple": np.array([np.pi, -0.0, np.inf], dtype=np.float64),
        "mango": np.array([[-(2**31)], [2**31 - 1]], dtype=np.int32),
    }, path, metadata={"made_by": "safetensors"})
