"""Trains and runs LSTM forecasters with other libraries, by the protocol of lstm-bench.

Each library gets the memory layout and the call that were fastest for it. The garbage collector is
off.
"""

import argparse
import contextlib
import gc
import json
import os
import resource
import sys
import time

import numpy as np
from safetensors.numpy import load_file


class PyTorch:
    """nn.LSTM and nn.Linear, squared error, fused Adam; steps before lanes."""

    autocast = False

    def __init__(self, arguments, tensors):
        import torch

        torch.set_num_threads(arguments.threads)
        torch.set_num_interop_threads(1)
        # Faded gradients below the smallest normal number cost some processors ten times the rest.
        torch.set_flush_denormal(True)
        torch.set_default_dtype(torch.float32)
        self.torch, self.tensors = torch, tensors
        self.inputs = torch.from_numpy(tensors["inputs"])
        self.targets = torch.from_numpy(tensors["targets"])
        self.layers, self.rate = arguments.layers, arguments.rate
        self.reset()

    def reset(self):
        torch = self.torch
        self.lstm = torch.nn.LSTM(self.inputs.shape[-1], len(self.tensors["lstm.weight_hh_l0"][0]),
                                  self.layers)
        self.head = torch.nn.Linear(self.lstm.hidden_size, self.inputs.shape[-1])
        for module, prefix in ((self.lstm, "lstm."), (self.head, "head.")):
            module.load_state_dict({name.removeprefix(prefix): torch.from_numpy(values.copy())
                                    for name, values in self.tensors.items()
                                    if name.startswith(prefix)})
        self.parameters = [*self.lstm.parameters(), *self.head.parameters()]
        self.optimiser = torch.optim.Adam(self.parameters, lr=self.rate, fused=True)
        self.step = 0

    def numerics(self):
        if not self.autocast:
            return contextlib.nullcontext()
        return self.torch.autocast("cpu", dtype=self.torch.bfloat16)

    def train_step(self):
        batch = self.step % len(self.inputs)
        self.step += 1
        with self.numerics():
            outputs, _ = self.lstm(self.inputs[batch])
            loss = self.torch.nn.functional.mse_loss(
                self.head(outputs[-1]).float(), self.targets[batch])
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        return loss

    def forecast(self, batch):
        with self.torch.inference_mode(), self.numerics():
            outputs, _ = self.lstm(self.inputs[batch])
            return self.head(outputs[-1]).float().numpy()

    def stream(self, rows):
        """Returns a function that takes the next row."""
        rows = self.torch.from_numpy(rows)
        state = None

        def advance(number):
            nonlocal state
            outputs, state = self.lstm(rows[number], state)
            return self.head(outputs[-1])

        return advance

    def streaming(self):
        stack = contextlib.ExitStack()
        stack.enter_context(self.torch.inference_mode())
        stack.enter_context(self.numerics())
        return stack


class BFloat16(PyTorch):
    """Products in bfloat16 by autocast: other numerics, so never what ours is compared with."""

    autocast = True


class OnnxRuntime:
    """An LSTM node per layer and the head on the last hidden state; it cannot train."""

    train_step = None

    def __init__(self, arguments, tensors):
        import onnxruntime

        self.inputs = tensors["inputs"]
        self.layers = arguments.layers
        self.hidden = tensors["lstm.weight_hh_l0"].shape[1]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = arguments.threads
        options.inter_op_num_threads = 1

        def session(*sizes):
            return onnxruntime.InferenceSession(
                onnx_model(tensors, self.layers, *sizes), options,
                providers=["CPUExecutionProvider"])

        self.batched = session(*self.inputs.shape[1:3])
        self.single = session(1, 1)

    def reset(self):
        pass

    def forecast(self, batch):
        zeros = np.zeros((1, self.inputs.shape[2], self.hidden), np.float32)
        feeds = {f"{kind}{k}": zeros for k in range(self.layers) for kind in "hc"}
        return self.batched.run(["forecast"], feeds | {"rows": self.inputs[batch]})[0]

    def stream(self, rows):
        names = ["forecast", *(f"{kind}{k}_after" for k in range(self.layers) for kind in "hc")]
        state_names = [f"{kind}{k}" for k in range(self.layers) for kind in "hc"]
        feeds = {name: np.zeros((1, 1, self.hidden), np.float32) for name in state_names}

        def advance(number):
            feeds["rows"] = rows[number]
            forecast, *states = self.single.run(names, feeds)
            feeds.update(zip(state_names, states))
            return forecast

        return advance

    def streaming(self):
        return contextlib.nullcontext()


