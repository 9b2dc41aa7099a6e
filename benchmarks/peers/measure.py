"""Runs one peer again and again, by the same protocol as ingest-bench.

A JSON line per repetition holds CPU and wall seconds and facts about the result; facts and the
release of the result are outside of the measured time. The garbage collector is off.
"""

import argparse
import gc
import json
import sys
import time
from pathlib import Path


def main(peers, facts, dump):
    """Measures the peer named on the command line.

    peers: name to a function of the data folder that prepares and returns the measured function.
    facts: the result's counts and sums. dump: the result as bytes, for comparison.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("peer", choices=peers)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--step", action="store_true", help="wait for a line before each repetition")
    parser.add_argument("--dump", type=Path)
    arguments = parser.parse_args()
    run = peers[arguments.peer](arguments.data)
    gc.collect()
    gc.freeze()
    gc.disable()
    for repetition in range(1, arguments.repeat + 1):
        if arguments.step and not sys.stdin.readline():
            return
        cpu, wall = time.process_time(), time.perf_counter()
        result = run()
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        print(json.dumps({"cpu": cpu, "wall": wall, "facts": facts(result)}), flush=True)
        if repetition == arguments.repeat and arguments.dump:
            arguments.dump.write_bytes(dump(result))
        del result
