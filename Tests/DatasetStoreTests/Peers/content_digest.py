"""The content digest of a dataset file, computed from the layout that DatasetFile documents."""

import hashlib
import json

import numpy as np


def text(value):
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)


def texts(dataset):
    return [text(value) for value in dataset[:]]


def canonical(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def content_digest(file):
    """SHA-256 over framed canonical JSON and framed little-endian arrays."""
    digest = hashlib.sha256()

    def number(value):
        digest.update(int(value).to_bytes(8, "little", signed=True))

    def framed(words):
        data = words.encode("utf-8")
        number(len(data))
        digest.update(data)

    def array(values, kind):
        values = np.asarray(values, dtype=kind).ravel()
        number(len(values))
        digest.update(values.tobytes())

    services = [file["services"][name] for name in sorted(file["services"])]
    incidents = file["incidents"]
    unknown = np.iinfo(np.int64).min
    detected = incidents["detected_ms"][:]
    framed("autopilotops-dataset")
    number(1)
    array([file.attrs["first_ms"], file.attrs["interval_ms"], len(file["time"])], "<i8")
    for service in services:
        framed("service")
        framed(canonical({
            "service": text(service.attrs["service"]),
            "columns": [
                {"name": name, "kind": kind, "labels": json.loads(labels)}
                for name, kind, labels in zip(
                    texts(service["columns"]), texts(service["kinds"]), texts(service["labels"]))
            ],
        }))
        for column in service["metrics"][:].T:
            array(column, "<f8")
        if "logs" not in service:
            framed("null")
            continue
        logs = service["logs"]
        framed(canonical([
            [pattern, int(level)]
            for pattern, level in zip(texts(logs["patterns"]), logs["levels"][:])
        ]))
        for name in ("row", "pattern", "lines"):
            array(logs[name][:], "<i8")
        array(logs["recorded"][:], "u1")
        if "transitions" in logs:
            framed("transitions")
            for name in ("row", "from", "to", "lines"):
                array(logs["transitions"][name][:], "<i8")
    framed("end")
    framed(canonical({
        "incidents": [
            {"id": name, "service": service or None, "kind": kind, "role": role,
             "detected": bool(noticed != unknown)}
            for name, service, kind, role, noticed in zip(
                texts(incidents["id"]), texts(incidents["service"]), texts(incidents["kind"]),
                texts(incidents["role"]), detected)
        ],
        "sources": json.loads(text(file["sources"][()])),
        "report": json.loads(text(file["report"][()])),
    }))
    published = file.attrs.get("published_test_start_ms")
    array([] if published is None else [published], "<i8")
    array(incidents["start_ms"][:], "<i8")
    array(detected[detected != unknown], "<i8")
    array(incidents["resolved_ms"][:], "<i8")
    return digest.hexdigest()
