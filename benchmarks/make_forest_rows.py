"""Makes the rows of the forest workloads, see README.md. Usage: make_forest_rows.py FOLDER

Standard normal values from a fixed seed; in the last hundredth of the rows the first quarter of the
columns is shifted by 2.5.
"""

import sys
from pathlib import Path

import numpy as np

# Name: rows, columns.
ROWS = {"forest-s": (100_000, 20), "forest-m": (1_000_000, 40)}


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, (count, columns) in ROWS.items():
        file = folder / f"{name}.f32"
        if file.exists() and file.stat().st_size == 4 * count * columns:
            continue
        rows = np.random.default_rng(20240607).standard_normal((count, columns), dtype=np.float32)
        rows[-(count // 100):, : columns // 4] += 2.5
        rows.astype("<f4").tofile(file)


if __name__ == "__main__":
    main()
