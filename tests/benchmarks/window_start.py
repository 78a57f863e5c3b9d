"""How long the window takes from the start of its process until it has been painted, without a display.

Beside it, in turn: an empty window of PySide6, and a Python that does nothing. Exit status 1 if the window's
process had torch loaded by then.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from tests.benchmarks import common

PROGRAMS = {"Vademecum": "ours", "peer: empty PySide6 window": "bare", "limit: Python alone": "python"}
CHILD = Path(__file__).with_name("shown.py")


def main() -> int:
    """Measure; return 1 if torch was loaded before the window was there."""
    parser = common.options_of(__doc__)
    parser.add_argument("--runs", type=int, default=11, help="how often each is started")
    options = parser.parse_args()
    report = common.Report("window_start")
    starts: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    torch = False
    with common.runtime() as runtime:
        common.add_starter(runtime)
        environment = _environment(runtime.home.root)
        for number in range(options.runs + 1):
            for name, program in PROGRAMS.items():
                took, loaded = _start(program, environment)
                torch |= loaded
                if number:  # the first fills the caches of the system
                    starts[name].append(took)
    report.table(
        f"From process start to painted window, {options.runs} starts each, files cached",
        ("program", "ms, median", "best", "worst"),
        [(name, statistics.median(times), min(times), max(times)) for name, times in starts.items()],
    )
    report.must(not torch, "the window's process loads torch")
    return report.finish(options.json)


def _environment(home: Path) -> dict[str, str]:
    """Return the environment of an installed program: its modules are compiled already."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {
        **inherited,
        "PYTHONPYCACHEPREFIX": str(home / "compiled"),
        "VADEMECUM_HOME": str(home),
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONPATH": str(common.ROOT),
    }


def _start(program: str, environment: dict[str, str]) -> tuple[float, bool]:
    """Return milliseconds until the window was painted, and whether torch was loaded then."""
    start = time.monotonic()
    command = [sys.executable, str(CHILD), program]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    if not done.stdout:
        raise SystemExit(f"{program} did not start: {done.stderr}")
    clock, loaded = done.stdout.split()
    return (float(clock) - start) * 1000, loaded == "True"


if __name__ == "__main__":
    sys.exit(main())
