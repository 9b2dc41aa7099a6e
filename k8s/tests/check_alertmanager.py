"""Sends alerts through a real Alertmanager with the configuration of the observability stack.

usage: check_alertmanager.py VALUES.yaml

Takes alertmanager.config and alertmanager.templateFiles out of the values, puts secret files and receivers of its own
in their place, shortens the waits, and looks at what Slack and the webhook are sent: an incident of the scorer, its
end, and an alert about the platform. The routes are asked of the configuration as it is.
"""

import datetime
import http.server
import json
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

import yaml

SECRETS = "/etc/alertmanager/secrets/autopilotops-receivers"
WAITS = {"group_wait": "0s", "group_interval": "1s"}

ROUTES = [
    ({"alertname": "AutoPilotIncident", "model": "shop", "service": "cart", "severity": "page"}, "webhook,slack-incidents"),
    ({"alertname": "AutoPilotScorerDown", "severity": "critical"}, "slack-platform"),
    ({"alertname": "AutoPilotRetrainOverdue", "severity": "warning"}, "slack-platform"),
    ({"alertname": "Watchdog"}, "nobody"),
]

INCIDENT = {
    "labels": {"alertname": "AutoPilotIncident", "service": "cart", "model": "shop", "severity": "page", "team": "shop"},
    "annotations": {
        "summary": "cart behaves unusually",
        "description": "score 1.7 since 12:04; usually below 0.6",
        "top_features": "memory 0.93 (expected 0.41 to 0.55)",
        "log_templates": "OutOfMemory in <*> (never seen before)",
        "model_version": "7",
        "model_digest": "sha256:5db84ae4bf83",
        "runbook_url": "https://runbooks.example.org/cart",
        "dashboard_url": "https://grafana.example.org/d/autopilotops-service?var-service=cart",
        "verdict_url": "https://scorer.example.org/api/v1/verdicts?alert=1",
    },
}
PLATFORM = {
    "labels": {"alertname": "AutoPilotInputsStale", "severity": "critical", "namespace": "autopilotops", "input": "loki"},
    "annotations": {
        "summary": "Input loki has stopped", "description": "The newest sample is 25m old.",
        "runbook_url": "https://runbooks.example.org/#autopilotinputsstale"},
}
# Comes with the one above, which stands for it.
CONSEQUENCE = {
    "labels": {"alertname": "AutoPilotInputErrors", "severity": "warning", "namespace": "autopilotops", "input": "loki"},
    "annotations": {"summary": "Input loki fails", "description": ""},
}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Receiver(http.server.ThreadingHTTPServer):
    """Keeps what is posted to it: path, authorization and body."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.messages = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def of(self, path, status):
        """The messages to a path with a status: firing or resolved."""
        word = {"firing": "FIRING", "resolved": "RESOLVED"}[status]
        return [
            each for each in self.messages
            if each["path"] == path
            and (each["body"].get("status") == status or f"[{word}" in json.dumps(each["body"].get("attachments", "")))
        ]


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.messages.append(
            {"path": self.path, "authorization": self.headers.get("Authorization"), "body": json.loads(body)})
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_):
        pass


def with_own_receivers(config, folder, receiver):
    """The configuration with files and addresses of this check, and short waits."""
    text = yaml.safe_dump(config).replace(SECRETS, str(folder)).replace("/etc/alertmanager/config", str(folder))
    own = yaml.safe_load(text)
    for each in own["receivers"]:
        for hook in each.get("webhook_configs", []):
            hook["url"] = f"{receiver.url}/webhook"
    for route in [own["route"], *own["route"]["routes"]]:
        route |= WAITS
    return own


def post(url, alerts):
    request = urllib.request.Request(
        f"{url}/api/v2/alerts", json.dumps(alerts).encode(), {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=10).read()


def wait(condition, seconds=15):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


def main(path):
    values = yaml.safe_load(pathlib.Path(path).read_text())["alertmanager"]
    text = pathlib.Path(path).read_text()
    faults = []

    def expect(holds, what):
        if not holds:
            faults.append(what)

    for secret in ("hooks.slack.com", "api_url:", "credentials:", "password:"):
        expect(secret not in text, f"{path} holds what should be in a file of a Secret: {secret}")
    mounted = values["alertmanagerSpec"]["secrets"]
    expect(mounted == [pathlib.Path(SECRETS).name], f"alertmanagerSpec.secrets mounts {mounted}, not {SECRETS}")

    folder = pathlib.Path(tempfile.mkdtemp(prefix="autopilotops-alerts-"))
    receiver = Receiver()
    process = None
    try:
        for name, content in values["templateFiles"].items():
            (folder / name).write_text(content)
        (folder / "slack-url").write_text(f"{receiver.url}/slack")
        (folder / "webhook-token").write_text("a-token-of-this-check")
        (folder / "as-it-is.yml").write_text(yaml.safe_dump(values["config"]))
        own = folder / "own.yml"
        own.write_text(yaml.safe_dump(with_own_receivers(values["config"], folder, receiver)))

        checked = subprocess.run(["amtool", "check-config", own], capture_output=True, text=True)
        expect(checked.returncode == 0, f"amtool check-config: {checked.stdout}{checked.stderr}")
        for labels, wanted in ROUTES:
            asked = subprocess.run(
                ["amtool", "config", "routes", "test", f"--config.file={folder}/as-it-is.yml",
                 *(f"{key}={value}" for key, value in labels.items())], capture_output=True, text=True)
            expect(asked.stdout.strip() == wanted, f"{labels} goes to {asked.stdout.strip() or asked.stderr.strip()}, not to {wanted}")

        url = f"http://127.0.0.1:{free_port()}"
        executable = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
        log = open(folder / "log", "w")
        process = subprocess.Popen(
            [executable, f"--config.file={own}", f"--storage.path={folder}/data", "--cluster.listen-address=",
             f"--web.listen-address={url.removeprefix('http://')}"], stdout=log, stderr=subprocess.STDOUT)

        def ready():
            try:
                urllib.request.urlopen(f"{url}/-/ready", timeout=2).read()
                return True
            except (urllib.error.URLError, OSError):
                return False

        if not wait(ready):
            sys.exit("check_alertmanager: Alertmanager did not get ready:\n" + (folder / "log").read_text())

        post(url, [INCIDENT])
        arrived = wait(lambda: receiver.of("/webhook", "firing") and receiver.of("/slack", "firing"))
        expect(arrived, f"the incident did not reach both receivers: {receiver.messages}")
        if arrived:
            hook = receiver.of("/webhook", "firing")[0]
            expect(hook["authorization"] == "Bearer a-token-of-this-check", "the webhook was called without its token")
            expect(hook["body"]["version"] == "4", "the webhook's body is not of version 4")
            expect(hook["body"]["alerts"][0]["labels"] == INCIDENT["labels"], "the webhook got other labels")
            expect(hook["body"]["alerts"][0]["annotations"] == INCIDENT["annotations"], "the webhook got other annotations")
            slack = receiver.of("/slack", "firing")[0]["body"]
            note = slack["attachments"][0]
            expect(slack["channel"] == "#incidents", f"the incident went to {slack['channel']}")
            expect(note["title"] == "[FIRING:1] shop: cart", f"the title is {note['title']!r}")
            expect(note["title_link"] == INCIDENT["annotations"]["dashboard_url"], "the title does not lead to the dashboard")
            for key in INCIDENT["annotations"]:
                if key != "model_digest":
                    expect(INCIDENT["annotations"][key] in note["text"], f"Slack's text lacks {key}: {note['text']}")

        past = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=1)
        post(url, [INCIDENT | {"endsAt": past.isoformat()}])
        expect(
            wait(lambda: receiver.of("/webhook", "resolved") and receiver.of("/slack", "resolved")),
            "the end of the incident did not reach both receivers")
        for message in receiver.of("/slack", "resolved"):
            expect("is quiet again" in message["body"]["attachments"][0]["text"], "Slack is not told that it is over")

        before = len(receiver.messages)
        post(url, [PLATFORM])
        expect(wait(lambda: len(receiver.messages) > before), "the alert about the platform did not arrive")
        post(url, [CONSEQUENCE])
        time.sleep(3)
        late = [each for each in receiver.messages[before:] if each["path"] == "/slack"]
        expect(
            [each["body"]["channel"] for each in late] == ["#autopilotops"],
            f"the platform's alert should be one message to #autopilotops: {late}")
        if late:
            note = late[0]["body"]["attachments"][0]["text"]
            expect(
                all(PLATFORM["annotations"][key] in note for key in PLATFORM["annotations"]),
                f"Slack's text of a platform alert lacks something: {note}")
        expect(
            all(each["path"] == "/slack" for each in receiver.messages[before:]),
            "the webhook, which acts on incidents, was told of the platform's alert")
    finally:
        if process:
            process.send_signal(signal.SIGTERM)
            process.wait(20)
        receiver.shutdown()
        shutil.rmtree(folder, ignore_errors=True)

    for fault in faults:
        print(f"check_alertmanager: {fault}", file=sys.stderr)
    if faults:
        sys.exit(1)
    print(f"{len(ROUTES)} routes, and {len(receiver.messages)} messages to Slack and the webhook, are as they should be")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: check_alertmanager.py VALUES.yaml")
    main(sys.argv[1])
