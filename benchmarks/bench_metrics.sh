#!/usr/bin/env bash
# Installs the peers, builds ours and measures both in turn, see README.md.
# Usage: bench_metrics.sh [options of bench_metrics.py]
set -euo pipefail
cd "$(dirname "$0")"

venv=${BENCH_VENV:-.venv-metrics}
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo "bench-metrics: needs Python 3.11 or newer as python3, for the versions of the peers" >&2
  exit 1
fi
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
pip=("$venv/bin/python" -m pip install --quiet --disable-pip-version-check)
"${pip[@]}" -r peers/requirements-metrics.txt
"${pip[@]}" --no-deps -r peers/requirements-metrics-alone.txt
swift build -c release --product metrics-bench
# The peers run in the script's own process; NumPy reads these when it is loaded.
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 NUMEXPR_NUM_THREADS=1
exec "$venv/bin/python" bench_metrics.py "$@"
