"""Writes what PyTorch computes for small LSTM forecasters, in double precision, as safetensors.

    python make_pytorch_fixture.py pytorch.safetensors
    python make_pytorch_fixture.py other.safetensors --seed 7 --inputs 38 --hidden 64 --steps 40

Needs torch, numpy and safetensors. Weights, inputs, targets and the initial state are float32, so
that both sides start from the same numbers; everything that is computed from them is float64.
"""

import argparse

import numpy
import torch
from safetensors.numpy import save_file

ADAM_STEPS = 50

# Each case of the plain forecaster is clipped at every step or at none.
CASES = {
    "layers1": dict(layers=1, gradient_norm=0.005),
    "layers2": dict(layers=2),
    "norm1": dict(layers=1, norm=True),
    "norm2": dict(layers=2, norm=True, gradient_norm=0.005),
    "quantiles1": dict(layers=1, horizon=2, quantiles=(0.125, 0.5, 0.75)),
    "quantiles2": dict(layers=2, norm=True, quantiles=(0.5, 0.875)),
    "window1": dict(layers=1, last=True),
    "window2": dict(layers=2, last=True, horizon=3),
}


class Forecaster(torch.nn.Module):
    """Stacked LSTM layers, each followed by a LayerNorm if asked for, and a linear head."""

    def __init__(self, inputs, hidden, layers, width, norm):
        super().__init__()
        self.layers = layers
        self.lstm = torch.nn.LSTM(inputs, hidden, layers)
        self.head = torch.nn.Linear(hidden, width)
        for layer in range(layers if norm else 0):
            self.add_module(f"norm_l{layer}", torch.nn.LayerNorm(hidden))
        self.norm = norm

    def forward(self, rows, state):
        if not self.norm:
            hidden, state = self.lstm(rows, state)
            return self.head(hidden), state
        (h, c), after = state, []
        for layer in range(self.layers):
            weights = [getattr(self.lstm, f"{name}_l{layer}")
                       for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
            start = (h[layer:layer + 1], c[layer:layer + 1])
            rows, hn, cn = torch.lstm(rows, start, weights, True, 1, 0.0, False, False, False)
            after.append((hn, cn))
            rows = getattr(self, f"norm_l{layer}")(rows)
        return self.head(rows), tuple(torch.cat(part) for part in zip(*after))


def masked_loss(forecasts, targets, observed, quantiles):
    """Forecasts [steps, lanes, horizon, quantiles, outputs], targets without the quantiles."""
    miss = targets.unsqueeze(3) - forecasts
    if quantiles:
        q = torch.tensor(quantiles, dtype=forecasts.dtype).reshape(1, 1, 1, -1, 1)
        loss = torch.maximum(q * miss, (q - 1) * miss)
    else:
        loss = miss ** 2
    return (loss * observed.unsqueeze(3)).sum() / (observed.sum() * forecasts.shape[3])


def case(options, layers, gradient_norm=1000.0, norm=False, last=False, horizon=1, quantiles=()):
    steps, lanes, outputs = options.steps, options.lanes, options.inputs - 1
    head = (horizon, max(1, len(quantiles)), outputs)
    model = Forecaster(
        options.inputs, options.hidden, layers, int(numpy.prod(head)), norm)
    for name, value in model.named_parameters():
        if name.startswith("norm"):
            torch.nn.init.normal_(value, mean=float(name.endswith("weight")), std=0.3)
    tensors = {name: value.detach().numpy().copy() for name, value in model.named_parameters()}
    heads = 1 if last else steps
    rows = torch.randn(steps, lanes, options.inputs)
    targets = torch.randn(heads, lanes, horizon, outputs)
    observed = (torch.rand(heads, lanes, horizon, outputs) < 0.7).float()
    h0 = torch.randn(layers, lanes, options.hidden).clamp(-0.9, 0.9)
    c0 = torch.randn(layers, lanes, options.hidden)
    given = dict(rows=rows, targets=targets, observed=observed, h0=h0, c0=c0)
    tensors |= {name: value.numpy() for name, value in given.items()}
    # Numbers that float32 holds exactly; a single 0 stands for no quantiles.
    tensors["quantiles"] = numpy.array(quantiles or (0,), dtype=numpy.float32)

    model = model.double()
    rows, targets, observed, h0, c0 = (value.double() for value in given.values())

    def run():
        forecasts, state = model(rows, (h0, c0))
        forecasts = forecasts[-heads:].reshape(heads, lanes, *head)
        return forecasts, state, masked_loss(forecasts, targets, observed, quantiles)

    forecasts, (hn, cn), loss = run()
    loss.backward()
    computed = dict(forecasts=forecasts, hn=hn, cn=cn, loss=loss.reshape(1))
    computed |= {"gradient." + name: value.grad for name, value in model.named_parameters()}
    tensors |= {name: value.detach().numpy().copy() for name, value in computed.items()}

    optimiser = torch.optim.Adam(model.parameters(), lr=options.learning_rate)
    losses = []
    for _ in range(ADAM_STEPS):
        optimiser.zero_grad()
        loss = run()[2]
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), gradient_norm)
        optimiser.step()
        losses.append(loss.item())
    tensors["losses"] = numpy.array(losses)
    tensors["learning_rate"] = numpy.array([options.learning_rate], dtype=numpy.float32)
    tensors["gradient_norm"] = numpy.array([gradient_norm], dtype=numpy.float32)
    tensors |= {"after." + n: v.detach().numpy().copy() for n, v in model.named_parameters()}
    return tensors


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("output")
    parser.add_argument("--seed", type=int, default=20240229)
    parser.add_argument("--inputs", type=int, default=5)
    parser.add_argument("--hidden", type=int, default=9)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--lanes", type=int, default=3)
    parser.add_argument("--learning-rate", type=float, default=0.01)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    torch.set_num_threads(1)
    tensors = {}
    for name, settings in CASES.items():
        for part, value in case(options, **settings).items():
            tensors[f"{name}.{part}"] = numpy.ascontiguousarray(value)
    save_file(tensors, options.output)


if __name__ == "__main__":
    main()
