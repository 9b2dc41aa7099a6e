"""Drives a scorer through a simulated day and fails when its memory grows.

Run by `make soak-scorer`. Services send (push) or are asked for (pull) metrics and logs of 1,440 cells. Meanwhile
alerts rise and pass, lines come that no mask fits, two models change places, and state is written. Pushed cells are a minute long and
go as fast as they are answered. Whoever is asked keeps to the clock, so pulled cells are a second long: 24 minutes.
"""

import argparse
import http.server
import json
import math
import shutil
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOOL = HERE.parent / ".build/release/autopilot"
SCORER = HERE.parent / ".build/release/autopilot-scorer"
COLUMNS = ["requests", "latency", "queue", "cpu", "memory", "errors"]
TRAINED = 1200
# One service in ten has logs; every second episode of forty cells in 120 finds one service in twenty unwell.
WITH_LOGS, EPISODE, UNWELL = 10, 120, 40


def noise(*key):
    """A number from 0 to 1 that depends on the key alone."""
    mixed = hash(key) & 0xFFFFFFFFFFFFFFFF
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
    return (mixed >> 11) / 2**53


def value(service, column, cell, unwell):
    usual = 50 + 20 * math.sin(cell / 60 + service) + 3 * noise(service, column, cell)
    return round(usual * (1 + column) + (400 if unwell and column in (1, 2) else 0), 4)


def is_unwell(service, cell):
    return cell % EPISODE < UNWELL and service % 20 == cell // EPISODE % 20


def name(service):
    return f"service-{service:04}"


def tool(folder, *words):
    subprocess.run([TOOL, *words, "-q"], cwd=folder, check=True, stdout=subprocess.DEVNULL)


def make_models(folder, services, interval):
    """Two versions of a model of some services, which differ in their seeds."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    start = 1_760_000_400
    header = [f'"{column}{{service=""{name(service)}""}}"' for service in range(services) for column in COLUMNS]
    with open(folder / "metrics.csv", "w") as file:
        file.write("time," + ",".join(header) + "\n")
        for row in range(TRAINED):
            values = (value(service, column, row, False) for service in range(services) for column in range(len(COLUMNS)))
            file.write(f"{start + row * interval}," + ",".join(map(str, values)) + "\n")
    with open(folder / "logs.jsonl", "w") as file:
        for row in range(TRAINED):
            second = start + row * interval
            stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second - 1)) + ".5Z"
            for service in range(0, services, WITH_LOGS):
                for text in (f"GET /orders/{row} took {row % 90} ms", f"order {row} placed"):
                    file.write(json.dumps({"labels": {"service": name(service)}, "line": text, "timestamp": stamp}) + "\n")
    tool(folder, "ingest", "--csv", "metrics.csv", "--loki", "logs.jsonl", "--interval", f"{interval}s", "--out", "data")
    for seed in (1, 2):
        (folder / "soak.yaml").write_text(f"""
name: soak
seed: {seed}
reader:
  interval: {interval}s
  sources: [{{type: csv, path: metrics.csv}}, {{type: loki, path: logs.jsonl}}]
features: {{windows: [10 cells, 30 cells]}}
models:
  isolation_forest: {{trees: 50, subsample: 128}}
  lstm: {{hidden: 16, epochs: 1, smoothing: 3}}
  false_alarm_rate: 0.001
