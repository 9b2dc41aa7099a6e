"""Holds what the chart renders against the programs that will run it.

usage: check_programs.py FOLDER RENDERED.yaml…

FOLDER has the built programs. Every option in the arguments of containers must be one that the program's help names;
the program must read pipeline.yaml and gate.yaml as they are rendered; the scorer must accept its configuration with
--check. Files that Secrets and ConfigMaps would mount stand in a temporary folder.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import yaml

MOUNT = "/etc/autopilotops"


def run(*command, environment=None):
    done = subprocess.run(
        [str(each) for each in command], capture_output=True, text=True, timeout=120,
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/tmp")} | (environment or {}))
    return done.returncode, done.stdout + done.stderr


def containers(documents):
    for each in documents:
        if each["kind"] == "CronJob":
            spec = each["spec"]["jobTemplate"]["spec"]["template"]["spec"]
        elif each["kind"] == "Deployment":
            spec = each["spec"]["template"]["spec"]
        else:
            continue
        for container in spec.get("initContainers", []) + spec["containers"]:
            yield spec, container


def config_map(documents, ending):
    return next(
        (each["data"] for each in documents if each["kind"] == "ConfigMap" and each["metadata"]["name"].endswith(ending)), {})


def check_options(tool, documents, place, faults):
    count = 0
    for _, container in containers(documents):
        if "/autopilot:" not in container["image"] or "command" in container:
            continue
        words = []
        for argument in container["args"]:
            if argument.startswith(("-", "/")):
                break
            words.append(argument)
        code, text = run(tool, *words, "--help")
        known = set(re.findall(r"(--[a-z][a-z-]+)", text))
        if code or not text.startswith("OVERVIEW"):
            faults.append(f"{place}: autopilot {' '.join(words)}: no such command")
            continue
        for argument in container["args"]:
            option = argument.partition("=")[0]
            if option.startswith("--"):
                count += 1
                if option not in known:
                    faults.append(f"{place}: autopilot {' '.join(words)} knows no {option}")
    return count


def check_retraining(tool, documents, place, folder, faults):
    """The configurations are read before the exports, so only the exports may be complained about."""
    data = config_map(documents, "-retrain")
    if not data:
        return 0
    (folder / "export/prometheus/chunks").mkdir(parents=True)
    (folder / "export/loki/chunks").mkdir(parents=True)
    for name in ("pipeline.yaml", "gate.yaml"):
        (folder / name).write_text(data[name].replace(MOUNT, str(folder)))
    environment = {
        "AUTOPILOT_MODEL": "shop", "AUTOPILOT_REGISTRY": str(folder / "registry"),
        "AUTOPILOT_EXPORT": str(folder / "export")}

    def retrain():
        return run(
            tool, "retrain", folder / "pipeline.yaml", f"--policy={folder}/gate.yaml", f"--out={folder}/out",
            "--quiet", environment=environment)

    code, text = retrain()
    if code != 4 or "chunks" not in text:
        faults.append(f"{place}: without exports, retrain should end with 4 and name their folder: {code}, {text.strip()}")
    with open(folder / "gate.yaml", "a") as gate:
        gate.write("\nno_such_key: 1\n")
    code, text = retrain()
    if code != 4 or "no_such_key" not in text:
        faults.append(f"{place}: an unknown key in gate.yaml should be refused: {code}, {text.strip()}")
    return 1


def check_scorer(scorer, documents, place, folder, faults):
    data = config_map(documents, "-scorer")
    if not data:
        return 0
    (folder / "scorer.yaml").write_text(
        data["scorer.yaml"].replace(MOUNT, str(folder)).replace("/var/lib/autopilotops", str(folder / "state")))
    (folder / "state").mkdir()
    environment = {
        "AUTOPILOT_MODEL": "shop", "AUTOPILOT_REGISTRY": str(folder / "registry"), "POD_NAME": "scorer-0"}
    code, text = run(scorer, "--config", folder / "scorer.yaml", "--check", environment=environment)
    # Everything else is looked at before the registry, in which there is no model.
    if code and f"{folder}/registry" not in text:
        faults.append(f"{place}: the scorer refuses its configuration with {code}: {text.strip()}")
    with open(folder / "scorer.yaml", "a") as configuration:
        configuration.write("\nno_such_key: 1\n")
    code, text = run(scorer, "--config", folder / "scorer.yaml", "--check", environment=environment)
    if code != 4 or "no_such_key" not in text:
        faults.append(f"{place}: the scorer should refuse an unknown key: {code}, {text.strip()}")
    return 1


def mounted(documents, folder):
    """What ConfigMaps and Secrets would mount."""
    (folder / "incidents.csv").write_text("id,service,kind,start,detected,resolved\n")
    (folder / "tokens").write_text("a-token-of-this-check\n")
    (folder / "verdict-key").write_text("a key of verdict links, of this check\n")
    (folder / "prometheus-token").write_text("a-token-of-this-check\n")
    (folder / "loki-auth").write_text("user:a-password-of-this-check\n")
    (folder / "keys").mkdir()
    for name, text in config_map(documents, "-trusted-keys").items():
        (folder / "keys" / name).write_text(text)
    (folder / "tls").mkdir()
    (folder / "signing").mkdir()
    made = [
        ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
         "/CN=scorer", "-keyout", "tls/tls.key", "-out", "tls/tls.crt"],
        ["genpkey", "-algorithm", "ed25519", "-out", "signing/signing.key"],
    ]
    for arguments in made:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)
    shutil.copy(folder / "tls/tls.crt", folder / "tls/ca.crt")


def main(programs, paths):
    tool, scorer = pathlib.Path(programs) / "autopilot", pathlib.Path(programs) / "autopilot-scorer"
    faults, options, retrainings, configurations = [], 0, 0, 0
    for path in map(pathlib.Path, paths):
        documents = [each for each in yaml.safe_load_all(path.read_text()) if each]
        folder = pathlib.Path(tempfile.mkdtemp(prefix="autopilotops-programs-"))
        try:
            mounted(documents, folder)
            options += check_options(tool, documents, path.name, faults)
            retrainings += check_retraining(tool, documents, path.name, folder, faults)
            if scorer.exists():
                configurations += check_scorer(scorer, documents, path.name, folder, faults)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    for fault in faults:
        print(f"check_programs: {fault}", file=sys.stderr)
    if faults:
        sys.exit(1)
    print(
        f"autopilot knows {options} options and reads {retrainings} pairs of configurations; "
        + (f"the scorer accepts {configurations}" if scorer.exists() else "SKIPPED the scorer's: it is not built"))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("usage: check_programs.py FOLDER RENDERED.yaml…")
    main(sys.argv[1], sys.argv[2:])
