"""Carries out every import of our own code, in a process of its own; prints what failed as a JSON object.

Also those inside functions, which otherwise fail only when a user comes that way: where a frozen program
lacks something, it is mostly one of these.
"""

from __future__ import annotations

import dis
import importlib
import importlib.util
import multiprocessing
import pkgutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from core import offline
from core.paths import default_home
from core.worker_io import claim_stdout

PACKAGES = ("core", "desktop", "training")
# Of other systems, or used where the user has installed them.
OPTIONAL = frozenset({"msvcrt", "winreg", "unsloth", "unsloth_zoo", "xformers"})


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of the imports.

    Attributes:
        modules: number of our own modules.
        imports: number of different things they import.
        failures: name of what cannot be imported, and why.
    """

    modules: int
    imports: int
    failures: dict[str, str]


def main() -> int:
    """Write what became of the imports to standard output; return 1 if any failed."""
    messages = claim_stdout()
    offline.arm("self-check", default_home())
    tried = try_all(PACKAGES)
    messages.write(msgspec.json.encode(tried) + b"\n")
    return 1 if tried.failures else 0


def try_all(packages: Sequence[str]) -> Tried:
    """Import all modules of ``packages`` and everything that a statement in them imports."""
    failures: dict[str, str] = {}
    names = sorted(_modules(packages))
    wanted: set[str] = set()
    for name in names:
        if reason := _failure(name):
            failures[name] = reason
        elif name.partition(".")[0] not in OPTIONAL:
            wanted.update(imported_by(name))
    for name in sorted(wanted):
        if name.partition(".")[0] not in OPTIONAL and (reason := _failure(name)):
            failures[name] = reason
    return Tried(len(names), len(wanted), failures)


def imported_by(module: str) -> set[str]:
    """Return the names in all import statements of ``module``, such as "json" and "pathlib.Path"."""
    spec = importlib.util.find_spec(module)
    code = spec.loader.get_code(module) if spec and spec.loader else None  # type: ignore[attr-defined]
    return set(_imported(code)) if code else set()


def _modules(packages: Sequence[str]) -> Iterator[str]:
    for package in packages:
        yield package
        path = importlib.import_module(package).__path__
        yield from (found.name for found in pkgutil.walk_packages(path, f"{package}."))


def _imported(code: object) -> Iterator[str]:
    """Yield what a code object and those within it import; both arguments lie on the stack before."""
    constants: list[object] = []
    for step in dis.get_instructions(code):  # type: ignore[arg-type]
        if step.opname in ("LOAD_CONST", "LOAD_SMALL_INT"):
            constants.append(step.argval)
            if hasattr(step.argval, "co_code"):
                yield from _imported(step.argval)
        elif step.opname == "IMPORT_NAME":
            parts = constants[-1] or ()
            assert isinstance(parts, tuple)
            yield from (f"{step.argval}.{part}" for part in parts) if parts else (step.argval,)


def _failure(name: str) -> str:
    """Return why ``name``, a module or something in one, cannot be had; empty if it can."""
    module, _, attribute = name.rpartition(".")
    try:
        if module and hasattr(importlib.import_module(module), attribute):
            return ""
        importlib.import_module(name)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


if __name__ == "__main__":
    multiprocessing.freeze_support()
    sys.exit(main())
