"""Writes a large Prometheus range-query answer, series by series: the same bytes for the same seed.

Usage: make_export.py FILE GIGABYTES
"""

import random
import sys
from itertools import accumulate
from pathlib import Path

SEED = 20260105
START = 1_767_571_200  # 2026-01-05T00:00:00Z
STEP = 15
POINTS = 5 * 24 * 3600 // STEP
POOL = 400_000
SERVICES = ["cart", "checkout", "catalog", "payment", "shipping", "gateway", "search", "email"]


def pools(source):
    """Texts of values per metric; a series takes a stretch of its metric's."""
    return {
        "http_request_duration_seconds_avg": [
            repr(source.uniform(0.1, 0.9)) for _ in range(POOL)],
        "http_requests_total": [
            str(total) for total in accumulate(source.randrange(1500) for _ in range(POOL))],
        "memory_working_set_bytes": [
            str(source.randrange(400_000, 600_000) * 4096) for _ in range(POOL)],
        "cpu_usage_percent": [f"{source.uniform(1, 99):.2f}" for _ in range(POOL)],
    }


def main():
    path, size = Path(sys.argv[1]), float(sys.argv[2]) * 1e9
    if path.exists() and path.stat().st_size >= size:
        return
    source = random.Random(SEED)
    stretches = list(pools(source).items())
    heads = [f'[{START + STEP * point},"' for point in range(POINTS)]
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    written = 0
    with open(partial, "w") as file:
        written += file.write('{"status":"success","data":{"resultType":"matrix","result":[')
        index = 0
        while written < size:
            name, pool = stretches[index % len(stretches)]
            service = SERVICES[index // len(stretches) % len(SERVICES)]
            part = index // (len(stretches) * len(SERVICES))
            start = source.randrange(POOL - POINTS)
            samples = '"],'.join(map(str.__add__, heads, pool[start:start + POINTS]))
            labels = (f'{{"__name__":"{name}","job":"{service}","part":"p{part}",'
                      f'"pod":"{service}-7f9c6d5b8-x2k4q"}}')
            written += file.write(
                f'{"," if index else ""}{{"metric":{labels},"values":[{samples}"]]}}')
            index += 1
        file.write("]}}\n")
    partial.rename(path)
    print(f"{path}: {index} series of {POINTS} points")


if __name__ == "__main__":
    main()
