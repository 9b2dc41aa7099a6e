"""Takes weights to PyTorch and back.

    torch_interchange.py read WEIGHTS ROWS RESULT
    torch_interchange.py write WEIGHTS ROWS RESULT

`read` loads WEIGHTS (a safetensors file) into an nn.LSTM and an nn.Linear by `load_state_dict`;
`write` makes a module of its own and saves its state_dict as WEIGHTS. Both then run it over `rows`
[steps, lanes, inputs] of ROWS from the states `h0` and `c0` [layers, lanes, hidden], and save
`forecasts`, `hn` and `cn` as RESULT.
"""

import sys

import torch
from safetensors.torch import load_file, save_file

mode, weights_path, rows_path, result_path = sys.argv[1:]
torch.manual_seed(1)
given = load_file(rows_path)
layers, _, hidden = given["h0"].shape
inputs = given["rows"].shape[-1]


class Forecaster(torch.nn.Module):
    """Its fields have other names than ours."""

    def __init__(self, outputs):
        super().__init__()
        self.encoder = torch.nn.ModuleDict({"rnn": torch.nn.LSTM(inputs, hidden, layers)})
        self.linear = torch.nn.Linear(hidden, outputs)


if mode == "read":
    weights = load_file(weights_path)
    lstm = torch.nn.LSTM(inputs, hidden, layers)
    head = torch.nn.Linear(hidden, len(weights["head.bias"]))
    # Strict: every name must be there, and no other.
    head.load_state_dict({k.removeprefix("head."): v for k, v in weights.items() if "head." in k})
    lstm.load_state_dict({k: v for k, v in weights.items() if "head." not in k})
else:
    model = Forecaster(outputs=3)
    save_file(model.state_dict(), weights_path)
    lstm, head = model.encoder["rnn"], model.linear

with torch.inference_mode():
    outputs, (hn, cn) = lstm(given["rows"], (given["h0"], given["c0"]))
    result = {"forecasts": head(outputs), "hn": hn, "cn": cn}
save_file({name: value.contiguous() for name, value in result.items()}, result_path)
