"""Runs every query of every dashboard and every alert rule against a real Prometheus.

usage: check_queries.py DASHBOARDS RULES.yaml

Fills a Prometheus with the metrics of metrics.yaml over three hours and starts it on a free port. A query that fails,
one of a dashboard that finds nothing, and one that asks for a metric that nobody promises to expose, fail the check.
"""

import json
import math
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

import yaml

HERE = pathlib.Path(__file__).parent
STEP = 15
SPAN = 3 * 3600
BUCKETS = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]
# What Grafana puts in place of its variables.
VARIABLES = {
    "$__rate_interval": "2m", "$__interval": "1m", "$__range": "1h", "$namespace": ".*",
    "$service": "cart", "$model": ".*",
}


def sample(text, moment, index):
    """The value of `now - N`, `wave LOW HIGH` or a number at a moment."""
    words = str(text).split()
    if words[0] == "now":
        return moment - float(words[2])
    if words[0] == "wave":
        low, high = float(words[1]), float(words[2])
        return low + (high - low) * (0.5 + 0.5 * math.sin(moment / 600 + index))
    return float(words[0])


def labelled(name, labels):
    inner = ",".join(f"{key}={json.dumps(str(value))}" for key, value in sorted(labels.items()))
    return f"{name}{{{inner}}}"


def exposition(families, end):
    """OpenMetrics text: for each family all samples of a series, oldest first."""
    moments = range(end - SPAN, end + 1, STEP)
    for group in families.values():
        for name, family in group["metrics"].items():
            kind = family["type"]
            # A counter's family is named without its ending; ours that are called otherwise are gauges here.
            base = name.removesuffix("_total")
            yield f"# TYPE {base} {kind}"
            for index, labels in enumerate(family.get("series", [{}])):
                labels = dict(labels)
                value = labels.pop("value", family["value"])
                labels |= group["target"]
                words = str(value).split()
                for moment in moments:
                    passed = moment - (end - SPAN)
                    if kind == "counter":
                        yield f"{labelled(name, labels)} {float(words[1]) * passed} {moment}"
                    elif kind == "gauge":
                        yield f"{labelled(name, labels)} {sample(value, moment, index)} {moment}"
                    else:
                        count, around = float(words[1]) * passed, float(words[3])
                        for bound in [*BUCKETS, math.inf]:
                            share = 1 - math.exp(-bound / around)
                            le = "+Inf" if bound == math.inf else str(float(bound))
                            bucket = labelled(f"{name}_bucket", labels | {"le": le})
                            yield f"{bucket} {float(math.floor(count * share))} {moment}"
                        yield f"{labelled(f'{name}_sum', labels)} {count * around} {moment}"
                        yield f"{labelled(f'{name}_count', labels)} {float(math.floor(count))} {moment}"
    yield "# EOF"


class Server:
    """A Prometheus over the blocks of a folder."""

    def __init__(self, folder, executable):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        (folder / "prometheus.yml").write_text("scrape_configs: []\n")
        self.log = open(folder / "prometheus.log", "w")
        self.process = subprocess.Popen(
            [
                executable, f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
                "--storage.tsdb.retention.time=3650d", f"--web.listen-address=127.0.0.1:{port}",
            ], stdout=self.log, stderr=subprocess.STDOUT)
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{self.url}/-/ready", timeout=2).read()
                return
            except (urllib.error.URLError, OSError):
                if self.process.poll() is not None:
                    break
                time.sleep(0.1)
        self.stop()
        sys.exit("check_queries: Prometheus did not get ready:\n" + (folder / "prometheus.log").read_text())

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)
        self.log.close()

    def ask(self, path, **parameters):
        """The data of an answer, or an error as text."""
        address = f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(address, timeout=20) as answer:
                return json.load(answer)["data"], None
        except urllib.error.HTTPError as error:
            return None, json.load(error).get("error", str(error))


def fill_in(expression):
    for name, value in sorted(VARIABLES.items(), key=lambda item: -len(item[0])):
        expression = expression.replace(name, value)
    return expression


