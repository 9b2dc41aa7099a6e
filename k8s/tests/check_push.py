"""Runs the sidecar that pushes a job's metrics against a real Pushgateway.

usage: check_push.py push-metrics.sh

It must push what is there at its start, what changes, what was written just before SIGTERM, replace what an earlier run
pushed, and end with 0 whatever happens, also without a gateway.
"""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait(condition, seconds=15):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


def main(script):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="autopilotops-push-"))
    metrics = folder / "retrain.prom"
    address = f"127.0.0.1:{free_port()}"
    url = f"http://{address}"
    log = open(folder / "log", "w")

    def write(version, more=""):
        text = "# TYPE autopilotops_retrain_champion_version gauge\n"
        new = folder / "new"
        new.write_text(f'{text}autopilotops_retrain_champion_version{{model="shop"}} {version}\n{more}')
        new.rename(metrics)

    def page():
        try:
            return urllib.request.urlopen(f"{url}/metrics", timeout=2).read().decode()
        except (urllib.error.URLError, OSError):
            return ""

    def shows(version):
        line = f'autopilotops_retrain_champion_version{{instance="",job="autopilotops-retrain",model="shop"}} {version}\n'
        return line in page()

    def sidecar(target):
        environment = {
            "PATH": os.environ["PATH"], "METRICS_FILE": str(metrics), "PUSHGATEWAY_URL": target,
            "AUTOPILOT_MODEL": "shop", "PUSH_PERIOD": "1"}
        process = subprocess.Popen(["/bin/sh", script], env=environment, stderr=subprocess.PIPE, text=True)
        # Before that it would not hear a signal.
        assert "watching" in process.stderr.readline(), "the sidecar does not say that it has begun"
        return process

    def ends_well(process, what):
        process.send_signal(signal.SIGTERM)
        messages = process.communicate(timeout=30)[1]
        assert process.returncode == 0, f"the sidecar ended with {process.returncode}, {what}: {messages}"

    gateway = subprocess.Popen(
        ["prometheus-pushgateway", f"--web.listen-address={address}"], stdout=log, stderr=log)
    try:
        assert wait(page), "the Pushgateway did not start"
        ends_well(sidecar(url), "without a metrics file")

        write(6, 'autopilotops_retrain_last_outcome{model="shop",outcome="promoted"} 1\n')
        process = sidecar(url)
        assert wait(lambda: shows(6)), "what was there at the start was not pushed"
        write(7)
        assert wait(lambda: shows(7)), "a change was not pushed"
        assert "last_outcome" not in page(), "what an earlier run pushed is still there"
        write(8)
        ends_well(process, "after a job")
        assert shows(8), "what was written just before the end was not pushed"
    finally:
        gateway.send_signal(signal.SIGTERM)
        gateway.wait(10)
    try:
        ends_well(sidecar(url), "without a gateway")
    finally:
        log.close()
        shutil.rmtree(folder, ignore_errors=True)
    print("the sidecar pushes at its start, on change and at its end, and never fails a job")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: check_push.py push-metrics.sh")
    try:
        main(sys.argv[1])
    except AssertionError as error:
        sys.exit(f"check_push: {error}")
