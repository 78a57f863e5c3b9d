"""What an installed Vademecum weighs, and how long window and first answer take, beside the source run.

    python -m tests.benchmarks.installed [FOLDER]        FOLDER is dist/vademecum, as `make bundle` leaves it

A cold start reads everything from the disk: the caches of the system are dropped before (Linux, as root). The
first answer of the installed program begins with an empty home, so it takes the starter library in as well.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks import common

QUESTION = "Does vitamin C prevent complex regional pain syndrome after a wrist fracture?"
CACHES = Path("/proc/sys/vm/drop_caches")


def main() -> int:
    """Measure; return 1 if an answer has no citations."""
    parser = common.options_of(__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=common.ROOT / "dist" / "vademecum")
    parser.add_argument("--runs", type=int, default=3, help="how often each is started")
    options = parser.parse_args()
    app: Path = options.folder.resolve()
    report = common.Report("installed")
    report.table("Size", ("what", "MB"), [(path.name, size(path) / 1e6) for path in weighed(app)])
    source = str(common.ROOT / ".venv" / "bin")
    programs = {
        "installed": ([str(app / "vademecum-window"), "--trial"], [str(app / "vademecum")]),
        "from source": (
            [f"{source}/python", "-m", "desktop.trial"],
            [f"{source}/python", "-m", "desktop.cli"],
        ),
    }
    rows = []
    for cold in (True, False) if drop_caches() else (False,):
        for name, (window, command) in programs.items():
            home = None if name == "installed" else common.default_home().root
            windows = [painted(window, home, cold) for _ in range(options.runs)]
            answers = [answered(command, home, cold, report) for _ in range(options.runs)]
            rows.append((name, "cold" if cold else "warm", *spread(windows), *spread(answers)))
    columns = ("program", "caches", "window, s", "best", "worst", "first answer, s", "best", "worst")
    report.table(f"From process start, median of {options.runs}", columns, rows)
    return report.finish(options.json)


def weighed(app: Path) -> list[Path]:
    """Return the bundle, its largest parts, and the installers beside it."""
    parts = sorted((app / "_internal").iterdir(), key=size, reverse=True)[:6]
    installers = [*app.parent.glob("vademecum*.deb"), *app.parent.glob("vademecum*.tar.gz")]
    return [app, app / "content", *parts, *installers]


def size(path: Path) -> int:
    """Return the bytes of a file, or of all files of a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.lstat().st_size for file in files if not file.is_dir())


def drop_caches() -> bool:
    """Make the next start read from the disk; False where that is not possible."""
    try:
        os.sync()
        CACHES.write_text("3", "ascii")
    except OSError:
        common.say("caches cannot be dropped here, so all starts are warm")
        return False
    return True


def spread(values: Sequence[float]) -> tuple[float, float, float]:
    return statistics.median(values), min(values), max(values)


def painted(program: Sequence[str], home: Path | None, cold: bool) -> float:
    """Return seconds until the window was painted."""
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "said.json"
        run([*program, str(said)], home or Path(folder) / "home", cold)
        return float(json.loads(said.read_bytes())["painted"])


def answered(program: Sequence[str], home: Path | None, cold: bool, report: common.Report) -> float:
    """Return seconds until the answer was printed."""
    with tempfile.TemporaryDirectory() as folder:
        asking = [*program, "ask", QUESTION, "--seed", "1", "--temperature", "0", "--json"]
        took, printed = run(asking, home or Path(folder) / "home", cold)
        report.must(bool(json.loads(printed)["citations"]), f"{program[0]}: an answer without citations")
        return took


def run(command: Sequence[str], home: Path, cold: bool) -> tuple[float, bytes]:
    """Run ``command`` on ``home``; return seconds and what it printed."""
    if cold:
        drop_caches()
    environment = {**os.environ, "VADEMECUM_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    printed: list[bytes] = []

    def start() -> None:
        done = subprocess.run(command, env=environment, cwd=common.ROOT, capture_output=True, check=True)
        printed.append(done.stdout)

    return common.seconds(start), printed[0]


if __name__ == "__main__":
    sys.exit(main())
