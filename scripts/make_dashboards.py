"""Writes the Grafana dashboards of the chart.

usage: make_dashboards.py FOLDER

Panels are described once here, so that they agree in look, variables and units. Each dashboard keeps its uid, which
links in alerts are made of. Edit here, not in the JSON: scripts/check-deployment.sh compares the two.
"""

import json
import pathlib
import sys

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
SCORER = 'namespace=~"$namespace"'


class Board:
    """A dashboard: panels are placed from left to right, 24 columns wide."""

    def __init__(self, name, title, description, variables, annotations=()):
        self.name, self.panels, self.x, self.y, self.row_height = name, [], 0, 0, 0
        self.document = {
            "uid": f"autopilotops-{name}",
            "title": f"AutoPilotOps / {title}",
            "description": description,
            "tags": ["autopilotops"],
            "schemaVersion": 39,
            "version": 1,
            "editable": True,
            "graphTooltip": 1,
            "timezone": "browser",
            "time": {"from": "now-6h", "to": "now"},
            "refresh": "30s",
            "links": [
                {
                    "type": "dashboards", "title": "AutoPilotOps", "tags": ["autopilotops"],
                    "asDropdown": True, "includeVars": True, "keepTime": True,
                }
            ],
            "templating": {"list": variables},
            "annotations": {"list": list(annotations)},
        }

    def row(self, title):
        self._break()
        self.panels.append(
            {
                "id": len(self.panels) + 1, "type": "row", "title": title, "collapsed": False,
                "gridPos": {"x": 0, "y": self.y, "w": 24, "h": 1}, "panels": [],
            })
        self.y += 1

    def add(self, kind, title, queries, width, height=8, unit="short", help="", **more):
        """A panel. Queries are pairs of an expression and a legend."""
        if self.x + width > 24:
            self._break()
        instant = kind in ("stat", "table", "bargauge")
        targets = [
            {
                "refId": chr(ord("A") + index), "datasource": SOURCE, "expr": expression,
                "legendFormat": legend, "instant": instant, "range": not instant,
                **({"format": "table"} if kind == "table" else {}),
                **({"format": "heatmap"} if kind == "heatmap" else {}),
            }
            for index, (expression, legend) in enumerate(queries)
        ]
        defaults = {"unit": unit, **more.pop("defaults", {})}
        self.panels.append(
            {
                "id": len(self.panels) + 1, "type": kind, "title": title, "description": help,
                "datasource": SOURCE,
                "gridPos": {"x": self.x, "y": self.y, "w": width, "h": height},
                "targets": targets,
                "fieldConfig": {"defaults": defaults, "overrides": more.pop("overrides", [])},
                "options": more.pop("options", {}),
                **more,
            })
        self.x += width
        self.row_height = max(self.row_height, height)

    def stat(self, title, expression, width=4, unit="short", steps=None, **more):
        self.add(
            "stat", title, [(expression, more.pop("legend", ""))], width, 4, unit,
            defaults={**thresholds(steps or [("green", None)]), **more.pop("defaults", {})},
            options={
                "reduceOptions": {"calcs": ["lastNotNull"]}, "colorMode": "value",
                "graphMode": "none", "textMode": more.pop("text", "auto"),
            }, **more)

    def lines(self, title, queries, width=12, unit="short", **more):
        defaults = more.pop("defaults", {})
        custom = {"lineWidth": 1, "fillOpacity": 0, "showPoints": "never", "spanNulls": False}
        custom |= defaults.pop("custom", {})
        self.add(
            "timeseries", title, queries, width, more.pop("height", 8), unit,
            defaults={"custom": custom, **defaults},
            options={
                "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
                "tooltip": {"mode": "multi", "sort": "desc"},
            }, **more)

    def text(self):
        self.document["panels"] = self.panels
        return json.dumps(self.document, indent=2, ensure_ascii=False) + "\n"

    def _break(self):
        self.x, self.y, self.row_height = 0, self.y + self.row_height, 0


def thresholds(steps, mode="absolute"):
    return {
        "color": {"mode": "thresholds"},
        "thresholds": {
            "mode": mode, "steps": [{"color": color, "value": value} for color, value in steps]},
    }


