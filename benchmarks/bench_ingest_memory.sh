#!/usr/bin/env bash
# Ingests a large Prometheus export and reports the peak of resident memory, see README.md.
# Usage: bench_ingest_memory.sh [gigabytes]
set -euo pipefail
cd "$(dirname "$0")"

gigabytes=${1:-2}
tool=${AUTOPILOT:-../.build/release/autopilot}
if ! /usr/bin/time -v true >/dev/null 2>&1; then
  echo "bench-ingest-memory: needs GNU time at /usr/bin/time; apt-get install time" >&2
  exit 1
fi
export=data/export-$gigabytes-gb.json
python3 make_export.py "$export" "$gigabytes"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
/usr/bin/time -v -o "$work/time" \
  "$tool" ingest --prometheus "$export" --interval 1m --out "$work/datasets" --quiet
mkdir -p results
python3 - "$work/time" "$export" results/ingest-memory.json <<'PYTHON'
import json, os, sys

facts = dict(line.strip().rsplit(": ", 1) for line in open(sys.argv[1]) if ": " in line)
result = {
    "export_bytes": os.path.getsize(sys.argv[2]),
    "peak_resident_mib": round(int(facts["Maximum resident set size (kbytes)"]) / 1024),
    "cpu_seconds": float(facts["User time (seconds)"]) + float(facts["System time (seconds)"]),
    "wall": facts["Elapsed (wall clock) time (h:mm:ss or m:ss)"],
}
with open(sys.argv[3], "w") as file:
    json.dump(result, file, indent=2)
    file.write("\n")
print(f"{result['export_bytes'] / 1e9:.2f} GB: peak resident {result['peak_resident_mib']} MiB, "
      f"{result['cpu_seconds']:.1f} CPU seconds, {result['wall']} wall")
PYTHON
