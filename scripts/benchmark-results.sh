#!/usr/bin/env bash
# Compares all detectors on the public datasets in AUTOPILOT_DATASETS and prints the tables of
# docs/benchmarks.md. A few minutes; results go to the folder given, out/benchmarks by default.
set -euo pipefail
cd "$(dirname "$0")/.."

out=${1:-out/benchmarks}
data=${AUTOPILOT_DATASETS:-../shared/datasets}
for name in asd cloud-monitoring jumpstarter msl nab nezha-trainticket smd; do
  if [ ! -d "$data/$name" ]; then
    echo "benchmark-results: no $name in $data; set AUTOPILOT_DATASETS" >&2
    exit 1
  fi
done
swift build -c release --product autopilot >&2
for name in nab msl cloud-monitoring smd asd jumpstarter trainticket; do
  folder=$data/$name
  if [ "$name" = trainticket ]; then folder=$data/nezha-trainticket/2023-01-29; fi
  .build/release/autopilot benchmark "$name" --from "$folder" --out "$out/$name" --quiet >&2
  printf '## %s\n\n' "$name"
  cat "$out/$name/table.md"
  echo
done