def dashboard_queries(paths):
    """Expressions of dashboards with the place of each, and what is wrong with the dashboards themselves."""
    uids, titles, faults, queries = {}, {}, [], []
    for path in paths:
        board = json.loads(path.read_text())
        for seen, key in ((uids, "uid"), (titles, "title")):
            if not board.get(key):
                faults.append(f"{path.name}: no {key}")
            elif board[key] in seen:
                faults.append(f"{path.name}: its {key} {board[key]!r} is that of {seen[board[key]]} too")
            seen[board.get(key)] = path.name
        declared = {each["name"] for each in board["templating"]["list"]} | {"__rate_interval", "__interval", "__range"}
        ids = [panel["id"] for panel in board["panels"]]
        if len(set(ids)) != len(ids):
            faults.append(f"{path.name}: two panels with the same id")
        places = set()
        for panel in board["panels"]:
            box = panel["gridPos"]
            if box["x"] + box["w"] > 24:
                faults.append(f"{path.name}: panel {panel['title']!r} is wider than the page")
            cells = {(x, y) for x in range(box["x"], box["x"] + box["w"]) for y in range(box["y"], box["y"] + box["h"])}
            if places & cells:
                faults.append(f"{path.name}: panel {panel['title']!r} covers another")
            places |= cells
            if panel["type"] != "row" and not panel.get("targets"):
                faults.append(f"{path.name}: panel {panel['title']!r} asks nothing")
            for target in panel.get("targets", []):
                queries.append((f"{path.name}: {panel['title']} {target['refId']}", target["expr"], target["instant"]))
        for annotation in board["annotations"]["list"]:
            queries.append((f"{path.name}: annotation {annotation['name']}", annotation["expr"], None))
        for each in board["templating"]["list"]:
            found = re.fullmatch(r"label_values\((.+), (\w+)\)", each.get("definition", "label_values(x, y)"))
            if not found:
                faults.append(f"{path.name}: variable {each['name']}: {each['definition']!r} is no label_values(metric, label)")
            elif each["type"] == "query":
                queries.append((f"{path.name}: variable {each['name']}", f"count by ({found[2]}) ({found[1]})", True))
        for place, expression, _ in queries:
            if place.startswith(path.name):
                for name in re.findall(r"\$\{?(\w+)", expression):
                    if name not in declared:
                        faults.append(f"{place}: the variable ${name} is not declared")
    return queries, faults


def main(dashboards, rules):
    families = yaml.safe_load((HERE / "metrics.yaml").read_text())
    promised = set()
    for group in families.values():
        for name, family in group["metrics"].items():
            endings = ("_bucket", "_sum", "_count") if family["type"] == "histogram" else ("",)
            promised |= {name + ending for ending in endings}

    paths = sorted(pathlib.Path(dashboards).glob("*.json"))
    queries, faults = dashboard_queries(paths)
    rule_queries = [
        (f"rule {rule.get('alert') or rule['record']}", rule["expr"], None)
        for group in yaml.safe_load(pathlib.Path(rules).read_text())["groups"] for rule in group["rules"]
    ]
    if not queries or not rule_queries:
        sys.exit(f"check_queries: no queries in {dashboards} or no rules in {rules}")

    known = re.compile(r"\b(?:autopilotops_|process_|kube_|kubelet_)[a-z0-9_]+|\bALERTS\b|\bup\b(?=\{)")
    used = set()
    for place, expression, _ in queries + rule_queries:
        names = set(known.findall(expression))
        used |= names
        faults += [f"{place}: nobody exposes {name}" for name in sorted(names - promised)]

    folder = pathlib.Path(tempfile.mkdtemp(prefix="autopilotops-queries-"))
    try:
        end = int(time.time()) // STEP * STEP
        (folder / "series.om").write_text("\n".join(exposition(families, end)) + "\n")
        filled = subprocess.run(
            ["promtool", "tsdb", "create-blocks-from", "openmetrics", folder / "series.om", folder / "data"],
            capture_output=True, text=True)
        if filled.returncode:
            sys.exit(f"check_queries: promtool could not fill the database: {filled.stderr}{filled.stdout}")
        server = Server(folder, shutil.which("prometheus"))
        try:
            for place, expression, instant in queries + rule_queries:
                if instant:
                    data, error = server.ask("query", query=fill_in(expression), time=end)
                else:
                    data, error = server.ask(
                        "query_range", query=fill_in(expression), start=end - 3600, end=end, step=60)
                if error:
                    faults.append(f"{place}: {error}: {expression}")
                # Rules find something when things are wrong, and annotations when something changes.
                elif instant is not None and not data["result"]:
                    faults.append(f"{place}: finds nothing: {expression}")
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)

    for fault in faults:
        print(f"check_queries: {fault}", file=sys.stderr)
    if faults:
        sys.exit(1)
    unused = sorted(
        name for name in promised if name.startswith("autopilotops_") and name not in used and not name.endswith(("_sum", "_count")))
    print(
        f"{len(queries)} queries of {len(paths)} dashboards and {len(rule_queries)} of alert rules ran"
        + (f"; no dashboard or rule shows {', '.join(unused)}" if unused else "; every promised metric is shown"))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: check_queries.py DASHBOARDS RULES.yaml")
    main(*sys.argv[1:])