def boundary():
    """The line at 1, where alerts begin."""
    return {
        "min": 0,
        "custom": {"thresholdsStyle": {"mode": "dashed"}},
        "thresholds": {
            "mode": "absolute",
            "steps": [{"color": "transparent", "value": None}, {"color": "red", "value": 1}]},
    }


def source():
    return {"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Prometheus"}


def variable(name, query, label, everything=True):
    return {
        "name": name, "label": label, "type": "query", "datasource": SOURCE,
        "definition": query, "query": {"query": query, "refId": name},
        "refresh": 2, "sort": 1, "multi": everything, "includeAll": everything,
        **({"allValue": ".*", "current": {"text": "All", "value": "$__all"}} if everything else {}),
    }


def namespaces():
    return variable("namespace", "label_values(autopilotops_scorer_services, namespace)", "Namespace")


def model_changes():
    champion = 'count by (name, version) (autopilotops_scorer_model_info{role="champion", %s}' % SCORER
    return {
        "name": "Model changes", "enable": True, "iconColor": "purple", "datasource": SOURCE,
        "expr": f"{champion}) unless {champion} offset 2m)", "step": "60s",
        "titleFormat": "{{name}} version {{version}}", "textFormat": "the scorer swapped its champion",
    }


def fleet():
    board = Board(
        "fleet", "Fleet overview",
        "All services that the scorer watches: which of them look unusual, and whether the watch itself is sound.",
        [source(), namespaces()], [model_changes()])
    score = f"max by (service) (autopilotops_scorer_score{{{SCORER}}})"
    board.row("Now")
    board.stat("Services", f"max(autopilotops_scorer_services{{{SCORER}}})")
    board.stat(
        "At or above 1", f"count({score} >= 1) or vector(0)", steps=[("green", None), ("red", 1)],
        help="Services whose score has reached the boundary. An alert follows after the hold time.")
    board.stat(
        "In alert", f"max(autopilotops_scorer_alerts_firing{{{SCORER}}})",
        steps=[("green", None), ("red", 1)])
    board.stat(
        "Warming up", f"max(autopilotops_scorer_warming_services{{{SCORER}}})",
        steps=[("green", None), ("yellow", 1)], help="Too little history for a score yet.")
    board.stat(
        "Oldest input", f"max(time() - (autopilotops_scorer_input_timestamp_seconds{{{SCORER}}} > 0))",
        unit="s", steps=[("green", None), ("yellow", 300), ("red", 900)],
        help="Of inputs that have had a sample.")
    board.stat(
        "Alerts waiting", f"max(autopilotops_scorer_alert_queue{{{SCORER}}})",
        steps=[("green", None), ("red", 1)], help="Not yet accepted by an Alertmanager.")
    board.row("Scores")
    board.lines(
        "Highest scores", [(f"topk(10, {score})", "{{service}}")], defaults=boundary(), unit="none",
        help="1 is where alerts begin, for every model and service.")
    board.lines(
        "All scores",
        [(f"quantile({q}, {score})", name) for q, name in
         [(0.5, "median"), (0.9, "90 %"), (0.99, "99 %"), (1, "highest")]],
        defaults=boundary(), unit="none",
        help="When the median rises, the platform or the model is the cause, not a single service.")
    board.add(
        "table", "Services, most unusual first",
        [
            (f"sort_desc({score})", ""),
            (f"max by (service) (autopilotops_scorer_deviation{{{SCORER}}})", ""),
            (f"max by (service) (autopilotops_scorer_observed{{{SCORER}}})", ""),
            (f"max by (service) (autopilotops_scorer_expected_lower{{{SCORER}}})", ""),
            (f"max by (service) (autopilotops_scorer_expected_upper{{{SCORER}}})", ""),
        ], 24, 10, unit="none", defaults={"decimals": 2},
        transformations=[
            {"id": "joinByField", "options": {"byField": "service", "mode": "outer"}},
            {
                "id": "organize",
                "options": {
                    "excludeByName": {f"Time {index}": True for index in range(1, 6)} | {"Time": True},
                    "renameByName": {
                        "service": "Service", "Value #A": "Score", "Value #B": "Deviation",
                        "Value #C": "Observed", "Value #D": "Expected from", "Value #E": "Expected to"},
                },
            },
        ],
        overrides=[
            {
                "matcher": {"id": "byName", "options": "Service"},
                "properties": [
                    {
                        "id": "links",
                        "value": [
                            {
                                "title": "Service detail",
                                "url": "/d/autopilotops-service?var-service=${__value.text}&${__url_time_range}",
                            }
                        ],
                    }
                ],
            },
            {
                "matcher": {"id": "byName", "options": "Score"},
                "properties": [
                    {"id": "custom.cellOptions", "value": {"type": "color-background"}},
                    {"id": "thresholds", "value": thresholds(
                        [("transparent", None), ("yellow", 0.8), ("red", 1)])["thresholds"]},
                ],
            },
        ],
        options={"showHeader": True, "sortBy": [{"displayName": "Score", "desc": True}]},
        help="Observed and expected are of the loudest input of each service.")
    board.row("Alerts")
    board.lines(
        "Alerts sent",
        [(f"sum by (state) (increase(autopilotops_scorer_alerts_total{{{SCORER}}}[$__rate_interval]))", "{{state}}")],
        help="Of all replicas together; Alertmanager takes equal alerts as one.")
    board.add(
        "state-timeline", "Alerts about AutoPilotOps itself",
        [('max by (alertname) (ALERTS{alertname=~"AutoPilot.*", alertstate="firing"})', "{{alertname}}")],
        12, 8, options={"showValue": "never", "mergeValues": True},
        defaults=thresholds([("green", None), ("red", 1)]))
    return board