evaluation: {{split: {{fractions: {{train: 0.5, calibration: 0.25}}}}}}
""")
        out = f"candidate-{seed}"
        tool(folder, "train", "soak.yaml", "--dataset", next((folder / "data").glob("*.h5")), "--out", out)
        tool(folder, "publish", "--model", out, "--registry", "registry", *(("--alias", "champion") if seed == 1 else ()))


class Server(http.server.BaseHTTPRequestHandler):
    """Alertmanager, and a Prometheus and a Loki that know every service at every instant."""

    protocol_version = "HTTP/1.1"
    services = 0
    alerts = 0
    start = 0

    def log_message(self, *_):
        pass

    def answer(self, document):
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path == "/api/v2/alerts":
            Server.alerts += len(json.loads(body))
            return self.answer({})
        self.ask(dict(urllib.parse.parse_qsl(body.decode())))

    def do_GET(self):
        self.ask(dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query)))

    def ask(self, query):
        path = urllib.parse.urlsplit(self.path).path
        if path == "/api/v1/query":
            now = time.time()
            return self.answer({"status": "success", "data": {"resultType": "scalar", "result": [now, str(now)]}})
        if path == "/loki/api/v1/query_range":
            return self.answer({"status": "success", "data": {"resultType": "streams", "result": self.lines(query)}})
        first, last, step = (float(query[key]) for key in ("start", "end", "step"))
        times = [first + step * each for each in range(int((last - first) / step) + 1)]
        series = [
            {"metric": {"__name__": column, "service": name(service)},
             "values": [[at, str(value(service, number, int(at) - Server.start, is_unwell(service, int(at) - Server.start)))]
                        for at in times]}
            for service in range(Server.services) for number, column in enumerate(COLUMNS)]
        self.answer({"status": "success", "data": {"resultType": "matrix", "result": series}})

    @staticmethod
    def lines(query):
        first, last = int(query["start"]), int(query["end"])
        streams = []
        for service in range(0, Server.services, WITH_LOGS):
            values = []
            for second in range(first // 10**9, last // 10**9 + 1):
                at = second * 10**9 + 500_000_000
                if first <= at < last:
                    values += [[str(at + index), text] for index, (text, _, _) in enumerate(lines(service, second - Server.start, False))]
            if values:
                streams.append({"stream": {"service": name(service)}, "values": values})
        return streams


def lines(service, cell, masked):
    """Lines of a cell with their level and count; two that nobody has seen before, two more in trouble."""
    number = (lambda _: "<num>") if masked else str
    found = [(f"GET /orders/{number(cell)} took {number(cell % 90)} ms", "unknown", 1),
             (f"order {number(cell)} placed", "unknown", 1)]
    found += [(f"job x{cell}y{service}z{each} done", "unknown", 1) for each in "ab"]
    if is_unwell(service, cell):
        found += [(f"ERROR queue of {number(cell)} is full", "error", 9), (f"ERROR lost q{cell}w{service}", "error", 1)]
    return found


class Scorer:
    def __init__(self, folder, base, mode):
        inputs = ("{push: true}" if mode == "push" else
                  f"{{prometheus: {{url: '{base}', delay: 1s}}, loki: {{url: '{base}', delay: 1s}}}}")
        shutil.rmtree(folder / "state", ignore_errors=True)
        (folder / "scorer.yaml").write_text(f"""
