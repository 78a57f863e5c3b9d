"""What a worker process says of itself."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from core import offline
from core.protocol import Inspected


def inspect(process: str, packages: tuple[str, ...]) -> Inspected:
    """Return what this process has of ``packages``, and whether the offline guard works in it."""
    found: dict[str, str] = {}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    missing = tuple(package for package in packages if package not in found)
    return Inspected(process, offline.is_armed(), found, missing)