def service():
    board = Board(
        "service", "Service detail",
        "One service: its score, what the detectors say, and its loudest input beside what was expected of it.",
        [
            source(), namespaces(),
            variable("service", f"label_values(autopilotops_scorer_score{{{SCORER}}}, service)", "Service", False),
        ], [model_changes()])
    one = f'{SCORER}, service="$service"'

    def value(metric):
        return f"max(autopilotops_scorer_{metric}{{{one}}})"

    board.row("$service")
    board.stat(
        "Score", value("score"), unit="none", defaults={"decimals": 2},
        steps=[("green", None), ("yellow", 0.8), ("red", 1)])
    board.stat("Deviation", value("deviation"), unit="none", defaults={"decimals": 2},
               help="How far the loudest input is from the middle of what was expected; 1 is the edge of that.")
    board.stat("Observed", value("observed"), unit="none", defaults={"decimals": 3})
    board.stat("Expected from", value("expected_lower"), unit="none", defaults={"decimals": 3})
    board.stat("Expected to", value("expected_upper"), unit="none", defaults={"decimals": 3})
    board.stat(
        "Time at or above 1",
        f"avg_over_time(({value('score')} >= bool 1)[$__range:1m])", unit="percentunit",
        defaults={"decimals": 1}, help="Share of the time shown.")
    board.lines(
        "Score", [(value("score"), "score")], width=24, unit="none", defaults=boundary(),
        help="At 1 and above for the hold time, an alert fires.")
    board.lines(
        "Loudest input and what was expected",
        [(value("expected_upper"), "expected to"), (value("expected_lower"), "expected from"),
         (value("observed"), "observed")],
        width=24, height=10, unit="none",
        overrides=[
            {
                "matcher": {"id": "byName", "options": "expected to"},
                "properties": [
                    {"id": "custom.fillBelowTo", "value": "expected from"},
                    {"id": "custom.fillOpacity", "value": 20},
                    {"id": "custom.lineWidth", "value": 0},
                    {"id": "color", "value": {"mode": "fixed", "fixedColor": "blue"}},
                ],
            },
            {
                "matcher": {"id": "byName", "options": "expected from"},
                "properties": [
                    {"id": "custom.lineWidth", "value": 0},
                    {"id": "color", "value": {"mode": "fixed", "fixedColor": "blue"}},
                ],
            },
            {
                "matcher": {"id": "byName", "options": "observed"},
                "properties": [
                    {"id": "custom.lineWidth", "value": 2},
                    {"id": "color", "value": {"mode": "fixed", "fixedColor": "orange"}},
                ],
            },
        ],
        help="Which input is loudest may change from moment to moment; the alert names it.")
    board.lines(
        "Detectors",
        [(f"max by (detector) (autopilotops_scorer_detector_score{{{one}}})", "{{detector}}")],
        unit="none", defaults=boundary())
    board.lines("Deviation", [(value("deviation"), "deviation")], unit="none")
    return board


