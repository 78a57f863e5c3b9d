"""Whose work is inside the bundle: ``licences/THIRD_PARTY.md``, licence texts, and a bill of materials.

What is inside is read from what PyInstaller collected, not from what is installed. A part under a licence
that we must not ship (GPL, AGPL) stops the build, and so does a system library that nobody has looked at.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

import contents

_TEXTS = re.compile(r"(?:^|/)(?:licen[cs]e|copying|notice|authors)[^/]*$", re.IGNORECASE)
# Of the licences that a package offers to choose from, one that is not among these is enough.
_FORBIDDEN = re.compile(r"\bA?GPL|GNU (?:Affero )?General Public|GPLv[23]", re.IGNORECASE)
_LESSER = re.compile(r"LGPL|Lesser", re.IGNORECASE)
# Packages of Debian, and the licence of the library in them; what is not here stops the build until it is.
_SYSTEM = {
    **dict.fromkeys(
        ["libblkid1", "libmount1", "libglib2.0-0", "libkeyutils1", "libsystemd0"], "LGPL-2.1-or-later"
    ),
    **dict.fromkeys(["libgcrypt20", "libgpg-error0"], "LGPL-2.1-or-later"),
    **dict.fromkeys(["libgraphite2-3", "libfribidi0"], "LGPL-2.1-or-later"),
    **dict.fromkeys(
        ["libgssapi-krb5-2", "libk5crypto3", "libkrb5-3", "libkrb5support0", "libcom-err2"], "MIT"
    ),
    **dict.fromkeys(["libffi8", "libexpat1", "libharfbuzz0b", "libfontconfig1", "libbrotli1"], "MIT"),
    **dict.fromkeys(["libx11-6", "libx11-xcb1", "libxau6", "libxdmcp6", "libxext6", "libxrender1"], "MIT"),
    **dict.fromkeys(["libxkbcommon0", "libxkbcommon-x11-0", "libxcb1"], "MIT"),
    **dict.fromkeys(["libbsd0", "libmd0", "libpcre2-8-0", "liblz4-1", "libuuid1"], "BSD-3-Clause"),
    "libbz2-1.0": "bzip2-1.0.6",
    "libcap2": "BSD-3-Clause OR GPL-2.0-only",
    "libdbus-1-3": "AFL-2.1 OR GPL-2.0-or-later",
    "libfreetype6": "FTL OR GPL-2.0-or-later",
    "libjpeg62-turbo": "IJG AND BSD-3-Clause AND Zlib",
    "liblzma5": "0BSD",
    "libpng16-16": "libpng-2.0",
    "libselinux1": "public domain",
    "libsqlite3-0": "public domain",
    "libssl3": "Apache-2.0",
    "libzstd1": "BSD-3-Clause OR GPL-2.0-only",
    "zlib1g": "Zlib",
}
UNKNOWN = "not known: look at it, and add it to packaging/third_party.py"
_EXCEPTED = {
    # its own terms allow what it makes to be under any licence; its bootloader starts our programs
    "pyinstaller": "GPL-2.0-or-later WITH Bootloader-exception",
    # the run-time libraries of GCC
    "libgcc-s1": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "libstdc++6": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "libgomp1": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "libgfortran5": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "libquadmath0": "GPL-3.0-or-later WITH GCC-exception-3.1",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One package inside: a Python distribution, or a library of the build system."""

    name: str
    version: str
    licence: str
    origin: str
    texts: tuple[Path, ...] = field(default=())


# What a distribution holds within, whose licence it does not bring along.
_WITHIN = {
    "isal": Part(
        "ISA-L",
        "2.31",
        "BSD-3-Clause",
        "https://github.com/intel/isa-l",
        (Path(__file__).with_name("licences") / "isa-l.txt",),
    )
}


def write(app: Path, build: Path) -> None:
    """Write ``licences/`` into the bundle ``app``; ``build`` holds PyInstaller's records.

    Raises:
        SystemExit: a part must not be shipped.
    """
    records = sorted((build / "pyinstaller" / "app").glob("COLLECT-*.toc"))
    files = [entry for record in records for entry in contents.collected(record)]
    modules = [
        entry
        for record in sorted(records[0].parent.glob("PYZ-*.toc"))
        for entry in contents.collected(record)
    ]
    parts = sorted(
        {*_python_parts([*files, *modules]), *_system_parts(files)}, key=lambda part: part.name.lower()
    )
    if refused := [f"{part.name} ({part.licence})" for part in parts if not may_ship(part)]:
        raise SystemExit(f"These parts must not be shipped: {', '.join(refused)}.")
    folder = app / "licences"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for part in parts:
        for number, text in enumerate(part.texts):
            shutil.copyfile(text, folder / f"{part.name}-{number or ''}{text.name}")
    (folder / "THIRD_PARTY.md").write_text(_as_markdown(parts), "utf-8")
    (folder / "sbom.cdx.json").write_text(_as_cyclonedx(parts), "utf-8")


