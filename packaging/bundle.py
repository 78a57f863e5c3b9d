"""Build the installed form of Vademecum: ``make bundle``, or ``.venv/bin/python packaging/bundle.py``.

Leaves ``dist/vademecum``: the frozen programs, ``content/`` with the default models and the starter library,
and ``licences/``. Needs a C++ compiler; pip fetches the source of hnswlib, nothing else uses the network once
``make setup`` has run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD, DIST = ROOT / "build", ROOT / "dist"
APP = DIST / "vademecum"
CONTENT = BUILD / "content"
FASTER = "-mavx2 -mfma" if os.name != "nt" else "/arch:AVX2"


def main() -> int:
    """Do all steps; return the exit status."""
    sys.path.insert(0, str(Path(__file__).parent))
    import third_party

    for step in (hnswlib_for_all_processors, default_content, freeze, add_content):
        timed(step)
    timed(lambda: third_party.write(APP, BUILD), "licences and bill of materials")
    print(f"{APP}: {sum(file.stat().st_size for file in APP.rglob('*') if file.is_file()) / 1e6:,.0f} MB")
    return 0


def timed(step: Callable[[], None], name: str = "") -> None:
    """Run ``step`` and say how long it took."""
    started = time.monotonic()
    step()
    print(
        f"— {name or getattr(step, '__name__', '').replace('_', ' ')}: {time.monotonic() - started:.0f} s",
        flush=True,
    )


def hnswlib_for_all_processors() -> None:
    """Compile hnswlib twice: for any processor of this kind, and for those with AVX2."""
    for name, flags in (("baseline", ""), ("avx2", FASTER)):
        target = BUILD / "hnswlib" / name
        if any(target.glob("hnswlib*")):
            continue
        wheels = BUILD / "hnswlib" / f"{name}-wheel"
        pip_wheel(wheels, {"HNSWLIB_NO_NATIVE": "1", "CXXFLAGS": flags, "CPPFLAGS": flags, "CL": flags})
        (wheel,) = wheels.glob("hnswlib-*.whl")
        target.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(wheel) as members:
            for member in members.namelist():
                if member.startswith("hnswlib.") and "/" not in member:
                    members.extract(member, target)


def pip_wheel(folder: Path, variables: Mapping[str, str]) -> None:
    """Compile the pinned hnswlib under ``variables`` into ``folder``."""
    pinned = next(
        line for line in (ROOT / "requirements.lock").read_text("utf-8").splitlines() if "hnswlib==" in line
    )
    given = {name: value for name, value in variables.items() if value}
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-cache-dir", "-q", "-w", str(folder)]
    subprocess.run([*command, pinned], check=True, env={**os.environ, **given})


def default_content() -> None:
    """Make the default models and the starter library, as a first start does."""
    environment = {**os.environ, "VADEMECUM_HOME": str(CONTENT)}
    subprocess.run([sys.executable, "-m", "desktop.cli", "setup"], check=True, cwd=ROOT, env=environment)


def freeze() -> None:
    """Run PyInstaller."""
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    folders = ["--distpath", str(DIST), "--workpath", str(BUILD / "pyinstaller")]
    subprocess.run([*command, *folders, str(ROOT / "packaging" / "app.spec")], check=True, cwd=ROOT)


def add_content() -> None:
    """Put models and libraries beside the programs, as files that can be looked at and replaced."""
    target = APP / "content"
    shutil.rmtree(target, ignore_errors=True)
    for name in ("models", "libraries"):
        shutil.copytree(
            CONTENT / name,
            target / name,
            symlinks=False,
            ignore=shutil.ignore_patterns("*.lock", ".locks", ".*"),
        )


if __name__ == "__main__":
    sys.exit(main())
