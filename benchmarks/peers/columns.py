"""What the results of the metric and log peers have in common."""

import numpy as np


def series_facts(result):
    """Facts of [(labels, times in seconds, values)]."""
    return {
        "series": len(result),
        "points": sum(len(values) for _, _, values in result),
        "label_bytes": label_bytes(result),
        "sum": float(sum(np.sum(values) for _, _, values in result)),
    }


def series_dump(result):
    """All times in milliseconds, then all values."""
    times = [np.rint(np.asarray(times) * 1000).astype("<i8") for _, times, _ in result]
    values = [np.asarray(values, "<f8") for _, _, values in result]
    return np.concatenate(times).tobytes() + np.concatenate(values).tobytes()


def stream_facts(result):
    """Facts of [(labels, nanoseconds, lines)]."""
    return {
        "streams": len(result),
        "lines": sum(len(lines) for _, _, lines in result),
        "label_bytes": label_bytes(result),
        "text_bytes": sum(len(line.encode()) for _, _, lines in result for line in lines),
    }


def stream_dump(result):
    """Per stream, in the order of their labels: the times, then the lines with line feeds."""
    ordered = sorted(result, key=lambda stream: ",".join(
        f"{key}={value}" for key, value in sorted(stream[0].items())))
    return b"".join(
        np.asarray(times, "<i8").tobytes() + "".join(f"{line}\n" for line in lines).encode()
        for _, times, lines in ordered)


def label_bytes(result):
    return sum(len(f"{key}{value}".encode()) for labels, *_ in result
               for key, value in labels.items())
