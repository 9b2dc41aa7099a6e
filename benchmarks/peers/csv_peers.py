"""`csv`: a wide table with a known schema into typed columns."""

import numpy as np
import pandas
import polars
import pyarrow
import pyarrow.csv

from columns import series_dump, series_facts
from measure import main


def columns_of(data):
    return polars.read_csv(data / "wide.csv", n_rows=0).columns


def polars_peer(data):
    schema = {name: polars.Float64 for name in columns_of(data)} | {"time": polars.Int64}
    return lambda: polars.read_csv(data / "wide.csv", schema=schema)


def pyarrow_peer(data):
    pyarrow.set_cpu_count(1)
    pyarrow.set_io_thread_count(1)
    types = {name: pyarrow.float64() for name in columns_of(data)} | {"time": pyarrow.int64()}
    # One block for the whole file is the fastest.
    read = pyarrow.csv.ReadOptions(use_threads=False, block_size=1 << 25)
    convert = pyarrow.csv.ConvertOptions(column_types=types)
    return lambda: pyarrow.csv.read_csv(data / "wide.csv", read, convert_options=convert)


def pandas_peer(data):
    types = {name: np.float64 for name in columns_of(data)} | {"time": np.int64}
    return lambda: pandas.read_csv(data / "wide.csv", dtype=types, low_memory=False)


def plain(table):
    """The result as labels, seconds and values, whoever made it."""
    names = table.column_names if isinstance(table, pyarrow.Table) else list(table.columns)
    times = table["time"].to_numpy()
    return [(labels(name), times, table[name].to_numpy()) for name in names if name != "time"]


def labels(name):
    """The labels of a series as PromQL writes it; no value here holds a comma."""
    metric, _, rest = name.partition("{")
    pairs = (pair.split("=", 1) for pair in rest.rstrip("}").split(","))
    return {"__name__": metric, **{key: value.strip('"') for key, value in pairs}}


PEERS = {"polars": polars_peer, "pyarrow": pyarrow_peer, "pandas": pandas_peer}

if __name__ == "__main__":
    main(PEERS, lambda result: series_facts(plain(result)),
         lambda result: series_dump(plain(result)))
