"""Makes the files beside it with h5py: one dataset as DatasetFile documents it, written without our
code, and what it must refuse. Needs h5py and numpy; run it in this folder.
"""

import gzip
import io
import json
import os
import sys
import tempfile

import h5py
import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Peers"))
from content_digest import content_digest  # noqa: E402


def fixed(values):
    data = [value.encode("utf-8") for value in values]
    width = max([1] + [len(value) for value in data])
    return np.array(data, dtype=h5py.string_dtype("utf-8", width))


def attribute(group, name, value):
    data = value.encode("utf-8")
    group.attrs.create(name, data, dtype=h5py.string_dtype("utf-8", max(1, len(data))))


def text_dataset(group, name, value):
    data = value.encode("utf-8")
    group.create_dataset(name, data=data, dtype=h5py.string_dtype("utf-8", len(data)))


def strings(group, name, values):
    data = fixed(values)
    group.create_dataset(name, data=data, dtype=data.dtype, shape=(len(values),))


def write_small(file):
    attribute(file, "format", "autopilotops-dataset")
    file.attrs.create("schema_version", 1, dtype="<i8")
    file.attrs.create("first_ms", 1_700_000_000_000, dtype="<i8")
    file.attrs.create("interval_ms", 30_000, dtype="<i8")
    file.attrs.create("published_test_start_ms", 1_700_000_030_000, dtype="<i8")
    file["time"] = np.array([1_700_000_000_000 + 30_000 * i for i in range(3)], dtype="<i8")
    odd = file.create_group("services/0000")
    attribute(odd, "service", "a/b ☃")
    odd.create_dataset("metrics", shape=(3, 0), dtype="<f8")
    for name in ("columns", "kinds", "labels"):
        strings(odd, name, [])
    api = file.create_group("services/0001")
    attribute(api, "service", "api")
    api["metrics"] = np.array([[1, 0.5], [np.nan, -0.0], [0, np.inf]], dtype="<f8")
    strings(api, "columns", ["up", 'requests_total{code="500"}'])
    strings(api, "kinds", ["gauge", "counter"])
    strings(api, "labels", [json.dumps({"__name__": "up", "job": 'äpi "1"'}), "{}"])
    logs = api.create_group("logs")
    strings(logs, "patterns", ["slow query <num> ms", ""])
    logs["levels"] = np.array([3, 0], dtype="u1")
    logs["row"] = np.array([0, 2], dtype="<i8")
    logs["pattern"] = np.array([1, 0], dtype="<i8")
    logs["lines"] = np.array([7, 1], dtype="<i8")
    logs["recorded"] = np.array([1, 0, 1], dtype="u1")
    incidents = file.create_group("incidents")
    strings(incidents, "id", ["i1", "i2"])
    strings(incidents, "service", ["api", ""])
    strings(incidents, "kind", ["memory_leak", "unknown"])
    incidents["start_ms"] = np.array([1_700_000_010_000, -5], dtype="<i8")
    incidents["detected_ms"] = np.array([1_700_000_020_000, -2**63], dtype="<i8")
    incidents["resolved_ms"] = np.array([1_700_000_030_000, 5], dtype="<i8")
    strings(incidents, "role", ["incident", "excluded"])
    text_dataset(file, "report", json.dumps({
        "samples": 12, "log_lines": 8, "series": 2, "missing_cells": 1, "cells": 6,
        "defects": [{"source": "x.json", "reason": "duplicate", "effect": "skipped", "count": 2,
                     "example": "line 3"}],
    }))
    text_dataset(file, "sources", json.dumps([
        {"type": "prometheus", "name": "x.json", "sha256": "ab" * 32, "bytes": 99}]))
    attribute(file, "content_digest", content_digest(file))


def replace(place, **settings):
    def change(file):
        del file[place]
        file.create_dataset(place, **settings)
    return change


def rewrite(place, value):
    def change(file):
        del file[place]
        text_dataset(file, place, value)
    return change


def remove(place):
    def change(file):
        del file[place]
    return change


def set_values(place, values):
    def change(file):
        file[place][...] = values
    return change


def set_integer(name, value):
    return lambda file: file.attrs.create(name, value, dtype="<i8")


def set_text(name, value):
    return lambda file: attribute(file, name, value)


def link(place, target):
    def change(file):
        del file[place]
        file[place] = target
    return change


def virtual(file):
    del file["services/0001/metrics"]
    layout = h5py.VirtualLayout(shape=(3, 2), dtype="<f8")
    layout[:] = h5py.VirtualSource("elsewhere.h5", "x", shape=(3, 2))
    file["services/0001"].create_virtual_dataset("metrics", layout)


def ordered(then):
    """Adds what follows what, and the digest that belongs to it, before a change."""
    def change(file):
        following = file["services/0001/logs"].create_group("transitions")
        for name, values in {"row": [0, 2], "from": [1, 1], "to": [1, 0], "lines": [6, 1]}.items():
            following[name] = np.array(values, dtype="<i8")
        set_integer("schema_version", 2)(file)
        attribute(file, "content_digest", content_digest(file))
        then(file)
    return change


