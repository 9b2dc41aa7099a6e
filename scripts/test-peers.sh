#!/usr/bin/env bash
# Installs the Python packages we compare with into a virtual environment of their own and runs all
# tests, those that compare with them too. PEERS_TORCH=1 adds PyTorch, which is large. With --install
# it only installs, and prints the Python to run tests with as AUTOPILOT_PEERS_PYTHON.
set -euo pipefail
cd "$(dirname "$0")/.."

venv=${PEERS_VENV:-.venv-peers}
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r scripts/peers.txt
if [ "${PEERS_TORCH:-0}" = 1 ]; then
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r scripts/peers-torch.txt
fi
AUTOPILOT_PEERS_PYTHON=$PWD/$venv/bin/python
case "$venv" in /*) AUTOPILOT_PEERS_PYTHON=$venv/bin/python ;; esac
export AUTOPILOT_PEERS_PYTHON
if [ "${1:-}" = --install ]; then
  printf '%s\n' "$AUTOPILOT_PEERS_PYTHON"
  exit
fi
exec swift test -c release --disable-testable-imports
