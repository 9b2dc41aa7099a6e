"""Grows and scores isolation forests with other libraries, by the protocol of forest-bench.

Each library gets the memory layout and the call that were fastest for it. The garbage collector is
off, and a result is released outside of the measured time.
"""

import argparse
import gc
import json
import pickle
import sys
import time
from pathlib import Path

import numpy as np


class Coniferest:
    def __init__(self, rows, trees, subsample):
        from coniferest.isoforest import IsolationForest

        self.rows = rows
        self.models = {
            threads: IsolationForest(n_trees=trees, n_subsamples=subsample, n_jobs=threads,
                                     random_seed=1)
            for threads in (1, 2)
        }
        self.models[2].fit(rows)

    def fit(self):
        self.models[1].fit(self.rows)

    # Its scores are negative, and lower is more anomalous.
    def score(self, threads):
        return self.models[threads].score_samples(self.rows)

    def anomaly(self, scores):
        return -scores

    def single(self, row):
        return self.models[1].score_samples(row)

    def save(self, file):
        file.write_bytes(pickle.dumps(self.models[1]))


class ScikitLearn(Coniferest):
    def __init__(self, rows, trees, subsample):
        from sklearn.ensemble import IsolationForest

        self.rows = rows
        self.models = {
            threads: IsolationForest(n_estimators=trees, max_samples=subsample, n_jobs=threads,
                                     random_state=1)
            for threads in (1, 2)
        }
        self.models[2].fit(rows)


class IsoTree:
    dimensions = 1

    def __init__(self, rows, trees, subsample):
        from isotree import IsolationForest

        self.columns = np.asfortranarray(rows)
        self.rows = rows.astype(np.float64)
        self.model = IsolationForest(
            ntrees=trees, sample_size=subsample, ndim=self.dimensions, ntry=1, nthreads=1,
            missing_action="fail", standardize_data=False, random_seed=1)

    def fit(self):
        self.model.fit(self.columns)

    def score(self, threads):
        self.model.nthreads = threads
        scores = self.model.predict(self.rows)
        self.model.nthreads = 1
        return scores

    def anomaly(self, scores):
        return scores

    def single(self, row):
        return self.model.predict(row)

    def save(self, file):
        self.model.export_model(str(file))


class ExtendedIsoTree(IsoTree):
    dimensions = 2


class OnnxRuntime:
    """A forest of scikit-learn as one TreeEnsembleRegressor node that adds up path lengths."""

    fit = None

    def __init__(self, rows, trees, subsample):
        import onnxruntime
        from sklearn.ensemble import IsolationForest

        forest = IsolationForest(n_estimators=trees, max_samples=subsample, random_state=1).fit(rows)
        self.rows = rows
        self.model = tree_ensemble(forest, rows.shape[1]).SerializeToString()
        self.sessions = {}
        for threads in (1, 2):
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = threads
            self.sessions[threads] = onnxruntime.InferenceSession(
                self.model, options, providers=["CPUExecutionProvider"])

    def score(self, threads):
        return self.sessions[threads].run(None, {"rows": self.rows})[0]

    # The longer the paths, the more ordinary.
    def anomaly(self, lengths):
        return -lengths[:, 0]

    def single(self, row):
        return self.sessions[1].run(None, {"rows": row})[0]

    def save(self, file):
        file.write_bytes(self.model)


def tree_ensemble(forest, columns):
    from onnx import TensorProto, helper
    from sklearn.ensemble._iforest import _average_path_length

    nodes = {name: [] for name in ("treeids", "nodeids", "featureids", "values", "modes",
                                   "truenodeids", "falsenodeids")}
    leaves = {name: [] for name in ("treeids", "nodeids", "weights")}
    for number, (estimator, selected) in enumerate(
            zip(forest.estimators_, forest.estimators_features_)):
        tree = estimator.tree_
        depth = np.zeros(tree.node_count)
        for node in range(tree.node_count):
            left, right = tree.children_left[node], tree.children_right[node]
            is_leaf = left < 0
            if is_leaf:
                leaves["treeids"].append(number)
                leaves["nodeids"].append(node)
                rest = _average_path_length(tree.n_node_samples[node:node + 1])[0]
                leaves["weights"].append(float(depth[node] + rest))
            else:
                depth[left] = depth[right] = depth[node] + 1
            nodes["treeids"].append(number)
            nodes["nodeids"].append(node)
            nodes["featureids"].append(0 if is_leaf else int(selected[tree.feature[node]]))
            nodes["values"].append(0.0 if is_leaf else float(tree.threshold[node]))
            nodes["modes"].append("LEAF" if is_leaf else "BRANCH_LEQ")
            nodes["truenodeids"].append(0 if is_leaf else int(left))
            nodes["falsenodeids"].append(0 if is_leaf else int(right))
    node = helper.make_node(
        "TreeEnsembleRegressor", ["rows"], ["length"], domain="ai.onnx.ml", n_targets=1,
        aggregate_function="SUM", target_ids=[0] * len(leaves["weights"]),
        **{f"nodes_{name}": values for name, values in nodes.items()},
        **{f"target_{name}": values for name, values in leaves.items()})
    graph = helper.make_graph(
        [node], "forest",
        [helper.make_tensor_value_info("rows", TensorProto.FLOAT, [None, columns])],
        [helper.make_tensor_value_info("length", TensorProto.FLOAT, [None, 1])])
    return helper.make_model(
        graph, ir_version=8,
        opset_imports=[helper.make_opsetid("ai.onnx.ml", 3), helper.make_opsetid("", 17)])


PEERS = {
    "coniferest": Coniferest,
    "onnxruntime": OnnxRuntime,
    "scikit-learn": ScikitLearn,
    "isotree": IsoTree,
    "isotree, extended": ExtendedIsoTree,
}


class Process:
    def __init__(self, arguments):
        rows = np.fromfile(arguments.rows, "<f4").reshape(-1, arguments.columns)
        self.peer = PEERS[arguments.peer](rows, arguments.trees, arguments.subsample)
        if self.peer.fit:
            self.peer.fit()
        self.scores = None

    def timed(self, work):
        cpu, wall = time.process_time(), time.perf_counter()
        result = work()
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        return result, {"cpu": cpu, "wall": wall}

    def run(self, command, argument):
        if command == "fit":
            return self.timed(self.peer.fit)[1]
        if command == "score":
            self.scores, spent = self.timed(lambda: self.peer.score(int(argument)))
            return spent
        if command == "single":
            return self.single(int(argument))
        if command == "save":
            self.peer.save(Path(argument))
            return {"bytes": Path(argument).stat().st_size}
        if command == "dump":
            self.peer.anomaly(self.scores).astype("<f4").tofile(argument)
            return {"rows": len(self.scores)}
        sys.exit(f"unknown command '{command}'")

    def single(self, calls):
        nanoseconds = []
        for call in range(calls):
            at = call * 7919 % len(self.peer.rows)
            row = self.peer.rows[at:at + 1]
            before = time.perf_counter_ns()
            self.peer.single(row)
            nanoseconds.append(time.perf_counter_ns() - before)
        return {"p50": np.percentile(nanoseconds, 50) / 1e3,
                "p99": np.percentile(nanoseconds, 99) / 1e3}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("--rows", required=True)
    for name in ("--columns", "--trees", "--subsample"):
        parser.add_argument(name, type=int, required=True)
    process = Process(parser.parse_args())
    gc.collect()
    gc.freeze()
    gc.disable()
    for line in sys.stdin:
        command, _, argument = line.strip().partition(" ")
        print(json.dumps(process.run(command, argument)), flush=True)


if __name__ == "__main__":
    main()
