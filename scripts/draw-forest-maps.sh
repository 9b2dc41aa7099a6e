#!/usr/bin/env bash
# Draws docs/images/forest-maps.png from scores of the forests themselves, with matplotlib in a virtual
# environment of its own. Usage: scripts/draw-forest-maps.sh [PICTURE.png]
set -euo pipefail
cd "$(dirname "$0")/.."

picture=${1:-docs/images/forest-maps.png}
case "$picture" in /*) ;; *) picture=$PWD/$picture ;; esac
venv=${MAPS_VENV:-.venv-maps}
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check matplotlib==3.11.2
case "$venv" in /*) ;; *) venv=$PWD/$venv ;; esac
AUTOPILOT_PEERS_PYTHON=$venv/bin/python AUTOPILOT_FOREST_MAPS=$picture \
  swift test -c release --disable-testable-imports --filter 'ExtendedForestTests'