def model():
    board = Board(
        "model", "Model health",
        "Whether the scorer is sound: its models, inputs, speed and resources.", [source(), namespaces()],
        [model_changes()])
    board.row("Models")
    board.add(
        "table", "In use",
        [(f"max by (name, version, digest, role, pod) (autopilotops_scorer_model_info{{{SCORER}}})", "")], 12, 6,
        transformations=[{"id": "organize", "options": {"excludeByName": {"Time": True, "Value": True}}}])
    board.stat("Age of its data", f"max(autopilotops_scorer_model_age_seconds{{{SCORER}}})", unit="s",
               steps=[("green", None), ("yellow", 7 * 86400), ("red", 30 * 86400)])
    board.stat(
        "Reload", f"max(autopilotops_scorer_reload_failed{{{SCORER}}})", text="value",
        steps=[("green", None), ("red", 1)],
        defaults={"mappings": [{"type": "value", "options": {
            "0": {"text": "fine", "index": 0}, "1": {"text": "failed", "index": 1}}}]},
        help="Failed: the alias names a model that was refused; the old one is kept.")
    board.stat("Agreement with challenger", f"min(autopilotops_scorer_shadow_agreement_ratio{{{SCORER}}})",
               unit="percentunit", steps=[("red", None), ("yellow", 0.9), ("green", 0.97)])
    board.lines("Reloads", [
        (f"sum by (result) (increase(autopilotops_scorer_reloads_total{{{SCORER}}}[$__rate_interval]))", "{{result}}")])
    board.lines("Agreement of champion and challenger", [
        (f"min by (pod) (autopilotops_scorer_shadow_agreement_ratio{{{SCORER}}})", "{{pod}}")],
        unit="percentunit", defaults={"max": 1})
    board.row("Inputs")
    board.lines("Age of the newest sample", [
        (f"max by (input) (time() - (autopilotops_scorer_input_timestamp_seconds{{{SCORER}}} > 0))", "{{input}}")], unit="s")
    board.lines("Samples", [
        (f"sum by (result) (rate(autopilotops_scorer_samples_total{{{SCORER}}}[$__rate_interval]))", "{{result}}")],
        unit="cps")
    board.lines("Errors of inputs", [
        (f"sum by (input, reason) (increase(autopilotops_scorer_input_errors_total{{{SCORER}}}[$__rate_interval]))",
         "{{input}}: {{reason}}")])
    board.lines("Services", [
        (f"max by (pod) (autopilotops_scorer_services{{{SCORER}}})", "scored at {{pod}}"),
        (f"max by (pod) (autopilotops_scorer_warming_services{{{SCORER}}})", "warming up at {{pod}}")])
    board.row("Requests")
    board.lines("Requests", [
        (f"sum by (endpoint, code) (rate(autopilotops_scorer_requests_total{{{SCORER}}}[$__rate_interval]))",
         "{{endpoint}} {{code}}")], unit="reqps")
    board.lines("Turned away", [
        (f'sum(rate(autopilotops_scorer_requests_total{{{SCORER}, code="429"}}[$__rate_interval])) '
         f"/ sum(rate(autopilotops_scorer_requests_total{{{SCORER}}}[$__rate_interval]))", "429")],
        unit="percentunit")
    for title, metric in [("Computing", "compute"), ("Waiting", "queue")]:
        buckets = f"rate(autopilotops_scorer_{metric}_seconds_bucket{{{SCORER}}}[$__rate_interval])"
        board.lines(title, [
            (f"histogram_quantile({q}, sum by (le) ({buckets}))", name)
            for q, name in [(0.5, "median"), (0.95, "95 %"), (0.99, "99 %")]], unit="s")
    board.add(
        "heatmap", "Computing", [
            (f"sum by (le) (increase(autopilotops_scorer_compute_seconds_bucket{{{SCORER}}}[$__rate_interval]))",
             "{{le}}")], 24, 8, unit="s",
        options={"calculate": False, "yAxis": {"unit": "s"}, "color": {"mode": "scheme", "scheme": "Blues"}})
    board.row("Resources")
    own = f'job="autopilotops-scorer", {SCORER}'
    board.lines("Resident memory", [
        (f"process_resident_memory_bytes{{{own}}}", "{{pod}}"),
        ('max(kube_pod_container_resource_limits{container="scorer", resource="memory", namespace=~"$namespace"})',
         "limit")], unit="bytes")
    board.lines("Processor", [
        (f"rate(process_cpu_seconds_total{{{own}}}[$__rate_interval])", "{{pod}}")], unit="none",
        help="In cores.")
    board.lines("Running since", [(f"time() - process_start_time_seconds{{{own}}}", "{{pod}}")], unit="s")
    board.lines("Alerts waiting, and failures to keep state", [
        (f"max by (pod) (autopilotops_scorer_alert_queue{{{SCORER}}})", "alerts waiting at {{pod}}"),
        (f"sum by (pod) (increase(autopilotops_scorer_state_errors_total{{{SCORER}}}[$__rate_interval]))",
         "state not kept at {{pod}}")])
    return board


