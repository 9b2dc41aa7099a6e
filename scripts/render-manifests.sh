#!/usr/bin/env bash
# Renders the chart into k8s/manifests for `kubectl apply -k`, with the values of k8s/manifests/values.yaml. The namespace
# and the kustomizations there are written by hand.
#
# Usage: scripts/render-manifests.sh [FOLDER]
set -euo pipefail
cd "$(dirname "$0")/.."

folder=${1:-k8s/manifests}
programs=$(scripts/deployment-tools.sh)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HELM_CACHE_HOME=$work HELM_CONFIG_HOME=$work HELM_DATA_HOME=$work
"$programs/helm" template autopilotops k8s/helm-charts/autopilotops --namespace autopilotops --skip-tests \
  --values k8s/manifests/values.yaml --output-dir "$work/out" >/dev/null

mkdir -p "$folder/monitoring"
# What the chart no longer has goes. Blanks at the ends of lines and of files come from the templates.
rm -f "$folder"/generated-*.yaml "$folder"/monitoring/generated-*.yaml
for file in "$work"/out/autopilotops/templates/*.yaml; do
  name=$(basename "$file")
  case $name in
    monitoring.yaml) target=$folder/monitoring/generated-$name ;;
    *) target=$folder/generated-$name ;;
  esac
  { echo "# Made by scripts/render-manifests.sh; edit the chart or k8s/manifests/values.yaml instead."; cat "$file"; } \
    | awk '{ sub(/[ \t]+$/, "") } NF { for (; blank > 0; blank--) print ""; print; next } { blank++ }' >"$target"
done
