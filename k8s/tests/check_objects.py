"""Checks rendered Kubernetes objects: their schemas, and what we promise about them.

usage: check_objects.py VERSION[,VERSION…] FILE…

Every object is validated strictly against the API schemas of each version; those of the Prometheus operator against
schemas/, which hold what we use of them. Then the promises: restricted pod security, read-only root file systems, no
token where no right is given, no secret in plain, references that lead somewhere, and a job that gives up on exactly
the exit codes for which trying again is useless.
"""

import json
import pathlib
import re
import sys

import jsonschema
import kubernetes_validate
import yaml

HERE = pathlib.Path(__file__).parent
OWN_SCHEMAS = {
    ("monitoring.coreos.com/v1", "ServiceMonitor"): "servicemonitor-v1.json",
    ("monitoring.coreos.com/v1", "PrometheusRule"): "prometheusrule-v1.json",
}
# docs/architecture.md: 1 may go away by itself; the others will not.
FINAL_EXIT_CODES = [2, 3, 4, 5, 64]
LABELS = ["name", "instance", "part-of", "version", "managed-by"]
SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|hooks\.slack\.com/services/|AKIA[0-9A-Z]{16}"
    r"|(?i:\b(?:password|secret_?key|bearer_token|api_key)\b\s*[:=]\s*['\"]?\w)")


def check_schemas(objects, versions, faults):
    """Validates and says how many validations there were."""
    count = 0
    for place, each in objects:
        key = (each["apiVersion"], each["kind"])
        if key in OWN_SCHEMAS:
            schema = json.loads((HERE / "schemas" / OWN_SCHEMAS[key]).read_text())
            for error in jsonschema.Draft202012Validator(schema).iter_errors(each):
                faults.append(f"{place}: {error.json_path}: {error.message}")
            count += 1
            continue
        for version in versions:
            try:
                kubernetes_validate.validate(each, version, strict=True)
                count += 1
            except kubernetes_validate.ValidationError as error:
                where = ".".join(str(part) for part in error.absolute_path)
                faults.append(f"{place}: Kubernetes {version}: {where}: {error.message}")
            except kubernetes_validate.SchemaNotFoundError as error:
                faults.append(f"{place}: {error.message}")
    return count


def pods(objects):
    """Pod specifications with their labels."""
    for place, each in objects:
        if each["kind"] == "CronJob":
            template = each["spec"]["jobTemplate"]["spec"]["template"]
        elif each["kind"] in ("Deployment", "Job", "StatefulSet", "DaemonSet"):
            template = each["spec"]["template"]
        elif each["kind"] == "Pod":
            template = each
        else:
            continue
        yield place, template["metadata"]["labels"], template["spec"]


def matches(selector, labels):
    return all(labels.get(key) == value for key, value in selector.items())


def check_pod(place, spec, claims_account_rights, faults):
    def expect(holds, what):
        if not holds:
            faults.append(f"{place}: {what}")

    context = spec.get("securityContext", {})
    expect(context.get("runAsNonRoot") is True, "may run as root")
    expect(context.get("runAsUser", 0) >= 10000, "has no high numeric user")
    expect(context.get("seccompProfile", {}).get("type") == "RuntimeDefault", "has no seccomp profile")
    expect(
        spec.get("automountServiceAccountToken", True) is claims_account_rights,
        "mounts a token without rights" if not claims_account_rights else "has rights but no token")
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        expect(not spec.get(key), f"uses {key}")
    for volume in spec.get("volumes", []):
        expect("hostPath" not in volume, f"volume {volume['name']} is a path of the node")
        if "emptyDir" in volume:
            expect("sizeLimit" in volume["emptyDir"], f"volume {volume['name']} has no limit")
    volumes = {volume["name"] for volume in spec.get("volumes", [])}
    for container in spec.get("initContainers", []) + spec["containers"]:
        name = container["name"]
        own = container.get("securityContext", {})
        expect(own.get("allowPrivilegeEscalation") is False, f"{name} may escalate privileges")
        expect(own.get("readOnlyRootFilesystem") is True, f"{name} writes to its root file system")
        expect(own.get("capabilities", {}).get("drop") == ["ALL"], f"{name} keeps capabilities")
        resources = container.get("resources", {})
        expect({"cpu", "memory"} <= set(resources.get("requests", {})), f"{name} requests no cpu or memory")
        expect("memory" in resources.get("limits", {}), f"{name} has no memory limit")
        expect(re.search(r"(:(?!latest$)[\w.-]+|@sha256:[0-9a-f]{64})$", container["image"]), f"{name}: image {container['image']} has no version")
        for mount in container.get("volumeMounts", []):
            expect(mount["name"] in volumes, f"{name} mounts {mount['name']}, which is no volume of the pod")