def retraining():
    board = Board(
        "retraining", "Retraining",
        "The nightly job: when it ran, what the gate said, and what it left.",
        [
            source(),
            variable("model", "label_values(autopilotops_retrain_last_run_timestamp_seconds, model)", "Model"),
        ])
    board.document["time"]["from"] = "now-30d"
    board.document["refresh"] = "5m"
    labels = 'model=~"$model"'

    def metric(name):
        return f"max by (model) (autopilotops_retrain_{name}{{{labels}}})"

    board.row("Last run")
    day = [("green", None), ("yellow", 36 * 3600), ("red", 54 * 3600)]
    board.stat("Since the last run", f"time() - {metric('last_run_timestamp_seconds')}", unit="s", steps=day,
               legend="{{model}}")
    board.stat("Since the last success", f"time() - {metric('last_success_timestamp_seconds')}", unit="s",
               steps=day, legend="{{model}}",
               help="Since the end of the data of the newest model that passed the gate.")
    board.stat("Duration", metric("last_run_duration_seconds"), unit="s", legend="{{model}}")
    board.stat("Champion", metric("champion_version"), unit="none", legend="{{model}}")
    board.stat(
        "Outcome", f"max by (model, outcome) (autopilotops_retrain_last_outcome{{{labels}}}) == 1",
        legend="{{outcome}}", text="name", width=4)
    board.stat(
        "Next run in", "min(kube_cronjob_next_schedule_time{cronjob=~\".*autopilotops.*\"} - time())", unit="s")
    board.row("Over time")
    board.add(
        "state-timeline", "Outcome",
        [(f"max by (model, outcome) (autopilotops_retrain_last_outcome{{{labels}}})", "{{model}}: {{outcome}}")],
        24, 8, options={"showValue": "never", "mergeValues": True},
        defaults=thresholds([("transparent", None), ("blue", 1)]))
    board.lines("Champion", [(metric("champion_version"), "{{model}}")], unit="none",
                defaults={"decimals": 0, "custom": {"lineInterpolation": "stepAfter"}})
    board.lines("Duration", [(metric("last_run_duration_seconds"), "{{model}}")], unit="s")
    board.lines("Age of the champion's data", [
        (f"time() - {metric('last_success_timestamp_seconds')}", "{{model}}")], unit="s")
    board.lines("Age of the newest model's data", [
        (f"time() - {metric('data_timestamp_seconds')}", "{{model}}")], unit="s",
        help="Also of models that did not pass.")
    board.row("Jobs and room")
    jobs = 'job_name=~".*autopilotops.*-retrain-[0-9]+"'
    board.lines("Jobs", [
        (f"sum(kube_job_status_{state}{{{jobs}}})", state) for state in ("active", "succeeded", "failed")],
        help="Jobs that Kubernetes still keeps.")
    board.lines("Length of jobs", [
        (f"kube_job_status_completion_time{{{jobs}}} - kube_job_status_start_time{{{jobs}}}", "{{job_name}}")], unit="s")
    volume = 'persistentvolumeclaim=~".*autopilotops.*"'
    board.lines("Room on volumes", [
        (f"kubelet_volume_stats_available_bytes{{{volume}}}", "{{persistentvolumeclaim}} free"),
        (f"kubelet_volume_stats_capacity_bytes{{{volume}}}", "{{persistentvolumeclaim}} size")], width=24, unit="bytes")
    return board


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: make_dashboards.py FOLDER")
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for board in (fleet(), service(), model(), retraining()):
        (folder / f"{board.name}.json").write_text(board.text())
