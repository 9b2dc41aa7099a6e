#!/usr/bin/env bash
# Installs the peers, makes the data, builds ours and measures both in turn, see README.md.
# Usage: bench_ingest.sh [options of bench_ingest.py]
set -euo pipefail
cd "$(dirname "$0")"

venv=${BENCH_VENV:-.venv-ingest}
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo "bench-ingest: needs Python 3.11 or newer as python3, for the versions of the peers" >&2
  exit 1
fi
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
  -r peers/requirements-ingest.txt
"$venv/bin/python" make_data.py data
swift build -c release --product ingest-bench
exec "$venv/bin/python" bench_ingest.py "$@"
