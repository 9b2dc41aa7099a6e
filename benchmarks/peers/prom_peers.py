"""`prom`: a range query's JSON into labels and two float64 arrays per series.

Each library has its fastest way of several that were tried.
"""

import json
from itertools import chain

import msgspec
import numpy as np
import orjson
import polars
import simdjson
from prometheus_api_client import MetricRangeDataFrame, MetricsList

from columns import series_dump, series_facts
from measure import main


def orjson_peer(data):
    """Numbers from texts by Polars, which is faster than float() on each."""

    def run():
        result = []
        for series in orjson.loads((data / "prom.json").read_bytes())["data"]["result"]:
            times, texts = zip(*series["values"])
            values = polars.Series(texts, dtype=polars.String).cast(polars.Float64).to_numpy()
            result.append((series["metric"], np.array(times, float), values))
        return result

    return run


class Series(msgspec.Struct, gc=False):
    metric: dict[str, str]
    values: list[tuple[float, float]]


class Data(msgspec.Struct):
    result: list[Series]


class Answer(msgspec.Struct):
    data: Data


def msgspec_peer(data):
    """Typed, and texts taken as numbers by the decoder itself."""
    decoder = msgspec.json.Decoder(Answer, strict=False)

    def run():
        result = []
        for series in decoder.decode((data / "prom.json").read_bytes()).data.result:
            count = len(series.values)
            numbers = np.fromiter(chain.from_iterable(series.values), float, 2 * count)
            result.append((series.metric, numbers[0::2].copy(), numbers[1::2].copy()))
        return result

    return run


def pysimdjson_peer(data):
    def run():
        result = []
        document = simdjson.Parser().parse((data / "prom.json").read_bytes())
        for series in document["data"]["result"]:
            samples = series["values"].as_list()
            numbers = np.fromiter(
                map(float, chain.from_iterable(samples)), float, 2 * len(samples))
            result.append((series["metric"].as_dict(), numbers[0::2].copy(), numbers[1::2].copy()))
        return result

    return run


def polars_peer(data):
    path = data / "prom.json"
    with open(path) as file:
        names = json.load(file)["data"]["result"][0]["metric"]
    text = polars.String
    series = polars.Struct({
        "metric": polars.Struct({name: text for name in names}),
        "values": polars.List(polars.List(text)),
    })
    schema = {"data": polars.Struct({"result": polars.List(series)})}

    def run():
        frame = polars.read_json(path, schema=schema)
        frame = frame["data"].struct["result"].explode().struct.unnest()
        numbers = frame["values"].explode().explode().cast(polars.Float64).to_numpy()
        pairs = numbers.reshape(-1, 2)
        counts = frame["values"].list.len().to_numpy()
        ends = np.cumsum(counts)
        return [
            (labels, pairs[start:end, 0].copy(), pairs[start:end, 1].copy())
            for labels, start, end in zip(frame["metric"].to_list(), ends - counts, ends)
        ]

    return run


def api_client_peer(kind):
    """The client's own types, from an answer as `requests` gives it to the client."""

    def peer(data):
        def run():
            with open(data / "prom.json") as file:
                return kind(json.load(file)["data"]["result"])

        return run

    return peer


def plain(result):
    """The result as labels, seconds and values, whoever made it."""
    if isinstance(result, MetricRangeDataFrame):
        names = [name for name in result.columns if name != "value"]
        return [(dict(zip(names, labels)), seconds(part.index), part["value"].to_numpy())
                for labels, part in result.groupby(names, sort=False)]
    if isinstance(result, MetricsList):
        return [({"__name__": metric.metric_name, **metric.label_config},
                 seconds(metric.metric_values["ds"]), metric.metric_values["y"].to_numpy())
                for metric in result]
    return result


def seconds(instants):
    return instants.to_numpy().astype("datetime64[ms]").astype(float) / 1000


PEERS = {
    "orjson": orjson_peer,
    "msgspec": msgspec_peer,
    "pysimdjson": pysimdjson_peer,
    "polars": polars_peer,
    "prometheus-api-client": api_client_peer(MetricsList),
    "prometheus-api-client, one frame": api_client_peer(MetricRangeDataFrame),
}

if __name__ == "__main__":
    main(PEERS, lambda result: series_facts(plain(result)),
         lambda result: series_dump(plain(result)))