def check_references(objects, faults):
    names = {(each["kind"], each["metadata"]["name"]) for _, each in objects}
    chart = {"autopilotops", "watch"}

    def expect(place, kind, name):
        # Names of our own must lead to an object here; others are existing ones of the cluster.
        if name.split("-")[0] in chart and "-".join(name.split("-")[1:]) in ("retrain", "scorer", "incidents", "trusted-keys"):
            if (kind, name) not in names:
                faults.append(f"{place}: refers to {kind} {name}, which is not there")

    for place, labels, spec in pods(objects):
        expect(place, "ServiceAccount", spec.get("serviceAccountName", "default"))
        for volume in spec.get("volumes", []):
            if "persistentVolumeClaim" in volume:
                expect(place, "PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"])
            for source in volume.get("projected", {}).get("sources", []):
                if "configMap" in source:
                    expect(place, "ConfigMap", source["configMap"]["name"])
    templates = list(pods(objects))
    for place, each in objects:
        selector = None
        if each["kind"] == "Service":
            selector = each["spec"]["selector"]
        elif each["kind"] in ("Deployment", "PodDisruptionBudget"):
            selector = each["spec"]["selector"]["matchLabels"]
        elif each["kind"] == "NetworkPolicy":
            selector = each["spec"]["podSelector"]["matchLabels"]
        if selector is None:
            continue
        found = [spec for _, labels, spec in templates if matches(selector, labels)]
        if not found:
            faults.append(f"{place}: its selector matches no pod")
        if each["kind"] == "Service":
            ports = {port["name"] for spec in found for container in spec["containers"] for port in container.get("ports", [])}
            for port in each["spec"]["ports"]:
                if port["targetPort"] not in ports:
                    faults.append(f"{place}: port {port['targetPort']} is none of the pods'")
    for place, each in objects:
        if each["kind"] == "ServiceMonitor":
            wanted = each["spec"]["selector"]["matchLabels"]
            services = [other for _, other in objects if other["kind"] == "Service" and matches(wanted, other["metadata"]["labels"])]
            ports = [port["name"] for service in services for port in service["spec"]["ports"]]
            if len(services) != 1 or each["spec"]["endpoints"][0]["port"] not in ports:
                faults.append(f"{place}: selects {len(services)} services, with the ports {ports}")
        if each["kind"] == "HorizontalPodAutoscaler":
            target = each["spec"]["scaleTargetRef"]
            scaled = [other for _, other in objects if (other["kind"], other["metadata"]["name"]) == (target["kind"], target["name"])]
            if len(scaled) != 1 or "replicas" in scaled[0]["spec"]:
                faults.append(f"{place}: its target is absent, or sets replicas as well")
    policies = [each for _, each in objects if each["kind"] == "NetworkPolicy"]
    if policies:
        for place, labels, _ in templates:
            covered = {
                kind for policy in policies if matches(policy["spec"]["podSelector"]["matchLabels"], labels)
                for kind in policy["spec"]["policyTypes"]}
            if covered != {"Ingress", "Egress"}:
                faults.append(f"{place}: network policies restrict only {sorted(covered)}")


def mounted_files(spec):
    """Paths below /etc/autopilotops that a pod's projected volume holds; None for a whole ConfigMap."""
    for volume in spec.get("volumes", []):
        for source in volume.get("projected", {}).get("sources", []):
            inner = source.get("configMap") or source.get("secret")
            for item in inner.get("items", []):
                yield f"/etc/autopilotops/{item['path']}"


