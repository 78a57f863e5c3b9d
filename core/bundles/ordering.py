"""Which of two versions is the newer."""

from __future__ import annotations

import re

_PART = re.compile(r"[0-9]+|[A-Za-z]+")
_BEFORE = ("dev", "a", "alpha", "b", "beta", "rc", "pre")  # come before the version that they lead to


def version_key(version: str) -> tuple[tuple[int, int, str], ...]:
    """Return what versions are compared by: numbers as numbers, letters as letters, "2.0rc1" before "2.0"."""
    key = []
    for part in _PART.findall(version):
        if part.isdigit():
            key.append((2, int(part), ""))
        else:
            key.append((0 if part.lower() in _BEFORE else 1, 0, part.lower()))
    return (*key, (1, 0, ""))
