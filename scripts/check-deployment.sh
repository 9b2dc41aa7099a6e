#!/usr/bin/env bash
# Checks everything that is deployed: the Dockerfile, the chart with every file of values, the objects it renders for two
# versions of Kubernetes, the plain manifests, alert rules, dashboards and the configuration of Alertmanager. Runs real
# programs on loopback and in temporary folders; needs neither a cluster nor a container engine.
#
# Usage: scripts/check-deployment.sh [--if-possible]
#   --if-possible   skip, saying why, where tools are neither there nor installable (for `make test`)
set -euo pipefail
cd "$(dirname "$0")/.."

case ${1:-} in
  "") optional=false ;;
  --if-possible) optional=true ;;
  *) echo "check-deployment: usage: scripts/check-deployment.sh [--if-possible]" >&2; exit 64 ;;
esac
chart=k8s/helm-charts/autopilotops
# The oldest that the chart says it runs on, and the newest that there are schemas for.
versions=1.31,1.37

missing() {
  if $optional; then
    printf 'check-deployment: SKIPPED %s\n' "$*" >&2
  else
    printf 'check-deployment: %s\n' "$*" >&2
    exit 1
  fi
}

programs=$(scripts/deployment-tools.sh) || { missing "everything: its tools could not be installed"; exit 0; }
PATH=$programs:$PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HELM_CACHE_HOME=$work/helm HELM_CONFIG_HOME=$work/helm HELM_DATA_HOME=$work/helm

failures=0
step() { # step NAME COMMAND…: prints the output of what fails, and one line of what does not
  local name=$1 start=$SECONDS status
  shift
  # Not within a condition, where errors of a function's commands would not end it.
  set +e
  (
    set -e
    "$@"
  ) >"$work/output" 2>&1
  status=$?
  set -e
  if [ "$status" -eq 0 ]; then
    printf 'ok      %-16s %s (%d s)\n' "$name" "$(tail -n 1 "$work/output")" $((SECONDS - start))
  else
    printf 'FAILED  %s\n' "$name"
    sed 's/^/        /' "$work/output"
    failures=$((failures + 1))
  fi
}

scripts_are_sound() {
  shellcheck scripts/check-deployment.sh scripts/deployment-tools.sh scripts/render-manifests.sh \
    scripts/image-files.sh scripts/setup-components.sh "$chart/files/push-metrics.sh"
  echo "no finding"
}

yaml_is_sound() {
  yamllint --strict -c k8s/.yamllint.yaml k8s
  yamllint --strict -c k8s/.yamllint.yaml "$work/rendered"
  echo "every file below k8s, and what the chart renders"
}

