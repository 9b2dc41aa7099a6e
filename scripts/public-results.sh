#!/usr/bin/env bash
# Runs the pipeline on the public datasets in AUTOPILOT_DATASETS and prints the tables of
# docs/results.md. A minute or two; results go to the folder given, out/public by default.
set -euo pipefail
cd "$(dirname "$0")/.."

out=${1:-out/public}
data=${AUTOPILOT_DATASETS:-../shared/datasets}
if [ ! -d "$data/smd" ] || [ ! -d "$data/nezha-trainticket" ]; then
  echo "public-results: no smd and nezha-trainticket in $data; set AUTOPILOT_DATASETS" >&2
  exit 1
fi
AUTOPILOT_DATASETS=$(cd "$data" && pwd)
export AUTOPILOT_DATASETS
swift build -c release --product autopilot >&2
tool=.build/release/autopilot
mkdir -p "$out"
"$tool" run models/trainticket.yaml --out "$out/trainticket" --output json --quiet \
  > "$out/trainticket.json"
for machine in 1-2 1-3 1-5 1-7 2-1 2-3 2-7 3-2 3-4 3-10; do
  SMD_MACHINE=$machine "$tool" run models/smd.yaml --out "$out/smd-$machine" --output json --quiet \
    > "$out/smd-$machine.json"
done
python3 scripts/public_results.py "$out"
