"""Writes what PyTorch's optimisers and schedules compute, in double precision, as safetensors.

    python make_optimiser_fixture.py optimisers.safetensors

Needs torch, numpy and safetensors, and make_pytorch_fixture.py beside it. Weights and batches are
float32, so that both sides start from the same numbers; everything else is float64.
"""

import sys

import numpy
import torch
from safetensors.numpy import save_file

from make_pytorch_fixture import Forecaster, masked_mean_squared_error

STEPS = 50
LEARNING_RATE = 0.01
WEIGHT_DECAY = 0.1
GRADIENT_NORM = 0.05
EPOCHS, WARM_UP, FLOOR = 12, 3, 1e-3


def trained(layers, decay):
    """Fifty steps with clipping; matrices decay, biases do not."""
    steps, lanes, inputs, outputs, hidden = 10, 4, 5, 4, 7
    model = Forecaster(inputs, hidden, layers, outputs)
    tensors = {name: value.detach().numpy().copy() for name, value in model.named_parameters()}
    rows = torch.randn(steps, lanes, inputs)
    targets = torch.randn(steps, lanes, outputs)
    observed = (torch.rand(steps, lanes, outputs) < 0.7).float()
    tensors |= {"rows": rows.numpy(), "targets": targets.numpy(), "observed": observed.numpy()}
    model = model.double()
    rows, targets, observed = rows.double(), targets.double(), observed.double()
    zeros = torch.zeros(layers, lanes, hidden, dtype=torch.float64)
    matrices = [p for p in model.parameters() if p.dim() > 1]
    vectors = [p for p in model.parameters() if p.dim() == 1]
    groups = [{"params": matrices, "weight_decay": decay}, {"params": vectors, "weight_decay": 0.0}]
    optimiser = (torch.optim.AdamW if decay else torch.optim.Adam)(groups, lr=LEARNING_RATE)
    losses = []
    for _ in range(STEPS):
        optimiser.zero_grad()
        loss = masked_mean_squared_error(model(rows, (zeros, zeros))[0], targets, observed)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), GRADIENT_NORM)
        optimiser.step()
        losses.append(loss.item())
    tensors["losses"] = numpy.array(losses)
    tensors |= {"after." + n: v.detach().numpy().copy() for n, v in model.named_parameters()}
    return tensors


def optimiser_of(rate):
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=rate)


def rate_of(optimiser):
    return optimiser.param_groups[0]["lr"]


def warm_up_and_cosine():
    """The step size at the start of every epoch."""
    optimiser = optimiser_of(LEARNING_RATE)
    schedule = torch.optim.lr_scheduler
    both = schedule.SequentialLR(
        optimiser,
        [
            schedule.LinearLR(optimiser, start_factor=0.01, total_iters=WARM_UP),
            schedule.CosineAnnealingLR(optimiser, T_max=EPOCHS - WARM_UP, eta_min=FLOOR),
        ],
        milestones=[WARM_UP],
    )
    rates = []
    for _ in range(EPOCHS):
        rates.append(rate_of(optimiser))
        optimiser.step()
        both.step()
    return rates


def cosine_within_epochs():
    """The step size at every quarter of an epoch."""
    optimiser = optimiser_of(LEARNING_RATE)
    cosine = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimiser, EPOCHS, eta_min=FLOOR)
    rates = []
    for quarter in range(4 * EPOCHS):
        cosine.step(quarter / 4)
        rates.append(rate_of(optimiser))
    return rates


def plateau(losses):
    """The step size after every epoch."""
    optimiser = optimiser_of(LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimiser, factor=0.3, patience=2, min_lr=FLOOR
    )
    rates = []
    for loss in losses:
        schedule.step(loss)
        rates.append(rate_of(optimiser))
    return rates


def main():
    torch.manual_seed(20240301)
    torch.set_num_threads(1)
    tensors = {}
    for layers in (1, 2):
        for name, decay in (("adam", 0.0), ("adamw", WEIGHT_DECAY)):
            for key, value in trained(layers, decay).items():
                tensors[f"{name}{layers}.{key}"] = numpy.ascontiguousarray(value)
    # Falls, stands still, falls by too little, and rises.
    losses = [1, 0.8, 0.8, 0.81, 0.79999, 0.9, 0.7, 0.7, 0.7, 0.7, 0.7, 0.6]
    losses += [0.6 + 0.01 * k for k in range(12)]
    tensors["warm_up_and_cosine"] = numpy.array(warm_up_and_cosine())
    tensors["cosine_within_epochs"] = numpy.array(cosine_within_epochs())
    tensors["plateau.losses"] = numpy.array(losses, dtype=numpy.float64)
    tensors["plateau.rates"] = numpy.array(plateau(losses))
    save_file(tensors, sys.argv[1])


if __name__ == "__main__":
    main()