model: {folder}/registry/soak@champion
poll: 1s
state: {folder}/state
listen: {{address: 127.0.0.1, port: 0}}
metrics: {{address: 127.0.0.1, port: 0}}
inputs: {inputs}
alertmanager: {{urls: ['{base}'], hold: {'3m' if mode == 'push' else '3s'}, keep_firing: {'3m' if mode == 'push' else '3s'}}}
limits: {{oldest: 36500d, ahead: 36500d, requests_per_second: 1000000}}
""")
        self.log = open(folder / "scorer.log", "w+")
        self.process = subprocess.Popen([SCORER, "--config", folder / "scorer.yaml"], stderr=self.log)
        ports = {}
        while len(ports) < 2:
            if self.process.poll() is not None:
                sys.exit(f"soak-scorer: the scorer ended early, see {folder}/scorer.log")
            time.sleep(0.05)
            for line in (folder / "scorer.log").read_text().splitlines():
                entry = json.loads(line)
                if "port" in entry:
                    ports[entry["for"]] = entry["port"]
        self.port, self.metrics_port = ports["requests"], ports["metrics"]
        self.wait(lambda: self.metrics().get('reloads_total{result="success"}', 0) >= 1)

    def wait(self, is_done, seconds=120):
        for _ in range(seconds * 20):
            if is_done():
                return
            time.sleep(0.05)
        sys.exit("soak-scorer: the scorer does not get where it should")

    def metrics(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=30) as answer:
            text = answer.read().decode()
        found = {}
        for line in text.splitlines():
            if line.startswith(("autopilotops_scorer_", "process_")):
                key, _, number = line.rpartition(" ")
                found[key.removeprefix("autopilotops_scorer_")] = float(number)
        return found

    def send(self, rows):
        body = json.dumps({"rows": rows}).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/v1/rows", body, {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
        if text.count(b'"accepted"') != len(rows):
            sys.exit(f"soak-scorer: rows were refused: {text[:300]!r}")


def pushed(cell, begin, services):
    rows = []
    for service in range(services):
        unwell = is_unwell(service, cell)
        row = {"service": name(service), "time": begin + cell * 60,
               "values": [value(service, column, cell, unwell) for column in range(len(COLUMNS))]}
        if service % WITH_LOGS == 0:
            row["logs"] = [{"pattern": text, "level": level, "lines": count} for text, level, count in lines(service, cell, True)]
        rows.append(row)
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mode", choices=["push", "pull"], default="push")
    parser.add_argument("--services", type=int, default=200)
    parser.add_argument("--cells", type=int, default=1440)
    parser.add_argument("--allowance", type=float, default=8, help="MB that hours 4 to 24 may add")
    parser.add_argument("--folder", type=Path, default=HERE / "data/soak")
    arguments = parser.parse_args()
    mode, services, cells = arguments.mode, arguments.services, arguments.cells
    folder = arguments.folder.resolve() / mode

    print(f"training two models of {services} services", flush=True)
    make_models(folder, services, 60 if mode == "push" else 1)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    Server.services = services
    # Cells from now on, in the future: an alert of long ago would be told to nobody.
    begin = int(time.time()) // 3600 * 3600
    Server.start = int(time.time())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    scorer = Scorer(folder, f"http://127.0.0.1:{server.server_port}", mode)
    swaps, samples = 1, []
    print("hour  resident MB     values   alerts told  models", flush=True)
    start = time.monotonic()
    try:
        for cell in range(cells):
            if mode == "push":
                scorer.send(pushed(cell, begin, services))
            else:
                time.sleep(max(0, start + cell + 1 - time.monotonic()))
            if cell % 120 == 119:
                swaps += 1
                tool(folder, "registry", "promote", f"registry/soak@{2 - swaps % 2}")
                scorer.wait(lambda: scorer.metrics()['reloads_total{result="success"}'] >= swaps)
            if cell % 60 == 59:
                seen = scorer.metrics()
                samples.append(seen["process_resident_memory_bytes"] / 1e6)
                accepted = seen['samples_total{result="accepted"}']
                print(f"{(cell + 1) // 60:4}  {samples[-1]:11.1f}  {accepted:9.0f} {Server.alerts:11}  {swaps:6}", flush=True)
        seen = scorer.metrics()
    finally:
        scorer.process.terminate()
    code = scorer.process.wait(60)
    hours = samples[4:]
    if len(hours) < 3:
        sys.exit("soak-scorer: too few cells to judge")
    middle = (len(hours) - 1) / 2
    slope = (sum((index - middle) * each for index, each in enumerate(hours))
             / sum((index - middle) ** 2 for index in range(len(hours))))
    growth = slope * (len(hours) - 1)
    print(f"{cells} cells of {services} services in {time.monotonic() - start:.0f} s; from hour 4 on {growth:+.1f} MB "
          f"({slope:+.2f} MB an hour), {arguments.allowance:g} MB are allowed; the most was {max(samples):.0f} MB")
    faults = [what for what, is_wrong in [
        (f"memory grows by {growth:.1f} MB", growth > arguments.allowance),
        ("no alert was told", Server.alerts == 0),
        ("no alert passed", seen['alerts_total{state="resolved"}'] == 0),
        ("state could not be written", seen["state_errors_total"] > 0),
        (f"the scorer ended with {code}", code != 0)] if is_wrong]
    if faults:
        sys.exit("soak-scorer: " + "; ".join(faults))


if __name__ == "__main__":
    main()
