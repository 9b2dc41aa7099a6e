#!/usr/bin/env bash
# Fuzzes a scanner of telemetry with libFuzzer, AddressSanitizer and UBSan.
#
# Usage: scripts/fuzz-scan.sh [NAME] [SECONDS]
#   NAME is sample_scan (Prometheus samples, the default), line_scan (log lines of Loki), row_scan
#   (rows of tables) or exposition_scan (text of OpenMetrics); 60 seconds by default. Texts that grew
#   are kept in .build/fuzz-scan/NAME.
set -euo pipefail
cd "$(dirname "$0")/.."

name=sample_scan
if [[ "${1:-}" =~ ^[a-z] ]]; then
  name="$1"
  shift
fi
seconds="${1:-60}"
folder=.build/fuzz-scan/$name
if [ ! -f "Tests/Fuzzers/${name}_fuzzer.cpp" ]; then
  echo "fuzz-scan: no scanner named $name; choose sample_scan, line_scan, row_scan or exposition_scan" >&2
  exit 64
fi
mkdir -p "$folder/corpus"
# The toolchain's own clang, which stands beside swift: others may lack libFuzzer.
clang="$(dirname "$(readlink -f "$(command -v swift)")")/clang++"
"$clang" -std=c++17 -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
  -ISources/CTelemetryScan/include "Sources/CTelemetryScan/$name.cpp" \
  "Tests/Fuzzers/${name}_fuzzer.cpp" -o "$folder/fuzzer"
case $name in
  sample_scan)
    printf '%s' '[1700000000,"1"],[1700000030.5,"-0.25"],[3,"1e-7"]' >"$folder/corpus/compact"
    printf '%s' '[ 1700000000.123 , "12345678901234567.89" ] , [1,"NaN"],[2,"+Inf"], [3, 4]' \
      >"$folder/corpus/blanks"
    ;;
  line_scan)
    line='{"labels":{"app":"shop"},"line":"a \"b\" \u00e9 caf\u00e9 é","timestamp":"2026-01-05T00:00:00.123456789Z"}'
    printf '%s\n%s\n' "$line" \
      '{ "timestamp" : "2026-02-28T23:59:59.5+01:00", "x": [1e5,{"y":null}], "line" : "\ud83d\ude00", "labels":{"a":"}\""} }' \
      >"$folder/corpus/lines"
    printf '%s\n' '{"line":"","timestamp":"1999-12-31T23:59:59Z","labels":{}}' "$line" \
      >"$folder/corpus/short"
    printf '%s' '["1767571200000000000","a\n\t\u003c"],["12","注文",{"k":"v"}] , [ "9223372036854775807" , "0123456789012345678901234567890123456789" ]' \
      >"$folder/corpus/entries"
    ;;
  row_scan)
    printf '\001%s\n%s\r\n' '1700000000,1.5,12345678901234567.89' '1700000060.5,,-0.25e-7' \
      >"$folder/corpus/rows"
    printf '\020%s\n' '1700000000000,NaN' >"$folder/corpus/milliseconds"
    ;;
  exposition_scan)
    printf '\000%s\n' 'up{a="b"} 1 1700000000.5' 'up{a="b"} -2.5e-3 1700000060' >"$folder/corpus/seconds"
    printf '\001%s\n' 'up NaN 1700000000000' >"$folder/corpus/milliseconds"
    ;;
esac
"$folder/fuzzer" -max_total_time="$seconds" -max_len=600 \
  -print_final_stats=1 -artifact_prefix="$folder/" "$folder/corpus"
