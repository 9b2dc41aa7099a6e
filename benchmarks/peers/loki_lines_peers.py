"""`loki`, JSON lines: the same result from an object with labels, line and time per line."""

import msgspec
import numpy as np
import orjson
import polars

from columns import stream_dump, stream_facts
from measure import main


def nanoseconds(stamps):
    return np.array([stamp[:-1] for stamp in stamps], "datetime64[ns]").astype(np.int64)


def orjson_peer(data):
    def run():
        streams = {}
        with open(data / "loki.jsonl", "rb") as file:
            for text in file:
                record = orjson.loads(text)
                key = tuple(record["labels"].items())
                stream = streams.get(key)
                if stream is None:
                    stream = streams[key] = (record["labels"], [], [])
                stream[1].append(record["timestamp"])
                stream[2].append(record["line"])
        return [(labels, nanoseconds(stamps), lines) for labels, stamps, lines in streams.values()]

    return run


class Record(msgspec.Struct, gc=False):
    labels: msgspec.Raw
    line: str
    timestamp: str


def msgspec_peer(data):
    """Streams are told apart by the bytes of their labels, which are parsed once."""
    decoder = msgspec.json.Decoder(Record)

    def run():
        streams = {}
        for record in decoder.decode_lines((data / "loki.jsonl").read_bytes()):
            key = bytes(record.labels)
            stream = streams.get(key)
            if stream is None:
                stream = streams[key] = (msgspec.json.decode(record.labels), [], [])
            stream[1].append(record.timestamp)
            stream[2].append(record.line)
        return [(labels, nanoseconds(stamps), lines) for labels, stamps, lines in streams.values()]

    return run


def polars_peer(data):
    with open(data / "loki.jsonl", "rb") as file:
        names = orjson.loads(file.readline())["labels"]
    schema = {
        "labels": polars.Struct({name: polars.String for name in names}),
        "line": polars.String,
        "timestamp": polars.String,
    }
    time = polars.col("timestamp").str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="ns")

    def run():
        frame = polars.read_ndjson(data / "loki.jsonl", schema=schema)
        frame = frame.with_columns(time.to_physical())
        return frame.group_by("labels", maintain_order=True).agg(polars.all())

    return run


def plain(result):
    """The result as labels, nanoseconds and lines, whoever made it."""
    if not isinstance(result, polars.DataFrame):
        return result
    return [(row["labels"], row["timestamp"], row["line"]) for row in result.iter_rows(named=True)]


PEERS = {"orjson": orjson_peer, "msgspec": msgspec_peer, "polars": polars_peer}

if __name__ == "__main__":
    main(PEERS, lambda result: stream_facts(plain(result)),
         lambda result: stream_dump(plain(result)))
