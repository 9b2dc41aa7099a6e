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

ADAM_STEPS = 20
LEARNING_RATE = 0.01


class Forecaster(torch.nn.Module):
    def __init__(self, inputs, hidden, layers, outputs):
        super().__init__()
        self.lstm = torch.nn.LSTM(inputs, hidden, layers)
        self.head = torch.nn.Linear(hidden, outputs)

    def forward(self, rows, state):
        hidden, state = self.lstm(rows, state)
        return self.head(hidden), state


def masked_mean_squared_error(forecasts, targets, observed):
    return (((forecasts - targets) ** 2) * observed).sum() / observed.sum()


def case(options, layers, gradient_norm):
    steps, lanes, outputs = options.steps, options.lanes, options.inputs - 1
    model = Forecaster(options.inputs, options.hidden, layers, outputs)
    tensors = {name: value.detach().numpy().copy() for name, value in model.named_parameters()}
    rows = torch.randn(steps, lanes, options.inputs)
    targets = torch.randn(steps, lanes, outputs)
    observed = (torch.rand(steps, lanes, outputs) < 0.7).float()
    h0 = torch.randn(layers, lanes, options.hidden).clamp(-0.9, 0.9)
    c0 = torch.randn(layers, lanes, options.hidden)
    given = dict(rows=rows, targets=targets, observed=observed, h0=h0, c0=c0)
    tensors |= {name: value.numpy() for name, value in given.items()}

    model = model.double()
    rows, targets, observed, h0, c0 = (value.double() for value in given.values())
    forecasts, (hn, cn) = model(rows, (h0, c0))
    loss = masked_mean_squared_error(forecasts, targets, observed)
    loss.backward()
    computed = dict(forecasts=forecasts, hn=hn, cn=cn, loss=loss.reshape(1))
    computed |= {"gradient." + name: value.grad for name, value in model.named_parameters()}
    tensors |= {name: value.detach().numpy().copy() for name, value in computed.items()}

    optimiser = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    losses = []
    for _ in range(ADAM_STEPS):
        optimiser.zero_grad()
        loss = masked_mean_squared_error(model(rows, (h0, c0))[0], targets, observed)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), gradient_norm)
        optimiser.step()
        losses.append(loss.item())
    tensors["losses"] = numpy.array(losses)
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
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    torch.set_num_threads(1)
    tensors = {}
    # The first case is clipped at every step, the second one is not.
    for layers, gradient_norm in ((1, 0.005), (2, 1000.0)):
        for name, value in case(options, layers, gradient_norm).items():
            tensors[f"layers{layers}.{name}"] = numpy.ascontiguousarray(value)
    save_file(tensors, options.output)


if __name__ == "__main__":
    main()
