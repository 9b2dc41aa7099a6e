#!/usr/bin/env bash
# Fuzzes the scanner of Prometheus samples with libFuzzer, AddressSanitizer and UBSan.
#
# Usage: scripts/fuzz-scan.sh [SECONDS]      60 by default; texts that grew are kept in .build/fuzz-scan
set -euo pipefail
cd "$(dirname "$0")/.."

seconds="${1:-60}"
folder=.build/fuzz-scan
mkdir -p "$folder/corpus"
# The toolchain's own clang, which stands beside swift: others may lack libFuzzer.
clang="$(dirname "$(readlink -f "$(command -v swift)")")/clang++"
"$clang" -std=c++17 -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
  -ISources/CTelemetryScan/include Sources/CTelemetryScan/sample_scan.cpp \
  Tests/Fuzzers/sample_scan_fuzzer.cpp -o "$folder/fuzzer"
printf '%s' '[1700000000,"1"],[1700000030.5,"-0.25"],[3,"1e-7"]' >"$folder/corpus/compact"
printf '%s' '[ 1700000000.123 , "12345678901234567.89" ] , [1,"NaN"],[2,"+Inf"], [3, 4]' \
  >"$folder/corpus/blanks"
"$folder/fuzzer" -max_total_time="$seconds" -max_len=400 \
  -print_final_stats=1 -artifact_prefix="$folder/" "$folder/corpus"