chart_is_sound() {
  check-jsonschema --check-metaschema "$chart/values.schema.json"
  local values count=0
  for values in "$chart"/values.yaml "$chart"/values-*.yaml "$chart"/ci/*.yaml k8s/manifests/values.yaml; do
    helm lint --strict "$chart" --values "$values"
    count=$((count + 1))
  done
  echo "helm lint with $count files of values"
}

render() {
  mkdir -p "$work/rendered"
  local values count=0
  for values in "$chart"/values.yaml "$chart"/values-*.yaml "$chart"/ci/*.yaml; do
    helm template autopilotops "$chart" --namespace autopilotops --values "$values" \
      | awk 'NF { for (; blank > 0; blank--) print ""; print; next } { blank++ }' \
        >"$work/rendered/$(basename "$values")"
    count=$((count + 1))
  done
  { kubectl kustomize k8s/manifests && echo --- && kubectl kustomize k8s/manifests/monitoring; } \
    >"$work/rendered/manifests.yaml"
  echo "$count files of values, and the plain manifests"
}

# Values that must be refused, each with a word of the message.
refusals() {
  local count=0 setting word
  while IFS='|' read -r setting word; do
    if helm template x "$chart" --set "$setting" >"$work/refusal" 2>&1; then
      echo "accepted: $setting"
      return 1
    fi
    grep -qF -- "$word" "$work/refusal" || { echo "$setting: the message lacks '$word':"; cat "$work/refusal"; return 1; }
    count=$((count + 1))
  done <<'REFUSED'
scorer.replcas=2|replcas
image.scorer.tag=latest|/image/scorer/tag
scorer.config.model=shop|/scorer/config/model
scorer.config.poll=soon|/scorer/config/poll
retrain.pushgateway.url=http://user:secret@gateway|/retrain/pushgateway/url
retrain.maxDuration=tomorrow|/retrain/maxDuration
scorer.terminationGracePeriodSeconds=10|/scorer/terminationGracePeriodSeconds
scorer.persistence.enabled=true,scorer.replicas=2|replicas cannot share a folder of state
retrain.enabled=false|set registry.url, retrain.enabled or retrain.persistence.existingClaim
scorer.config.auth.tokens=/etc/autopilotops/tokens|scorer.secrets.tokens.name
scorer.config.alertmanager.verdict_key=/etc/autopilotops/verdict-key|scorer.secrets.verdictKey.name
scorer.config.alertmanager.scorer_url=https://scorer.example.org,scorer.replicas=2|needs scorer.config.alertmanager.verdict_key
trustedKeys.own=not-a-key|/trustedKeys/own
REFUSED
  echo "$count wrong settings are refused"
}

manifests_are_current() {
  scripts/render-manifests.sh "$work/manifests"
  local file
  for file in "$work"/manifests/generated-*.yaml "$work"/manifests/monitoring/generated-*.yaml; do
    diff -u "k8s/manifests/${file#"$work"/manifests/}" "$file" || { echo "run scripts/render-manifests.sh"; return 1; }
  done
  local listed there
  listed=$(sed -n 's/^ *- \(generated-.*\)$/\1/p' k8s/manifests/kustomization.yaml | sort)
  there=$(cd "$work/manifests" && ls generated-*.yaml)
  [ "$listed" = "$there" ] || { echo "k8s/manifests/kustomization.yaml lists:"; echo "$listed"; echo "there are:"; echo "$there"; return 1; }
  echo "k8s/manifests is what the chart renders"
}

dashboards_are_current() {
  python scripts/make_dashboards.py "$work/dashboards"
  diff -ru "$chart/dashboards" "$work/dashboards" \
    || { echo "run python3 scripts/make_dashboards.py $chart/dashboards"; return 1; }
  echo "the dashboards are what scripts/make_dashboards.py makes"
}

# The rules as the chart ships them too, whose intervals and links it replaces.
rules_are_sound() {
  promtool check rules "$chart/rules/autopilotops.yaml"
  python - "$work/rendered/push-values.yaml" "$work/rules.yaml" <<'PYTHON'
import sys, yaml

rule = next(each for each in yaml.safe_load_all(open(sys.argv[1])) if each and each["kind"] == "PrometheusRule")
text = yaml.safe_dump(rule["spec"])
for old in ("github.com", "2 * 86400", "> 900"):
    assert old not in text, f"the chart left {old} in the rules"
for new in ("https://wiki.example.org/runbooks#", "2 * 43200", "> 1800"):
    assert new in text, f"the chart did not put {new} into the rules"
open(sys.argv[2], "w").write(text)
PYTHON
  promtool check rules "$work/rules.yaml"
  promtool test rules k8s/tests/rules_test.yaml k8s/tests/rules_days_test.yaml
  python k8s/tests/check_runbooks.py "$chart/rules/autopilotops.yaml" docs/runbooks.md \
    k8s/tests/rules_test.yaml k8s/tests/rules_days_test.yaml
}

dockerfile_is_sound() {
  hadolint Dockerfile && echo "no finding"
}

step "Dockerfile" dockerfile_is_sound
step "scripts" scripts_are_sound
step "rendering" render
step "YAML" yaml_is_sound
step "chart" chart_is_sound
step "refusals" refusals
step "objects" python k8s/tests/check_objects.py "$versions" "$work"/rendered/*.yaml
step "manifests" manifests_are_current
step "dashboards" dashboards_are_current
if command -v promtool >/dev/null 2>&1; then
  step "alert rules" rules_are_sound
else
  missing "alert rules: no promtool; scripts/setup-components.sh installs it"
fi
if command -v promtool >/dev/null 2>&1 && command -v prometheus >/dev/null 2>&1; then
  step "queries" python k8s/tests/check_queries.py "$chart/dashboards" "$chart/rules/autopilotops.yaml"
else
  missing "queries: no prometheus; scripts/setup-components.sh installs it"
fi
if command -v amtool >/dev/null 2>&1 && command -v prometheus-alertmanager >/dev/null 2>&1; then
  step "Alertmanager" python k8s/tests/check_alertmanager.py \
    k8s/observability/kube-prometheus-stack/values-alertmanager.yaml
else
  missing "Alertmanager: no prometheus-alertmanager and amtool; scripts/setup-components.sh installs them"
fi
if command -v prometheus-pushgateway >/dev/null 2>&1 && command -v curl >/dev/null 2>&1; then
  step "pushing metrics" python k8s/tests/check_push.py "$chart/files/push-metrics.sh"
else
  missing "pushing metrics: no prometheus-pushgateway or curl; scripts/setup-components.sh installs them"
fi

# Without values-eks.yaml where the tool is built without signatures.
if [ -x .build/release/autopilot ]; then
  rendered=()
  for file in "$work"/rendered/*.yaml; do
    grep -q 'sign_key:' "$file" && ! .build/release/autopilot key --help 2>/dev/null | grep -q generate && continue
    rendered+=("$file")
  done
  step "programs" python k8s/tests/check_programs.py .build/release "${rendered[@]}"
  if grep -qs '^VERSION_CODENAME=bookworm' /etc/os-release; then
    step "libraries" python k8s/tests/check_image.py Dockerfile .build/release
  else
    echo "check-deployment: SKIPPED libraries: packages have the names of the image's on Debian bookworm only" >&2
  fi
else
  missing "programs and libraries: no .build/release/autopilot; make build makes it"
fi

if [ "$failures" -gt 0 ]; then
  printf 'check-deployment: %d checks failed\n' "$failures" >&2
  exit 1
fi
