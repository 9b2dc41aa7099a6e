"""Holds the packages of the Dockerfile against the libraries that the programs link.

usage: check_image.py Dockerfile FOLDER

FOLDER has the built programs. Every library of the system that a program, or a Swift library that it links, names
itself must come from a package that its image installs; packages that bring a library nobody names are not wanted, and
the scorer must not link HDF5. Works where packages are called as in the image, on the same release of Debian.
"""

import pathlib
import re
import subprocess
import sys

TARGETS = {"autopilot": ["runtime", "autopilot"], "autopilot-scorer": ["runtime", "autopilot-scorer"]}
# Every image has the C library, and libstdc++6 brings the other.
ALWAYS = {"libc6", "libgcc-s1"}
# Needed for what they hold rather than for a library, or, with a reason, by other means than linking.
NO_LIBRARIES = {"ca-certificates", "tzdata", "curl"}


def output(*command):
    return subprocess.run([str(each) for each in command], capture_output=True, text=True, check=True).stdout


def packages_by_stage(dockerfile):
    stages, stage = {}, None
    text = dockerfile.replace("\\\n", " ")
    for line in text.splitlines():
        begun = re.match(r"FROM \S+ AS (\S+)", line)
        if begun:
            stage = begun[1]
            stages[stage] = set()
        found = re.search(r"apt-get install -y --no-install-recommends ([^&]+)", line)
        if found:
            stages[stage] |= set(found[1].split())
    return stages


def named_libraries(program):
    """Paths of the system's libraries that a program and the Swift libraries it links name."""
    paths = dict(re.findall(r"(\S+) => (/\S+)", output("ldd", program)))
    swift = {path for path in paths.values() if "/lib/swift/" in path}
    named = set()
    for file in [program, *swift]:
        named |= set(re.findall(r"NEEDED\)\s+Shared library: \[([^\]]+)\]", output("readelf", "-d", file)))
    return {paths[name] for name in named if name in paths and paths[name] not in swift}


def package(library):
    # The database knows files by the places they were installed to, of which others may be links.
    for path in (library, str(pathlib.Path(library).resolve()), library.removeprefix("/usr"), f"/usr{library}"):
        found = subprocess.run(["dpkg", "-S", path], capture_output=True, text=True)
        if found.returncode == 0:
            return found.stdout.split(":")[0]
    return None


def main(dockerfile, folder):
    stages = packages_by_stage(pathlib.Path(dockerfile).read_text())
    faults, used, checked = [], set(), []
    for name, of in TARGETS.items():
        program = pathlib.Path(folder) / name
        if not program.exists():
            continue
        checked.append(name)
        installed = set().union(*(stages[stage] for stage in of))
        for library in sorted(named_libraries(program)):
            brought = package(library)
            used.add(brought)
            if brought is None:
                faults.append(f"{name}: no package is known for {library}")
            elif brought not in installed | ALWAYS:
                faults.append(f"{name}: {pathlib.Path(library).name} is in {brought}, which its image does not install")
            if name == "autopilot-scorer" and "hdf5" in library:
                faults.append("autopilot-scorer links HDF5")
    if set(checked) == set(TARGETS):
        spare = set().union(*stages.values()) - used - NO_LIBRARIES
        faults += [f"{dockerfile}: no program names a library of {each}" for each in sorted(spare) if each.startswith(("lib", "zlib"))]
    for fault in faults:
        print(f"check_image: {fault}", file=sys.stderr)
    if faults:
        sys.exit(1)
    absent = sorted(set(TARGETS) - set(checked))
    print(
        f"the image of {' and '.join(checked)} installs what its program links"
        + (f"; SKIPPED {', '.join(absent)}: not built" if absent else ""))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: check_image.py Dockerfile FOLDER")
    main(*sys.argv[1:])
