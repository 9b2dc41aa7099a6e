"""Draws the score maps of docs/images/forest-maps.png.

usage: draw_maps.py MAPS.json PICTURE.png

MAPS.json: {"sets": [{"name", "low", "high", "points": [[x, y], ...], "axis": [...],
"extended": [...]}], "size": n} with maps [n x n] row by row from (low, low). Needs matplotlib.
"""
import json
import sys

import matplotlib
import numpy as np

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402

content = json.load(open(sys.argv[1]))
size = content["size"]
figure, axes = pyplot.subplots(2, len(content["sets"]), figsize=(9.5, 6.4), layout="constrained")
for column, one in enumerate(content["sets"]):
    points = np.array(one["points"])
    for row, (kind, title) in enumerate([
        ("axis", "one feature a split"), ("extended", "hyperplanes")]):
        plot = axes[row][column]
        image = plot.imshow(
            np.array(one[kind]).reshape(size, size), origin="lower", vmin=0.35, vmax=0.75,
            extent=[one["low"], one["high"]] * 2, cmap="viridis")
        plot.plot(points[:, 0], points[:, 1], ".", color="white", markersize=1.2, alpha=0.5)
        plot.set_title(f"{one['name']}, {title}", fontsize=10)
        plot.set_xlim(one["low"], one["high"])
        plot.set_ylim(one["low"], one["high"])
figure.colorbar(image, ax=axes, label="score", shrink=0.8)
figure.savefig(sys.argv[2], dpi=110, metadata={"Software": None})
