"""What the benchmarks share: a data folder of their own, the machine they run on, the tables they print."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil

from core import offline
from core.cancel import CancelToken
from core.paths import Home, default_home, resources
from core.runtime import Runtime
from core.settings import Device, Precision, Settings, write_settings

ROOT = Path(__file__).resolve().parents[2]
STARTER = "starter"
_PACKAGES = (
    "torch",
    "transformers",
    "sentence-transformers",
    "hnswlib",
    "tantivy",
    "lxml",
    "PySide6-Essentials",
)
_Row = Sequence[object]


def options_of(description: str | None) -> argparse.ArgumentParser:
    """Return a parser with what every benchmark takes."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    return parser


def shared_data() -> Path | None:
    """Return the shared data, in VADEMECUM_SHARED or beside the checkout, or None if it is absent."""
    folder = Path(os.environ.get("VADEMECUM_SHARED") or ROOT.parent / "shared") / "data"
    return folder if folder.is_dir() else None


@contextmanager
def runtime(
    folder: Path | None = None, device: Device = "auto", precision: Precision = "auto"
) -> Iterator[Runtime]:
    """Give a runtime with default settings on the installed default models, and a data folder of its own.

    The folder is temporary unless ``folder`` says otherwise; the models are read where they are installed.
    The guard against connections is active, as it is in the product.
    """
    models, settings = default_home().models, Settings()
    named = (settings.model.language, settings.model.embedder)
    if missing := [name for name in named if not (models / name).is_dir()]:
        sys.exit(f"{missing[0]} is not installed in {models}: run `make bench`, or set VADEMECUM_HOME.")
    language, embedder = (str(models / name) for name in named)
    model = replace(settings.model, language=language, embedder=embedder, device=device, precision=precision)
    settings = replace(settings, model=model)
    with tempfile.TemporaryDirectory(prefix="vademecum-bench-") as temporary:
        home = Home(folder or Path(temporary))
        offline.arm("command", home)
        write_settings(home.settings, settings)
        yield Runtime(home, settings)


def add_starter(of: Runtime) -> None:
    """Build the starter library."""
    say("Building the starter library")
    of.add(STARTER, [resources() / "starter_library" / "cards.jsonl"], CancelToken(), lambda *step: None)


def starter_questions() -> list[tuple[str, tuple[str, ...]]]:
    """Return (question, ids of the cards that answer it); no card answers the questions without ids."""
    body = json.loads((resources() / "starter_library" / "questions.json").read_text("utf-8"))
    return [(entry["question"], tuple(entry["card_ids"])) for entry in body]


def seconds(action: Callable[[], object]) -> float:
    """Return how long ``action`` takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def say(step: str) -> None:
    """Tell on standard error what is going on."""
    print(f"... {step}", file=sys.stderr, flush=True)


class Report:
    """The tables of one benchmark, with the machine and its load before and after."""

    def __init__(self, name: str) -> None:
        self._body: dict[str, Any] = {
            "benchmark": name,
            "date": datetime.now(UTC).date().isoformat(),
            "machine": machine(),
            "load": [load()],
        }
        self._tables: list[dict[str, Any]] = []
        self._failures: list[str] = []

    def table(self, title: str, columns: Sequence[str], rows: Sequence[_Row]) -> None:
        """Add a table; numbers stay numbers, None is a value that there is not."""
        self._tables.append({"title": title, "columns": list(columns), "rows": [list(row) for row in rows]})

    def must(self, holds: bool, otherwise: str) -> None:
        """Note a failure, ``otherwise``, unless the requirement ``holds``."""
        if not holds:
            self._failures.append(otherwise)

    def finish(self, as_json: bool) -> int:
        """Print the report; return the exit status, 1 if a requirement was missed."""
        self._body["load"].append(load())
        self._body |= {"tables": self._tables, "failures": self._failures}
        print(json.dumps(self._body) if as_json else self._text(), flush=True)
        return 1 if self._failures else 0

    def _text(self) -> str:
        before, after = self._body["load"]
        head = f"{self._body['benchmark']}, {self._body['date']}, load average {before} before, {after} after"
        tables = [f"{t['title']}\n\n{_markdown(t['columns'], t['rows'])}" for t in self._tables]
        failures = [f"MISSED: {failure}" for failure in self._failures]
        details = ", ".join(f"{name} {value}" for name, value in self._body["machine"].items())
        return "\n\n".join([f"{head}\n{details}", *tables, *failures]) + "\n"


def load() -> float | None:
    """Return the load average of the last minute; None where the system does not tell."""
    with suppress(AttributeError, OSError):
        return round(os.getloadavg()[0], 2)
    return None


def machine() -> dict[str, str]:
    """Return what the figures depend on: processor, memory, system, versions."""
    found = {
        "processor": f"{_processor()} x {os.cpu_count()}",
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "system": _system(),
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
    }
    for name in _PACKAGES:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def _processor() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _system() -> str:
    with suppress(OSError):
        return str(platform.freedesktop_os_release()["PRETTY_NAME"])
    return platform.platform()


def _markdown(columns: Sequence[str], rows: Sequence[_Row]) -> str:
    """Return a table as it can stand in docs/BENCHMARKS.md."""
    cells = [[str(name) for name in columns], *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(columns))]
    padded = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in cells]
    padded.insert(1, ["-" * width for width in widths])
    return "\n".join(f"| {' | '.join(row)} |" for row in padded)


def _cell(value: object) -> str:
    """Return ``value`` with about three digits that mean something."""
    if value is None:
        return ""
    if not isinstance(value, float):
        return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3
    return f"{value:,.{digits}f}"