def check_configurations(objects, faults):
    """Configurations are YAML, and name only files that are mounted."""
    by_name = {(each["kind"], each["metadata"]["name"]): each for _, each in objects}
    for place, _, spec in pods(objects):
        files = set(mounted_files(spec))
        texts = []
        for volume in spec.get("volumes", []):
            for source in volume.get("projected", {}).get("sources", []):
                map_ = by_name.get(("ConfigMap", source.get("configMap", {}).get("name")))
                if map_ and "items" not in source["configMap"]:
                    files |= {f"/etc/autopilotops/{key}" for key in map_["data"]}
                    texts += [(key, text) for key, text in map_["data"].items() if key.endswith(".yaml")]
        for container in spec.get("initContainers", []) + spec["containers"]:
            texts.append((container["name"], "\n".join(container.get("args", []) + container.get("command", []))))
        for key, text in texts:
            if key.endswith(".yaml") and not isinstance(yaml.safe_load(text), dict):
                faults.append(f"{place}: {key} is no mapping")
            for path in re.findall(r"/etc/autopilotops/[\w./-]+", text):
                if path not in files:
                    faults.append(f"{place}: {key} names {path}, which is not mounted")


def check_job(place, each, faults):
    spec = each["spec"]
    job = spec["jobTemplate"]["spec"]
    if spec["concurrencyPolicy"] != "Forbid":
        faults.append(f"{place}: two jobs may run at once")
    if "activeDeadlineSeconds" not in job or "backoffLimit" not in job:
        faults.append(f"{place}: has no deadline or no limit of retries")
    rules = job["podFailurePolicy"]["rules"]
    final = [rule["onExitCodes"]["values"] for rule in rules if rule["action"] == "FailJob"]
    if final != [FINAL_EXIT_CODES]:
        faults.append(f"{place}: fails the job on {final} instead of {FINAL_EXIT_CODES}")
    if not any(rule["action"] == "Ignore" and rule["onPodConditions"][0]["type"] == "DisruptionTarget" for rule in rules):
        faults.append(f"{place}: counts evictions as failures")
    if job["template"]["spec"]["restartPolicy"] != "Never":
        faults.append(f"{place}: a pod failure policy needs restartPolicy Never")
    longest = re.fullmatch(r"--max-duration=(\d+)([mh])", next(
        argument for argument in job["template"]["spec"]["containers"][0]["args"] if argument.startswith("--max-duration")))
    if int(longest[1]) * {"m": 60, "h": 3600}[longest[2]] >= job["activeDeadlineSeconds"]:
        faults.append(f"{place}: training may last longer than the job")


def main(versions, paths):
    faults, total, validations = [], 0, 0
    for path in paths:
        documents = [each for each in yaml.safe_load_all(pathlib.Path(path).read_text()) if each]
        objects = [(f"{pathlib.Path(path).name}: {each['kind']}/{each['metadata']['name']}", each) for each in documents]
        total += len(objects)
        if not objects:
            faults.append(f"{path}: no objects")
        keys = [(each["apiVersion"], each["kind"], each["metadata"].get("namespace"), each["metadata"]["name"]) for _, each in objects]
        faults += [f"{path}: {key} is there twice" for key in {key for key in keys if keys.count(key) > 1}]
        validations += check_schemas(objects, versions, faults)
        bound = {
            subject["name"] for _, each in objects if each["kind"] == "RoleBinding" for subject in each["subjects"]}
        for place, each in objects:
            if each["kind"] != "Namespace":
                labels = each["metadata"].get("labels", {})
                faults += [f"{place}: lacks the label {name}" for name in LABELS if f"app.kubernetes.io/{name}" not in labels]
            if each["kind"] == "Secret":
                faults.append(f"{place}: secrets come from existing Secrets only")
            found = SECRET.search(yaml.safe_dump(each))
            if found:
                faults.append(f"{place}: something like a secret stands in plain: {found[0]!r}")
            if each["kind"] in ("ClusterRole", "ClusterRoleBinding"):
                faults.append(f"{place}: asks for rights in the whole cluster")
            if each["kind"] == "CronJob":
                check_job(place, each, faults)
        for place, _, spec in pods(objects):
            check_pod(place, spec, spec.get("serviceAccountName") in bound, faults)
        check_references(objects, faults)
        check_configurations(objects, faults)
    for fault in faults:
        print(f"check_objects: {fault}", file=sys.stderr)
    if faults:
        sys.exit(1)
    print(f"{total} objects of {len(paths)} renderings are sound: {validations} validations for Kubernetes {' and '.join(versions)}")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("usage: check_objects.py VERSION[,VERSION…] FILE…")
    main(sys.argv[1].split(","), sys.argv[2:])
