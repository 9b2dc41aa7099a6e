#!/usr/bin/env bash
# Installs the peers, builds ours and measures both in turn, see README.md.
# Usage: bench_lstm.sh [options of bench_lstm.py]
set -euo pipefail
cd "$(dirname "$0")"

venv=${BENCH_VENV:-.venv-lstm}
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo "bench-lstm: needs Python 3.11 or newer as python3, for the versions of the peers" >&2
  exit 1
fi
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
# PyTorch's build for CPUs where it can be had: the one for graphics cards takes 400 MB more of
# memory before it does anything, which would flatter ours.
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --retries 1 --timeout 20 \
  --extra-index-url https://download.pytorch.org/whl/cpu -r peers/requirements-lstm.txt
swift build -c release --product lstm-bench
exec "$venv/bin/python" bench_lstm.py "$@"