def onnx_model(tensors, layers, steps, lanes):
    from onnx import TensorProto, helper, numpy_helper

    hidden, width = tensors["lstm.weight_hh_l0"].shape[1], tensors["inputs"].shape[-1]

    def iofc(values):
        i, f, g, o = np.split(values, 4)
        return np.concatenate([i, o, f, g])

    nodes, constants, inputs, outputs = [], [], [], []
    below = "rows"
    for k in range(layers):
        parts = {
            f"W{k}": iofc(tensors[f"lstm.weight_ih_l{k}"])[None],
            f"R{k}": iofc(tensors[f"lstm.weight_hh_l{k}"])[None],
            f"B{k}": np.concatenate([iofc(tensors[f"lstm.bias_ih_l{k}"]),
                                     iofc(tensors[f"lstm.bias_hh_l{k}"])])[None],
        }
        constants += [numpy_helper.from_array(values, name) for name, values in parts.items()]
        nodes.append(helper.make_node(
            "LSTM", [below, *parts, "", f"h{k}", f"c{k}"],
            [f"Y{k}", f"h{k}_after", f"c{k}_after"], hidden_size=hidden))
        nodes.append(helper.make_node("Squeeze", [f"Y{k}", "one"], [f"y{k}"]))
        state = [1, lanes, hidden]
        for kind in "hc":
            inputs.append(helper.make_tensor_value_info(f"{kind}{k}", TensorProto.FLOAT, state))
            outputs.append(
                helper.make_tensor_value_info(f"{kind}{k}_after", TensorProto.FLOAT, state))
        below = f"y{k}"
    constants += [numpy_helper.from_array(np.array([1]), "one"),
                  numpy_helper.from_array(np.array([0]), "zero"),
                  numpy_helper.from_array(tensors["head.weight"], "head_weight"),
                  numpy_helper.from_array(tensors["head.bias"], "head_bias")]
    nodes.append(helper.make_node("Squeeze", [f"h{layers - 1}_after", "zero"], ["last"]))
    nodes.append(
        helper.make_node("Gemm", ["last", "head_weight", "head_bias"], ["forecast"], transB=1))
    graph = helper.make_graph(
        nodes, "lstm",
        [helper.make_tensor_value_info("rows", TensorProto.FLOAT, [steps, lanes, width]), *inputs],
        [helper.make_tensor_value_info("forecast", TensorProto.FLOAT, [lanes, width]), *outputs],
        constants)
    model = helper.make_model(
        graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)])
    return model.SerializeToString()


PEERS = {"PyTorch": PyTorch, "PyTorch bfloat16": BFloat16, "onnxruntime": OnnxRuntime}


def peak_memory():
    """The largest resident size so far, in bytes; ru_maxrss counts the parent's as well."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if "VmHWM" in line)
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


class Process:
    def __init__(self, arguments):
        tensors = load_file(arguments.tensors)
        self.rows = np.ascontiguousarray(
            tensors["inputs"][0, :, :1].reshape(-1, 1, 1, tensors["inputs"].shape[-1]))
        self.batches = len(tensors["inputs"])
        self.peer = PEERS[arguments.peer](arguments, tensors)

    def timed(self, work, times):
        cpu, wall = time.process_time(), time.perf_counter()
        for number in range(times):
            work(number)
        return {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}

    def run(self, command, argument):
        if command == "train":
            return self.timed(lambda number: self.peer.train_step(), int(argument))
        if command == "infer":
            return self.timed(
                lambda number: self.peer.forecast(number % self.batches), int(argument))
        if command == "stream":
            return self.stream(int(argument))
        if command == "forecast":
            np.ascontiguousarray(self.peer.forecast(0), "<f4").tofile(argument)
            return {}
        if command == "losses":
            losses = [self.peer.train_step().item() for _ in range(int(argument))]
            self.peer.reset()
            return {"losses": losses}
        if command == "memory":
            before = peak_memory()
            for _ in range(int(argument)):
                self.peer.train_step()
            return {"before": before, "peak": peak_memory()}
        sys.exit(f"unknown command '{command}'")

    def stream(self, calls):
        nanoseconds = []
        with self.peer.streaming():
            advance = self.peer.stream(self.rows)
            for call in range(calls):
                number = call % len(self.rows)
                before = time.perf_counter_ns()
                advance(number)
                nanoseconds.append(time.perf_counter_ns() - before)
        return {"p50": np.percentile(nanoseconds, 50) / 1e3,
                "p99": np.percentile(nanoseconds, 99) / 1e3}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("--tensors", required=True)
    for name in ("--layers", "--threads"):
        parser.add_argument(name, type=int, required=True)
    parser.add_argument("--rate", type=float, required=True)
    process = Process(parser.parse_args())
    gc.collect()
    gc.freeze()
    gc.disable()
    for line in sys.stdin:
        command, _, argument = line.strip().partition(" ")
        print(json.dumps(process.run(command, argument)), flush=True)
    # Skips what libraries have to say at the end of an interpreter.
    os._exit(0)


if __name__ == "__main__":
    main()
