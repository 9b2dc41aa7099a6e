#!/usr/bin/env bash
# Trains on the embedded dataset and asks the gate whether the result may take the place of the champion in
# models/champion, by the policy in models/gate.yaml. Ends as 'autopilot gate' does.
#
# Usage: scripts/gate-embedded.sh [FOLDER]                 the report also goes to FOLDER/gate.md
#        scripts/gate-embedded.sh --new-champion [FOLDER]  makes the result the champion, gate or no gate
set -euo pipefail
cd "$(dirname "$0")/.."

renews=false
if [ "${1:-}" = --new-champion ]; then
  renews=true
  shift
fi
out=${1:-out/gate}
autopilot=.build/release/autopilot
rm -rf "$out"
"$autopilot" run models/embedded.yaml --out "$out" --quiet > /dev/null
if $renews; then
  rm -rf models/champion
  "$autopilot" registry pull "$out/registry/shop@champion" --out models/champion
  echo "gate-embedded: models/champion is the model of this state now" >&2
  exit 0
fi
exec "$autopilot" gate --candidate "$out/registry/shop@champion" --baseline models/champion \
  --dataset "$out"/datasets/sha256-*.h5 --policy models/gate.yaml --markdown "$out/gate.md" --quiet
