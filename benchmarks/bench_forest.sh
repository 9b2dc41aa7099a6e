#!/usr/bin/env bash
# Installs the peers, makes the rows, builds ours and measures both in turn, see README.md.
# Usage: bench_forest.sh [options of bench_forest.py]
set -euo pipefail
cd "$(dirname "$0")"

venv=${BENCH_VENV:-.venv-forest}
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo "bench-forest: needs Python 3.11 or newer as python3, for the versions of the peers" >&2
  exit 1
fi
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  -r peers/requirements-forest.txt
"$venv/bin/python" make_forest_rows.py data
swift build -c release --product forest-bench
exec "$venv/bin/python" bench_forest.py "$@"
