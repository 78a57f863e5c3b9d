"""Versions of the program beside each other: ``FOLDER/versions/V``, ``FOLDER/current``, and what starts them.

The files that start the program never change; they read from ``current``, one line, which version it is.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from core import __version__
from core.bundles.manifest import Manifest
from core.bundles.ordering import version_key
from core.bundles.places import Decide, rename_into
from core.bundles.register import Entry
from core.cancel import CancelToken
from core.errors import BundleRefused
from core.library.storage import storing, write_atomically
from core.library.versions import discard
from core.progress import Progress

NAME = "vademecum"
STARTED = ("vademecum", "vademecum-window")  # programs of one version; the second may be missing
_EXE = ".exe" if os.name == "nt" else ""
_TRIAL_S = 180.0  # seconds that a new version has to say which one it is, from a slow disk
_SH = """#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
exec "$here/versions/$(cat "$here/current")/{name}" "$@"
"""
_CMD = """@echo off\r
set /p version=<"%~dp0current"\r
"%~dp0versions\\%version%\\{name}.exe" %*\r
"""


class Programs:
    """The versions in ``folder``, which the user or administrator chooses."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def incoming(self) -> Path:
        return self._folder / "versions" / ".incoming"

    def check(self, manifest: Manifest, name: str) -> Sequence[str]:
        """See ``Place``."""
        if name != NAME:
            raise BundleRefused(f"The bundle holds the program {name}, not Vademecum.", "Do not install it.")
        if version_key(manifest.version) < version_key(__version__):
            raise BundleRefused(
                f"Vademecum {manifest.version} is older than {__version__}, which is running.",
                "Ask for a newer one. An older one that is still installed is taken into use with "
                "'vademecum bundle rollback vademecum'.",
            )
        if not {f"{STARTED[0]}{_EXE}"} <= {file.path for file in manifest.files}:
            raise BundleRefused("The bundle holds no program for this system.", "Ask for the one for it.")
        return ("Settings and conversations are backed up when the new version first opens them.",)

    def room(self, manifest: Manifest) -> int:
        """The files are renamed to their place, which takes none."""
        return 0

    def put(
        self,
        content: Path,
        manifest: Manifest,
        name: str,
        decide: Decide,
        cancel: CancelToken,
        progress: Progress,
    ) -> None:
        """See ``Place``. The new version has to start and say that it is this version."""
        for path in content.rglob("*"):
            if path.is_file() and _runs(path):
                path.chmod(0o755)
        progress("try", 0, None, "files")
        _try(content / f"{STARTED[0]}{_EXE}", manifest.version)
        target = self._folder / "versions" / manifest.version
        decide(str(target.absolute()))
        discard(target)  # damaged: a whole one would not be installed again
        rename_into(content, target)

    def is_there(self, entry: Entry) -> bool:
        """See ``Place``."""
        return Path(entry.place).is_dir()

    def use(self, entry: Entry, others: Sequence[Entry]) -> str:
        """See ``Place``."""
        version, folder = Path(entry.place), Path(entry.place).parents[1]
        with storing(folder):
            for name in STARTED:
                if (version / f"{name}{_EXE}").is_file():
                    _write_start(folder, name)
            write_atomically(folder / "current", f"{version.name}\n".encode())
        return f"Start it with {start_file(folder, STARTED[0])}. This window is still the version before."

    def must_leave(self, entry: Entry) -> None:
        """See ``Place``."""
        if Path(entry.place) in Path(sys.executable).resolve().parents:
            raise BundleRefused(
                f"Vademecum {entry.version} is running.",
                "Start another version, and remove this one with it.",
            )

    def drop(self, entry: Entry) -> None:
        """See ``Place``."""
        version, folder = Path(entry.place), Path(entry.place).parents[1]
        with storing(folder):
            if current(folder) == version.name:
                for path in (folder / "current", *(start_file(folder, name) for name in STARTED)):
                    path.unlink(missing_ok=True)
            discard(version)
        if version.is_dir():
            raise BundleRefused(f"Vademecum {entry.version} is running.", "Close it, and remove it again.")


def current(folder: Path) -> str:
    """Return the version that is started from ``folder``; empty if none is."""
    try:
        return (folder / "current").read_text("utf-8").strip()
    except FileNotFoundError:
        return ""


def start_file(folder: Path, name: str) -> Path:
    """Return the file that starts the version in use."""
    return folder / (f"{name}.cmd" if os.name == "nt" else name)


def _write_start(folder: Path, name: str) -> None:
    path = start_file(folder, name)
    text = (_CMD if os.name == "nt" else _SH).format(name=name)
    if not path.exists() or path.read_text("utf-8") != text:
        write_atomically(path, text.encode())
        path.chmod(0o755)


def _runs(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(4)
    return head == b"\x7fELF" or head[:2] == b"#!" or head in (b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")


def _try(program: Path, version: str) -> None:
    with tempfile.TemporaryDirectory() as aside:
        environment = {**os.environ, "VADEMECUM_HOME": aside}
        try:
            done = subprocess.run(
                [str(program), "--version"],
                capture_output=True,
                timeout=_TRIAL_S,
                env=environment,
                stdin=subprocess.DEVNULL,
                check=False,
            )
            said = done.stdout.decode("utf-8", "replace").strip()
        except (OSError, subprocess.TimeoutExpired) as error:
            said = f"{type(error).__name__}: {error}"
    if said != f"{NAME} {version}":
        raise BundleRefused(
            f"The new version does not start here: {said[:200] or 'it said nothing'}.",
            "The old one stays in use. Ask for the bundle for this system.",
        )
