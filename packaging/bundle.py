"""Build the installed form of Vademecum: ``make bundle``, or ``.venv/bin/python packaging/bundle.py``.

Leaves ``dist/vademecum``: the frozen programs, ``content/`` with the default models and the starter library,
and ``licences/`` with THIRD_PARTY.md and a bill of materials. Stops if anything is inside that must not be
shipped, or anything is missing that the window needs. Needs a C++ compiler; pip fetches the source of hnswlib
and the packages with the models, nothing else uses the network.
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
# Where content/ and licences/ go: beside the programs, on a Mac where an app keeps such things.
BESIDE = DIST / "Vademecum.app" / "Contents" / "Resources" if sys.platform == "darwin" else APP
CONTENT = BUILD / "content"
QT = Path(sys.prefix) / "lib" / f"python3.{sys.version_info[1]}" / "site-packages" / "PySide6" / "Qt"
PACKAGES_OF_XCB = (
    "libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-render-util0 libxcb-shape0 "
    "libxcb-xkb1 libxkbcommon-x11-0"
)
FASTER = "-mavx2 -mfma" if os.name != "nt" else "/arch:AVX2"


def main() -> int:
    """Do all steps; return the exit status."""
    sys.path[:0] = [str(Path(__file__).parent), str(ROOT)]
    import third_party

    for step in (check_system, hnswlib_for_all_processors, default_content, make_icons, freeze, add_content):
        timed(step)
    timed(lambda: third_party.write(BESIDE, BUILD), "licences and bill of materials")
    timed(check_contents)
    readable_by_all(APP)
    size = sum(file.lstat().st_size for file in APP.rglob("*") if not file.is_dir())
    print(f"{APP}: {size / 1e6:,.0f} MB")
    return 0


def check_system() -> None:
    """Stop where a library is missing that PyInstaller would leave out with no more than a warning."""
    if sys.platform.startswith("linux"):
        plugin = QT / "plugins" / "platforms" / "libqxcb.so"
        if missing := not_found(plugin):
            raise SystemExit(f"{', '.join(missing)} not found: sudo apt-get install {PACKAGES_OF_XCB}")


def not_found(library: Path) -> list[str]:
    """Return the libraries that ``library`` needs and that are not on this system."""
    said = subprocess.run(["ldd", str(library)], capture_output=True, text=True, check=True).stdout
    return [line.split()[0] for line in said.splitlines() if line.endswith("not found")]


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
    """Make what a first start would: the default models and the starter library."""
    environment = {**os.environ, "VADEMECUM_HOME": str(CONTENT), "PYTHONPATH": str(ROOT)}
    for command in (["-m", "desktop.cli", "assets", "install"], ["packaging/starter.py"]):
        subprocess.run([sys.executable, *command], check=True, cwd=ROOT, env=environment)


def make_icons() -> None:
    """Draw the icon in the sizes and formats that Windows and macOS want."""
    from PIL import Image
    from PySide6.QtGui import QGuiApplication, QIcon

    _ = QGuiApplication(["icons", "-platform", "offscreen"])
    folder = BUILD / "icons"
    folder.mkdir(parents=True, exist_ok=True)
    QIcon(str(ROOT / "resources" / "icons" / "app.svg")).pixmap(1024, 1024).save(str(folder / "app.png"))
    with Image.open(folder / "app.png") as picture:
        picture.save(folder / "app.ico", sizes=[(size, size) for size in (16, 24, 32, 48, 64, 256)])
        picture.save(folder / "app.icns")


def freeze() -> None:
    """Run PyInstaller."""
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    folders = ["--distpath", str(DIST), "--workpath", str(BUILD / "pyinstaller")]
    spec = str(ROOT / "packaging" / "app.spec")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([*command, *folders, spec], check=True, cwd=ROOT, env=environment)


def add_content() -> None:
    """Put the models in use and the libraries beside the programs, as files that can be looked at."""
    from core.settings import ModelSettings

    target, wanted = BESIDE / "content", ModelSettings()
    shutil.rmtree(target, ignore_errors=True)
    for name in (f"models/{wanted.language}", f"models/{wanted.embedder}", "libraries/starter"):
        shutil.copytree(CONTENT / name, target / name, ignore=shutil.ignore_patterns("*.lock", ".locks"))


def check_contents() -> None:
    """Stop if anything is in the bundle that must not be shipped."""
    import contents

    if found := contents.refused(APP):
        raise SystemExit(f"These files must not be shipped: {', '.join(found)}.")


def readable_by_all(folder: Path) -> None:
    """Let other users than the one who installs read everything, and nobody but that one write."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)


if __name__ == "__main__":
    sys.exit(main())
