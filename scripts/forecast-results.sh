#!/usr/bin/env bash
# Runs the forecasters and everything they must be compared with under one protocol on the public
# datasets in AUTOPILOT_DATASETS, and prints the tables of "Forecasters and what they must beat" in
# docs/results.md. Ten minutes or so; results go to the folder given, out/forecast by default.
#
# FORECAST_SCORES names the scores of errors to compare; the first is that of the main tables.
set -euo pipefail
cd "$(dirname "$0")/.."

out=${1:-out/forecast}
data=${AUTOPILOT_DATASETS:-../shared/datasets}
for name in smd msl nezha-trainticket; do
  if [ ! -d "$data/$name" ]; then
    echo "forecast-results: no $name in $data; set AUTOPILOT_DATASETS" >&2
    exit 1
  fi
done
AUTOPILOT_DATASETS=$(cd "$data" && pwd)
export AUTOPILOT_DATASETS
swift build -c release --product autopilot >&2
tool=.build/release/autopilot
mkdir -p "$out"

run() { # run CONFIGURATION NAME
  echo "forecast-results: $2" >&2
  # What a stopped run left belongs to another configuration.
  rm -rf "$out/work"
  "$tool" run "$1" --out "$out/work" --output json --quiet > "$out/$2.json"
  rm -rf "$out/work"
}

for score in ${FORECAST_SCORES:-smoothed telemanom mahalanobis quantile}; do
  export FORECAST_SCORE=$score
  run models/trainticket.yaml "$score-trainticket"
  for file in "$data"/smd/test/machine-*; do
    machine=$(basename "$file")
    machine=${machine#machine-}
    machine=${machine%%.*}
    SMD_MACHINE=$machine run models/smd.yaml "$score-smd-$machine"
  done
  for file in "$data"/msl/test/*.npy.gz; do
    channel=$(basename "$file" .npy.gz)
    MSL_CHANNEL=$channel run models/msl.yaml "$score-msl-$channel"
  done
done
python3 scripts/forecast_results.py "$out" ${FORECAST_SCORES:-smoothed telemanom mahalanobis quantile}
