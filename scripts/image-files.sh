#!/usr/bin/env bash
# Puts what an image takes of a built program into a folder that mirrors the image's root: the program without debug
# symbols, the libraries of the Swift toolchain that it still needs (none when linked statically), the licence, and the
# list of Swift packages that it is made of. Libraries of the system come from packages of the distribution.
#
# Usage: scripts/image-files.sh PROGRAM FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."

[ $# -eq 2 ] || { echo "image-files: usage: scripts/image-files.sh PROGRAM FOLDER" >&2; exit 64; }
program=$1
root=$2
[ -x "$program" ] || { echo "image-files: no program at $program; build it first" >&2; exit 1; }

name=$(basename "$program")
mkdir -p "$root/usr/local/bin" "$root/usr/share/autopilotops"
strip -o "$root/usr/local/bin/$name" "$program"
chmod 755 "$root/usr/local/bin/$name"

# Where the loader will look for them as it did here: the program carries that path.
ldd "$program" | awk '$3 ~ "/lib/swift/" { print $3 }' | while read -r library; do
  install -D -m 644 "$library" "$root$library"
done

cp LICENSE "$root/usr/share/autopilotops/"
[ ! -f Package.resolved ] || cp Package.resolved "$root/usr/share/autopilotops/"
