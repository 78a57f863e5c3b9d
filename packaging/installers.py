"""Build the installers of this system from what ``make bundle`` leaves: ``make installers``.

On Linux, into ``dist/``: a Debian package for all users, and an archive that is run where it is unpacked or
installed by its ``install.sh``. On Windows and macOS it starts what lies in the folders of that name.
"""

from __future__ import annotations

import argparse
import gzip
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LINUX = Path(__file__).resolve().parent / "linux"
ICON = ROOT / "resources" / "icons" / "app.svg"
PROGRAMS = "/opt/vademecum"
# What the bundle takes from the system: see ``needs_outside``.
# The packages that hold what the bundle takes from the system; see ``needs_outside``.
DEPENDS = {
    "fontconfig-config": "",  # where fonts are; brings one along
    "libc6 (>= 2.36)": "ld-linux-x86-64 libc libdl libm libpthread libresolv librt libutil",
    "libegl1": "libEGL",
    "libgl1": "libGL",
    "libwayland-client0": "libwayland-client",
    "libwayland-cursor0": "libwayland-cursor",
    "libwayland-egl1": "libwayland-egl",
    "libxcb1": "libxcb",
}
CONTROL = """\
Package: vademecum
Version: {version}
Architecture: {architecture}
Maintainer: The Vademecum authors <vademecum@localhost>
Installed-Size: {size}
Depends: {depends}
Recommends: fonts-dejavu-core
Section: science
Priority: optional
Description: cited answers from your own medical library, offline
 Searches the abstracts and guidelines on this computer, answers with a local
 language model, and shows for every sentence the words of the source it rests
 on. Brings its models along and never uses the network. Not medical advice.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Build them; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "dist" / "vademecum")
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    given = parser.parse_args(arguments)
    if sys.platform == "win32":
        script = Path(__file__).with_name("windows") / "vademecum.iss"
        return subprocess.call(["iscc", f"/DVersion={version()}", str(script)])
    if sys.platform == "darwin":
        return subprocess.call([str(Path(__file__).with_name("macos") / "build_dmg.sh")])
    return for_linux(given.folder, given.out)


def for_linux(folder: Path, out: Path) -> int:
    """Build both; return the exit status."""
    if not (folder / "vademecum").is_file():
        print(f"There is no program in {folder}: run `make bundle` first.", file=sys.stderr)
        return 1
    known = {f"{name}.so" for names in DEPENDS.values() for name in names.split()}
    if unknown := {name for name in needs_outside(folder) if name.rpartition(".so")[0] + ".so" not in known}:
        print(f"No package is known to hold {', '.join(sorted(unknown))}: see DEPENDS.", file=sys.stderr)
        return 1
    for build in (build_archive, build_package):
        made = build(folder.resolve(), out, version())
        print(f"{made}: {made.stat().st_size / 1e6:,.0f} MB", flush=True)
    return 0


def version() -> str:
    """Return the version of this checkout."""
    found = re.search(r'__version__ = "(.+)"', (ROOT / "core" / "__init__.py").read_text("utf-8"))
    assert found
    return found[1]


def build_archive(app: Path, out: Path, version: str) -> Path:
    """Write the portable archive of the bundle ``app`` into the folder ``out``; return its path."""
    name = f"vademecum-{version}"
    target = out / f"{name}-linux-{platform.machine()}.tar.gz"
    with (
        gzip.open(target, "wb", compresslevel=1) as packed,  # a minute; level 6 takes three for 4 % less
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for script in ("install.sh", "uninstall.sh"):
            archive.add(LINUX / script, f"{name}/{script}", filter=_owned_by_root)
        for file in (LINUX / "vademecum.desktop", LINUX / "vademecum.xml"):
            archive.add(file, f"{name}/share/{file.name}", filter=_owned_by_root)
        archive.add(ICON, f"{name}/share/vademecum.svg", filter=_owned_by_root)
        archive.add(app, f"{name}/vademecum", filter=_owned_by_root)
    return target


def _owned_by_root(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    return member


def build_package(app: Path, out: Path, version: str) -> Path:
    """Write the Debian package of the bundle ``app`` into the folder ``out``; return its path."""
    stage = out / ".deb"
    shutil.rmtree(stage, ignore_errors=True)
    try:
        return _package(app, stage, out, version)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _package(app: Path, stage: Path, out: Path, version: str) -> Path:
    share, programs = stage / "usr" / "share", stage / PROGRAMS.strip("/")
    programs.parent.mkdir(parents=True)
    shutil.copytree(app, programs, copy_function=_link, symlinks=True)
    for name in ("vademecum", "vademecum-window"):
        link = stage / "usr" / "bin" / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(f"{PROGRAMS}/{name}")
    entry = (LINUX / "vademecum.desktop").read_text("utf-8").replace("@PROGRAMS@", PROGRAMS)
    _write(share / "applications" / "vademecum.desktop", entry)
    _write(share / "mime" / "packages" / "vademecum.xml", (LINUX / "vademecum.xml").read_text("utf-8"))
    _write(share / "icons" / "hicolor" / "scalable" / "apps" / "vademecum.svg", ICON.read_text("utf-8"))
    _write(share / "doc" / "vademecum" / "copyright", f"{_LICENCE}\n{(ROOT / 'LICENSE').read_text('utf-8')}")
    architecture = subprocess.run(
        ["dpkg", "--print-architecture"], capture_output=True, text=True, check=True
    ).stdout.strip()
    size = sum(file.lstat().st_size for file in stage.rglob("*") if file.is_file()) // 1024
    control = CONTROL.format(
        version=version, architecture=architecture, size=size, depends=", ".join(DEPENDS)
    )
    _write(stage / "DEBIAN" / "control", control)
    _write(stage / "DEBIAN" / "postrm", (LINUX / "postrm").read_text("utf-8"), 0o755)
    target = out / f"vademecum_{version}_{architecture}.deb"
    packing = ["dpkg-deb", "--root-owner-group", "-Zzstd", "-z9", "--build", str(stage), str(target)]
    subprocess.run(packing, check=True, stdout=subprocess.DEVNULL)
    return target


_LICENCE = f"""\
Vademecum is under the Apache License 2.0, which follows. Whose work is in it besides, and under which
licences, is listed in {PROGRAMS}/licences/THIRD_PARTY.md.
"""


def _link(source: str, target: str) -> None:
    """Put a file into the package without copying it, where the disk allows it."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)


def _write(path: Path, text: str, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    path.chmod(mode)


def needs_outside(app: Path) -> dict[str, str]:
    """Return the shared libraries that the bundle needs and does not hold, each with a file that needs it."""
    inside = {file.name for file in app.rglob("*") if ".so" in file.name}
    needed: dict[str, str] = {}
    for file in app.rglob("*"):
        if file.is_file() and not file.is_symlink() and (".so" in file.name or file.parent == app):
            said = subprocess.run(["readelf", "-d", str(file)], capture_output=True, text=True).stdout
            for name in re.findall(r"\(NEEDED\).*\[(.+)\]", said):
                if name not in inside:
                    needed.setdefault(name, str(file.relative_to(app)))
    return needed


if __name__ == "__main__":
    sys.exit(main())