METRICS = "services/0001/metrics"
COLUMNS = "services/0001/columns"
CASES = {
    "small": lambda file: None,
    "with_order": ordered(lambda file: None),
    "transition_outside": ordered(set_values("services/0001/logs/transitions/to", [0, 2])),
    "transition_backwards": ordered(set_values("services/0001/logs/transitions/row", [-1, 2])),
    "transition_empty": ordered(set_values("services/0001/logs/transitions/lines", [6, 0])),
    "transitions_fewer": ordered(
        replace("services/0001/logs/transitions/from", data=np.zeros(1, dtype="<i8"))),
    "transitions_elsewhere": ordered(
        link("services/0001/logs/transitions", h5py.ExternalLink("elsewhere.h5", "/x"))),
    "changed_value": set_values(METRICS, [[2, 0.5], [np.nan, -0.0], [0, np.inf]]),
    "foreign": lambda file: file.attrs.clear(),
    "other_format": set_text("format", "something-else"),
    "format_is_number": set_integer("format", 7),
    "newer_version": set_integer("schema_version", 3),
    "version_is_text": set_text("schema_version", "1"),
    "version_is_array": lambda file: file.attrs.create("schema_version", [1, 1], dtype="<i8"),
    "no_digest": lambda file: file.attrs.__delitem__("content_digest"),
    "no_time": remove("time"),
    "time_off_grid": set_values("time", [1_700_000_000_000, 1_700_000_030_001, 1_700_000_060_000]),
    "time_overflows": lambda file: (
        set_integer("first_ms", 2**63 - 2)(file), set_integer("interval_ms", 3)(file),
        set_values("time", [2**63 - 2, -2**63, -2**63 + 3])(file)),
    "no_interval": set_integer("interval_ms", 0),
    "no_services": remove("services"),
    "gap_in_services": remove("services/0000"),
    "no_metrics": remove(METRICS),
    "metrics_rank": replace(METRICS, data=np.zeros(6)),
    "metrics_shape": replace(METRICS, data=np.zeros((2, 3))),
    "metrics_type": replace(METRICS, data=np.zeros((3, 2), dtype="<i8")),
    "metrics_is_group": lambda file: (remove(METRICS)(file), file.create_group(METRICS)),
    "metrics_elsewhere": replace(
        METRICS, shape=(3, 2), dtype="<f8", external=[("/etc/hostname", 0, 48)]),
    "metrics_virtual": virtual,
    "metrics_unallocated": replace(METRICS, shape=(3, 2), dtype="<f8", chunks=(1, 1)),
    "metrics_external_link": link(METRICS, h5py.ExternalLink("elsewhere.h5", "/x")),
    "metrics_soft_link": link(METRICS, h5py.SoftLink("/time")),
    "time_claims_much": replace("time", shape=(2**31,), dtype="<i8", chunks=(4096,)),
    "time_claims_more": replace("time", shape=(2**40,), dtype="<i8", chunks=(4096,)),
    "time_is_null": lambda file: (
        remove("time")(file), file.create_dataset("time", data=h5py.Empty("<i8"))),
    "columns_variable": replace(COLUMNS, data=["up", "x"], dtype=h5py.string_dtype()),
    "columns_not_utf8": replace(
        COLUMNS, data=np.array([b"\xff", b"x"], dtype=h5py.string_dtype("utf-8", 2))),
    "columns_ascii": replace(
        COLUMNS, data=np.array([b"up", b"x"], dtype=h5py.string_dtype("ascii", 2))),
    "columns_fewer": replace(COLUMNS, data=fixed(["up"])),
    "kind_unknown": replace("services/0001/kinds", data=fixed(["gauge", "odd"])),
    "labels_not_json": replace("services/0001/labels", data=fixed(["{}", "{"])),
    "labels_numbers": replace("services/0001/labels", data=fixed(["{}", '{"a": 1}'])),
    "logs_elsewhere": link(
        "services/0001/logs", h5py.ExternalLink("elsewhere.h5", "/services/0001/logs")),
    "level_unknown": set_values("services/0001/logs/levels", [3, 9]),
    "row_outside": set_values("services/0001/logs/row", [0, 3]),
    "pattern_outside": set_values("services/0001/logs/pattern", [-1, 0]),
    "no_lines": set_values("services/0001/logs/lines", [7, 0]),
    "recorded_shorter": replace("services/0001/logs/recorded", data=np.ones(2, dtype="u1")),
    "role_unknown": replace("incidents/role", data=fixed(["incident", "odd"])),
    "incident_backwards": set_values("incidents/resolved_ms", [1_700_000_030_000, -5]),
    "no_incidents": remove("incidents"),
    "report_not_json": rewrite("report", "samples"),
    "report_incomplete": rewrite("report", "{}"),
    "effect_unknown": rewrite(
        "report",
        '{"defects":[{"source":"a","reason":"b","effect":"c","count":1,"example":""}]}'),
    "sources_is_array": replace("sources", data=fixed(["[]"])),
}


def main():
    bundle = {}
    for name, change in CASES.items():
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "x.h5")
            with h5py.File(path, "w", libver=("earliest", "v110")) as file:
                write_small(file)
            with h5py.File(path, "r+", libver=("earliest", "v110")) as file:
                change(file)
            with open(path, "rb") as stored:
                bundle[name] = stored.read()
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=9, mtime=0) as packed:
        for name, data in bundle.items():
            packed.write(f"{name} {len(data)}\n".encode())
            packed.write(data)
    with open("written_by_h5py.gz", "wb") as file:
        file.write(out.getvalue())
    print(len(bundle), "files,", len(out.getvalue()), "bytes")


if __name__ == "__main__":
    main()
