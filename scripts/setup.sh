#!/usr/bin/env bash
# Makes sure that everything the build needs is there, and installs what is missing.
#
# Debian and Ubuntu: apt packages, with sudo when not root. macOS: Homebrew formulas. Asks nothing;
# where it cannot install, it says what to install and stops.
# Usage: scripts/setup.sh [--peers]      --peers also wants python3 with venv, for `make test-peers`
set -euo pipefail

fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

wants_peers=false
for argument in "$@"; do
  case "$argument" in
    --peers) wants_peers=true ;;
    *) fail "unknown argument '$argument'; usage: scripts/setup.sh [--peers]" ;;
  esac
done

command -v swift >/dev/null 2>&1 \
  || fail "no 'swift' found; install the Swift 6.3 toolchain from https://www.swift.org/install and put it on PATH"
version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
case "$version" in
  6.[3-9]|6.[1-9][0-9]|[7-9].*|[1-9][0-9].*) ;;
  *) fail "Swift ${version:-of unknown version} found, 6.3 or newer is needed: https://www.swift.org/install" ;;
esac

# What must be found, and the package that brings it: pkg-config name, apt package, brew formula.
libraries="openblas:libopenblas-dev:openblas
lapacke:liblapacke-dev:lapack
hdf5:libhdf5-dev:hdf5
zlib:zlib1g-dev:zlib
libzstd:libzstd-dev:zstd
libpcre2-8:libpcre2-dev:pcre2
sqlite3:libsqlite3-dev:sqlite"
# Only tests use it, and only on Linux.
[ "$(uname -s)" = Darwin ] || libraries+=$'\nsimdjson:libsimdjson-dev:simdjson'

missing_apt=""
missing_brew=""
command -v pkg-config >/dev/null 2>&1 || { missing_apt+=" pkg-config"; missing_brew+=" pkgconf"; }
command -v make >/dev/null 2>&1 || missing_apt+=" make"
while IFS=: read -r name apt brew; do
  if ! command -v pkg-config >/dev/null 2>&1 || ! pkg-config --exists "$name"; then
    missing_apt+=" $apt"
    missing_brew+=" $brew"
  fi
done <<<"$libraries"
if $wants_peers && ! python3 -c 'import venv, ensurepip' >/dev/null 2>&1; then
  missing_apt+=" python3 python3-venv"
  missing_brew+=" python3"
fi

[ -n "$missing_apt" ] || exit 0

if [ "$(uname -s)" = Darwin ]; then
  [ -n "$missing_brew" ] || exit 0
  command -v brew >/dev/null 2>&1 || fail "please install with Homebrew:$missing_brew"
  # shellcheck disable=SC2086  # a list of words on purpose
  brew install $missing_brew
  exit 0
fi

command -v apt-get >/dev/null 2>&1 \
  || fail "no apt-get here; please install the equivalents of:$missing_apt"
if [ "$(id -u)" -eq 0 ]; then
  run() { env DEBIAN_FRONTEND=noninteractive "$@"; }
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
  run() { sudo -n env DEBIAN_FRONTEND=noninteractive "$@"; }
else
  fail "not root and no password-less sudo; please run: sudo apt-get install -y --no-install-recommends$missing_apt"
fi
printf 'setup: installing%s\n' "$missing_apt" >&2
run apt-get update -qq || printf 'setup: apt-get update failed, trying with the old package lists\n' >&2
# shellcheck disable=SC2086  # a list of words on purpose
run apt-get install -y -qq --no-install-recommends $missing_apt >/dev/null \
  || fail "apt-get could not install:$missing_apt"
