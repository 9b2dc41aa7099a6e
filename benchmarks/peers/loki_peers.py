"""`loki`: an answer of the query API into labels, int64 nanoseconds and lines per stream."""

import json

import msgspec
import numpy as np
import orjson

from columns import stream_dump, stream_facts
from measure import main


def untyped(loads):
    def peer(data):
        def run():
            result = []
            for stream in loads((data / "loki.json").read_bytes())["data"]["result"]:
                times, lines = zip(*stream["values"])
                result.append((stream["stream"], np.array(list(map(int, times)), np.int64), lines))
            return result

        return run

    return peer


class Stream(msgspec.Struct, gc=False):
    stream: dict[str, str]
    values: list[tuple[int, str]]


class Data(msgspec.Struct):
    result: list[Stream]


class Answer(msgspec.Struct):
    data: Data


def msgspec_peer(data):
    """Typed, and texts taken as numbers by the decoder itself."""
    decoder = msgspec.json.Decoder(Answer, strict=False)

    def run():
        result = []
        for stream in decoder.decode((data / "loki.json").read_bytes()).data.result:
            times, lines = zip(*stream.values)
            result.append((stream.stream, np.array(times, np.int64), lines))
        return result

    return run


PEERS = {"orjson": untyped(orjson.loads), "msgspec": msgspec_peer, "json": untyped(json.loads)}

if __name__ == "__main__":
    main(PEERS, stream_facts, stream_dump)
