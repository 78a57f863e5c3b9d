"""What this computer has, what will run where, and whether everything needed is in place. No torch here."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core import __version__, offline
from core.assets.install import listing
from core.errors import AppError
from core.hardware import Hardware, placement, survey
from core.library.shelf import shelf_of
from core.paths import Home
from core.programs import Name, get_default_models, program
from core.protocol import Done, Failed, Inspect, Inspected, decode_event, encode
from core.registry import ModelInfo, find_model, inspect_model, installed
from core.settings import Settings, settings_of

State = Literal["ok", "warning", "problem"]
WORKERS: tuple[Name, ...] = ("assistant", "training")
_WAIT = 60  # seconds a worker may take to answer; a cold disk is slow


@dataclass(frozen=True, slots=True)
class Row:
    """One finding; ``hint`` says what to do about it, if anything."""

    label: str
    value: str
    state: State = "ok"
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Findings that belong together."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """All findings, for people, and the numbers that scripts ask for.

    Attributes:
        ok: no finding is a problem.
        guarded: the offline guard works in all worker processes.
        attempts: attempts to reach the network that were refused and logged, ever.
    """

    version: int
    ok: bool
    guarded: bool
    attempts: int
    sections: tuple[Section, ...]


def examine(home: Home) -> Report:
    """Look at everything; takes a second or two, because the worker processes are started and asked."""
    hardware = survey(home.root)
    workers = [inspect_worker(name, home) for name in WORKERS]
    sections = (
        _computer(hardware, home),
        _models(home, hardware),
        _libraries(home),
        _processes(workers),
        _offline(home, workers),
    )
    return Report(
        version=1,
        ok=not any(row.state == "problem" for section in sections for row in section.rows),
        guarded=all(found is not None and found.guarded for _, found in workers),
        attempts=offline.attempts(home),
        sections=sections,
    )


def inspect_worker(name: Name, home: Home) -> tuple[str, Inspected | None]:
    """Start a worker process and ask what it has; None if it does not answer."""
    try:
        with subprocess.Popen(
            program(name),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=offline.worker_environment(home),
        ) as process:
            patience = threading.Timer(_WAIT, process.kill)
            patience.start()
            try:
                return name, _inspected(process)
            finally:
                patience.cancel()
    except (OSError, AppError):
        return name, None


def _inspected(process: subprocess.Popen[bytes]) -> Inspected | None:
    """Ask ``process`` what it has. Its input stays open until it has answered: the end would stop the job."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(encode(Inspect()))
    process.stdin.flush()
    found = None
    for line in process.stdout:
        event = decode_event(line)
        if isinstance(event, Inspected):
            found = event
        elif isinstance(event, Done | Failed):
            break
    process.stdin.close()
    return found


def _computer(hardware: Hardware, home: Home) -> Section:
    rows = [
        Row("Vademecum", __version__),
        Row("Python", hardware.python),
        Row("System", hardware.system),
        Row("Processor", f"{hardware.cpu_cores} cores"),
        Row("Memory", f"{_gb(hardware.ram_available)} free of {_gb(hardware.ram_total)}"),
        _disk(hardware, home),
    ]
    for gpu in hardware.gpus:
        rows.append(Row("GPU", f"{gpu.name}, {_gb(gpu.memory_free)} free of {_gb(gpu.memory_total)}"))
    if not hardware.gpus:
        rows.append(Row("GPU", "none that CUDA can use; answers are written on the processor"))
    return Section("This computer", tuple(rows))


def _disk(hardware: Hardware, home: Home) -> Row:
    value = f"{_gb(hardware.disk_free)} free at {home.root}"
    if hardware.disk_free < 2_000_000_000:
        return Row(
            "Disk",
            value,
            "warning",
            "Free some space before importing, or move the data with VADEMECUM_HOME.",
        )
    return Row("Disk", value)


def _models(home: Home, hardware: Hardware) -> Section:
    rows: list[Row] = []
    for status in listing(home):
        if status.state == "installed":
            rows.append(Row(status.asset.name, f"installed ({status.asset.licence})"))
        else:
            rows.append(Row(status.asset.name, status.state, "problem", get_default_models()))
    defaults = {status.asset.name for status in listing(home)}
    rows += [
        Row(model.name, f"{model.kind}, {_origin(home, model)}")
        for model in installed(home)
        if model.name not in defaults
    ]
    rows.append(_where(home, hardware))
    return Section("Models", tuple(rows))


def _origin(home: Home, model: ModelInfo) -> str:
    folder = model.path.parent
    return "your own" if folder == home.models else f"in {folder}, which is only read"


def _where(home: Home, hardware: Hardware) -> Row:
    """Say where the chosen language model will run, and why."""
    try:
        settings: Settings = settings_of(home)
        model = inspect_model(find_model(home, settings.model.language, "language"))
        chosen = placement(model, settings.model, hardware)
    except AppError as error:
        return Row("Answers", str(error), "problem", error.hint)
    return Row("Answers", f"{model.name} on the {chosen.device.upper()}: {chosen.reason}")


def _libraries(home: Home) -> Section:
    shelf = shelf_of(home)
    rows = []
    for name in shelf.names():
        try:
            info = shelf.info(name)
            rows.append(
                Row(name, f"{info.documents:,} documents, {info.chunks:,} passages, {_gb(info.bytes)}")
            )
        except AppError as error:
            rows.append(Row(name, str(error), "problem", error.hint))
    if not rows:
        rows.append(Row("Libraries", "none", "warning", "Run `vademecum setup`, or add files of your own."))
    return Section("Libraries", tuple(rows))


def _processes(workers: Sequence[tuple[str, Inspected | None]]) -> Section:
    rows = []
    for name, found in workers:
        if found is None:
            rows.append(Row(name, "does not start", "problem", "Install Vademecum again."))
        elif found.missing:
            rows.append(Row(name, f"lacks {', '.join(found.missing)}", "problem", "Install Vademecum again."))
        else:
            rows.append(
                Row(name, ", ".join(f"{package} {version}" for package, version in found.versions.items()))
            )
    return Section("Processes", tuple(rows))


def _offline(home: Home, workers: Sequence[tuple[str, Inspected | None]]) -> Section:
    guarded = [name for name, found in workers if found is not None and found.guarded]
    count = offline.attempts(home)
    return Section(
        "Offline",
        (
            Row(
                "Guard",
                f"active in {', '.join(guarded) or 'no process'}",
                "ok" if len(guarded) == len(workers) else "problem",
            ),
            Row(
                "Attempts",
                f"{count:,} refused connections",
                "ok" if count == 0 else "warning",
                f"They are listed in {home.network_log}." if count else "",
            ),
        ),
    )


def _gb(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e8 else f"{count / 1e6:.1f} MB"
