#!/usr/bin/env bash
# Installs the peers and wrk, trains the model, builds the scorer and measures all in turn, see README.md.
# Usage: bench_scorer.sh [options of bench_scorer.py]
set -euo pipefail
cd "$(dirname "$0")"

venv=${BENCH_VENV:-.venv-scorer}
command -v wrk >/dev/null || { apt-get install -y --no-install-recommends wrk >/dev/null 2>&1 || brew install wrk; } || {
  echo "bench-scorer: needs wrk; install it with apt or brew" >&2
  exit 1
}
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r peers/requirements-scorer.txt
(cd .. && swift build -c release --product autopilot && swift build -c release --product autopilot-scorer)
exec "$venv/bin/python" bench_scorer.py "$@"
