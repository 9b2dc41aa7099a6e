"""Prints what h5py finds in a dataset file, as JSON, and the digest it computes of it.

usage: read_with_h5py.py FILE
"""

import json
import math
import sys

import h5py
from content_digest import content_digest, text


def plain(value):
    """A JSON value, with the spellings of numbers that have none."""
    if isinstance(value, bytes):
        return text(value)
    if isinstance(value, list):
        return [plain(element) for element in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
    return value


def arrays(group):
    return {name: arrays(member) if isinstance(member, h5py.Group) else plain(member[()].tolist())
            for name, member in group.items()}


with h5py.File(sys.argv[1], "r") as file:
    services = []
    for name in sorted(file["services"]):
        group = file["services"][name]
        service = {name: array for name, array in arrays(group).items() if name != "logs"}
        service["labels"] = [json.loads(labels) for labels in service["labels"]]
        service["service"] = text(group.attrs["service"])
        service["logs"] = arrays(group["logs"]) if "logs" in group else None
        services.append(service)
    print(json.dumps({
        "attributes": {
            name: text(value) if isinstance(value, (bytes, str)) else int(value)
            for name, value in file.attrs.items()
        },
        "time": file["time"][:].tolist(),
        "services": services,
        "incidents": arrays(file["incidents"]),
        "report": json.loads(text(file["report"][()])),
        "sources": json.loads(text(file["sources"][()])),
        "computed_digest": content_digest(file),
    }))
