"""Every alert has its section in the runbooks, and its tests.

usage: check_runbooks.py RULES.yaml RUNBOOKS.md TESTS.yaml…
"""

import pathlib
import re
import sys

import yaml


def main(rules, runbooks, tests):
    alerts = [
        rule for group in yaml.safe_load(pathlib.Path(rules).read_text())["groups"] for rule in group["rules"]]
    anchors = {
        re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^#+ (.+)$", pathlib.Path(runbooks).read_text(), re.MULTILINE)}
    # A name, or a pattern of several names.
    named = re.findall(r'alertname: (\w+)|alertname=~?"+([^"]+)"', "\n".join(pathlib.Path(each).read_text() for each in tests))
    patterns = [re.compile(one or other) for one, other in named]
    faults = []
    for rule in alerts:
        anchor = rule["annotations"]["runbook_url"].partition("#")[2]
        if anchor not in anchors:
            faults.append(f"{rule['alert']}: {runbooks} has no section #{anchor}")
        if not any(pattern.fullmatch(rule["alert"]) for pattern in patterns):
            faults.append(f"{rule['alert']}: no test names it")
    if "autopilotincident" not in anchors:
        faults.append(f"{runbooks} has no section #autopilotincident")
    for fault in faults:
        print(f"check_runbooks: {fault}", file=sys.stderr)
    if faults:
        sys.exit(1)
    print(f"{len(alerts)} alert rules with their tests and runbooks")


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit("usage: check_runbooks.py RULES.yaml RUNBOOKS.md TESTS.yaml…")
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