def may_ship(part: Part) -> bool:
    """True if the licence is known and, or one that it leaves to choose, neither GPL nor AGPL."""
    if part.name.lower() in _EXCEPTED:
        return True
    if part.licence == UNKNOWN:
        return False
    choices = re.split(r"\bOR\b|;|\|", part.licence)
    return any(not _FORBIDDEN.search(choice) or _LESSER.search(choice) for choice in choices)


def _python_parts(collected: Iterable[contents.Entry]) -> Iterable[Part]:
    """Yield the distributions of which PyInstaller took a module or a file."""
    owners = metadata.packages_distributions()
    tops = {re.split(r"[./\\]", target)[0] for target, _, kind in collected if kind != "SYMLINK"}
    found = {owner for top in tops for owner in owners.get(top, ())}
    for name in sorted({*found, "pyinstaller"} - {"vademecum"}):
        yield _python_part(name)
        if within := _WITHIN.get(name.lower()):
            yield within
    yield Part("Python", ".".join(map(str, sys.version_info[:3])), "PSF-2.0", "https://www.python.org")


def _python_part(name: str) -> Part:
    distribution = metadata.distribution(name)
    about = distribution.metadata
    classified = [
        line.rsplit("::", 1)[-1].strip()
        for line in about.get_all("Classifier", [])
        if line.startswith("License ::") and not line.endswith("OSI Approved")
    ]
    short = _said(about, "License").strip().splitlines()
    licence = _said(about, "License-Expression") or "; ".join(classified) or (short[0] if short else "")
    texts = tuple(
        Path(str(distribution.locate_file(file)))
        for file in distribution.files or ()
        if _TEXTS.search(str(file)) and "dist-info" in str(file)
    )
    origin = _said(about, "Home-page") or next(iter(about.get_all("Project-URL", [])), "").split(", ")[-1]
    licence = _EXCEPTED.get(name.lower()) or licence or "see its text"
    return Part(distribution.name, distribution.version, licence, origin, texts)


def _said(about: metadata.PackageMetadata, field: str) -> str:
    return next(iter(about.get_all(field, [])), "")


def _system_parts(collected: Iterable[contents.Entry]) -> Iterable[Part]:
    """Yield the packages of the build system that shared libraries were taken from (Debian only)."""
    if shutil.which("dpkg-query") is None:
        return
    prefixes = tuple({sys.prefix, sys.base_prefix, str(Path(__file__).parents[1])})
    owners = {
        _owner(Path(source))
        for _, source, kind in collected
        if kind == "BINARY" and "site-packages" not in source and not source.startswith(prefixes)
    }
    for owner in sorted(owners):
        asked = ["dpkg-query", "-W", "-f", "${Version}\t${Homepage}", owner]
        version, _, origin = subprocess.run(asked, capture_output=True, text=True).stdout.partition("\t")
        text = Path("/usr/share/doc") / owner / "copyright"
        licence = _EXCEPTED.get(owner) or _SYSTEM.get(owner) or ("MIT" if owner.startswith("libxcb-") else "")
        yield Part(owner, version, licence or UNKNOWN, origin, (text,) if text.is_file() else ())


def _owner(library: Path) -> str:
    """Return the package that ``library`` was installed by, or its own path."""
    for path in (library, library.resolve(), Path("/usr", *library.resolve().parts[1:])):
        done = subprocess.run(["dpkg-query", "-S", str(path)], capture_output=True, text=True)
        if owner := done.stdout.split(":")[0].strip():
            return owner
    return str(library)


def _as_markdown(parts: Iterable[Part]) -> str:
    rows = [f"| {part.name} | {part.version} | {part.licence} | {part.origin} |" for part in parts]
    head = "# Whose work is in this program\n\nThe licence texts lie in this folder.\n\n"
    return head + "| part | version | licence | from |\n| --- | --- | --- | --- |\n" + "\n".join(rows) + "\n"


def _as_cyclonedx(parts: Iterable[Part]) -> str:
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.model.license import DisjunctiveLicense
    from cyclonedx.output.json import JsonV1Dot6
    from packageurl import PackageURL

    from core import __version__

    bom = Bom()
    bom.metadata.component = Component(
        name="vademecum", version=__version__, type=ComponentType.APPLICATION, bom_ref="vademecum"
    )
    for part in parts:
        kind = "pypi" if part.texts and "dist-info" in str(part.texts[0]) else "generic"
        url = PackageURL(kind, None, part.name.lower(), part.version)
        bom.components.add(
            Component(
                name=part.name,
                version=part.version,
                type=ComponentType.LIBRARY,
                bom_ref=str(url),
                purl=url,
                licenses=[DisjunctiveLicense(name=part.licence)],
            )
        )
    bom.register_dependency(bom.metadata.component, bom.components)
    return str(JsonV1Dot6(bom).output_as_string(indent=1))
