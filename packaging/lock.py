"""Write requirements.lock from what is installed: ``make lock``.

Takes every package that pyproject.toml asks for (with its ``dev`` extra), directly or not, on any of the
systems we support, at the version installed here. Versions of packages for other systems stay as they were.
"""

from __future__ import annotations

import importlib.metadata
import re
import sys
import tomllib
from itertools import product
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
HEADER = """\
# Exact versions of everything, for Python 3.11 to 3.13 on Linux, Windows and macOS; written by `make lock`
# from what .venv holds. To renew: `pip install -U` what you want there, run the tests, `make lock`, commit.
# torch stands without +cpu: so each machine gets its own build, which names the CUDA packages it needs.
"""
SYSTEMS = {
    "linux": {"platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64"},
    "win32": {"platform_system": "Windows", "os_name": "nt", "platform_machine": "AMD64"},
    "darwin": {"platform_system": "Darwin", "os_name": "posix", "platform_machine": "arm64"},
}
PYTHONS = ("3.11", "3.12", "3.13")


def main() -> None:
    old = dict(re.findall(r"^([\w.-]+)==([^\s;]+)", LOCK.read_text("utf-8") if LOCK.exists() else "", re.M))
    here: dict[str, importlib.metadata.Distribution] = {
        canonicalize_name(found.metadata["Name"]): found for found in importlib.metadata.distributions()
    }
    needed: dict[str, set[str]] = {}
    for system, python in product(SYSTEMS, PYTHONS):
        for name in required(here, environment(system, python)):
            needed.setdefault(name, set()).add(system)
    lines = []
    for name, systems in sorted(needed.items()):
        version = here[name].version if name in here else old.get(name)
        if version is None:
            sys.exit(f"{name} is needed on {', '.join(systems)} only: add {name}==VERSION to {LOCK} by hand.")
        lines.append(f"{name}=={Version(version).public}{marker(systems)}\n")
    LOCK.write_text(HEADER + "".join(lines), "utf-8")


def environment(system: str, python: str) -> dict[str, str]:
    """Return the marker variables of a machine; both spellings of the Python version are wanted."""
    same = {"implementation_name": "cpython", "platform_python_implementation": "CPython"}
    versions = {"python_version": python, "python_full_version": f"{python}.9"}
    return {**same, **versions, **SYSTEMS[system], "sys_platform": system}


def required(here: dict[str, importlib.metadata.Distribution], machine: dict[str, str]) -> set[str]:
    """Return the names of all packages wanted on ``machine``."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    waiting = [Requirement(line) for line in lines]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        wanted = waiting.pop()
        name, extras = canonicalize_name(wanted.name), frozenset(wanted.extras)
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        lines = (here[name].requires or []) if name in here else []
        for further in map(Requirement, lines):
            if not further.marker or any(
                further.marker.evaluate({**machine, "extra": extra}) for extra in ("", *extras)
            ):
                waiting.append(further)
    return {name for name, _ in seen}


def marker(systems: set[str]) -> str:
    """Return what limits a package to ``systems``; nothing if it is wanted on all."""
    if systems == set(SYSTEMS):
        return ""
    return " ; " + " or ".join(f'sys_platform == "{system}"' for system in sorted(systems))


if __name__ == "__main__":
    main()
